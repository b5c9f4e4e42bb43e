"""The fail-closed matrix: every format against every fault, and what a good seal must be.

Whatever is wrong with a key or an engine, the answer is a `KeyUnusable` or `SealError` with a code of the
closed set, and no plaintext byte is in it, in gpg's home or beside the key.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import KeyUnusable, SealError
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw
from gateway.sealing.keyring import Signers, inspect, sealer_for
from gateway.sealing.smime import SmimeSigner
from tests.unit.sealing.trial_keys import DAY, NOW, Trial, opened, several
from tests.unit.sealing.trial_place import CANARY, ENTITY, GATEWAY, Place, made, signers

FORMATS = ("openpgp", "smime", "jwe")
# Each format with each engine that seals it.
WAYS = [*((format, "sequoia") for format in FORMATS), ("openpgp", "gnupg")]
MEDIA_TYPES = {
    "openpgp": "application/pgp-encrypted",
    "smime": "application/pkcs7-mime",
    "jwe": "application/jose",
}


@pytest.fixture(params=WAYS, ids="-".join)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param[0], tmp_path, request.param[1])


# Faults that stand in the key itself.
IN_KEY = ("expired", "not_yet_valid", "sign_only", "revoked", "private_key_present")


@pytest.mark.parametrize("fault", [*IN_KEY, "weak"])
def test_a_key_that_may_not_be_used_seals_nothing(place: Place, fault: str) -> None:
    # A JWK can't be weak: P-256 has one size.
    if (place.format, fault) != ("jwe", "weak"):
        place.refuses(place.sealer(made(place.format, fault)), KeyFlaw(fault))


def garbage(path: Path) -> None:
    path.write_bytes(
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbm90IGEga2V5\n-----END PGP PUBLIC KEY BLOCK-----"
    )


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


# Faults that befall the file: what happens to it, and what is then said of it.
TO_FILE: dict[str, tuple[Callable[[Path], object], KeyFlaw]] = {
    "gone": (Path.unlink, KeyFlaw.MISSING),
    "empty": (lambda path: path.write_bytes(b""), KeyFlaw.UNREADABLE),
    "garbage": (garbage, KeyFlaw.UNREADABLE),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 20), KeyFlaw.UNREADABLE),
    "directory": (directory, KeyFlaw.UNREADABLE),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-60]), KeyFlaw.UNREADABLE),
    "large": (lambda path: path.write_bytes(path.read_bytes() + b"\n" * 65536), KeyFlaw.TOO_LARGE),
}


@pytest.mark.parametrize("fault", TO_FILE)
def test_a_broken_file_seals_nothing_even_after_a_good_seal(place: Place, fault: str) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    assert sealer.seal(ENTITY, NOW).ciphertext
    befall, problem = TO_FILE[fault]
    befall(place.directory / "keys" / "organisatie.key")
    place.refuses(sealer, problem)


def test_two_keys_in_one_file_seal_nothing(place: Place) -> None:
    both = several(place.format, made(place.format), made(place.format, serial=1))
    place.refuses(place.sealer(both), KeyFlaw.SEVERAL_KEYS)


@pytest.mark.parametrize("pin", ["stranger", "short", "empty"])
def test_only_the_full_agreed_fingerprint_seals(place: Place, pin: str) -> None:
    trial = made(place.format)
    stranger = made(place.format, serial=1).fingerprint
    agreed = {"stranger": stranger, "short": trial.fingerprint[-16:], "empty": ""}[pin]
    place.refuses(place.sealer(Trial(trial.public, agreed)), KeyFlaw.WRONG_FINGERPRINT)


def test_a_key_swapped_after_a_good_seal_is_noticed(place: Place) -> None:
    sealer = place.sealer(made(place.format))
    sealer.seal(ENTITY, NOW)
    made(place.format, serial=1).write(place.directory / "keys")
    place.refuses(sealer, KeyFlaw.WRONG_FINGERPRINT)


def test_a_key_expires_between_two_seals_and_works_again_once_repaired(place: Place) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    end = sealer.check(NOW).expires_at
    assert end is not None
    assert sealer.seal(ENTITY, end.replace(microsecond=0) - DAY).ciphertext
    place.refuses(sealer, KeyFlaw.EXPIRED, now=end)
    assert sealer.seal(ENTITY, NOW).ciphertext


def test_a_key_of_tomorrow_is_a_clock_of_yesterday(place: Place) -> None:
    """A clock that was set back is no fault of the organisation; a key of next month is."""
    sealer = place.sealer(made(place.format))
    begins = sealer._key._parse(sealer._key._content()).valid_from  # type: ignore[attr-defined]
    if begins is None:
        # A JWK need have no beginning.
        return
    place.refuses(sealer, KeyFlaw.CLOCK_BEHIND, now=begins - DAY / 24)
    place.refuses(sealer, KeyFlaw.NOT_YET_VALID, now=begins - 2 * DAY)
    assert sealer.seal(ENTITY, NOW).ciphertext


def test_a_good_seal_opens_with_the_organisations_own_tool(place: Place) -> None:
    trial = made(place.format)
    sealed = place.sealer(trial).seal(ENTITY, NOW)
    assert sealed.media_type == MEDIA_TYPES[place.format]
    assert CANARY not in sealed.ciphertext
    assert opened(place.format, trial, sealed.ciphertext, place.directory, signers()) == ENTITY


def test_the_facts_are_those_of_the_key(place: Place) -> None:
    trial = made(place.format)
    sealer = place.sealer(trial)
    facts = sealer.check(NOW)
    assert facts.format == place.format
    assert facts.fingerprint.casefold() == trial.fingerprint.casefold()
    assert facts.key_ids
    path = place.directory / "keys" / "organisatie.key"
    assert inspect(facts.format, path, NOW, gpg_home_root=place.home) == facts  # type: ignore[arg-type]


@pytest.mark.parametrize("format", ["openpgp", "smime"])
def test_a_fingerprint_may_be_written_in_groups(format: str, tmp_path: Path) -> None:
    trial = made(format)
    grouped = " ".join(trial.fingerprint.lower()[at : at + 4] for at in range(0, len(trial.fingerprint), 4))
    assert Place(format, tmp_path).sealer(Trial(trial.public, grouped)).check(NOW)


def test_threads_seal_side_by_side(place: Place) -> None:
    sealer = place.sealer(made(place.format))
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(sealer.seal(ENTITY, NOW).ciphertext)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 4


def test_without_our_own_key_nothing_is_sealed(place: Place) -> None:
    trial = made(place.format)
    sealer = sealer_for(
        place.format,  # type: ignore[arg-type]
        trial.write(place.directory / "keys"),
        trial.fingerprint,
        gpg_home_root=place.home,
        signers=Signers(),
    )
    assert sealer.check(NOW)
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == KeyFlaw.SIGNER.value
    assert Signers().missing(FORMATS) == sorted(FORMATS)  # type: ignore[arg-type]
    assert signers().missing(FORMATS) == []  # type: ignore[arg-type]


def test_an_own_key_that_ended_signs_nothing(place: Place) -> None:
    sealer = place.sealer(made(place.format))
    ended = {
        "openpgp": replace(signers().openpgp, expires_at=NOW),  # type: ignore[type-var]
        "smime": SmimeSigner.generate(GATEWAY, NOW - 9 * DAY, DAY) if place.format == "smime" else None,
        "jwe": JwsSigner.generate(NOW),
    }
    sealer._signer = ended[place.format]  # type: ignore[attr-defined]
    with pytest.raises(SealError) as refused:
        sealer.seal(ENTITY, NOW)
    assert refused.value.code == KeyFlaw.SIGNER.value


def test_a_rehearsal_encrypts_and_refuses_as_a_seal_does(place: Place) -> None:
    place.sealer(made(place.format)).rehearse(NOW)  # type: ignore[attr-defined]
    with pytest.raises(KeyUnusable) as refused:
        place.sealer(made(place.format, "expired")).rehearse(NOW)  # type: ignore[attr-defined]
    assert refused.value.code == KeyFlaw.EXPIRED.value


def test_every_problem_is_explained() -> None:
    assert set(EXPLAINED) == set(KeyFlaw)
