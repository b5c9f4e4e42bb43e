"""Which wijk a passage names as the patient's.

A label's value counts for more than "woont in …", that for more than a name that just stands there. Names
of organisations, streets, other people's homes and places the patient has left don't count. What names
several is ambiguous; a neighbourhood the gazetteer doesn't have is unknown, unless its stadsdeel or
postcode is there too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gateway.reading.patient.layout import Block
from gateway.reading.patient.mentions import LEFT, is_of_kin, mentions, organisation, part_of_another
from gateway.reading.patient.wijken import Gazetteer, Mention, key, stem
from gateway.reading.patient.words import ORGANISATIONS, SENDERS, plain, words_of

_POSTCODE = re.compile(r"(?<![\w.,-])([1-9]\d{3})[ ]?([A-Za-z]{2})(?![\w])")
_PC4 = re.compile(r"(?<![\w.,-])([1-9]\d{3})(?![\w-])")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NO_NAME = words_of(
    """woonwijk achterstandswijk volkswijk nieuwbouwwijk krachtwijk prachtwijk aandachtswijk buurt wijk
    eigenwijk probleemwijk stadswijk tuinwijk arbeiderswijk villawijk nieuwbouwbuurt woonbuurt volksbuurt
    woonpark bungalowpark vakantiepark hofje achterbuurt dakloos thuisloos zwervend briefadres onbekend nvt
    idem zie bijlage volgt niet geen nog weet naam almere nederland"""
)


@dataclass(frozen=True, slots=True)
class Where:
    """The wijk a passage gives, or its problem: `unknown_wijk`, `ambiguous_wijk`, or neither."""

    name: str | None = None
    problem: str | None = None
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    names: tuple[str, ...]
    weight: float
    """3 labelled, 2 "woont in", 1 named, less where only a thing stands."""
    alternative: bool = False


def where(
    blocks: list[Block],
    named: list[list[Mention]],
    gazetteer: Gazetteer,
    taken: dict[int, list[tuple[int, int]]],
    theirs: frozenset[tuple[int, int]] = frozenset(),
) -> Where:
    """The wijk of a passage.

    `named` are the gazetteer's names in each block; `taken` gives, per block's place in the list, the spans
    that are people's names, `theirs` where (block, start) those of who may be the patient stand.
    """
    found: list[_Found] = []
    codes: list[tuple[str | None, int]] = []
    unknown = 0
    for at, block in enumerate(blocks):
        if block.label in {"ids", "remarks", "sender", "relative"}:
            continue
        own = frozenset(start for where_at, start in theirs if where_at == at)
        for mention, weight, alternative in mentions(block, named[at], gazetteer, taken.get(at, []), own):
            found.append(_Found(mention.names, weight, alternative))
        codes.extend(_postcodes(block, gazetteer))
        unknown = max(unknown, _unknown(block, gazetteer, taken.get(at, [])))
    chosen = _choose(found, codes, unknown, gazetteer)
    mended = any(_is_mended(block.text, named[at]) for at, block in enumerate(blocks))
    return Where(None, "ambiguous_wijk") if chosen.name and mended else chosen


_MENDS = re.compile(r"\b(?:nee|bedoel\w*|moet zijn|correctie|sorry|oeps|vergis\w*|verkeerd\w*)\b")


def _is_mended(text: str, named: list[Mention]) -> bool:
    """ "Filmwijk, eh nee, ik kijk nu in het systeem: Verzetswijk"."""
    return any(
        one.names != other.names and _MENDS.search(plain(text[one.end : other.start]))
        for one, other in pairwise(named)
    )


def _choose(
    found: list[_Found], codes: list[tuple[str | None, int]], unknown: int, gazetteer: Gazetteer
) -> Where:
    places = [name for name, _ in codes if name]
    code = places[0] if places and len(set(places)) == 1 else None
    best = max((each.weight for each in found), default=0)
    if (
        best
        and best < unknown
        and not any(each.weight == best and _is_wide(each, gazetteer) for each in found)
    ):
        best = 0
    chosen = [each for each in found if each.weight == best] if best else []
    labelled = best == 3 or (not chosen and any(weight == 3 for _, weight in codes))
    names = _narrowed(list(chosen), [each for each in found if each.weight], code, gazetteer)
    if len(names) == 1 and not gazetteer.is_gemeente(names[0]):
        if unknown > 1 and gazetteer.places[names[0]].level == "wijk" and best < 3 and unknown >= best:
            return Where(None, "ambiguous_wijk")
        return Where(names[0], labelled=labelled)
    if len(names) > 1:
        return Where(None, "ambiguous_wijk")
    if code:
        return Where(code, labelled=labelled)
    if len(set(places)) > 1:
        return Where(None, "ambiguous_wijk")
    if unknown or any(name is None for name, _ in codes):
        return Where(None, "unknown_wijk")
    return Where()


def _is_wide(found: _Found, gazetteer: Gazetteer) -> bool:
    return len(found.names) == 1 and gazetteer.places[found.names[0]].level in ("stadsdeel", "geheel")


def _narrowed(
    chosen: list[_Found], all_found: list[_Found], code: str | None, gazetteer: Gazetteer
) -> list[str]:
    """The names left once groups give way to their parts, and doubtful ones to what surrounds them."""
    sure = {each.names[0] for each in chosen if len(each.names) == 1}
    # "woont Almere Poort, Duin": what lies inside the chosen place says it more exactly.
    inner = {each.names[0] for each in all_found if len(each.names) == 1}
    sure |= {name for name in inner if any(wide in gazetteer.ancestry(name)[1:] for wide in sure)}
    around = {each.names[0] for each in all_found if len(each.names) == 1} | ({code} if code else set())
    around = {name for name in around if not gazetteer.is_gemeente(name)}
    doubtful: set[str] = set()
    for each in chosen:
        if len(each.names) > 1:
            inside = [n for n in each.names if any(a in gazetteer.ancestry(n)[1:] for a in around)]
            if len(inside) == 1:
                sure.add(inside[0])
            else:
                doubtful.update(each.names)
    specific = {
        n for n in sure if not any(n in gazetteer.ancestry(other)[1:] for other in sure if other != n)
    }
    if doubtful and any(each.alternative for each in chosen) is False:
        specific -= {n for n in specific if any(n in gazetteer.ancestry(d)[1:] for d in doubtful)}
    return sorted(specific | doubtful)


def _postcodes(block: Block, gazetteer: Gazetteer) -> Iterator[tuple[str | None, int]]:
    weight = 3 if block.label in {"postcode", "wijk"} else 2
    for found in _POSTCODE.finditer(block.text):
        letters = found[2]
        if (
            letters.islower()
            and gazetteer.postcode(found[1]) is None
            and block.label not in {"postcode", "address", "wijk"}
        ):
            continue
        lead = plain(block.text[max(0, found.start() - 60) : found.start()])
        if any(
            organisation(word) for word in _WORD.findall(re.split(r"\d[\d -]{7,}", lead)[-1])[-4:]
        ) or LEFT.search(lead):
            continue
        yield gazetteer.postcode(found[1]), weight
    if block.label in {"postcode", "wijk"} and not _POSTCODE.search(block.text):
        for found in _PC4.finditer(block.text[:40]):
            yield gazetteer.postcode(found[1]), weight
    elif block.label == "":
        for found in re.finditer(r"(?i)\b(?:pc|postcode)\W{0,3}([1-9]\d{3})(?![\w-])", block.text):
            yield gazetteer.postcode(found[1]), weight


def _unknown(block: Block, gazetteer: Gazetteer, taken: list[tuple[int, int]]) -> int:
    """How surely a neighbourhood is named that the gazetteer hasn't: 3 labelled, 2 in prose, 0 not."""
    text = block.text
    if block.label == "wijk" and all(
        len(each.names) > 1 and part_of_another(text[: each.start]) for each in gazetteer.find(text)
    ):
        value = re.split(r"[,;(|\t]|\.\s", text, maxsplit=1)[0].strip()
        words = [
            w
            for w in _WORD.findall(plain(value).replace(".", ""))
            if w not in {"in", "de", "het", "wijk", "buurt"}
        ]
        named = words and not any(w in _NO_NAME or w.isdigit() for w in words) and len(words) <= 4
        return 3 if named and not _POSTCODE.search(value) and not _doubt(value) else 0
    if block.label not in {"", "name"}:
        return 0
    for found in re.finditer(
        r"\b(?:woont|woonachtig|wonend|wonende|wijk|buurt|lives|uit|in)\b(?: nu| tijdelijk"
        r"| sinds kort| momenteel)?(?: in| te)?(?: de| het)?(?: wijk| buurt)?[ :]+"
        r"([^\W\d_][\w'’-]+(?: (?:wijk|buurt|kwartier))?)",
        text,
    ):
        word = found[1]
        if any(a < found.end(1) and found.start(1) < b for a, b in taken) or gazetteer.find(word):
            continue
        if is_of_kin(plain(text[max(0, found.start() - 80) : found.start(1)])):
            continue
        spelt = key(word)
        if spelt in _NO_NAME or plain(word) in SENDERS | ORGANISATIONS:
            continue
        if stem(spelt)[1] and len(spelt) > 6 and not spelt.endswith("woonwyk"):
            return 2
        strong = found[0].lower().startswith(("woon", "wonend", "lives", "wijk"))
        if strong and word[:1].isupper() and not gazetteer.find(text[found.start(1) : found.end(1) + 30]):
            return 2
    alone = text.strip(" .!")
    if re.fullmatch(r"[^\W\d_]{3,20} ?(?:wijk|buurt|kwartier)", alone, re.IGNORECASE) and not gazetteer.find(
        alone
    ):
        return 2
    for chunk in re.split(r"[,;\n]", text):
        chunk = chunk.strip(" .!")
        if (
            re.fullmatch(r"[A-Z][^\W\d_]{3,20} ?(?:wijk|buurt|kwartier)", chunk)
            and not gazetteer.find(chunk)
            and key(chunk) not in _NO_NAME
        ):
            return 2
    return 0


def _doubt(value: str) -> bool:
    return re.search(r"\?|weet|onbekend|volgt|nog niet|geen", value.lower()) is not None
