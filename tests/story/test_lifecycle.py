"""A gateway goes on elsewhere: from a backup that was made while mail came in, and in another database."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.pipeline.receive import LANES
from gateway.pipeline.schedule import GOES_ON
from tests.invented import make_mail, make_patients
from tests.peers.mail import MailPeer
from tests.postgres import ON_BOTH, Postgres
from tests.story.place import Place, Town, kinds

PATIENTS = make_patients(8)
ARCHIVE = "archief@handover.example"


@pytest.fixture
def elsewhere(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of another database of the same kind; nothing for SQLite."""
    made: Any = nullcontext("")
    if engine == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        made = server.database()
    with made as url:
        yield url


async def moved(town: Town, directory: Path) -> Town:
    """The same town with the gateway of another working directory."""
    await town.close()
    place = Place(directory)
    made = Town(place, town.peer, town.readers, now=town.now)
    await made.open()
    return made


async def told(town: Town, *words: str, code: int = 0) -> str:
    """A command at this moment, which may want an event loop of its own."""
    return await asyncio.to_thread(town.inbeeld, *words, code=code)


@ON_BOTH
async def test_a_backup_under_load_is_restored_elsewhere_and_nothing_is_sent_twice(
    town: Town, elsewhere: str, tmp_path: Path
) -> None:
    first, waits_to_leave, waits_to_be_read, *more, last = (make_mail(patient=one) for one in PATIENTS)
    await town.post(first)
    (case,) = town.cases()
    await town.send(waits_to_leave)
    await town.schedule.drain(only=LANES)
    await town.send(waits_to_be_read)
    backup, now = tmp_path / "backup", town.now.isoformat()
    # Mail comes in, is read and leaves while the backup is made.
    words: tuple[str, ...] = ("backup", str(backup), "--now", now)
    made, *_ = await asyncio.gather(told(town, *words), *(town.send(mail) for mail in more))
    assert f"made {backup}" in made
    assert f"inbeeld: {backup}: directory" not in made
    await town.work()
    town.inbeeld("cases", "report", case["kenmerk"], "contacted")
    await town.work()
    assert kinds(town.answers(first)) == ["receipt", "in_beeld"]
    assert len(town.handovers) == len(PATIENTS) - 1
    before = len(town.mails)

    # The machine is gone, and days go by.
    new = tmp_path / "new" / "gateway"
    words = ("restore", str(backup), "--into", str(new), "--now", now)
    said = await told(town, *words, *(["--database", elsewhere] if elsewhere else []))
    assert "the audit trail is whole" in said
    town = await moved(town, new)
    try:
        town.now += timedelta(days=4)
        done = await town.work()
        assert {step for step, number in done.items() if number} <= GOES_ON
        (answer,) = await town.send(last)
        assert answer.startswith("2.0.0 kept "), "paused, it takes mail in"
        await town.work()
        assert len(town.mails) == before, "nothing leaves, and nobody hears that they are late"
        paused = await told(town, "resume", "--now", town.now.isoformat(), code=1)
        assert paused == "Nothing was changed: the gateway stays paused (a script says --yes)"

        said = await told(town, "resume", "--yes", "--now", town.now.isoformat())
        assert "waited to leave then: 1 handover, 1 reply" in said
        await town.work()
        assert len(town.mails) == before + 2, "what came since is handed over and answered"
        assert kinds(town.answers(last)) == ["receipt"]
        assert town.audit().faults == ()
        held = town.json("queue", "list")
        assert {row["reason"] for row in held} == {"restored"}
        # Somebody asked: this one had come, and that one had not.
        one, handover = next(
            (row["id"], mail)
            for row in held
            for mail in town.handovers
            if mail["Message-ID"].startswith(f"<{row['id']}")
        )
        town.inbeeld("queue", "retry", one)
        town.inbeeld("queue", "sent", "--all")
        await town.work()
        assert town.handovers[-1]["Message-ID"] == handover["Message-ID"], "a second copy is known for one"
        assert town.handovers[-1].kenmerk == handover.kenmerk
        assert len(town.mails) == before + 3
        assert town.json("queue", "list") == []
        assert {one["state"] for one in town.cases()} == {"delivered"}
        assert town.audit().faults == ()
    finally:
        await town.close()


async def test_everything_moves_from_sqlite_to_postgresql(
    place: Place, peer: MailPeer, readers: Any, empty_url: str
) -> None:
    place.replace("inbeeld.toml", "\nto = []", f'\nto = ["{ARCHIVE}"]')
    town = Town(place, peer, readers)
    await town.open()
    mail = make_mail()
    await town.post(mail)
    await town.work(hours=25)
    await town.send(make_mail(patient=PATIENTS[1]))
    (case,) = town.cases()
    await town.close()
    said = town.inbeeld("move", empty_url)
    assert "the copy holds as much in every table" in said
    assert "This database was moved on" in town.inbeeld("cases", "list", code=1)

    place.replace("inbeeld.toml", 'database_url = ""', f'database_url = "{empty_url}"')
    await town.open()
    try:
        await town.work()
        assert len(town.cases()) == 2, "what waited to be read is read"
        town.inbeeld("cases", "report", case["kenmerk"], "contacted")
        await town.work()
        assert kinds(town.answers(mail)) == ["receipt", "in_beeld"]
        assert town.audit().faults == ()
        # What was mailed to the archive before the move is a witness after it.
        (head,) = (one for one in town.mails if one["To"] == ARCHIVE and "inbeeld-head-1" in one.text)
        kept = place.directory / "kept.eml"
        kept.write_bytes(head.received.content)
        assert "it holds all that it held on" in town.inbeeld("audit", "verify", "--head", str(kept))
    finally:
        await town.close()
