"""Receivers that asked for referrals in clear: what they get, and all that keeps a referral here instead."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from adapters import inclear, klantinteracties
from adapters.base import Refused
from adapters.fhir import FhirAdapter, FhirOptions
from adapters.fhirtask import bundle
from adapters.inclear import FACTS, OPENS_FOR, ClearOptions, ClearReferral, InClear
from adapters.klantinteracties import LONGEST, KlantinteractiesAdapter, KlantinteractiesOptions
from gateway.cli.trial import TrialWay
from gateway.sandbox.pool import Readers
from gateway.sealing import jwe
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.payload import Aanmelding
from gateway.store import outbox
from gateway.store.outbox import Status
from tests.contract.adapters.ways import add, opened, spilled
from tests.contract.adapters.wire import Certificates, make_context, make_parcel
from tests.invented import PATIENT, Patient, make_mail, make_patients
from tests.peers.fhirserver import FhirServer
from tests.peers.mail import MailPeer
from tests.peers.openklant import ACTOR, OpenKlant
from tests.peers.webpeer import write_token
from tests.story.place import Place, Town, kinds
from tests.unit.cli.terminal import Terminal

HOUT, PAMPUS = "wijkteam-hout", "gemeente-pampus"
URL = "https://fhir.example/r4"
DAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
CONTENT = {
    "schema": "urn:inbeeld:aanmelding:1",
    "kenmerk": "IB-7K3F-9QXM",
    "naam": "Fatima Voorbeeld",
    "telefoon": "+31612345678",
    "overigeTelefoons": ["+31362345678"],
    "wijk": "Almere Hout",
    "praktijk": "Praktijk Voorbeeld",
    "proef": True,
    "tekst": "Naam: Fatima Voorbeeld",
}


def let_in_clear(place: Place, organisation: str, old: str, url: str) -> None:
    """What the administrator does: makes the key, binds it, and writes what was agreed in the record."""
    terminal, keys = Terminal(place.directory), place.directory / "keys" / "clear"
    made = terminal("keys", "generate", "clear", str(keys), "--name", organisation, "--url", url, "--json")
    fingerprint = json.loads(made.out)["fingerprint"]
    told = terminal(
        *("keys", "import", organisation, str(keys / f"{organisation}.jwk")), f"--yes-compared={fingerprint}"
    )
    assert told.code == 0, told.err
    agreed = f'clear_key = "keys/clear/{organisation}.private.jwk"\nclear_agreed = 2026-11-02\n'
    place.replace("organisations.toml", f'url = "{old}"', f'url = "{url}"\n{agreed}')


async def refer(town: Town, wijk: str, patient: Patient = PATIENT) -> None:
    await town.post(make_mail(replace(patient, wijk=wijk)))


async def test_both_ways_in_clear_and_nothing_of_it_here(
    place: Place, peer: MailPeer, readers: Readers
) -> None:
    add(place, TrialWay.FHIR)
    add(place, TrialWay.KLANTINTERACTIES)
    async with (
        FhirServer(*place.tls, place.directory / "keys" / "tls" / "ca.pem") as fhir,
        OpenKlant(*place.tls) as klant,
    ):
        let_in_clear(place, HOUT, "https://localhost:9444/fhir", f"{fhir.url}/fhir")
        let_in_clear(place, PAMPUS, "https://localhost:9445/klantinteracties/api/v1", klant.api)
        write_token(place.directory / "keys" / "fhir" / f"{HOUT}.token")
        write_token(place.directory / "keys" / "klantinteracties" / f"{PAMPUS}.token")
        async with opened(place, peer, readers) as town:
            await refer(town, "Almere Hout")
            (task,) = fhir.tasks.values()
            (patient,) = task["contained"]
            assert patient["name"] == [{"text": PATIENT.name}]
            assert patient["telecom"] == [{"system": "phone", "value": PATIENT.e164, "rank": 1}]
            facts = {one["type"]["coding"][0]["code"]: one["valueString"] for one in task["input"]}
            assert facts == {"wijk": "Almere Hout", "praktijk": "Gezondheidscentrum Filmwijk"}

            await refer(town, "Almere Pampus")
            (contact,) = klant.kept["klantcontacten"].values()
            assert contact["inhoud"].splitlines()[:3] == [
                f"Naam: {PATIENT.name}",
                f"Telefoon: {PATIENT.e164}",
                "Wijk: Almere Pampus",
            ]
            assert contact["vertrouwelijk"] is True
            (made,) = klant.tasks()
            assert PATIENT.name not in json.dumps(made)
            assert spilled(town) == []

            evidence = town.inbeeld("audit", "evidence", "--json")
            ways = [one for line in evidence.splitlines() if (one := json.loads(line))["soort"] == "handover"]
            assert [one["beveiliging"] for one in ways] == ["leesbaar over TLSv1.3"] * 2
            checked = await asyncio.to_thread(Terminal(place.directory), "check", "--offline")
            assert checked.out.count("in clear, as agreed on 2026-11-02") == 2

            made["toelichting"] = "[in_beeld]"
            await town.work(minutes=16)
            assert kinds(town.mails) == ["receipt", "receipt", "in_beeld"]

            # Others on the machine may read the key: nothing leaves, and a person is asked.
            (place.directory / "keys" / "clear" / f"{HOUT}.private.jwk").chmod(0o644)
            await refer(town, "Almere Hout", make_patients(2)[1])
            assert len(fhir.tasks) == 1
            with town.gateway.store.read() as session:
                held = [
                    (row.organisation_id, row.reason) for row in outbox.unfinished(session, (Status.HELD,))
                ]
            assert held == [(HOUT, "fhir_clear_key")]
            checked = await asyncio.to_thread(Terminal(place.directory), "check", "--offline")
            assert checked.out.count("fhir_clear_key") == 1
            assert spilled(town) == []


class Lent:
    """What the gateway lends, and what it opens to."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __call__(self, token: bytes, private_jwk: bytes) -> bytes:
        if isinstance(self.content, Exception):
            raise self.content
        return json.dumps(self.content).encode()


def key_file(folder: Path, server: str = URL) -> Path:
    path = folder / "clear.private.jwk"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"kty": "EC", OPENS_FOR: server}))
    return path


def in_clear(folder: Path, content: Any = CONTENT, day: str = "2026-11-02", **parts: Any) -> InClear:
    options = ClearOptions.model_validate({"clear_key": "clear.private.jwk", "clear_agreed": day})
    context = make_context(directory=folder, parts={"opener": Lent(content)} | parts)
    return InClear(options, URL, context, "fhir", lambda: DAY)


def test_what_is_opened(tmp_path: Path) -> None:
    key_file(tmp_path)
    shown = in_clear(tmp_path).opened(make_parcel())
    assert shown is not None
    assert (shown.name, shown.phones) == ("Fatima Voorbeeld", ("+31612345678", "+31362345678"))
    assert shown.facts == {"wijk": "Almere Hout", "praktijk": "Praktijk Voorbeeld", "proef": "ja"}
    assert "Fatima" not in repr(shown)
    Bundle.model_validate(bundle(make_parcel(), "gateway.example", DAY, shown))
    nowhere = ClearReferral("Fatima Voorbeeld", (), {"vindplaats": "Buurthuis"})
    Bundle.model_validate(bundle(make_parcel(), "gateway.example", DAY, nowhere))


def test_what_a_colleague_reads_is_in_local_time() -> None:
    shown = ClearReferral("Fatima Voorbeeld", (), {"wijk": "Hout", "beltZelfVoor": "2026-11-25T16:00:00Z"})
    assert klantinteracties._text(shown).splitlines() == [
        "Naam: Fatima Voorbeeld",
        "Telefoon: geen",
        "Wijk: Hout",
        "De patiënt belt zelf, voor: 25-11-2026 om 17.00 uur",
    ]


def test_a_referral_holds_nothing_that_would_be_left_out() -> None:
    members = {field.alias or name for name, field in Aanmelding.model_fields.items()}
    # The gateway sends no remark; one that did would be held.
    assert members - {"opmerking"} == inclear._PERSON | inclear._ELSEWHERE | set(FACTS)


FAULTS: dict[str, tuple[Callable[[Path], InClear], str]] = {
    "no file": (lambda folder: in_clear(folder / "elsewhere"), "key"),
    "no key in it": (lambda folder: (key_file(folder).write_text("[]"), in_clear(folder))[1], "key"),
    "for everybody": (lambda folder: (key_file(folder).chmod(0o640), in_clear(folder))[1], "key"),  # type: ignore[func-returns-value]
    "another server": (
        lambda folder: (key_file(folder, "https://elders.example/r4"), in_clear(folder))[1],
        "elsewhere",
    ),
    "from tomorrow": (lambda folder: in_clear(folder, day="2026-11-24"), "not_yet"),
    "not the worker": (lambda folder: in_clear(folder, opener=None), "not_here"),
    "another key": (lambda folder: in_clear(folder, ValueError("Fatima Voorbeeld")), "unopened"),
    "no list": (lambda folder: in_clear(folder, ["Fatima Voorbeeld"]), "content"),
    "no name": (lambda folder: in_clear(folder, CONTENT | {"naam": 7}), "content"),
    "an odd number": (lambda folder: in_clear(folder, CONTENT | {"overigeTelefoons": [7]}), "content"),
    "a member of later": (lambda folder: in_clear(folder, CONTENT | {"ingetrokken": True}), "content"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_amiss_holds_it(fault: str, tmp_path: Path) -> None:
    key_file(tmp_path)
    make, code = FAULTS[fault]
    with pytest.raises(Refused) as caught:
        make(tmp_path).opened(make_parcel())
    assert caught.value.reason == f"fhir_clear_{code}"
    assert caught.value.__cause__ is None
    for other in ({"media_type": "application/pgp-encrypted"}, {"ciphertext": b"Naam: Fatima Voorbeeld"}):
        with pytest.raises(Refused, match="parcel_"):
            in_clear(tmp_path).opened(make_parcel(**other))


@pytest.mark.parametrize("url", ["http://fhir.example/r4", "https://", "https://a:b@fhir.example/r4", ""])
def test_a_key_is_made_for_an_address_that_a_record_can_name(tmp_path: Path, url: str) -> None:
    assert Terminal(tmp_path)("keys", "generate", "clear", str(tmp_path / "k"), "--url", url).code == 2
    assert not (tmp_path / "k").exists()


def test_what_another_signed_is_not_passed_on(tmp_path: Path) -> None:
    """Whoever can write in the database can seal for the key, which is public, and not sign."""
    public, private, thumbprint = jwe.generate()
    (tmp_path / "public.jwk").write_bytes(public)
    path = key_file(tmp_path)
    path.write_text(json.dumps(json.loads(private) | {OPENS_FOR: URL}))
    ours, other = JwsSigner.generate(), JwsSigner.generate()

    def lent(token: bytes, private_jwk: bytes) -> bytes:
        return jwe.open_signed(token, private_jwk, ours.public_jwk)

    def sealed(signer: JwsSigner) -> Any:
        sealer = jwe.JweSealer(tmp_path / "public.jwk", thumbprint, signer)
        return make_parcel(ciphertext=sealer.seal(json.dumps(CONTENT).encode(), DAY).ciphertext)

    clear = in_clear(tmp_path, opener=lent)
    assert clear.opened(sealed(ours)) is not None
    with pytest.raises(Refused, match="fhir_clear_unopened"):
        clear.opened(sealed(other))


async def test_an_adapter_asks_before_it_says_a_word(tmp_path: Path, certificates: Certificates) -> None:
    """Nobody listens at these addresses: what is refused was never sent."""
    key_file(tmp_path, "https://elders.example/r4")
    clear = {"clear_key": "clear.private.jwk", "clear_agreed": "2026-11-02"}
    files = {"client_cert": certificates.cert, "client_key": certificates.key, "ca_file": certificates.ca}
    fhir = FhirOptions.model_validate({"url": URL} | files | clear)
    klant = {"url": "https://klant.example/api/v1", "token_file": "t", "actor": ACTOR}
    context = make_context(directory=tmp_path, parts={"opener": Lent(CONTENT | {"praktijk": "P" * LONGEST})})
    one = FhirAdapter(fhir, context, now=lambda: DAY)
    two = KlantinteractiesAdapter(
        KlantinteractiesOptions.model_validate(klant | clear), context, now=lambda: DAY
    )
    for adapter, word in ((one, "fhir"), (two, "klantinteracties")):
        with pytest.raises(Refused, match=f"{word}_clear_elsewhere"):
            await adapter.send(make_parcel())
        with pytest.raises(Refused, match=f"{word}_clear_elsewhere"):
            await adapter.probe()
    key_file(tmp_path, "https://klant.example/api/v1")
    with pytest.raises(Refused, match="klantinteracties_clear_too_long"):
        await two.send(make_parcel())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"token_file": "t", "clear_key": "k", "clear_agreed": "2026-11-02"}, "mutual TLS"),
        ({"token_file": "t", "clear_key": "k"}, "clear_agreed"),
        ({"token_file": "t", "clear_agreed": "2026-11-02"}, "clear_agreed"),
        ({"token_file": "t", "clear_key": "k", "clear_agreed": "ja"}, "date"),
    ],
)
def test_it_takes_two_keys_in_the_record_and_two_certificates(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        FhirOptions.model_validate({"url": URL} | options)
