"""Dutch words that say what somebody does, is like or has, and never who it is.

Whole classes of the language from published word lists (the files name them), not words that mails brought
up: `dutch.txt` has verbs, adjectives, adverbs and the commonest nouns for things, `things.txt` has the nouns
that are neither a person, an organisation, a service nor a place of business. None of them can own a
telephone number.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources


def ownerless_words() -> frozenset[str]:
    """The words, as `plain` gives them."""
    return _words_in("dutch.txt")


def load_words() -> None:
    """Reads the files, once: a process that may open none calls it before."""
    ownerless_words()
    is_thing("")
    is_doubtful("")


# "pensioentje", "grapje", "weggetje": what may stand between a noun and its diminutive's ending.
_SMALL = re.compile(r"([a-z]{3,})jes?")


def _stems(small: str) -> Iterator[str]:
    """The nouns of which a word may be the diminutive."""
    if found := _SMALL.fullmatch(small):
        yield from (found[1].removesuffix(joint) for joint in ("", "t", "p", "et"))


@lru_cache(maxsize=4096)
def is_thing(word: str) -> bool:
    """Whether a word is a noun for a thing, or a compound that ends in an abstract one ("werkritme")."""
    nouns = _words_in("things.txt")
    if word in nouns or f"-{word}" in nouns:
        return True
    if any(len(noun) > 2 and (noun in nouns or f"-{noun}" in nouns) for noun in _stems(word)):
        return True
    if _is_deed(word):
        return True
    if "-" in word:
        # "toerist-visum", "pgb-terugvordering": the last part says what it is.
        return is_listed(word.rpartition("-")[2])
    return any(_is_head(word, at, nouns) and _begins(word[:at], nouns) for at in range(2, len(word) - 3))


def _is_head(word: str, at: int, nouns: frozenset[str]) -> bool:
    head = word[at:]
    if f"-{head}" in nouns or f"-{head}sen" in nouns:
        return True
    return at > 3 and head in nouns and not word.endswith(AGENTS)


# Verbs of those who help, keep or run: "begeleiding", "instelling" and "leiding" may be somebody.
_SERVES = (
    *("begeleid", "verpleg", "verzorg", "bewak", "bemiddel", "behandel", "verlen", "steun", "voorzien"),
    *("instell", "sticht", "verenig", "afdel", "voer", "bested", "reger", "adviser", "bijst", "waarnem"),
    *("bewindvoer", "bescherm"),
)


def _is_deed(word: str) -> bool:
    """ "opleiding", "keuring": what is done, by the verb it is made from; not "leerling"."""
    if len(word) < 7 or not word.endswith("ing") or word.endswith("ling"):
        return False
    stem = word[:-3]
    verb = f"{stem}en"
    return (verb in ownerless_words() or is_prefixed_verb(verb)) and not stem.endswith(_SERVES)


# "huisgeleider": what ends so may be somebody, though the same word alone is a thing.
AGENTS = ("er", "aar", "eur", "or", "ster", "ist", "ent", "ant", "oog", "hand", "hart", "arm")

_SEPARABLE = (
    "aan|achter|af|bij|binnen|door|in|langs|los|mee|na|neer|om|onder|op|open|over|rond|samen|tegen|terug"
    "|toe|uit|vast|vol|voor|weg"
)
_PREFIXED = re.compile(rf"(?:{_SEPARABLE})([a-z]{{3,}}(?:en|t))(?<!toeverlaat)")


def is_prefixed_verb(word: str) -> bool:
    """ "bijspringen", "meekijkt": a known verb behind a separable prefix."""
    found = _PREFIXED.fullmatch(word)
    return found is not None and found[1] in ownerless_words()


def is_listed(word: str) -> bool:
    """Whether a noun for a thing stands in the list itself, and isn't taken for a compound."""
    nouns = _words_in("things.txt")
    listed = word in nouns or f"-{word}" in nouns or word in ownerless_words()
    return listed or _is_deed(word) or any(len(n) > 2 and n in nouns for n in _stems(word))


@lru_cache(maxsize=4096)
def is_doubtful(word: str) -> bool:
    """Whether a word may say that a telephone is another's, shared, lost, ended, old or doubtful."""
    return _doubtful().fullmatch(word) is not None


@cache
def _doubtful() -> re.Pattern[str]:
    stems = sorted(each.replace("*", "[a-z]*") for each in _words_in("doubtful.txt") if each)
    return re.compile(f"(?:{_SEPARABLE})?(?:ge)?(?:{'|'.join(stems)})")


def is_premises(word: str) -> bool:
    """Whether a word is a noun for premises or an institution, which may own a number."""
    nouns = _words_in("things.txt")
    return any(f"+{word[at:]}" in nouns for at in (0, *range(3, len(word) - 4)))


def _begins(word: str, nouns: frozenset[str]) -> bool:
    """Whether a word may begin a compound, with or without what joins the two."""
    stems = [stem for joint in ("", "s", "e", "en") if len(stem := word.removesuffix(joint)) > 2]
    return any(stem in nouns or f"-{stem}" in nouns or stem in ownerless_words() for stem in stems)


@cache
def _words_in(file: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath(file).read_text("ascii")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split(" ")
    )
