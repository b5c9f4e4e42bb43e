"""The page of a case has words for every code there is; what else it meets, it shows as it is."""

import ast
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from gateway.board.case_choices import Act, UnclearError, case_of, possible, wish
from gateway.domain.attribution import Turn
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, Kind, NextStep, StopOutcome
from gateway.domain.messages import Ask, Code
from gateway.domain.route import Organisation
from gateway.domain.states import TRANSITIONS, Event, State, recorded
from gateway.domain.trail import AuditEvent
from gateway.pipeline.orders import PROBLEMS
from gateway.store import orders, outbox
from gateway.store.pagetables import OrderRow
from gateway.store.tables import CaseRow, OutboxRow
from gateway.web.pages import TEMPLATES
from tests.meta.test_code import CODE, tree_of
from tests.store.rows import NOW

KNOWN: dict[str, Iterable[str]] = {
    "STATES": State,
    "TURNS": Turn,
    "REPORTS": ReportWord,
    "CLOCKS": Kind,
    "STATUSES": outbox.Status,
    "DECLINES": DeclineReason,
    "DAY_PARTS": DayPart,
    "OUTCOMES": StopOutcome,
    "NEXT_STEPS": NextStep,
    "ASKS": Ask,
    "ORDERS": orders.OrderKind,
    "MESSAGES": (*Code, "handover"),
    "DONE": Act,
    "ACTS": Act,
}
ORGANISATIONS = {
    "een": Organisation("een", "Een", ("Almere",), backup="twee"),
    "twee": Organisation("twee", "Twee", ()),
}


def texts(name: str) -> Any:
    """The tables of a template."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), extensions=["jinja2.ext.i18n"], autoescape=True
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template(name).module


@pytest.fixture(scope="module")
def words() -> ModuleType:
    module: ModuleType = texts("cases/words.html")
    return module


@pytest.mark.parametrize("table", KNOWN)
def test_every_code_has_words_and_no_words_are_left_over(words: ModuleType, table: str) -> None:
    assert {str(code) for code in KNOWN[table]} == set(getattr(words, table))


def test_every_reason_of_an_order_says_what_to_do() -> None:
    told = texts("cases/reasons.html").ORDER_PROBLEMS
    assert set(told) == PROBLEMS
    assert all(what and remedy for what, remedy in told.values())


def events_of_cases() -> Iterator[str]:
    """The kinds of the events that the code writes about a case, as far as they stand there in full."""
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            name = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or name not in ("append", "_event"):
                continue
            if name == "_event" or "case_id" in {word.arg for word in node.keywords}:
                names = [one for one in node.args if isinstance(one, ast.Attribute)]
                yield from (
                    AuditEvent[one.attr] for one in names if getattr(one.value, "id", "") == "AuditEvent"
                )


def test_every_event_of_a_case_has_words(words: ModuleType) -> None:
    written = set(events_of_cases()) - {AuditEvent.NUDGE_DROPPED}
    assert len(written) > 15
    assert written | {f"case.{event}" for event in Event} <= set(words.EVENTS)


def a_case(state: State, organisation: str | None = "een", key: bytes | None = b"key") -> CaseRow:
    return CaseRow(
        id="c1",
        kenmerk="IB-0000-0000",
        state=state,
        organisation_id=organisation,
        fields_key=key,
        received_at=NOW,
        updated_at=NOW,
    )


def an_order(done: bool) -> OrderRow:
    return OrderRow(
        id="o",
        kind="reroute",
        case_id="c1",
        version=1,
        ordered_at=NOW,
        ordered_by="user:a",
        done_at=NOW if done else None,
    )


STATES = st.sampled_from(list(State))


@given(
    STATES,
    st.sampled_from([None, "een", "twee", "weg"]),
    st.sampled_from([None, b"key"]),
    st.lists(st.booleans(), max_size=2),
)
def test_nothing_is_offered_that_the_table_does_not_have(
    state: State, organisation: str | None, key: bytes | None, done: list[bool]
) -> None:
    case, asked = a_case(state, organisation, key), [an_order(each) for each in done]
    acts = possible(case, [], asked, ORGANISATIONS)
    assert (Act.RETURN in acts) == ((state, Event.RETURNED) in TRANSITIONS)
    assert (Act.CORRECT in acts) == ((state, Event.CORRECTED) in TRANSITIONS)
    if {Act.REROUTE, Act.BACKUP} & acts:
        assert state is State.RECEIVED or (state, Event.REROUTED) in TRANSITIONS
        assert case.fields_key is not None
        assert all(order.done_at is not None for order in asked)
    if Act.BACKUP in acts:
        assert case.organisation_id == "een"
    for word in case_of(case).reports():
        assert (state, recorded(state, word.event)[0]) in TRANSITIONS
    assert not {Act.RETRY, Act.HOLD} & acts


@given(
    STATES,
    st.sampled_from(list(Act)),
    st.dictionaries(
        st.sampled_from(["melding", "reden", "dagdeel", "uitkomst", "vervolg", "organisatie", "levering"]),
        st.sampled_from(
            [*map(str, (*ReportWord, *DeclineReason, *DayPart, *NextStep)), "een", "", "<b>", "\x00", "é"]
        ),
        max_size=4,
    ),
)
def test_whatever_is_posted_a_wish_is_made_of_closed_codes(
    state: State, act: Act, posted: dict[str, str]
) -> None:
    case = a_case(state)
    try:
        wanted = wish(act, posted, case, ORGANISATIONS)
    except UnclearError:
        return
    assert wanted.organisation in {"", *ORGANISATIONS}
    if wanted.report is not None:
        assert wanted.report.word in case_of(case).reports()
        known = {*DeclineReason, *DayPart, *StopOutcome, *NextStep}
        codes = {str(code) for code in known} | {ReportWord.WRONG_NUMBER}
        assert set(wanted.report.codes().values()) <= codes


def test_a_backup_that_had_it_is_not_offered_again() -> None:
    case = a_case(State.ROUTED)
    assert Act.BACKUP in possible(case, [], [], ORGANISATIONS)
    row = OutboxRow(
        id="d1",
        once="d1",
        case_id="c1",
        kind="handover",
        code="handover",
        organisation_id="twee",
        status="sent",
        created_at=NOW,
        next_at=NOW,
    )
    assert Act.BACKUP not in possible(case, [row], [], ORGANISATIONS)
