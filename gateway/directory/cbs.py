"""Places from the tables of Statistics Netherlands (CBS), as it publishes them.

`Kerncijfers wijken en buurten` (its own table or StatLine's) gives the names, `Buurt, wijk en gemeente voor
postcode huisnummer` the postcodes, and beside them the names too. Pure: texts in, places out. It promises
that what was made or named by hand stays, that a name which somebody uses is never taken away (CBS's new one
stands beside it), and that a postcode is of the smallest place with all of its addresses but a stray one.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import tee

from pydantic import ValidationError

from gateway.directory.book import PlaceEntry
from gateway.errors import ConfigError

LARGEST = 400_000_000
"""The largest table that is read, in bytes: that of all postcodes of the country is about 250 MB."""

STRAY = 0.01
"""So small a part of a postcode's addresses may lie elsewhere."""

_LEVELS = {"gemeente": "gemeente", "wijk": "stadsdeel", "buurt": "wijk"}
_LETTERS = {"gemeente": ("GM", 4), "wijk": ("WK", 6), "buurt": ("BU", 8)}
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
    """The tables of these files, by their names; raises `ConfigError` for one that is none of CBS's."""
    found = Regions()
    for name, text in texts.items():
        try:
            _take(found, name, _rows(text))
        except csv.Error as error:
            remedy = "Download it again, or save it as CSV"
            raise ConfigError(name, "file", f"is no table: {error}", remedy) from None
    return found


def _take(found: Regions, name: str, rows: Iterator[list[str]]) -> None:
    """Take in one table."""
    head = [_column(each) for each in next(rows, [])]
    if {"regio", "recs"} <= set(head) and (code := _first(head, "gwb_code_10", "gwb_code")):
        _take_regions(found, rows, head.index(code), head.index("regio"), head.index("recs"))
    elif {"wijkenenbuurten", "codering", "soortregio"} <= set(head):
        columns = (head.index(each) for each in ("codering", "wijkenenbuurten", "soortregio"))
        _take_regions(found, rows, *columns)
    elif named := _named(head):
        for kind, code_at, name_at in named:
            rows, again = tee(rows)
            _take_names(found, again, kind, code_at, name_at)
    elif "pc6" in head and (buurt := next((each for each in head if each.startswith("buurt")), None)):
        for row in rows:
            if len(row) == len(head) and re.match(r"[1-9]\d{3}", row[head.index("pc6")]):
                found.addresses[row[head.index("pc6")][:4]][_code("buurt", row[head.index(buurt)])] += 1
    else:
        what = "has not the columns of a table of CBS"
        remedy = "See docs/directory.md for which files to download"
        raise ConfigError(name, "line 1", what, remedy)


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


def _take_regions(found: Regions, rows: Iterator[list[str]], code: int, name: int, kind: int) -> None:
    for row in rows:
        if len(row) <= max(code, name, kind):
            continue
        word = row[kind].strip().casefold()
        if word in _LEVELS and row[name].strip() and (full := _code(word, row[code])):
            found.names[full], found.kinds[full] = _name(row[name]), word


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


def _take_names(found: Regions, rows: Iterator[list[str]], kind: str, code: int, name: int) -> None:
    for row in rows:
        if len(row) > max(code, name) and (full := _code(kind, row[code])) and row[name].strip():
            found.names[full], found.kinds[full] = _name(row[name]), kind


def _name(text: str) -> str:
    """A name without what parts the other names of a place."""
    return " ".join(text.replace("|", "/").split())


def _code(kind: str, text: str) -> str:
    letters, digits = _LETTERS[kind]
    number = re.sub(r"\D", "", text)
    return f"{letters}{number.zfill(digits)}" if number and len(number) <= digits else ""


def _rows(text: str) -> Iterator[list[str]]:
    lines = io.StringIO(text.removeprefix("\ufeff"), newline=None)
    head = lines.readline()
    lines.seek(0)
    return csv.reader(lines, delimiter=max(";,\t", key=head.count))


def _column(name: str) -> str:
    """A column without the number or year that CBS puts behind it, but for those of its codes."""
    plain = name.strip().casefold()
    return (
        plain if plain.startswith("gwb_code") else re.sub(r"_?\d+$", "", plain) if plain != "pc6" else plain
    )


def _first(head: Sequence[str], *names: str) -> str | None:
    return next((name for name in names if name in head), None)
