"""A team that works from a folder: from the GP's mail to "in beeld" by a list, and what can go wrong."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.base import Refused, TryLater
from adapters.dropfolder import DiskFolder, SftpFolder, SftpPlace
from adapters.file import FileAdapter, FileOptions
from adapters.told import Settlement, Unfit
from gateway.cli.trial import TrialWay
from gateway.sandbox.pool import Readers
from tests.contract.adapters.ways import add, opened, spilled
from tests.contract.adapters.wire import DUE, make_context, make_parcel
from tests.invented import PATIENT, make_mail
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.peers.sftp import SftpServer
from tests.story.place import Place, kinds

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
LIST = b"kenmerk;status;datum\nIB-7K3F-9QXM;in_beeld;23-11-2026\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "map"
    (made / "retour").mkdir(parents=True)
    return made


def adapter(folder: Path) -> FileAdapter:
    return FileAdapter(FileOptions(folder=folder), make_context(), now=lambda: NOW)


async def test_the_whole_walk(place: Place, peer: MailPeer, readers: Readers) -> None:
    add(place, TrialWay.FILE)
    there = place.directory / "data" / "wijkteam-buiten"
    async with opened(place, peer, readers) as town:
        await town.post(make_mail(replace(PATIENT, wijk="Eilandenbuurt")))
        case = town.the_case()
        assert (case["state"], case["organisation"]) == ("delivered", "wijkteam-buiten")
        (sealed,) = there.glob("IB-*.asc")
        assert sealed.read_bytes().startswith(b"-----BEGIN PGP MESSAGE-----")
        index = (there / "index.csv").read_text("utf-8-sig").splitlines()
        assert index[0] == "kenmerk;contact uiterlijk;spoed;bestand"
        assert index[1].startswith(f"{case['kenmerk']};")
        assert index[1].endswith(f";nee;{sealed.name}")
        assert spilled(town) == []

        day = f"{town.now:%d-%m-%Y}"
        said = f"naam;kenmerk;status;datum\r\nFatima Voorbeeld;{case['kenmerk']};niet_bereikt;{day}\r\n"
        said += (
            f"Fatima Voorbeeld;{case['kenmerk']};in_beeld;{day}\r\nx;IB-2222-2222;in_beeld;\r\n;;\r\ny;;;\r\n"
        )
        (there / "retour" / "lijst.csv").write_text(said, encoding="cp1252")
        await town.work(minutes=6)
        assert town.the_case()["state"] == "delivered", "it may still be being written"
        await town.work(minutes=6)
        assert town.the_case()["state"] == "contacted"
        assert kinds(town.mails) == ["receipt", "in_beeld"]
        assert list((there / "retour").iterdir()) == []
        (result,) = (there / "verwerkt").glob("*-uitslag.csv")
        told = result.read_text("utf-8-sig").splitlines()
        assert [line.split(";")[0::3] for line in told[1:]] == [
            ["2", "verwerkt"],
            ["3", "verwerkt"],
            ["4", "niet verwerkt"],
            ["6", "niet verwerkt"],
        ]
        assert "Fatima" not in result.read_text("utf-8-sig")
        # The whole list again, under another name, with a row more: nothing counts twice.
        (there / "retour" / "nieuw.csv").write_text(said + f"x;{case['kenmerk']};gestart;{day}\r\n")
        await town.work(minutes=6)
        await town.work(minutes=6)
        assert town.the_case()["state"] == "in_support"
        events = [one["kind"] for one in town.the_case()["events"]]
        assert (events.count("case.attempted"), events.count("case.contacted")) == (1, 1)
        assert kinds(town.mails).count("in_beeld") == 1
        assert "signaal_status_unknown" in town.journal.alarms()


async def test_a_file_is_taken_when_it_looks_the_same_twice(folder: Path) -> None:
    one = adapter(folder)
    (folder / "retour" / "lijst.csv").write_bytes(LIST[:20])
    assert (await one.poll(None)).told == ()
    (folder / "retour" / "lijst.csv").write_bytes(LIST)
    (folder / "retour" / "~$lijst.csv").write_bytes(LIST)
    (folder / "retour" / "lijst.xlsx").write_bytes(LIST)
    assert (await one.poll(None)).told == ()
    (told,) = (await one.poll(None)).told
    assert told.kenmerk == "IB-7K3F-9QXM"
    assert sorted(path.name for path in (folder / "retour").iterdir()) == ["lijst.xlsx", "~$lijst.csv"]


async def test_what_was_in_hand_when_it_stopped_is_read_again(folder: Path) -> None:
    first = adapter(folder)
    (folder / "retour" / "lijst.csv").write_bytes(LIST)
    await first.poll(None)
    assert len((await first.poll(None)).told) == 1
    # It was killed before anything was settled; another one goes on.
    second = adapter(folder)
    (told,) = (await second.poll(None)).told
    await second.answered([Settlement("", Unfit.AGAIN)])
    assert len((await second.poll(None)).told) == 1, "what could not be settled now stays in hand"
    await second.answered([Settlement(told.delivery_id)])
    assert (await second.poll(None)).told == ()
    assert sorted(path.name for path in (folder / "verwerkt").iterdir()) == [
        "lijst.20261123T101500Z-uitslag.csv",
        "lijst.20261123T101500Z.csv",
    ]


async def test_what_is_no_list_is_put_back_with_the_reason(folder: Path) -> None:
    one = adapter(folder)
    (folder / "retour" / "leeg.csv").write_bytes(b"")
    (folder / "retour" / "groot.csv").write_bytes(b"kenmerk;status\n" * 20_000)
    await one.poll(None)
    polled = await one.poll(None)
    assert (polled.told, polled.not_understood) == ((), 2)
    await one.answered([])
    results = {path.name: path.read_text("utf-8-sig") for path in (folder / "verwerkt").glob("*uitslag*")}
    assert sorted(text.splitlines()[1] for text in results.values()) == [
        ";;;niet gelezen;de eerste regel noemt de kolommen kenmerk en status niet",
        ";;;niet gelezen;het bestand is te groot",
    ]


async def test_where_everybody_may_write_nobody_is_believed(folder: Path) -> None:
    one = adapter(folder)
    (folder / "retour" / "lijst.csv").write_bytes(LIST)
    await asyncio.to_thread(folder.chmod, 0o777)
    for attempt in (one.probe(), one.poll(None)):
        with pytest.raises(Refused, match="file_open_to_all"):
            await attempt
    assert len(list((folder / "retour").glob("lijst.csv"))) == 1


async def test_a_link_to_elsewhere_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "geheim.csv"
    secret.write_bytes(LIST)
    (folder / "retour" / "lijst.csv").symlink_to(secret)
    one = adapter(folder)
    for _ in range(3):
        assert (await one.poll(None)).told == ()
    assert secret.read_bytes() == LIST
    for name in ("../buiten", "a/b", "..", "a\\b", ""):
        with pytest.raises(Refused):
            await DiskFolder(folder).write("", name, b"x")


async def test_the_index_lists_what_lies_there_and_says_who_hurries(folder: Path) -> None:
    one = adapter(folder)
    await one.send(make_parcel(delivery_id="b", urgent=True, due_at=DUE))
    await one.send(make_parcel("application/pgp-encrypted", delivery_id="a", due_at=DUE.replace(day=24)))
    (folder / "Roswitha Quintavalle.docx").write_text("van het team zelf")
    receipt = await one.send(make_parcel(delivery_id="b", urgent=True, due_at=DUE))
    assert (receipt.peer, receipt.text) == ("map", "K7Q2-9F3M_20261125T1305Z_b_spoed.jwe")
    assert (folder / "index.csv").read_text("utf-8-sig").splitlines() == [
        "kenmerk;contact uiterlijk;spoed;bestand",
        "K7Q2-9F3M;24-11-2026 14:05;nee;K7Q2-9F3M_20261124T1305Z_a.asc",
        "K7Q2-9F3M;25-11-2026 14:05;ja;K7Q2-9F3M_20261125T1305Z_b_spoed.jwe",
    ]
    for wrong in ({"kenmerk": "../x"}, {"delivery_id": "a b"}, {"ciphertext": b"Naam: Fatima Voorbeeld"}):
        with pytest.raises(Refused):
            await one.send(make_parcel(**wrong))


async def test_a_server_with_another_key_or_that_does_not_know_us_gets_nothing(tmp_path: Path) -> None:
    folder, keys = tmp_path / "map", tmp_path / "keys"
    folder.mkdir()
    keys.mkdir()
    async with SftpServer(folder, keys) as server:
        place = SftpPlace(
            "127.0.0.1", server.port, "inbeeld", "/", keys / "client", keys / "host.pub", timeout=PATIENCE_S
        )
        for changed, reason in (
            ({"host_key": keys / "strange.pub"}, "file_untrusted"),
            ({"key": keys / "strange"}, "file_login"),
            ({"key": keys / "none"}, "file_files"),
            ({"key": keys / "client.pub"}, "file_files"),
        ):
            other = SftpFolder(replace(place, **changed))  # type: ignore[arg-type]
            with pytest.raises(Refused, match=reason):
                await other.write("", "a.jwe", b"x")
            await other.close()
        gone = SftpFolder(replace(place, path="/nergens"))
        with pytest.raises(TryLater, match="file_unreachable"):
            await gone.probe()
        await gone.close()
        same = SftpFolder(place)
        await same.write("verwerkt", "a.csv", b"x")
        assert [seen.name for seen in await same.look("verwerkt")] == ["a.csv"]
        assert await same.read("verwerkt", "a.csv", 10) == b"x"
        assert await same.move("verwerkt", "a.csv", "elders", "b.csv")
        assert not await same.move("verwerkt", "a.csv", "elders", "b.csv")
        assert await same.look("niets") == []
        await same.close()
    assert (folder / "elders" / "b.csv").read_bytes() == b"x"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"folder": "map", "sftp": "sftp://inbeeld@sftp.example/map"},
        {"sftp": "sftp://inbeeld@sftp.example/map"},
        {"sftp": "sftp://inbeeld:geheim@sftp.example/", "sftp_key": "a", "sftp_host_key": "b"},
        {"sftp": "ftp://inbeeld@sftp.example/", "sftp_key": "a", "sftp_host_key": "b"},
        {"sftp": "sftp://sftp.example/", "sftp_key": "a", "sftp_host_key": "b"},
        {"sftp": "sftp://inbeeld@sftp.example:99999/", "sftp_key": "a", "sftp_host_key": "b"},
        {"folder": "map", "minutes": 0},
        {"folder": "map", "timeout": 61},
    ],
)
def test_options_that_do_not_do(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        FileOptions.model_validate(options)
    assert "geheim" not in caught.value.json(include_input=False, include_url=False)
