"""Every text that anybody reads, per pathway, recipient and event, as a file that people review as text.

The files in `tests/story/golden` are what the catalogue says now. To write them anew, look at the difference
afterwards: INBEELD_WRITE_GOLDEN=1 python -m pytest -n0 tests/story/test_golden.py
"""

import os
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.case import agreed_talks
from gateway.domain.catalogue import Catalogue
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.escalation import Trouble
from gateway.domain.feedback import answer_to_refusal, answers, others_told
from gateway.domain.messages import PLACEHOLDERS, Code, ItemKind
from gateway.domain.pathway import Pathway, Recipient
from gateway.domain.states import REPORTS, Event, State
from gateway.domain.wording import Item, Params, Wording

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
WRITE = "INBEELD_WRITE_GOLDEN"
DUE = datetime(2035, 3, 9, 13, 5, tzinfo=UTC)
BEFORE, AFTER = DUE - timedelta(hours=5), DUE + timedelta(days=1)
WORDING = Wording(
    {
        name: Catalogue.parse(name, tomllib.loads((ROOT / f"config/wording/{name}.toml").read_text("utf-8")))
        for name in ("nl", "en")
    }
)
PATHWAYS = {
    file.stem: Pathway.parse(file.name, tomllib.loads(file.read_text("utf-8")))
    for file in sorted((ROOT / "config" / "pathways").glob("*.toml"))
}
GENERAL = (
    (Code.QUESTION, BEFORE),
    (Code.REMINDER_QUESTION, BEFORE),
    (Code.GIVEN_UP, AFTER),
    (Code.NUMBER_WRONG, BEFORE),
    (Code.NUMBER_PASSED, BEFORE),
    (Code.NUMBER_PASSED, AFTER),
    (Code.NUMBER_CONFIRMED, BEFORE),
    (Code.REMINDER_NUMBER, BEFORE),
    (Code.UNREACHABLE_ENDED, AFTER),
    (Code.DECLINED_REROUTED, BEFORE),
    (Code.DECLINED_REROUTED, AFTER),
    (Code.TAKEN_OVER, AFTER),
    (Code.OVERDUE_REFERRER, AFTER),
    (Code.STILL_OVERDUE, AFTER),
    (Code.STILL_NOBODY, AFTER),
    (Code.RETURNED, AFTER),
    (Code.CORRECTED, AFTER),
    (Code.CLOSES_SOON, BEFORE),
    (Code.CLOSED_BY_TIME, AFTER),
    (Code.WITHDRAWAL_ASKED, BEFORE),
    (Code.WITHDRAWN, AFTER),
    (Code.NO_CONSENT, AFTER),
    (Code.WITHDRAWAL_UNCONFIRMED, AFTER),
)
PER_PATIENT = {
    Code.OVERDUE_REFERRER,
    Code.STILL_OVERDUE,
    Code.STILL_NOBODY,
    Code.TAKEN_OVER,
    Code.CORRECTED,
}
"""What is told of how one patient fares."""

TO_TEAM = (
    (Code.ORG_ARRIVED, BEFORE),
    (Code.ORG_UNANSWERED, BEFORE),
    (Code.ORG_NOT_COLLECTED, BEFORE),
    (Code.ORG_CALLS_FIRST, BEFORE),
    (Code.ORG_WARN, BEFORE),
    (Code.ORG_URGE, BEFORE),
    (Code.ORG_OVERDUE, AFTER),
    (Code.ORG_STILL_OVERDUE, AFTER),
    (Code.ORG_TAKEN_OVER, AFTER),
    (Code.ORG_REACHED, AFTER),
    (Code.ORG_UNREACHED, AFTER),
    (Code.ORG_BACKUP, AFTER),
    (Code.ORG_WITHDRAWN, BEFORE),
    (Code.ORG_STOP, BEFORE),
    (Code.ORG_CORRECTED, BEFORE),
    (Code.ORG_NUMBER_CONFIRMED, BEFORE),
    (Code.ORG_CLOSES_SOON, BEFORE),
    (Code.ORG_CLOSED, AFTER),
    (Code.REPORT_UNCLEAR, BEFORE),
)


def params(pathway: Pathway, now: datetime, reader: Recipient) -> Params:
    """What fills the texts of a place; nothing in it is real."""
    extra = pathway.clock[0] if pathway.clock else None
    return Params(
        kenmerk="IB-7K3F-9QXM",
        # A name that begins with a small letter shows where it begins a sentence.
        organisation="de gemeente Verzonnen" if pathway.name == "losser" else "De Organisatie",
        backup="De Vervanger",
        practice="De Praktijk",
        contact_person="N. Verzonnen",
        hint=pathway.registration_hint,
        date=DUE,
        now=now,
        state=State.DELIVERED,
        outcome=StopOutcome.COMPLETED,
        next_step=NextStep.BUDGET_HELP,
        reason=DeclineReason.CAPACITY,
        stop=StopReason.MOVED,
        digits="44"[: pathway.receipt.digits],
        told=others_told(pathway.contact.tell, pathway.feedback, reader),
        step=extra.title if extra else "",
        answers=tuple(each for each in extra.met_by if each not in ("stopped", "declined")) if extra else (),
        talks=tuple(sorted(agreed_talks(pathway) - {Event.APPOINTMENT_HELD})),
        problems=("missing_phone",),
        finding=pathway.reach == "place",
    )


def to_referrer(name: str, language: str) -> str:
    """Everything that a practice of this pathway can read, by event."""
    pathway = PATHWAYS[name]
    lines: list[str] = []

    def add(title: str, code: Code, now: datetime, more: tuple[Code, ...] = (), **said: Any) -> None:
        filled = replace(params(pathway, now, Recipient.REFERRER), **said)
        text = WORDING.render(code, language, filled, more=more)
        lines.append(f"== {title}: {code}\n\n{text.body}")

    more: tuple[Code, ...] = ()
    if pathway.copyable_note or pathway.registration_hint:
        more = (Code.NOTE_HINT if pathway.registration_hint else Code.NOTE,)
    silent = pathway.feedback == "geaggregeerd"
    receipt = Code.RECEIPT_ONLY if silent else Code.RECEIPT
    add("ontvangen", Code.RECEIPT_PERSON if pathway.contact_person else receipt, BEFORE, more)
    if name == "maastricht":
        calls = {"until": BEFORE, "public_phone": "043 123 4567"}
        add("ontvangen, de patiënt belt zelf", Code.RECEIPT_PERSON, BEFORE, (Code.CALLS_FIRST,), **calls)
    add("ontvangen, nog niet overgedragen", Code.RECEIPT_WAITING, BEFORE)
    for event in sorted(REPORTS - {Event.DECLINED, Event.CORRECTED}):
        step = NextStep.BUDGET_HELP if event is Event.IN_SUPPORT else None
        found = answers(event, pathway.feedback, outcome=StopOutcome.COMPLETED, next_step=step)
        for code in found:
            add(event, code, BEFORE)
    for reason in DeclineReason:
        told = answer_to_refusal(reason, pathway.feedback, has_backup=False)
        if told is not None:
            add(f"declined {reason}", told, BEFORE, reason=reason)
    for code, now in GENERAL:
        if not (silent and code in PER_PATIENT):
            add("vóór de datum" if now < DUE else "na de datum", code, now)
    if silent:
        add("een vraag hoe het gaat", Code.STATUS_NONE, BEFORE)
    return "\n".join(lines)


def to_team(name: str, language: str) -> str:
    """Everything that a team of this pathway can read beside the referral."""
    pathway = PATHWAYS[name]
    # A municipality has an inbox or a system of its own, and no mail with the referral.
    mailed = name != "gemeente"
    codes = (*TO_TEAM, *([(Code.ORG_CLOCK, AFTER)] if pathway.clock else []))
    if pathway.feedback == "uitkomst":
        codes = (*codes, (Code.ORG_OUTCOME, AFTER))
    return "\n".join(
        f"== {code}{' (opnieuw)' if again else ''}\n\n{text.subject_hint}\n\n{text.body}"
        for code, now in codes
        for again in ((False, True) if "again" in PLACEHOLDERS[code] else (False,))
        for text in (
            WORDING.render(
                code,
                language,
                replace(params(pathway, now, Recipient.TEAM), by_mail=mailed, again=again),
            ),
        )
    )


def to_administrators(language: str) -> str:
    """A digest with every kind of line."""
    page = "https://handover.example/zaken/IB-7K3F-9QXM"
    items = tuple(Item(kind, DUE, "IB-7K3F-9QXM", "De Organisatie", "Filmwijk", page) for kind in ItemKind)
    return WORDING.render(Code.ADMIN_DIGEST, language, Params(items=items)).body


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", [*PATHWAYS, "beheerder"])
def test_the_texts_are_those_that_were_reviewed(name: str, language: str) -> None:
    texts = (
        {"beheerder": to_administrators(language)}
        if name == "beheerder"
        else {f"{name}.praktijk": to_referrer(name, language), f"{name}.team": to_team(name, language)}
    )
    for file, text in texts.items():
        path = GOLDEN / f"{file}.{language}.txt"
        if os.environ.get(WRITE):
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: set {WRITE}=1, look at the diff"


def test_every_trouble_has_a_line_that_says_what_to_do() -> None:
    lines = WORDING.catalogue("nl").items
    for trouble in Trouble:
        assert lines[ItemKind(trouble)].count(". ") >= 1, "what is wrong, then what to do"


def test_dutch_is_written_one_way() -> None:
    text = (ROOT / "config" / "wording" / "nl.toml").read_text("utf-8")
    said = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert not re.search(r"\b[Hh]eeft u\b|\bu heeft\b|\bje\b|\bjouw\b|\bvoor \{date\}", said)
