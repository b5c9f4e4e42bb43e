"""The mails that went wrong in use, each read as it should have been.

`{THREAD}`, `{TOKEN}`, `{DELIVERY}` and `{BASE64ORIG}` in them stand for what a running gateway would have put
there; what the gateway does with each record is for its stories.
"""

import base64
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from gateway.reading.letters.answer import kenmerken
from gateway.reading.letters.bounce import bounce_of
from gateway.reading.letters.digest import content_digest
from gateway.reading.letters.organisation import organisation_letter
from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import (
    Bounce,
    BounceKind,
    OrganisationKind,
    OrganisationLetter,
    PracticeKind,
    PracticeLetter,
    Stop,
)
from gateway.reading.mail.automatic import is_bulk
from gateway.reading.mail.message import parse
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Reading, Verdict

FOLDER = Path(__file__).parents[3] / "corpus" / "correspondence"
DELIVERY = "0123456789abcdef" * 2
KNOWN = Reading(Verdict.REFERRAL, "Jolanda Vermaat", "+31621000101", (), "Filmwijk")


def sample(start: str) -> bytes:
    (path,) = FOLDER.glob(f"{start}-*.eml")
    raw = path.read_bytes()
    returned = f"Message-ID: <{DELIVERY}@handover.example>\r\nSubject: Nieuwe aanmelding\r\n"
    for name, value in (
        ("{THREAD}", f"<t.ib-7k3f-9qxm.{DELIVERY}.{'a' * 24}@handover.example>"),
        ("{TOKEN}", f"aanmelding+r.ib-7k3f-9qxm.{'a' * 24}@handover.example"),
        ("{DELIVERY}", DELIVERY),
        ("{BASE64ORIG}", base64.b64encode(returned.encode()).decode()),
    ):
        raw = raw.replace(name.encode(), value.encode())
    return raw


def test_two_patients_with_one_message_id_are_two_mails() -> None:
    one, other = sample("01a"), sample("01b")
    assert parse(one).message_id == parse(other).message_id
    assert content_digest(one) != content_digest(other)
    assert content_digest(one) == content_digest(b"Received: by x\r\n" + one)


@pytest.mark.parametrize(
    ("start", "kind", "phone"),
    [
        ("02a", PracticeKind.NEW_PATIENT, "+31621000202"),
        ("02b", PracticeKind.CORRECTED, "+31621000203"),
        ("02c", PracticeKind.STOP, None),
        ("11", PracticeKind.NEW_PATIENT, "+31621001101"),
    ],
)
def test_what_a_practice_wrote_in_a_thread(
    start: str, kind: PracticeKind, phone: str | None, almere: Gazetteer
) -> None:
    asked = replace(KNOWN, verdict=Verdict.INCOMPLETE, wijk=None, problems=("missing_wijk",))
    known = asked if start == "11" else KNOWN
    found = practice_letter(sample(start), almere, frozenset(), known)
    assert (found.kind, found.reading.phone if found.reading else None) == (kind, phone)
    assert found.reason is (Stop.DECEASED if start == "02c" else None)


@pytest.mark.parametrize("start", ["03a", "03b", "03c", "03d", "03f", "03h", "04a", "04c", "08a", "08c"])
def test_a_complete_referral_is_one_also_as_an_answer_about_somebody_else(
    start: str, almere: Gazetteer
) -> None:
    raw = sample(start)
    assert read(raw, almere).verdict is Verdict.REFERRAL
    found = practice_letter(raw, almere, frozenset(), KNOWN)
    assert (found.kind, found.automatic) == (PracticeKind.NEW_PATIENT, is_bulk(parse(raw)))


@pytest.mark.parametrize("start", ["05a", "05c", "05d", "05e", "05f"])
def test_a_bounce_of_any_shape(start: str) -> None:
    found = bounce_of(sample(start), "handover.example")
    assert found is not None
    assert (found.kind, found.deliveries) == (BounceKind.FAILED, (DELIVERY,))


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("06a", OrganisationKind.UNCLEAR),
        ("06b", OrganisationKind.UNCLEAR),
        ("07", OrganisationKind.AUTOMATIC),
    ],
)
def test_what_an_organisation_answered(start: str, kind: OrganisationKind) -> None:
    assert organisation_letter(sample(start)).kind is kind


def test_every_sample_has_been_looked_at() -> None:
    tried = "01a 01b 02a 02b 02c 03a 03b 03c 03d 03f 03h 04a 04c 05a 05c 05d 05e 05f 06a 06b 07 08a 08c 11"
    assert sorted(path.name.partition("-")[0] for path in FOLDER.glob("*.eml")) == tried.split()


@pytest.mark.parametrize("start", ["02a", "02b", "02c", "06a", "05a"])
def test_a_record_crosses_to_another_process_whole_and_without_a_text(start: str, almere: Gazetteer) -> None:
    raw = sample(start)
    for record in (
        practice_letter(raw, almere, frozenset(), KNOWN),
        organisation_letter(raw),
        bounce_of(raw, "handover.example"),
    ):
        adapter: TypeAdapter[PracticeLetter | OrganisationLetter | Bounce | None] = TypeAdapter(
            type(record) if record else type(None)
        )
        crossed = adapter.dump_json(record)
        assert adapter.validate_json(crossed, strict=True) == record
        assert b"excuses" not in crossed.lower()
        assert b"vannacht" not in crossed
        told = asdict(record) if record else {}
        assert all(not isinstance(value, str) or len(value) <= 20 for value in told.values())


def test_a_mail_names_its_case_in_subject_or_text() -> None:
    raw = (
        b"Subject: Vraag over ib-7k3f-9qxm\r\n\r\nZie IB-7K3F-9QXM en IB2222-3333.\r\n> Kenmerk: IB-4444-5555"
    )
    assert kenmerken(parse(raw)) == ("IB-7K3F-9QXM", "IB-2222-3333", "IB-4444-5555")
    assert kenmerken(parse(b"\r\nAIB-7K3F-9QXM IB-7K3F-9QXMM")) == ()
