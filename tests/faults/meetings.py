"""The races of docs/faults.md, one function each: it makes its race happen for each pair, and gives how often
something was there twice, was lost, or failed.

A race is none where the second comer finds what the first one wrote, so each of them lets both decide, or
begin, before either writes.
"""

import asyncio
import contextlib
import shutil
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from psycopg.errors import ObjectInUse
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from gateway.domain.case import ReportWord
from gateway.domain.states import Event
from gateway.errors import LostRace
from gateway.pipeline import receipts, receive
from gateway.pipeline.receive import LANES, Receive
from gateway.pipeline.settle import Report
from gateway.store import audit, moves, takings
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.pagetables import UserRow
from gateway.store.tables import CaseRow, OutboxRow
from tests.faults.crash import Crash
from tests.faults.harness import Launcher
from tests.invented import OTHER_PRACTICE, PRACTICE, Patient, make_answer, make_mail, make_patients
from tests.patience import PATIENCE_S
from tests.postgres import Postgres
from tests.story.place import Town, kinds


class Meeting:
    """Where every worker waits once, before it writes."""

    def __init__(self, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._barrier, self._left, self._turn = threading.Barrier(workers), workers, threading.Lock()
        self._commit = moves.commit
        monkeypatch.setattr(moves, "commit", self._wait)

    def _wait(self, store: Store, made: Sequence[Move]) -> list[Move]:
        # A worker that waits here makes no second move: so many comers are so many workers.
        with self._turn:
            waits = bool(made) and self._left > 0
            self._left -= waits
        if waits:
            self._barrier.wait(PATIENCE_S)
        return self._commit(store, made)


class Workers:
    """Further workers beside the one of a town, each with a gateway of its own."""

    def __init__(self, town: Town, number: int) -> None:
        self.town = town
        self.gateways = [town.gateway, *(town._gateway() for _ in range(number - 1))]
        self.steps: list[Receive] = []
        for schedule in (town.schedule, *(gateway.worker.schedule() for gateway in self.gateways[1:])):
            step = next(step for step in schedule.steps if step.name == LANES[0])
            assert isinstance(step, Receive)
            self.steps.append(step)

    async def receive(self) -> None:
        """Let all of them receive at once, and then everything that follows."""
        await asyncio.gather(*(step.run(self.town.now) for step in self.steps))
        for gateway in self.gateways[1:]:
            gateway.worker.__dict__.pop("readers", None)
            await gateway.close()
        await self.town.work()


def copy_of(mail: EmailMessage, **headers: str) -> EmailMessage:
    """The same mail with other headers."""
    copy = deepcopy(mail)
    for name, value in headers.items():
        del copy[name.replace("_", "-")]
        copy[name.replace("_", "-")] = value
    return copy


def names(town: Town) -> tuple[set[tuple[str, str]], set[str]]:
    """The ids and kenmerken of all cases, and the ids of all deliveries."""
    with town.gateway.store.read() as session:
        found = {(case.id, case.kenmerk) for case in session.exec(select(CaseRow))}
        return found, set(session.exec(select(OutboxRow.id)))


@dataclass
class Scene:
    """Where a race is run, how often, and on what."""

    town: Town
    pairs: int
    patch: pytest.MonkeyPatch
    server: Postgres | None = None
    url: str = ""
    launcher: Launcher | None = None
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """What it opens stays open until its town is closed."""

    @property
    def patients(self) -> list[Patient]:
        """One for each pair."""
        return make_patients(self.pairs)

    def mails(self, **about: Any) -> list[EmailMessage]:
        """One mail about each patient, each from a doctor of its own: many from one would be a storm."""
        return [
            make_mail(patient, sender=f"arts{at}@{PRACTICE}", **about)
            for at, patient in enumerate(self.patients)
        ]

    def cases(self) -> list[str]:
        """The ids of all cases."""
        with self.town.gateway.store.read() as session:
            return list(session.exec(select(CaseRow.id).order_by(CaseRow.received_at, CaseRow.id)))

    async def meet(self, pairs: list[tuple[EmailMessage, EmailMessage]]) -> None:
        """Let two workers take one mail of each pair, and write when both have decided."""
        workers = Workers(self.town, 2)
        self.patch.setattr(receive, "BATCH", 1)
        for pair in pairs:
            await self.town.send(*pair)
            with pytest.MonkeyPatch.context() as patch:
                Meeting(2, patch)
                await asyncio.gather(*(step.run(self.town.now) for step in workers.steps))
        await workers.receive()

    def too_many(self) -> int:
        """Cases and handovers beyond one for each pair, and faults of the trail."""
        found = self.town.audit()
        handed = len({mail["Message-ID"] for mail in self.town.handovers})
        return max(found.cases - self.pairs, handed - self.pairs, found.doubles) + len(found.faults)


LOOKS = 400
"""So often the trail is verified at most."""

Strike = Callable[[Scene], Awaitable[int]]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them gave, in threads that begin together; an exception stands for itself."""
    ready, told = threading.Barrier(len(acts)), list[Any]([None] * len(acts))

    def act(place: int) -> None:
        ready.wait(PATIENCE_S)
        try:
            told[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 - it is counted
            told[place] = error

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


async def copies_at_once(scene: Scene) -> int:
    """The same mail in other bytes, received by two workers."""
    await scene.meet([(mail, copy_of(mail, X_Copy="2")) for mail in scene.mails()])
    return scene.too_many()


async def copy_while_away(scene: Scene) -> int:
    """The same with an added header, while no worker runs: one batch."""
    mails = scene.mails()
    await scene.town.post(*mails, *(copy_of(mail, X_Copy="2") for mail in mails))
    return scene.too_many()


async def same_patient(scene: Scene) -> int:
    """Two mails about one patient, received by two workers."""
    other = [make_mail(each, sender=f"poh{at}@{PRACTICE}") for at, each in enumerate(scene.patients)]
    await scene.meet([*zip(scene.mails(), other, strict=True)])
    return scene.too_many()


async def two_reports(scene: Scene) -> int:
    """Contact is reported by two ways at once."""
    town = scene.town
    await town.post(*scene.mails())
    failed = 0
    for id_ in scene.cases():
        acts = [
            lambda id_=id_, way=way: town.gateway.worker.settle.report(
                id_, Report(Event.CONTACTED), town.now, "beheerder", way
            )
            for way in ("cli", "web")
        ]
        failed += sorted(map(repr, at_once(*acts))) != ["False", "True"]
    await town.work()
    told = Counter(mail["In-Reply-To"] for mail in town.mails if kinds([mail]) == ["in_beeld"])
    return failed + scene.too_many() + sum(number != 1 for number in told.values())


async def clock_and_report(scene: Scene) -> int:
    """Each case's deadline passes at the moment at which contact is reported."""
    town = scene.town
    await town.post(*scene.mails())
    (step,) = [step for step in town.schedule.steps if step.name == "deadlines"]
    later, ids = town.now + timedelta(days=4), scene.cases()

    def report() -> None:
        for id_ in ids:
            town.gateway.worker.settle.report(id_, Report(Event.CONTACTED), later, "beheerder", "cli")

    # It has a loop of its own, as in another process.
    told = await asyncio.to_thread(at_once, report, lambda: asyncio.run(step.run(later)))
    failed = [one for one in told if isinstance(one, Exception)]
    return len(failed) + len(town.journal.events("step.failed")) + scene.too_many()


async def verify_beside_writes(scene: Scene) -> int:
    """The trail is verified again and again while cases move."""
    town, faults = scene.town, 0
    await town.post(*scene.mails())
    ids = scene.cases()
    done = threading.Event()

    def report() -> None:
        try:
            for id_ in ids:
                town.gateway.worker.settle.report(id_, Report(Event.CONTACTED), town.now, "beheerder", "cli")
        finally:
            done.set()

    def verify() -> int:
        found = 0
        for turn in range(LOOKS):
            if turn and done.is_set():
                break
            with town.gateway.store.snapshot() as session:
                found += len(audit.verify(session).faults)
        return found

    wrote, faults = await asyncio.to_thread(at_once, report, verify)
    return faults + (wrote is not None)


async def taken_by_two(scene: Scene) -> int:
    """Two people take the same case."""
    store = scene.town.gateway.store
    await scene.town.post(*scene.mails())
    with store.write() as session:
        for name in ("ada", "bo"):
            row = UserRow(id=name, login=name, name=name, role="beheerder", created_at=scene.town.now)
            session.add(row)

    def take(id_: str, who: str) -> None:
        with store.write() as session:
            takings.change(session, id_, takings.BEHEERDERS, by=who, to=who, seen="", now=scene.town.now)

    wrong = 0
    for id_ in scene.cases():
        told = at_once(*(lambda id_=id_, who=who: take(id_, who) for who in ("ada", "bo")))
        wrong += sorted(type(one).__name__ for one in told) != sorted(["NoneType", LostRace.__name__])
    return wrong


async def sent_without_database(scene: Scene) -> int:
    """The database goes away when the relay has taken mails and before that is recorded."""
    commit, left = moves.commit, [3]

    def away(store: Any, made: Any) -> Any:
        if any(move.settled for move in made) and left[0]:
            left[0] -= 1
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return commit(store, made)

    scene.patch.setattr(receipts.moves, "commit", away)
    await scene.town.post(*scene.mails())
    copies = len(scene.town.mails) - len({mail["Message-ID"] for mail in scene.town.mails})
    return copies + scene.too_many() + left[0]


async def restored(scene: Scene) -> int:
    """A backup holds mails that wait; they are received after it was made, and again from it."""
    town, place = scene.town, scene.town.place
    await town.send(*scene.mails())
    town.gateway.store.truncate_log()
    await town.close()
    data = place.directory / "data" / "inbeeld.db"
    copy = data.with_suffix(".backup")
    if scene.server is None:
        shutil.copy(data, copy)
    else:
        copied = await _copied(scene, scene.server)
    await town.open()
    await town.work()
    cases, deliveries = names(town)
    await town.close()
    if scene.server is None:
        for path in data.parent.glob("inbeeld.db*"):
            if path != copy:
                path.unlink()
        shutil.copy(copy, data)
    else:
        place.replace("inbeeld.toml", scene.url, copied)
    await town.open()
    await town.work()
    found, sent = names(town)
    return len(found - cases) + len(sent - deliveries) + scene.too_many()


async def _copied(scene: Scene, server: Postgres) -> str:
    """The URL of a copy of the database, once the server has noticed the end of our sessions."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return scene.stack.enter_context(server.database(like=scene.url))
            except ObjectInUse:
                await asyncio.sleep(0.1)


async def two_answers(scene: Scene) -> int:
    """Two colleagues answer the same question, in one batch."""
    town, patients = scene.town, scene.patients
    mails = [
        make_mail(sender=f"arts{at}@{PRACTICE}", text=f"Graag contact met {one.name}, {one.wijk}.\n")
        for at, one in enumerate(patients)
    ]
    await town.post(*mails)
    answers = [
        make_answer(town.answers(mail)[0]["Message-ID"], f"{patient.phone}\n", sender=sender)
        for at, (mail, patient) in enumerate(zip(mails, patients, strict=True))
        for sender in (f"arts{at}@{PRACTICE}", f"poh{at}@{PRACTICE}")
    ]
    await town.post(*answers)
    return scene.too_many()


async def referred_again(scene: Scene) -> int:
    """Nobody was reached; another practice refers the patient, and then the first one answers."""
    town, mails = scene.town, scene.mails()
    await town.post(*mails)
    for id_ in scene.cases():
        said = Report.of(ReportWord.WRONG_NUMBER)
        town.gateway.worker.settle.report(id_, said, town.now, "organisation:de-schoor", "test")
    await town.work()
    handed = len(town.handovers)
    others = [make_mail(each, sender=f"arts{at}@{OTHER_PRACTICE}") for at, each in enumerate(scene.patients)]
    answers = [
        make_answer(town.answers(mail)[-1]["Message-ID"], "HET NUMMER KLOPT\n", sender=f"arts{at}@{PRACTICE}")
        for at, mail in enumerate(mails)
    ]
    await town.post(*others)
    await town.post(*answers)
    found = town.audit()
    again = len(town.handovers) - handed
    return abs(again - scene.pairs) + found.cases - scene.pairs + found.doubles + len(found.faults)


async def killed_in_send(scene: Scene) -> int:
    """The worker is killed when the relay has taken a mail and before that is recorded, and before it has."""
    # It would live beside those that are killed.
    await scene.town.close()
    assert scene.launcher is not None
    crash = Crash(scene.launcher, scene.town.place, scene.town.peer)
    crash.mails.clear()
    for turn in range(max(scene.pairs // 10, 1)):
        await crash.keep(more=1)
        await crash.dies("Receive._make: after commit")
        await crash.dies(("send handover: taken, not recorded", "send handover: before")[turn % 2])
    await crash.finish()
    try:
        crash.check()
    except AssertionError:
        return 1
    finally:
        await scene.town.open()
    return 0
