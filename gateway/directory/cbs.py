"""Places from the tables of Statistics Netherlands (CBS), as it publishes them.

`Kerncijfers wijken en buurten` (its own table or StatLine's) gives the names, `Buurt, wijk en gemeente voor
postcode huisnummer` the postcodes, and beside them the names too. Pure: texts in, places out. It promises
that no line about a region or an address is passed over in silence, that what was made or named by hand
stays, that a name which somebody uses is never taken away (CBS's new one stands beside it), and that a
postcode is of the smallest place with all of its addresses but a stray one.
"""

import csv
import io
import re
from _csv import Reader
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from gateway.directory.book import PlaceEntry
from gateway.errors import ConfigError, ConfigErrors

LARGEST = 400_000_000
"""The largest table that is read, in bytes: that of all postcodes of the country is about 250 MB."""

MANY = 20
"""So many wrong lines are told; a table with more is damaged as a whole."""

STRAY = 0.01
"""So small a part of a postcode's addresses may lie elsewhere."""

_LEVELS = {"gemeente": "gemeente", "wijk": "stadsdeel", "buurt": "wijk"}
_LETTERS = {"gemeente": ("GM", 4), "wijk": ("WK", 6), "buurt": ("BU", 8)}
_REGION = re.compile(r"(GM|WK|BU)\d")
_NUMBER = re.compile(r"[0-9]+")
_POSTCODE = re.compile(r"[1-9][0-9]{3}")
_COLUMNS = (
    {"gwb_code_10", "regio", "recs"},
    {"codering", "wijkenenbuurten", "soortregio"},
    {"pc6", "buurt"},
)
_NUMBERED = re.compile(r"^Wijk \d+\s+")
_BRACKETS = re.compile(r" \([^()]+\)$")
_EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "'s-Gravenhage": ("Den Haag",),
    "'s-Hertogenbosch": ("Den Bosch",),
}
"""What everybody calls a gemeente, where that is not its name."""


@dataclass(slots=True)
class Regions:
    """What was read: regions by their code, and how many addresses of a postcode lie in which buurt."""

    names: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def within(self, gemeente: str) -> list[str]:
        """The codes of a gemeente's own regions, itself first, each after the one it lies in."""
        number = gemeente[2:]
        own = [code for code in self.names if code[2:].startswith(number)]
        return sorted(own, key=lambda code: (list(_LEVELS).index(self.kinds[code]), code))


def read(texts: Mapping[str, str]) -> Regions:
    """The tables of these files, by their names; raises one error that tells of every line that can't be."""
    found = Regions()
    wrong: list[ConfigError] = []
    for name, text in texts.items():
        rows = _rows(text)
        try:
            for problem in _take(found, rows):
                wrong.append(ConfigError(name, f"line {rows.line_num}", problem, "Mend that line"))
                if len(wrong) > MANY:
                    break
        except csv.Error as error:
            remedy = "Download it again, or save it as CSV"
            wrong.append(ConfigError(name, f"line {rows.line_num}", f"is no table: {error}", remedy))
    if len(wrong) > MANY:
        remedy = "It looks damaged: download it again"
        wrong[MANY:] = [ConfigError(wrong[-1].file, "file", f"more than {MANY} lines are wrong", remedy)]
    if wrong:
        raise wrong[0] if len(wrong) == 1 else ConfigErrors(wrong)
    return found


def _take(found: Regions, rows: Reader) -> Iterator[str]:
    """Take in one table; gives what is wrong with the line that was read last."""
    head = [_column(each) for each in next(rows, [])]
    if {"regio", "recs"} <= set(head) and (code := _first(head, "gwb_code_10", "gwb_code")):
        yield from _take_regions(found, rows, head.index(code), head.index("regio"), head.index("recs"))
    elif {"wijkenenbuurten", "codering", "soortregio"} <= set(head):
        columns = (head.index(each) for each in ("codering", "wijkenenbuurten", "soortregio"))
        yield from _take_regions(found, rows, *columns)
    elif named := _named(head):
        yield from _take_names(found, rows, named)
    elif "pc6" in head and (buurt := next((each for each in head if each.startswith("buurt")), None)):
        yield from _take_addresses(found, rows, head.index("pc6"), head.index(buurt))
    else:
        near = max(_COLUMNS, key=lambda columns: len(columns & {*head}))
        lacks = f" (it lacks {', '.join(sorted(near - {*head}))})" if near & {*head} else ""
        yield f"has not the columns of a table of CBS{lacks}: see docs/directory.md for which to download"


def imported(
    regions: Regions, gemeenten: Sequence[str], known: Iterable[PlaceEntry]
) -> tuple[list[PlaceEntry], list[str]]:
    """The places of these gemeenten as they are to be, and the names of those that CBS has no more.

    `known` are the places there are. Raises `ConfigError` for a gemeente that is not in the tables.
    """
    codes = list(dict.fromkeys(_gemeente(regions, gemeente) for gemeente in gemeenten))
    naming = _Naming(regions, codes, list(known))
    made: list[PlaceEntry] = []
    gone: list[str] = []
    for code in codes:
        fresh = _places(regions, code, naming)
        made += fresh
        kept = {place.code for place in fresh}
        gone += [
            place.name
            for place in naming.by_code.values()
            if place.code[2:6] == code[2:] and place.code not in kept
        ]
    return made, gone


class _Naming:
    """What places are to be called, so that no two have one name and none that is used is taken away."""

    def __init__(self, regions: Regions, gemeenten: Sequence[str], known: Sequence[PlaceEntry]) -> None:
        self.by_code = {place.code: place for place in known if place.source == "cbs" and place.code}
        self.hand = {place.name: place for place in known if place.source == "hand"}
        self._parents = {place.name: place.parent for place in known}
        self._taken = {*self._parents}
        self.plain = {
            code: _NUMBERED.sub("", regions.names[code]).strip()
            for gemeente in gemeenten
            for code in regions.within(gemeente)
        }
        # A buurt that bears the name of its wijk is that wijk.
        self.same = {
            code
            for code, name in self.plain.items()
            if code[:2] == "BU" and self.plain.get(f"WK{code[2:8]}") == name
        }
        self._counted = Counter(name for code, name in self.plain.items() if code not in self.same)

    def by_hand(self, code: str, gemeente: str) -> PlaceEntry | None:
        """The place that somebody made for this region: of its name, and in its gemeente."""
        place = self.hand.get(self.plain[code])
        if place is None or (place.level == "gemeente") != (code == gemeente):
            return None
        above = self.hand.get(self.plain[gemeente]) or self.by_code.get(gemeente)
        name: str | None = place.name
        while name is not None:
            if above is not None and name == above.name:
                return place
            name = self._parents.get(name)
        return None

    def called(self, code: str, gemeente: str, above: str | None) -> tuple[str, tuple[str, ...]]:
        """The name of a region, and its other names; `above` is the region it lies in."""
        plain, title = self.plain[code], self.plain[gemeente]
        short = _BRACKETS.sub("", title)
        aliases: tuple[str, ...] = _EVERYDAY.get(title, ()) if code == gemeente else ()
        within = _plainly(title) if above in (None, gemeente) else self.plain[above or gemeente]
        # Of several of one name in a gemeente the wijk tells them apart, of several gemeenten the gemeente.
        further = [f"{plain} ({each})" for each in dict.fromkeys((within, _plainly(title)))]
        further += [f"{plain} ({within}, {_plainly(title)})", f"{plain} ({code})"]
        if code == gemeente:
            names = [title, *further]
            aliases += (short,) if short != title else ()
        elif plain in (title, short):
            region = title[len(short) :].strip(" ()")
            names = [f"{short} ({region}, plaats)" if region else f"{short} (plaats)", *further]
            # "Bergen (NH)" is how people write the town.
            aliases = tuple(dict.fromkeys((short, title)))
        else:
            names = further if self._counted[plain] > 1 else [plain, *further]
        own = self.by_code.get(code)
        name = own.name if own is not None else next(each for each in names if each not in self._taken)
        self._taken.add(name)
        # Also what CBS calls by another name now.
        every = (*(own.aliases if own is not None else ()), *aliases, plain)
        return name, tuple(each for each in dict.fromkeys(every) if each != name)


def _places(regions: Regions, gemeente: str, naming: _Naming) -> list[PlaceEntry]:
    stands_for: dict[str, str] = {}
    made: dict[str, PlaceEntry] = {}
    # Names may come without postcodes: then those that were known stay.
    posted = any(buurt[2:6] == gemeente[2:] for buurten in regions.addresses.values() for buurt in buurten)
    for code in regions.within(gemeente):
        above = _above(code, stands_for)
        if code in naming.same and above is not None:
            stands_for[code] = above
            continue
        stands_for[code] = code
        if code not in naming.by_code and (own := naming.by_hand(code, gemeente)) is not None:
            made[code] = own
            continue
        name, aliases = naming.called(code, gemeente, above)
        try:
            made[code] = PlaceEntry(
                level=_LEVELS[regions.kinds[code]],
                name=name,
                parent=made[above].name if above is not None else None,
                aliases=aliases,
                postcodes=() if posted or code not in naming.by_code else naming.by_code[code].postcodes,
                source="cbs",
                code=code,
            )
        except ValidationError:
            what, remedy = "has a name that no place can have", "Mend that line of the table"
            raise ConfigError("--gemeente", code, what, remedy) from None
    by_hand = {code for place in naming.hand.values() for code in place.postcodes}
    _post(regions, gemeente, made, stands_for, by_hand)
    return [place for place in made.values() if place.source == "cbs"]


def _post(
    regions: Regions,
    gemeente: str,
    made: dict[str, PlaceEntry],
    stands_for: Mapping[str, str],
    by_hand: set[str],
) -> None:
    """Give each postcode to the smallest place that holds all of it."""
    found: dict[str, list[str]] = defaultdict(list)
    for pc4, buurten in sorted(regions.addresses.items()):
        if pc4 in by_hand or not any(buurt[2:6] == gemeente[2:] for buurt in buurten):
            continue
        total = sum(buurten.values())
        held: Counter[str] = Counter()
        for buurt, count in buurten.items():
            for code in {buurt, f"WK{buurt[2:8]}", f"GM{buurt[2:6]}"}:
                if code in stands_for:
                    held[code] += count
        whole = [code for code, count in held.items() if count >= total * (1 - STRAY)]
        if whole:
            smallest = max(whole, key=lambda code: len(code))
            found[stands_for[smallest]].append(pc4)
    for code, codes in found.items():
        if made[code].source == "cbs":
            made[code] = made[code].model_copy(update={"postcodes": tuple(codes)})


def _above(code: str, stands_for: Mapping[str, str]) -> str | None:
    """The region in which one lies, as it stands in the list."""
    match code[:2]:
        case "GM":
            return None
        case "BU" if (wijk := f"WK{code[2:8]}") in stands_for:
            return stands_for[wijk]
    return stands_for[f"GM{code[2:6]}"]


def _gemeente(regions: Regions, name: str) -> str:
    known = {
        called.casefold(): code
        for code, kind in regions.kinds.items()
        if kind == "gemeente"
        for called in (*_EVERYDAY.get(regions.names[code], ()), regions.names[code])
    }
    typed = name.strip().casefold()
    code = known.get(typed)
    if code is None:
        what = f"'{name}' is not a gemeente of these tables"
        near = sorted({regions.names[code] for each, code in known.items() if each[:3] == typed[:3]})
        remedy = f"Write it as CBS does{': ' + ', '.join(near) if near else ''}"
        raise ConfigError("--gemeente", name, what, remedy)
    return code


def _plainly(title: str) -> str:
    """A gemeente's name to stand in brackets itself."""
    return title.replace("(", "").replace(")", "")


def _take_regions(
    found: Regions, rows: Iterator[list[str]], code: int, name: int, kind: int
) -> Iterator[str]:
    own: dict[str, str] = {}
    for row in rows:
        word, digits = _cell(row, kind).casefold(), _cell(row, code)
        # The country has a line as well, and no region of ours.
        if word not in _LEVELS and not _REGION.match(digits):
            continue
        if len(row) <= max(code, name, kind):
            yield "ends too early"
        elif word not in _LEVELS:
            yield f"'{word[:40]}' is no gemeente, wijk or buurt"
        else:
            yield from _take_region(found, own, word, digits, _cell(row, name))


def _take_region(found: Regions, own: dict[str, str], kind: str, digits: str, name: str) -> Iterator[str]:
    """Take in one region; `own` are those of the same table."""
    code, plain = _code(kind, digits), _name(name)
    if not code:
        yield f"'{digits[:40]}' is no code of a {kind}"
    elif not plain:
        yield f"{code} has no name"
    elif own.setdefault(code, plain) != plain:
        yield f"{code} stands there twice, with two names"
    else:
        found.names[code], found.kinds[code] = plain, kind


def _take_addresses(found: Regions, rows: Iterator[list[str]], postcode: int, buurt: int) -> Iterator[str]:
    # There are millions of addresses and some ten thousand buurten.
    codes: dict[str, str] = {"": ""}
    for row in rows:
        if not any(row):
            continue
        digits = _cell(row, buurt)
        if digits not in codes:
            codes[digits] = _code("buurt", digits)
        if len(row) <= buurt or not _POSTCODE.match(_cell(row, postcode)):
            yield "has no postcode with a buurt"
        elif digits and not codes[digits]:
            yield f"'{digits[:40]}' is no code of a buurt"
        else:
            found.addresses[row[postcode].strip()[:4]][codes[digits]] += 1


_NAME_TABLES = {
    "gemeente": (("gemeente", "gemeentecode", "gm", "gem"), ("gemeentenaam", "gm_naam")),
    "wijk": (("wijk", "wijkcode", "wk"), ("wijknaam", "wk_naam")),
    "buurt": (("buurt", "buurtcode", "bu"), ("buurtnaam", "bu_naam")),
}
"""The columns of the tables of names that lie beside that of postcodes; they differ from year to year."""


def _named(head: Sequence[str]) -> list[tuple[str, int, int]]:
    """Where the code and the name of each kind stand, in a table of names."""
    found = []
    for kind, (codes, names) in _NAME_TABLES.items():
        code, name = _first(head, *codes), _first(head, *names)
        if code is not None and name is not None:
            found.append((kind, head.index(code), head.index(name)))
    return found


def _take_names(
    found: Regions, rows: Iterator[list[str]], named: Sequence[tuple[str, int, int]]
) -> Iterator[str]:
    own: dict[str, str] = {}
    for row in rows:
        for kind, code, name in named if any(row) else ():
            yield from _take_region(found, own, kind, _cell(row, code), _cell(row, name))


def _cell(row: Sequence[str], at: int) -> str:
    """What stands there; a line may be cut off, or end before its empty cells."""
    return row[at].strip() if at < len(row) else ""


def _name(text: str) -> str:
    """A name without what parts the other names of a place."""
    return " ".join(text.replace("|", "/").split())


def _code(kind: str, text: str) -> str:
    """The code of a region in full, of a number with or without its letters; "" for what is none."""
    letters, digits = _LETTERS[kind]
    number = text.removeprefix(letters)
    return f"{letters}{number.zfill(digits)}" if _NUMBER.fullmatch(number) and len(number) <= digits else ""


def _rows(text: str) -> Reader:
    lines = io.StringIO(text.removeprefix("\ufeff"), newline=None)
    head = lines.readline()
    lines.seek(0)
    return csv.reader(lines, delimiter=max(";,\t", key=head.count), strict=True)


def _column(name: str) -> str:
    """A column without the number or year that CBS puts behind it, but for those of its codes."""
    plain = name.strip().casefold()
    return (
        plain if plain.startswith("gwb_code") else re.sub(r"_?\d+$", "", plain) if plain != "pc6" else plain
    )


def _first(head: Sequence[str], *names: str) -> str | None:
    return next((name for name in names if name in head), None)
