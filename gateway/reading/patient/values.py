"""The name in a label's value, where the surname may come first: "Berg, J. van der"."""

import re

from gateway.reading.patient.names import Name, name_at
from gateway.reading.patient.words import COMMON, PARTICLES, SALUTATIONS, plain

_SURNAME_FIRST = re.compile(
    r"(?P<last>[^\W\d_][^,\d:;()]{0,40}?)\s*,\s*(?P<rest>(?:[^\W\d_]\.[ ]?){1,6}|[^\W\d_]{1,4}(?=\s"
    r"|$)|(?P<given>[^\W\d_]{2,20}(?:-[^\W\d_]{2,20})?))"
    r"(?P<infix>(?:\s+(?:van|de|der|den|het|'t|’t|ten|ter|te|op|in|von|la|le|el|al|du|d'))*)\s*(?=$"
    r"|[,;(|\t]|\s(?:geb|tel|bsn|\d))"
)
_INFIX_FIRST = re.compile(
    r"(?P<last>[^\W\d_][^,\d:;()]{0,40}?)\s*,\s*(?P<infix>(?:(?:van|de|der|den|het|'t|’t|ten|ter|te"
    r"|op|in|von|la|le|el|al|du)\s*)+)"
    r"(?:,\s*|\s+)(?P<rest>(?:[^\W\d_]\.[ ]?){1,6}|[^\W\d_]{2,20})\s*(?=$|[,;(|\t])",
    re.IGNORECASE,
)
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
            joined = " ".join(
                part for part in (rest, turned["infix"].strip(), turned["last"].strip()) if part
            )
            name = name_at(joined, lower=True)
            if name and name.end >= len(joined) - 1:
                return Name(name.text, 0, len(value), True, name.words)
    return name_at(value, lower=True)


def _is_whole(pattern: re.Pattern[str], turned: re.Match[str]) -> bool:
    """ "Ruud Spijker, De Velden": a whole name, and what looks like a tussenvoegsel begins a place."""
    words = turned["last"].split()
    whole = len(words) > 1 and plain(words[0]) not in PARTICLES and "-" not in words
    return pattern is _INFIX_FIRST and whole and turned["infix"][:1].isupper()


def _plausible_turn(turned: re.Match[str]) -> bool:
    rest, last = turned["rest"].strip(), turned["last"].strip()
    if plain(rest).strip(".") in COMMON or plain(rest) in SALUTATIONS or plain(last) in COMMON:
        return False
    words = last.split()
    return (
        len(words) <= 4
        and (words[0].isupper() or words[-1][:1].isupper() or rest[:1].islower())
        and rest[:1].isupper()
    )
