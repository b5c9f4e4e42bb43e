"""What an organisation can report, by every channel: each is held to the one list of `domain/case`."""

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import ddas, fhirtask, klantinteracties, reportcsv, told
from adapters.told import Meaning
from gateway.board.case_choices import Act, wish
from gateway.cli.cases import report as of_command
from gateway.domain.actions import Case
from gateway.domain.case import BY_ITSELF, ReportWord, everything, step_of
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.pathway import Pathway
from gateway.domain.states import REPORTS, State
from gateway.pipeline.settle import Report
from gateway.reading.letters.record import ReportCode
from gateway.reading.letters.reports import NEXT_STEPS, PHRASES
from gateway.sealing.letter import REPORTS as LETTER
from gateway.store.tables import CaseRow
from gateway.web.api.models import StatusBody
from gateway.web.public.confirm import CHOICES

Said = set[tuple[str, str | None]]
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PLACE = Pathway.parse(
    "x.toml", {"name": "x", "title": "X", "next_step": [{"code": "welfare", "words": ["sociaal team"]}]}
)


def codes(reports: Iterable[Report]) -> Said:
    """What these reports say, in the words of the list."""
    found: Said = set()
    for each in reports:
        word = each.word
        code = each.reason if word is ReportWord.DECLINED else each.outcome
        found.add((word, code))
        if each.next_step or each.step:
            found.add(("next_step", each.next_step or step_of(each.step, PLACE)))
    return found


def meanings(said: Iterable[Meaning | None]) -> Said:
    """The same of what an adapter was told."""
    found: Said = set()
    for each in said:
        if each is not None:
            found.add((each.event, each.code))
            if each.next_step:
                found.add(("next_step", step_of(each.next_step, PLACE)))
    return found


def combinations() -> Iterable[dict[str, str]]:
    """Every status with each detail that it can have, in the Dutch words of the API."""
    for word, code in told.STATUSES.items():
        reasons, outcomes = list(told.REASONS), list(told.OUTCOMES)
        details: list[dict[str, str]] = [{}] if code != "declined" else []
        details += [{"reden": each} for each in reasons] if code == "declined" else []
        details += [{"uitkomst": each} for each in outcomes] if code == "stopped" else []
        if code in told.TELLS_STEP:
            details += [{"vervolgstap": each} for each in told.NEXT_STEPS]
        yield from ({"status": word} | each for each in details)


def by_mail() -> Said:
    found: Said = {("next_step", code) for code in NEXT_STEPS.values()}
    for phrase in PHRASES.values():
        if phrase.report is ReportCode.SEEN:
            found |= {("collected", None), ("withdrawal_confirmed", None)}
        elif phrase.report:
            found.add((phrase.report, phrase.reason))
        if phrase.outcome:
            found.add(("stopped", phrase.outcome))
    return found


def on_the_page() -> Said:
    """And in the inbox, which offers the same choices."""
    return codes(choice.report() for choice in CHOICES)


def by_api() -> Said:
    return codes(
        Report.of(
            body.status,
            reason=body.reden,
            outcome=body.uitkomst,
            next_step=body.vervolgstap if isinstance(body.vervolgstap, NextStep) else None,
        )
        for body in (StatusBody.model_validate(each) for each in combinations())
    )


def by_signaal() -> Said:
    told: list[dict[str, Any]] = [
        {"melding": each["status"], "datum": "2026-11-24"} | {k: v for k, v in each.items() if k != "status"}
        for each in combinations()
    ]
    found: Said = set()
    for each in told:
        status = ddas.Statusbericht.model_validate({"ID": "x", "meldingen": [each]})
        assert not status.told.unknown
        found |= meanings(fact.before for fact in status.told.facts)
    return found


def by_file() -> Said:
    columns = ("status", "reden", "uitkomst", "vervolgstap")
    rows = [
        "IB-7K3F-9QXM;24-11-2026;" + ";".join(each.get(column, "") for column in columns)
        for each in combinations()
    ]
    content = "\n".join(["kenmerk;datum;status;reden;uitkomst;vervolg", *rows]).encode()
    told = [row.told for row in reportcsv.read_reports(content)]
    return meanings(fact.before for each in told if each for fact in each.facts)


def in_a_task() -> Said:
    return meanings(klantinteracties.CODES.values())


def by_fhir() -> Said:
    def task(status: str, progress: str | None, reason: str | None) -> dict[str, Any]:
        def concept(code: str | None) -> Any:
            return {"coding": [{"system": fhirtask.CODES, "code": code}]} if code else None

        return {
            "resourceType": "Task",
            "identifier": [{"system": fhirtask.DELIVERY, "value": "x"}],
            "status": status,
            "businessStatus": concept(progress),
            "statusReason": concept(reason),
            "lastModified": f"{date(2026, 11, 24)}T10:00:00Z",
        }

    reasons = [None, *told.REASONS.values(), *told.OUTCOMES.values(), *fhirtask.STEPS]
    found: Said = set()
    for status, progress in [
        ("rejected", None),
        ("completed", None),
        *(("in-progress", progress) for progress in fhirtask.PROGRESS),
    ]:
        for reason in reasons:
            facts = fhirtask.told_by(task(status, progress, reason)).facts
            found |= meanings(meaning for fact in facts for meaning in (fact.before, fact.after))
    return found


def on_the_board() -> Said:
    found: list[Report] = []
    for state in State:
        case = CaseRow(id="x", kenmerk="x", received_at=NOW, updated_at=NOW, state=state, fields_key=b"x")
        for word in Case(state, readable=True).reports():
            for reason in DeclineReason:
                for detail in ({}, *({"uitkomst": str(each)} for each in StopOutcome)):
                    given = {"melding": str(word), "reden": str(reason)} | detail
                    found += [r for r in [wish(Act.REPORT, given, case, {}).report] if r]
            for step in NextStep:
                given = {"melding": str(word), "reden": "capacity", "vervolg": str(step)}
                found += [r for r in [wish(Act.REPORT, given, case, {}).report] if r]
    # Taking a report back is an action of its own there.
    assert Act.CORRECT in Act
    return codes(found) | {("corrected", None)}


def on_the_command_line() -> Said:
    notes = of_command.__annotations__
    assert notes["event"].__args__[0] is ReportWord
    assert notes["reason"].__args__[0] == DeclineReason | None
    assert notes["outcome"].__args__[0] == StopOutcome | None
    return codes(
        Report.of(word, reason=reason, outcome=outcome, step=step)
        for word in ReportWord
        for reason in DeclineReason
        for outcome in (None, *StopOutcome)
        for step in ("", *NextStep)
    )


CHANNELS = (
    *(by_mail, on_the_page, by_api, by_signaal, by_file, in_a_task, by_fhir),
    *(on_the_board, on_the_command_line),
)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.__name__)
def test_every_channel_can_say_everything(channel: Any) -> None:
    assert set(everything()) - channel() == set()


def test_the_list_holds_every_report() -> None:
    assert {word.event for word in ReportWord} == REPORTS
    assert set(told.STATUSES.values()) == set(map(str, ReportWord))
    assert str(ReportWord.WRONG_NUMBER) == told.WRONG_NUMBER
    assert {word for word, _ in everything()} >= set(ReportWord) - BY_ITSELF


def test_no_two_choices_share_a_word() -> None:
    words = [choice.word for choice in CHOICES]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("word", ["sociaal team", "Sociaal_Team", "welfare", "WELFARE"])
def test_a_place_has_words_of_its_own_for_a_next_step(word: str) -> None:
    assert step_of(word, PLACE) is NextStep.WELFARE
    assert step_of("sociaal", PLACE) is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_that_we_ask_for_is_understood(language: str) -> None:
    file = Path(__file__).parents[2] / "config" / "wording" / f"{language}.toml"
    asked = tomllib.loads(file.read_text("utf-8"))["words"]["keyword"]
    assert set(asked) == {str(event) for event in REPORTS}
    for word in asked.values():
        assert tuple(word.lower().split()) in PHRASES, word


def test_the_letter_offers_only_words_that_are_understood() -> None:
    for word, _ in LETTER:
        assert tuple(word.lower().split()) in PHRASES, word
