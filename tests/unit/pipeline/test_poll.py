"""A receiver that is asked for its statuses and gives no answer stands where a beheerder looks."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from adapters.base import Refused, TryLater
from adapters.told import Polled
from gateway.board import attention as needs
from gateway.pipeline.signalen import AskAround
from gateway.statistics import health
from gateway.store import audit, polls
from tests.moments import MONDAY
from tests.unit.pipeline.stage import Stage

EVERY = timedelta(minutes=5)


@dataclass
class Receiver:
    """Answers that there is nothing new, or raises its trouble."""

    trouble: Exception | None = None
    poll_every: timedelta | None = EVERY
    asked: list[datetime | None] = field(default_factory=list)

    async def poll(self, since: datetime | None) -> Polled:
        self.asked.append(since)
        if self.trouble is not None:
            raise self.trouble
        return Polled((), 0)

    def verify(self, body: bytes, value: str | None) -> None:
        """Nothing is signed here."""

    async def close(self) -> None:
        """Nothing to give back."""


def ask(stage: Stage, receiver: Receiver) -> AskAround:
    gateway = stage.gateway
    return AskAround(
        store=stage.store,
        signalen=gateway.worker.signalen,
        tellers={"de-schoor": receiver},
        log=gateway.base.log,
    )


def shown(stage: Stage) -> list[tuple[str, str, datetime, int]]:
    with stage.store.read() as session:
        return [(one.peer, one.reason, one.since, one.waiting) for one in needs.failing(session)]


@pytest.mark.parametrize(
    "trouble",
    [TryLater("signaal_unreachable"), Refused("signaal_untrusted"), ValueError("Roswitha Quintavalle")],
)
async def test_it_is_shown_until_it_answers_again_and_told_once(stage: Stage, trouble: Exception) -> None:
    receiver = Receiver(trouble)
    around = ask(stage, receiver)
    for minutes in range(0, 180, 5):
        await around.run(MONDAY + timedelta(minutes=minutes))
    reason = str(getattr(trouble, "reason", "poll_failed ValueError"))
    assert shown(stage) == [("de-schoor", reason, MONDAY, 0)]
    with stage.store.read() as session:
        way = health.ways_out(session, ["de-schoor"])["de-schoor"]
    assert (way.failed_at, way.reason, way.waiting) == (MONDAY, reason, 0)
    assert len(receiver.asked) == 36
    assert stage.journal.alarms() == ["signaal_poll"] * 36
    with stage.store.read() as session:
        trail = [json.loads(row.data) for row in audit.export(session) if row.kind == "alarm"]
    assert trail == [{"code": "signaal_poll", "organisation": "de-schoor"}], "a beheerder is told once"
    receiver.trouble = None
    await around.run(MONDAY + timedelta(hours=3))
    assert shown(stage) == []
    receiver.trouble = trouble
    await around.run(MONDAY + timedelta(hours=4))
    assert shown(stage) == [("de-schoor", reason, MONDAY + timedelta(hours=4), 0)]


async def test_who_is_not_asked_any_more_is_forgotten(stage: Stage) -> None:
    await ask(stage, Receiver(TryLater("signaal_timeout"))).run(MONDAY)
    assert shown(stage)
    await ask(stage, Receiver(poll_every=None)).run(MONDAY + EVERY)
    assert shown(stage) == []
    with stage.store.read() as session:
        assert polls.failing(session) == []
