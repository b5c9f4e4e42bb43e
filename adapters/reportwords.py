"""The Dutch words in which a receiver reports, each for one closed code of the gateway's.

The one list for every channel that is not ours to word: the API, a file of a team, a task in somebody's
system, a member beside DDAS. Codes are the gateway's words, as text; `WRONG_NUMBER` is no event of its own,
and asks the referrer for another number.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
