"""What somebody asks of the board stands in its address: which cases, which page, which list in full.

It promises that whatever an address holds is understood or ignored with a sentence that says so, that nothing
of it is repeated, and that an address which is made here means the same when it is read again. What a
beheerder looks for again and again is saved under a name: such a view is its owner's alone, and nobody has
more than `MOST` of them.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.board.order import Sort
from gateway.board.rows import DEEPEST, BoardPlace, Wanted
from gateway.domain.attribution import AWAITING, Turn
from gateway.domain.case import ALPHABET
from gateway.store.pagetables import SavedViewRow
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.pages import Shell, ShellPage

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

    def field(name: str, read: Callable[[str], T | None]) -> T | None:
        text = values.get(name, "").strip()
        if not text:
            return None
        value = read(text) if len(text) <= LONGEST else None
        if value is None:
            errors[name] = ERRORS[name]
        else:
            given[name] = value if isinstance(value, str) and name in ("wijk", "kenmerk") else text
        return value

    wanted = Wanted(
        state=field("staat", _one_of(AWAITING)),
        organisation=field("organisatie", _one_of(known.organisations)),
        practice=field("praktijk", _one_of(known.practices)),
        wijk=field("wijk", known.wijk),
        turn=field("beurt", TURN_WORDS.get),
        late=field("te_laat", _one_of(("ja",))) is not None,
    )
    whose, sort = field("bij", _one_of(WHOSE)), field("sorteer", _one_of(Sort))
    skip = field("vanaf", _number)
    kenmerk, after = field("kenmerk", kenmerk_begin), field("na", place_of)
    everything = field("alles", _one_of(known.groups))
    return BoardQuery(wanted, kenmerk, after, everything, whose, sort, skip or 0, given, errors)


def _one_of(known: Iterable[T]) -> Callable[[str], T | None]:
    return lambda text: next((each for each in known if each == text), None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= DEEPEST else None


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


MOST: Final = 12
LONGEST_NAME: Final = 40
"""A name is not longer, in characters."""


def of_user(session: Session, user_id: str) -> list[SavedViewRow]:
    """The views of a user, by name."""
    query = select(SavedViewRow).where(SavedViewRow.user_id == user_id)
    return list(session.exec(query.order_by(col(SavedViewRow.name), col(SavedViewRow.id))))


class SavedViews(ShellPage):
    """Saves them and takes them away. `read` understands the fields of an address, as the board does."""

    def __init__(self, shell: Shell, *, read: Callable[[Mapping[str, str]], BoardQuery]) -> None:
        super().__init__(shell)
        self._read = read

    def routes(self) -> list[BaseRoute]:
        return [
            self._auth.route(
                "/bord/filters", self.handle, roles={Role.BEHEERDER}, methods=("POST",), name="board-views"
            )
        ]

    def handle(self, request: Request, visitor: Visitor) -> Response:
        """Save the filters of the form under a name, or take a view away."""
        given = posted(request)
        if view := given.get("weg", ""):
            mine = col(SavedViewRow.user_id) == visitor.user_id
            with self._store.write() as session:
                session.execute(delete(SavedViewRow).where(col(SavedViewRow.id) == view, mine))
            return RedirectResponse("/bord#lopend", status_code=303)
        asked = self._read(dict(parse_qsl(given.get("vraag", "")[:1000])))
        query = asked.address(na=None, vanaf=None, alles=None)
        # Signs without a shape would give a link without a name, or turn the words beside it around.
        visible = "".join(sign if sign.isprintable() else " " for sign in given.get("naam", ""))
        name = " ".join(visible.split())[:LONGEST_NAME]
        if name and query:
            with self._store.write() as session:
                known = of_user(session, visitor.user_id)
                same = next((row for row in known if row.name == name), None)
                if same is not None:
                    same.query = query
                    session.add(same)
                elif len(known) < MOST:
                    session.add(
                        SavedViewRow(
                            id=secrets.token_hex(8),
                            user_id=visitor.user_id,
                            name=name,
                            query=query,
                            created_at=self._now(),
                        )
                    )
        return RedirectResponse(f"/bord?{query}#lopend", status_code=303)
