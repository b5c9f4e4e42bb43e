"""Where a letter closes, and what a name under it looks like.

It promises that a closing is known by its words and by nothing behind it but names.
"""

import re

from gateway.reading.letters.form import OPEN
from gateway.reading.patient.words import COMMON, plain


def words_of(text: str) -> frozenset[str]:
    """A list of words, written as a text."""
    return frozenset(text.split())


TITLES = words_of(
    """heer mevrouw dame dames heren collega collegas allen allemaal iedereen team mw dhr en of dokter
    huisarts praktijk medewerker medewerkers mensen relatie lezer afzender verwijzer zorgverlener assistente
    beste daar doktersassistente poh s"""
)
PARTICLES = words_of("de den der van het ten ter te el al la le von")
ROLES = words_of(
    """huisarts huisartsen doktersassistent doktersassistente praktijkassistent praktijkassistente assistent
    assistente praktijkondersteuner poh ggz somatiek praktijkmanager praktijkhouder praktijkverpleegkundige
    verpleegkundige verpleegkundig specialist waarnemend waarnemer aios haio coassistent triagist triagiste
    secretaresse secretariaat administratie medewerker medewerkster balie team namens dokter doktoren drs dr
    mr arts artsen kaderhuisarts basisarts apotheker physician assistant dokters functie mede ouderen jeugd
    ba bsc msc ma opleiding collega"""
)
"""What people are in a practice, as it stands below their name."""
_CLOSING = re.compile(
    r"^(?:(?:met|alvast|bij voorbaat|en|de|heel|veel|erg|hartelijk|vriendelijk|vriendelijke"
    r"|vriendelijkste|hartelijke"
    r"|collegiale|zonnige|warme|beste|kind|best|bedankt|dank|dankjewel|dankuwel|u|je|wel|fijne dag"
    r"|fijn weekend|mvg)"
    r" ){0,6}(?:groet|groeten|groetjes|gr|grt|grtz|mvg|m v g|hgr|hoogachtend|regards|cheers)\b"
)
MOBILE = re.compile(
    r"^(?:verstuurd|verzonden|sent|gesendet|envoye)\b.{0,12}\b(?:vanaf|vanuit|met|from|via|mit|von|depuis)\b"
    r"|^(?:get outlook|outlook voor|download outlook)\b"
)
DISCLAIMER = re.compile(
    r"^(?:disclaimer|proclaimer)\b|^(?:dit|deze|this|de informatie in|the information)\b"
    r".{0,80}\b(?:vertrouwelijk|uitsluitend bestemd|bestemd voor|confidential|intended)\b"
    r"|^aan (?:de inhoud van )?(?:dit|deze) .{0,30}\bgeen rechten\b"
    r"|^denk aan het milieu|^please consider the environment|^indien u niet de (?:geadresseerde|bedoelde)"
)
ADDRESS = re.compile(
    r"\[cid:[^\]\s]*\]|\S+@\S+|\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:nl|com|org|eu|example)\b"
)
"""Of a mail or a page, or the name of a picture: it says nothing."""
_TURNS = frozenset({"niet", "geen", "nog", "maar", "ps", "toch", "wel", "of"})


def closes(words: tuple[str, ...]) -> bool:
    """Whether these words are a closing, perhaps with a name behind it."""
    found = _CLOSING.match(" ".join(words))
    after = " ".join(words)[found.end() :].split() if found else []
    names = not any(word in COMMON - TITLES - PARTICLES for word in after)
    return found is not None and len(after) <= 6 and names and not _TURNS.intersection(after)


def looks_signed(line: str) -> bool:
    """Whether the last line, apart from the rest, is nothing but a name: in capitals, of no known words."""
    words = line.strip(" .,!-").split()
    return 0 < len(words) <= 3 and all(
        word.isalpha() and word.istitle() and plain(word) not in COMMON for word in words
    )


def is_name(line: str, sender: frozenset[str]) -> bool:
    """Whether a line is the sender's own name or that of their domain, or an initial under a letter."""
    pieces = [re.findall(r"[^\W\d_]+", plain(piece)) for piece in re.split(r", | [|/–-] ", line)]
    if OPEN in line or any(character.isdigit() for character in line):
        # "O6-21000203" is a number with a letter in it, not somebody's initial; nor is an option of a form.
        return False
    return all(
        0 < len(words) <= 4
        and ("".join(words) in sender or all(word in sender or len(word) == 1 for word in words))
        for words in pieces
    )
