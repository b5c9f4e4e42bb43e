"""What says that a name is the patient's, or somebody else's."""

import re

from gateway.reading.patient.alike import key_words
from gateway.reading.patient.names import Name
from gateway.reading.patient.strangers import third_party
from gateway.reading.patient.words import (
    BARE_RELATIVES,
    ORGANISATIONS,
    PROFESSION_ENDINGS,
    PROFESSIONS,
    RELATIVES,
    SALUTATIONS,
    SENDERS,
    TITLES,
    plain,
)

LABELLED = 5

ADDRESSED = 4

TOLD = 3

ALONE = 2

MERE = 1

_BEFORE = re.compile(
    r"(?:\b(?:meld\w*|aanmeld\w*|aangemeld|verwijs\w*|verwijz\w*|bel|bellen|belt|benader\w*"
    r"|contact\w*|opnemen met|neem\w*|voor|spreekuur|betreft|betreffende|inzake"
    r"|patient\w*|pt|client\w*|genaamd|heet|heten|naam(?: is)?|naam van de patient|nieuwe|graag"
    r"|hulp aan|om|over|gaat om|gaat over|het is|dat is|dit is|hierbij|bij deze|zag|sprak|ken"
    r"|call|refer\w*|patient is|named|name is|contact with|for|bij dezen|begeleiden|helpen|help"
    r"|(?:zouden|zou|kunnen|kunt|kun|kan|willen|wil|wilt) (?:jullie|u|je|jij|iemand|men))\b|:|^)"
    r"(?:[ ,:-]{1,3}(?:ik|u|wij|we|graag|hierbij|bij u|even|ook|vandaag|gisteren|aan|met|van|de|een"
    r"|onze|mijn|deze|patient\w*|client\w*|man|vrouw|is|dan|op|jullie|je"
    r"|contact|bellen|pt|nieuwe|voor|hulp|aanmelding|verwijzing|opnemen|te|aanmelden|dat|nl|namelijk"
    r"|om|it)){0,6}[ ,:(–-]{0,3}$"
)

_AFTER = re.compile(
    r"\s*(?:[,(/|;–-]\s*)?(?:·|\+|\d|\(?\d|tel\b|tel\.|telefoon|nr\b|nummer|mob|geb\b|geb\.|geboren|bsn"
    r"|uit\b|woont|woonachtig|wonend|heeft\b|wil\b|is\b|zit\b|zoekt|kan\b|aan\b|aan$"
    r"|aanmeld\w*|komt|kampt|krijgt|vraagt|bereikbaar|te bereiken|gebeld|bellen|verwijz\w*"
    r"|doorverwijz\w*|leeft|verblijft|lives|needs|has\b|wants|◊|pc\b|postcode|wijk\b|graag|stemt|gaf|loopt"
    r"|durft|redt|maakt|werkt|verloor|dreigt|in verband|i\.?v\.?m|met\b"
    r"|op de lijst|op te nemen|jaar|\bj\b|kunnen\b|zou\b|moet\b"
    r"|mag\b|te bellen|helpen|opnemen|benaderen|oppakken|belde|meldde|kwam|vertelde|gaf aan|zegt"
    r"|staat\b|ontvangt|slaapt|spreekt)"
)

_ABOUT_BEFORE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

_BY = frozenset(
    {
        "door",
        "namens",
        "via",
        "van dokter",
        "collega",
        "dank",
        "afzender",
        "getekend",
        "t.a.v",
        "tav",
        "cc",
        "aan",
    }
)

_ROLE_BEHIND = re.compile(
    r"\s*[,(–-]\s*(?:(?:de|een|zijn|haar|hun|haar/zijn|is|als|mijn|onze|als) ){0,2}([a-z][a-z-]+)"
)


_ASIDE = re.compile(r"^\s*\([^)]{0,60}\)")
# "schulden bij …", "volgens …": what follows mostly is an organisation.
_FROM = re.compile(r"\b(?:bij|volgens|door|tegen)(?: de| het)? $")
_OF_TEAM = re.compile(r"\s+(?:van|bij|uit) (?:het |de |onze |ons )?(?:[a-z]+ )?([a-z]+)")
_DOTTED = re.compile(r"\b(dr|drs|mw|mevr|dhr|hr|prof|ir|ing|mr|fam|tel|nr)\.")


def _without_dots(text: str) -> str:
    """Abbreviations without their full stops, so that they end no sentence."""
    return _DOTTED.sub(r"\1 ", text)


def weight_of(text: str, found: Name) -> int:
    """How surely a name without "mw." or its like is the patient's: TOLD, ALONE or MERE."""
    before = _without_dots(plain(text[max(0, found.start - 80) : found.start]))
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    behind = plain(text[found.end : found.end + 40])
    if _FROM.search(sentence):
        return MERE
    if _AFTER.match(behind) or _AFTER.match(_ASIDE.sub("", behind)):
        return TOLD
    alone = not text[found.end :].strip(" .,;:!()") and not text[: found.start].strip(" -*•\t\"'“")
    if alone:
        return ALONE
    if _BEFORE.search(sentence) and sentence.strip():
        return TOLD
    if not sentence.strip() and re.match(r"\s*[,(·◊\t|–-]", text[found.end :]):
        return TOLD if "·" in text or "◊" in text else ALONE
    if not sentence.strip() and text[found.end :].startswith(".") and "·" in text:
        return ALONE
    return MERE


# "Vandaag belde Tom Bos (…) over zijn moeder": who calls isn't who is told of.
_CALLER = re.compile(r"\b(?:belde|belt|mailde|appte|gebeld door|sprak)\b[^.]{0,12}$")
_ON_BEHALF = re.compile(r"[^.;]{0,30}\b(?:over|namens|voor) (?:haar|zijn|hun) [a-z]")


def is_other(text: str, start: int, end: int) -> bool:
    """Whether a relative's, a professional's or an addressed person's name stands there."""
    before = _without_dots(plain(text[max(0, start - 60) : start]))
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    words = _ABOUT_BEFORE.findall(sentence)[-4:]
    while words and (
        words[-1] in SALUTATIONS
        or words[-1] in {"is", "heet", "genaamd", "de", "het", "nl", "namelijk", "een"}
    ):
        words.pop()
    if words:
        last = words[-1]
        if last in {"spreekuur", "inloopspreekuur"}:
            return False
        if (
            last in RELATIVES
            or last in PROFESSIONS
            or last in SENDERS
            or last in ORGANISATIONS
            or last in TITLES
            or third_party(last)
        ):
            patient_before = last in {"familie", "kind"} and text[:start].rstrip().lower().endswith(
                ("familie",)
            )
            return not patient_before
        if sentence.rstrip().endswith(":") and any(map(third_party, words[-2:])):
            return True
        if last in _BY and last != "aan":
            return True
        if last.endswith(("praktijk", "centrum", "artsen", "apotheek", *PROFESSION_ENDINGS)):
            return True
    if _CALLER.search(sentence) and _ON_BEHALF.match(plain(text[end : end + 60])):
        return True
    team = _OF_TEAM.match(plain(text[end : end + 60]))
    if team and (team[1] in ORGANISATIONS or team[1] in SENDERS):
        return True
    role = _ROLE_BEHIND.match(plain(text[end : end + 60]))
    if role is None:
        return False
    word = role[1]
    possessive = re.search(r"\b(?:zijn|haar|hun|mijn) $", plain(text[end : end + 60])[: role.start(1)])
    return (
        word in PROFESSIONS
        or (word in RELATIVES and (word not in BARE_RELATIVES or possessive is not None))
        or word in SENDERS
    )


def begins_with_role(name: str) -> bool:
    """Whether what looks like a given name says who somebody is: "Buurvrouw Corrie", "Wijkagent Piet"."""
    first, _, rest = plain(name).partition(" ")
    # "Ma" and "Pa" are names as well.
    role = first not in {"ma", "pa"} and third_party(first)
    return bool(rest) and role


def is_sender(name: str, sender: frozenset[str]) -> bool:
    """Whether every word of a name is one of the sender's own."""
    words = [word for word in key_words(name) if len(word) >= 3]
    return bool(words) and all(word in sender for word in words)
