"""More races of docs/faults.md: two moves of one case that cross. Each function makes its race happen for
each pair, and gives how often something was there twice, was lost, contradicts itself, or failed.

As in `meetings`, the second move is made when the first was decided and is not written yet.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from adapters.base import Parcel, Receipt
from adapters.mail import MailAdapter
from gateway.domain.case import ReportWord
from gateway.domain.codes import DeclineReason
from gateway.domain.states import Event
from gateway.errors import InbeeldError
from gateway.pipeline.receive import Receive
from gateway.pipeline.reroute import Reroute
from gateway.pipeline.settle import Report
from gateway.store import moves
from gateway.store.engine import Store
from gateway.store.moves import Move
from tests.faults.meetings import Scene, at_once
from tests.invented import OTHER_PRACTICE, PRACTICE, make_answer, make_mail
from tests.story.place import Town, kinds

SCHOOR = "organisation:de-schoor"


def withdrawals(mails: Sequence[EmailMessage]) -> list[EmailMessage]:
    """Each doctor takes their referral back, in answer to their own mail."""
    return [
        make_answer(mail["Message-ID"], "INTREKKEN\n", sender=f"arts{at}@{PRACTICE}")
        for at, mail in enumerate(mails)
    ]


def step_of(town: Town, name: str) -> Any:
    """A step of the worker."""
    return next(step for step in town.schedule.steps if step.name == name)


def between(patch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen once, when the next moves are decided and before they are written."""
    commit, left = moves.commit, [act]

    def crossed(store: Store, made: Sequence[Move]) -> list[Move]:
        if made and left:
            left.pop()()
        return commit(store, made)

    patch.setattr(moves, "commit", crossed)


def reports(scene: Scene, said: Report) -> Callable[[], None]:
    """Report the same of every case."""
    town, ids = scene.town, scene.cases()

    def act() -> None:
        for id_ in ids:
            town.gateway.worker.settle.report(id_, said, town.now, SCHOOR, "test")

    return act


def beside(scene: Scene) -> int:
    """What is wrong in every race: a step that failed, a trail that is not whole, mails about nothing."""
    found = scene.town.audit()
    return len(scene.town.journal.events("step.failed")) + len(found.faults) + found.doubles


async def withdrawal_and_contact(scene: Scene) -> int:
    """Both begin at the same moment, whichever comes first: what one hears is what holds."""
    town, mails = scene.town, scene.mails()
    await town.post(*mails)
    act = reports(scene, Report(Event.CONTACTED))
    await town.send(*withdrawals(mails))
    failed, _ = await asyncio.gather(asyncio.to_thread(_told, act), step_of(town, "receive").run(town.now))
    await town.work()
    states = {case["kenmerk"]: case["state"] for case in town.cases()}
    wrong = int(failed)
    for mail in mails:
        told = town.answers(mail)
        state = states[told[0].kenmerk]
        wrong += kinds(told).count("in_beeld") != (state == "contacted")
        # The receipt, "in beeld" or not, and what became of the withdrawal.
        wrong += len(told) != {"contacted": 3, "withdrawn": 2}.get(state)
    return wrong + beside(scene)


def _told(act: Callable[[], None]) -> bool:
    """Whether it failed."""
    try:
        act()
    except InbeeldError:
        return True
    return False


async def withdrawn_in_send(scene: Scene) -> int:
    """It is withdrawn while the relay takes the handover: whoever got it hears that they need not call."""
    town, mails = scene.town, scene.mails()
    await town.send(*mails)
    receive: Receive = step_of(town, "receive")
    await receive.run(town.now)
    await town.send(*withdrawals(mails))
    send, left = MailAdapter.send, [True]

    async def crossed(adapter: MailAdapter, parcel: Parcel) -> Receipt:
        receipt = await send(adapter, parcel)
        if left:
            left.pop()
            await receive.run(town.now)
        return receipt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MailAdapter, "send", crossed)
        await step_of(town, "dispatch").run(town.now)
    await town.work(hours=1)
    handed = {mail.kenmerk for mail in town.handovers}
    told = {mail.kenmerk for mail in town.notices(town.handovers[0]["To"]) if "ingetrokken" in mail.text}
    states = Counter(case["state"] for case in town.cases())
    return len(handed - told) + abs(states["withdrawn"] - scene.pairs) + beside(scene)


async def declined_and_referred(scene: Scene) -> int:
    """The organisation declines when a second referral was decided to join its case: there is no other."""
    town = scene.town
    await town.post(*scene.mails())
    act = reports(scene, Report.of(ReportWord.DECLINED, reason=DeclineReason.CAPACITY))
    others = [make_mail(each, sender=f"arts{at}@{OTHER_PRACTICE}") for at, each in enumerate(scene.patients)]
    await town.send(*others)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reroute, "backup_for", lambda *_: None)
        between(patch, act)
        await town.work()
    heard = sum("nog niemand anders" not in town.answers(other)[-1].text for other in others)
    return heard + scene.too_many() + beside(scene)


async def two_ticks(scene: Scene) -> int:
    """Two schedules do all their steps at once when a promise was broken: nothing is told twice."""
    town = scene.town
    await town.post(*scene.mails())
    town.now += timedelta(days=4)
    others = [town._gateway() for _ in range(2)]

    async def tick(gateway: Any) -> None:
        try:
            await gateway.worker.schedule().drain()
        finally:
            gateway.worker.__dict__.pop("readers", None)
            await gateway.close()

    acts = [lambda one=one: asyncio.run(tick(one)) for one in others]
    failed = [one for one in await asyncio.to_thread(at_once, *acts) if one is not None]
    await town.work()
    said = Counter((mail["To"], mail["Subject"], mail["In-Reply-To"], mail.text) for mail in town.mails)
    twice = sum(number - 1 for number in said.values())
    return len(failed) + twice + scene.too_many() + beside(scene)
