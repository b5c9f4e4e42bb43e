"""From the bytes of a mail to a Reading: right, or a question."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.reading.automatic import why_automatic
from gateway.reading.message import parse
from gateway.reading.wijken import Gazetteer

URGENT_WORDS = frozenset({"spoed", "crisis", "huisuitzetting", "afsluiting"})


class Verdict(StrEnum):
    """What kind of mail it is."""

    REFERRAL = "referral"
    INCOMPLETE = "incomplete"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in a mail. Phones are E.164; `wijk` is a canonical gazetteer name."""

    verdict: Verdict
    name: str | None = None
    phone: str | None = None
    other_phones: tuple[str, ...] = ()
    wijk: str | None = None
    problems: tuple[str, ...] = ()
    urgent: bool = False


def read(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str] = frozenset(),
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> Reading:
    """A first mail."""
    if why_automatic(parse(raw)):
        return Reading(Verdict.IGNORE)
    return Reading(Verdict.INCOMPLETE, problems=("missing_name", "missing_phone", "missing_wijk"))


def complete(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str],
    known: Reading,
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> Reading:
    """An answer in a running thread, added to what is known."""
    return known
