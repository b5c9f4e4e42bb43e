"""The filter for fail2ban finds the address in the line that is really written, and in no other line."""

import configparser
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.log import Log

FILES = Path(__file__).parents[3] / "deploy" / "fail2ban"
FILTER = FILES / "filter.d" / "inbeeld.conf"
# What fail2ban puts for <HOST>, as far as addresses go (its own also takes names).
HOST = (
    r"(?:\[?(?:(?:::f{4,6}:)?(?P<ip4>(?:\d{1,3}\.){3}\d{1,3})"
    r"|(?P<ip6>(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}))\]?)"
)


def definition() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(FILTER)
    return parser["Definition"]


def line(ip: str, reason: str = "login") -> str:
    stream = io.StringIO()
    Log(stream).abuse(ip, reason)
    return stream.getvalue()


def found(text: str) -> str | None:
    """As fail2ban does: the part that is the date is taken out of the line first."""
    date = definition()["datepattern"].replace("%%", "%")
    for mark, digits in (
        ("%Y", r"\d{4}"),
        ("%m", r"\d\d"),
        ("%d", r"\d\d"),
        ("%H", r"\d\d"),
        ("%M", r"\d\d"),
        ("%S", r"\d\d"),
    ):
        date = date.replace(mark, digits)
    rest, dates = re.subn(date, "", text, count=1)
    assert dates == 1
    match = re.search(definition()["failregex"].replace("<HOST>", HOST), rest)
    return (match["ip4"] or match["ip6"]) if match else None


@pytest.mark.parametrize("ip", ["192.0.2.7", "2001:db8::7", "::1"])
@pytest.mark.parametrize("before", ["", "Nov 29 14:00:00 host inbeeld[7]: "], ids=["file", "journal"])
def test_the_real_line_is_found(ip: str, before: str) -> None:
    assert found(before + line(ip)) == ip


def test_a_mapped_address_is_banned_as_what_it_is() -> None:
    assert found(line("::ffff:192.0.2.7")) == "192.0.2.7"


def test_the_line_holds_an_address_a_code_and_nothing_else() -> None:
    event = json.loads(line("192.0.2.7", "not_smtp"))
    event.pop("timestamp")
    assert event == {"event": "smtp.abuse", "level": "warning", "ip": "192.0.2.7", "reason": "not_smtp"}


def test_no_other_line_bans_anybody() -> None:
    stream = io.StringIO()
    log = Log(stream)
    log.refused(550, "no_such_recipient")
    log.limit("strikes")
    log.accepted([("a" * 32, 100)])
    # Even where a value had quotation marks in it.
    log.alarm("test", text='{"ip": "192.0.2.7", "reason": "x", "event": "smtp.abuse", "level": "warning", ')
    assert [found(text) for text in stream.getvalue().splitlines()] == [None] * 4


def test_the_jail_names_the_filter() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(FILES / "jail.d" / "inbeeld.conf")
    assert parser["inbeeld"]["filter"] == FILTER.stem


@pytest.mark.skipif(not shutil.which("fail2ban-regex"), reason="fail2ban is not installed here")
def test_fail2ban_itself_finds_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(line("192.0.2.7") + line("2001:db8::7"))
    done = subprocess.run(
        ["fail2ban-regex", str(log), str(FILTER)], capture_output=True, text=True, check=True
    )
    assert "2 matched" in done.stdout
