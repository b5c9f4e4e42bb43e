"""The name in a label's value or at a line's head, where the surname may come first: "Berg, J. van der"."""

import re
from dataclasses import replace

from gateway.reading.patient.names import Name, name_at
from gateway.reading.patient.words import COMMON, NAMESAKES, PARTICLES, SALUTATIONS, plain

_INITIALS = r"(?:[^\W\d_]\.[ ]?){1,6}"
_INFIX = r"(?:van|de|der|den|het|'t|’t|ten|ter|te|op|in|von|la|le|el|al|du|d')"
# What ends a name: a mark, columns further on, or the next thing of a file's line.
_ENDED = r"\s*(?=$|[,;(|\t]|\s\s|\s(?:geb|gesl|tel|bsn|\d))"
_SURNAME_FIRST = re.compile(
    r"(?P<last>['’]?[^\W\d_][^,\d:;()]{0,40}?)\s*,\s*"
    rf"(?P<rest>{_INITIALS}|[^\W\d_]{{1,20}}(?:-[^\W\d_]{{2,20}})?)"
    rf"(?P<infix>(?: (?i:{_INFIX}))*){_ENDED}"
)
_INFIX_FIRST = re.compile(
    rf"(?P<last>[^\W\d_][^,\d:;()]{{0,40}}?)\s*,\s*(?P<infix>(?:{_INFIX}\s*)+)"
    rf"(?:,\s*|\s+)(?P<rest>{_INITIALS}|[^\W\d_]{{2,20}}){_ENDED}",
    re.IGNORECASE,
)
# "Mulder, Bert", "Kolk, F. van der (m, 1961), tel. …" at the head of a line.
_TURNED = re.compile(
    r"\s*(?:(?i:mw|mevr|mevrouw|dhr|de heer)\b\.? *)?(?P<name>"
    r"(?P<last>(?:(?:[Vv]an|[Dd]er|[Dd]en|[Dd]e|[Tt]er|[Tt]en|[Ee]l) ){0,2}"
    r"[A-ZÀ-Þ][^\W\d_]+(?:[ -][A-ZÀ-Þ][^\W\d_]+){0,2}), "
    r"(?:(?i:(?:van|de|der|den|ter|ten|el)\b ?){1,3} )?"
    r"(?:(?:[A-ZÀ-Þ]\. ?){1,5}|[A-ZÀ-Þ][^\W\d_]+(?:-[A-ZÀ-Þ][^\W\d_]+)?)"
    r"(?: ?(?!tel\b|mob\b|geb\b)[a-z']{1,4}){0,3})"
    r"\.?(?=\s*(?:$|[·◊;(|\t/]|,? (?:tel|mob|geb)\b|,\s*[·◊]| [–-] ))"
)
_TITLED = re.compile(r"(?:betreft|inzake|aanmelding|verwijzing|pati[eë]nte?|cli[eë]nte?|re): ", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LATIN_BEHIND = re.compile(r"[^\x00-\u024F(]+ ?\(([^\W\d_\u0250-\uFFFF][^()]{3,50})\)")


_TITLE_BEHIND = re.compile(r",\s*(?:dhr|mw|mevr|mevrouw|heer|hr)\b\.?\s*", re.IGNORECASE)


def value_name(value: str) -> Name | None:
    """The name in a label's value: "Berg, J. van der", "dhr. A. Yilmaz, 06-…", "de vries"."""
    value = value.strip(' \t,;:|"“”')
    if latin := _LATIN_BEHIND.fullmatch(value):
        # "Тарас Шевчук (Taras Shevchuk)": the form that everybody can read.
        value = latin[1]
    salutation = re.match(
        r"(?:(?:de )?(?:dhr|mw|mevr|mevrouw|heer|hr|fam)\b\.?\s*(?:/|en)?\s*)*", value, re.IGNORECASE
    )
    # "Bos, mw. V."
    bare = _TITLE_BEHIND.sub(", ", value[salutation.end() :] if salutation else value, count=1)
    for pattern in (_INFIX_FIRST, _SURNAME_FIRST):
        turned = pattern.match(bare)
        if turned and _plausible_turn(turned) and not _is_whole(pattern, turned):
            rest = turned["rest"].strip()
            last, infix = _parted(turned["last"].strip())
            joined = " ".join(part for part in (rest, turned["infix"].strip() or infix, last) if part)
            # "d' Hondt"
            joined = joined.replace("d' ", "d'")
            # In capitals a surname looks like the word that it also is: "KORT, W.A.".
            name = name_at(joined.title() if joined.isupper() else joined, lower=True)
            if name and name.end >= len(joined) - 1:
                return Name(
                    joined[name.start : name.end], 0, len(value) - len(bare) + turned.end(), True, name.words
                )
    return name_at(value, lower=True)


def turned_at(masked: list[str], at: int, *, subject: bool) -> Name | None:
    """ "Mulder, Bert" at the head of a line, with a number or a wijk near: the surname came first.

    In a subject initials are enough: "Betreft: Mulder, A.B. de".
    """
    titled = _TITLED.match(masked[at]) if subject else None
    written = _TURNED.match(masked[at], titled.end() if titled else 0)
    if written is None:
        return None
    surname = [word for word in _WORD.findall(plain(written["last"])) if word not in PARTICLES]
    if len(surname) > 1 and ("." not in written["name"] or not COMMON.isdisjoint(surname)):
        # "Noor Bak, Schildersbuurt"
        return None
    below = [line[:25] for line in masked[at + 1 : at + 3]]
    told = subject and "." in written["name"]
    if not told and not any(
        mark in near for near in (masked[at][written.end() :][:40], *below) for mark in "·◊"
    ):
        return None
    found = value_name(written["name"])
    if found is None or found.words < 2 or not found.text.endswith(written["last"]):
        return None
    return replace(found, start=0, end=written.end())


def _parted(last: str) -> tuple[str, str]:
    """ "BERG VAN DEN": a surname and the tussenvoegsel that follows it."""
    words = last.split()
    at = next((n for n in range(1, len(words)) if all(plain(w) in PARTICLES for w in words[n:])), len(words))
    return " ".join(words[:at]), " ".join(words[at:])


def _is_whole(pattern: re.Pattern[str], turned: re.Match[str]) -> bool:
    """ "Ruud Spijker, De Velden": a whole name, and what looks like a tussenvoegsel begins a place."""
    words = turned["last"].split()
    whole = len(words) > 1 and plain(words[0]) not in PARTICLES and "-" not in words
    return pattern is _INFIX_FIRST and whole and turned["infix"][:1].isupper()


def _plausible_turn(turned: re.Match[str]) -> bool:
    rest, last = turned["rest"].strip(), turned["last"].strip()
    if plain(rest).strip(".") in COMMON or plain(rest) in SALUTATIONS:
        return False
    if plain(last) in COMMON and not (rest.endswith(".") and is_also_surname(last, turned["infix"])):
        return False
    words = last.split()
    return (
        len([word for word in words if plain(word) not in PARTICLES]) <= 4
        and (words[0].isupper() or words[-1][:1].isupper() or rest[:1].islower())
        and rest[:1].isupper()
    )


def is_also_surname(word: str, infix: str) -> bool:
    """ "Groot, M. de", "Meer, A. van der": a word with a tussenvoegsel, or that is a name as well."""
    return word[:1].isupper() and (bool(infix.strip()) or plain(word) in NAMESAKES)
