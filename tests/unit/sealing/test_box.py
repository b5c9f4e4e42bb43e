"""The box at rest and the case key: what opens, what doesn't, and how keys lie on disk."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigError, OpenError
from gateway.sealing import box
from gateway.sealing.box import CaseKey, wrap_context
from tests.unit.sealing.trial_keys import EXAMPLES

KEY = box.generate()
OTHER = box.generate()
CHAIN = box.Keychain([KEY])
SECRET = b"Sjoukje Kanarie-van Dam"


@EXAMPLES
@given(st.binary(max_size=2000), st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_in_its_context_only(content: bytes, context: str) -> None:
    blob = box.seal(content, KEY.public, context)
    assert CHAIN.open(blob, context) == content
    with pytest.raises(OpenError):
        CHAIN.open(blob, context + "x")


@EXAMPLES
@given(st.data())
def test_no_changed_byte_goes_unseen(data: st.DataObject) -> None:
    blob = bytearray(box.seal(SECRET, KEY.public, "inbox:1"))
    at = data.draw(st.integers(0, len(blob) - 1))
    blob[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(OpenError):
        CHAIN.open(bytes(blob), "inbox:1")


@EXAMPLES
@given(st.binary(max_size=1300))
def test_whatever_is_no_blob_is_an_open_error(junk: bytes) -> None:
    with pytest.raises(OpenError):
        CHAIN.open(junk, "inbox:1")


@EXAMPLES
@given(st.integers(0, 1200))
def test_a_cut_blob_does_not_open(size: int) -> None:
    blob = box.seal(SECRET, KEY.public, "inbox:1")
    with pytest.raises(OpenError):
        CHAIN.open(blob[: min(size, len(blob) - 1)], "inbox:1")


def test_a_blob_names_its_key_and_opens_with_no_other() -> None:
    blob = box.seal(SECRET, OTHER.public, "inbox:1")
    assert box.key_id_of(blob) == OTHER.key_id
    with pytest.raises(OpenError, match=OTHER.key_id):
        CHAIN.open(blob, "inbox:1")


def test_sealing_twice_gives_two_blobs_without_the_content() -> None:
    first, second = (box.seal(SECRET, KEY.public, "inbox:1") for _ in range(2))
    assert first != second
    assert SECRET not in first
    assert len(first) == len(SECRET) + 1145


def test_a_context_must_be_given() -> None:
    with pytest.raises(ValueError, match="context"):
        box.seal(SECRET, KEY.public, "")
    with pytest.raises(ValueError, match="context"):
        CaseKey.new().seal(SECRET, "")


def test_rotation_reseals_and_can_be_repeated() -> None:
    blob = box.seal(SECRET, KEY.public, "inbox:1")
    both = box.Keychain([KEY, OTHER])
    moved = box.reseal(blob, both, OTHER.public, "inbox:1")
    assert box.key_id_of(moved) == OTHER.key_id
    assert box.Keychain([OTHER]).open(moved, "inbox:1") == SECRET
    assert box.reseal(moved, both, OTHER.public, "inbox:1") == moved
    assert both.key_ids == {KEY.key_id, OTHER.key_id}


def test_keys_survive_the_disk_and_private_ones_are_private(tmp_path: Path) -> None:
    KEY.save(tmp_path / "intake.private.json")
    KEY.public.save(tmp_path / "intake.public.json")
    public = box.PublicKey.load(tmp_path / "intake.public.json")
    private = box.PrivateKey.load(tmp_path / "intake.private.json")
    assert public == KEY.public
    assert box.Keychain([private]).open(box.seal(SECRET, public, "a"), "a") == SECRET
    assert stat.S_IMODE((tmp_path / "intake.private.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["intake.private.json", "intake.public.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_private_file_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    KEY.save(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        box.PrivateKey.load(path)


def test_a_key_is_never_written_over_another(tmp_path: Path) -> None:
    path = tmp_path / "key"
    KEY.save(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="exists"):
        OTHER.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"suite": "X25519"},
        {"id": "0" * 16},
        {"x25519": "AAAA"},
        {"mlkem768_seed": "geen base64"},
        {"mlkem768_seed": 5},
        {"kind": "inbeeld-box-public-key"},
    ],
)
def test_a_damaged_key_file_is_refused_without_quoting_it(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "key"
    KEY.save(path)
    whole = json.loads(path.read_bytes())
    path.write_text(json.dumps(whole | change))
    with pytest.raises(ConfigError) as refused:
        box.PrivateKey.load(path)
    assert whole["x25519"] not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null", b"{}"])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    for load in (box.PrivateKey.load, box.PublicKey.load):
        with pytest.raises(ConfigError):
            load(path)


def test_a_missing_or_huge_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for load in (box.PrivateKey.load, box.PublicKey.load):
        with pytest.raises(ConfigError):
            load(path)
    path.write_bytes(b" " * 70_000)
    path.chmod(0o600)
    for load in (box.PrivateKey.load, box.PublicKey.load):
        with pytest.raises(ConfigError):
            load(path)


def test_no_key_shows_itself() -> None:
    secret = json.dumps(str(KEY) + str(CaseKey(b"s" * 32)) + repr(KEY.public))
    assert KEY.key_id in secret
    assert "ssss" not in secret
    assert "seed" not in secret


@EXAMPLES
@given(st.binary(max_size=500))
def test_a_case_key_seals_wraps_and_unwraps(content: bytes) -> None:
    key = CaseKey.new()
    blob = key.seal(content, "case:1:fields")
    wrapped = key.wrap(KEY.public, "case:1")
    assert CaseKey.unwrap(wrapped, CHAIN, "case:1").open(blob, "case:1:fields") == content
    for wrong in (lambda: key.open(blob, "case:2:fields"), lambda: CaseKey.new().open(blob, "case:1:fields")):
        with pytest.raises(OpenError):
            wrong()
    with pytest.raises(OpenError):
        CaseKey.unwrap(wrapped, CHAIN, "case:2")


@EXAMPLES
@given(st.binary(max_size=60))
def test_a_case_key_opens_no_junk(junk: bytes) -> None:
    with pytest.raises(OpenError):
        CaseKey.new().open(junk, "case:1:fields")


def test_a_wrapped_key_rotates_like_any_blob_and_other_content_is_no_key() -> None:
    key = CaseKey.new()
    both = box.Keychain([KEY, OTHER])
    moved = box.reseal(key.wrap(KEY.public, "case:1"), both, OTHER.public, wrap_context("case:1"))
    assert CaseKey.unwrap(moved, box.Keychain([OTHER]), "case:1") == key
    with pytest.raises(OpenError):
        CaseKey.unwrap(box.seal(b"x" * 31, KEY.public, wrap_context("case:1")), CHAIN, "case:1")
