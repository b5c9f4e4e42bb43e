"""`keys rotate intake`: while the gateway serves, killed anywhere, and never with something lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from gateway import files
from gateway.app import Gateway, rotation
from gateway.sealing import box
from gateway.sealing.box import PresentKey
from gateway.store import boxes, inbox
from gateway.store.engine import Store
from gateway.store.inbox import Kept
from gateway.store.migrate import migrate
from gateway.store.tables import InboxRow
from tests.invented import make_mail, make_patients
from tests.moments import MONDAY
from tests.patience import PATIENCE_S
from tests.postgres import ON_BOTH
from tests.story.place import Place, Town, kinds

ROTATE = ("keys", "rotate", "intake")


def sealed_for(store: Store) -> set[str]:
    with store.read() as session:
        return set(boxes.counts(session))


def intake_files(place: Place) -> list[str]:
    return sorted(path.name for path in (place.directory / "keys" / "intake").glob("intake*"))


def finish(town: Town) -> dict[str, Any]:
    """The whole change; where several machines may share the database, it takes a second word."""
    done = town.json(*ROTATE)
    if not town.gateway.store.sqlite:
        assert (done["finished"], len(intake_files(town.place))) == (False, 3)
        done = town.json(*ROTATE, "--finish")
    assert done["finished"]
    return dict(done)


@ON_BOTH
async def test_a_gateway_that_serves_notices_nothing(town: Town) -> None:
    first, second, third = make_patients(3)
    mail = make_mail(first)
    await town.post(mail)
    await town.send(make_mail(second))
    await town.post(make_mail(third, sender="iemand@elders.example"))
    await town.send(waiting := make_mail(second, message_id="<wacht@huisartsenpraktijk-filmwijk.example>"))
    (old,) = sealed_for(town.gateway.store)

    done = finish(town)
    assert done["present"] != old
    assert sealed_for(town.gateway.store) == {done["present"]}
    assert intake_files(town.place) == ["intake.key", "intake.pub"]

    # The same process goes on: what waited is received, what comes is sealed for the new key.
    (answer,) = await town.send(make_mail(third, message_id="<later@huisartsenpraktijk-filmwijk.example>"))
    assert "kept" in answer
    assert sealed_for(town.gateway.store) == {done["present"]}
    await town.work()
    assert kinds(town.answers(waiting))
    kenmerk = town.answers(mail)[0].kenmerk
    town.inbeeld("cases", "report", kenmerk, "contacted")
    await town.restart()
    await town.work()
    assert "in_beeld" in kinds(town.answers(mail)), "the thread was sealed anew as well"
    assert town.audit().faults == ()


def some_mails(store: Store, key: box.PublicKey, names: range) -> None:
    mails = [
        Kept(f"m{number}", MONDAY, f"d{number}", box.seal(b"mail %d" % number, key, f"inbox:m{number}"), 9)
        for number in names
    ]
    inbox.insert(store, mails)


def opens_everything(place: Place, names: range) -> None:
    """Whoever starts now opens what is kept, and what it seals."""
    gateway = Gateway.at(place.directory)
    chain = gateway.keys.keychain()
    with gateway.store.read() as session:
        for number in names:
            row = session.get_one(InboxRow, f"m{number}")
            assert chain.open(row.sealed or b"", f"inbox:m{number}") == b"mail %d" % number
    assert chain.open(box.seal(b"new", PresentKey(gateway.keys.intake_public)(), "x"), "x") == b"new"
    gateway.store.close()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("after", range(1, 6))
def test_killed_after_any_change_to_the_files_it_goes_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    old = gateway.keys.public()
    running = gateway.keys.keychain()
    some_mails(gateway.store, old, range(10))
    original, count = files.sync_folder, 0

    def synced(folder: Path) -> None:
        nonlocal count
        original(folder)
        count += 1
        if count == after:
            raise Killed

    monkeypatch.setattr(files, "sync_folder", synced)
    monkeypatch.setattr(rotation, "sync_folder", synced)
    with pytest.raises(Killed):
        run(place)
    monkeypatch.undo()
    opens_everything(place, range(10))
    sealed = box.seal(b"now", Gateway.at(place.directory).keys.public(), "x")
    assert running.open(sealed, "x") == b"now", "a worker that runs already knows the key"
    following = place.directory / "keys" / "intake" / "intake-next.key"
    made = following if following.exists() else following.with_name("intake.key")
    coming = box.PrivateKey.load(made).key_id

    run(place)
    opens_everything(place, range(10))
    assert intake_files(place) == ["intake.key", "intake.pub"]
    (present,) = sealed_for(gateway.store)
    assert present != old.key_id
    if after < 5:
        assert present == coming, "it goes on with the key that was made"
    gateway.store.close()


def run(place: Place) -> None:
    """As the command does, in this process, so that it can be stopped at a certain point."""
    gateway = Gateway.at(place.directory)
    try:
        with rotation.Rotation(gateway.keys, gateway.store) as change:
            if not change.running:
                change.prepare()
            change.switch(MONDAY)
            change.reseal(lambda *_: None)
            assert not any(change.finish(MONDAY).values())
    finally:
        gateway.store.close()


def test_killed_in_the_middle_of_sealing_anew(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    old = gateway.keys.public()
    some_mails(gateway.store, old, range(400))
    command = [sys.executable, "-m", "gateway", "--dir", str(place.directory), *ROTATE]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=os.environ)
    assert process.stderr is not None
    assert b"sealed anew" in process.stderr.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
    process.stderr.close()
    with gateway.store.read() as session:
        assert set(boxes.counts(session)) == {old.key_id, Gateway.at(place.directory).keys.public().key_id}
    opens_everything(place, range(400))

    subprocess.run(command, check=True, capture_output=True)
    assert sealed_for(gateway.store) == {Gateway.at(place.directory).keys.public().key_id}
    opens_everything(place, range(400))
    assert intake_files(place) == ["intake.key", "intake.pub"]
    gateway.store.close()


@ON_BOTH
async def test_a_process_without_the_new_key_asks_for_the_mail_again(town: Town) -> None:
    """Another machine, whose copy of intake.pub is old: it answers 451, and the mail is not lost."""
    stale = town.gateway.keys.public()
    finish(town)
    present = town.intake.keys.seal_to
    assert isinstance(present, PresentKey)
    present._known = ((0, 0, 0), stale)
    present._version = lambda: (0, 0, 0)  # type: ignore[method-assign]
    with pytest.raises(Exception, match="451"):
        await town.send(make_mail())


def test_what_no_key_opens_is_told_and_keeps_its_key(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    old = gateway.keys.public()
    some_mails(gateway.store, old, range(3))
    with gateway.store.write() as session:
        row = session.get_one(InboxRow, "m1")
        sealed = row.sealed or b""
        row.sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        session.add(row)
    town = Town(place, peer=None, readers=None)  # type: ignore[arg-type]
    done = town.inbeeld(*ROTATE, code=1)
    assert "stuck: mails m1" in done
    assert f"intake-{old.key_id}.key" in intake_files(place)
    with gateway.store.read() as session:
        assert boxes.counts(session)[old.key_id] == 1
    gateway.store.close()


def test_prepared_on_one_machine_and_finished_on_all(place: Place) -> None:
    town = Town(place, peer=None, readers=None)  # type: ignore[arg-type]
    before = Gateway.at(place.directory).keys.public().key_id
    coming = town.json(*ROTATE, "--prepare")["next"]
    assert town.json(*ROTATE, "--prepare")["next"] == coming, "asking again makes no other"
    assert Gateway.at(place.directory).keys.public().key_id == before
    assert town.json(*ROTATE)["present"] == coming


def test_there_is_nothing_to_finish_and_nothing_to_do_twice(place: Place) -> None:
    town = Town(place, peer=None, readers=None)  # type: ignore[arg-type]
    assert "No change is running" in town.inbeeld(*ROTATE, "--finish", code=1)
    with rotation.Rotation(Gateway.at(place.directory).keys, Gateway.at(place.directory).store):
        assert "another process" in town.inbeeld(*ROTATE, code=1)


def test_a_worker_that_moved_on_is_left_alone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    some_mails(gateway.store, gateway.keys.public(), range(2))
    original: Callable[..., bytes] = box.reseal

    def received_meanwhile(blob: bytes, *arguments: object) -> bytes:
        with gateway.store.write() as session:
            for row in session.exec(select(InboxRow)):
                inbox.destroy(session, row)
        return original(blob, *arguments)

    monkeypatch.setattr(box, "reseal", received_meanwhile)
    run(place)
    assert sealed_for(gateway.store) == set()
    gateway.store.close()
