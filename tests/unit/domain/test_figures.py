"""Figures over many cases: counted once, judged by the deadline, in a funnel that never widens."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.attribution import PARTIES, Moment, attribution
from gateway.domain.pathway import Feedback, Pathway
from gateway.domain.states import TRANSITIONS, Event, State, allowed
from gateway.statistics import figures
from gateway.statistics.disclosure import UNKNOWN
from gateway.statistics.facts import HANDED, NOBODY, CaseFacts, milliseconds
from gateway.statistics.figures import COUNTS, ENDINGS, FUNNEL, FigureRow, quantile, summed
from gateway.statistics.filters import ATTRIBUTE, Filters, Grouping, Interval
from gateway.statistics.sheet import Agreed, Sheet, sheet
from gateway.statistics.tallies import Answer
from gateway.statistics.tally import SummedPart, tally, tenths

START = datetime(2035, 3, 5, 9, tzinfo=UTC)
DUE = START + timedelta(days=3)


def make_case(state: State, moved: tuple[Moment, ...] = (), **overrides: Any) -> CaseFacts:
    """One case as the figures see it."""
    values: dict[str, Any] = {
        "kenmerk": "IB-7K3F-9QXM",
        "practice": "filmwijk",
        "organisation": "haven",
        "wijk": "Muziekwijk",
        "pathway": "almere",
        "theme": "schulden",
        "received_at": START,
        "due_at": DUE,
        "paused": False,
        "handed_to": (),
        "reasons": (),
        "outcomes": (),
    }
    return CaseFacts(state=state, moves=moved, **values | overrides)


def moves(*events: tuple[Event, float]) -> tuple[Moment, ...]:
    return tuple(Moment(START + timedelta(hours=hours), event) for event, hours in events)


def row(name: str, cases: Iterable[CaseFacts], now: datetime, organisation: str | None = None) -> FigureRow:
    found = [part for case in cases for part in tally(case.kenmerk, case)]
    of_one = [part for part in found if organisation in (None, part.organisation)]
    return figures.row(name, summed(of_one, now), organisation)


def contact_at(case: CaseFacts) -> datetime | None:
    return case.contact_at(case.stood())


def reached(hours: float, *later: tuple[Event, float]) -> CaseFacts:
    handed = ((Event.ROUTED, 0.0), (Event.DELIVERED, 0.0), (Event.CONTACTED, hours))
    return make_case(State.CONTACTED, moves(*handed, *later))


def test_on_time_and_late_go_by_the_deadline() -> None:
    figures = row("all", [reached(72), reached(72.1)], DUE + timedelta(days=9))
    assert (figures.counts["on_time"], figures.counts["late"]) == (1, 1)
    assert figures.share_on_time == 0.5


def test_who_still_waits_is_late_when_the_deadline_has_passed() -> None:
    waiting = make_case(State.DELIVERED, moves((Event.ROUTED, 0), (Event.DELIVERED, 0)))
    assert row("all", [waiting], DUE).counts["waiting"] == 1
    assert row("all", [waiting], DUE + timedelta(seconds=1)).counts["late"] == 1


def test_contact_that_was_taken_back_is_none() -> None:
    assert contact_at(reached(1, (Event.CORRECTED, 2))) is None
    again = reached(1, (Event.CORRECTED, 2), (Event.CONTACTED, 5))
    assert contact_at(again) == START + timedelta(hours=5)


def test_what_followed_from_contact_goes_with_it() -> None:
    planned = reached(1, (Event.INTAKE_PLANNED, 2), (Event.NO_SHOW, 3))
    once = replace(planned, state=State.CONTACTED, moves=planned.moves + moves((Event.CORRECTED, 4)))
    assert row("all", [once], DUE).counts["contacted"] == 1
    twice = replace(once, state=State.COLLECTED, moves=once.moves + moves((Event.CORRECTED, 5)))
    counts = row("all", [twice], DUE).counts
    assert {name for name, number in counts.items() if number} == {
        "received",
        "routed",
        "collected",
        "waiting",
    }


def test_how_support_ended_is_the_last_that_was_told_and_stands() -> None:
    told = reached(1, (Event.STOPPED, 2), (Event.CORRECTED, 3), (Event.IN_SUPPORT, 4), (Event.STOPPED, 5))
    one = replace(told, state=State.STOPPED, outcomes=("moved", "completed"))
    counts = row("all", [one], DUE).counts
    assert {name for name in ENDINGS if counts[name]} == {"outcome_completed"}
    back = replace(told, moves=told.moves[:5], state=State.CONTACTED, outcomes=("moved",))
    assert not any(row("all", [back], DUE).counts[name] for name in ENDINGS)
    silent = replace(one, outcomes=("", ""))
    assert row("all", [silent], DUE).counts["outcome_untold"] == 1


def test_while_a_question_is_open_nothing_is_late() -> None:
    asked = make_case(State.NEEDS_INFO, moves((Event.NEEDS_INFO, 100.0)), paused=True)
    counts = row("all", [asked], DUE + timedelta(days=9)).counts
    assert (counts["late"], counts["waiting"]) == (0, 0)


def test_median_and_ninetieth_percentile() -> None:
    figures = row("all", [reached(hours) for hours in range(1, 11)], DUE)
    assert figures.hours == (5.0, 9.0)


@pytest.mark.parametrize("hours", [(), (3,)])
def test_few_cases_have_figures_too(hours: tuple[float, ...]) -> None:
    figures = row("all", [reached(each) for each in hours], DUE)
    assert figures.hours == ((3.0, 3.0) if hours else None)
    assert figures.share_on_time == (1.0 if hours else None)


def test_a_step_that_was_taken_back_is_none() -> None:
    planned = reached(1, (Event.INTAKE_PLANNED, 2))
    assert row("all", [planned], DUE).counts["met"] == 1
    back = reached(1, (Event.INTAKE_PLANNED, 2), (Event.CORRECTED, 3))
    assert row("all", [back], DUE).counts["met"] == 0
    assert row("all", [reached(1, (Event.IN_SUPPORT, 2))], DUE).counts["met"] == 1, "support needs no intake"
    missed = reached(1, (Event.INTAKE_PLANNED, 2), (Event.NO_SHOW, 3), (Event.CORRECTED, 4))
    assert row("all", [missed], DUE).counts["met"] == 0, "the appointment is recorded anew, as follows"
    stands = replace(missed, moves=missed.moves + moves((Event.INTAKE_PLANNED, 4)))
    assert row("all", [stands], DUE).counts["met"] == 1


def test_who_has_the_turn_gets_the_time_that_runs() -> None:
    (part,) = tally("c", make_case(State.DELIVERED, moves((Event.ROUTED, 1), (Event.DELIVERED, 2))))
    assert part.spent == (7_200_000, 0, 0, 0)
    assert part.spent_until(milliseconds(START + timedelta(hours=5))) == (7_200_000, 10_800_000, 0, 0)


@st.composite
def stories(draw: st.DrawFn) -> CaseFacts:
    """A case that moved as the table allows, at moments that may also go back."""
    state, moved, at = State.RECEIVED, [], START
    for _ in range(draw(st.integers(0, 12))):
        if not (choices := allowed(state)):
            break
        event = draw(st.sampled_from(choices))
        at += timedelta(minutes=draw(st.integers(-5, 3000)))
        moved.append(Moment(at, event))
        state = TRANSITIONS[state, event]
    handed_to = [draw(st.sampled_from(["haven", "markt", ""])) for _, event in moved if event in HANDED]
    due_at = draw(st.sampled_from([DUE, None]))
    endings = [
        draw(st.sampled_from(["completed", "moved", "", "of old"]))
        for _, event in moved
        if event is Event.STOPPED
    ]
    return make_case(state, tuple(moved), due_at=due_at, handed_to=tuple(handed_to), outcomes=tuple(endings))


@given(st.lists(stories(), max_size=6), st.integers(0, 400))
def test_the_funnel_never_widens_and_nobody_is_judged_twice(cases: list[CaseFacts], hours: int) -> None:
    found = row("all", cases, START + timedelta(hours=hours))
    stages = [found.counts[name] for name in FUNNEL]
    assert stages == sorted(stages, reverse=True)
    assert found.counts["received"] == len(cases)
    assert all(0 <= found.counts[name] <= len(cases) for name in COUNTS)
    judged = sum(found.counts[name] for name in ("on_time", "late", "waiting"))
    assert found.counts["contacted"] <= judged <= len(cases)
    assert found.counts["on_time"] <= found.counts["contacted"]
    assert sum(found.counts[name] for name in ENDINGS) == found.counts["stopped"]


@given(st.lists(stories(), max_size=6), st.integers(0, 400))
def test_the_rows_of_organisations_add_up_and_their_funnels_never_widen(
    cases: list[CaseFacts], hours: int
) -> None:
    now = START + timedelta(hours=hours)
    rows = [row(name, cases, now, name) for name in ("haven", "markt", NOBODY)]
    for name, number in row("all", cases, now).counts.items():
        assert sum(each.counts[name] for each in rows) == number
    for each in rows:
        stages = [each.counts[name] for name in FUNNEL]
        assert stages == sorted(stages, reverse=True)


@given(stories(), st.integers(0, 20_000))
def test_a_tally_knows_the_time_as_the_attribution_does(case: CaseFacts, minutes: int) -> None:
    last = max((at for at, _ in case.moves), default=START)
    now = max(last, START) + timedelta(minutes=minutes)
    spent = attribution(START, case.moves, now)
    expected = [getattr(spent, party) // timedelta(milliseconds=1) for party in PARTIES]
    times = [part.spent_until(milliseconds(now)) for part in tally("c", case)]
    assert [sum(each) for each in zip(*times, strict=True)] == expected


@given(st.lists(st.integers(-9, 99), min_size=1), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_percentile_is_one_of_the_values_and_enough_of_them_are_not_above_it(
    values: list[int], share: float
) -> None:
    found = quantile(Counter(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


@given(st.lists(st.integers(-(10**6), 10**7), min_size=1), st.sampled_from([0.5, 0.9]))
def test_a_percentile_of_rounded_waits_is_the_rounded_percentile(seconds: list[int], share: float) -> None:
    ranked = sorted(seconds)
    exact = ranked[max(0, -(-round(share * 1000) * len(ranked) // 1000) - 1)]
    waits = Counter(tenths(timedelta(seconds=each)) for each in seconds)
    assert quantile(waits, share) / 10 == round(exact / 3600, 1)


@given(st.lists(stories(), max_size=8), st.lists(st.booleans(), min_size=8, max_size=8), st.integers(0, 400))
def test_what_is_taken_off_leaves_the_sums_of_the_rest(
    cases: list[CaseFacts], stay: list[bool], hours: int
) -> None:
    now = START + timedelta(hours=hours)
    found = [tally(str(at), case) for at, case in enumerate(cases)]
    rest: list[SummedPart] = []
    sums = summed([part for several in found for part in several], now)
    for several, stays in zip(found, stay, strict=False):
        for part in several:
            if stays:
                rest.append(part)
            else:
                sums.add(part, now, -1)
    assert sums == summed(rest, now)


def test_of_who_gets_mail_nobody_says_when_it_was_collected() -> None:
    handed = moves((Event.ROUTED, 0), (Event.DELIVERED, 0.1), (Event.CONTACTED, 20))
    found = [each for n in (1, 2) for each in tally(str(n), make_case(State.CONTACTED, handed))]
    answer = Answer({"haven": summed(found, DUE)}, {START.date(): summed(found, DUE)})
    asked = Filters(None, None, None, Grouping.ORGANISATION, Interval.MONTH, {}, few=False)
    agreed = Agreed({}, Pathway(name="x", title="X"), {}, {"haven"})
    zone = ZoneInfo("Europe/Amsterdam")
    (group,) = sheet(lambda _: answer, asked, agreed, zone).groups
    assert (group.counts["collected"], group.time["not_collected"]) == (UNKNOWN, None)
    assert (group.counts["contacted"], group.time["organisation"]) == (2, pytest.approx(0))
    whole = sheet(lambda _: answer, replace(asked, only={Grouping.ORGANISATION: "haven"}), agreed, zone)
    assert {each.counts["collected"] for each in (whole.total, *whole.points)} == {UNKNOWN}
    (seen,) = sheet(lambda _: answer, asked, replace(agreed, unseen=()), zone).groups
    assert seen.counts["collected"] == 2


STRICT = Pathway(name="rotterdam", title="R", feedback=Feedback.GEAGGREGEERD, suppress_below=5)
LOOSE = Pathway(name="almere", title="A", suppress_below=3)


def of_pathways(by: Grouping, few: bool, cases: Iterable[CaseFacts]) -> Sheet:
    """What is shown of these cases."""
    found = [part for number, case in enumerate(cases) for part in tally(str(number), case)]
    column = ATTRIBUTE.get(by, "wijk")
    names = {getattr(part, column) for part in found}

    def group(name: str) -> list[SummedPart]:
        return [part for part in found if getattr(part, column) == name]

    answer = Answer(
        {name: summed(group(name), DUE) for name in names},
        {START.date().replace(day=1): summed(found, DUE)},
        {part.pathway for part in found},
        {name: {part.pathway for part in group(name)} for name in names},
    )
    agreed = Agreed({each.name: each for each in (STRICT, LOOSE)}, LOOSE, {}, (), GEMEENTEN)
    asked = Filters(None, None, None, by, Interval.MONTH, {}, few)
    return sheet(lambda _: answer, asked, agreed, ZoneInfo("Europe/Amsterdam"))


GEMEENTEN = {"Carnisse": "Rotterdam", "Muziekwijk": "Almere", "Filmwijk": "Almere"}


def stopped(pathway: str, outcome: str, **overrides: Any) -> CaseFacts:
    told = reached(1, (Event.IN_SUPPORT, 2), (Event.STOPPED, 3))
    return replace(told, state=State.STOPPED, pathway=pathway, outcomes=(outcome,), **overrides)


def test_each_row_follows_the_limit_of_its_own_pathways() -> None:
    cases = [stopped("rotterdam", "completed", practice="charlois") for _ in range(4)]
    cases += [stopped("almere", "completed", practice="filmwijk") for _ in range(4)]
    cases += [stopped("almere", "completed", practice="haven") for _ in range(9)]
    found = of_pathways(Grouping.PRACTICE, True, cases)
    shown = {row.name: row.counts["received"] for row in found.groups}
    # Four are few in Rotterdam and not in Almere; another is hidden with them, or they would follow.
    assert (shown["charlois"], shown["haven"], found.total.counts["received"]) == ("<5", "9", "17")
    assert (found.below, found.limits) == (5, (3, 5))
    alone = of_pathways(Grouping.PRACTICE, False, cases)
    assert {row.name: row.counts["received"] for row in alone.groups}["charlois"] == "<5"
    assert (alone.overall, alone.limits) == (True, (5,))
    by_pathway = of_pathways(Grouping.PATHWAY, False, cases)
    assert (by_pathway.below, by_pathway.groups[0].counts["received"]) == (0, 13)


def test_a_gemeente_is_its_wijken_together() -> None:
    cases = [stopped("almere", "moved", wijk=wijk) for wijk in ("Muziekwijk", "Filmwijk", "Nergens")]
    found = of_pathways(Grouping.GEMEENTE, False, cases)
    assert {row.name: row.counts["outcome_moved"] for row in found.groups} == {"Almere": 2, NOBODY: 1}


def test_how_support_ended_is_told_only_where_nothing_small_follows() -> None:
    cases = [stopped("almere", "completed", wijk="Filmwijk") for _ in range(9)]
    plain = of_pathways(Grouping.WIJK, True, cases)
    assert (plain.total.counts["outcome_completed"], plain.total.counts["outcome_moved"]) == ("9", "0")
    assert plain.groups[0].counts["outcome_completed"] == "9"
    # One who moved could be worked out from those who stopped, and in which wijk by subtraction.
    found = of_pathways(Grouping.WIJK, True, [*cases, stopped("almere", "moved", wijk="Muziekwijk")])
    assert found.total.counts["stopped"] in ("10", "-")
    assert not found.total.counts["outcome_completed"].isdigit()  # type: ignore[union-attr]
    assert found.total.counts["outcome_moved"] in ("<3", "-")
    for row in (*found.groups, *found.points):
        assert {row.counts[name] for name in ENDINGS} == {"-"}
    open_ = of_pathways(Grouping.WIJK, False, [*cases, stopped("almere", "moved", wijk="Muziekwijk")])
    assert open_.total.counts["outcome_moved"] == 1
