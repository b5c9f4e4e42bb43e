"""Which names of the gazetteer in a block are where the patient lives, and how sure that is.

Names of organisations, streets, other people's homes and places the patient has left don't count, nor do
ordinary words ("haven", "in de velden") where no wijk is meant.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.reading.patient.layout import Block
from gateway.reading.patient.lexicon import is_listed, ownerless_words
from gateway.reading.patient.vocabulary import MEN, WOMEN, Sense, kind_of
from gateway.reading.patient.wijken import Gazetteer, Mention
from gateway.reading.patient.words import BARE_RELATIVES, ORGANISATIONS, RELATIVES, SENDERS, plain, words_of

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_LIVES = re.compile(
    r"(?:\bwoon(?:t|de|achtig|plaats|adres)?\b|\bwonen(?:de?)?\b|\bwonend[e]?\b|\bverblij(?:ft"
    r"|vend)\b|\bverhuisd naar\b"
    r"|\blives?\b|\bliving\b|\bwijk\b|\bbuurt\b|\bstadsdeel\b|\badres\b|\bin\b|\buit\b|\bte\b|\bop\b"
    r"|\bnaar\b|\bis\b|\bnu\b)"
    r"(?:[ :,]{1,9}(?:nu|momenteel|thans|tijdelijk|sinds \w+|hier|al \w+|nog|bij zijn \w+"
    r"|bij haar \w+|samen|alleen|in|te|op|de|het|wijk|buurt"
    r"|stadsdeel|almere|is|woont|weer|vlakbij|ergens|the|district|stadje|'t)){0,6}[ :,(]{0,9}$"
)

_HOME = re.compile(r"\b(?:woont|woonachtig|wonend|wonende|verhuisd naar|lives)\b")
_HOME_HERE = re.compile(_HOME.pattern + r"[^.]{0,60}$")
_STAYS = re.compile(r"\b(?:ingeschreven|logeert|verblij\w+|slaapt|briefadres|straks|tijdelijk|staat)\b")

_FILED = re.compile(r"\b(?:systeem|dossier|ingeschreven|staat)\b[^.]{0,40}$")

LEFT = re.compile(
    r"\b(?:niet(?: meer| langer)?|geen|voorheen|vroeger|eerst|eerder|voormalig\w*|oude? (?:adres"
    r"|wijk)|dus niet|i\.?p\.?v\.?|in plaats van"
    r"|verhuisd? (?:van|uit|vanuit)|(?:weg|vertrokken) (?:van|uit|vanuit)|was(?: eerst)?"
    r"|(?:woonde|stond)(?:(?! nu\b| maar\b)[^.,;]){0,30}|kwam uit"
    r"|no longer|moved from)(?: (?:de|het|in|uit|van|op|wijk|meer|almere)){0,4}\s*$"
)

_VAN_NAAR = re.compile(r"\b(?:van|uit|vanuit) (?:de |het )?$")

_OTHERS_HOME = re.compile(
    rf"(?:\b(?:{'|'.join(sorted(RELATIVES - BARE_RELATIVES, key=len, reverse=True))})"
    r"|\b(?:haar|zijn|hun) (?:man|vrouw|moeder|vader|ouders|familie))\b"
    rf"(?: \w+){{0,2}} (?:die |dat )?(?:woont|wonen|woonachtig|uit|wonend)\b[^.]{{0,25}}$"
)

_KIN = "|".join(sorted(RELATIVES, key=len, reverse=True))
# "Haar kleinzoon Jelle zit er graag bij maar woont in …": whoever a clause begins with lives there.
_KIN_LIVES = re.compile(
    rf"(?:^|[.,;:!?(] ?|\b(?:en|maar|want|omdat|dat|waar) )(?:(?:haar|zijn|hun|de|een) (?:{_KIN})"
    rf"|(?:{'|'.join(sorted(RELATIVES - BARE_RELATIVES, key=len, reverse=True))}))\b"
    r"(?:(?!\b(?:hij|zij|ze|zelf|patient\w*|client\w*|mevrouw|meneer|mw|dhr)\b)[^.,;!?]){0,60}"
    r"\b(?:woont|woonachtig|wonend)\b[^.,;]{0,25}$"
)
# "… naar de Filmwijk, waar zijn dochter woont"
_WHERE_KIN = re.compile(rf",? waar (?:(?:haar|zijn|hun|de|een) )?(?:{_KIN})\b[^.;]{{0,30}}\bwo(?:ont|nen)\b")
_THEIRS = re.compile(
    rf"(?:\b(?P<new>een|haar|zijn|hun) |(?:^|[.!?] ))(?P<who>{_KIN})\b[^.;·]{{0,70}}?"
    r"(?P<end>[.;,(] ?)?(?P<said>zij|ze|hij|die|deze) woont\b[^.]{0,25}$"
)
# "Haar moeder, die in de Danswijk woont"
_KIN_WHO = re.compile(rf"\b(?:{_KIN})\b[^.;]{{0,30}}\b(?:die|dat)\b[^.,;]{{0,20}}$")
# "gaat verhuizen naar …": not yet; "tegen de Filmwijk aan": just outside.
_NOT_YET = re.compile(
    r"\b(?:verhuizen|verhuist(?: [a-z0-9]+){0,3}) naar (?:de |het )?$|\btegen (?:de |het )?$"
)
# "werkt in de Filmwijk", "het inloophuis in de Parkwijk": what is done or stands there.
_DONE_THERE = re.compile(
    r"\b(?P<known>(?:de|het|dit|dat|onze|ons|hun|haar|zijn) )?(?P<what>[a-z-]+) (?:in|op|bij) (?:de |het )?$"
)
_GOES = words_of("gaan gaat ging gingen kwam kwamen komt")
_HOMES = ("woning", "flat", "appartement", "adres", "studio", "boerderij", "koophuis", "huurhuis")
_LIVING = words_of("woont wonen verblijft verblijven huurt logeert slaapt staat zit huis")
_SOMEBODY = frozenset({Sense.PATIENT, Sense.OTHER, Sense.PRONOUN, Sense.LINK})
_STANDS = 0.5
_NOT_BUT = re.compile(r",? maar\b")
_OURS = re.compile(r"\b(?:ons|onze) (?!patient|client|pt\b)\w+ (?:in|op|te)(?: de| het)? $")
# "…, HAP Duinzicht, Parkwijk": an organisation's name is followed by where it is.
_OF_PRACTICE = re.compile(
    r"(?:^|[,.:] ?)(?:hap|huisartsenpraktijk|huisartspraktijk|praktijk|gezondheidscentrum|apotheek|mc|gc"
    r"|zorggroep)\b[^,.:]{0,40}, ?(?:te |in )?$"
)
# Between two of which a practice doesn't know which it is: "Parkwijk? Of was het de Filmwijk".
OR = re.compile(
    r"\s*(?:[,;.?]*\s*(?:[oó]f|or|dan wel|danwel|ofwel|en/of)\s+"
    r"(?:(?:in|uit|op|de|het|misschien|toch|anders|was|is|nee|eigenlijk)[ ,]+)*|\s?/\s?|\?\s*)",
    re.IGNORECASE,
)


_GIVEN_BEFORE = re.compile(r"([A-ZÀ-Þ][^\W\d_]+) $")
_SURNAME_BEFORE = re.compile(
    r"(?i:\b(?:achternaam|naam|heet)(?: is)?[: ]+|\b(?:mw|mevr|mevrouw|dhr|heer|meneer)\.? )$"
)
_JOINED = re.compile(r"-[A-ZÀ-Þ]")


def places_in(block: Block, gazetteer: Gazetteer) -> list[Mention]:
    """The places of a block, without surnames: "A. Parkwijk-Bos", or what is like a misspelt one, as in
    "Marit Oosterveld"."""
    kept = []
    for mention in gazetteer.find(block.text):
        before = block.text[: mention.start]
        given = _GIVEN_BEFORE.search(before)
        surname = given and kind_of(plain(given[1])) is Sense.UNKNOWN and not gazetteer.find(given[1])
        if mention.misspelt and (surname or _SURNAME_BEFORE.search(before)):
            continue
        word = plain(block.text[mention.start : mention.end])
        if _JOINED.match(block.text, mention.end):
            continue
        if (gazetteer.is_cut(word) or (mention.misspelt and mention.ordinary)) and is_listed(word):
            continue
        kept.append(mention)
    return kept


def mentions(
    block: Block,
    named: list[Mention],
    gazetteer: Gazetteer,
    taken: list[tuple[int, int]],
    theirs: frozenset[int] = frozenset(),
) -> Iterator[tuple[Mention, float, bool]]:
    if not named and block.label != "wijk":
        return
    text = block.text
    low = plain(text) if len(plain(text)) == len(text) else text.lower()
    labelled = block.label in {"wijk", "address", "postcode"}
    whole = _whole_value(block, gazetteer) if block.label == "wijk" else None
    if whole:
        yield whole, 3, False
        return
    # "Gerrit Post in De Werven": his name is no organisation's.
    veiled = _veiled(low, taken)
    marked = _veiled(low, [span for span in taken if span[0] in theirs])
    at_home = _HOME.search(low) is not None and not _STAYS.search(low)
    mentions = [m for m in named if not any(a < m.end and m.start < b for a, b in taken)]
    for at, mention in enumerate(mentions):
        lead = low[max(0, mention.start - 90) : mention.start]
        tail = low[mention.end : mention.end + 60]
        sentence = re.split(r"[.!?](?=\s)|\n", lead.replace("i.p.v.", "ipv"))[-1]
        word = low[mention.start : mention.end]
        own = veiled[mention.start - len(sentence) : mention.start]
        follows = at + 1 < len(mentions) and OR.fullmatch(text[mention.end : mentions[at + 1].start])
        other = at > 0 and OR.fullmatch(text[mentions[at - 1].end : mention.start]) is not None
        if not other and (
            _is_elsewhere(sentence, tail, word) or _is_of_organisation(own) or _is_done_there(own)
        ):
            continue
        if _is_theirs(marked[max(0, mention.start - 90) : mention.start], told=at > 0):
            # "Jan Bos, Parkwijk. Er is een zus. Zij woont in de Filmwijk."
            continue
        lives = _LIVES.search(sentence) is not None
        alone = stands_alone(text, mention)
        inside = at > 0 and _lies_in(mention, mentions[at - 1], text, gazetteer)
        if inside and len(mention.names) > 1:
            around = mentions[at - 1].names[0]
            own_names = tuple(name for name in mention.names if around in gazetteer.ancestry(name)[1:])
            mention = replace(mention, names=own_names)
        if len(mention.names) > 1 and part_of_another(text[: mention.start]) and not inside:
            continue
        # "Muziekwijk Noord of Zuid"
        placed = labelled or inside or other or bool(follows)
        if mention.ordinary and not (placed or _believable(text, mention, sentence, alone=alone)):
            continue
        weight: float = 3 if labelled and block.label == "wijk" else 2 if lives or labelled else 1
        if weight == 2 and not labelled and at_home and not _HOME_HERE.search(sentence):
            # "komt in de Bloemenbuurt, maar woont in de Filmwijk": only the latter is home.
            weight = 1
        if weight == 2 and not labelled and _FILED.search(sentence) and _HOME.search(low, mention.end):
            # "In ons systeem staat hij nog in de Parkwijk, maar sinds kort woont hij in Duin."
            continue
        if follows or other:
            weight = max(weight, 2)
        elif weight < 3 and _stands_there(own):
            weight = _STANDS
        yield mention, weight, bool(follows)


def _veiled(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{'·' * (end - start)}{text[end:]}"
    return text


def _is_theirs(lead: str, *, told: bool) -> bool:
    """Whether a relative's home is told; "Zijn vrouw weet ervan. Hij woont in …" tells of his own.

    Where none was `told` of before, "haar zus weet ervan. Zij woont in …" tells of the patient's.
    """
    theirs = _THEIRS.search(lead)
    if theirs is None:
        return False
    other = {"hij": WOMEN, "zij": MEN, "ze": MEN}.get(theirs["said"], frozenset())
    at_once = (theirs["end"] or "").strip() in {"(", ";", ","}
    return theirs["who"] not in other and (at_once or (told and theirs["new"] is not None))


def _lies_in(mention: Mention, before: Mention, text: str, gazetteer: Gazetteer) -> bool:
    """ "Almere Haven de Wierden": right behind its own stadsdeel an ordinary word is a wijk."""
    if text[before.end : mention.start].strip(" ,(-"):
        return False
    # "Almere Stad Centrum" is one of the several that are called so.
    inside = [name for name in mention.names if before.names[0] in gazetteer.ancestry(name)[1:]]
    return len(inside) == 1 and len(before.names) == 1


def _whole_value(block: Block, gazetteer: Gazetteer) -> Mention | None:
    """A label's value that names one thing, right or wrong: "Filmwyk", "in de Gouwen", "almere haven"."""
    value = re.split(r"[.,;(|\t]|\s[-–]\s", block.text, maxsplit=1)[0].strip(" '\"“”!?")
    value = re.sub(r"^(?:(?:in|te|op|wijk|is|de wijk|:|is de) )+", "", value, flags=re.IGNORECASE)
    rest = block.text[len(value) :]
    if len(value) > 40 or OR.search(value) or gazetteer.find(rest):
        return None
    exact = gazetteer.exact(value)
    return (
        exact
        if exact and len(exact.names) == 1 and not gazetteer.is_gemeente(exact.names[0])
        else gazetteer.misspelt(value)
    )


def _is_elsewhere(lead: str, tail: str, word: str) -> bool:
    """Whether the name belongs to an organisation, somebody else's home, or a place the patient has left."""
    if (goes_on := _GOES_ON.match(lead)) is not None:
        # "Ze is bij haar ouders weggegaan en woont nu in …"
        lead = goes_on[1]
    if LEFT.search(lead) or is_of_kin(lead) or _WHERE_KIN.match(tail):
        return True
    if _NOT_YET.search(lead):
        return True
    if _KIN_WHO.search(lead) and re.match(r" wo(?:ont|nen)\b", tail):
        return True
    if _NOT_BUT.match(tail) and re.search(r"\bniet\b", lead):
        # "woont niet, zoals u schrijft, in Duin, maar in …"
        return True
    if _VAN_NAAR.search(lead) and re.match(r"[^.]{0,30}\bnaar\b(?! (?:u|jullie|je|jou|ons)\b)", tail):
        return True
    if re.match(r"\s*\(?(?:oud\b|oude adres|voorheen|vorig)", tail):
        return True
    if _OF_PRACTICE.search(lead) or _OURS.search(lead):
        return True
    if (inside := re.match(r" \((\w+)\b(?! (?:zit|ligt|staat|is)\b)", tail)) and organisation(inside[1]):
        # As in: our folders go to Parkwijk (Praktijk Kroon).
        return True
    if word == "almere buiten" and re.match(r" (?:kantoor|werk|school|de\b|het\b|spreekuur|deze)", tail):
        return True
    return re.match(r"(?:plein|laan|straat|weg|park|pad|dreef|centrum|school)\b", tail) is not None


def _is_done_there(lead: str) -> bool:
    """ "werkt in de Filmwijk"."""
    told = _DONE_THERE.search(lead)
    if told is None or told["what"] in _LIVING or told["known"]:
        return False
    verb = told["what"]
    return verb in _GOES or (len(verb) > 4 and verb.endswith("t") and f"{verb[:-1]}en" in ownerless_words())


def _stands_there(lead: str) -> bool:
    """ "het buurthuis in de Filmwijk": where a thing is, and its owner may live as well."""
    told = _DONE_THERE.search(lead)
    if told is None or not told["known"] or _HOME_HERE.search(lead) or _STAYS.search(lead):
        return False
    return kind_of(told["what"]) not in _SOMEBODY and not told["what"].endswith(_HOMES)


def is_of_kin(lead: str) -> bool:
    """Whether what leads to a place says that a relative lives there."""
    return _OTHERS_HOME.search(lead) is not None or _KIN_LIVES.search(lead) is not None


def _is_of_organisation(lead: str) -> bool:
    """ "praktijk Muziekwijk", "team in de Molenbuurt": at most a preposition and an article lie between."""
    words = _WORD.findall(re.split(r"[,;(|\t\d]", lead)[-1])[-4:]
    for at, each in enumerate(words):
        between = [
            word for word in words[at + 1 :] if word not in {"zit", "ligt", "staat", "is", "gevestigd"}
        ]
        near = len(between) <= 1 or (len(between) == 2 and between[1] in {"de", "het", "'t"})
        if organisation(each) and near and not {"woont", "wonend", "uit", "wijk"} & set(between):
            return True
    return False


def organisation(word: str) -> bool:
    return (
        word in ORGANISATIONS
        or word in SENDERS
        or word.endswith(("praktijk", "apotheek", "wijkteam", "school", "huisartsen"))
        or (word.endswith("centrum") and word not in {"centrum", "stadscentrum", "havencentrum"})
    )


def part_of_another(lead: str) -> bool:
    """ "Amsterdam Zuid": a name of which only the last word is known is another place."""
    before = re.search(r"([^\W\d_][\w'’-]*)[ -]$", lead)
    return (
        before is not None
        and before[1][:1].isupper()
        and before[1].lower() not in {"in", "wijk", "buurt", "almere", "de", "het", "te", "woont"}
    )


_GOES_ON = re.compile(
    r"\s*(?:ze|zij|hij|patiente?|mevrouw|meneer) .{3,60} en (woont (?:nu|tijdelijk|sinds).*)$"
)
# Not behind "mevr.": there a surname follows.
_ENDED = re.compile(
    r"(?:\d|[^\W\d_]{5}|\))[.!?]$|(?<![^\W_])(?!(?:mevr|mvr|dhr|mw|fam|mej|hr|dr|mr)\b)[a-z]{2,4}\.$"
)


def stands_alone(text: str, mention: Mention) -> bool:
    """Whether the name is a chunk by itself between commas, brackets or line ends."""
    before, behind = text[: mention.start].rstrip(" '’"), text[mention.end :].lstrip()
    if _ENDED.search(before) and (not behind or behind[0] in ".!" or _THEN_NUMBER.match(behind)):
        # "06-…. De Hoven. Reden: …": a sentence of its own. "Poort, 06-…"
        return True
    return (not before or before[-1] in ",;(/-–|:\n" or before[-1].isdigit()) and (
        not behind or behind[0] in ",;.:)/-–|\n!"
    )


_THEN_NUMBER = re.compile(r", ?(?:tel|mob|m|t)?[.:]? ?[+(]?\d[\d ()./-]{7}", re.IGNORECASE)
_TWO_NAMES = re.compile(r"[A-ZÀ-Þ][^\W\d_]+ (?:[a-z]{2,4} )*[A-ZÀ-Þ][^\W\d_]+ $")


def ends_record(text: str, mention: Mention) -> bool:
    """ "Jan Bos De Velden 06-…": behind a whole name, and right before the number or the end."""
    behind = text[mention.end :].lstrip(" ,;")
    whole = _TWO_NAMES.search(text[: mention.start]) is not None
    return whole and " " in text[mention.start : mention.end] and (not behind or behind[0] in "0123456789+(")


_VERB_BEHIND = r"(?:heeft|is|zit|wil|kan|en|moet|zou|zoekt|vraagt|krijgt|hij|zij|ze|met|tel|mobiel)\b"
_WITH_ARTICLE = ("de ", "het ", "'t ", "’t ", "t ")


# "woont op een boot bij Pampus"
_NEAR = re.compile(r"\bwoont\b[^.,;]{0,40} (?:bij|nabij|vlakbij|aan) $")


def _believable(text: str, mention: Mention, lead: str, *, alone: bool) -> bool:
    """Whether an ordinary word ("Haven", "in de gouwen", "Centrum") is meant as a place here."""
    word = text[mention.start : mention.end]
    article_inside = word.lower().startswith(_WITH_ARTICLE)
    if ends_record(text, mention):
        return True
    if alone and (word[:1].isupper() or article_inside or text.strip(" .!") == word):
        return True
    rest = text[mention.end :].strip(" .!")
    if alone and re.search(r"(?:,|\d) ?$", lead) and (not rest or _THEN_NUMBER.match(rest)):
        # "Jansen, 06-…, haven": the last of a list; "Jansen, haven, 06-…".
        return True
    if word.casefold() == "almere":
        return True
    tail = text[mention.end : mention.end + 20]
    if len(mention.names) > 1 and re.match(r"\s+(?:van|in)\s+[A-Z]", tail):
        return True
    if _NEAR.search(lead) and word[:1].isupper():
        return True
    if not _LIVES.search(lead):
        return False
    article = re.search(r"\b(?:de|het) $", lead) is not None
    if len(mention.names) > 1:
        return not re.match(r"\s+voor\b", tail)
    canonical_article = mention.names[0].lower().startswith(_WITH_ARTICLE) or word.lower().startswith(
        _WITH_ARTICLE
    )
    if word[:1].islower() and not canonical_article:
        return re.search(
            r"\b(?:wijk|woont in|wonend in|woonachtig in|stadsdeel|almere) ?$", lead
        ) is not None and not re.match(rf"\s+(?!{_VERB_BEHIND})[a-z]", tail)
    return not article or canonical_article
