"""From the bytes of a mail to a Reading: right, or a question."""

from dataclasses import dataclass
from enum import StrEnum


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
