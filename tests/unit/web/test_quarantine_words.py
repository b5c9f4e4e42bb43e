"""Every code of quarantine has words: on the page in Dutch and English, and on the command line."""

import re
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from gateway.cli.quarantine import WHY, why
from gateway.domain.messages import Ask
from gateway.gate.authenticity import Problem
from gateway.gate.senders import UNFIT
from gateway.gate.signatures import Flaw
from gateway.quarantine.copies import CANNOT_OPEN, FAILED, NO_KEY
from gateway.quarantine.decide import Why
from gateway.sealing.keyfacts import KeyFlaw as KeyFlaw
from gateway.web.pages import Pages

ROOT = Path(__file__).parents[3] / "gateway"


def codes() -> set[str]:
    """Every reason for setting a mail aside that stands in the code."""
    gate = "".join(path.read_text() for path in (ROOT / "gate").glob("*.py"))
    found = set(re.findall(r'Proof\("(?:unproven|temporary)", "\w+", "(\w+)"', gate))
    found |= set(re.findall(r'return "(?:unproven|temporary)", "(\w+)"', gate))
    receive = "".join((ROOT / "pipeline" / f"{name}.py").read_text() for name in ("receive", "understand"))
    found |= set(re.findall(r'quarantine\([\w.]+, "(\w+)"', receive))
    found |= set(re.findall(r'later\((?:mail\.)?row, "(\w+)"', receive))
    found |= {f"unreadable_{code}" for code in ("timeout", "memory", "crash", "closed", "stalled")}
    found |= {f"dmarc_{asks}" for asks in ("none", "quarantine", "reject")}
    found |= set(re.findall(r'Refusal\("(\w+)"', (ROOT / "pipeline" / "reports.py").read_text()))
    found |= set(re.findall(r'f"{mail.prefix}(\w+)"', receive))
    found |= set(get_args(Problem)) - {""} | set(get_args(Flaw)) | {"dkim_alone"}
    return found | {"unknown_sender", "other_practice", "no_credentials", "not_aligned"}


def words(language: str, macro: str, code: str) -> str:
    pages = Pages(language=language, timezone=ZoneInfo("Europe/Amsterdam"), date=str, word=str)
    return str(getattr(pages._templates.get_template("quarantine/words.html").module, macro)(code)).strip()


def test_the_codes_were_found() -> None:
    assert {"unknown_sender", "cannot_open", "dns", "from", "step_failed", "report_token"} <= codes()
    assert len(codes()) > 20


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_reason_has_words(code: str) -> None:
    dutch, english = words("nl", "why", code), words("en", "why", code)
    assert "Onbekende reden" not in dutch
    assert dutch != english
    assert why(code) != code


def test_a_reason_that_nobody_knows_is_shown_as_it_is() -> None:
    assert "nieuw_ding" in words("nl", "why", "nieuw_ding")
    assert "&lt;b&gt;" in words("nl", "why", "<b>")
    assert why("nieuw_ding") == "nieuw_ding"
    assert why("report_dns") == f"a report: {WHY['dns']}"


@pytest.mark.parametrize("code", sorted({*KeyFlaw, NO_KEY, CANNOT_OPEN, FAILED}))
def test_every_trouble_with_the_key_says_what_to_do(code: str) -> None:
    dutch = words("nl", "no_copy", code)
    assert len(dutch) > 40
    assert dutch != words("en", "no_copy", code)


def test_every_other_code_has_words() -> None:
    assert len({words("nl", "wrong_words", code) for code in (*UNFIT, "changed")}) == len(UNFIT) + 1
    assert len({words("en", "reason", code) for code in Why}) == len(Why)
    asked = {code: words("nl", "asked", code) for code in Ask if code is not Ask.BSN_PRESENT}
    assert len(set(asked.values())) == len(asked)
