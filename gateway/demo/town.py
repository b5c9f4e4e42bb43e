"""The town of the demo: a gateway in this process, with a clock of its own, where people are referred.

It promises that every case comes in by a real mail and moves by the steps of the gateway alone, and that the
worker runs as in `serve`.
"""

import asyncio
import heapq
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from datetime import time as daytime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Self, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from gateway.app import Gateway
from gateway.demo.config import HAVEN, cast
from gateway.demo.mail import (
    COLLECTED,
    CONTACTED,
    LIVES,
    NOW,
    PRACTICES,
    REFUSED,
    STRANGERS,
    WIJKEN,
    DemoPractice,
    Life,
    mail,
    patient,
    referral,
    send,
)
from gateway.demo.peer import DemoPeer
from gateway.demo.stage import LoginLinks, heed_stop
from gateway.domain.states import WITH_ORGANISATION
from gateway.log import Log
from gateway.pipeline.schedule import utc_now
from gateway.pipeline.settle import Report
from gateway.reading.mail.message import parse
from gateway.store.migrate import migrate
from gateway.store.tables import CaseRow, ClockRow

SPEED = 60
"""How many times as fast as the wall's the demo's clock runs once people look: a minute in a second."""

EVERY = 20.0
"""Seconds between new referrals, once people look."""

Happening = Callable[[], Awaitable[None]]


class Clock:
    """Gives the moment at which the demo's gateway lives; it never goes back."""

    def __init__(self, begin: datetime) -> None:
        self._at, self._since, self._speed = begin, 0.0, 0

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    @property
    def running(self) -> bool:
        """Whether it runs by itself."""
        return self._speed > 0

    def jump(self, to: datetime) -> None:
        """Stand still at a later moment."""
        self._at, self._speed = max(self(), to), 0

    def run(self, speed: int) -> None:
        """Run from here on, so many times as fast as the wall's."""
        self._at, self._since, self._speed = self(), time.monotonic(), speed


def next_monday(zone: ZoneInfo) -> datetime:
    """The first moment of the Monday after today."""
    today = utc_now().astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    return datetime.combine(monday, daytime(), zone)


class Town:
    """`async with Town(directory, log) as town`: then `live` the past, and `run` into the future."""

    def __init__(self, directory: Path, peer: DemoPeer, log: TextIO) -> None:
        self.directory, self._peer = directory, peer
        self.gateway = Gateway.at(directory, log=Log(log))
        self.clock = Clock(next_monday(self.gateway.timezone).astimezone(UTC))
        self._begin = self.clock()
        self.gateway.base.now = self.clock
        self._links = LoginLinks(self.gateway)
        self._numbers = itertools.count()
        self._past: list[tuple[float, int, Happening]] = []
        self._done: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        gateway = self.gateway
        migrate(gateway.store)
        self.cast = cast(gateway, self.clock())
        self._schedule = gateway.worker.schedule()
        self._intake = gateway.intake(lambda: self._schedule.wake("receive"))
        self._server = gateway.web.server(self._links.routes())
        self.smtp = await self._intake.listener.start()
        self.url = gateway.settings.web.public_url
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._intake.listener.stop(1)
        await self._schedule.stop(1)
        await self._server.stop()
        await self._intake.close()
        await self.gateway.close()

    def link(self, user_id: str) -> str:
        """An address that logs a user in, as often as it is opened."""
        return f"{self.url}{self._links.path(user_id)}"

    async def live(self, tell: Callable[[str], None]) -> None:
        """Play the two weeks; `tell` hears of each day."""
        self._remember()
        today, said = 0, Counter[str]()
        while self._past:
            heed_stop()
            hour, _, happen = heapq.heappop(self._past)
            if int(hour // 24) > today:
                tell(_diary(today, self._done - said))
                today, said = int(hour // 24), self._done.copy()
            await self._wait_until(hour)
            await happen()
            await self._schedule.drain()
        await self._wait_until(NOW)
        await self._schedule.drain()
        tell(_diary(today, self._done - said))

    async def run(self) -> None:
        """Let the clock run and the worker work, as `serve` does."""
        self.clock.run(SPEED)
        self._schedule.start()

    async def go_on(self) -> None:
        """Refer somebody now and then, and now and then reach somebody, until it is cancelled."""
        for number in itertools.count():
            heed_stop()
            await asyncio.sleep(EVERY)
            wijk = WIJKEN[number % len(WIJKEN)]
            await self._refer(Life(0, wijk, number % len(PRACTICES)))
            if number % 2:
                await self._reach_somebody()

    def _remember(self) -> None:
        for life in LIVES:
            self._at(life.hour, partial(self._life, life))
        for hour in COLLECTED:
            self._at(hour, self._collect)
        for hour, address, proof in STRANGERS:
            self._at(hour, partial(self._stranger, address, proof))
        self._at(REFUSED, self._refuse)

    def _at(self, hour: float, happen: Happening) -> None:
        heapq.heappush(self._past, (hour, next(self._numbers), happen))

    async def _wait_until(self, hour: float) -> None:
        """Let time pass: the worker works at every moment at which a clock strikes."""
        end = self._begin + timedelta(hours=hour)
        while (strikes := self._next_clock()) and strikes <= end:
            self.clock.jump(strikes)
            await self._schedule.drain()
        self.clock.jump(end)

    def _next_clock(self) -> datetime | None:
        running = (
            col(one).is_(None)
            for one in (ClockRow.fired_at, ClockRow.met_at, ClockRow.ended_at, ClockRow.paused_from)
        )
        with self.gateway.store.read() as session:
            return session.exec(
                select(func.min(ClockRow.due_at)).where(ClockRow.due_at > self.clock(), *running)
            ).one()

    async def _life(self, life: Life) -> None:
        case_id, sent = await self._refer(life)
        for after, report in life.then:
            self._at(life.hour + after, partial(self._reported, case_id, report))
        for after, text in life.said:
            self._at(life.hour + after, partial(self._answered, PRACTICES[life.practice], sent, text))

    async def _refer(self, life: Life) -> tuple[str, EmailMessage]:
        """Send a referral and let it be received; gives the id of its case."""
        who = patient(next(self._numbers), life.wijk)
        text = life.text.format(name=who.name, phone=who.phone, wijk=who.wijk)
        sent = referral(who, PRACTICES[life.practice], self.clock(), remark=life.remark, text=text)
        before = self._case_ids()
        await self._send(sent)
        if self.clock.running:
            return "", sent
        await self._schedule.drain()
        (case_id,) = self._case_ids() - before
        return case_id, sent

    async def _send(self, message: EmailMessage) -> None:
        await send(self.directory, self.smtp, message)
        self._done["mails"] += 1

    async def _answered(self, practice: DemoPractice, sent: EmailMessage, text: str) -> None:
        heads = [parse(message.content) for message in self._peer.messages]
        ours = [head.message_id for head in heads if head.in_reply_to == sent["Message-ID"]]
        await self._send(mail(practice, self.clock(), text, answers=ours[-1]))

    async def _stranger(self, address: str, proof: str) -> None:
        who = patient(next(self._numbers), "Filmwijk")
        practice = DemoPractice("De assistente", address, "Huisartsenpraktijk", "036-5399999")
        text = f"Goedemiddag,\n\nGraag contact met {who.name}, tel. {who.phone}, wijk {who.wijk}.\n"
        await self._send(mail(practice, self.clock(), text, proof=proof))

    async def _reported(self, case_id: str, report: Report) -> None:
        await asyncio.to_thread(self._report, case_id, report)
        self._done["reports"] += 1

    def _report(self, case_id: str, report: Report) -> None:
        case = self._case(CaseRow.id == case_id)
        now, owner = self.clock(), case.organisation_id or ""
        if owner == HAVEN:
            self.gateway.worker.mailbox.report(owner, case.kenmerk, report, now)
        else:
            self.gateway.worker.settle.report(case_id, report, now, f"organisation:{owner}", "mail")

    async def _collect(self) -> None:
        box, now = self.gateway.worker.mailbox, self.clock()
        for item in await box.collect(HAVEN, now, limit=20):
            await asyncio.to_thread(box.acknowledge, HAVEN, item.row.id, item.token, now)

    async def _refuse(self) -> None:
        with self.gateway.store.read() as session:
            query = select(CaseRow.kenmerk).where(CaseRow.state == "quarantined").limit(1)
            (kenmerk,) = session.exec(query)
        await asyncio.to_thread(self.gateway.worker.quarantine.refuse, kenmerk, self.clock(), "beheerder")

    async def _reach_somebody(self) -> None:
        """De Schoor reaches the newest of its patients; mailboxes are left to visitors."""
        with self.gateway.store.read() as session:
            waiting = select(CaseRow.id).where(
                col(CaseRow.state).in_(sorted(WITH_ORGANISATION)), CaseRow.organisation_id == "de-schoor"
            )
            found = session.exec(waiting.order_by(col(CaseRow.received_at).desc()).limit(1)).first()
        if found:
            await asyncio.to_thread(self._report, found, CONTACTED)

    def _case(self, *which: ColumnElement[bool] | bool) -> CaseRow:
        with self.gateway.store.read() as session:
            return session.exec(select(CaseRow).where(*which)).one()

    def _case_ids(self) -> set[str]:
        with self.gateway.store.read() as session:
            return set(session.exec(select(CaseRow.id)))


def _diary(day: int, done: Counter[str]) -> str:
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day % 7]
    return f"  day {day + 1:2} ({weekday}): {done['mails']} mails came in, {done['reports']} reports"
