"""The log's lines, as systemd's journal and as others read them."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest

from gateway.log import Flood, Log, is_journal


def test_the_journal_sees_how_grave_a_line_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    with path.open("w") as stream:
        facts = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{facts.st_dev}:{facts.st_ino}")
        log = Log(stream)
        log.stopped()
        log.limit("recipients")
        log.alarm("held", case="c1")
    lines = path.read_text().splitlines()
    assert [line[:3] for line in lines] == ["<6>", "<4>", "<3>"]
    assert [json.loads(line[3:])["event"] for line in lines] == ["gateway.stopped", "smtp.limit", "alarm"]
    with (tmp_path / "elsewhere").open("w") as stream:
        assert not is_journal(stream)


def test_nobody_else_does() -> None:
    Log(stream := StringIO()).stopped()
    assert json.loads(stream.getvalue())["level"] == "info"


def test_no_stranger_fills_it() -> None:
    """A thousand wrong commands in 0.2 s were 130 kB: 60 GB a day, on a disk that must have room for mail."""
    log = Log(stream := StringIO())
    for _ in range(1_000):
        log.refused(500, "unknown_command")
        log.abuse("192.0.2.7", "not_smtp")
        log.web_refused("unknown")
    log.abuse("192.0.2.8", "not_smtp")
    log.alarm("held", case="c1")
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert len(events) == 3 * Flood.LINES + 2
    assert events[-2:] == ["smtp.abuse", "alarm"]


def test_what_was_not_told_is_counted() -> None:
    now = 5.0
    flood = Flood(lambda: now)
    told = [flood.passes("a", 1) for _ in range(Flood.LINES + 7)]
    assert told.count(None) == 7
    assert flood.passes("a", 2) == {}
    now += Flood.SECONDS
    assert [flood.passes("a", 1), flood.passes("a", 1)] == [{"untold": 7}, {}]
    for kind in range(Flood.KINDS):
        flood.passes("b", kind)
    assert len(flood._seen) == Flood.KINDS
