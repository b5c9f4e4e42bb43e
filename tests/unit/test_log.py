"""The log's lines, as systemd's journal and as others read them."""

import json
import os
from io import StringIO
from pathlib import Path

import pytest

from gateway.log import Log, is_journal


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
