"""The health of the gateway as a page: what waits, what fails, what ends, for beheerders.

It promises that what it can't know it does not say: whether the worker works follows from work that should
have been done, and whether the trail is whole only `inbeeld audit verify` tells.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gateway.statistics import health
from gateway.statistics.health import Database, Outbox, Queue, Way
from gateway.store import conditions, uptime
from gateway.store.uptime import Uptime
from gateway.web.auth import Role, Visitor
from gateway.web.keywatch import SOON, Key, KeyWatch
from gateway.web.pages import Shell, ShellPage
from gateway.web.reasons import explained

IGNORED_FOR = timedelta(days=7)
"""So far back the mails that were ignored are counted."""

LOOKED_BACK = (30, 365)
"""Over so many days it is told how long the work went on."""
HELD_FOR = timedelta(hours=2)
"""What is held so long is red: somebody should have looked."""

PATIENCE = timedelta(minutes=2)
"""Work that was due so long ago should have been done: a worker looks every second."""


@dataclass(frozen=True, slots=True)
class HealthState:
    """Everything the page tells; `overdue` is since when work waits for a worker in vain, if it does."""

    now: datetime
    overdue: datetime | None
    inbox: Queue
    outbox: Outbox
    ways: tuple[Way, ...]
    keys: tuple[Key, ...]
    database: Database
    trouble: tuple[str, ...] = ()
    """What ails the house itself, by its codes."""
    ignored: tuple[tuple[str, int], ...] = ()
    """How many mails were ignored in the last days, by the sign for which they were."""
    uptimes: tuple[tuple[int, Uptime], ...] = ()
    """How long the work went on in the last so many days."""
    paused: datetime | None = None
    """Since when nothing is worked on: the gateway was restored from a backup, say."""


class HealthPage(ShellPage):
    """The page and its JSON. `organisations` gives the name and the adapter of each, by id, `phones` the
    numbers at which it is called; `wall` is real time, also where that of cases is another."""

    def __init__(
        self,
        shell: Shell,
        *,
        keys: KeyWatch,
        intake_key: Callable[[], str],
        organisations: Mapping[str, tuple[str, str]],
        phones: Mapping[str, tuple[str, ...]],
    ) -> None:
        super().__init__(shell)
        self._keys, self._intake_key = keys, intake_key
        self._organisations, self._phones = organisations, phones

    def routes(self) -> list[BaseRoute]:
        only = (Role.BEHEERDER,)
        return [
            self._auth.route("/gezondheid", self.show, roles=only),
            self._auth.route("/gezondheid.json", self.json, roles=only),
        ]

    def show(self, _: Request, visitor: Visitor) -> Response:
        state = self._state()
        return self._render(
            visitor,
            "figures/health.html",
            state=state,
            ignored_days=IGNORED_FOR.days,
            organisations=self._organisations,
            phones=self._phones,
            reason=lambda code: explained(self._pages, code),
            ago=lambda at: self._ago(state.now - at),
            days=lambda at: self._days(at - state.now),
            soon=lambda at: at is not None and at - state.now <= SOON,
            intake_key=self._intake_key(),
            size=_size(state.database.size),
            share=lambda uptime: f"{math.floor(uptime.percentage * 100) / 100:.2f}".replace(".", ","),
            red=[way for way in state.ways if _red(way, state.now)],
        )

    def json(self, _: Request, visitor: Visitor) -> Response:
        return JSONResponse(_facts(self._state(), self._organisations))

    def _state(self) -> HealthState:
        now, wall = self._now(), self._wall()
        with self._store.read() as session:
            overdue = health.overdue(session)
            paused = conditions.of(session, conditions.ConditionName.PAUSED)
            ways = health.ways_out(session, self._organisations.keys())
            return HealthState(
                now=now,
                overdue=overdue if overdue is not None and overdue < now - PATIENCE else None,
                inbox=health.inbox_now(session),
                outbox=health.outbox_now(session),
                ways=tuple(ways.get(key) or Way(key) for key in (*self._organisations, "")),
                keys=self._keys.all(now),
                database=health.database(self._store, session),
                trouble=health.trouble(session),
                ignored=health.ignored(session, now - IGNORED_FOR),
                uptimes=tuple(
                    (days, found)
                    for days in LOOKED_BACK
                    if (found := uptime.between(session, wall - timedelta(days=days), wall)) is not None
                ),
                paused=paused.since if paused else None,
            )

    def _ago(self, span: timedelta) -> str:
        say, minutes = self._pages.say, max(0, int(span.total_seconds() // 60))
        if minutes < 1:
            return say("minder dan een minuut")
        if minutes < 120:
            return say("%(n)s min.", n=minutes)
        if minutes < 2 * 24 * 60:
            return say("%(n)s uur", n=minutes // 60)
        return say("%(n)s dagen", n=minutes // (24 * 60))

    def _days(self, span: timedelta) -> str:
        if span <= timedelta(0):
            return self._pages.say("verlopen")
        days = span.days
        return self._pages.say("nog 1 dag") if days == 1 else self._pages.say("nog %(n)s dagen", n=days)


def _red(way: Way, now: datetime) -> bool:
    """Whether a person must look at it now."""
    return way.refuses or (way.held_since is not None and now - way.held_since >= HELD_FOR)


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


def _facts(state: HealthState, organisations: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "now": moment(state.now),
        "worker": {"work_waits_since": moment(state.overdue), "paused_since": moment(state.paused)},
        "uptime": [
            {
                "days": days,
                "since": moment(found.since),
                "minutes": found.minutes,
                "worked": found.worked,
                "percentage": round(found.percentage, 3),
            }
            for days, found in state.uptimes
        ],
        "trouble": [{"code": code} for code in state.trouble],
        "inbox": {"waiting": state.inbox.number, "oldest": moment(state.inbox.oldest)},
        "ignored": dict(state.ignored),
        "outbox": {
            "ready": state.outbox.ready,
            "retrying": state.outbox.retrying,
            "held": state.outbox.held,
            "oldest": moment(state.outbox.oldest),
        },
        "ways_out": [
            {
                "organisation": way.organisation_id or None,
                "adapter": organisations.get(way.organisation_id, ("", ""))[1]
                if way.organisation_id
                else "relay",
                "last_success": moment(way.sent_at),
                "waiting": way.waiting,
                "last_failure": moment(way.failed_at),
                "reason": way.reason,
                "held": way.held,
                "held_since": moment(way.held_since),
                "red": _red(way, state.now),
            }
            for way in state.ways
        ],
        "keys": [
            {"key": key.id, "expires": moment(key.expires_at), "problem": key.problem} for key in state.keys
        ],
        "database": {
            "kind": state.database.kind,
            "bytes": state.database.size,
            "migrated": state.database.current,
            "events": state.database.events,
            "last_event": moment(state.database.last_event_at),
        },
    }
