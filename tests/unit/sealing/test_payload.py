"""The payload: exactly its fields, in text and in JSON that satisfies the published schema."""

import email
import email.policy
import json
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.domain.codes import DayPart
from gateway.errors import OpenError, SealError
from gateway.sealing.letter import REPORTS
from gateway.sealing.payload import Aanmelding, as_json, as_mime, schema
from tests.unit.sealing.trial_keys import EXAMPLES

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
VALIDATOR = Draft202012Validator(json.loads(schema()), format_checker=Draft202012Validator.FORMAT_CHECKER)

LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=200)
PHONES = st.from_regex(r"\A\+[1-9][0-9]{5,14}\Z")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(AMSTERDAM))
AANMELDINGEN = st.builds(
    Aanmelding,
    kenmerk=st.from_regex(r"\A[A-Z0-9][A-Z0-9-]{2,39}\Z"),
    naam=LINES,
    telefoon=PHONES,
    overige_telefoons=st.lists(PHONES, max_size=10).map(tuple),
    wijk=LINES,
    praktijk=LINES,
    ontvangen=MOMENTS,
    uiterlijk=MOMENTS,
    spoed=st.booleans(),
    bellen=st.none() | st.sampled_from(DayPart),
    note=st.none() | LINES,
)


def make_aanmelding(**overrides: Any) -> Aanmelding:
    values: dict[str, Any] = {
        "kenmerk": "K7-QX2M",
        "naam": "Sjoukje Kanarie-van Dam",
        "telefoon": "+31612345678",
        "overige_telefoons": ("+31365312345",),
        "wijk": "Filmwijk",
        "praktijk": "Gezondheidscentrum Filmwijk",
        "ontvangen": datetime(2026, 3, 27, 23, 30, tzinfo=UTC),
        "uiterlijk": datetime(2026, 3, 30, 22, 30, tzinfo=UTC),
    }
    return Aanmelding(**values | overrides)


@EXAMPLES
@given(AANMELDINGEN)
def test_every_aanmelding_satisfies_the_schema_and_comes_back(aanmelding: Aanmelding) -> None:
    content = aanmelding.to_json()
    VALIDATOR.validate(json.loads(content))
    assert Aanmelding.from_json(content) == aanmelding
    assert rfc8785.dumps(json.loads(content)) == content
    VALIDATOR.validate(json.loads(as_json(aanmelding, AMSTERDAM)))


@EXAMPLES
@given(AANMELDINGEN)
def test_the_mail_entity_is_seven_bit_crlf_and_whole(aanmelding: Aanmelding) -> None:
    entity = as_mime(aanmelding, AMSTERDAM)
    assert entity.isascii()
    assert entity.replace(b"\r\n", b"").count(b"\n") == 0
    assert entity.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, entity.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(entity, policy=email.policy.default)
    text, attached = mail.iter_parts()  # type: ignore[attr-defined]
    assert aanmelding.naam in text.get_content()
    assert attached.get_filename() == "aanmelding.json"
    assert Aanmelding.from_json(attached.get_content()) == aanmelding
    assert {name.lower() for name in mail} == {"mime-version", "content-type"}


def test_the_letter_tells_who_by_when_and_how_to_report() -> None:
    mail = email.message_from_bytes(as_mime(make_aanmelding(), AMSTERDAM), policy=email.policy.default)
    text = next(mail.iter_parts()).get_content()  # type: ignore[attr-defined]
    for expected in ("Sjoukje Kanarie-van Dam", "+31612345678", "+31365312345", "Filmwijk", "K7-QX2M"):
        assert expected in text
    # Winter time became summer time in between: both moments stand in local time.
    assert "zaterdag 28 maart 2026 om 0.30 uur" in text
    assert "Neem uiterlijk dinsdag 31 maart 2026 om 0.30 uur contact op" in text
    for word, _ in REPORTS:
        assert f"\n  {word} " in text
    assert "spoed" not in text


def test_urgency_and_a_note_are_shown() -> None:
    said = json.loads(make_aanmelding(spoed=True, note="Belt liever zelf").to_json())
    assert said["opmerking"] == "Belt liever zelf"
    text = json.loads(as_json(make_aanmelding(spoed=True, note="Belt liever zelf"), AMSTERDAM))["tekst"]
    assert "LET OP: dit is een aanmelding met spoed." in text
    assert "Belt liever zelf" in text
    assert "beveiligde postbus" in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"naam": "Kanarie\r\nBcc: x"},
        {"naam": ""},
        {"naam": "Kanarie" * 40},
        {"naam": "Kanarie\u2028"},
        {"telefoon": "0612345678"},
        {"telefoon": "+31 6 Kanarie"},
        {"overige_telefoons": ("+31612345678",) * 11},
        {"ontvangen": datetime(2026, 3, 27)},
        {"kenmerk": "Kanarie <x>"},
        {"bsn": "Kanarie"},
        {"schema_id": "urn:inbeeld:aanmelding:2"},
    ],
)
def test_a_wrong_value_is_refused_and_not_repeated(wrong: dict[str, object]) -> None:
    with pytest.raises(SealError) as refused:
        make_aanmelding(**wrong)
    assert refused.value.code == "content"
    assert "Kanarie" not in "".join(traceback.format_exception(refused.value))
    assert next(iter(wrong)).split("_")[0] in str(refused.value)


def test_an_aanmelding_does_not_show_itself() -> None:
    assert str(make_aanmelding()) == repr(make_aanmelding()) == "Aanmelding(K7-QX2M)"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"naam":"Kanarie"}', b"[" * 5000])
def test_other_content_is_an_open_error(content: bytes) -> None:
    with pytest.raises(OpenError) as refused:
        Aanmelding.from_json(content)
    assert "Kanarie" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong", [{"bsn": "1"}, {"telefoon": "06"}, {"naam": "a\nb"}, {"uiterlijk": "morgen"}, {"schema": "x"}]
)
def test_the_schema_refuses_what_the_model_refuses(wrong: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(json.loads(make_aanmelding().to_json()) | wrong)


def test_moments_are_whole_seconds_in_utc() -> None:
    local = datetime(2026, 7, 1, 12, 0, 0, 999_999, tzinfo=AMSTERDAM)
    assert json.loads(make_aanmelding(ontvangen=local).to_json())["ontvangen"] == "2026-07-01T10:00:00Z"
    assert make_aanmelding(ontvangen=local).ontvangen == local - timedelta(microseconds=999_999)
