"""The pages of the directory: who serves what, lists with search, a form each, and a step that explains.

They promise that nothing is written before it was shown what changes and what follows from it, that whoever
changes something showed a factor a short while ago, that a form which somebody overtook comes back with all
that was typed in it beside what the other did, and that a key counts only with a fingerprint that was typed
twice and is that of the key.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.directory import coverage, fields, telling
from gateway.directory.book import MODELS, Book, Entry, EntryKind, document, id_of, parse
from gateway.directory.editing import NEW, Changed, Edit, Editing, NotMeant, Removal
from gateway.directory.files import FIRST, STAND_INS
from gateway.directory.keyentry import AGAIN, TYPED, KeyEntry
from gateway.directory.present import Present
from gateway.directory.rows import Overtaken
from gateway.errors import ConfigError, ConfigErrors
from gateway.web import problems
from gateway.web.auth import Endpoint, Role, Visitor
from gateway.web.forms import posted, whole_form
from gateway.web.pages import Shell, ShellPage
from gateway.web.problems import Problem
from gateway.web.words import alphabetical

HERE = "/gids"
KINDS = {
    "praktijken": EntryKind.PRACTICE,
    "organisaties": EntryKind.ORGANISATION,
    "plaatsen": EntryKind.PLACE,
    "zorgpaden": EntryKind.PATHWAY,
    "alarmadressen": EntryKind.ALARM,
}
"""The lists, by the word in their address."""

WORDS = {kind: word for word, kind in KINDS.items()}
LONGEST = 64_000
"""A form with a key in it is not longer than this, in bytes."""

COVERED = 100
"""So many places of the coverage are shown at once; who has more of them searches."""

SHOWN = 200
"""So many entries stand on a page; a search finds the others."""

SOME = 12
"""So many effects are told one by one."""


class DirectoryPages(ShellPage):
    """The pages. `address` is what practices send to."""

    def __init__(
        self,
        shell: Shell,
        *,
        present: Present,
        editing: Editing,
        key_entry: KeyEntry,
        who: Callable[[str], str],
        today: Callable[[], date],
        address: str,
    ) -> None:
        super().__init__(shell)
        self._present, self._editing, self._keys = present, editing, key_entry
        self._who, self._today, self._general = who, today, address

    def routes(self) -> list[BaseRoute]:

        def route(path: str, endpoint: Endpoint, *methods: str, fresh: bool = False) -> BaseRoute:
            roles = {Role.BEHEERDER}
            return self._auth.route(HERE + path, endpoint, roles=roles, methods=methods, fresh=fresh)

        return [
            route("", self.overview, "GET"),
            route("/{kind}", self.index, "GET"),
            route("/{kind}/nieuw", self.new, "GET", "POST", fresh=True),
            route("/{kind}/bewerken/{id}", self.edit, "GET", "POST", fresh=True),
            route("/{kind}/weghalen/{id}", self.removal, "GET", "POST", fresh=True),
        ]

    def overview(self, request: Request, visitor: Visitor) -> Response:
        """The table of who serves what, and the answer for one place."""
        query, known = request.query_params, self._present()
        typed, theme = query.get("plaats", "")[:80], query.get("onderwerp", "")
        place = coverage.found(known, typed) if typed.strip() else None
        about, today = coverage.themes(known), self._today()
        tables = [list(coverage.table(known, today, each)) for each in about]
        rows = list(zip(*tables, strict=True))
        wanted, unserved = query.get("zoek", "").strip()[:80], query.get("niemand") == "ja"
        hits = [row for row in rows if _covers(row, wanted.casefold(), unserved)]
        # What is sent to the general address, and names no theme, is about that address's own.
        general_theme = known.theme_addresses.get(self._general.partition("@")[0], "")
        asked = theme if theme in about else general_theme or None
        return self._page(
            "overview.html",
            visitor,
            typed=typed.strip(),
            tried=coverage.served(known, place, today, asked) if place else None,
            entries=known.entries,
            rows=hits[:COVERED],
            many=len(hits),
            total=len(rows),
            most=COVERED,
            wanted=wanted,
            unserved=unserved,
            bare=[[one.place for one in rows if one.problem == "no_route"] for rows in tables],
            themes=[known.themes[each] for each in about] if len(about) > 1 else [],
            theme=theme,
            general=self._general,
            general_theme=general_theme,
            everything="alles" in known.themes,
            from_files=self._present.generation == 0,
        )

    def index(self, request: Request, visitor: Visitor) -> Response:
        kind, query = _kind(request), request.query_params
        wanted = query.get("zoek", "").strip()[:80]
        book = self._editing.book()
        all_ = [entry for entry in book if isinstance(entry, MODELS[kind])]
        hits = [entry for entry in all_ if wanted.casefold() in _searched(entry, book)]
        hits.sort(key=lambda entry: alphabetical(telling.name_of(entry)))
        return self._page(
            "list.html",
            visitor,
            kind=kind,
            wanted=wanted,
            entries=[
                (id_of(entry), telling.name_of(entry), ", ".join(telling.reached(entry, book)) or "–")
                for entry in hits[:SHOWN]
            ],
            many=len(hits),
            total=len(all_),
            done=query.get("klaar", "") if query.get("klaar", "") in ("bewaard", "weg") else "",
        )

    def new(self, request: Request, visitor: Visitor) -> Response:
        """A form for a new entry."""
        kind = _kind(request)
        if request.method == "GET":
            return self._form(visitor, kind, None, NEW, fields.shown(kind, FIRST.get(kind, {})))
        return self._take(kind, None, whole_form(request, LONGEST), visitor)

    def edit(self, request: Request, visitor: Visitor) -> Response:
        kind, id_ = _kind(request), request.path_params["id"]
        if request.method != "GET":
            return self._take(kind, id_, whole_form(request, LONGEST), visitor)
        entry = self._entry(kind, id_)
        edited = self._editing.edited(kind, id_)
        return self._form(
            visitor,
            kind,
            entry,
            edited.version if edited else 0,
            fields.shown(kind, entry.model_dump(mode="json")),
        )

    def _take(self, kind: EntryKind, id_: str | None, given: Mapping[str, str], visitor: Visitor) -> Response:
        """What a form says: back with what is wrong, to the step that explains, or written."""
        before = self._entry(kind, id_) if id_ is not None else None
        version, typed = _version(given), {**given}
        if given.get("zeker") == "nee":
            # Whoever sees a slip in what is explained goes on with what was typed.
            return self._form(visitor, kind, before, version, typed)
        # A fingerprint that was refused is asked for once more, and typed twice again.
        typed = {name: value for name, value in typed.items() if name not in (TYPED, AGAIN)}
        values, wrong = fields.taken(kind, given, document(before) if before is not None else {})
        content = None
        if kind is EntryKind.ORGANISATION:
            content, key_wrong = self._keys.taken(given, values, new=before is None)
            wrong |= key_wrong | telling.untimely(
                values, document(before) if before is not None else {}, self._today()
            )
        try:
            if wrong:
                # Tell what else is wrong in the same breath.
                parse(kind, values)
                raise ConfigErrors(())
            entry = parse(kind, values)
            edit = Edit(entry, version, content)
            if given.get("zeker") == "ja":
                self._editing.change(visitor.actor, edit, meant=True)
                return RedirectResponse(f"{HERE}/{WORDS[kind]}?klaar=bewaard", status_code=303)
            changed = self._editing.weigh(edit)
        except Overtaken:
            return self._overtaken(visitor, kind, id_, typed)
        except (ConfigError, ConfigErrors) as error:
            wrong = self._wrong(kind, error) | wrong
            wrong = self._further(kind, values, wrong) | wrong
            if before is None and (kind, values.get(naming := _naming(values))) in self._editing.book().by_id:
                wrong.setdefault(naming, fields.TAKEN)
            return self._form(visitor, kind, before, version, typed, wrong, 422)
        return self._confirm(visitor, kind, before, entry, given, changed, new_key=content is not None)

    def _wrong(self, kind: EntryKind, error: ConfigError | ConfigErrors) -> dict[str, str]:
        """What is said of each wrong field, and which other entries this one would make wrong."""
        errors = error.errors if isinstance(error, ConfigErrors) else (error,)
        # Of a key that is missing its own part of the form tells.
        errors = tuple(each for each in errors if each.key.rpartition(".")[2] not in _OF_A_KEY)
        wrong = fields.wrong_fields(kind, errors)
        if fields.GENERAL in wrong:
            book, say = self._editing.book(), self._pages.say
            found = [place for each in errors if (place := telling.where(each, book)) and place.kind != kind]
            if found:
                told = [f"{each.name} ({say(each.label)})" if each.label else each.name for each in found]
                wrong[fields.GENERAL] = ", ".join(dict.fromkeys(told))
        return wrong

    def _further(
        self, kind: EntryKind, values: Mapping[str, Any], wrong: Mapping[str, str]
    ) -> dict[str, str]:
        """What would still be wrong once these fields are mended, so that all of it is told at once."""
        if kind not in STAND_INS:
            return {}
        mended = {name.partition(".")[0] for name in wrong}
        stand_in = {"serves": [next(iter(self._present().gazetteer.names), "")]} | STAND_INS[kind]
        known = {name: value for name, value in stand_in.items() if name in MODELS[kind].model_fields}
        try:
            right = {name: value for name, value in values.items() if name not in mended}
            self._editing.weigh(Edit(parse(kind, known | right)))
        except (ConfigError, ConfigErrors) as error:
            return {name: text for name, text in self._wrong(kind, error).items() if name != fields.GENERAL}
        return {}

    def _overtaken(
        self, visitor: Visitor, kind: EntryKind, id_: str | None, typed: dict[str, str]
    ) -> Response:
        """The form as it was typed, with what somebody else did meanwhile; a new entry replaces none."""
        typed.pop("zeker", None)
        naming = _naming(typed)
        new, id_ = id_ is None, id_ or typed.get(naming, "").strip()
        now = self._editing.book().by_id.get((kind, id_))
        if new and now is not None:
            return self._form(visitor, kind, None, NEW, typed, {naming: fields.TAKEN}, 409)
        edited = self._editing.edited(kind, id_)
        theirs = fields.shown(kind, now.model_dump(mode="json")) if now is not None else {}
        return self._form(
            visitor,
            kind,
            now,
            edited.version if edited else NEW,
            typed,
            status=409,
            other=self._who(edited.by) if edited else "",
            theirs={name: value for name, value in theirs.items() if value != typed.get(name, "").strip()},
        )

    def _form(
        self,
        visitor: Visitor,
        kind: EntryKind,
        entry: Entry | None,
        version: int,
        values: Mapping[str, str],
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
        *,
        other: str | None = None,
        theirs: Mapping[str, str] | None = None,
    ) -> Response:
        return self._page(
            "form.html",
            visitor,
            status,
            kind=kind,
            id=id_of(entry) if entry is not None else None,
            fields=fields.FIELDS[kind],
            among=telling.choices(self._editing.book(), entry, self._pages.say),
            locked=fields.LOCKED if entry is not None else frozenset(),
            values=values,
            version=version,
            wrong=wrong or {},
            other=other,
            theirs=theirs or {},
            agreed=getattr(entry, "fingerprint", ""),
            used=getattr(entry, "format", "openpgp"),
        )

    def _confirm(
        self,
        visitor: Visitor,
        kind: EntryKind,
        before: Entry | None,
        after: Entry | None,
        given: Mapping[str, str],
        changed: Changed,
        *,
        new_key: bool = False,
    ) -> Response:
        return self._page(
            "confirm.html",
            visitor,
            kind=kind,
            id=id_of(before) if before is not None else None,
            about=telling.name_of(after or before),
            gone=after is None,
            new_key=new_key,
            changes=telling.changes(kind, before, after, self._pages.say, self._editing.book()),
            effects=changed.effects[:SOME],
            more=max(0, len(changed.effects) - SOME),
            given={name: value for name, value in given.items() if name != "zeker"},
        )

    def removal(self, request: Request, visitor: Visitor) -> Response:
        """Take an entry out: first what follows, then the deed."""
        given = posted(request) if request.method == "POST" else {}
        kind, id_ = _kind(request), request.path_params["id"]
        entry = self._entry(kind, id_)
        edited = self._editing.edited(kind, id_)
        version = edited.version if edited else 0
        sure = given.get("zeker") == "ja"
        removal = Removal(kind, id_, _version(given) if sure else version)
        try:
            if sure:
                self._editing.change(visitor.actor, removal, meant=True)
                return RedirectResponse(f"{HERE}/{WORDS[kind]}?klaar=weg", status_code=303)
            changed = self._editing.weigh(removal)
        except (Overtaken, NotMeant):
            raise Problem(problems.CHANGED) from None
        except (ConfigError, ConfigErrors) as error:
            errors = error.errors if isinstance(error, ConfigErrors) else (error,)
            book = self._editing.book()
            found = [place for each in errors if (place := telling.where(each, book))]
            return self._page(
                "needed.html",
                visitor,
                409,
                kind=kind,
                id=id_,
                about=telling.name_of(entry),
                places=found[:SOME],
                more=max(0, len(found) - SOME),
            )
        return self._confirm(visitor, kind, entry, None, {"versie": str(version)}, changed)

    def _entry(self, kind: EntryKind, id_: str) -> Any:
        entry = self._editing.book().by_id.get((kind, id_))
        if entry is None:
            raise Problem(problems.NOT_FOUND)
        return entry

    def _page(self, template: str, visitor: Visitor, status: int = 200, **values: Any) -> Response:
        return self._render(visitor, f"directory/{template}", status, words=WORDS, kinds=KINDS, **values)


_OF_A_KEY = frozenset({"format", "key", "fingerprint"})


def _kind(request: Request) -> EntryKind:
    if (kind := KINDS.get(request.path_params["kind"])) is None:
        raise Problem(problems.NOT_FOUND)
    return kind


def _version(given: Mapping[str, str]) -> int:
    typed = given.get("versie", "")[:9]
    return int(typed) if typed.isascii() and typed.isdigit() else NEW


def _searched(entry: Entry, book: Book) -> str:
    """What a search looks through: what is written down, and what the list shows."""
    written = (
        " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in document(entry).items()
        if name not in ("password_hash", "fingerprint", "options")
    )
    return " ".join((*written, *telling.reached(entry, book))).casefold()


def _covers(row: Sequence[coverage.Served], wanted: str, unserved: bool) -> bool:
    """Whether a row of the coverage names what is searched for, and nobody where that is asked."""
    named = (
        f"{one.place} {one.organisation.name if one.organisation else ''} {one.contact_person or ''}"
        for one in row
    )
    alone = any(one.problem == "no_route" for one in row) or not unserved
    return alone and (not wanted or wanted in " ".join(named).casefold())


def _naming(typed: Mapping[str, Any]) -> str:
    """The field that names an entry."""
    return next((name for name in ("id", "name", "to") if typed.get(name)), "")
