"""The copy for the beheerders: made once for the key that is bound, by whatever road, or explained."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from gateway.errors import KeyUnusable
from gateway.pipeline.retire import Retire
from gateway.quarantine.copies import SetAside
from gateway.quarantine.decide import Why
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import DISPLAY, MailJob
from gateway.sealing import box, jwe
from gateway.sealing.jwe import JweSealer
from gateway.sealing.keyfacts import Sealer
from gateway.store import alarms, setaside
from gateway.store.pagetables import SetAsideRow
from gateway.store.tables import InboxRow
from tests.invented import make_mail
from tests.moments import MONDAY
from tests.sealed import opened, signer
from tests.story.place import Place
from tests.unit.pipeline.stage import Stage


class Desk:
    """A stage with a mail set aside, and the step with a key that a test changes."""

    def __init__(self, stage: Stage, readers: Any, folder: Path) -> None:
        self.stage, self.readers, self._folder = stage, readers, folder
        self.sealer: Sealer | None = None
        self.private = b""

    def bind(self, **dates: Any) -> None:
        """Bind a new key."""
        public, self.private, thumbprint = jwe.generate(**dates)
        path = self._folder / f"{thumbprint}.jwk"
        path.write_bytes(public)
        self.sealer = JweSealer(path, thumbprint, signer(self.stage.place.directory))

    def step(self, **parts: Any) -> SetAside:
        """The step as wiring makes it, some of its parts another."""
        gateway = self.stage.gateway
        whole = {
            "store": self.stage.store,
            "keychain": gateway.keys.keychain(),
            "openers": [],
            "readers": self.readers,
            "senders": gateway.base.senders,
            "key": lambda: self.sealer,
            "log": gateway.base.log,
        }
        return SetAside(**whole | parts)

    def run(self, **parts: Any) -> int:
        """A sweep and a run, as they come by the hour."""
        step = self.step(**parts)
        step.sweep(self.stage.now)
        return step.run(self.stage.now)

    def copy(self, case_id: str) -> SetAsideRow | None:
        with self.stage.store.read() as session:
            return setaside.of_case(session, case_id)

    def opened(self, case_id: str) -> dict[str, Any]:
        """What a beheerder reads."""
        row = self.copy(case_id)
        assert row is not None
        assert row.sealed is not None
        return dict(json.loads(opened(self.stage.place.directory, row.sealed, self.private)))

    def problem(self, case_id: str) -> str | None:
        row = self.copy(case_id)
        assert row is not None
        assert row.sealed is None
        return row.problem

    def alarms(self) -> list[dict[str, Any]]:
        with self.stage.store.read() as session:
            return [json.loads(row.data) for row in alarms.alarming(session, 0, 100) if row.kind == "alarm"]


@pytest.fixture
async def desk(place: Place, readers: Readers, tmp_path: Path) -> AsyncIterator[Desk]:
    stage = Stage(place)
    stage.open()
    yield Desk(stage, readers, tmp_path)
    await stage.close()


def test_what_a_beheerder_reads(desk: Desk) -> None:
    desk.bind()
    mail = make_mail(sender="balie@huisartsenpraktijk-filmwijc.example", subject="aanmelding")
    mail.add_attachment(b"x" * 2_000, maintype="application", subtype="pdf", filename="brief.pdf")
    case = desk.stage.quarantined(mail.as_bytes())
    assert desk.run() == 1
    read = desk.opened(case.id)
    assert read["kenmerk"] == case.kenmerk
    assert read["envelope"] == "x@elders.example"
    assert read["senders"] == ["Marieke de Boer", "balie@huisartsenpraktijk-filmwijc.example"]
    assert read["address"] == "balie@huisartsenpraktijk-filmwijc.example"
    assert (read["practice"], read["resembles"]) == ("", ["filmwijk"])
    assert read["files"][0]["name"] == "brief.pdf"
    assert "Roswitha" in read["text"]
    assert (read["v"], read["unread"], read["cut"]) == (1, "", False)


def test_it_is_made_once_and_anew_for_another_key(desk: Desk) -> None:
    desk.bind()
    case = desk.stage.quarantined()
    assert [desk.run(), desk.run()] == [1, 0]
    desk.bind()
    assert [desk.run(), desk.run()] == [1, 0]
    assert desk.opened(case.id)["text"] == "hallo"


def test_more_than_a_batch_is_made_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.quarantine.copies.BATCH", 2)
    desk.bind()
    made = [desk.stage.quarantined() for _ in range(5)]
    assert desk.run() == 5
    assert all(desk.opened(case.id)["kenmerk"] == case.kenmerk for case in made)


def test_without_a_key_nothing_is_sealed_and_the_mail_stays(desk: Desk) -> None:
    case = desk.stage.quarantined()
    assert desk.run() == 0
    assert desk.problem(case.id) == "no_key"
    assert desk.alarms() == [], "'inbeeld check' tells that none is bound"
    desk.bind()
    assert desk.run() == 1
    assert desk.opened(case.id)["text"] == "hallo"


def test_a_key_that_went_wrong_is_told_once_a_day(desk: Desk) -> None:
    desk.bind(expires=MONDAY + timedelta(days=1))
    first = desk.stage.quarantined()
    assert desk.run() == 1
    desk.stage.now += timedelta(days=1)
    second = desk.stage.quarantined()
    assert [desk.run(), desk.run()] == [0, 0]
    assert desk.problem(second.id) == "expired"
    assert desk.opened(first.id)["text"] == "hallo", "what was sealed before can still be read"
    third = desk.stage.quarantined()
    desk.run()
    assert desk.problem(third.id) == "expired"
    assert [alarm["reason"] for alarm in desk.alarms()] == ["expired"]
    desk.stage.now += timedelta(days=1)
    desk.stage.quarantined()
    desk.run()
    assert len(desk.alarms()) == 2
    assert desk.stage.journal.alarms().count("board_key") == 3


def test_a_mail_that_no_key_of_ours_opens_is_explained_and_tried_again(desk: Desk) -> None:
    desk.bind()
    case = desk.stage.quarantined()
    assert desk.run(keychain=box.Keychain(())) == 0
    assert desk.problem(case.id) == "cannot_open"
    assert desk.step().run(desk.stage.now) == 0, "not every second"
    assert desk.run() == 1, "but every hour"


@pytest.mark.parametrize("code", ["crash", "memory", "timeout"])
def test_a_mail_that_breaks_the_reader_is_shown_by_its_headers(desk: Desk, code: str) -> None:
    class Broken:
        def one(self, job: MailJob[Any]) -> Any:
            if job.task is DISPLAY:
                raise Unreadable(code)
            return desk.readers.one(job)

    desk.bind()
    case = desk.stage.quarantined(make_mail(subject="kapot").as_bytes())
    assert desk.run(readers=Broken()) == 1
    read = desk.opened(case.id)
    assert (read["subject"], read["text"], read["unread"]) == ("kapot", "", code)


def test_an_encrypted_mail_is_shown_by_its_headers(desk: Desk) -> None:
    desk.bind()
    raw = (
        b"From: a@b.example\r\nSubject: geheim\r\nContent-Type: application/pkcs7-mime; "
        b"smime-type=enveloped-data\r\n\r\nMIIB"
    )
    case = desk.stage.quarantined(raw)
    assert desk.run() == 1
    assert desk.opened(case.id)["unread"] == "encrypted"


def test_when_the_readers_are_closed_it_stops_and_goes_on_later(desk: Desk) -> None:
    class Closed:
        def one(self, job: MailJob[Any]) -> Any:
            raise Unreadable("closed")

    desk.bind()
    case = desk.stage.quarantined()
    assert desk.run(readers=Closed()) == 0
    row = desk.copy(case.id)
    assert row is not None
    assert (row.sealed, row.problem) == (None, None)
    assert desk.run() == 1


def test_what_nobody_foresaw_keeps_no_other_mail_waiting(desk: Desk) -> None:
    first, second = (
        desk.stage.quarantined(b"Subject: een\r\n\r\n"),
        desk.stage.quarantined(b"Subject: twee\r\n\r\n"),
    )

    class Moody:
        def one(self, job: MailJob[Any]) -> Any:
            if b"een" in job.raw:
                raise ValueError(job.raw)
            return desk.readers.one(job)

    desk.bind()
    assert desk.run(readers=Moody()) == 1
    assert desk.problem(first.id) == "failed"
    assert desk.opened(second.id)["subject"] == "twee"
    assert "een" not in desk.stage.journal.getvalue(), "its text stays inside"


def test_a_key_that_breaks_at_the_moment_of_sealing_is_explained(desk: Desk) -> None:
    desk.bind()
    good = desk.sealer
    assert good is not None

    class Breaking:
        def check(self, now: Any) -> Any:
            return good.check(now)  # type: ignore[union-attr]

        def seal(self, entity: bytes, now: Any) -> Any:
            raise KeyUnusable("wrong_fingerprint")

    case = desk.stage.quarantined()
    desk.sealer = Breaking()  # type: ignore[assignment]
    assert desk.run() == 0
    assert desk.problem(case.id) == "wrong_fingerprint"
    desk.sealer = good
    assert desk.run() == 1


def test_a_look_is_written_down_with_its_reason_before_anything_is_given(desk: Desk) -> None:
    desk.bind()
    case = desk.stage.quarantined()
    desk.run()
    quarantine = desk.stage.gateway.worker.quarantine
    assert quarantine.copy(case.kenmerk, Why.CALLED, desk.stage.now, "user:u1")
    (event,) = [row for row in desk.stage.events(case.id) if row.kind == "quarantine.shown"]
    assert event.actor == "user:u1"
    assert json.loads(event.data) == {"reason": "practice_called"}


def test_who_sent_a_mail_is_forgotten_in_time(desk: Desk) -> None:
    desk.stage.quarantined()
    with desk.stage.store.write() as session:
        session.execute(update(InboxRow).values(sender_mac="s", network="n"))

    def marks_after(days: int) -> tuple[str | None, str | None]:
        Retire(store=desk.stage.store, keep_quarantined=lambda: timedelta(days=9999)).run(
            desk.stage.now + timedelta(days=days)
        )
        with desk.stage.store.read() as session:
            row = session.exec(select(InboxRow)).one()
            return row.sender_mac, row.network

    assert marks_after(29) == ("s", "n")
    assert marks_after(31) == (None, "n")
    assert marks_after(401) == (None, None)


def test_letting_in_refusing_and_time_destroy_the_copy(desk: Desk) -> None:
    desk.bind()
    released, refused, old = (desk.stage.quarantined() for _ in range(3))
    desk.run()
    quarantine = desk.stage.gateway.worker.quarantine
    quarantine.release(released.kenmerk, "filmwijk", desk.stage.now, "user:u1")
    quarantine.refuse(refused.kenmerk, desk.stage.now, "user:u1")
    assert [desk.copy(case.id) is None for case in (released, refused, old)] == [True, True, False]
    retire = Retire(store=desk.stage.store, keep_quarantined=lambda: timedelta(days=14))
    assert retire.run(desk.stage.now + timedelta(days=15)) == 1
    assert desk.copy(old.id) is None
