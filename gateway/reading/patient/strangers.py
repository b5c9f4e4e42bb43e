"""Numbers that may be a third party's: a veto on what has been taken for the patient's.

It only ever doubts. Where a relative, a helper, an employer or an organisation stands with a number and
nothing leads back to the patient in between, the sender is asked; that a number is the patient's is never
decided here.
"""

import re

from gateway.reading.patient.layout import Block
from gateway.reading.patient.words import (
    BARE_RELATIVES,
    ORGANISATIONS,
    PROFESSION_ENDINGS,
    PROFESSIONS,
    RELATIVES,
    plain,
)

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MORE = re.compile(
    r"(?:huisbaas|woongroep|groepstelefoon|groepswoning|schuldeiser|schuldeisers|pgb-hulp|vroegere|voormalige|teamleider|ikzelf"
    r"|baas|belastingdienst|boss|buurjongen|buurmeisje|caregiver|chef|deurwaarder|deurwaarders"
    r"|dominee|employer|gastouder|gemeente|gerechtsdeurwaarder|gezinsvoogd|hr|huishoudster|hulp"
    r"|humanitas|hypotheekverstrekker|ib'er|ib-er|imam|incasso|incassobureau|interpreter"
    r"|jeugdbescherming|jeugdzorg|juf|kinderopvang|kraamhulp|kraamzorg|kredietbank|kwintes|landlord"
    r"|leerkracht|leidinggevende|maatje|meester|mentrix|oppas|overbuurman|overbuurvrouw|pastoor"
    r"|personeelszaken|politie|raadslieden|raadsman|raadsvrouw|reclassering|sociaal-werker|spv"
    r"|stadsbank|steunouder|svb|toezichthouder|tolkentelefoon|uwv|verzekeraar|vluchtelingenwerk"
    r"|woningbouw|worker|zorgverzekeraar)"
)
_ENDINGS = (
    *PROFESSION_ENDINGS,
    "buurman",
    "buurvrouw",
    "buren",
    "voogd",
    "verzorger",
    "verzorgster",
    "begeleiding",
    "tolk",
    "beheerder",
    "deurwaarder",
    "verzekeraar",
    "corporatie",
    "manager",
    "hulpverlener",
    "kantoor",
    "contactpersoon",
    "vertegenwoordiger",
)
_OWN = re.compile(
    r"\b(?:pt|pte|pat|patient\w*|clien\w*|zelf|betrokkene|eigen|hemzelf|haarzelf|self)\b"
    r"|\b(?:mevrouw|mevr|mw|meneer|dhr|heer)\b(?=\.?\s*(?:[:,(\d+]|$|(?:is|te|bel\w*|bereik\w*|op|via|heeft"
    r"|wil|kan|tel|mobiel)\b))"
)
_HERS = re.compile(
    r"\b(?:haar|zijn|diens|her|his) (?:(?:eigen|mobiele?|06|vaste|prive|phone) ?-?){0,2}"
    r"(?:nummer|nr|tel\w*|mobiel\w*|06|number)\b|\b(?:bel\w*|bereik\w*) (?:u |je )?(?:haar|hem)\b"
    r"|\b(?:haar|hem) (?:bel\w*|bereik\w*)"
    r"|\b(?:ze|zij|hij|she|he) (?:is|wil|heeft|zit|neemt)\b|\b(?:is|wil|heeft) (?:ze|zij|hij)\b"
)
_DETERMINERS = re.compile(
    r"(?:de|het|een|haar|zijn|hun|z'n|d'r|diens|mijn|onze|ook|wel|er|is|oudste|jongste)"
)
_SAID_BEHIND = re.compile(
    r"[\s,;(–-]{0,3}(?:(?:maar|dit|dat|die|het|nummer|nr) ){0,3}(?:is|van|hoort|=)\b(?P<said>[^.;)]{0,50})"
)
_ANSWERED_BY = re.compile(
    r"\s*(?:krijgt|neemt|spreekt|treft|heeft|bereikt|staat)(?: u| je)? "
    r"(?:(?:haar|zijn|de|een|hun|met) ){1,2}(?P<who>[a-z-]+)"
)
_REFERRER_SELF = re.compile(r"\bikzelf\b|\b(?:ik|wij|we) (?:sta|staan|neem|nemen|ben|zijn)\b[^.;,]{0,40}$")
_ONLY_SAID = re.compile(r"\s*(?:is|van|=)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_])(?<!mw\. )(?<!dhr\. )(?<!mevr\. )(?<!dr\. )|\n")
_OTHER_PERSON = re.compile(r"\b(?:mw|mevr|mevrouw|dhr|meneer|heer|dr)\b\.? (?!pt\b)[a-z]{3,}\W*$")
_REFERRED_BY = re.compile(r"(?:aangemeld|verwezen|ingevuld|gemeld|doorgegeven|ingestuurd|opgesteld) door\b")
_GONE = re.compile(r"\b(?:overleden|vertrokken|weg|weggegaan|scheiding|gescheiden|failliet)\b")
_ENDED = re.compile(
    r"[\s,;(–-]{0,3}(?:maar |en |echter |helaas ){0,2}(?:dit|dat|die|het|nummer|deze|is|was|werkt|doet)\b"
    r"[^.;]{0,25}"
    r"\b(?:afgesloten|opgezegd|opgeheven|niet meer|buiten gebruik|geblokkeerd|verlopen|fout|verkeerd)\b"
)
_ON_BEHALF = re.compile(r"\b(?:over|voor|namens) (?:de |haar |zijn |hun )(?P<who>[a-z-]+)")
_CALLED_US = re.compile(r"\b(?:belde|belt|gebeld|mailde|appte|bellen)\b")


_LANDLORD = ("huisbaas", "verhuurder", "buurvrouw", "buurman", "schuldeiser", "werkgever", "baas")
_LABEL_WORD = re.compile(r"[,;/(] ?(?P<who>[a-z-]+)[ :(]{1,3}$")


def third_party(word: str) -> bool:
    """Whether a plain word says who or what somebody other than the patient is."""
    return (
        _MORE.fullmatch(word) is not None
        or word in RELATIVES
        or word in PROFESSIONS
        or word in ORGANISATIONS
        or word.endswith(_ENDINGS)
        or ("-" in word and _MORE.fullmatch(word.rpartition("-")[2]) is not None)
    )


def doubtful(
    found: list[Block], masked: list[str], at: int, lead: str, tail: str, sentence: int, *, more: bool
) -> bool:
    """Whether the number between `lead` and `tail` may be a third party's.

    `masked` are the blocks with the patient's names as "pt"; in block `at` the number's sentence begins at
    `sentence`.
    """
    said = plain(lead)
    behind = plain(tail)
    owner = _SAID_BEHIND.match(behind)
    if more and not _ONLY_SAID.match(behind):
        owner = None
    if owner and any(third_party(word) for word in _WORD.findall(owner["said"])[:5]):
        return True
    answers = _ANSWERED_BY.match(behind)
    if answers and third_party(answers["who"]):
        return True
    if _ENDED.match(behind) or _REFERRER_SELF.search(said):
        return True
    spoken = _ON_BEHALF.search(behind)
    if spoken and spoken["who"] in RELATIVES and _CALLED_US.search(said):
        return True
    if _named_last(said):
        return True
    block = found[at]
    if _OWN.search(said) or _OWN.search(plain(block.phrase)):
        return False
    before = masked[at][:sentence].strip()
    if before:
        last = _SENTENCE.split(before)[-1]
        other = _OTHER_PERSON.search(plain(last)) is not None and _HERS.search(said) is not None
        return other or _subject(plain(last))
    return block.label in {"", "phone"} and _above(found, masked, at, said)


def _named_last(said: str) -> bool:
    """A third party in the number's own sentence, and no return to the patient behind it."""
    labelled = _LABEL_WORD.search(said)
    if labelled and third_party(labelled["who"]):
        return True
    last = None
    for word in _WORD.finditer(said):
        if third_party(word[0]) and (word[0] not in BARE_RELATIVES or _possessed(said, word.start())):
            last = word
    if last is None:
        return False
    rest = said[last.end() :]
    if last[0].endswith(_LANDLORD) and re.search(r"\b(?:haar|zijn) (?:nummer|nr|tel|mobiel)", rest):
        return True
    if _OWN.search(rest) or _HERS.search(rest):
        return False
    # "woont bij haar ouders, tel …" tells where the patient is; the subject of the sentence is theirs.
    subject = said[: last.start()]
    if re.search(r"\b(?:woont|werkt|met|bij|door|tegen|aan|zonder|geen|heeft|van|in|voor|op)\b", subject):
        return _OWN.search(subject) is None and not re.search(r"\b(?:ze|zij|hij|woont)\b", subject)
    return True


def _possessed(said: str, start: int) -> bool:
    return re.search(r"\b(?:haar|zijn|hun|z'n|d'r|de|oudste|jongste|her|his)\s$", said[:start]) is not None


def _subject(sentence: str) -> bool:
    """Whether a sentence is told of a third party: one of them is what it begins with."""
    words = _WORD.findall(re.sub(r"\([^)]*\)", "", sentence))
    while words and _DETERMINERS.fullmatch(words[0]):
        words = words[1:]
    told = any(third_party(word) for word in words[:2]) and not _GONE.search(sentence)
    return told and not _OWN.search(sentence)


def _above(found: list[Block], masked: list[str], at: int, said: str) -> bool:
    """Whether the line right above is another's: "Bewindvoerder: Bea Kramer", then "Tel: 06-…"."""
    block = found[at]
    if not at or found[at - 1].paragraph != block.paragraph or _WORD.sub("", said).strip(" .:,()+-"):
        return False
    above = found[at - 1]
    if re.search(r"\d{6}", above.text.replace(" ", "").replace("-", "")):
        return False
    if plain(above.phrase).strip() == "ouder" and at > 1 and found[at - 2].label == "relative":
        # "Kind: …", "Ouder: …": the form is about a child, who is called through a parent.
        return False
    if _REFERRED_BY.match(plain(above.phrase + " " + above.text).strip()):
        return True
    if above.label in {"relative", "sender"}:
        return re.search(r"\b[A-ZÀ-Þ]", above.text) is not None
    through = re.match(
        r"(?:contact|bellen|bereikbaar|loopt|afspraak|afspraken)[a-z ]{0,20} via ", plain(above.text)
    )
    if through and any(third_party(word) for word in _WORD.findall(plain(above.text))):
        return True
    last = plain(_SENTENCE.split(masked[at - 1].strip())[-1])
    if _OTHER_PERSON.search(last) and _HERS.search(plain(block.phrase)):
        return True
    return above.label == "" and (_subject(last) or _subject(plain(above.text)))
