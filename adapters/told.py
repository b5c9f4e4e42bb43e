"""What a receiver tells back of a delivery, in our words: the same for every adapter that can be asked.

It promises that a fact has a name within its delivery, so that it is recorded once however often it is told;
that of its two meanings the one holds that fits where the case is; and that what was not understood is
counted by where it stood, never by what stood there. Events and codes are the gateway's words, as text.

An adapter whose receiver tells something has, beside what `adapters.base` asks,

    @property
    def poll_every(self) -> timedelta | None: ...     # None: it is never asked
    async def poll(self, since: datetime | None) -> Polled: ...

and may have `channel: ClassVar[str]`, a word for it, and

    async def answered(self, outcomes: Sequence[Settlement]) -> None: ...

which is given, once everything is committed, what became of each that `poll` told, in the same order. One
that is called by its receiver has `verify(body, value)`, which returns if the receiver signed that body.

The Dutch words in which a receiver reports, each for one closed code of the gateway's.

The one list for every channel that is not ours to word: the API, a file of a team, a task in somebody's
system, a member beside DDAS. Codes are the gateway's words, as text; `WRONG_NUMBER` is no event of its own,
and asks the referrer for another number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of our events or `WRONG_NUMBER`, with the reason (of `declined`) or the outcome (of
    `stopped`) that goes with it. `next_step` is a code of ours or a word of the place."""

    event: str
    code: str | None = None
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was told. `key` names it within its delivery; of `before` and `after` (contact) one
    holds, and None means that it can't be then."""

    key: str
    before: Meaning | None
    after: Meaning | None
    on: date | None = None
    day_part: str | None = None
    anew: frozenset[str] = frozenset()
    """Where only what is so now is told: the keys (or their beginnings, before a slash) of which one that was
    recorded since makes this another fact with the same key."""


@dataclass(frozen=True, slots=True)
class ToldBack:
    """Everything that was told of one delivery, in the order in which it happened. A receiver that knows only
    the case leaves `delivery_id` empty and gives the `kenmerk`: then its last delivery is meant.

    `unknown` are the places of words that no table of ours has, such as `contactpogingen.soort`: a person
    asks the receiver what they mean. The words themselves are free text, and are kept nowhere.
    """

    delivery_id: str
    facts: tuple[Fact, ...] = ()
    unknown: tuple[str, ...] = ()
    kenmerk: str | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a receiver told when asked, and of how many more items not even the delivery was understood."""

    told: tuple[ToldBack, ...] = ()
    not_understood: int = 0


class Unfit(StrEnum):
    """Why something that was told could not be settled."""

    UNKNOWN = "unknown"
    DAY = "day"
    CONTACT_FIRST = "contact_first"
    NOT_NOW = "not_now"
    # It is asked for again: another had the case in hand.
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one that was told: settled (now or before), or why not."""

    delivery_id: str
    unfit: Unfit | None = None


WRONG_NUMBER: Final = "wrong_number"

STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "opgehaald": "collected",
        "niet_bereikt": "attempted",
        "in_beeld": "contacted",
        "patient_belde": "self_contact",
        "afspraak": "intake_planned",
        "niet_verschenen": "no_show",
        "verschenen": "appointment_held",
        "deskundigengesprek": "expert_talk",
        "driegesprek": "three_way_talk",
        "gestart": "in_support",
        "gestopt": "stopped",
        "geweigerd": "declined",
        "onbereikbaar": "unreachable",
        "verkeerd_nummer": WRONG_NUMBER,
        "intrekking_gezien": "withdrawal_confirmed",
        "rechtgezet": "corrected",
    }
)
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vol": "capacity",
        "verkeerd_gebied": "area",
        "niet_passend": "not_appropriate",
        "dubbel": "duplicate",
        "geen_behoefte": "patient_declined",
    }
)
OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "afgerond": "completed",
        "doorverwezen": "referred_on",
        "patient_stopte": "patient_stopped",
        "contact_verloren": "lost_contact",
        "verhuisd": "moved",
        "geen_behoefte": "no_need",
        "anders": "other",
    }
)
NEXT_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kennismaking": "intake",
        "budgethulp": "budget_help",
        "schuldhulpverlening": "debt_counselling",
        "welzijn": "welfare",
        "activiteit": "activity",
        "belronde": "call_round",
        "maatje": "buddy",
        "cursus": "course",
        "zelfstandig": "self_reliant",
        "wijkteam": "local_team",
        "bewind": "protection",
        "geen_passend_aanbod": "no_offer",
        "geen_vervolg": "no_follow_up",
    }
)
DAY_PARTS: Final = ("ochtend", "middag", "avond")

TELLS_STEP: Final = frozenset({"contacted", "self_contact", "intake_planned", "in_support", "stopped"})
"""With these a next step can be told."""


def word_of(text: str) -> str:
    """A word of a list, however it was typed: "In beeld" is in_beeld, "patiënt belde" is patient_belde."""
    plain = text.strip().casefold().replace("ë", "e")
    return re.sub(r"[\s_-]+", "_", plain)
