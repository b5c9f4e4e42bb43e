"""Whether an organisation has room, as its people and programs say it: open, a waiting list, or full."""

from datetime import date

from gateway.directory.book import Book, EntryKind
from gateway.domain.pathway import EVERYTHING
from gateway.settings import OrganisationEntry

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
