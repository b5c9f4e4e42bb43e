"""What somebody asks of the board stands in its address: which cases, which page, which list in full.

It promises that whatever an address holds is understood or ignored with a sentence that says so, that nothing
of it is repeated, and that an address which is made here means the same when it is read again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from gateway.board.order import Sort
from gateway.board.rows import DEEPEST, BoardPlace, Wanted
from gateway.domain.case import ALPHABET
from gateway.domain.states import State
from gateway.domain.waiting import AWAITING, Turn

T = TypeVar("T")

LONGEST: Final = 100
"""No value is longer, in characters."""

TURN_WORDS: Final = {
    "beheerder": Turn.ADMINISTRATOR,
    "organisatie": Turn.ORGANISATION,
    "verwijzer": Turn.REFERRER,
    "gateway": Turn.GATEWAY,
}
WHOSE: Final = ("mij", "niemand")
"""Whose cases: those that whoever looks has taken on, or nobody of the beheerders has."""
ERRORS: Final = {
    "staat": "Deze status kennen we niet. Kies er een uit de lijst.",
    "organisatie": "Deze organisatie kennen we niet. Kies er een uit de lijst.",
    "praktijk": "Deze praktijk kennen we niet. Kies er een uit de lijst.",
    "wijk": "Deze wijk kennen we niet. Schrijf de naam zoals die in de aanmelding staat.",
    "beurt": "We weten niet wie u bedoelt. Kies iemand uit de lijst.",
    "bij": "We weten niet wie u bedoelt. Kies iemand uit de lijst.",
    "te_laat": "Zet het vinkje bij ‘alleen te laat’ opnieuw.",
    "sorteer": "Zo kunnen we niet sorteren. Kies een volgorde uit de lijst.",
    "vanaf": "Deze bladzijde is er niet. U ziet de eerste bladzijde.",
    "kenmerk": "Dit is geen kenmerk. Een kenmerk ziet eruit als IB-7K3F-9QXM; het begin is genoeg.",
    "na": "Deze bladzijde is er niet. U ziet de eerste bladzijde.",
    "alles": "Deze lijst kennen we niet.",
}
"""What is said of a value that can't be understood, by the name of its field."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r"([01])\.(\d{1,16})\.(\d{1,15})")
_LETTERS = 8
_SLIPS = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a value may name. `wijk` gives the name as it is written, or None."""

    organisations: Mapping[str, str]
    practices: Mapping[str, str]
    wijk: Callable[[str], str | None]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """What was asked. `given` holds what was understood, field by field, `errors` a sentence for the rest."""

    wanted: Wanted
    kenmerk: str | None
    after: BoardPlace | None
    everything: str | None
    whose: str | None
    sort: Sort | None
    skip: int
    given: Mapping[str, str]
    errors: Mapping[str, str]

    def address(self, **changes: str | None) -> str:
        """The query of this board with other values; None takes one out."""
        values = {**self.given, **changes}
        return urlencode({name: value for name, value in values.items() if value})


def asked(values: Mapping[str, str], known: KnownNames) -> BoardQuery:
    """Reads the fields of an address; what it does not know is nobody's business."""
    given: dict[str, str] = {}
    errors: dict[str, str] = {}
    understood: dict[str, object] = {}
    for name, read in _fields(known).items():
        text = values.get(name, "").strip()
        if not text:
            continue
        value = read(text) if len(text) <= LONGEST else None
        if value is None:
            errors[name] = ERRORS[name]
        else:
            understood[name] = value
            given[name] = value if isinstance(value, str) and name in ("wijk", "kenmerk") else text
    wanted = Wanted(
        state=_as(State, understood.get("staat")),
        organisation=_as(str, understood.get("organisatie")),
        practice=_as(str, understood.get("praktijk")),
        wijk=_as(str, understood.get("wijk")),
        turn=_as(Turn, understood.get("beurt")),
        late="te_laat" in understood,
    )
    return BoardQuery(
        wanted,
        _as(str, understood.get("kenmerk")),
        _as(BoardPlace, understood.get("na")),
        _as(str, understood.get("alles")),
        _as(str, understood.get("bij")),
        _as(Sort, understood.get("sorteer")),
        _as(int, understood.get("vanaf")) or 0,
        given,
        errors,
    )


def written(place: BoardPlace) -> str:
    """A place as it stands in an address."""
    return f"{int(place.waits)}.{(place.due_at - _EPOCH) // _MICROSECOND}.{place.clock_id}"


def place_of(text: str) -> BoardPlace | None:
    """The place that `written` wrote."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    waits, due, clock_id = found.groups()
    try:
        return BoardPlace(waits == "1", _EPOCH + int(due) * _MICROSECOND, int(clock_id))
    except OverflowError:
        return None


def kenmerk_begin(text: str) -> str | None:
    """The beginning of a kenmerk as it is written, from what a person types: "7k3f" gives "IB-7K3F"."""
    letters = re.sub(r"[\s.\-\u2010-\u2015_\[\]]", "", text).upper()
    letters = letters.removeprefix("IB").translate(_SLIPS)
    if not letters or len(letters) > _LETTERS or not set(letters) <= set(ALPHABET):
        return None
    return f"IB-{letters[:4]}" + (f"-{letters[4:]}" if len(letters) > 4 else "")


def _fields(known: KnownNames) -> dict[str, Callable[[str], object | None]]:
    return {
        "staat": lambda text: next((state for state in AWAITING if state == text), None),
        "organisatie": lambda text: text if text in known.organisations else None,
        "praktijk": lambda text: text if text in known.practices else None,
        "wijk": known.wijk,
        "beurt": TURN_WORDS.get,
        "bij": lambda text: text if text in WHOSE else None,
        "te_laat": lambda text: True if text == "ja" else None,
        "sorteer": lambda text: next((sort for sort in Sort if sort == text), None),
        "vanaf": lambda text: (
            int(text) if text.isascii() and text.isdigit() and int(text) <= DEEPEST else None
        ),
        "kenmerk": kenmerk_begin,
        "na": place_of,
        "alles": lambda text: text if text in known.groups else None,
    }


def _as(kind: type[T], value: object) -> T | None:
    return value if isinstance(value, kind) else None
