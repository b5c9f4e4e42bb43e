"""What a change and a mistake in the directory are called on a page.

It promises that a person reads the words that stand above the fields of the forms, never the names of keys.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from gateway.directory.book import Book, Entry, EntryKind, document, id_of
from gateway.directory.editing import difference
from gateway.directory.fields import CHANNELS, FIELDS, EntryField, shown
from gateway.directory.snapshot import installed
from gateway.domain.pathway import Pathway
from gateway.errors import ConfigError
from gateway.sealing.letter import dialled

PAST = "Deze dag is al geweest. Vul een dag in die nog komt, of niets."
ALONE = "Vink ook aan dat de organisatie vol is, of maak dit veld leeg."
BACKWARDS = "De laatste dag ligt vóór de eerste."
KEYS = {"fingerprint": "Vingerafdruk van de sleutel", "format": "Soort sleutel"}
"""What belongs to an organisation's key, and has no field of its own."""

NUMBERS = frozenset({"phones", "public_phone"})
FORMATS = {"openpgp": "OpenPGP", "smime": "S/MIME", "jwe": "JWK"}

_ABOUT = re.compile(r"(?:(organisation|practice|pathway) ([^ .]+)|(place) (.+?))(?:\.([a-z_.]+)(?: .*)?)?")


class ChangedField(NamedTuple):
    """One field of a change: what it is called, and how it was and will be; "" for nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MistakePlace:
    """Where a mistake stands: an entry that there is, and the field of it; both "" for none."""

    kind: EntryKind
    id: str
    name: str
    label: str = ""


def changes(
    kind: EntryKind, before: Entry | None, after: Entry | None, say: Callable[[str], str], book: Book
) -> list[ChangedField]:
    """What differs between two versions of an entry of a book."""
    among = choices(book, None, say)
    told = difference(before, after)
    one, other = (shown(kind, entry.model_dump(mode="json")) if entry else {} for entry in (before, after))
    found = []
    for field in FIELDS[kind]:
        old, new = one.get(field.name, ""), other.get(field.name, "")
        # Of a new entry what somebody filled in, and not what holds anyhow.
        if old != new and (field.name.partition(".")[0] in told):
            found.append(
                ChangedField(say(field.label), *(_said(field, each, say, among) for each in (old, new)))
            )
    fields = {field.name.partition(".")[0] for field in FIELDS[kind]} | {"key"}
    for name in told.keys() - fields:
        old, new = (FORMATS.get(str(each), _plain(each)) for each in told[name])
        found.append(ChangedField(say(KEYS[name]) if name in KEYS else name, old, new))
    return found


def choices(book: Book, own: Entry | None, say: Callable[[str], str]) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from, for the form of an entry: values and what they are called."""
    there = installed()
    return {
        "pathway": sorted(((each.name, each.title) for each in book.pathways), key=lambda one: one[1]),
        "backup": [
            ("", say("niemand")),
            *((each.id, each.name) for each in book.organisations if each != own),
        ],
        "adapter": [
            (name, say(CHANNELS[name]) if name in CHANNELS else name)
            for name in (*CHANNELS, *sorted(there - CHANNELS.keys() - {"memory"}))
            if name in there
        ],
    }


def where(error: ConfigError, book: Book) -> MistakePlace | None:
    """The entry of which a mistake was told; None where there is none such."""
    about = _ABOUT.fullmatch(error.key)
    if about is None:
        return None
    kind, id_, path = EntryKind(about[1] or about[3]), about[2] or about[4], about[5] or ""
    entry = book.by_id.get((kind, id_))
    if entry is None:
        return None
    labels = {field.name: field.label for field in FIELDS[kind]}
    label = labels.get(path) or labels.get(path.partition(".")[0], "")
    return MistakePlace(kind, id_, name_of(entry), label)


def name_of(entry: Any) -> str:
    return str(getattr(entry, "title", "") or getattr(entry, "name", "") or id_of(entry))


def untimely(values: Mapping[str, Any], before: Mapping[str, Any], today: date) -> dict[str, str]:
    """What of an organisation's days can't be meant, of those that somebody wrote just now."""
    wrong = {}
    until, full = values.get("full_until"), bool(values.get("full"))
    written = until != before.get("full_until")
    if until and written and not full:
        wrong["full_until"] = ALONE
    elif until and full and (written or not before.get("full")) and _day(until) <= today:
        # Also an old day that was left there: whoever says now that it is full means from now on.
        wrong["full_until"] = PAST
    for person, text in (values.get("absences") or {}).items():
        first, _, last = str(text).partition(" ")[0].partition("/")
        if text != (before.get("absences") or {}).get(person) and last and _day(last) < _day(first):
            wrong["absences"] = BACKWARDS
    return wrong


def sentences() -> tuple[str, ...]:
    """Everything that is said here."""
    return (PAST, ALONE, BACKWARDS, *KEYS.values())


def reached(entry: Entry, book: Book) -> list[str]:
    """How one gets to an entry: numbers, domains, what it serves, where it lies, who has it."""
    if isinstance(entry, Pathway):
        return [each.name for each in book.organisations if entry.name in (each.pathway, *each.also)]
    given = document(entry)
    names = ("serves", "phones", "domains", "addresses", "postcodes")
    found = [dialled(value) if name in NUMBERS else value for name in names for value in given.get(name, ())]
    return [given["parent"], *found] if given.get("parent") else found


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        # What is no day is told of as such.
        return date.max


def _said(
    field: EntryField, value: str, say: Callable[[str], str], among: Mapping[str, Sequence[tuple[str, str]]]
) -> str:
    if field.shape == "tick":
        return say("ja") if value else ""
    if field.among:
        return dict(among[field.among]).get(value, value) if value else ""
    if field.shape == "choice":
        return say(dict(field.choices).get(value, value)) if value else ""
    lines = value.split("\n") if field.shape in ("lines", "settings") else [value]
    return ", ".join(map(dialled, lines) if field.name in NUMBERS else lines)


def _plain(value: Any) -> str:
    match value:
        case None | "" | []:
            return ""
        case list():
            return ", ".join(map(_plain, value))
        case dict():
            return ", ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    return str(value)
