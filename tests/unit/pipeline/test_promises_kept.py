"""Whatever happens, and when: somebody is responsible and told, and the referrer read what is true."""

import json
import os
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.domain.codes import DeclineReason
from gateway.domain.pathway import Pathway
from gateway.domain.states import REPORTS, Event
from gateway.errors import SealError
from gateway.reading.letters.record import Stop
from gateway.sealing.keyfacts import KeyFlaw
from gateway.store import cases
from gateway.store.outbox import Status
from tests.moments import MONDAY
from tests.unit.pipeline.promises import NUMBERS, Played
from tests.unit.pipeline.stage import Stage
from tests.unit.pipeline.truths import responsible

REASONS = st.sampled_from(DeclineReason)
SPANS = st.sampled_from(
    [timedelta(minutes=30), timedelta(hours=5), timedelta(days=1), timedelta(days=3), timedelta(days=9)]
)
STARTS = st.builds(
    lambda day, hour: MONDAY.replace(hour=0) + timedelta(days=day, hours=hour),
    st.integers(0, 9),
    st.integers(0, 23),
)
ACTS = st.one_of(
    st.tuples(st.just("report"), st.sampled_from(sorted(REPORTS)), REASONS),
    st.tuples(
        st.just("report"), st.sampled_from([Event.ATTEMPTED, Event.DECLINED, Event.CORRECTED]), REASONS
    ),
    st.tuples(
        st.just("former_reports"),
        st.sampled_from([Event.CONTACTED, Event.INTAKE_PLANNED, Event.ATTEMPTED, Event.CORRECTED]),
    ),
    st.tuples(st.just("wrong_number")),
    st.tuples(st.just("answers"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("refers_again")),
    st.tuples(st.just("withdraws"), st.sampled_from(Stop)),
    st.tuples(st.just("beheerder"), st.sampled_from(["de-schoor", "buurtteam", "return", "retry"])),
    st.tuples(st.just("holds"), st.booleans()),
    st.tuples(st.just("wait"), SPANS),
    st.tuples(st.just("wait"), SPANS),
    st.tuples(st.just("sleep"), SPANS),
)


def play(stage: Stage, start: datetime, acts: list[tuple[object, ...]], *, last: timedelta) -> None:
    """One case, checked after everything that happens, and for a long while afterwards."""
    played = Played(stage)
    played.begin(start)
    played.check()
    try:
        for name, *more in acts:
            played.steps.append(f"{played.now} {played.case.state}: {name} {' '.join(map(str, more))}")
            match name:
                case "holds":
                    played.holds = bool(more[0])
                case "wait" | "sleep":
                    played.wait(more[0], asleep=name == "sleep")  # type: ignore[arg-type]
                case _:
                    # Not in the very minute in which something was told.
                    stage.now += timedelta(minutes=1)
                    getattr(played, str(name))(*more)
            played.check()
        played.wait(last)
        played.check()
    finally:
        played.forget()


@settings(
    max_examples=int(os.environ.get("INBEELD_PROMISES", "4")),
    deadline=None,
    # Shrinking takes minutes, and the story that is told says what happened.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STARTS, st.lists(ACTS, max_size=8))
def test_no_promise_falls_silent(stage: Stage, start: datetime, acts: list[tuple[object, ...]]) -> None:
    play(stage, start, acts, last=timedelta(days=30))


TWO_AT_NIGHT = [("sleep", timedelta(days=9)), ("wait", timedelta(hours=5))]
"""The backup gets it while nobody works: the referrer is to hear of it in the morning."""


@pytest.mark.parametrize(
    "acts",
    [
        # A number that comes after the promise was broken: its date stays, and nobody is urged at once.
        [
            ("wait", timedelta(days=5)),
            ("wrong_number",),
            ("wait", timedelta(days=3)),
            ("answers", NUMBERS[1]),
        ],
        [*TWO_AT_NIGHT, ("withdraws", Stop.DECEASED)],
        [*TWO_AT_NIGHT, ("beheerder", "return")],
        [*TWO_AT_NIGHT, ("report", Event.DECLINED, DeclineReason.CAPACITY)],
        [("withdraws", Stop.WITHDRAWN), ("withdraws", Stop.WITHDRAWN)],
        [
            ("withdraws", Stop.WITHDRAWN),
            ("report", Event.WITHDRAWAL_CONFIRMED, DeclineReason.CAPACITY),
            ("withdraws", Stop.DECEASED),
        ],
    ],
)
def test_what_was_not_true_once(stage: Stage, acts: list[tuple[object, ...]]) -> None:
    play(stage, MONDAY.replace(hour=16) + timedelta(days=2), acts, last=timedelta(days=7))


def test_who_declined_is_not_asked_to_stop_calling(stage: Stage) -> None:
    played = Played(stage)
    played.begin(MONDAY.replace(hour=10))
    for _ in range(2):
        played.report(Event.DECLINED, DeclineReason.CAPACITY)
    played.withdraws(Stop.DECEASED)
    assert [str(row.code) for row in played.rows("reply")][-1] == "withdrawn"
    assert not {"org_withdrawn", "org_stop"} & {str(row.code) for row in played.rows("notice")}
    assert responsible(played.facts) is None
    played.forget()


def test_who_has_a_case_hears_that_time_closed_it(stage: Stage) -> None:
    played = Played(stage)
    played.begin(MONDAY.replace(hour=10))
    played.report(Event.CONTACTED)
    played.wait(timedelta(days=368))
    assert played.case.state == "closed"
    told = [str(row.code) for row in played.rows("notice") if row.status == Status.SENT]
    assert told[-2:] == ["org_closes_soon", "org_closed"]


def test_nobody_is_reminded_of_a_talk_with_who_has_died(stage: Stage) -> None:
    file = Path(__file__).parents[3] / "config" / "pathways" / "utrecht.toml"
    played = Played(stage)
    played.begin(MONDAY.replace(hour=10))
    with stage.store.write() as session:
        agreed = Pathway.parse(file.name, tomllib.loads(file.read_text("utf-8")))
        cases.change(session, cases.by_id(session, played.case_id), {"pathway": agreed.to_json()})
    played.report(Event.CONTACTED)
    played.wait(timedelta(days=46))
    told = [str(row.code) for row in played.rows("notice")]
    assert told.count("org_clock") > 1
    played.withdraws(Stop.DECEASED)
    played.wait(timedelta(days=30))
    assert [str(row.code) for row in played.rows("notice")] == [*told, "org_stop"]
    played.forget()


def test_nobody_takes_over_who_can_not_be_sent_the_referral(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expired(organisation: str, now: datetime) -> str:
        raise SealError(KeyFlaw.EXPIRED)

    monkeypatch.setattr(stage.gateway.worker.reroute._handover, "key_of", expired)
    played = Played(stage)
    played.begin(MONDAY.replace(hour=10))
    played.wait(timedelta(days=6))
    assert played.case.organisation_id == "de-schoor"
    played.report(Event.DECLINED, DeclineReason.CAPACITY)
    played.wait(timedelta(days=6))
    told = {str(row.code) for row in (*played.rows("reply"), *played.rows("notice"))}
    assert not told & {"taken_over", "declined_rerouted", "org_backup", "org_taken_over"}
    assert {"overdue_referrer", "nobody_yet"} <= told
    played.forget()


def test_who_declined_is_not_to_be_called_about_the_term(stage: Stage) -> None:
    played = Played(stage)
    played.begin(MONDAY.replace(hour=10))
    for _ in range(2):
        played.report(Event.DECLINED, DeclineReason.CAPACITY)
    played.wait(timedelta(days=6))
    alarms = [
        json.loads(event.data)["code"] for event in stage.events(played.case_id) if event.kind == "alarm"
    ]
    assert set(alarms) == {"nobody"}
    assert len(alarms) > 3
    played.forget()
