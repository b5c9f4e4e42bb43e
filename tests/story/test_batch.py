"""Mails that are received together: what spoils one of them spoils no other."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from gateway.pipeline.batch import ATTEMPTS, WAITS
from gateway.pipeline.receive import Receive
from gateway.sandbox.pool import Readers, Unreadable
from gateway.store import inbox, moves
from gateway.store.tables import InboxRow
from tests.invented import make_answer, make_mail, make_patients
from tests.story.place import Town, kinds

BAD = "zeldzaam-slechte-mail"


class Spoiled:
    """Reading processes that stumble over one mail."""

    def __init__(self, readers: Readers, failure: Exception) -> None:
        self._readers, self._failure = readers, failure
        self.batches: list[int] = []

    def run(self, jobs: Sequence[Any]) -> list[Any]:
        """As `Readers.run`; Unreadable is an answer about one mail, all else is raised for the batch."""
        self.batches.append(len(jobs))
        bad = [BAD.encode() in job.raw for job in jobs]
        if any(bad) and not isinstance(self._failure, Unreadable):
            raise self._failure
        answers = self._readers.run(jobs)
        return [self._failure if spoilt else answer for spoilt, answer in zip(bad, answers, strict=True)]


def receiving(town: Town) -> Receive:
    (step,) = [step for step in town.schedule.steps if step.name == "receive"]
    assert isinstance(step, Receive)
    return step


def spoil(town: Town, failure: Exception) -> Spoiled:
    """Let both receiving steps stumble."""
    spoiled = Spoiled(town.readers, failure)
    for step in town.schedule.steps:
        if isinstance(step, Receive):
            step._understanding._readers = spoiled  # type: ignore[assignment]
    return spoiled


def waiting(town: Town) -> list[InboxRow]:
    """The mails that wait."""
    with town.gateway.store.read() as session:
        return list(session.exec(select(InboxRow).where(InboxRow.outcome == None)))  # noqa: E711


async def test_a_mail_that_spoils_its_batch_is_tried_alone_and_set_aside(town: Town) -> None:
    first, second = make_patients(2)
    await town.send(make_mail(first), make_mail(remark=BAD), make_mail(second))
    spoiled = spoil(town, RuntimeError("a bug"))
    await town.work()
    assert len(town.handovers) == 2
    assert spoiled.batches[:1] == [3]
    for attempt in range(1, ATTEMPTS):
        (row,) = waiting(town)
        assert (row.attempt, row.postponed, row.lease) == (attempt, 0, None)
        spoiled.batches.clear()
        await town.work(seconds=WAITS[attempt - 1].total_seconds())
        assert spoiled.batches == [1]
    assert town.mailboxes() == {"case": 2, "quarantine": 1}
    assert "quarantined" in town.journal.alarms()


async def test_a_reading_process_that_stood_still_says_nothing_of_the_mail(town: Town) -> None:
    """It waits, as with names that can't be looked up; only after the last time a person must look."""
    await town.send(make_mail(), make_mail(make_patients(1)[0], remark=BAD))
    spoil(town, Unreadable("stalled"))
    await town.work()
    assert len(town.handovers) == 1
    for postponed, wait in enumerate(WAITS, 1):
        (row,) = waiting(town)
        assert (row.attempt, row.postponed) == (0, postponed)
        await town.work(seconds=wait.total_seconds())
    assert town.mailboxes() == {"case": 1, "quarantine": 1}


async def test_two_answers_to_one_question_complete_the_case_once(town: Town) -> None:
    patient = make_patients(1)[0]
    mail = make_mail(patient, text=f"Graag contact met {patient.name}, woont in de {patient.wijk}.\n")
    await town.post(mail)
    (question,) = town.answers(mail)
    assert kinds([question]) == ["question"]
    answers = [make_answer(question["Message-ID"], f"{patient.phone}{dot}\n") for dot in ("", ".")]
    await town.send(*answers)
    await town.work()
    assert len(town.handovers) == 1
    assert town.mailboxes() == {"question": 1, "addition": 2}


async def test_what_was_claimed_while_the_database_went_away_comes_back_at_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = moves.commit

    def away(*_: Any) -> Any:
        raise OperationalError("INSERT", None, sqlite3.OperationalError("disk I/O error"))

    await town.send(make_mail())
    monkeypatch.setattr(moves, "commit", away)
    with pytest.raises(OperationalError):
        await receiving(town).run(town.now)
    assert [row.attempt for row in waiting(town)] == [1]
    monkeypatch.setattr(moves, "commit", commit)
    assert await receiving(town).run(town.now) == 1
    assert town.mailboxes() == {"case": 1}


async def test_a_worker_that_stops_hands_back_its_mails_as_they_were(town: Town) -> None:
    await town.send(make_mail())
    step = receiving(town)
    inbox.claim(town.gateway.store, town.now, step._lease, 10)
    await step.hand_back(town.now)
    (row,) = waiting(town)
    assert (row.attempt, row.lease, row.next_at) == (0, None, None)
    assert town.now - row.received_at < timedelta(days=1)
