"""Changes of the directory.

They promise that a change is whole or not at all: what it leaves behind passed every check that the files
pass, nobody else's change is lost, and who changed what, from what to what, is in the audit trail with it.
What would leave a place unserved or a running case without its organisation is told first and done only when
it is meant. Nothing here touches a case: the policy that a case began with stays its own.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, select

from gateway.directory import rows
from gateway.directory.book import Book, Entry, EntryKind, document, id_of, kind_of
from gateway.directory.keyshelf import taken_from_files
from gateway.directory.present import Present
from gateway.directory.snapshot import Directory, build
from gateway.domain.pathway import DEBTS
from gateway.domain.route import NoRoute, backup_of, choose, theme_of
from gateway.domain.states import ENDED
from gateway.domain.trail import AuditEvent
from gateway.errors import InbeeldError
from gateway.settings import Settings
from gateway.store import audit
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

NEW = -1
"""The version of an entry that must not be there yet."""

SECRET = frozenset({"password_hash"})
"""What is told of only as set or not."""

NOBODY = ("unserved", "ambiguous")
"""What `coverage` says of a place that no single organisation serves."""

Key = tuple[EntryKind, str]


class Edit(NamedTuple):
    """One entry to write. `version` is the one its editor saw, NEW for none, None to write it over any."""

    entry: Entry
    version: int | None = None
    public_key: bytes | None = None


class Removal(NamedTuple):
    """One entry to take out."""

    kind: EntryKind
    id: str
    version: int | None = None


class Effect(NamedTuple):
    """What a change would do that somebody may not mean: `unserved` and `ambiguous` name a place (and, where
    there are several, a theme), `asked` a place from which referrers must say their theme, `backup` an
    organisation whose backup does not take a theme of it, `running` and `referring` an organisation or
    practice with so many cases."""

    code: str
    name: str
    cases: int = 0
    theme: str = ""

    def __str__(self) -> str:
        match self.code:
            case "unserved":
                about = f" for {self.theme}" if self.theme else ""
                return f"{self.name} would no longer be served by anybody{about}"
            case "ambiguous":
                about = f" for {self.theme}" if self.theme else ""
                return (
                    f"{self.name} would be served by two with an equal claim{about}, so that nobody gets it"
                )
            case "asked":
                return f"referrers from {self.name} who name no theme would be asked for it"
            case "backup":
                return f"the backup of {self.name} does not take {self.theme}, and gets none of it"
            case "running":
                return f"{self.cases} running cases are with organisation {self.name}"
        return f"{self.cases} running cases are of practice {self.name}"


class NotMeant(InbeeldError):
    """The change has effects that must be meant; nothing was written."""

    def __init__(self, effects: Sequence[Effect]) -> None:
        lines = [*map(str, effects[:MOST]), *(["…"] if len(effects) > MOST else [])]
        super().__init__("Nothing was changed, because then:\n  " + "\n  ".join(lines))
        self.effects = tuple(effects)


MOST = 20


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did: the keys of the entries that are new, different and gone."""

    added: tuple[Key, ...] = ()
    altered: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()
    effects: tuple[Effect, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.altered or self.removed)


class _Weighed(Exception):
    def __init__(self, changed: Changed) -> None:
        self.changed = changed


class Editing:
    """Changes the directory, for whoever may."""

    def __init__(
        self, *, store: Store, present: Present, settings: Settings, now: Callable[[], datetime]
    ) -> None:
        self._store, self._present, self._settings, self._now = store, present, settings, now

    def weigh(self, *edits: Edit | Removal) -> Changed:
        """What a change would do; raises `ConfigErrors` and `Overtaken` as `change` does. Writes nothing."""
        try:
            self._change(edits, "", dry=True, meant=True)
        except _Weighed as answer:
            return answer.changed
        raise AssertionError("a dry run always ends so")

    def change(
        self,
        actor: str,
        *edits: Edit | Removal,
        meant: bool = False,
        also: Callable[[Session], None] | None = None,
    ) -> Changed:
        """Make a change, and in the same transaction what follows from it (`also`).

        Raises `ConfigErrors` with every mistake, `Overtaken` when somebody was first, and `NotMeant` for
        effects that are not `meant`.
        """
        changed = self._change(edits, actor, dry=False, meant=meant, also=also)
        self._present.refresh()
        return changed

    def replace(self, actor: str, book: Book, *, meant: bool = False, dry: bool = False) -> Changed:
        """Let the directory be this book and nothing else."""
        present = self.book()
        gone = [Removal(*key) for key in present.by_id.keys() - book.by_id.keys()]
        edits = [
            Edit(
                entry, None, book.keys.get(id_of(entry)) if kind_of(entry) is EntryKind.ORGANISATION else None
            )
            for entry in book
        ]
        return self.weigh(*edits, *gone) if dry else self.change(actor, *edits, *gone, meant=meant)

    def book(self) -> Book:
        """The book as it is written down."""
        with self._store.read() as session:
            if rows.generation(session) != rows.FILES:
                return rows.read(session)
        return taken_from_files(self._present().book, self._settings)

    def edited(self, kind: EntryKind, id_: str) -> rows.Edited | None:
        """Who wrote an entry last; None while it stands in a file."""
        with self._store.read() as session:
            return rows.edited(session, kind, id_)

    def _change(
        self,
        edits: Sequence[Edit | Removal],
        actor: str,
        *,
        dry: bool,
        meant: bool,
        also: Callable[[Session], None] | None = None,
    ) -> Changed:
        now = self._now()
        from_files = taken_from_files(self._present().book, self._settings)
        with self._store.write() as session:
            first = rows.turn(session) == rows.FILES
            if first:
                self._take_in(session, from_files, now)
            book, versions = rows.read(session), rows.versions(session)
            for edit in edits:
                self._check(session, edit, versions, first)
            put = [edit for edit in edits if isinstance(edit, Edit)]
            gone = [(edit.kind, edit.id) for edit in edits if isinstance(edit, Removal)]
            after = book.with_(*(edit.entry for edit in put), without=gone)
            after = after.with_keys({id_of(edit.entry): edit.public_key for edit in put if edit.public_key})
            directory = build(self._present.keys.laid_out(after), self._settings)
            changed = self._written(session, book, put, gone, now, actor)
            changed = Changed(
                changed.added,
                changed.altered,
                changed.removed,
                tuple(self._effects(session, book, directory)),
            )
            if dry:
                raise _Weighed(changed)
            if changed.effects and not meant:
                raise NotMeant(changed.effects)
            if also is not None:
                also(session)
            elif not changed and not first:
                # Nothing to look at again for anybody.
                session.rollback()
        return changed

    @staticmethod
    def _take_in(session: Session, book: Book, now: datetime) -> None:
        rows.fill(session, book, now, "files")
        counts = {kind: sum(kind_of(entry) is kind for entry in book) for kind in EntryKind}
        audit.append(session, AuditEvent.DIRECTORY_IMPORTED, now=now, actor="gateway", **counts)

    @staticmethod
    def _check(session: Session, edit: Edit | Removal, versions: Mapping[Key, int], from_files: bool) -> None:
        key = (edit.kind, edit.id) if isinstance(edit, Removal) else (kind_of(edit.entry), id_of(edit.entry))
        have = versions.get(key)
        if edit.version is None or edit.version == (NEW if have is None else have):
            return
        # Whoever saw it as a file says 0 of it; the files were taken in just now, as they were seen.
        if from_files and have is not None and edit.version == rows.FILES:
            return
        raise rows.Overtaken(*key, rows.edited(session, *key))

    def _written(
        self,
        session: Session,
        book: Book,
        put: Iterable[Edit],
        gone: Iterable[Key],
        now: datetime,
        actor: str,
    ) -> Changed:
        added: list[Key] = []
        altered: list[Key] = []
        removed: list[Key] = []
        for edit in put:
            key = (kind_of(edit.entry), id_of(edit.entry))
            before = book.by_id.get(key)
            same_key = edit.public_key is None or edit.public_key == book.keys.get(key[1])
            if before == edit.entry and same_key:
                continue
            (added if before is None else altered).append(key)
            rows.put(session, edit.entry, now, actor, edit.public_key)
            facts = difference(before, edit.entry)
            if not same_key and edit.public_key is not None:
                facts["public_key"] = [None, hashlib.sha256(edit.public_key).hexdigest()]
            _tell(session, key, facts, now, actor)
        for key in gone:
            if (before := book.by_id.get(key)) is not None:
                removed.append(key)
                rows.remove(session, *key)
                _tell(session, key, difference(before, None), now, actor)
        return Changed(tuple(added), tuple(altered), tuple(removed))

    def _effects(self, session: Session, before: Book, after: Directory) -> Iterable[Effect]:
        old = build(self._present.keys.laid_out(before), self._settings)
        for code, column, lost in (
            ("running", CaseRow.organisation_id, old.organisations.keys() - after.organisations.keys()),
            ("referring", CaseRow.practice_id, old.practices.keys() - after.practices.keys()),
        ):
            query = select(column, func.count()).where(
                col(column).in_(lost), col(CaseRow.state).not_in(ENDED)
            )
            for name, count in session.exec(query.group_by(col(column))):
                yield Effect(code, str(name), count)
        yield from lost_places(old, after, self._settings.gateway.address.partition("@")[0])


def lost_places(before: Directory, after: Directory, general: str) -> Iterator[Effect]:
    """The places that somebody served and that nobody would, or two, and those from which referrers who write
    to the `general` address would be asked for a theme: of a whole area its name alone."""
    there = {*before.themes, *after.themes} or {DEBTS}
    for theme in sorted(there):
        served, now = coverage(before, theme), coverage(after, theme)
        lost = {place: who for place, who in now.items() if who in NOBODY and served.get(place, who) != who}
        for place, who in lost.items():
            if lost.get(after.gazetteer.places[place].parent or "") != who:
                yield Effect(who, place, theme=theme if len(there) > 1 else "")
    asked = _asked(after) - _asked(before) if general not in after.theme_addresses else set()
    for name, theme in sorted(_unbacked(after) - _unbacked(before)):
        yield Effect("backup", name, theme=theme)
    for place in asked:
        if after.gazetteer.places[place].parent not in asked:
            yield Effect("asked", place)


def _unbacked(directory: Directory) -> set[tuple[str, str]]:
    """The organisations, by name, whose backup does not take a theme of theirs."""
    known = directory.organisations
    return {
        (each.name, directory.themes[theme].called)
        for each in known.values()
        if backup_of(each, known.values())
        for theme in each.takes
        if backup_of(each, known.values(), theme) is None
    }


def _asked(directory: Directory) -> set[str]:
    """The places from which whoever writes to no theme's address is asked for one."""
    found = set()
    for name in directory.gazetteer.places:
        try:
            theme_of(directory.gazetteer.ancestry(name), directory.organisations.values(), None)
        except NoRoute:
            found.add(name)
    return found


def coverage(directory: Directory, theme: str) -> dict[str, str]:
    """Who takes a theme from each place: the organisation's id, or `unserved` or `ambiguous`."""
    found = {}
    for name in directory.gazetteer.places:
        try:
            found[name] = choose(
                directory.gazetteer.ancestry(name), directory.organisations.values(), theme=theme
            ).organisation.id
        except NoRoute as error:
            found[name] = "unserved" if error.code == "no_route" else "ambiguous"
    return found


def difference(before: Entry | None, after: Entry | None) -> dict[str, Any]:
    """What differs between two versions of an entry: for each field what it was and what it is."""
    old, new = (document(entry) if entry is not None else {} for entry in (before, after))
    return {
        name: [_told(name, old.get(name)), _told(name, new.get(name))]
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def differences(here: Book, there: Book) -> list[dict[str, Any]]:
    """What an import of `there` would change: added (+), gone (-) or different (~), with the fields."""
    found = []
    for key in sorted(here.by_id.keys() | there.by_id.keys()):
        before, after = here.by_id.get(key), there.by_id.get(key)
        changes = difference(before, after)
        new_key = there.keys.get(key[1])
        if key[0] is EntryKind.ORGANISATION and new_key is not None and new_key != here.keys.get(key[1]):
            changes["key file"] = ["another", "this one"]
        if changes:
            sign = "+" if before is None else "-" if after is None else "~"
            found.append({"sign": sign, "kind": str(key[0]), "id": key[1], "changes": changes})
    return found


def _told(name: str, value: Any) -> Any:
    return ("set" if value else None) if name in SECRET else value


def _tell(session: Session, key: Key, changes: dict[str, Any], now: datetime, actor: str) -> None:
    kind, id_ = key
    audit.append(
        session, AuditEvent.DIRECTORY_CHANGED, now=now, actor=actor, entry=kind, id=id_, changes=changes
    )
