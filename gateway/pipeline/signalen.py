"""What a receiver tells of its deliveries, by callback or when asked: brought to the cases they belong to.

It promises that a fact is recorded once however often it is told (receivers send their whole list each time),
that a status for a delivery which another organisation got is `NotFound`, that nothing is recorded of a day
on which it can't have been and the rest is, that an unreadable status never stands in the way of the next,
and that a beheerder hears of what no table has, of what could not be when a receiver that was asked told it,
and of contact that is told again after it was taken back.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from adapters.base import Refused, TryLater
from adapters.told import Fact, Meaning, Polled, Settlement, ToldBack, Unfit
from gateway.domain.case import ReportWord
from gateway.domain.codes import DayPart, DeclineReason, StopOutcome
from gateway.domain.states import CONTACT, IN_CONTACT, WITH_ORGANISATION, Event, State
from gateway.domain.trail import AuditEvent
from gateway.errors import InbeeldError, LostRace, NotAllowed, NotFound, OpenError
from gateway.log import Log
from gateway.pipeline.schedule import Step
from gateway.pipeline.settle import ORGANISATION, Report, Settle
from gateway.store import alarms, audit, cases, outbox, polls
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

CHANNEL = "signaal"
UNKNOWN_WORD = "unknown_word"
"""The alarm about a word that no table has: it stands with the case, and in the administrators' digest."""
UNREAD = "status_unread"
"""The alarm about statuses of which not even the delivery was understood."""
DAY = "datum"
CONTACT_PLACE, CORRECTION_PLACE = "contact", "correctie"
ASKED = {Unfit.CONTACT_FIRST: CONTACT_PLACE, Unfit.DAY: DAY, Unfit.NOT_NOW: "status"}
"""What a beheerder is asked about when a receiver tells what can't be. It may be that they spoke with the
patient and did not say so."""
TRIES = 3
OVERLAP = timedelta(hours=1)
"""How much of the past is asked for again: the receiver's clock may not be ours."""


class WrongDay(NotAllowed):
    """The status names a day in the future, or from before the referral."""


class ContactFirst(NotAllowed):
    """That result needs contact with the patient, and none was reported."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One fact of a status: our event for it, and whether it moved the case.

    A fact that was known moves nothing; what it means may have no word any more.
    """

    event: str | None
    moved: bool
    known: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a status, and where the case is now."""

    noted: tuple[Noted, ...]
    state: str
    unknown: tuple[str, ...]
    """The places of what was not understood, or can't be."""


class Teller(Protocol):
    """A receiver that can be asked: an adapter with the shape that `adapters.told` describes."""

    @property
    def poll_every(self) -> timedelta | None:
        """How often it wants to be asked; None for never."""
        ...

    async def poll(self, since: datetime | None) -> Polled:
        """What changed since; raises `TryLater` or `Refused`."""
        ...

    async def close(self) -> None: ...


class SigningTeller(Teller, Protocol):
    """One that calls us, and signs what it says."""

    def verify(self, body: bytes, value: str | None) -> None:
        """Return if the receiver signed these bytes; ValueError if not, `Refused` if that can't be told."""
        ...


class Signalen:
    """The step for one status."""

    def __init__(self, *, store: Store, settle: Settle, timezone: ZoneInfo) -> None:
        self._store, self._settle, self._timezone = store, settle, timezone

    def take(self, organisation_id: str, told: ToldBack, now: datetime, channel: str = CHANNEL) -> Taken:
        """Settle what an organisation tells of a delivery it got.

        Raises `NotFound`, `WrongDay`, `ContactFirst`, `NotAllowed` or `LostRace`. What was settled before it
        raised stays, and is not settled again.
        """
        case, delivery_id = self._case(organisation_id, told)
        facts = self._possible(told.facts, case, now)
        unknown = told.unknown + ((DAY,) if len(facts) < len(told.facts) else ())
        self._ask_about(case.id, delivery_id, unknown, now)
        if told.facts and not facts:
            raise WrongDay
        noted = []
        for number, fact in enumerate(facts):
            note, state = self._note(organisation_id, delivery_id, case.id, fact, now, channel)
            noted.append(note)
            taken_back = note.known and _is_contact(fact) and state in WITH_ORGANISATION
            # A list that says so itself is the same list again. Where it doesn't, they may have spoken since.
            if taken_back and not any(map(_takes_back, facts[number + 1 :])):
                self._ask_about(case.id, delivery_id, (CONTACT_PLACE,), now)
            if note.known and fact.anew and state in IN_CONTACT:
                # Contact became known by another way since: they may take that back, or left this as it was.
                self._ask_about(case.id, delivery_id, (CORRECTION_PLACE,), now)
        with self._store.read() as session:
            return Taken(tuple(noted), cases.by_id(session, case.id).state, unknown)

    def ask_about(self, organisation_id: str, told: ToldBack, place: str, now: datetime) -> None:
        """Tell the beheerders once that something was told which can't be now: only a person can ask."""
        case, delivery_id = self._case(organisation_id, told)
        self._ask_about(case.id, delivery_id, (place,), now)

    def _ask_about(self, case_id: str, delivery_id: str, unknown: Sequence[str], now: datetime) -> None:
        """Tell the beheerders once of each place with a word that nobody knows, never what stood there."""
        if not unknown:
            return
        with self._store.write() as session:
            cases.by_id(session, case_id)
            known = audit.said(session, case_id)
            for place in unknown:
                once = f"{delivery_id}/?{place}"
                if once not in known:
                    facts = {"code": UNKNOWN_WORD, "field": place, "once": once}
                    audit.append(
                        session, AuditEvent.ALARM, now=now, actor="gateway", case_id=case_id, **facts
                    )

    def _case(self, organisation_id: str, told: ToldBack) -> tuple[CaseRow, str]:
        """The case it is about, and the delivery."""
        with self._store.read() as session:
            if told.delivery_id or told.kenmerk is None:
                rows = [outbox.by_id(session, told.delivery_id)]
            else:
                rows = outbox.of_case(session, cases.by_kenmerk(session, told.kenmerk).id)
            own = [row for row in rows if row.kind == "handover" and row.organisation_id == organisation_id]
            if not own:
                raise NotFound
            return cases.by_id(session, own[-1].case_id), own[-1].id

    def _possible(self, facts: Sequence[Fact], case: CaseRow, now: datetime) -> list[Fact]:
        """Those of no day, or of one from the referral until now: a case of theirs may be older than ours."""
        first, last = (moment.astimezone(self._timezone).date() for moment in (case.received_at, now))
        return [fact for fact in facts if fact.on is None or first <= fact.on <= last]

    def _note(
        self, organisation_id: str, delivery_id: str, case_id: str, fact: Fact, now: datetime, channel: str
    ) -> tuple[Noted, State]:
        """What became of it, and where the case was."""
        tries = 0
        while True:
            with self._store.read() as session:
                once, known = _named(audit.said(session, case_id), delivery_id, fact)
                state = State(cases.by_id(session, case_id).state)
            meaning = fact.after if state in IN_CONTACT | {State.STOPPED} else fact.before
            if known:
                return Noted(meaning.event if meaning else None, moved=False, known=True), state
            if meaning is None:
                raise ContactFirst
            try:
                moved = self._settle.report(
                    case_id,
                    _report(meaning, fact),
                    now,
                    f"{ORGANISATION}{organisation_id}",
                    channel,
                    once=once,
                )
            except LostRace:
                # Somebody else moved the case at this very moment: ask the table again.
                tries += 1
                if tries == TRIES:
                    raise
            else:
                return Noted(meaning.event, moved), state


class AskAround(Step):
    """The step that asks every receiver that wants to be asked.

    Contact becomes known by what they tell, so one that gives no answer is told of as a delivery is.
    """

    name = "poll"
    every = timedelta(seconds=15)
    """How often it is looked whom to ask; how often each is asked, its options say."""

    def __init__(self, *, store: Store, signalen: Signalen, tellers: Mapping[str, Teller], log: Log) -> None:
        self._store, self._signalen, self._tellers, self._log = store, signalen, tellers, log
        self._due: dict[str, datetime] = {}
        self._asked: dict[str, datetime] = {}
        self._begun = False

    async def run(self, now: datetime) -> int:
        """Ask who is due; gives how many statuses moved a case."""
        if not self._begun:
            await asyncio.to_thread(self._begin)
            self._begun = True
        # Forgotten before they are asked: what they say meanwhile makes them asked again.
        wanted = await asyncio.to_thread(self._wanted)
        due = [
            (id_, teller, teller.poll_every)
            for id_, teller in self._tellers.items()
            if teller.poll_every is not None and (id_ in wanted or now >= self._due.get(id_, now))
        ]
        return sum(await asyncio.gather(*(self._ask(id_, teller, every, now) for id_, teller, every in due)))

    async def _ask(self, organisation_id: str, teller: Teller, every: timedelta, now: datetime) -> int:
        self._due[organisation_id] = now + every
        try:
            polled = await teller.poll(self._asked.get(organisation_id))
        except (TryLater, Refused) as trouble:
            await asyncio.to_thread(self._failed, organisation_id, trouble.reason, now)
            return 0
        except Exception as error:  # noqa: BLE001 - an adapter that breaks keeps nobody else's reports back
            # A class name is safe to tell; the text of an error may not be.
            reason = f"poll_failed {type(error).__name__}"
            await asyncio.to_thread(self._failed, organisation_id, reason, now)
            return 0
        await asyncio.to_thread(self._answered, organisation_id)
        channel = getattr(teller, "channel", CHANNEL)
        moved, outcomes = 0, []
        for told in polled.told:
            unfit = None
            try:
                taken = await asyncio.to_thread(self._signalen.take, organisation_id, told, now, channel)
            except InbeeldError as error:
                # One that doesn't fit must not keep the others back; a person may ask the receiver why.
                unfit = _unfit(error)
                if unfit is not Unfit.AGAIN:
                    self._log.unfit_status(organisation_id, type(error).__name__)
                if place := ASKED.get(unfit):
                    await asyncio.to_thread(self._signalen.ask_about, organisation_id, told, place, now)
            else:
                moved += any(note.moved for note in taken.noted)
            outcomes.append(Settlement(told.delivery_id, unfit))
        if polled.not_understood:
            self._log.alarm(
                "signaal_status_unknown", organisation=organisation_id, number=polled.not_understood
            )
            await asyncio.to_thread(self._unread, organisation_id, now)
        if all(outcome.unfit is not Unfit.AGAIN for outcome in outcomes):
            self._asked[organisation_id] = now - OVERLAP
        await self._answer(organisation_id, teller, outcomes, now)
        return moved

    async def _answer(
        self, organisation_id: str, teller: Teller, outcomes: Sequence[Settlement], now: datetime
    ) -> None:
        answered = getattr(teller, "answered", None)
        if answered is None:
            return
        try:
            await answered(outcomes)
        except (TryLater, Refused) as trouble:
            # All is settled: it is told again, and changes nothing.
            await asyncio.to_thread(self._failed, organisation_id, trouble.reason, now)

    def _unread(self, organisation_id: str, now: datetime) -> None:
        """A beheerder is told of it once a day."""
        facts = {"code": UNREAD, "organisation": organisation_id, "day": now.date().isoformat()}
        with self._store.write() as session:
            alarms.alarm_once(session, now=now, actor="gateway", **facts)

    def _begin(self) -> None:
        asked = [id_ for id_, teller in self._tellers.items() if teller.poll_every is not None]
        with self._store.write() as session:
            polls.forget(session, but=asked)

    def _wanted(self) -> frozenset[str]:
        with self._store.read() as session:
            found = polls.hinted(session)
        if found:
            with self._store.write() as session:
                polls.heard(session, found)
        return frozenset(found)

    def _answered(self, organisation_id: str) -> None:
        with self._store.write() as session:
            polls.answered(session, organisation_id)

    def _failed(self, organisation_id: str, reason: str, now: datetime) -> None:
        with self._store.write() as session:
            if polls.failed(session, organisation_id, reason, now):
                facts = {"code": "signaal_poll", "organisation": organisation_id}
                audit.append(session, AuditEvent.ALARM, now=now, actor="gateway", **facts)
        self._log.alarm("signaal_poll", organisation=organisation_id, reason=reason)


def _is_contact(fact: Fact) -> bool:
    return fact.before is not None and fact.before.event in CONTACT


def _takes_back(fact: Fact) -> bool:
    return fact.before is not None and fact.before.event == Event.CORRECTED


def _unfit(error: InbeeldError) -> Unfit:
    for kind, unfit in (
        (LostRace, Unfit.AGAIN),
        (OpenError, Unfit.AGAIN),
        (NotFound, Unfit.UNKNOWN),
        (WrongDay, Unfit.DAY),
        (ContactFirst, Unfit.CONTACT_FIRST),
    ):
        if isinstance(error, kind):
            return unfit
    return Unfit.NOT_NOW


def _named(said: Sequence[str], delivery_id: str, fact: Fact) -> tuple[str, bool]:
    """The name by which a fact is recorded once, and whether it was."""
    once = f"{delivery_id}/{fact.key}"
    same = [place for place, name in enumerate(said) if name == once or name.startswith(f"{once}/")]
    since = [name.removeprefix(f"{delivery_id}/") for name in said[same[-1] + 1 :]] if same else []
    if any("/".join(key.split("/")[:2]) in fact.anew for key in since):
        return f"{once}/{len(same) + 1}", False
    return once, once in said


def _report(meaning: Meaning, fact: Fact) -> Report:
    word, code = ReportWord(meaning.event), meaning.code
    return Report.of(
        word,
        reason=DeclineReason(code) if word is ReportWord.DECLINED and code else None,
        outcome=StopOutcome(code) if word is ReportWord.STOPPED and code else None,
        day_part=DayPart(fact.day_part) if fact.day_part else None,
        step=meaning.next_step or "",
        on=fact.on,
    )
