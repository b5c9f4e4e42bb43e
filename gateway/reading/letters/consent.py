"""Whether a referrer states that the patient consents, in the referrer's own words.

It promises that consent is found only where it is plainly stated: a sentence about consent in which a single
word is not known, or that denies, asks, plans or doubts, is no consent, and takes away what another sentence
said. Whoever is misread is asked, and can answer "ja".
"""

import re

from gateway.reading.letters.answer import own_text
from gateway.reading.letters.closing import words_of
from gateway.reading.letters.limits import ANYBODY
from gateway.reading.letters.record import Consent
from gateway.reading.letters.sentences import PATIENT, Sentence, written
from gateway.reading.mail.message import parse
from gateway.reading.patient.words import plain

_GIVEN = re.compile(
    r"\btoestemming (?:van )?(?:de |het )?(?:#patient|patiente?|clie?nte?|betrokkene)? ?(?:is )?"
    r"(?:ja|gegeven|verleend|verkregen|gekregen|akkoord|aanwezig|ontvangen)\b"
    r"|\b(?:heeft|geeft|gaf|verleent|verleende|gegeven|hebben|heb|kreeg|gekregen|verkregen|is er|met|is)\b"
    r"(?: [a-z#]+){0,6} ?\btoestemming(?: (?:gegeven|verleend|verkregen|gekregen))?\b"
    r"|\btoestemming is er\b|\btoestemming (?:mondeling|schriftelijk|telefonisch|hiervoor|hiertoe)? ?(?:is )?"
    r"(?:gegeven|verleend|verkregen|gekregen|vastgelegd)\b"
    r"|\b(?:is|gaat|was|ging)\b(?: [a-z#]+){0,4} akkoord\b|^(?:[a-z#]+ ){0,2}akkoord(?: ja)?$"
    r"|^akkoord (?:de )?(?:#patient|patiente?|clie?nte?|mw|mevrouw|dhr|meneer)(?: ja)?$"
    r"|\btoestemming (?:voor )?(?:gegevensdeling|delen gegevens|overdracht|aanmelding|verwijzing"
    r"|contact) ja\b"
    r"|\bakkoord (?:van|door) (?:de |het )?(?:#patient|patiente?|clie?nte?|mw|mevrouw|dhr|meneer)\b"
    r"|\b(?:stemt|stemde)(?: [a-z#]+){0,4} (?:in|toe)\b|\bheeft(?: [a-z#]+){0,4} (?:ingestemd|toegestemd)\b"
    r"|\b(?:vindt?|vond)(?: [a-z#]+){0,3} (?:het|dit|dat|deze aanmelding)(?: [a-z#]+){0,2} (?:goed"
    r"|prima|oke?|okay)\b"
    r"|\bwil(?: [a-z#]+){0,2} graag(?: [a-z#]+){0,4} (?:gebeld|benaderd|geholpen)\b"
    r"|\bgeeft aan dat (?:u|jullie|je|we|wij)(?: [a-z#]+){0,6} (?:mag|mogen)\b"
    r"|\bconsents?\b|\bpatient agrees\b"
)
_TOPIC = re.compile(
    r"\b(?:toestemming\w*|toestemt|stemt|stemde|akkoord\w*|instemming\w*|ingestemd|toegestemd"
    r"|consent\w*|bezwaar)\b"
)
_REFUSED = re.compile(r"\b(?:geen|niet|weiger\w*|geweigerd|ingetrokken|zonder|bezwaar|not|no)\b")
_YES = re.compile(r"^(?:o |oh )?(?:ja|jazeker|jawel|yes|zeker|inderdaad|akkoord|klopt|dat klopt)\b")
_AROUND: frozenset[str] = words_of(
    """dd jazeker jawel yes inderdaad hoogte weet ervan ervoor aanmeld doorgeef geef belt me patient
    patiente pat pt ptn client cliente mevrouw mevr mw meneer dhr heer mijnheer betrokkene hij zij ze haar
    hem zijn de het een deze dit dat die er en ik wij we mij me ons u uw jullie je van voor met door aan
    op in bij om te tot mondeling mondelinge schriftelijk schriftelijke telefonisch telefonische vandaag
    gisteren zojuist net vanochtend vanmorgen vanmiddag tijdens spreekuur consult gesprek afspraak
    hiervoor hiertoe hiermee ermee daarmee hierin ermee aanmelding aanmelden aangemeld verwijzing
    verwijzen overdracht gegevens contactgegevens gegevensdeling delen deel gedeeld doorgeven doorgegeven
    doorsturen doorgestuurd verstrekken uitwisselen contact opnemen opneemt bellen gebeld belt benaderen
    benaderd geholpen hulp schuldhulp schuldhulpverlening gemeente consulent organisatie welzijn
    welzijnswerk maatschappelijk werk zorgverlener huisarts praktijk poh heeft geeft gaf is was gaat ging
    zijn hebben heb had kreeg wordt worden mag mogen kan kunnen wil graag vindt vond goed prima oke ok
    okay ja hoor zeker uitdrukkelijk expliciet nadrukkelijk volledig hierbij ook dus al reeds
    geregistreerd vastgelegd dossier datum #patient #amount #number #wijk naar dat toestemming akkoord
    gegeven verleend verkregen gekregen aanwezig ontvangen instemming ingestemd toegestemd stemt stemde
    toe aangegeven aan kenbaar gemaakt gevraagd besproken overlegd bevestigd bevestigt"""
) | {PATIENT}
"""Words that leave a statement of consent what it is. "Gevraagd" and "besproken" count only beside a phrase
that says what the answer was; "nog", "eerst", "na", "als" and "of" stand nowhere here."""

_ANOTHER = re.compile(
    r"\b(?:huisarts|praktijk|poh|consulent|organisatie|zorgverlener|gemeente|ik|we|wij|u|jullie|je)"
    r" (?:is|zijn|ben|gaat|was|ging|stemt|stemde|geeft|gaf|vindt?|vond|wil|verleent|verleende)\b"
    r"|\btoestemming (?:van|door) (?:de |het |een )?(?:huisarts|praktijk|poh|consulent|organisatie"
    r"|zorgverlener|gemeente|ons|u|jullie|je|mij|me)\b"
    r"|\b(?:gegeven|verleend) door (?:de |het |een )?(?:huisarts|praktijk|poh|consulent|organisatie"
    r"|zorgverlener|gemeente|ons|u|jullie|mij|me)\b"
    r"|\b(?:akkoord met|toestemming voor) (?:de |het |een |deze )?(?:afspraak|consult|spreekuur|gesprek)\b"
)
"""Somebody else than the patient who agrees, or something else that is agreed to."""
_ASKS = re.compile(
    r"^(?:is|gaat|was|geeft|gaf|heeft|heb|hebt|hebben|stemt|vindt|vond|wil)"
    r" (?:er|u|je|jullie|we|wij|ik|zij|ze|hij|toestemming|(?:de |het |een )?(?:#patient|patiente?|pat|ptn?"
    r"|clie?nte?|mevrouw|mevr|mw|meneer|dhr|heer|betrokkene))\b"
)
"""A verb that comes first makes a question, with or without its mark."""

_ASKED_FOR = re.compile(
    r"\b(?:gevraagd|besproken|overlegd|gesproken)(?: en)? (?=(?:\w+ ){0,3}(?:gegeven"
    r"|verkregen|gekregen|geeft|gaf"
    r"|akkoord|vindt"
    r"|gaat|stemt)\b)"
)
_WISHES = re.compile(r"\bwil graag\b")
_ONLY_ASKED: frozenset[str] = frozenset({"gevraagd", "besproken", "overlegd"})
_MODAL: frozenset[str] = frozenset({"kan", "kunnen", "wil"})

_WE: frozenset[str] = frozenset({"ik", "wij", "we", "ons", "mij", "me"})
_AROUND_NO: frozenset[str] = _AROUND | words_of(
    """nee neen no not geen niet weigert weigerde weigeren geweigerd ingetrokken trekt in bezwaar tegen
    liever toch helaas behoefte meer wilt wilde dank bedankt"""
)
"""Words that leave a refusal what it is."""
_DENIALS: frozenset[str] = frozenset({"geen", "niet", "nee", "neen", "no", "not"})

_DATA = re.compile(
    r"^(?:naam|achternaam|voornaam|tel|telefoon\w*|mobiel|nummer|wijk|adres|postcode|geboortedatum)\b"
)
_SAYS_YES: frozenset[str] = words_of(
    """ja jazeker jawel yes zeker inderdaad akkoord klopt o oh dat dit is zo goed prima hoor mag vindt heeft
    #patient patient patiente pt client cliente mevrouw mw meneer dhr hij zij ze"""
)
"""Beside "ja" a plan says something else: "ja, bij het consult"."""
_COURTESY: frozenset[str] = words_of(
    """dank bedankt dankjewel dankuwel je u wel voor uw de het bericht mail reactie alvast fijn prima
    groet graag excuses sorry late ok oke top hoor"""
)


_BACK = re.compile(
    r"\b(?:toch|liever)(?: (?:maar|wel|liever|even|nog))* (?:niet|geen)\b|\bnader inzien\b|\bvan gedachten\b"
    r"|\b(?:bedacht|bedenkt|terugged\w+|teruggekomen|teruggetrokken|ingetrokken|herroepen|twijfel\w*)\b"
    r"|\b(?:trekt?|trok|komt?|kwam) (?:[a-z#]+ ){0,4}(?:in|terug)\b|\bniet meer\b|\bwil(?:de)? niet\b"
    r"|\b(?:even|nog) (?:even )?wachten\b|\b(?:wacht|wachten|nog) (?:er |hier )?(?:even )?(?:mee|niet)\b"
)
"""Takes back what was said before it."""
_YEAR = re.compile(r"(?<!\d)(?<![-/]\d[-/])(?<![-/]\d\d[-/])(?:19|20)\d\d(?![\d-])")
_DATED = re.compile(r"(?<!\d)\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ]((?:19|20)?\d\d)(?!\d)")
_LONG_AGO = re.compile(
    r"\b(?:(?:vorige?|afgelopen|verleden) jaar|jaren?(?: \w+)? geleden|destijds|vroeger|ooit)\b"
)


def consent_in(text: str, *, asked: bool = False, year: int | None = None) -> Consent:
    """What a text says of the patient's consent; with `asked` it answers the question for it.

    `year` is that of the mail, if it is known: what was stated in another year was not for this referral.
    """
    parts = written(text.split("\n"))
    consent = _consent_in(parts.sentences, asked=asked)
    if consent is not Consent.GIVEN:
        return consent
    said = [consent_of_sentence(each) is Consent.GIVEN for each in parts.sentences]
    first = said.index(True) if True in said else 0
    after = (*parts.sentences[first + 1 :], *parts.signed)
    dated = [each for each, given in zip(parts.sentences, said, strict=True) if given]
    if any(_BACK.search(each.text) for each in after) or any(_is_old(each.raw, year) for each in dated):
        return Consent.UNCLEAR
    return Consent.GIVEN


def _is_old(text: str, year: int | None) -> bool:
    """Whether a statement is of another year than the mail; a date cannot be compared without that."""
    said = plain(text)
    dated = {int(each) % 100 for each in _DATED.findall(said)}
    bare = {int(each) % 100 for each in _YEAR.findall(_DATED.sub(" ", said))}
    same = set() if year is None else {year % 100}
    return bool(bare - same or (same and dated - same) or _LONG_AGO.search(said))


def _consent_in(sentences: tuple[Sentence, ...], *, asked: bool) -> Consent:
    found = [consent_of_sentence(each) for each in sentences]
    spoken = [each for each in found if each is not Consent.UNSAID]
    if spoken and all(each is Consent.GIVEN for each in spoken):
        return _unless_open(sentences, found) if asked else Consent.GIVEN
    if any(each is Consent.REFUSED for each in spoken):
        return Consent.REFUSED
    if spoken:
        return Consent.UNCLEAR
    return _answered(sentences) if asked and sentences else Consent.UNSAID


def consent_of(raw: bytes, *, asked: bool = False) -> Consent:
    """The same of a mail's own text."""
    sent = parse(raw).date
    return consent_in(own_text(raw), asked=asked, year=sent.year if sent else None)


def consent_of_sentence(sentence: Sentence) -> Consent:
    """What one sentence says of it."""
    # What was asked and then answered says no more than the answer.
    text = _ASKED_FOR.sub("", sentence.text).replace("door te geven", "doorgeven")
    stated = _GIVEN.search(text)
    if not stated and not _TOPIC.search(text):
        return Consent.UNSAID
    if stated and not sentence.question and _is_plain(text, stated):
        return Consent.GIVEN
    if _REFUSED.search(text) and _is_refusal(sentence):
        return Consent.REFUSED
    return Consent.UNCLEAR


def _is_refusal(sentence: Sentence) -> bool:
    """Whether a sentence denies, in words that are all known: no plan, no condition, and not that the sender
    has not asked yet."""
    words = set(sentence.words)
    # "Geen bezwaar" denies a denial.
    twice = "bezwaar" in words and words & _DENIALS
    return not sentence.question and not twice and words <= _AROUND_NO - _ONLY_ASKED - _WE


def _is_plain(text: str, stated: re.Match[str]) -> bool:
    """Whether nothing in the sentence but the statement could change what it says."""
    around = _WISHES.sub(" ", f"{text[: stated.start()]} {text[stated.end() :]}").split()
    return (
        set(text.split()) <= _AROUND - _ONLY_ASKED
        and not _MODAL.intersection(around)
        and not _ANOTHER.search(text)
        and not ANYBODY.search(text)
        and not _ASKS.search(text)
    )


def _unless_open(sentences: tuple[Sentence, ...], found: list[Consent]) -> Consent:
    """Consent, unless another sentence of a short answer asks something back."""
    others = [each for each, said in zip(sentences, found, strict=True) if said is Consent.UNSAID]
    return Consent.UNCLEAR if any(each.question for each in others) else Consent.GIVEN


def _answered(sentences: tuple[Sentence, ...]) -> Consent:
    """An answer without the word: "ja", beside nothing that isn't known."""
    first = sentences[0]
    if re.match(r"(?:nee|neen|no)\b", first.text):
        refused = all(_is_refusal(each) or set(each.words) <= _COURTESY for each in sentences)
        return Consent.REFUSED if refused else Consent.UNCLEAR
    if not _YES.match(first.text) or first.question or not set(first.words) <= _SAYS_YES:
        return Consent.UNSAID
    plainly = (_AROUND - _ONLY_ASKED) | _COURTESY
    if all(
        _DATA.match(each.text) or (set(each.words) <= plainly and not each.question) for each in sentences[1:]
    ):
        return Consent.GIVEN
    return Consent.UNCLEAR
