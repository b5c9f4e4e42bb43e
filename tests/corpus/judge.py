"""Whether a reading of a sample mail is right, by the answer that stands beside it.

An answer may accept more than one: `accept` gives further verdicts (a question where a bolder reader would
route), `accept_name` and `accept_phone` further values.
"""

import json
from pathlib import Path
from typing import Any

from gateway.reading.record import Reading

FIELDS = ("name", "phone", "other_phones", "wijk")


def expected(mail: Path) -> dict[str, Any]:
    """The answer beside a mail."""
    told: dict[str, Any] = json.loads(mail.with_suffix(".json").read_text())
    return told


def as_told(reading: Reading) -> dict[str, Any]:
    """A reading in the form of an answer."""
    return {
        "verdict": str(reading.verdict),
        "name": reading.name,
        "phone": reading.phone,
        "other_phones": list(reading.other_phones),
        "wijk": reading.wijk,
        "problems": sorted(reading.problems),
    }


def wrong_numbers(reading: Reading, told: dict[str, Any]) -> set[str]:
    """The numbers a reading gives that aren't the patient's."""
    right = {told["phone"], *told["other_phones"], *told.get("accept_phone", ())}
    return {phone for phone in (reading.phone, *reading.other_phones) if phone} - right


def is_right(reading: Reading, told: dict[str, Any]) -> bool:
    """Whether a reading says what the answer says, or what it accepts besides."""
    given = as_told(reading)
    names = {told["name"], *told.get("accept_name", ())}
    exact = given["name"] in names and all(
        given[field] == (sorted(told[field]) if field == "problems" else told[field])
        for field in ("verdict", "phone", "other_phones", "wijk", "problems")
    )
    return exact or _asks_well(reading, told)


def _asks_well(reading: Reading, told: dict[str, Any]) -> bool:
    """Whether it asks where that is accepted, and gives nothing but what is right."""
    if str(reading.verdict) not in told.get("accept", ()):
        return False
    names = {None, told["name"], *told.get("accept_name", ())}
    return reading.name in names or reading.phone is None
