"""What is told of one case on its page: gathered in a handful of queries, in codes, moments and names.

It promises that nothing of the patient is in it: events, clocks and deliveries hold ids, closed codes and
moments, and a message is shown in the words of the catalogue, without the link that was in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from gateway.board.case_choices import Act, case_of, delivery_of, possible
from gateway.domain.actions import DeliveryAction
from gateway.domain.attribution import PARTIES, Left, Turn, attribution, share_used, time_left, whose_turn
from gateway.domain.codes import Kind
from gateway.domain.pathway import Feedback
from gateway.domain.route import Organisation
from gateway.domain.states import CONTACT, State
from gateway.domain.trail import AuditEvent
from gateway.errors import NotFound
from gateway.gate.senders import Practice
from gateway.pipeline.correct import reports
from gateway.pipeline.reply import Composer
from gateway.pipeline.retry import HANDOVER
from gateway.store import audit, clocks, orders, outbox, takings, threads
from gateway.store.pagetables import OrderRow, UserRow
from gateway.store.tables import CaseRow, ClockRow, EventRow, OutboxRow, ThreadRow
from gateway.store.takings import BEHEERDERS, Taking

LOOKS = 20
"""So many of the last looks at a case are shown."""

USER, ORGANISATION, REFERRER = "user:", "organisation:", "referrer:"


@dataclass(frozen=True, slots=True)
class Who:
    """Who did something: `kind` is user, organisation, referrer, gateway, beheerder or another actor."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One event. `facts` are its closed codes, with names for ids."""

    at: datetime
    kind: str
    who: Who
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoryMoment:
    """What happened in one minute: `told` names it, `lines` is all of it, oldest first."""

    at: datetime
    told: list[StoryLine]
    lines: list[StoryLine]


@dataclass(frozen=True, slots=True)
class Sending:
    """One delivery: the row, to whom, its text if it has one, and what can be done with it."""

    row: OutboxRow
    to: Who
    subject: str
    text: str
    retry: bool
    hold: bool
    dismiss: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """The promise of contact. `left` counts until now, or until contact was made; `used` is from 0 to 1.

    `contact_at` is when contact was made that still stands: a case that ends without it meets the clock too.
    `asked` says that the referrer was asked whether the number is right, and has the turn.
    """

    due_at: datetime
    contact_at: datetime | None
    paused_from: datetime | None
    left: Left
    used: float
    awaited: bool
    asked: bool

    @property
    def runs(self) -> bool:
        """Whether contact is still awaited, and nobody waits for the referrer."""
        return self.awaited and self.paused_from is None and not self.asked


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about a case but the patient."""

    case: CaseRow
    practice: str
    practices: tuple[str, ...]
    organisation: str
    practice_phones: tuple[str, ...] | None
    organisation_phones: tuple[str, ...] | None
    """None where the directory does not know them any more."""
    turn: Turn | None
    promise: Promise | None
    moments: list[StoryMoment]
    looks: list[StoryLine]
    clocks: list[ClockRow]
    handovers: list[Sending]
    messages: list[Sending]
    orders: list[tuple[OrderRow, Who, str]]
    acts: frozenset[Act]
    shares: list[tuple[str, timedelta]]
    total: timedelta
    taking: Taking | None
    beheerders: dict[str, str]


class Stories:
    """Tells them; `reply` knows the texts of messages."""

    def __init__(
        self, organisations: Mapping[str, Organisation], practices: Mapping[str, Practice], reply: Composer
    ) -> None:
        self.organisations, self._practices, self._reply = organisations, practices, reply

    def tell(self, session: Session, case: CaseRow, now: datetime) -> Story:
        """The story of a case as it is at `now`."""
        events = audit.happened(session, case.id)
        looks = audit.looks(session, case.id, LOOKS)
        rows = outbox.of_case(session, case.id)
        further = {row.id: row for row in threads.of_case(session, case.id)}
        asked = orders.of_case(session, case.id)
        watched = clocks.of_case(session, case.id)
        actors = [*(row.actor for row in (*events, *looks)), *(row.ordered_by for row in asked)]
        actors += [f"{USER}{to}" for row in events if (to := _handed_to(row))]
        users = self._users(session, actors)
        about = {row.id: row for row in rows}
        times = attribution(case.received_at, audit.moves(events), now)
        sendings = [self._sending(case, row, events, further, asked) for row in rows]
        return Story(
            case=case,
            practice=self.practice(case.practice_id),
            practices=tuple(self.practice(row.practice_id) for row in further.values()),
            organisation=self.organisation(case.organisation_id),
            practice_phones=self._called(self._practices.get(case.practice_id or "")),
            organisation_phones=self._called(self.organisations.get(case.organisation_id or "")),
            turn=whose_turn(
                State(case.state),
                any(row.status == outbox.Status.HELD and row.kind == HANDOVER for row in rows),
            ),
            promise=_promise(case, events, watched, now),
            moments=moments([self._line(row, users, about) for row in events]),
            looks=[self._line(row, users, about) for row in looks],
            clocks=watched,
            handovers=[each for each in sendings if each.row.kind == HANDOVER],
            messages=[each for each in sendings if each.row.kind != HANDOVER],
            orders=[(row, self._who(row.ordered_by, users), self._target(row)) for row in asked],
            acts=possible(case, rows, asked, self.organisations),
            shares=[(name, getattr(times, name)) for name in PARTIES],
            total=times.total,
            taking=takings.of_cases(session, BEHEERDERS, [case.id]).get(case.id),
            beheerders=takings.colleagues(session, None),
        )

    @staticmethod
    def _called(who: Organisation | Practice | None) -> tuple[str, ...] | None:
        return tuple(sorted(who.phones)) if who is not None else None

    def organisation(self, id_: str | None) -> str:
        """The name of an organisation; its id when it is not configured any more."""
        known = self.organisations.get(id_ or "")
        return known.name if known else id_ or ""

    def practice(self, id_: str | None) -> str:
        """The name of a practice; its id when it is not configured any more."""
        known = self._practices.get(id_ or "")
        return known.name if known else id_ or ""

    def line(self, session: Session, row: EventRow) -> StoryLine:
        """One event by itself."""
        return self._line(row, self._users(session, [row.actor]), {})

    def _line(self, row: EventRow, users: Mapping[str, str], about: Mapping[str, OutboxRow]) -> StoryLine:
        facts: dict[str, Any] = json.loads(row.data)
        if "organisation" in facts:
            facts["organisation"] = self.organisation(facts["organisation"])
        if "practice" in facts:
            facts["practice"] = self.practice(facts["practice"])
        if to := _handed_to(row):
            facts["to"] = users.get(to, "")
        for name in ("due", "received", "expires"):
            if name in facts:
                facts[name] = datetime.fromisoformat(facts[name])
        if facts.get("order") == orders.OrderKind.REROUTE:
            facts["target"] = self.organisation(facts.get("target"))
        else:
            facts.pop("target", None)
        delivery = about.get(facts.pop("delivery", ""))
        if delivery is not None:
            facts["message"] = delivery.code
        return StoryLine(row.at, row.kind, self._who(row.actor, users), facts)

    def _who(self, actor: str, users: Mapping[str, str]) -> Who:
        if actor.startswith(USER):
            return Who("user", users.get(actor.removeprefix(USER), ""))
        if actor.startswith(ORGANISATION):
            return Who("organisation", self.organisation(actor.removeprefix(ORGANISATION)))
        if actor.startswith(REFERRER):
            return Who("referrer", self.practice(actor.removeprefix(REFERRER)))
        kind, _, name = actor.partition(":")
        return Who(kind, name) if kind == "beheerder" else Who(actor)

    def _users(self, session: Session, actors: list[str]) -> dict[str, str]:
        """The names of the users among these actors, a medewerker's with that of the organisation."""
        ids = {actor.removeprefix(USER) for actor in actors if actor.startswith(USER)}
        if not ids:
            return {}
        query = select(UserRow.id, UserRow.name, UserRow.organisation_id).where(col(UserRow.id).in_(ids))
        return {
            id_: f"{name} ({self.organisation(owner)})" if owner else name
            for id_, name, owner in session.exec(query)
        }

    def _target(self, row: OrderRow) -> str:
        return self.organisation(row.target) if row.kind == orders.OrderKind.REROUTE else ""

    def _sending(
        self,
        case: CaseRow,
        row: OutboxRow,
        events: list[EventRow],
        further: Mapping[str, ThreadRow],
        asked: list[OrderRow],
    ) -> Sending:
        practice_id, thread = case.practice_id, outbox.thread_of(row)
        if thread is not None:
            practice_id = further[thread].practice_id if thread in further else None
        told = row.kind == "reply"
        to = Who("referrer", self.practice(practice_id)) if told else Who("organisation", "")
        if row.organisation_id is not None:
            to = Who("organisation", self.organisation(row.organisation_id))
        subject, text = self.words(case, row, events, practice_id) if row.kind != HANDOVER else ("", "")
        return Sending(row, to, subject, text, *_acts(case, row, asked))

    def words(
        self,
        case: CaseRow,
        row: OutboxRow,
        events: list[EventRow],
        practice_id: str | None,
        feedback: Feedback | None = None,
    ) -> tuple[str, str]:
        """Subject and words of a message, as far as the catalogue still has them."""
        then = _as_it_was(case, events, row.sent_at)
        try:
            text = self._reply.text(then, row, row.sent_at, practice_id, feedback)
        except (NotFound, ValueError):
            return "", ""
        return text.subject_hint, text.body


def moments(lines: list[StoryLine]) -> list[StoryMoment]:
    """The events, those of one minute together, the newest first."""
    found = []
    for at, each in groupby(lines, lambda line: line.at.replace(second=0, microsecond=0)):
        here = list(each)
        # A move of the case is what happened; that it was told to somebody, and why, is the detail.
        told = [line for line in here if line.kind.startswith("case.")] or here[:1]
        found.append(StoryMoment(at, told, here))
    return found[::-1]


def _handed_to(row: EventRow) -> str:
    return json.loads(row.data).get("to", "") if row.kind == AuditEvent.TAKING_HANDED else ""


def _is_over(case: CaseRow) -> bool:
    """Whether nobody waits for contact any more that was not made."""
    # A declined case that may still go to somebody else has kept the referral's fields.
    refused = case.state == State.DECLINED and case.fields_key is None
    return refused or case.state in (State.WITHDRAWN, State.RETURNED, State.CLOSED)


def _acts(case: CaseRow, row: OutboxRow, asked: list[OrderRow]) -> tuple[bool, bool, bool]:
    delivery, known = delivery_of(row), case_of(case, asked)
    return (
        delivery.can(DeliveryAction.RETRY, known),
        delivery.can(DeliveryAction.HOLD),
        delivery.can(DeliveryAction.DISMISS, known),
    )


def _as_it_was(case: CaseRow, events: list[EventRow], at: datetime | None) -> CaseRow:
    """The case with the state and organisation it had when something was sent."""
    state, organisation = case.state, case.organisation_id
    if at is not None:
        state = State.RECEIVED
        for row in events:
            if not row.kind.startswith("case.") or row.at > at:
                continue
            facts = json.loads(row.data)
            state, organisation = facts.get("state", state), facts.get("organisation", organisation)
    return CaseRow(
        id=case.id,
        kenmerk=case.kenmerk,
        state=state,
        practice_id=case.practice_id,
        organisation_id=organisation,
        pathway=case.pathway,
        received_at=case.received_at,
        updated_at=case.updated_at,
    )


def _promise(case: CaseRow, events: list[EventRow], rows: list[ClockRow], now: datetime) -> Promise | None:
    contact = next((row for row in rows if row.kind == Kind.CONTACT), None)
    if contact is None:
        return None
    made = next((one.row.at for one in reports(events) if one.event in CONTACT), None)
    until = made or contact.paused_from or now
    return Promise(
        due_at=contact.due_at,
        contact_at=made,
        paused_from=contact.paused_from,
        left=time_left(contact.due_at, until),
        used=share_used(case.received_at, contact.due_at, until),
        awaited=made is None and not _is_over(case),
        asked=case.state == State.UNREACHABLE,
    )
