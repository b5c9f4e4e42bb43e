"""Whose name is somebody else's: a relative's, a professional's, whoever's that "zij" can't be.

The sentence says it: by the word for who somebody is ("haar zoon", ", huisarts"), by what they do for the
patient or to whoever reads it, or because the patient is told of beside them.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.evidence import IN_APPOSITION, without_dots
from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import (
    DOCTORS,
    ORGANISATIONS,
    PROFESSION_ENDINGS,
    PROFESSIONS,
    SALUTATIONS,
    SENDERS,
    TITLES,
    plain,
    words_of,
)

_ABOUT_BEFORE = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

_BY = words_of("door namens via collega dank afzender getekend t.a.v tav cc aan")

_ROLE_BEHIND = re.compile(
    r"(?:\s*[,(–-]\s*(?:(?:de|een|zijn|haar|hun|haar/zijn|is|als|mijn|onze) ){0,2}"
    r"| (?:is|was) (?:haar|zijn|hun|onze|mijn) )([a-z][a-z-]+)"
)
_OF_TEAM = re.compile(r"\s+(?:van|bij|uit) (?:het |de |onze |ons )?([a-z]+)(?: ([a-z]+))?")
# "Mag ik u vragen mevrouw Bos te bellen": a verb, where "bij vragen" tells of who asks.
_I_ASK = re.compile(
    r"\b(?:mag|wil|wilde|wou|zou) (?:ik|wij|we) (?:u|je|jou|jullie) (?:graag |willen )?vragen "
)
# "Ik verwijs graag naar u door mevrouw Bos": the verb is parted in two.
_REFERS = re.compile(r"\b(?:verwijs|verwijzen|stuur|sturen|zet|zetten|geef|geven) [^.]*\bdoor ")
# "inwonend bij fam. Zilver"
_LIVES_AT = re.compile(
    r"\b(?:inwon\w*|woont(?: in)?|wonend\w*|logeert|slaapt|verblij\w+|ingeschreven)(?: nu)?"
    r" bij (?:de |het )?(?:(?:fam|familie|gezin|dhr|mw|mevr|mevrouw|meneer|de heer)\.? *)?$"
)
_OF_HELPER = re.compile(
    r"([^\W\d_][\w-]+)(?: [A-ZÀ-Þ][\w'’-]*){0,3} ?[(,:–-] ?(?:(?:mw|mevr|mevrouw|dhr|de heer|drs?|ir"
    r"|mr)\.? ?){0,3}$"
)
_HAS_DEBTS = re.compile(
    r",? (?:is degene die|heeft|zit|kampt|wil|zoekt)\b[^.]{0,30}\b(?:schuld|geldzorg|geldproblem|financi"
    r"|betaling|hulp|achterstand|faillis|klem\b)"
)
# "Vandaag belde Tom Bos (…) over zijn moeder": who calls isn't who is told of.
_CALLER = re.compile(r"\b(?:belde|belt|mailde|appte|gebeld door|sprak)\b[^.]{0,12}$")
_ON_BEHALF = re.compile(r"[^.;]{0,30}\b(?:over|namens|voor) (?:haar|zijn|hun) (?:[a-z]+e )?([a-z][\w-]*)")
# "Haar moeder belde voor haar dochter Nina Kuipers", "hulp voor vader Piet Bos": on whose behalf.
_FOR_KIN = re.compile(
    r"\b(?:belde|belt|mailde|meldde|vroeg|vraagt|zoekt|kwam)\b[^.,]{0,30}\bvoor (?:haar|zijn|hun) [a-z]+,? $"
    r"|\bhulp (?:gevraagd |nodig |gewenst )?voor (?:(?:haar|zijn|hun) )?[a-z]+,? $"
)
# "Het gaat om onze eigen stagiaire, Nina Kuipers": what the mail is about.
_IS_ABOUT = re.compile(
    r"(?:^|\b(?:het|dit) )(?:gaat (?:om|over)|betreft) (?:een|onze|mijn) (?:[a-z]+e? )?[a-z-]+, ?$"
)
# As in: will you call this man: Piet Veer.
_THIS_MAN = re.compile(r"\b(?:deze|onderstaande|volgende) (?:man|vrouw)(?: [a-z]+){0,3}: ?$")
# As in: she would like a volunteer: Jan Bos.
_WANTS_ONE = re.compile(r"^ *(?:wil|zoekt|vraagt|wenst) (?:graag )?(?:een|om) [a-z-]+ ?: ?$")
# "Aanmelding namens dr. Vink: Jeroen Kist": who sends it is named before the colon.
_SENT_FOR = re.compile(
    r"^ *(?:nieuwe )?(?:aanmelding|verwijzing) (?:namens|van|door) (?:dr|drs|dokter|huisarts) +"
    r"([a-z-]{3,}) ?: ?$"
)


# "Graag hulp voor de zoon van mw. Bos": the patient is who isn't named.
_HELP_FOR = re.compile(r"\b(?:voor|aan) (?:de |het |een )?([a-z-]+) van (?:[a-z]+\.? ){0,2}$")
# "Kees Mol vraagt hulp voor zijn moeder", "meldt zijn moeder aan"
_FOR_OWN_KIN = re.compile(
    r"\s*(?:\([^)]{0,60}\) ?)?,? ?(?:(?:vraagt|vroeg|zoekt|zocht|wil|wenst)"
    r"(?: (?:graag|wat|mij|me|ons|om)){0,3} (?:hulp|dat|begeleiding)(?: voor)?|meldt|meldde|verwijst)"
    r" (?:zijn|haar|hun) ([a-z][\w-]*)"
)


_PATIENTS = r"(?:een|mijn|onze|deze|de|die) (?:[a-z-]+e? ){0,2}(?:patient|client)(?:e|en|je)?\b"
# "Paul Kok kent mijn patiënte", "… over een patiënt": not "is een patiënt", nor "geldt dat deze patiënt".
_NOT_THEMSELF = re.compile(
    r"[^.!?;:,]*\b(?!(?:is|was|wordt|blijft|als|en|of|dat|omdat|want|wat|niet|betreft|voor)\b)[a-z]{2,}"
    rf" {_PATIENTS}"
)
_BESIDE_THEM = re.compile(rf"\b{_PATIENTS}(?:[ ][^,:;(]*)? (?:met|door|bij|via|naar|aan|van|tegen|en) $")
# "Paul Kok helpt haar met de post", "kent hem": not "betaalt haar huur niet", said of what is her own.
_TO_THEM = re.compile(r" (?:[a-z]+ )?[a-z]{2,}t (?:hem\b|haar(?P<behind> [a-z]+| ?[.,;!]|$))")
# In "zij huurt een kamer van Paul Kok" he is somebody else: whoever "zij" is was told of before. But
# "zij heet …", and "daar verwezen ze … naar ons", where they are many.
_PRONOUN_FIRST = re.compile(
    r"(?<!en )(?<!heet )\b(?:hij|zij|ze)\b(?! (?:is|was)(?: [a-z]+)? $| heet\b| luistert\b)(?! [a-z]+en\b)"
    r"[^,:;()–]*(?<!genaamd )$"
)
# "Ank Kok vertelde over jullie. Ik heb een patiënt …": who is new there was not named before.
_NEW = re.compile(
    r"[^.]*(?:[.!?] [^.]*)?\b(?:(?:ik|wij|we) (?:heb|hebben|zie|zag|ken|kreeg|kregen|meld\w*|verwijs)"
    r"|(?:heb|hebben|meld|melden|verwijs) (?:ik|wij|we))\b[^.,]{0,20}"
    r"\been (?:[a-z-]+ ){0,2}(?:patient|client)(?:e|je)?\b"
    r"|[^.]*[.!?] een (?:[a-z-]+ )?(?:patient|client)e? van (?:mij|ons)\b"
    r"|[^.]*\bmeld (?:ik|wij|we) (?:[a-z]+ )?een (?:man|vrouw|dame|heer)\b(?! van\b)"
)
# "Noor Bak (voorheen Noor Vis)", "hier heet ze nog Noor Vis": a name that isn't theirs any more.
_FORMERLY = re.compile(
    r"\b(?:voorheen|vroeger|meisjesnaam|toen nog|(?:heet|staat) (?:ze|zij|hij|mevrouw|meneer) nog)"
    r"(?: als)?:? $|\bheette (?:[a-z]+ ){0,3}$"
)
_I_AM = re.compile(r"\b(?:ik ben|mijn naam is) (?:[a-z]+ )?$")
_FOR_THEIRS = re.compile(r"[^.,]{0,40}\b(?:namens|zorgen (?:om|over)) (?:haar|zijn|hun) ([a-z-]+)")
# "Patiënt heeft Diabetes Mellitus": nor is it who is called so.
_PATIENT_FIRST = re.compile(
    r"\b(?:(?:patient|client)e?|(?:deze|de|een) (?:man|vrouw|dame|heer|mevrouw|meneer))"
    r" (?!heet\b|luistert\b|betreft\b)(?:[a-z]+t|wil|kan|mag|had|kwam) (?:[^,:;()–]* )?(?<!genaamd )$"
    r"|(?<!ben )\bbekend met $|(?:^|[,;] ?(?:en )?)(?:gebruikt|slikt|neemt) $"
)
# "Ze zou Nico Mol nog aanmelden", said of a colleague.
_REFERRED = re.compile(r"[^.,;:]*\b(?:aanmelden|aangemeld|verwijzen|doorverwijzen|verwezen|doorverwezen)\b")
# On whose word the mail is sent, who signed for what, whom it is not about.
_BESIDES = re.compile(
    r"\b(?:op (?:aanraden|advies|voorspraak|aangeven|aandringen) van|op naam van|dank aan"
    r"|(?:groet\w*|terugkoppel\w*|kopie|cc)(?: ook)? aan"
    r"|(?:brief|e-?mail|mail|bericht|verslag|rapport|advies|kaartje|folder) van"
    r"|niet(?: (?:om|over|voor|van|met|aan))?) (?:[a-z]+\. ?)?$"
)
# Who speaks to the writer of what the writer should do, stands in, or works where the mail is read.
_COLLEAGUE = re.compile(
    r" (?:neemt|nam) (?:[a-z]+ )?waar\b| vervangt\b"
    r"| [a-z]+(?: (?:mij|me|ons))? (?:dat|of) (?:ik|wij|we)\b"
    r"|,? (?:die )?(?:nog )?bij (?:jullie|u) (?:in dienst|werk)"
    r"| (?:dit|deze|het) (?:[a-z]+ ){0,2}(?:oppakken|doen|regelen|overnemen|behandelen|uitzoeken)\b"
)
# "Jullie vrijwilliger Jan Bos", ", onze stagiaire": who is ours or yours, unless a patient.
# "De man van mw. Bos heeft schulden": he isn't named.
_KIN_OF = re.compile(r"(?:^|[.!?:;] ?)(?:de|het|een) ([a-z-]+) van (?:[a-z]+\.? ){0,2}$")
_OURS = r"(?:onze|jullie|uw|mijn)"
_OURS_BEFORE = re.compile(rf"\b{_OURS} ([a-z-]+) $")
_OURS_BEHIND = re.compile(rf"\s*[,(–-]\s*{_OURS} ([a-z-]+)\b(?! (?:patient|client))")
_DEAD_BEHIND = re.compile(r" (?:[a-z0-9 ]{0,25} )?(?:overleed|overleden|gestorven|stierf|begraven)\b")
_DEAD_BEFORE = re.compile(
    r"\b(?:(?:overleed|stierf|overlijden van|dood van|weduwe van|weduwnaar van|begrafenis van)"
    r"(?: [a-z]+){0,2}|(?:weduwe|weduwnaar|nabestaande)s? van) $"
)
# Whose "vader" somebody is by whom they are told of: a daughter who calls speaks of her own.
_CHILDREN = words_of("dochter zoon kind kinderen")
_PARENTS = words_of("vader moeder ouders")
_SPOUSES = words_of("man vrouw echtgenoot echtgenote partner")
_SIBLINGS = words_of("broer zus zuster")
_NEIGHBOURS = words_of("buurman buurvrouw")
_COUNTERPARTS = (
    *((_CHILDREN, _PARENTS), (_PARENTS, _CHILDREN)),
    *((each, each) for each in (_SPOUSES, _SIBLINGS, _NEIGHBOURS)),
)
_OWN = words_of("haar zijn hun d'r z'n")
_CALLED = words_of("belde belt mailde appte vertelde meldde schreef")


# "Tim (8) met zijn moeder, …": whoever is that young isn't referred.
_OF_CHILD = re.compile(
    r"(?:\((?:\d|1[0-7])(?: ?(?:jaar|jr?))?\)|\b(?:\d|1[0-7])[- ]jarige?"
    r"|\b(?:patientje|baby|kindje|peuter|kleuter)s?\b)"
    r"[^.]*\b(?:zijn|haar|hun) (?:moeder|vader)[, (:–-]{1,3}(?:(?:mevrouw|mevr|mw|dhr|meneer) )?$"
)


def _is_told_by_kin(words: list[str]) -> bool:
    """ "Dochter Susan belde: haar vader, …": the patient, to whom she is a daughter.

    `words` lead to the name; the last is who is named, and whoever tells of them has no "haar" of their own.
    """
    if len(words) < 3:
        return False
    bare = words[-2] not in _OWN
    if bare and not _CALLED & set(words[:-2]):
        return False
    tellers = {w for at, w in enumerate(words[:-1]) if bare or not at or words[at - 1] not in _OWN}
    return any(words[-1] in named and tellers & telling for telling, named in _COUNTERPARTS)


def _acts_for(behind: str) -> bool:
    """ "helpt haar met de post": what follows "haar" is nothing of hers."""
    told = _TO_THEM.match(behind)
    return told is not None and (
        told["behind"] is None
        or kind_of(told["behind"].strip()) is Sense.LINK
        or not told["behind"].strip().isalpha()
    )


def is_other(text: str, start: int, end: int) -> bool:
    """Whether a relative's, a professional's or an addressed person's name stands there."""
    before = without_dots(plain(text[max(0, start - 60) : start]))
    sentence = re.split(r"(?<=[.!?]) |\n", before)[-1]
    words = _ABOUT_BEFORE.findall(sentence)[-4:]
    behind = plain(text[end : end + 80])
    if any(told.search(sentence) for told in (_LIVES_AT, _BESIDES, _DEAD_BEFORE, _FORMERLY)):
        return True
    if any(told.match(behind) for told in (_NOT_THEMSELF, _DEAD_BEHIND, _COLLEAGUE)) or _acts_for(behind):
        return True
    if _BESIDE_THEM.search(sentence) or sentence.endswith("["):
        return True
    if (_PRONOUN_FIRST.search(sentence) or _PATIENT_FIRST.search(sentence)) and not _REFERRED.match(behind):
        return True
    if _NEW.match(plain(text[end : end + 250])) and not without_dots(before).endswith(": "):
        return True
    theirs = _FOR_THEIRS.match(behind)
    if theirs and kind_of(theirs[1]) is Sense.OTHER:
        return True
    if _I_AM.search(sentence) and any(_is_role(word) for word in _ABOUT_BEFORE.findall(behind)[:8]):
        return True
    ours = _OURS_BEFORE.search(sentence) or _OURS_BEHIND.match(behind)
    if ours and kind_of(ours[1]) is Sense.UNKNOWN and not is_thing(ours[1]):
        return True
    if _OF_CHILD.search(sentence) or _is_told_by_kin(_ABOUT_BEFORE.findall(plain(text[:start]))[-20:]):
        return False
    own = _HELP_FOR.search(sentence) or (_HAS_DEBTS.match(behind) and _KIN_OF.search(sentence))
    if asks_for_kin(behind) or (own and kind_of(own[1]) is Sense.OTHER):
        return True
    if any(told.search(sentence) for told in (IN_APPOSITION, _FOR_KIN, _THIS_MAN, _WANTS_ONE, _IS_ABOUT)):
        return False
    titles = []
    while words and (
        words[-1] in SALUTATIONS | TITLES
        or words[-1] in {"is", "heet", "genaamd", "de", "het", "nl", "namelijk", "een"}
    ):
        titles.append(words.pop())
    if is_doctor(titles):
        return not _HAS_DEBTS.match(behind)
    if words[-1:] == ["vragen"] and _I_ASK.search(sentence):
        return False
    if words[-1:] == ["door"] and _REFERS.search(sentence):
        return False
    if words:
        last = words[-1]
        if last in {"spreekuur", "inloopspreekuur"}:
            return False
        reader = sentence.rstrip().endswith(":") and sentence.lstrip().startswith(("voor ", "aan "))
        if reader and last in {"team", "loket", "stadsteam", "wijkteam", "buurtteam"}:
            # The mail is for the team; behind the colon stands its patient.
            return False
        if _is_role(last) and last not in {"familie", "gezin", "aangemeld"}:
            return not _HAS_DEBTS.match(behind[:60])
        if (sent := _SENT_FOR.search(sentence)) and not _is_role(sent[1]):
            return False
        roles = [w for w in words[-2:] if w not in {"spreekuur", "inloopspreekuur", "aangemeld"}]
        if sentence.rstrip().endswith(":") and any(map(_is_role, roles)):
            return True
        # Whoever is passed on by telephone is named behind a colon, with the verb parted in two.
        if last in _BY and last != "aan" and not (last == "door" and sentence.rstrip().endswith(":")):
            return True
    if _is_beside_number(text, start, end):
        return True
    if (helper := _OF_HELPER.search(text[max(0, start - 60) : start])) and _is_role(plain(helper[1])):
        # She works there: "in behandeling bij GGZ Centraal (mw. Van Essen, …)".
        return True
    about = _ON_BEHALF.match(behind[:60]) if _CALLER.search(sentence) else None
    if about and kind_of(about[1]) is not Sense.THING and not is_thing(about[1]):
        # "over zijn vader", not "over zijn geldzorgen".
        return True
    team = _OF_TEAM.match(behind[:60])
    if team and any(each and _is_institution(each) for each in team.groups()):
        return True
    role = _ROLE_BEHIND.match(behind[:60])
    if role is None:
        return False
    word = role[1]
    if re.match(
        r" van (?:een|twee|drie|vier|vijf|zes|\d)", plain(text[end + role.end(1) : end + role.end(1) + 12])
    ):
        # "mevrouw Prins, moeder van twee"
        return False
    if re.match(r", (?:haar|zijn|hun) ", behind) and re.match(r" [A-ZÀ-Þ]", text[end + role.end(1) :]):
        # "Aanwezig: Ria Bos, haar begeleider Kees": whose the role is stands behind it.
        return False
    return _is_role(word)


_IN_BRACKETS = re.compile(r"([^\W\d_][\w-]*) ?\([^()◊]*$")
_AT = re.compile(r"\b(?:[Bb]ij|[Vv]ia|[Dd]oor|[Mm]et) (?:(?:de|het) )?[A-ZÀ-Þ][^.,;:()]*$")


def _is_beside_number(text: str, start: int, end: int) -> bool:
    """ "bewind bij De Buffer (mw. Bos, 06-…)": in brackets with a number, behind who helps."""
    opened = _IN_BRACKETS.search(text[max(0, start - 60) : start])
    closing = text.find(")", end, end + 60)
    if opened is None or closing < 0:
        return False
    inside = text[max(0, start - 60) + opened.end(1) : closing]
    lead = text[max(0, start - 100) : max(0, start - 60) + opened.end(1)]
    helper = _is_role(plain(opened[1])) or _AT.search(lead) is not None
    return helper and "·" in inside and "◊" not in inside


def _is_institution(word: str) -> bool:
    return word in ORGANISATIONS | SENDERS - {"aangemeld", "ingevuld"} or kind_of(word) is Sense.BODY


def is_doctor(before: Iterable[str]) -> bool:
    """Whether the words before a name are a doctor's title, and no "Jkvr. drs."."""
    titles = set(before) & TITLES - {"mr"}
    return bool(titles) and titles <= DOCTORS


# "Reumatoloog", "Logopedist", "Podotherapeut".
_SPECIALISTS = ("loog", "loge", "agoog", "agoge", "iater", "ist", "iste", "peut", "peute")


def asks_for_kin(behind: str) -> bool:
    """Whether what follows a name, in plain letters, says that they ask help for a relative of theirs."""
    own = _FOR_OWN_KIN.match(behind)
    return own is not None and kind_of(own[1]) is Sense.OTHER


def _is_role(word: str) -> bool:
    """Whether a plain word says who or what somebody other than the patient is."""
    return (
        kind_of(word) in {Sense.OTHER, Sense.BODY}
        or (
            kind_of(word) is Sense.SENDER
            and word not in {"ik", "wij", "we", "mij", "me", "mijn", "ons", "onze", "i"}
        )
        or word in PROFESSIONS
        or word in SENDERS
        or word in ORGANISATIONS
        or word.endswith(("praktijk", "centrum", "artsen", "apotheek", *PROFESSION_ENDINGS))
        or (len(word) > 6 and word.endswith(_SPECIALISTS) and kind_of(word) is Sense.UNKNOWN)
    )


def begins_with_role(name: str) -> bool:
    """Whether what looks like a given name says who somebody is: "Buurvrouw Corrie", "Wijkagent Piet"."""
    first, _, rest = plain(name).partition(" ")
    # "Ma" and "Pa" are names as well.
    role = first not in {"ma", "pa"} and _is_role(first)
    return bool(rest) and role
