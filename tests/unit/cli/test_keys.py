"""`keys generate`, `keys import`, `keys list`: real keys, real programs."""

import asyncio
import json
import ssl
import stat
import subprocess
from pathlib import Path

import pytest

from gateway.app import Gateway
from gateway.sealing import jwe
from gateway.sealing.smime import SmimeSigner
from gateway.settings import load
from tests.invented import PATIENT, make_mail
from tests.programs import program
from tests.story.place import Town
from tests.unit.cli.terminal import Answer, Terminal
from tests.unit.sealing.trial_keys import DAY, NOW, Gpg, several
from tests.unit.sealing.trial_place import made

KINDS = ("jwk", "openpgp", "smime", "tls-client", "signaal", "signer", "openpgp-signer", "jws-signer")


def generated(terminal: Terminal, folder: Path, kind: str, *words: str) -> dict[str, object]:
    answer = terminal("keys", "generate", kind, str(folder), *words, "--json")
    assert answer.code == 0, answer.err
    return dict(answer.json)


def imported(terminal: Terminal, file: Path, fingerprint: str, *words: str) -> Answer:
    return terminal("keys", "import", "de-schoor", str(file), "--yes-compared", fingerprint, *words)


def config(terminal: Terminal) -> str:
    return (terminal.directory / "config" / "organisations.toml").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_is_private_and_never_over_another(nowhere: Terminal, kind: str) -> None:
    folder = nowhere.directory / "new"
    made = generated(nowhere, folder, kind, "--name", "proef")
    files = sorted(folder.iterdir())
    assert sorted(map(str, files)) == sorted([*made["public"], *made["private"]])  # type: ignore[misc]
    for path in files:
        private = str(path) in made["private"]  # type: ignore[operator]
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if private else 0o644)
        assert (b"PRIVATE" in path.read_bytes() or b'"d"' in path.read_bytes()) == private
    before = {path: path.read_bytes() for path in files}
    again = nowhere("keys", "generate", kind, str(folder), "--name", "proef")
    assert again.code == 1
    assert "exists already" in again.err
    files[-1].unlink()
    assert nowhere("keys", "generate", kind, str(folder), "--name", "proef").code == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == {
        path: content for path, content in before.items() if path != files[-1]
    }, "whole or not at all"


def test_it_says_what_to_do_next(nowhere: Terminal) -> None:
    answer = nowhere("keys", "generate", "openpgp", str(nowhere.directory / "new"))
    assert answer.code == 0
    assert "inbeeld keys import" in answer.out
    groups = answer.out.partition("fingerprint  ")[2].splitlines()[0].split()
    assert [len(group) for group in groups] == [4] * 10


@pytest.mark.parametrize("words", [("--name", "../buiten"), ("--address", "geen adres"), ("--days", "0")])
def test_what_makes_no_sense_is_refused(nowhere: Terminal, words: tuple[str, str]) -> None:
    assert nowhere("keys", "generate", "openpgp", str(nowhere.directory), *words).code == 2


def test_a_client_certificate_fits_its_key_and_its_authority(nowhere: Terminal) -> None:
    folder = nowhere.directory
    generated(nowhere, folder, "tls-client", "--name", "org")
    context = ssl.create_default_context(cafile=str(folder / "org-ca.pem"))
    context.load_cert_chain(folder / "org.pem", folder / "org.key")
    openssl = program("openssl", "openssl")
    verify: list[str | Path] = [
        openssl,
        "verify",
        "-purpose",
        "sslclient",
        "-CAfile",
        folder / "org-ca.pem",
        folder / "org.pem",
    ]
    subprocess.run(verify, check=True, capture_output=True)


def test_a_signer_can_be_put_in_place(nowhere: Terminal) -> None:
    generated(nowhere, nowhere.directory, "signer")
    assert SmimeSigner.load(nowhere.directory / "signer.private.pem").sign(b"x\r\n", NOW + DAY)


@pytest.mark.parametrize(("kind", "format"), [("jwk", "jwe"), ("openpgp", "openpgp"), ("smime", "smime")])
def test_a_generated_key_can_be_imported(terminal: Terminal, kind: str, format: str) -> None:
    new = generated(terminal, terminal.directory / "new", kind)
    file = Path(new["public"][0])  # type: ignore[index]
    before = config(terminal)
    answer = imported(terminal, file, str(new["fingerprint"]), "--format", format, "--json")
    assert answer.json["restart"] == (format != "openpgp")
    entry = load(terminal.directory).organisations[0]
    assert (entry.fingerprint, entry.format) == (new["fingerprint"], format)
    assert (terminal.directory / "keys" / entry.key).read_bytes() == file.read_bytes()
    # A gateway that runs seals with the old file until it is restarted for the new format.
    old = terminal.directory / "keys" / "organisations" / "de-schoor.asc"
    assert old.exists() == (format != "openpgp")
    assert (terminal.directory / "keys" / answer.json["old"]).exists()
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in config(terminal).splitlines() if line.startswith("#")] == comments
    assert stat.S_IMODE((terminal.directory / "config" / "organisations.toml").stat().st_mode) == 0o600
    (shown,) = [row for row in terminal("keys", "list", "--json").json if row["owner"] == "de-schoor"]
    assert (shown["fingerprint"], shown["state"]) == (new["fingerprint"], "ok")


REFUSED = {
    "private_key_present": "holds a private key",
    "expired": "has expired",
    "revoked": "was withdrawn",
    "sign_only": "can't encrypt",
    "several": "more than one key",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_may_not_be_used_is_not_imported(terminal: Terminal, tmp_path: Path, fault: str) -> None:
    trial = made("openpgp", "" if fault == "several" else fault)
    if fault == "several":
        trial = several("openpgp", trial, made("openpgp", serial=1))
    before = config(terminal)
    file = tmp_path / "key.asc"
    file.write_bytes(trial.public)
    answer = imported(terminal, file, trial.fingerprint)
    assert answer.code == 1
    assert REFUSED[fault] in answer.err
    assert config(terminal) == before


@pytest.mark.parametrize("given", [b"", b"n\n", b"\n"])
def test_nothing_is_written_before_the_fingerprint_was_compared(terminal: Terminal, given: bytes) -> None:
    new = generated(terminal, terminal.directory / "new", "openpgp")
    before, files = config(terminal), sorted((terminal.directory / "keys" / "organisations").iterdir())
    answer = terminal("keys", "import", "de-schoor", str(new["public"][0]), given=given)  # type: ignore[index]
    assert answer.code == 1
    assert "Nothing was changed" in answer.err
    wrong = imported(terminal, Path(new["public"][0]), "A" * 40)  # type: ignore[index]
    assert (wrong.code, "Nothing was changed" in wrong.err) == (1, True)
    assert config(terminal) == before
    assert sorted((terminal.directory / "keys" / "organisations").iterdir()) == files


def test_who_said_yes_gets_it_and_is_told_what_is_next(terminal: Terminal) -> None:
    new = generated(terminal, terminal.directory / "new", "openpgp")
    answer = terminal("keys", "import", "de-schoor", str(new["public"][0]), given=b"y\n")  # type: ignore[index]
    assert answer.code == 0
    assert "from the next referral on" in answer.out
    assert load(terminal.directory).organisations[0].fingerprint == new["fingerprint"]


def test_an_extended_key_takes_the_place_of_the_old_file(terminal: Terminal, tmp_path: Path) -> None:
    public, _, thumbprint = jwe.generate(NOW)
    longer = tmp_path / "longer.jwk"
    longer.write_text(json.dumps(json.loads(public) | {"exp": int(NOW.timestamp()) + 90 * 86400}))
    extended = json.dumps(json.loads(longer.read_text()) | {"exp": int(NOW.timestamp()) + 300 * 86400})
    assert imported(terminal, longer, thumbprint, "--format", "jwe").code == 0
    longer.write_text(extended)
    answer = imported(terminal, longer, thumbprint, "--json").json
    assert answer["key"] == load(terminal.directory).organisations[0].key.as_posix()
    assert (terminal.directory / "keys" / answer["key"]).read_text() == extended
    assert (terminal.directory / "keys" / answer["old"]).exists()


def test_nobody_of_that_name(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    answer = terminal("keys", "import", "niemand", str(tmp_path / "key"))
    assert "known are" in answer.err


def decrypted(town: Town, private: Path, armour: bytes) -> bytes:
    """What its owner reads, who has our public key too."""
    with Gpg() as gpg:
        gpg("--import", content=private.read_bytes())
        gpg("--import", content=town.gateway.keys.openpgp_public.read_bytes())
        return gpg("--decrypt", content=armour)


async def test_a_gateway_that_runs_uses_the_new_key_from_the_next_referral_on(
    town: Town, tmp_path: Path
) -> None:
    await town.post(make_mail())
    new = generated(Terminal(tmp_path), tmp_path / "new", "openpgp")
    words = ("keys", "import", "de-schoor", str(new["public"][0]))  # type: ignore[index]
    await town.send(make_mail(message_id="<nog-een@huisartsenpraktijk-filmwijk.example>", subject="nog een"))
    town.inbeeld(*words, "--yes-compared", str(new["fingerprint"]))
    other = make_mail(
        type(PATIENT)("Bartholomea Zonderland", "622334455"),
        message_id="<2@huisartsenpraktijk-filmwijk.example>",
    )
    await town.post(other)
    private = Path(new["private"][0])  # type: ignore[index]
    opened = await asyncio.to_thread(decrypted, town, private, town.handovers[-1].armour)
    assert b"Bartholomea Zonderland" in opened
    assert not town.json("queue", "list")


async def test_the_list_tells_what_was_last_used_and_what_is_sealed(town: Town) -> None:
    await town.post(make_mail())
    rows = {(row["kind"], row["owner"]): row for row in town.json("keys", "list")}
    assert rows["organisation", "de-schoor"]["last_used_at"]
    assert rows["organisation", "buurtteam"]["last_used_at"] is None
    assert rows["intake", "intake.key"]["sealed"] == 2
    assert {kind for kind, _ in rows} == {
        *("organisation", "intake", "tls", "mail-openpgp", "mail-smime"),
        *("signer", "signer-openpgp", "signer-jwe", "certificate"),
    }
    shown = town.inbeeld("keys", "list")
    assert "2 sealed" in shown
    private = Gateway.at(town.place.directory).keys.intake_private.read_text()
    assert json.loads(private)["x25519"] not in shown


def test_the_list_tells_what_is_wrong(terminal: Terminal) -> None:
    keys = terminal.directory / "keys"
    (keys / "organisations" / "de-schoor.asc").unlink()
    (keys / "tls" / "server.pem").write_text("geen certificaat")
    rows = {
        row["kind"]: row for row in terminal("keys", "list", "--json").json if row["owner"] != "buurtteam"
    }
    assert rows["tls"]["problem"] == "unreadable"
    shown = terminal("keys", "list").out
    assert "missing: the key file is not there" in shown
    # No organisation sends our own certificate again.
    assert "unreadable: " not in shown
    assert "unreadable, tls server.pem: ours" in shown
