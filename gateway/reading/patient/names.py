"""People's names as they are written: where they begin, where they end, and which two are one person.

A name is initials, given names, tussenvoegsels and surnames, nothing else: letters, hyphens, apostrophes,
full stops, a call name in quotation marks; at most `LENGTH` characters and `WORDS` words. Whatever isn't
plainly a name is no name.
"""

import itertools
import re
from dataclasses import dataclass

from gateway.reading.patient.vocabulary import Sense, is_known, kind_of
from gateway.reading.patient.words import (
    COMMON,
    GREETINGS,
    LABELS,
    MONTHS_DAYS,
    NAMESAKES,
    PARTICLES,
    RELATIVES,
    SALUTATIONS,
    THING_ENDINGS,
    TITLES,
    plain,
    words_of,
)

LENGTH, WORDS = 60, 8

_STREETS = ("straat", "laan", "plein", "dreef", "gracht", "singel", "kade")
# "garmereling Hendrik Haar wijk is …": there a new sentence begins.
_GOES_ON = frozenset({Sense.PRONOUN, Sense.SENDER, Sense.CALL, Sense.PHONE, Sense.PATIENT})
_NO_SURNAME = (
    frozenset(word for words in LABELS.values() for word in words)
    | MONTHS_DAYS
    | GREETINGS
    | words_of("ik hij zij ze wij we u dit dat het er en of maar graag woont heeft is ivm via ook nog zie")
)

_LETTERS = r"[^\W\d_](?:[^\W\d_]|['’`´](?=[^\W\d_])|\u0300-\u036f)*"
_TOKEN = re.compile(
    rf"(?P<initials>(?:(?:[^\W\d_]|Ph|Th|Ch|Chr|St|Fr|Jr|IJ|Tj|Sj|Yv|Kh|Sh)\.[ ]?(?=[^\W\d_.'’]"
    rf"|[^\w\s]|$|\s)){{1,8}})"
    r"|(?P<quoted>[\"“„‘'][^\W\d_]{2,20}[\"”’'](?=[ ][^\W\d_'’]))"
    rf"|(?P<nick>\([^\W\d_]{{2,20}}\)(?=[ ][^\W\d_'’]))|(?P<hyphen>[-–](?=[\s\w]))|(?P<amp>&)"
    rf"|(?P<word>[vV]/[dD](?=\s)|['’‘`]?{_LETTERS}(?:-{_LETTERS})*\.?)|(?P<stop>\S)"
)
_ENDS_ON_PARTICLE = re.compile(r"[a-z]-(?:van|de|der|den|ten|ter|von|el|la)$")
_AND = frozenset({"en", "and"})
_PREPOSITIONS = frozenset({"aan", "bij", "onder", "over", "uit", "voor", "tot", "in", "op", "te"})
_AFTER_GIVEN = frozenset({"in", "op", "aan", "te", "uit", "bij", "onder"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name at text[start:end]; `salutation` says "mw." or its like stood before it."""

    text: str
    start: int
    end: int
    salutation: bool = False
    words: int = 1
    """How many of its words are more than a tussenvoegsel."""
    capitals: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int
    plain: str


def _tokens(text: str, start: int, count: int = WORDS * 3) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup or "stop"
        word = match[0].rstrip() if kind == "initials" else match[0]
        found.append(_Token(kind, word, match.start(), match.start() + len(word), plain(word)))
        if kind == "stop" or len(found) >= count:
            break
    return found


_HYPHENED = re.compile(r"[a-z]{1,3}-[^\W\d_]")
_ELIDED = re.compile(r"[a-z]{1,2}['’`][^\W\d_]")


def _kind(token: _Token) -> str:
    """initials, salutation, title, particle, capital, lower, and, hyphen, stop."""
    if token.kind in {"initials", "hyphen", "stop", "nick", "quoted"}:
        return token.kind
    if token.kind == "amp":
        return "and"
    word = token.plain.rstrip(".")
    if word in SALUTATIONS and not (
        token.text.isupper() and len(token.text) <= 2 and word not in {"mw", "hr"}
    ):
        return "salutation"
    if word in TITLES and (token.text.endswith(".") or len(word) > 4):
        return "title"
    if word in _AND:
        return "and"
    if token.text == "Ben":
        # Far more often a given name than a tussenvoegsel.
        return "capital"
    if word in PARTICLES or token.plain in PARTICLES:
        # "meld … aan. Ze": there a sentence ends.
        return "stop" if token.text.endswith(".") and len(word) > 2 else "particle"
    if token.text.endswith(".") and len(word) > 3:
        return "last"
    if token.text[:1] in "'’‘`":
        return "capital" if token.text[1:2].isupper() else "particle"
    if _HYPHENED.match(token.text) and token.text.partition("-")[2][:1].isupper():
        return "capital"
    if token.text[0].isupper() or token.text[0] != token.text[0].lower():
        return "capital"
    # d'Hondt, l'Ami: the capital stands behind the apostrophe. Scripts without case count as capitals.
    if (
        _ELIDED.match(token.text)
        and token.text.split(token.text[1 if token.text[1] in "'’`" else 2])[1][:1].isupper()
    ):
        return "capital"
    return "capital" if token.text.lower() == token.text.upper() else "lower"


def name_at(text: str, start: int = 0, *, lower: bool = False, salutation: bool = False) -> Name | None:
    """The name beginning at text[start:], after salutations and titles; None if none begins there.

    `lower` also takes surnames in lower case, up to a word that can't be one.
    """
    tokens = _tokens(text, start)
    at = 0
    addressed = salutation
    while at < len(tokens):
        kind = _kind(tokens[at])
        following = _kind(tokens[at + 1]) if at + 1 < len(tokens) else ""
        if kind == "salutation" or (kind == "title" and tokens[at].plain != "mr"):
            addressed = addressed or kind == "salutation"
        elif not (kind == "and" and addressed and following == "salutation"):
            if kind == "particle" and tokens[at].plain in {"de", "den", "het"} and following == "salutation":
                at += 1
                continue
            if kind == "stop" and tokens[at].text in "/." and addressed and following == "salutation":
                at += 1
                continue
            break
        at += 1
    return _grown(text, tokens[at:], lower=lower, addressed=addressed)


def _grown(text: str, tokens: list[_Token], *, lower: bool, addressed: bool) -> Name | None:
    taken: list[_Token] = []
    surname = full = 0
    lowered = False
    at = 0
    while at < len(tokens) and len(taken) < WORDS + 3:
        token = tokens[at]
        kind = _kind(token)
        if (at and token.start - tokens[at - 1].end > 2) or "\n" in text[
            (tokens[at - 1].end if at else token.start) : token.start
        ]:
            break
        if kind == "initials":
            if token.text.islower() and token.plain in COMMON:
                # "t.a.v. Mirjam"
                break
            if surname and not (taken and _kind(taken[-1]) == "and"):
                break
            full += 1
        elif kind in {"capital", "last"}:
            word = token.plain.rstrip(".")
            if token.text.islower() and taken and not (lower or _kind(taken[-1]) == "particle"):
                # "Vermoedelijk koopverslaving."
                break
            given = not taken and _is_given_here(text, tokens, at)
            if (len(word) > 7 and word.endswith((*THING_ENDINGS, *_STREETS))) or (
                word in COMMON
                and not given
                and not _is_surname_here(tokens, at, taken, named=addressed or lower)
            ):
                break
            if len(word) == 1 and not taken and not (at + 1 < len(tokens)):
                break
            begins = not (taken or addressed or lower)
            if begins and token.text.endswith(".") and kind_of(word) is not Sense.UNKNOWN:
                # "Akk. JdB"
                break
            surname += 1
            full += 1
            lowered = lowered or token.text.islower()
            # "F. van 't Hek. Bel haar": behind a short surname a full stop ends the name as well.
            ended = token.text.endswith(".") and len(word) > (2 if taken else 4)
            if kind == "last" or ended:
                taken.append(token)
                break
        elif kind == "particle":
            noble = (
                lower
                and surname
                and token.plain == "tot"
                and [*map(_kind, tokens[at + 1 : at + 2])] == ["capital"]
            )
            if not _leads_on(tokens, at, lower=lower) or not (noble or _joins(tokens, at, taken)):
                break
        elif kind == "nick":
            # "J.P. (Jan) de Boer": the name is complete without it.
            if not taken or _kind(taken[-1]) != "initials":
                break
            at += 1
            continue
        elif kind == "quoted":
            # "Johannes "Joop" Wiegers": by which name they go.
            if len(taken) != 1 or not _leads_on(tokens, at, lower=lower):
                break
        elif kind == "salutation" and taken and token.text[0].isupper() and _kind(taken[-1]) == "particle":
            # "Jan de Heer"
            surname += 1
            full += 1
            taken.append(token)
            break
        elif kind == "salutation":
            # "dhr. P. de Boer en mw. A. Smit"
            if not taken or _kind(taken[-1]) != "and":
                break
            at += 1
            continue
        elif kind == "hyphen":
            if not taken or not surname or not _leads_on(tokens, at, lower=lower or lowered):
                break
        elif kind == "and":
            if not taken or not _couple(tokens, at, surname):
                break
        elif kind == "lower":
            after_particle = bool(taken) and _kind(taken[-1]) in {"particle", "hyphen"}
            namesake = lower and after_particle and token.plain in NAMESAKES
            if not namesake and (
                token.plain.rstrip(".") in COMMON
                or is_known(token.plain.rstrip("."))
                or not (lower or (after_particle and addressed))
                # "De Jong belde": behind a capital a word in lower case is no surname.
                or (surname and not lowered and not after_particle)
            ):
                break
            surname += 1
            full += 1
            lowered = True
        else:
            break
        taken.append(token)
        at += 1
    while taken and (_kind(taken[-1]) in {"particle", "hyphen", "and"}):
        taken.pop()
    # A single letter is no surname.
    if not taken or not surname or len(taken) > WORDS + 2:
        return None
    if len(taken) == 1 and not (addressed or lower) and _is_verb(taken[0].plain):
        return None
    start, end = taken[0].start, taken[-1].end
    written = taken[0].text
    for before, token in itertools.pairwise(taken):
        written += ("" if before.end == token.start else " ") + token.text
    if written.endswith(".") and taken[-1].kind != "initials":
        written, end = written[:-1], end - 1
    if len(written) > LENGTH or len(re.sub(r"\W", "", written)) < 2:
        return None
    return Name(written, start, end, addressed, full, not lowered)


def _is_verb(word: str) -> bool:
    """ "Neem 06-…", "Gebruik 06-…": a word of any sentence, begun with a capital."""
    return kind_of(word) is Sense.LINK and word not in NAMESAKES


def _is_given_here(text: str, tokens: list[_Token], at: int) -> bool:
    """ "bellen met Ben Haan": a given name that is a word as well, amid a sentence and before a surname."""
    token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or token.plain not in NAMESAKES or not token.text.istitle():
        return False
    amid = re.search(r"[^\W\d_,] $", text[: token.start]) is not None
    surname = _kind(following) == "capital" and following.plain not in COMMON
    return surname and (amid or token.plain in {"ben", "frans"})


def _is_surname_here(tokens: list[_Token], at: int, taken: list[_Token], *, named: bool) -> bool:
    """A word like "Jong", "Best" or "Post" right behind initials or a tussenvoegsel is a surname.

    Where a name must stand (`named`), the common words that also are names are names in front as well.
    """
    if not tokens[at].text[:1].isupper() or tokens[at].text.isupper():
        return False
    if tokens[at].plain in _NO_SURNAME and at + 1 < len(tokens) and tokens[at + 1].text in "◊·":
        # "… T O L. Wijk Filmwijk": a label with its value behind it.
        return False
    if named and tokens[at].plain in NAMESAKES:
        return True
    if taken and _ENDS_ON_PARTICLE.search(taken[-1].plain):
        # "H.J. Terpstra-van Wijk"
        return True
    if named and not taken and [_kind(token) for token in tokens[at + 1 : at + 3]] == ["particle"] * 2:
        # A nickname in a label's value, with two tussenvoegsels behind it: "Zus van 't Hof".
        return True
    if not taken:
        return False
    before = _kind(taken[-1])
    if (
        before == "capital"
        and len(taken) == 1
        and tokens[at].plain not in _NO_SURNAME | RELATIVES | SALUTATIONS
        and kind_of(tokens[at].plain) not in _GOES_ON
        and tokens[at].plain not in {"zijn", "woont", "heeft", "wonend", "woonachtig"}
    ):
        # "Willem Buiten", "Fred Hoop": right behind a given name even a common word is a surname.
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        more = (
            following is not None
            and _kind(following) in {"capital", "last"}
            and following.plain.rstrip(".") not in COMMON
        )
        # "Gerrit Post in De Werven"
        behind = tokens[at + 2 : at + 3]
        lives = following is not None and (
            following.plain in {"in", "uit", "te"}
            or (following.plain in {"aan", "bij", "op"} and [_kind(each) for each in behind] == ["lower"])
        )
        return following is None or more or lives or _kind(following) in {"stop", "hyphen", "lower"}
    return before == "initials" or (before == "particle" and len(taken) > 0 and taken[-1].text.islower())


def _leads_on(tokens: list[_Token], at: int, *, lower: bool) -> bool:
    """Whether tussenvoegsels or a hyphen are followed by a surname."""
    for token in tokens[at + 1 : at + 5]:
        kind = _kind(token)
        if kind in {"capital", "last"} or (at and kind == "salutation" and token.text[0].isupper()):
            return True
        if kind == "lower":
            word = token.plain.rstrip(".")
            return (word not in COMMON or (lower and word in NAMESAKES)) and (
                lower or _kind(tokens[at]) == "hyphen" or at == 0
            )
        if kind not in {"particle", "hyphen"}:
            return False
    return False


def _joins(tokens: list[_Token], at: int, taken: list[_Token]) -> bool:
    """Whether tussenvoegsels belong to the name: "Jan op den Kamp", not "Jan uit Haven" or "voor Jan"."""
    word = tokens[at].plain
    if word not in _PREPOSITIONS or (taken and _kind(taken[-1]) in {"particle", "initials"}):
        return True
    if len(taken) > 1 and _kind(taken[-2]) in {"capital", "initials", "particle"}:
        # "Theo Langendijk op de Laren": the name is whole.
        return False
    article = tokens[at + 1] if at + 1 < len(tokens) else None
    articles = {"den", "'t", "’t", "ten", "der"} | ({"de", "het"} if word in {"in", "op", "aan"} else set())
    return word in _AFTER_GIVEN and article is not None and article.text in articles


def _couple(tokens: list[_Token], at: int, surname: int) -> bool:
    """ "Jan en Marie de Wit", "P. de Boer en A. Smit": two people named as one."""
    following = [_kind(token) for token in tokens[at + 1 : at + 4]]
    if not following:
        return False
    if following[0] == "salutation":
        return following[1:2] in (["initials"], ["capital"], ["particle"])
    return following[0] == "initials" or (following[0] == "capital" and tokens[at + 1].plain not in COMMON)


_GREETING_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def is_greeting(line: str) -> bool:
    """Whether a line opens a letter: the name in it is the reader's."""
    words = _GREETING_WORD.findall(plain(line[:60]))
    return bool(words) and words[0] in GREETINGS and len(words) <= 7
