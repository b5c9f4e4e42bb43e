"""Whose phone number it is, from the words around it.

Its own clause, its label and what stands right behind it decide; the last person named before it counts.
A number that could be a relative's, the referrer's or an organisation's is never called the patient's.
"""

import re
from enum import StrEnum

from gateway.reading.patient.words import BARE_RELATIVES, PROFESSION_ENDINGS, RELATIVES, SENDERS, plain

_WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.!?;](?=\s|$)|,")

_POSSESSIVE = frozenset(
    [
        "haar",
        "zijn",
        "hun",
        "z'n",
        "d'r",
        "mijn",
        "via",
        "met",
        "de",
        "een",
        "diens",
        "van",
        "aan",
        "bij",
        "uw",
        "tel",
        "telefoon",
        "nummer",
        "nr",
        "mobiel",
        "dhr",
        "haar/zijn",
        "zijn/haar",
        "onze",
        "the",
        "his",
        "her",
        "their",
        "of",
    ]
)

_SELF = frozenset(
    [
        "zelf",
        "patient",
        "patiente",
        "pat",
        "pt",
        "pte",
        "client",
        "cliente",
        "mevrouw",
        "mw",
        "mevr",
        "meneer",
        "dhr",
        "heer",
        "betrokkene",
        "hemzelf",
        "haarzelf",
        "hijzelf",
        "zijzelf",
        "eigen",
        "hem",
        "haarself",
        "self",
    ]
)

_FROM_REFERRER = re.compile(
    r"\b(?:mij|me|ons|onszelf)\b(?! bekend)(?: \w+){0,2} (?:bel|bereik|op\b|via\b|tel|onder\b|overleg)\w*"
    r"|\b(?:bel|bellen|belt|bereik|bereiken|bereikt|terugbellen|contacten|mail|mailen"
    r"|contact)\b(?: \w+){0,2} (?:mij|me|ons|met mij|met ons)\b"
    r"|\b(?:ik|wij|we) (?:ben|zijn|zit)\b[^.]{0,40}\b(?:bereik|te bellen)\w*"
    r"|\bben ik\b[^.]{0,40}\b(?:bereik|te bellen)\w*"
    r"|\b(?:mijn|ons|onze|my|our) (?:(?:directe|mobiele|eigen|vaste|rechtstreekse|privé|prive|06|06-"
    r"|werk) ?){0,2}"
    r"(?:nummer|telefoon\w*|tel|mobiel\w*|nr|06|doorkies\w*|spoed\w*|number|phone|praktijk\w*|lijn)\b"
    r"|\b(?:bij|voor|heeft u|hebt u|met|mocht u) (?:\w+ ){0,2}(?:vragen|overleg|onduidelijk\w*|spoed)\b"
    r"|\b(?:ik|wij|we) (?:prob\w+|heb|hebben|bel\w*|wilde\w*|kon\w*) (?:\w+ )?u "
    r"(?:(?:vandaag|gisteren|net|al) )?(?:te )?(?:bellen|gebeld|bereiken)(?: op| via)? ?$"
    r"|\bvragen\?|\boverleg(?:gen)? (?:met|kan|mag)\b|\bterug ?te? ?bellen\b(?! met)|\bcall me\b|\breach me\b"
)

UNSURE = re.compile(
    r"\b(?:een daarvan|1 daarvan|een van (?:beide|de twee|deze)|(?:weet|zie"
    r"|kan) (?:ik )?niet(?: \w+){0,3} (?:welk|wie)|geen idee welk"
    r"|welk\w* (?:van|nummer)(?: \w+){0,4} (?:klopt|juist|is)|niet (?:zeker|duidelijk) (?:welk"
    r"|van wie|of)|onbekend welk"
    r"|welk nummer|van wie (?:dit|het|welk)|not sure (?:which|whose))"
)

_WRONG = re.compile(
    r"\b(?:niet meer|oude|oud|vorige|vorig|vervallen|verkeerde?|onjuiste?|foutieve?|afgesloten"
    r"|klopt niet|werkt niet|buiten gebruik"
    r"|niet in gebruik|geblokkeerd|niet het|is niet)\b"
    r"|\bniet(?: op| via| naar| bellen op)? ?$"
)

_OLD_BEHIND = re.compile(
    r"[\s(),–-]{0,4}(?:(?:is|nummer|nr|dit|het|oud|oude) ?){0,3}(?:niet meer|oud\b|oude|vervallen"
    r"|klopt niet|werkt niet|afgesloten|buiten gebruik)"
)

_RIGHT = re.compile(r"\b(?:juiste?|nieuwe?|correcte?|goede|moet zijn|wordt|nu|ipv|in plaats)\b")

_TAIL_OWNER = re.compile(
    r"^[\s,(=\-–:/]{0,4}(?:(?:dit|dat|het|deze|nr|nummer|tel|telefoon|telefoonnummer|is|van|v|tnv"
    r"|haar|zijn|hun|de|een|mijn|onze"
    r"|z'n|d'r|via|bij|mobiel|thuis|vast|naam|belongs|to|his|her|the|number)\b\.? ?){0,8}"
    r"(?P<owner>[a-z][\w'-]*)"
)


# "Ik ben op 06-… te bereiken."
_I_AM = re.compile(r"\b(?:ik|wij|we) (?:ben|zijn|zit|zitten)\b[^.]{0,40}$")
_REACHED = re.compile(r"\s*(?:\([^)]{0,40}\) ?)?(?:goed |altijd |ook )?(?:te )?(?:bereik|bel)")


class Whose(StrEnum):
    """To whom a number belongs, as far as the text says."""

    PATIENT = "patient"
    OTHER = "other"
    SENDER = "sender"
    UNSURE = "unsure"
    OLD = "old"


def whose(label: str, lead: str, tail: str, *, referrer_speaks: bool, more: bool = False) -> Whose:
    """Whose number stands between `lead` and `tail` (its own sentence, up to the numbers beside it).

    `more` says another number ends the tail: then what it says may be about that one.
    """
    before, behind = plain(lead), plain(tail)
    if label == "relative":
        return Whose.OTHER
    if label == "sender":
        return Whose.SENDER
    if referrer_speaks and (
        _FROM_REFERRER.search(before[-160:]) or (_I_AM.search(before[-60:]) and _REACHED.match(behind))
    ):
        return Whose.SENDER
    owner = _TAIL_OWNER.match(behind[:120])
    if owner and (kind := _kind(owner["owner"], "van")) and _closes(behind, owner.end(), more=more):
        return kind
    if (kind := _before(before, referrer_speaks=referrer_speaks)) is not None:
        return kind
    clause = re.split(r"[,;:]| maar | maar$|\ben\b", before[-50:])[-1]
    if _WRONG.search(clause) and not _RIGHT.search(clause):
        return Whose.OLD
    old = _OLD_BEHIND.match(behind)
    # "nieuw 06-… (oude nummer 06-…)": with no end to it, it is said of the next number.
    if old and (not more or re.search(r"[),;.]|\b(?:nu\b|nieuw)", behind[old.end() :])):
        return Whose.OLD
    return Whose.PATIENT


def _kind(word: str, before: str) -> Whose | None:
    stem = word.removesuffix("'s").removesuffix("s") if word not in RELATIVES else word
    for form in (word, stem):
        if form in RELATIVES and (form not in BARE_RELATIVES or before in _POSSESSIVE):
            return Whose.OTHER
        if form in SENDERS:
            return Whose.SENDER
        if form.endswith(PROFESSION_ENDINGS):
            return Whose.OTHER
    return None


def _closes(behind: str, end: int, *, more: bool) -> bool:
    """Whether an owner behind a number is all that is said there, or is said to be the one who answers."""
    rest = behind[end:]
    if more:
        return re.match(r"(?:'s)?\s*(?:[)/;]|,| en\b| of\b)", rest) is not None
    if behind.lstrip().startswith("("):
        return True
    return _ANSWERS.match(rest) is not None


_ANSWERS = re.compile(
    r"(?:'s)?(?: [a-z][\w-]+){0,2}\s*(?:[).,;:/!]|$)"
    r"|\s+(?:neemt|staat|is bereik|kan|gebruikt|beheert|heeft|regelt|mag|pakt)"
)


def _before(before: str, *, referrer_speaks: bool) -> Whose | None:
    """The last person named before a number decides: a relative, the practice, or the patient (None)."""
    words = _WORDS.findall(before[-220:])
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        previous = words[at - 1] if at else ""
        if not previous and len(words) <= 2 and word != "familie":
            # "Vrouw 06-…": at the very beginning the bare word is a label.
            previous = "van"
        if word in _PARENTS and (not previous or previous in {".", "!", "?"}):
            # A parent begins the sentence without an article: "Vader spreekt Engels, nummer 06-…".
            previous = "van"
        kind = _kind(word, previous)
        if kind is Whose.OTHER and not _only_told(words, at):
            return kind
        if kind is Whose.SENDER and referrer_speaks and not _only_told(words, at):
            return kind
        # "Nichtje helpt hem, zij heeft 06-…": only right before the number is "hem" whose number it is.
        if word in _SELF and not (word == "hem" and at < len(words) - 3):
            return Whose.OTHER if _owned(words[:at]) else None
    return None


_PARENTS = frozenset({"vader", "moeder", "ouders", "opa", "oma"})
_LINKING = frozenset({"van", "v", "is", "de", "heet", "genaamd", "een", "het", ",", "."})


def _owned(words: list[str]) -> bool:
    """ "de dochter van mevrouw", "bewindvoerder (mw. Bos": a relative stands before and is meant."""
    at = len(words) - 1
    while at >= 0 and (words[at] in _SELF or words[at] in _LINKING):
        at -= 1
    return at >= 0 and words[at] != "familie" and _kind(words[at], "van") is Whose.OTHER


def _only_told(words: list[str], at: int) -> bool:
    """A relative who is but part of the story: "alleenstaande moeder van drie", "gescheiden van …"."""
    if at and words[at - 1] == "geen":
        return True
    behind = words[at + 1 : at + 3]
    before = words[max(0, at - 4) : at]
    if (
        behind[:1] == ["van"]
        and len(behind) > 1
        and (behind[1].isdigit() or behind[1] in {"drie", "twee", "vier", "een", "vijf"})
    ):
        return True
    return any(
        word
        in {
            "alleenstaande",
            "alleenstaand",
            "gescheiden",
            "overleden",
            "weggegaan",
            "verlaten",
            "scheiding",
        }
        for word in before
    ) or any(word in {"overleden", "weggegaan", "weg", "spreekuur"} for word in words[at + 1 : at + 5])
