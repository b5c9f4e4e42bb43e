"""Whether an organisation has room, said by its own program.

It promises what the page promises: that an organisation changes its own room and nothing else of it, that it
counts from the next referral on, and that who said so is in the audit trail.

Whether an organisation has room, as its people and programs say it: open, a waiting list, or full.
"""

from collections.abc import Callable
from datetime import date
from http import HTTPMethod
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.directory.book import Book, EntryKind
from gateway.directory.editing import Edit, Editing
from gateway.directory.rows import Overtaken
from gateway.domain.pathway import EVERYTHING
from gateway.settings.sections import OrganisationEntry
from gateway.web import problems
from gateway.web.api.models import Given, Model
from gateway.web.api.operations import Call, Operation
from gateway.web.problems import Problem

OPEN, WAITING, FULL = "open", "wachtlijst", "vol"
LONGEST_WEEKS = 104


def room(entry: OrganisationEntry, today: date) -> str:
    """The word for an organisation as it is today."""
    if entry.full and (entry.full_until is None or today < entry.full_until):
        return FULL
    return WAITING if entry.waiting_weeks else OPEN


def passed_on(entry: OrganisationEntry, book: Book) -> bool:
    """Whether somebody else gets new referrals while an organisation is full: of all its themes."""
    themes = {each.name: each.theme.name for each in book.pathways}
    second = book.by_id.get((EntryKind.ORGANISATION, entry.backup or ""))
    if not isinstance(second, OrganisationEntry):
        return False
    own, takes = ({themes.get(name, "") for name in (each.pathway, *each.also)} for each in (entry, second))
    return EVERYTHING in takes or own <= takes


def changes(word: str, weeks: int | None, until: str, today: date) -> dict[str, object] | None:
    """What a word changes of an entry; None where what should stand with it does not."""
    match word:
        case "open":
            return {"waiting_weeks": 0, "full": False, "full_until": None}
        case "wachtlijst" if weeks is not None and 1 <= weeks <= LONGEST_WEEKS:
            return {"waiting_weeks": weeks, "full": False, "full_until": None}
        case "vol":
            try:
                day = date.fromisoformat(until) if until else None
            except ValueError:
                return None
            if day is None or day > today:
                return {"full": True, "full_until": day}
    return None


PATH = "/v1/ruimte"
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class Ruimtemelding(Model):
    """How much room there is from now on."""

    plek: Literal["open", "wachtlijst", "vol"] = Field(
        description="Of er plek is, een wachtlijst, of geen plek."
    )
    weken: int | None = Field(
        None, ge=1, le=LONGEST_WEEKS, description="Bij een wachtlijst: hoeveel weken die ongeveer is."
    )
    tot: Day | None = Field(None, description="Bij vol: vanaf welke dag er weer plek is, als u dat weet.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for field, given, wanted in (("weken", self.weken, WAITING), ("tot", self.tot, FULL)):
            if given is not None and self.plek != wanted:
                raise PydanticCustomError("eigen", "hoort niet bij deze plek", {"veld": field})
        if self.plek == WAITING and self.weken is None:
            raise PydanticCustomError("eigen", "ontbreekt bij een wachtlijst", {"veld": "weken"})
        return self


class Ruimte(Given):
    """How much room there is, as we know it."""

    plek: str = Field(description="open, wachtlijst of vol.")
    weken: int | None = Field(description="Hoeveel weken de wachtlijst is.")
    tot: date | None = Field(description="Vanaf welke dag er weer plek is.")
    vervanger: bool = Field(
        description="Of een andere organisatie nieuwe aanmeldingen krijgt als u vol bent. Zo niet, dan komen "
        "zij toch bij u."
    )


class RoomApi:
    """The operations; `today` is the day it is for people."""

    def __init__(self, editing: Editing, today: Callable[[], date]) -> None:
        self._editing, self._today = editing, today

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "ruimte",
                HTTPMethod.GET,
                PATH,
                "Bekijk of u plek hebt",
                "Zoals het nu bij ons staat. Uw medewerkers en onze beheerders kunnen het ook wijzigen.",
                lambda call: self._told(self._entry(call.organisation)),
                Ruimte,
                statuses=(404,),
            ),
            Operation(
                "ruimteMelden",
                HTTPMethod.PUT,
                PATH,
                "Meld of u plek hebt",
                "Geldt vanaf de volgende aanmelding. Bent u vol, dan gaan nieuwe naar uw vervanger. "
                "De praktijk hoort wie er belt en hoe lang de wachtlijst is. Herhalen mag.",
                self._take,
                Ruimte,
                Ruimtemelding,
                (404,),
            ),
        )

    def _take(self, call: Call) -> Ruimte:
        said: Ruimtemelding = call.body
        organisation = call.organisation
        wanted = changes(said.plek, said.weken, said.tot or "", self._today())
        if wanted is None:
            raise Problem(problems.INVALID, fouten=[{"veld": "tot", "melding": "is geen dag die nog komt"}])
        entry, edited = self._entry(organisation), self._editing.edited(EntryKind.ORGANISATION, organisation)
        after = entry.model_copy(update=dict(wanted))
        edit = Edit(after, edited.version if edited else 0)
        try:
            self._editing.change(f"organisation:{organisation}", edit, meant=True)
        except Overtaken:
            raise Problem(problems.BUSY, headers={"Retry-After": "1"}) from None
        return self._told(after)

    def _told(self, entry: OrganisationEntry) -> Ruimte:
        word = room(entry, self._today())
        return Ruimte(
            plek=word,
            weken=entry.waiting_weeks if word == WAITING else None,
            tot=entry.full_until if word == FULL else None,
            vervanger=passed_on(entry, self._editing.book()),
        )

    def _entry(self, organisation: str) -> OrganisationEntry:
        entry = self._editing.book().by_id.get((EntryKind.ORGANISATION, organisation))
        if not isinstance(entry, OrganisationEntry):
            raise Problem(problems.NOT_FOUND)
        return entry
