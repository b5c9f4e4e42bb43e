"""Thanks, apologies and wishes of a practice: a sentence says nothing if each of its clauses is one, whole.

It promises that no clause says nothing because its words are harmless one by one: "ze wacht op contact" and
"ze is op vakantie" are made of such words. Of the patient a courtesy speaks only behind an appraisal, and
then only of what went well: "fijn dat ze in beeld is".
"""

import re

from gateway.reading.letters.closing import words_of
from gateway.reading.letters.sentences import PATIENT, Sentence


def _one_of(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


_MANY = _one_of(
    "heel erg hartelijk nogmaals alvast zeer veel ontzettend super en ook weer zo wat dan nou ja hoi"
)
_NICE = _one_of(
    """ok oke okay okidoki prima fijn fijne top super mooi goed goede goedzo helder duidelijk perfect geweldig
    uitstekend fantastisch akkoord begrepen genoteerd gezien gelezen ontvangen welkom noted great received
    blij prettig snel snelle hartelijk hartelijke lief"""
)
_LETTER = """bericht berichtje mail mailtje email reactie antwoord update terugkoppeling info informatie
    bevestiging ontvangstbevestiging nieuws"""
_WHAT = _one_of(
    f"""{_LETTER} inzet moeite tijd medewerking samenwerking opvolging ontvangst aanmelding dossier hulp zorg
    werk oppakken meedenken"""
)
_THANK = _one_of("dank bedankt dankjewel dankuwel dankje merci thanks thank thx")
_TO_YOU = _one_of("je u you jullie jou wel hoor alvast weer nogmaals hiervoor daarvoor")
_FOR = rf"voor(?: (?:de|het|uw|je|jullie|dit|deze|die|alle|{_NICE}))*(?:(?: en)? {_WHAT})+"
_THANKS = rf"{_THANK}(?: {_TO_YOU})*(?: {_FOR})?(?: alvast)?"
_LED = r"(?:dat is|dit is|het is|dat klinkt|wat|is|ik vind het|wij zijn|we zijn|ik ben)"
_APPRAISED = (
    rf"(?:{_LED} |(?:heel|helemaal|erg|weer|zeer) )*(?:{_NICE}|in orde)"
    r"(?: (?:zo|hoor|nieuws|bericht|allemaal|gedaan|geregeld))*"
    rf"(?: (?:om )?(?:te )?(?:horen|weten|lezen))?(?: {_THANKS})?"
)
_WELL = _one_of(
    f"""het de er ze zij hij haar hem mevrouw meneer mw dhr patient patiente {PATIENT} nu zo al snel inmiddels
    is zijn heeft hebt hebben contact beeld in gelukt gehad gesproken gelegd geweest opgepakt oppakken bereikt
    gebeld geholpen jullie u met goed gaat door organisatie kan kon"""
)
_GLAD = rf"{_APPRAISED} dat(?: {_WELL})+"
_MINE = _one_of(
    f"ik wij we heb hebben is het dit dat de uw je jullie dank hierbij in goede orde goed {_LETTER}"
)
_TAKEN = _one_of("ontvangen gelezen gezien genoteerd begrepen duidelijk helder kennisgenomen")
_TAKEN_IN = rf"(?:{_MINE} )*{_TAKEN}(?: (?:in|het|dossier|en))*"
_NOTED = (
    r"(?:ik|wij|we) (?:noteer|noteren|zet|zetten) (?:het|dit|dat) in (?:het|haar|zijn) dossier"
    r"|(?:ik|wij|we) (?:heb|hebben) (?:het|dit|dat) in (?:het|haar|zijn) dossier (?:gezet|genoteerd)"
)
_WISHED = _one_of("fijn fijne prettig prettige goed goede mooi mooie zalig gezond")
_TIME = _one_of(
    """dag weekend avond middag morgen week vakantie dagen feestdagen kerst kerstdagen jaarwisseling jaar
    pasen pinksteren"""
)
_WISH = (
    rf"(?:(?:een|nog|jullie|u|je|ook|alvast|wens|wensen|ik|wij|we|allemaal) )*(?:{_WISHED} )+{_TIME}"
    rf"(?: (?:verder|gewenst|toegewenst|alvast|allemaal|en|nieuw|{_WISHED}|{_TIME}))*"
)
_NEWS = _one_of("bericht berichten nieuws reactie update terugkoppeling")
_WAITING = (
    r"(?:(?:ok|oke|dan|prima|goed) )*(?:(?:ik|wij|we) wacht(?:en)?|wacht(?:en)? (?:ik|wij|we))"
    rf"(?: (?:dan|rustig|uw|het|nader|jullie|verder|verdere|op|de|{_NEWS}))*(?: af)?"
    r"|(?:ik|wij|we) (?:hoor|horen) het (?:dan )?wel(?: weer)?"
    r"|(?:dan |nu )?(?:verder )?(?:hoef|hoeven) (?:ik|wij|we) (?:nu |verder |dus )*niets (?:meer )?te doen"
)
_SORRY = (
    r"(?:sorry|excuses|excuus)(?: voor(?: (?:het|de|mijn|onze|dit|deze))*"
    r" (?:ongemak|overlast|verwarring|late reactie|late antwoord|drukte))?(?: (?:hoor|nogmaals))?"
)
_PARTING = (
    r"(?:graag gedaan|geen dank|tot ziens|tot mails|groet|groeten|groetjes|mvg|succes(?: ermee| verder)?"
    r"|hoi|dag|hallo)"
)
_KINDS = (_GLAD, _THANKS, _APPRAISED, _TAKEN_IN, _NOTED, _WISH, _WAITING, _SORRY, _PARTING)
_CLAUSE = rf"(?:{_MANY} )*+(?:{'|'.join(_KINDS)})"
_JOINED = re.compile(rf"(?:{_CLAUSE})(?: (?:en )?(?:{_CLAUSE}))*")
_LONGEST = 16
"""No courtesy has more words than this in one breath; it bounds the search as well."""

_ABOUT = words_of(
    f"""betreft inzake kenmerk over ivm mbt re aanmelding verwijzing mijn onze uw de van patient patiente
    mevrouw meneer mw dhr mevr {PATIENT}"""
)
"""Words of a line that only names the case."""


def is_courtesy(sentence: Sentence) -> bool:
    """Whether a sentence is nothing but thanks, an apology or a wish, or only names the case."""
    if "kenmerk" in sentence.words and set(sentence.words) <= _ABOUT:
        return True
    return bool(sentence.clauses) and all(
        len(clause) <= _LONGEST and _JOINED.fullmatch(" ".join(word for word in clause if word != "maar"))
        for clause in sentence.clauses
    )
