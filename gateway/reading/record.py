"""What the reader found in a mail, as a closed record.

It promises that who only handles readings need not load what reads: the record crosses from the reading
processes as JSON, and is read back strictly by its types.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.reading.mail.automatic import Sign
from gateway.reading.mail.wrapping import Unopened

URGENT_WORDS = frozenset({"spoed", "crisis", "huisuitzetting", "afsluiting"})


class Verdict(StrEnum):
    """What kind of mail it is."""

    REFERRAL = "referral"
    INCOMPLETE = "incomplete"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One of several patients in a mail, whole: every field was found without doubt."""

    name: str
    phone: str
    other_phones: tuple[str, ...]
    wijk: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in a mail. Phones are E.164; `wijk` is a canonical gazetteer name.

    `problems` are closed codes: missing_name, missing_phone, missing_wijk, invalid_phone, ambiguous_phone,
    unknown_wijk, ambiguous_wijk, several_patients, and bsn_present, which alone makes nothing incomplete.
    `urgent` says that the referrer's own newest text holds a word that asks for haste. `choices` are the
    numbers that compete when `ambiguous_phone` stands there, in the order of the mail, at most three; or the
    only one there is, which its sender can confirm with "ja".
    `patients` are the records of several patients, where each is whole and plainly apart from the others.
    """

    verdict: Verdict
    name: str | None = None
    phone: str | None = None
    other_phones: tuple[str, ...] = ()
    wijk: str | None = None
    problems: tuple[str, ...] = ()
    urgent: bool = False
    choices: tuple[str, ...] = ()
    patients: tuple[PatientRecord, ...] = ()
    ignored: Sign | None = None
    """By which sign it is a machine's, where it is ignored."""
    by_parent: bool = False
    """Whether the numbers are a parent's, where that was agreed (`letters.reach`)."""
    place: str | None = None
    """Where the patient is found, where that was agreed."""
    assessment: str | None = None
    """How the referrer judges what the patient can do alone (see `approach`), where it is plainly said."""
    calls_first: bool = False
    """Whether the referrer announced that the patient calls themselves (see `approach`)."""
    unopened: Unopened | None = None
    """Why what the mail holds could not be opened (`mail.wrapping`), where it says nothing of a patient."""

    @property
    def offered(self) -> tuple[str, ...]:
        """The choices that the question showed: one alone only where nothing else was asked, as a "ja" could
        answer either."""
        alone = set(self.problems) - {"bsn_present"} == {"ambiguous_phone"}
        return self.choices if len(self.choices) > 1 or alone else ()


def members(record: Any) -> dict[str, Any]:
    """A record as JSON has it (`json.dumps(record, default=members)`): copying all that is in it, as `asdict`
    does, takes longer than writing it."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def known_reading(told: dict[str, object]) -> Reading:
    """A Reading from its own `asdict`. Raises ValueError, KeyError or TypeError if it isn't one."""
    patients = told.get("patients", ())
    if not isinstance(patients, (list, tuple)) or not all(isinstance(each, dict) for each in patients):
        raise TypeError("list of records expected")
    return Reading(
        Verdict(str(told["verdict"])),
        name=_text(told["name"]),
        phone=_text(told["phone"]),
        other_phones=_texts(told["other_phones"]),
        wijk=_text(told["wijk"]),
        problems=_texts(told["problems"]),
        urgent=told["urgent"] is True,
        choices=_texts(told.get("choices", ())),
        patients=tuple(_record(each) for each in patients),
        ignored=Sign(str(told["ignored"])) if told.get("ignored") else None,
        by_parent=told.get("by_parent") is True,
        place=_text(told.get("place")),
        assessment=_text(told.get("assessment")),
        calls_first=told.get("calls_first") is True,
        unopened=Unopened(str(told["unopened"])) if told.get("unopened") else None,
    )


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("text or null expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise TypeError("list of text expected")
    return tuple(value)


def _record(told: dict[str, object]) -> PatientRecord:
    name, phone, wijk = (_texts([told[key]])[0] for key in ("name", "phone", "wijk"))
    return PatientRecord(name, phone, _texts(told["other_phones"]), wijk)
