"""The gazetteer: gemeenten, stadsdelen and wijken, and how people write them.

A name found in a text is either one entry, or several that fit ("Centrum"): then somebody must be asked.
A misspelling counts only when it can mean no other entry. Pure: it is made from the texts of the CSV
files, never from files.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

LEVELS = ("gemeente", "geheel", "stadsdeel", "wijk")
"""A gemeente is `geheel` where its name alone is enough: one desk serves the whole of it."""

_WIDEST = ("gemeente", "geheel")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_BETWEEN = re.compile(r"[^a-z0-9]+")
_LONGEST = 5
_LONG = 12
# Spellings as `key` gives them, "ij" as "y".
_ENDINGS = (
    ("wyk", "wijk"),
    ("wyck", "wijk"),
    ("wik", "wijk"),
    ("buurt", "buurt"),
    ("buurd", "buurt"),
    ("buurdt", "buurt"),
    ("kwartier", "kwartier"),
    ("quartier", "kwartier"),
    ("kwatier", "kwartier"),
)
_SPELT = tuple(spelt for spelt, _ in _ENDINGS)
_LEADS = frozenset({"in", "te", "uit", "wyk", "buurt", "woont", "de", "het"})
# What joins two nouns; and a long vowel or a short one's consonant is written once in a plural or twice.
_JOINT = re.compile(r"(?<=[^\W\d_]{3})(?:eren|en|e|s)$")
_TWICE = re.compile(r"(.)\1")
_ARTICLES = frozenset({"de", "het", "t", "den", "'t", "’t"})


@dataclass(frozen=True, slots=True)
class Place:
    """A gazetteer entry."""

    name: str
    level: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Mention:
    """Entries named at text[start:end]; more than one means it fits several."""

    names: tuple[str, ...]
    start: int
    end: int
    ordinary: bool = False
    """The word also is an ordinary Dutch word or a surname's part: believe it only where a wijk belongs."""
    misspelt: bool = False


def key(text: str) -> str:
    """Letters and digits alone, without case, accents, blanks or the difference of ij and y."""
    if text.isascii():
        return _BETWEEN.sub("", text.lower()).replace("ij", "y")
    # What looks like a letter (a double-struck P) is that letter first, and then has no case.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if c.isalnum()).replace("ij", "y")


def stem(word: str) -> tuple[str, str]:
    """A key without its ending, and which kind that ending names ("" if none)."""
    if not word.endswith(_SPELT):
        return word, ""
    for spelt, kind in _ENDINGS:
        if word.endswith(spelt) and len(word) > len(spelt):
            return word[: -len(spelt)], kind
    return word, ""


def _noun(base: str) -> str:
    return _TWICE.sub(r"\1", _JOINT.sub("", base))


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Places by name, and what people call them."""

    places: dict[str, Place]
    _keys: dict[str, tuple[str, ...]] = field(repr=False)
    _ordinary: frozenset[str] = field(repr=False)
    _stems: dict[str, tuple[str, ...]] = field(repr=False)
    _kinds: dict[str, tuple[str, ...]] = field(repr=False)
    _whole: tuple[str, ...] = field(repr=False)
    _long: dict[str, tuple[str, ...]] = field(repr=False)
    """The long ones of them by their first three letters: a slip in the rest of one is a slip."""
    _partial: dict[str, tuple[str, ...]] = field(repr=False)
    _postcodes: dict[str, str] = field(repr=False)

    @classmethod
    def parse(cls, wijken: Iterable[str], postcodes: Iterable[str]) -> "Gazetteer":
        """From the texts of CSV files (`level,name,parent,aliases` and `pc4,name`); files add up.

        Raises ValueError naming the file's number and line.
        """
        places: dict[str, Place] = {}
        spellings: dict[str, set[str]] = defaultdict(set)
        ordinary: set[str] = set()
        for where, row in _rows(wijken, ("level", "name", "parent", "aliases")):
            place = Place(row["name"].strip(), row["level"].strip(), row["parent"].strip() or None)
            _check(place, places, where)
            places[place.name] = place
            aliases = [alias.strip() for alias in (row["aliases"] or "").split("|") if alias.strip()]
            for spelling in (place.name, *aliases):
                spellings[key(spelling)].add(place.name)
                if _is_ordinary(spelling, place.name):
                    ordinary.add(key(spelling))
        _part_towns(places, spellings)
        codes: dict[str, str] = {}
        for where, row in _rows(postcodes, ("pc4", "name")):
            pc4, name = row["pc4"].strip(), row["name"].strip()
            if not re.fullmatch(r"[1-9][0-9]{3}", pc4):
                raise ValueError(f"{where}: a pc4 is four digits")
            if name not in places:
                raise ValueError(f"{where}: {name} is not in the gazetteer")
            if codes.setdefault(pc4, name) != name:
                raise ValueError(f"{where}: {pc4} has two names")
        keys = {spelling: tuple(sorted(names)) for spelling, names in spellings.items()}
        kinds: dict[str, list[str]] = defaultdict(list)
        for spelling in keys:
            base, kind = stem(spelling)
            kinds[kind].append(base)
        whole = tuple(spelling for spelling in keys if spelling not in ordinary)
        return cls(
            places,
            keys,
            frozenset(ordinary),
            _by_stem(keys),
            {kind: tuple(bases) for kind, bases in kinds.items()},
            whole,
            _by_beginning(whole),
            _by_part(places, keys),
            codes,
        )

    @property
    def names(self) -> frozenset[str]:
        """Every canonical name."""
        return frozenset(self.places)

    def ancestry(self, name: str) -> tuple[str, ...]:
        """The place and all it lies in, most specific first. KeyError if unknown."""
        place = self.places[name]
        return (name,) if place.parent is None else (name, *self.ancestry(place.parent))

    def postcode(self, pc4: str) -> str | None:
        """The place of a postcode's four digits, None if it isn't listed."""
        return self._postcodes.get(pc4)

    def is_gemeente(self, name: str) -> bool:
        """Whether the name only says which municipality."""
        return self.places[name].level == "gemeente"

    @property
    def only(self) -> str | None:
        """The one gemeente there is, where its name alone is enough: whoever names no place means it."""
        widest = [place for place in self.places.values() if place.parent is None]
        return widest[0].name if len(widest) == 1 and widest[0].level == "geheel" else None

    def is_cut(self, word: str) -> bool:
        """ "Striphelden": whether a word is one name without its ending, long enough to be no other word."""
        base = key(word)
        return len(base) > 7 and base not in self._keys and len(self._stems.get(base, ())) == 1

    def exact(self, text: str) -> Mention | None:
        """The entries a whole value names, spelt right (or by an alias, or only in part)."""
        word = key(text)
        for table in (self._keys, self._partial):
            if names := table.get(word):
                return Mention(names, 0, len(text), ordinary=word in self._ordinary or table is self._partial)
        return None

    def misspelt(self, text: str) -> Mention | None:
        """The one entry a whole value can mean with a typing slip or the wrong ending, else None."""
        word = key(text)
        if not 4 <= len(word) <= 40 or word in self._keys:
            return None
        slip = self._slip(word)
        return Mention(slip, 0, len(text), misspelt=True) if slip else None

    def find(self, text: str) -> list[Mention]:
        """Every entry named in a text, longest names first, none overlapping; in order of place."""
        words = list(_words(text))
        found: list[Mention] = []
        at = 0
        while at < len(words):
            mention = self._at(text, words, at)
            if mention is None:
                at += 1
                continue
            found.append(mention)
            while at < len(words) and words[at][0] < mention.end:
                at += 1
        return found

    def _at(self, text: str, words: list["_Word"], at: int) -> Mention | None:
        start, end, word, _ = words[at]
        runs = [(end, word)]
        for _, stop, following, goes_on in words[at + 1 : at + _LONGEST]:
            if not goes_on:
                break
            runs.append((stop, runs[-1][1] + following))
        for at_run in range(len(runs) - 1, -1, -1):
            stop, run = runs[at_run]
            if names := self._keys.get(run):
                if len(names) == 1 and at_run + 1 < len(runs):
                    # "TDV Zuid": the part of a group that goes by another name.
                    part = key(names[0]) + runs[at_run + 1][1][len(run) :]
                    if part in self._keys:
                        return Mention(self._keys[part], start, runs[at_run + 1][0])
                return Mention(names, start, stop, ordinary=run in self._ordinary)
        for stop, run in reversed(runs[2:]):
            if len(run) < _LONG:
                continue
            # "tussen de vaarte noord": a slip in a name of several words, that begins alike.
            if names := self._nearest(run, self._long.get(run[:3], ()), len(run)):
                return Mention(names, start, stop, misspelt=True)
        if names := self._partial.get(word):
            return Mention(names, start, end, ordinary=True)
        if self.is_cut(word):
            return Mention(self._stems[word], start, end, ordinary=True)
        # "Striphelden buurd", "columbus kwatier": the ending stands apart.
        if len(runs) > 1 and (apart := words[at + 1][2]) and stem("x" + apart)[0] == "x":
            end, word = runs[1]
        elif len(word) < 7 and not stem(word)[1]:
            return None
        # In small letters it may be any word, unless it stands where a place does.
        small = text[start].islower() and not stem(word)[1]
        if small and (not at or (words[at][3] and words[at - 1][2] not in _LEADS)):
            return None
        slip = self._slip(word)
        return Mention(slip, start, end, ordinary=small, misspelt=True) if slip else None

    def _slip(self, word: str) -> tuple[str, ...]:
        base, kind = stem(word)
        if not kind:
            return self._nearest(word, self._whole, len(word) - 1)
        known = self._kinds.get(kind, ())
        return self._stems.get(base) or self._nearest(base, known, len(base)) or self._joined(base, known)

    def _joined(self, base: str, known: Sequence[str]) -> tuple[str, ...]:
        """ "Seizoenbuurt", "sieraadbuurt": the one name that begins with the same noun, in its plural."""
        alike = [each for each in known if _noun(each) == _noun(base)] if len(_noun(base)) > 3 else []
        return self._stems[alike[0]] if len(alike) == 1 and len(self._stems[alike[0]]) == 1 else ()

    def _nearest(self, word: str, known: Sequence[str], length: int) -> tuple[str, ...]:
        allowed = 0 if length < 4 else 1 if length < 8 else 2
        best: dict[str, int] = {}
        if not allowed or not known:
            return ()
        for each, distance, _ in extract(word, known, scorer=OSA.distance, score_cutoff=allowed, limit=5):
            for name in self._stems.get(each, ()) or self._keys.get(each, ()):
                best[name] = min(int(distance), best.get(name, 9))
        least = min(best.values(), default=0)
        nearest = tuple(name for name, distance in best.items() if distance == least)
        return nearest if len(nearest) == 1 else ()


_Word = tuple[int, int, str, bool]
"""Where a word begins and ends, its key, and whether it may belong to one name with the word before."""


def _words(text: str) -> Iterator[_Word]:
    behind = 0
    for found in _WORD.finditer(text):
        start, end = found.span()
        # "'t Spik" begins with its apostrophe.
        start -= found[0] in "tT" and text[start - 1 : start] in {"'", "’"}
        gap = text[behind:start]
        # "Tussen de Vaarten (Noord)", but not "Almere (Centrum" of "Almere (Centrum Almere Haven)".
        opened = "(" in gap and text[end : end + 1] != ")"
        apart = opened or len(gap) > 3 or gap.strip(" -\u2013(\u2019'")
        yield start, end, key(found[0]), not apart
        behind = end


def _rows(texts: Iterable[str], columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    for number, text in enumerate(texts, 1):
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
        try:
            if tuple(reader.fieldnames or ()) != columns:
                raise ValueError(f"file {number}, line 1: the columns must be {','.join(columns)}")
            for row in reader:
                where = f"file {number}, line {reader.line_num}"
                if None in row or any(value is None for value in row.values()):
                    raise ValueError(f"{where}: {len(columns)} columns expected")
                yield where, row
        except csv.Error as broken:
            raise ValueError(f"file {number}, line {reader.line_num}: {broken}") from None


def _check(place: Place, places: dict[str, Place], where: str) -> None:
    if place.level not in LEVELS:
        raise ValueError(f"{where}: level is one of {', '.join(LEVELS)}")
    if not key(place.name):
        raise ValueError(f"{where}: the name is empty")
    if place.name in places:
        raise ValueError(f"{where}: {place.name} stands there twice; canonical names must be unique")
    if place.level in _WIDEST and place.parent is not None:
        raise ValueError(f"{where}: a gemeente has no parent")
    if place.level not in _WIDEST and place.parent not in places:
        raise ValueError(f"{where}: the parent of {place.name} must stand above it")


def _part_towns(places: dict[str, Place], spellings: dict[str, set[str]]) -> None:
    """Who writes "Losser" means the town, where there is one of that name in the gemeente; "gemeente Losser"
    is the gemeente. So it is with "Bergen" in Bergen (NH.), as far as that is another name of both."""
    wide = {name for name, place in places.items() if place.level in _WIDEST}
    for spelling, called in [*spellings.items()]:
        for name in called & wide:
            spellings[key(f"gemeente {spelling}")].add(name)
            if any(other not in wide and _lies_in(other, name, places) for other in called):
                called.discard(name)


def _lies_in(name: str | None, wide: str, places: dict[str, Place]) -> bool:
    while name is not None:
        if name == wide:
            return True
        name = places[name].parent
    return False


def _is_ordinary(spelling: str, name: str) -> bool:
    """Whether a spelling is a word that prose and surnames use as well: "Haven", "Duin", "De Velden"."""
    words = [word for word in _WORD.findall(spelling.casefold()) if word not in _ARTICLES]
    if len(words) != 1 or stem(key(words[0]))[1]:
        return False
    if spelling.isupper():
        return False
    shortened = key(spelling) != key(name) and key(words[0]) in key(name)
    return shortened or len(words[0]) <= 6 or len(_WORD.findall(spelling)) > 1


def _by_stem(keys: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    stems: dict[str, set[str]] = defaultdict(set)
    for spelling, names in keys.items():
        base, kind = stem(spelling)
        if kind:
            stems[base].update(names)
    return {base: tuple(sorted(names)) for base, names in stems.items()}


def _by_beginning(whole: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The long names by their first three letters."""
    found: dict[str, list[str]] = defaultdict(list)
    for spelling in whole:
        if len(spelling) >= _LONG:
            found[spelling[:3]].append(spelling)
    return {beginning: tuple(spellings) for beginning, spellings in found.items()}


def _by_part(places: dict[str, Place], keys: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """First and last words that several names share and that are no name themselves: "Centrum", "Noord"."""
    parts: dict[str, set[str]] = defaultdict(set)
    for name in places:
        words = list(_WORD.findall(name))
        if len(words) < 2:
            continue
        for part in {key(words[0]), key(words[-1])}:
            if part not in _ARTICLES:
                parts[part].add(name)
    return {
        part: tuple(sorted(names))
        for part, names in parts.items()
        # Where one name is the group of the others ("Tussen de Vaarten"), its first word says nothing.
        if len(names) > 1 and part not in keys and not any(places[name].parent in names for name in names)
    }
