"""Whether a passage takes a number back: "klopt niet meer", "niet …34 maar …43", "dat is van haar zus".

What is taken back counts no more, in this passage and in the older ones; only a whole new number that comes
with it or behind it does. Pure, over the tokens of a passage.
"""

import re
from dataclasses import dataclass

from gateway.reading.patient.figures import tells_again
from gateway.reading.patient.manner import is_harmless
from gateway.reading.patient.tokens import DETERMINERS, Token
from gateway.reading.patient.vocabulary import Sense

_RETRACTS = re.compile(
    r"\b(?:vergis\w*|typ\w*fout\w*|tikfout\w*|schrijffout\w*|verschreven|verkeerd\w*|foute?|foutje|onjuist\w*"
    r"|klopte? (?:\w+ ){0,2}niet|niet (?:meer )?(?:juist|goed|correct|geldig)|gewijzigd|veranderd|eindig\w*"
    r"|(?:op|aan) het eind\w*|laatste (?:twee |drie |2 |3 )?cijfers?|correctie\w*|gecorrigeerd|omgedraaid"
    r"|omgewisseld|niet (?:op )?(?:dit|dat|bovenstaand\w*|die) (?:nummer|telefoon\w*)"
    r"|gestolen|kwijt|kwijtgeraakt|verloren|kapot|opgezegd|vervallen|geblokkeerd|buiten gebruik"
    r"|nieuwe? nummer (?:volgt|komt)|doe[tn] het (?:\w+ )?niet"
    r"|niet (?:meer|langer) (?:van|in gebruik|bereikbaar|actief)"
    r"|nummer (?:\w+ ){0,3}is (?:\w+ )?(?:oud|verouderd|achterhaald)"
    r"|afgesloten|in plaats van|ipv|moet zijn|moeten zijn|not correct|wrong|niet (?:\W )*\d{1,4} maar)\b"
)
_WITHOUT = re.compile(
    r"\b(?:geen|zonder) (?:eigen |werkende? ){0,2}(?:telefoon|nummer|telefoonnummer|toestel)\b"
    r"|\b(?:geen|zonder) eigen (?:mobiel\w*|mob|gsm|06|smartphone)\b"
)


@dataclass(frozen=True, slots=True)
class Retraction:
    """Where a passage takes a number back (block, place in it), and whether a new one may follow."""

    block: int
    place: int
    renews: bool
    of_older: bool = False
    """Whether it is said of what stands below, in an older mail."""


def retraction(rows: list[list[Token]]) -> Retraction | None:
    """The last retraction in a passage's rows, None if there is none."""
    found: Retraction | None = None
    number = ""
    for at, row in enumerate(rows):
        sentence: list[Token] = []
        for place, token in enumerate([*row, Token("stop", "", 0, 0)]):
            if token.kind != "stop":
                sentence.append(token)
                continue
            told = takes_back(sentence)
            agreed = token.text != "?" and _agrees(sentence, number)
            if told is not None and not (agreed or tells_again(sentence, rows)):
                older = bool({t.word for t in sentence} & _BELOW) and all(
                    t.kind != "number" for t in sentence
                )
                found = Retraction(at, place - len(sentence), told, older)
            number = next((t.text for t in reversed(sentence) if t.kind == "number"), number)
            sentence = []
    return found


_ENDING = frozenset({"eindigt", "eindigend", "laatste", "cijfer", "cijfers"})


def _agrees(sentence: list[Token], number: str) -> bool:
    """ "06-12345678. Het laatste cijfer is een 8": what its last figures are said to be, they are."""
    told = [t.word for t in sentence if t.word.isdigit() or t.kind == "number"]
    ends = re.sub(r"\D", "", number)
    plainly = all(t.word in _ENDING or is_harmless([t]) for t in sentence if not t.word.isdigit())
    plainly = plainly and "let" not in {t.word for t in sentence}
    return len(told) == 1 and 0 < len(told[0]) < 5 and plainly and ends.endswith(told[0])


_BELOW = frozenset({"hieronder", "onderstaand", "onderstaande", "eerdere", "eerder"})
# "Ik had het dossier van haar zus open": then nothing above is surely the patient's.
_MIXED_UP = re.compile(
    r"\b(?:verkeerde|andere) (?:patient\w*|client\w*|dossier|persoon|mevrouw|meneer|kaart|mens)\b"
    r"|\bhet verkeerde dossier\b|\bverwisseld\b|\bverward met\b"
)
# "Haar ex neemt daar op"
_ANSWERS = re.compile(r"\bneemt (?:\w+ )?(?:daar|hier)\b.{0,12}\bop\b")
_CORRECTED = re.compile(
    r"(?:\b(?:correctie|rectificatie|herstel|verbetering)\b|\b(?:juiste|correcte|goede) (?:\w+ )?\w*nummer\b"
    r"|\bmoet (?:dus )?zijn\b|\bomge(?:draaid|wisseld)\b|\bik bedoel\w*)[^.]{0,40}$"
)


def is_corrected(lead: list[Token]) -> bool:
    """ "Correctie: 06-…", "het juiste nummer is 06-…": what calls a number the right one."""
    denied = any(t.kind == Sense.NEGATION and not _CORRECTED.search(t.word) for t in lead[-3:])
    return not denied and _CORRECTED.search(" ".join(t.word or t.text for t in lead)) is not None


_PLACES = frozenset({"werk", "thuis", "prive"})
_LOST = frozenset({"gestolen", "kwijt", "kwijtgeraakt", "verloren", "kapot", "opgezegd", "afgesloten"})
_FILES = frozenset({"dossier", "kaart", "scherm", "status", "gegevens"})


def _is_mixed_up(sentence: list[Token], text: str) -> bool:
    if _MIXED_UP.search(text):
        return True
    files = [n for n, t in enumerate(sentence) if t.word in _FILES]
    return any(_belongs_to_another(sentence[n + 1 : n + 5]) for n in files)


def takes_back(sentence: list[Token]) -> bool | None:
    """Whether a sentence takes a number back and a new one may follow; None if it takes none back."""
    text = " ".join(t.word or t.text for t in sentence)
    if _is_mixed_up(sentence, text):
        return True
    if _ANSWERS.search(text) and any(t.kind == Sense.OTHER for t in sentence):
        return True
    if _WITHOUT.search(text):
        return False
    digits = any(t.word.isdigit() or t.kind == "number" for t in sentence)
    # Work and home are places here, which a person may lose.
    phones = [n for n, t in enumerate(sentence) if t.kind == Sense.PHONE and t.word not in _PLACES]
    told = _RETRACTS.search(text) if phones or digits or "cijfer" in text else None
    # What is lost must be the telephone, and not somebody's work.
    if told and (phones or told[0] not in _LOST):
        return not _of_a_part(sentence)
    first = next((n for n, t in enumerate(sentence) if t.kind == "number"), len(sentence))
    # "Dat nummer is van haar zus, zelf heeft ze 06-…"
    for n in phones:
        pointing = n and sentence[n - 1].word in {"dat", "dit", "bovenstaande", "eerste", "genoemde"}
        if (pointing or first == len(sentence)) and _belongs_to_another(sentence[n + 1 : first]):
            return True
    return None


def _of_a_part(sentence: list[Token]) -> bool:
    """ "06-… , laatste twee cijfers moeten 63 zijn": what is right isn't the whole number before it."""
    whole = [n for n, t in enumerate(sentence) if t.kind == "number"]
    part = [
        n
        for n, t in enumerate(sentence)
        if t.word.startswith(("cijfer", "eindig"))
        or (t.word.isdigit() and len(t.word) <= 4 and not _is_denied(sentence, n))
    ]
    return bool(whole and part) and whole[-1] < part[-1]


def _is_denied(sentence: list[Token], n: int) -> bool:
    """ "het is 06-12345673, niet …37": figures that the number before them doesn't end on."""
    before = next((t for t in reversed(sentence[:n]) if t.kind != "mark"), None)
    number = next((t.text for t in reversed(sentence[:n]) if t.kind == "number"), "")
    denied = before is not None and before.word == "niet"
    return denied and not re.sub(r"\D", "", number).endswith(sentence[n].word)


def _belongs_to_another(behind: list[Token]) -> bool:
    """ "nummer … van haar zus"."""
    of = next(
        (
            n
            for n, t in enumerate(behind)
            if t.word in {"van", "v"}
            or (n and t.word in {"bij", "tot", "aan"} and behind[n - 1].word.startswith(("hoort", "behoort")))
        ),
        None,
    )
    if of is None:
        return False
    owner = [t for t in behind[of + 1 :] if t.word not in DETERMINERS and t.text != "."]
    if owner[1:] and owner[0].kind == Sense.PATIENT and owner[1].kind in {"stranger", "candidate"}:
        # "de mobiel van dhr. Hart"
        owner = owner[1:]
    head = owner[0] if owner else None
    if head is not None and head.word in {"ander", "andere", "iemand", "niemand"}:
        # "van een andere mevrouw Kruis", "van iemand anders"
        return True
    return head is not None and head.kind in {
        Sense.OTHER,
        Sense.BODY,
        Sense.UNKNOWN,
        Sense.SENDER,
        "stranger",
    }
