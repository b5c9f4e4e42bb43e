"""What stands below the closing of a letter: a signature, or something that was still to be said.

It promises that a line there is part of a signature only if it is made of the words of signatures, of the
sender's own name, of the names of a practice or a street, or of a number alone or behind its label. Whatever
else stands there is news.
"""

import re
from dataclasses import dataclass

from gateway.reading.letters.closing import MOBILE, PARTICLES, ROLES, closes, words_of
from gateway.reading.letters.courtesy import is_courtesy
from gateway.reading.letters.sentences import BROKEN, GEMEENTE, STRANGE, WIJK, Sentence
from gateway.reading.mail.message import Message
from gateway.reading.patient.words import COMMON, plain

_PRACTICE = words_of(
    """praktijk huisartsenpraktijk huisartspraktijk dokterspraktijk groepspraktijk gezondheidscentrum
    gezondheidshuis medisch centrum huisartsengroep huisartsencentrum zorggroep huisartsen apotheek
    zorgcentrum eerstelijnscentrum wijkgezondheidscentrum"""
)
_CALLED = words_of(
    """t m f e w i tel telefoon telefoonnummer telnr tst toestel mob mobiel mobile phone fax direct spoed
    spoedlijn spoednummer receptenlijn receptlijn intern overlegnummer overleglijn keuze optie toets
    huisartsenpost"""
)
"""What may stand beside a number."""
_AROUND = words_of(
    """email mail web website www internet site adres bezoekadres postadres postbus agb big btw kvk zorgmail
    logo image cid facebook linkedin instagram nederland nl the netherlands"""
)
_TIMES = words_of(
    """maandag dinsdag woensdag donderdag vrijdag zaterdag zondag di
    wo do vr za zo dagen werkdagen werkzaam aanwezig afwezig openingstijden geopend gesloten bereikbaar
    bereikbaarheid van tot en uur ochtend middag ochtends middags tussen elke even oneven weken spoedgevallen
    avond nacht weekend inloop spreekuur telefonisch in op bij voor met wij zijn onze
    januari februari maart april mei juni juli augustus september oktober november december"""
)
_KNOWN = ROLES | _PRACTICE | _CALLED | _AROUND | _TIMES | PARTICLES
_STREET = re.compile(
    r"\w(?:straat|laan|weg|plein|pad|kade|dreef|hof|singel|gracht|plantsoen|park|markt|dijk|steeg|baan|promenade)\b"
)
_POSTCODE = re.compile(r"\b[1-9]\d{3}\s?[A-Z]{2}\b")
_SIGNS = re.compile(r"[☎✆📞📱✉📧📠🖷🏥🌐📍⏰®©™]")


@dataclass(frozen=True, slots=True)
class Signatory:
    """Whose letter it is: the plain words of the name, those of the address, and the practice's numbers."""

    name: frozenset[str]
    address: str
    phones: frozenset[str]


def signatory(message: Message, name: frozenset[str], phones: frozenset[str]) -> Signatory:
    """Who signs a letter."""
    shown = " ".join((*message.from_names, *message.from_addresses))
    return Signatory(name, plain(shown), phones)


def news_below(signed: tuple[Sentence, ...], who: Signatory) -> list[Sentence]:
    """The sentences below the closing that are no signature; the first may be a name that nobody knows."""
    return [each for at, each in enumerate(signed) if not _is_signature(each, who, first=at == 0)]


def _is_signature(sentence: Sentence, who: Signatory, *, first: bool) -> bool:
    if sentence.question:
        return False
    if closes(sentence.words) or is_courtesy(sentence) or MOBILE.match(sentence.text):
        return True
    raw = sentence.raw
    words = {plain(word): word for word in re.findall(r"[^\W\d_]+", _POSTCODE.sub(" ", raw))}
    if BROKEN in sentence.words or (STRANGE in sentence.words and not _SIGNS.search(raw)):
        return False
    own = {word for word in words if word in who.name or (len(word) > 3 and word in who.address)}
    located = bool(_POSTCODE.search(raw)) or _STREET.search(plain(raw)) is not None
    placed = located or bool(words.keys() & _PRACTICE)
    theirs = {plain(name) for names in sentence.wijken for name in names if plain(name) in who.address}
    if WIJK in sentence.words and not (placed or theirs):
        return False
    known = _KNOWN
    named = first or placed or GEMEENTE in sentence.words or bool(words.keys() & ROLES)
    if set(sentence.numbers) - who.phones:
        known, named = _KNOWN - _TIMES, placed
    return all(
        word in known
        or word in own
        or len(word) == 1
        or (named and written[:1].isupper() and (placed or word not in COMMON))
        or _STREET.search(word) is not None
        for word, written in words.items()
    )
