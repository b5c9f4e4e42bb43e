"""The signaal adapter against a municipality over real HTTPS: what goes over, and what each answer means."""

import asyncio
import hashlib
import json
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc.jwk import RSAKey

from adapters.base import Refused, TryLater
from adapters.signaal import SignaalAdapter
from tests.contract.signaal.stage import NOW, SECRET, Stage, doorkeeper, make_stage
from tests.patience import PATIENCE_S
from tests.peers.municipality.desk import SCHEMA
from tests.peers.municipality.endpoint import RETRY_AFTER, Municipality

ID = "0193-d1"
DDAS = Path(__file__).parents[4] / "shared" / "ddas" / "json_schema_Uitwisselmodel-v0.9.json"


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return make_stage(tmp_path_factory.mktemp("signaal"))


@pytest.fixture
async def peer(stage: Stage) -> AsyncIterator[Municipality]:
    async with stage.municipality() as municipality:
        yield municipality


@pytest.fixture
async def adapter(stage: Stage, peer: Municipality) -> AsyncIterator[SignaalAdapter]:
    adapter = stage.adapter(peer)
    yield adapter
    await adapter.close()


async def test_the_municipality_gets_and_opens_the_signaal(
    stage: Stage, peer: Municipality, adapter: SignaalAdapter
) -> None:
    receipt = await adapter.send(stage.parcel(urgent=True))
    kept = peer.desk.kept[ID]
    assert kept.text == SECRET.decode()
    assert kept.certificate == "gateway.example"
    outside = {name: value for name, value in kept.signaal.items() if name != "client"}
    assert outside == {
        "ID": ID,
        # 23:30 UTC is the next day in Amsterdam.
        "signaaldatum": "2026-11-23",
        "signaalpartner": {"type": "Overige"},
        "warmeOverdracht": True,
        "crisissignaal": True,
        "kenmerk": "K7Q2-9F3M",
        "uiterlijk": "2026-11-25T13:05:00Z",
    }
    assert receipt.peer == "localhost"
    assert receipt.text == "201 OB-00001 TLSv1.3"
    assert peer.requests[-1][2]["ddas-version"] == "1.2"


async def test_the_body_is_as_the_published_schema_says(stage: Stage, adapter: SignaalAdapter) -> None:
    schema = json.loads(SCHEMA.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(adapter.compose(stage.parcel())))


NEWER: dict[str, set[str]] = {
    "EnumContactsoort": {"Afspraak op locatie", "Onbekend"},
    "EnumDagdeel": set(),
    "EnumSignaalstatus": {"Opgepakt", "Inwoner al bekend bij schuldhulpverlening"},
    "EnumEindresultaat": {
        "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
        "Verwijzing zonder toestemming",
        "Verwijzing zonder tussenkomst inwoner",
        "Vervolghulp en/of verwijzing",
    },
}
"""The words that came after 0.9."""


async def test_the_words_are_those_of_ddas(stage: Stage, adapter: SignaalAdapter) -> None:
    if not DDAS.exists():
        pytest.skip("the public DDAS model is not at hand")
    model = json.loads(DDAS.read_bytes())
    signaal = model["properties"]["leveringen"]["items"]["properties"]["vroegsignalen"]["items"]
    ours = json.loads(adapter.compose(stage.parcel()))
    for added in ("kenmerk", "uiterlijk"):
        del ours[added]
    jsonschema.Draft202012Validator(signaal | {"$defs": model["$defs"]}).validate(ours)
    published = json.loads(SCHEMA.read_bytes())["$defs"]
    attempt = published["contactpoging"]["properties"]
    for here, there in (
        (published["signaalstatus"], "EnumSignaalstatus"),
        (published["eindresultaat"], "EnumEindresultaat"),
        (published["contactsoort"], "EnumContactsoort"),
        (attempt["dagdeel"], "EnumDagdeel"),
    ):
        # What no version has is read too, and asked about; of those that one has, all and no other.
        known = here.get("enum") or here["anyOf"][0]["enum"]
        assert set(known) - NEWER[there] == set(model["$defs"][there]["enum"])


async def test_every_try_of_a_delivery_is_the_same_signaal(stage: Stage, peer: Municipality) -> None:
    parcel = stage.parcel()
    bodies = {stage.adapter(peer).compose(parcel) for _ in range(2)}
    later = SignaalAdapter(stage.options(peer), stage.context())
    assert bodies == {later.compose(parcel)}


async def test_a_connection_is_kept(stage: Stage, peer: Municipality, adapter: SignaalAdapter) -> None:
    for number in range(3):
        await adapter.send(stage.parcel(delivery_id=f"0193-{number}"))
    assert peer.opened == 1
    assert len(peer.desk.kept) == 3


@pytest.mark.parametrize("answer", ["lose", "repeat", "slow", "garbage"])
async def test_what_is_known_already_is_a_receipt_with_the_same_id(
    stage: Stage, peer: Municipality, answer: str
) -> None:
    peer.next(answer)
    if answer != "repeat":
        # Only an answer that is slow ends by our clock, and nothing else may on a busy machine.
        hasty = stage.adapter(peer, timeout=2.0 if answer == "slow" else 60.0)
        with pytest.raises(TryLater) as caught:
            await hasty.send(stage.parcel())
        await hasty.close()
        assert caught.value.reason == "signaal_answer_lost"
    adapter = stage.adapter(peer)
    receipt = await adapter.send(stage.parcel())
    again = await adapter.send(stage.parcel())
    await adapter.close()
    assert len(peer.desk.kept) == 1
    assert receipt.text in ("200 OB-00001 TLSv1.3", "409 OB-00001 TLSv1.3")
    assert again.text == "200 OB-00001 TLSv1.3"


@pytest.mark.parametrize(
    ("answer", "reason", "after"),
    [
        ("500", "signaal_busy 500", None),
        ("503", "signaal_busy 503", timedelta(seconds=RETRY_AFTER)),
        ("429", "signaal_busy 429", timedelta(seconds=RETRY_AFTER)),
    ],
)
async def test_a_peer_in_trouble_is_tried_again(
    stage: Stage,
    peer: Municipality,
    adapter: SignaalAdapter,
    answer: str,
    reason: str,
    after: timedelta | None,
) -> None:
    peer.next(answer)
    with pytest.raises(TryLater) as caught:
        await adapter.send(stage.parcel())
    assert (caught.value.reason, caught.value.after) == (reason, after)
    assert peer.desk.kept == {}


@pytest.mark.parametrize(
    ("answer", "reason"), [("refuse", "signaal_refused 422"), ("redirect", "signaal_redirect 307")]
)
async def test_a_refusal_is_held_and_no_redirect_is_followed(stage: Stage, answer: str, reason: str) -> None:
    async with stage.municipality() as elsewhere:
        async with stage.municipality(elsewhere=elsewhere.url) as peer:
            adapter = stage.adapter(peer)
            peer.next(answer)
            with pytest.raises(Refused) as caught:
                await adapter.send(stage.parcel())
            await adapter.close()
        assert caught.value.reason == reason
        assert elsewhere.requests == []
        assert elsewhere.opened == 0


async def test_a_long_answer_is_read_no_further_than_needed(
    stage: Stage, peer: Municipality, adapter: SignaalAdapter
) -> None:
    peer.next("large")
    receipt = await adapter.send(stage.parcel())
    assert receipt.text == "201 TLSv1.3"
    assert (await adapter.send(stage.parcel())).text == "200 OB-00001 TLSv1.3"


async def test_a_peer_that_drips_does_not_hold_us(stage: Stage, peer: Municipality) -> None:
    # Long enough to connect in on a busy machine: who is not reached is told otherwise.
    adapter = stage.adapter(peer, timeout=2.0)
    peer.next("drip")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(TryLater) as caught:
            await adapter.send(stage.parcel())
    await adapter.close()
    assert caught.value.reason == "signaal_answer_lost"


@pytest.mark.parametrize("certificate", ["strange-server", "elsewhere-server"])
async def test_a_peer_with_another_certificate_gets_nothing_and_a_person_must_look(
    stage: Stage, certificate: str
) -> None:
    async with stage.municipality(certificate) as peer:
        adapter = stage.adapter(peer)
        for attempt in (lambda: adapter.send(stage.parcel()), adapter.probe):
            with pytest.raises(Refused) as caught:
                await attempt()
            assert caught.value.reason == "signaal_untrusted"
        await adapter.close()
        assert peer.requests == []


async def test_a_pinned_certificate_must_be_that_one(stage: Stage, peer: Municipality) -> None:
    shown = x509.load_pem_x509_certificate((stage.folder / "server.pem").read_bytes())
    right = stage.adapter(peer, pin=shown.fingerprint(hashes.SHA256()).hex(":").upper())
    await right.send(stage.parcel())
    await right.close()
    assert list(peer.desk.kept) == [ID]
    asked = len(peer.requests)
    wrong = stage.adapter(peer, pin=hashlib.sha256(b"another").hexdigest())
    with pytest.raises(Refused, match="signaal_untrusted"):
        await wrong.send(stage.parcel(delivery_id="0193-d2"))
    await wrong.close()
    assert len(peer.requests) == asked


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_peer_that_does_not_know_our_certificate(stage: Stage, version: ssl.TLSVersion) -> None:
    with doorkeeper(stage, version) as url:
        adapter = stage.adapter(
            url, timeout=60, client_cert="strange-client.pem", client_key="strange-client.key"
        )
        for attempt in (adapter.probe, lambda: adapter.send(stage.parcel())):
            with pytest.raises(Refused) as caught:
                await attempt()
            assert caught.value.reason == "signaal_certificate_refused"
        await adapter.close()


async def test_a_peer_that_hangs_up_on_our_certificate_without_a_word_is_tried_again(
    stage: Stage, peer: Municipality
) -> None:
    # Servers on asyncio do that: they drop the alert that they should send.
    adapter = stage.adapter(peer, client_cert="strange-client.pem", client_key="strange-client.key")
    for attempt in (adapter.probe, lambda: adapter.send(stage.parcel())):
        with pytest.raises(TryLater, match="signaal_answer_lost"):
            await attempt()
    await adapter.close()
    assert peer.requests == []


@pytest.mark.parametrize(
    ("option", "file"),
    [
        ("client_cert", "nowhere.pem"),
        ("client_key", "strange-client.key"),
        ("client_key", "nowhere.key"),
        ("ca_file", "client.key"),
        ("signing_key", "client.key"),
        ("signing_key", "signing.jwk"),
    ],
)
async def test_wrong_files_hold_the_parcel(stage: Stage, peer: Municipality, option: str, file: str) -> None:
    adapter = stage.adapter(peer, **{option: file})
    for attempt in (lambda: adapter.send(stage.parcel()), adapter.probe):
        with pytest.raises(Refused) as caught:
            await attempt()
        assert caught.value.reason == "signaal_files"
    assert peer.opened == 0


@pytest.mark.parametrize("option", ["client_key", "signing_key"])
async def test_a_private_key_that_others_may_read_is_not_used(
    stage: Stage, peer: Municipality, option: str
) -> None:
    name = {"client_key": "client.key", "signing_key": "signing.pem"}[option]
    path = stage.folder / f"open-{name}"
    path.write_bytes((stage.folder / name).read_bytes())
    path.chmod(0o640)
    adapter = stage.adapter(peer, **{option: path.name})
    with pytest.raises(Refused, match="signaal_files"):
        await adapter.send(stage.parcel())


@pytest.mark.parametrize(
    "overrides",
    [
        {"media_type": "application/pkcs7-mime"},
        {"ciphertext": SECRET},
        {"ciphertext": b"a.b.c.d.e"},
        {"delivery_id": "0193\r\nX: y"},
        {"kenmerk": "K7Q2 9F3M"},
    ],
)
async def test_what_is_no_sealed_signaal_never_leaves(
    stage: Stage, peer: Municipality, adapter: SignaalAdapter, overrides: dict[str, object]
) -> None:
    with pytest.raises(Refused, match="parcel_"):
        await adapter.send(stage.parcel(**overrides))
    assert peer.opened == 0


async def test_only_ciphertext_and_dates_go_over(
    stage: Stage, peer: Municipality, adapter: SignaalAdapter
) -> None:
    await adapter.send(stage.parcel())
    method, path, headers = peer.requests[0]
    assert (method, path) == ("POST", "/signalen")
    assert headers["user-agent"] == "InBeeld"
    told = json.dumps([peer.desk.kept[ID].signaal, path, headers])
    assert not any(word in told for word in ("Fatima", "Voorbeeld", "612345678"))


async def test_polling_gives_what_the_receiver_signed(
    stage: Stage, peer: Municipality, adapter: SignaalAdapter
) -> None:
    attempt = {"soort": "Telefoon", "bereikt": True, "datum": "2026-11-23", "dagdeel": "Ochtend"}
    peer.statuses = [
        {"ID": ID, "contactpogingen": [attempt]},
        {"ID": "Mevrouw Voorbeeld", "datumOpgepakt": "2026-11-22"},
        "geen status",  # type: ignore[list-item]
    ]
    polled = await adapter.poll(None)
    assert [told.delivery_id for told in polled.told] == [ID]
    assert polled.not_understood == 2
    assert (await adapter.poll(NOW)).told == polled.told
    assert peer.requests[-1][1] == "/signalen/statussen?sinds=2026-11-22T23%3A30%3A00Z"


async def test_polled_statuses_that_another_signed_are_not_believed(stage: Stage) -> None:
    for key in (None, RSAKey.generate_key(2048)):
        async with stage.municipality(status_key=key) as peer:
            peer.statuses = [{"ID": ID, "resultaat": "Inwoner is overleden"}]
            adapter = stage.adapter(peer)
            with pytest.raises(TryLater, match="signaal_signature"):
                await adapter.poll(None)
            await adapter.close()
