"""Whom a sentence speaks of, and whose a number is by what stands behind it.

Pure, over tokens: who is named last is who a "haar nummer" in the next sentence belongs to, and "(zoon)" or
"van haar zus" behind a number makes it theirs.
"""

import re
from enum import StrEnum
from itertools import pairwise

from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import KIN, MEN, WOMEN, Sense, is_said_of_somebody
from gateway.reading.patient.words import words_of

PREPOSITIONS = words_of(
    """
    met bij door van aan zonder voor naar tegen over uit namens tussen with by in op
    """
)
_BODY_PREPOSITIONS = frozenset(["in", "op", "naar", "van", "aan", "tegen"])
# "06-… spreekt Mandarijn": what the patient does, not whose the number is.
_PREDICATES = words_of(
    """
    spreekt heeft woont kan wil zit werkt komt leeft moet zou durft kampt vraagt wenst
    """
)
_TELLS = words_of(
    """
    vroeg vraagt vragen vroegen verzocht verzoekt gaf geeft vertelde vertelt meldde liet laat zei heeft
    """
)
_NOT_MEANT = {"v": ("hij", "hem"), "m": ("zij", "ze")}
_LIVES = words_of(
    """
    slaapt logeert inwonend woont wonen leeft woonde verblijft lives gescheiden overleden
    """
)
_CALLED_US = frozenset({"belde", "mailde", "appte", "meldde", "schreef", "smste"})
_HEARS = frozenset(
    {"hoor", "verneem", "hoop", "heb", "zie", "denk", "wil", "zou", "verwacht", "wens", "vind"}
)
_NAMED: frozenset[str] = frozenset({Sense.UNKNOWN, "stranger", "candidate"})


class Whose(StrEnum):
    """To whom a number belongs, as far as the text says."""

    PATIENT = "patient"
    CANDIDATE = "candidate"
    """Somebody's who may be a patient as well."""
    OTHER = "other"
    SENDER = "sender"
    OLD = "old"
    OWNED = "owned"
    """Somebody's whom the reader doesn't know, and plainly not the patient's."""
    UNKNOWN = "unknown"


def subject(
    sentence: list[Token], apart: frozenset[str] = frozenset(), *, third: bool = False
) -> Whose | None:
    """Whom a sentence leaves as the one spoken of: the patient, somebody else, or nobody (None).

    `apart` are words for people who aren't meant by what follows; `third` says that a "haar" or "hij" asks,
    which never means who writes.
    """
    calls = [n for n, t in enumerate(sentence) if t.kind == Sense.CALL]
    us = [
        n
        for n, t in enumerate(sentence)
        if t.kind == Sense.SENDER
        and t.word in {"mij", "me", "ons"}
        # "Zij vroeg mij om contact": who is asked isn't who is called.
        and not (n and sentence[n - 1].word in _TELLS)
    ]
    if not third and any(call - 6 <= at <= call + 2 for at in us for call in calls):
        return Whose.SENDER
    words = [t.word for t in sentence]
    if {"we", "wij"} & set(words) and any(
        a in {"u", "jou", "je"} and b.endswith("en") and sentence[n + 1].kind == Sense.CALL
        for n, (a, b) in enumerate(pairwise(words))
    ):
        # A form asks whoever fills it in: "Op welk nummer kunnen we u bellen?"
        return Whose.SENDER
    if any(
        t.kind in {Sense.OTHER, Sense.BODY} and any(u.word in _CALLED_US for u in sentence[n + 1 :])
        for n, t in enumerate(sentence)
    ):
        # Whoever called the practice about the patient has left their own number, or may have.
        return Whose.OTHER
    if any(t.kind == Sense.PHONE and _is_shared(sentence[n + 1 : n + 4]) for n, t in enumerate(sentence)):
        return Whose.UNKNOWN
    anchored = named_here = False
    kin = ""
    other: Whose | None = None
    lives = any(t.word in _LIVES for t in sentence)
    third_person = any(t.word in {"hij", "zij"} for t in sentence[:1])
    gone = any(t.word in {"overleden", "weggegaan", "vertrokken"} for t in sentence)
    for n, token in enumerate(sentence):
        before = sentence[n - 1] if n else None
        follows = sentence[n + 1] if n + 1 < len(sentence) else None
        earlier = {t.word for t in sentence[max(0, n - 5) : n]}
        if token.kind in {"name", Sense.PATIENT}:
            if third_person and token.word != "deze" and earlier & {"van", "voor", "namens"}:
                # "Zij heeft schulden gemaakt op naam van mevrouw": then "zij" is somebody else.
                other = other or Whose.UNKNOWN
                continue
            anchored, named_here, other = True, True, None
        elif token.kind == "candidate":
            other = Whose.CANDIDATE
        elif (
            token.kind == Sense.PRONOUN
            and other is Whose.OTHER
            and token.word in _NOT_MEANT.get(kin, ())
            and not (third or calls)
        ):
            # "Zijn vrouw deed de bankzaken en hij kan dat niet."
            anchored, other = True, None
        elif token.kind == Sense.PRONOUN and other is None:
            owned = follows is not None and follows.kind in {
                Sense.OTHER,
                Sense.UNKNOWN,
                Sense.BODY,
                "stranger",
            }
            anchored = anchored or not (token.word in POSSESSIVES and owned)
        elif token.kind == Sense.BODY:
            if Sense.BODY in apart:
                continue
            if _is_some_creditor(sentence, n) or (_is_of_claim(sentence, n)):
                continue
            if not earlier & (PREPOSITIONS if anchored else _BODY_PREPOSITIONS):
                other = Whose.OTHER
        elif (token.kind == Sense.OTHER and token.word in apart) or (
            token.kind in {"stranger", Sense.UNKNOWN}
            and token.capital
            and before is not None
            and before.word in apart
        ):
            continue
        elif token.kind == Sense.OTHER:
            named = follows is not None and follows.kind in {"stranger", Sense.UNKNOWN} and follows.capital
            near = bool(earlier & PREPOSITIONS)
            passing = not named and (
                (near and lives)
                or (third and anchored and _is_wished(sentence, n))
                or _is_of_claim(sentence, n)
                or (
                    token.word in {"kind", "kinderen", "kids"}
                    and ((anchored and not near) or "van" in earlier)
                )
            )
            if not (passing or gone):
                other = Whose.OTHER
                kin = "m" if token.word in MEN else "v" if token.word in WOMEN else ""
        elif token.kind == "stranger":
            other = other or (None if _is_creditor(sentence, n, anchored=anchored) else Whose.OWNED)
        elif (
            token.kind == Sense.SENDER
            and not anchored
            and n == 0
            and token.word not in {"ik", "wij", "we", "i"}
        ):
            other = Whose.SENDER
        elif token.kind == Sense.UNKNOWN and _is_of_claim(sentence, n):
            continue
        elif (
            lives
            and token.kind in {Sense.NOUN, Sense.PREMISES}
            and "bij" in {t.word for t in sentence[max(0, n - 3) : n]}
        ):
            # "Woont bij de nonnen": theirs is the telephone in the house.
            other = other or Whose.UNKNOWN
        elif (
            token.kind == Sense.UNKNOWN or (token.kind == Sense.PREMISES and not (anchored or third))
        ) and _brings_in(sentence, n, before, anchored=anchored):
            other = other or Whose.UNKNOWN
    if other is not None:
        return other
    # "Hij wil gebeld worden" goes on about whoever was spoken of before.
    return Whose.PATIENT if named_here else None


_NEEDS = words_of(
    """
    toestemming akkoord instemming schuld schulden geldzorgen geldproblemen huurschuld achterstand
    achterstanden boete boetes lening leningen loonbeslag uitkering bijstand ww wia wao wajong ontslag
    """
)
_HAS = words_of(
    """
    heeft had kampt zit kreeg krijgt gaf geeft gaat stemt stemde ontvangt
    """
)


def tells_of_patient(sentence: list[Token], before: list[Token], home: Token | None) -> bool:
    """ "Hij woont in de Filmwijk", "ze heeft schulden": whoever is referred, unless kin was spoken of last.

    `home` is the first place that the passage names: who lives there is who the wijk is taken from.
    """
    if any(t.kind in {Sense.OTHER, "stranger", "candidate"} for t in sentence):
        return False
    if any(t.word in KIN or t.kind in {"stranger", "candidate"} for t in before):
        return False
    if not any(t.word in {"hij", "zij", "ze"} for t in sentence[:4]):
        return False
    words = {t.word for t in sentence}
    if home is not None and home in sentence and words & {"woont", "woonachtig", "wonend", "verblijft"}:
        return True
    unsure = any(t.kind in {Sense.OTHER, Sense.UNKNOWN} for t in before)
    return bool(words & _HAS and words & _NEEDS) and not (unsure or words & {"ook", "hem", "haar"})


def _is_shared(behind: list[Token]) -> bool:
    """ "deelt een mobiel met de overkant": the telephone is somebody's who isn't known."""
    said = [t for t in behind if t.word not in DETERMINERS]
    return (
        len(said) > 1
        and said[0].word in {"met", "van", "bij"}
        and said[1].kind in {Sense.NOUN, Sense.PREMISES, Sense.UNKNOWN, "stranger"}
    )


def _is_creditor(sentence: list[Token], n: int, *, anchored: bool) -> bool:
    """ "schulden bij Zilveren Kruis en Vattenfall", "energie (Vattenfall, …)"."""
    if n > 1 and sentence[n - 1].text == "(" and sentence[n - 2].kind == Sense.THING and anchored:
        return True
    lead = sentence[:n]
    return anchored and any(t.kind == Sense.THING for t in lead) and any(t.word == "bij" for t in lead)


_CREDITORS = words_of(
    """
    deurwaarder deurwaarders gerechtsdeurwaarder incasso incassobureau incassobureaus schuldeiser schuldeisers
    """
)


def _is_some_creditor(sentence: list[Token], n: int) -> bool:
    """ "er stond een deurwaarder op de stoep": one of many, whom nobody would call; not "de deurwaarder"."""
    if sentence[n].word not in _CREDITORS or any(t.kind == Sense.CALL for t in sentence):
        return False
    before = [t.word for t in sentence[max(0, n - 2) : n] if t.word]
    some = (
        not n
        or sentence[n - 1].kind == "mark"
        or bool({"een", "geen", "meerdere", "diverse", "verschillende"} & set(before))
    )
    follows = sentence[n + 1] if n + 1 < len(sentence) else None
    named = follows is not None and (follows.kind in {"stranger", "candidate"} or follows.capital)
    return not named and (some or sentence[n].word.endswith("s"))


_CLAIMS = (
    *("brief", "brieven", "post", "rekening", "rekeningen", "aanmaning", "aanmaningen", "herinnering"),
    *(
        "herinneringen",
        "dagvaarding",
        "vordering",
        "vorderingen",
        "heffing",
        "aanslag",
        "aanslagen",
        "factuur",
    ),
    *("facturen", "boete", "boetes", "schuld", "schulden", "lening", "leningen", "krediet", "kredieten"),
    *("achterstand", "achterstanden", "beslag", "claim", "claims", "sommatie", "sommaties", "exploot"),
    *("envelop", "enveloppen", "leent", "leende", "leenden", "geleend"),
)


def _is_of_claim(sentence: list[Token], n: int) -> bool:
    """ "een dagvaarding van een kredietverstrekker": who sent a letter isn't spoken of."""
    at = n - 1
    while at > 0 and n - at < 4 and (sentence[at].word in DETERMINERS or sentence[at].word.endswith("e")):
        at -= 1
    if at < 1 or sentence[at].word not in {"van", "bij", "aan"}:
        return False
    return sentence[at - 1].word.endswith(_CLAIMS)


_WISHES = words_of(
    """
    hoopt hopen wil willen wilde verzoekt verzoek wenst zoekt zoeken verlangt vraagt graag behoefte baat
    gebaat open zou zouden
    """
)


def _is_wished(sentence: list[Token], n: int) -> bool:
    """ "hoopt op een gesprek met een budgetcoach": somebody who is yet to come has no number."""
    before = [t.word for t in sentence[:n]]
    return before[-1:] == ["een"] and bool(_WISHES & set(before)) and before[-2:-1] != ["heeft"]


def _brings_in(sentence: list[Token], n: int, before: Token | None, *, anchored: bool) -> bool:
    """Whether an unknown word may be somebody: as the subject, behind an article, or by its capital."""
    token = sentence[n]
    if before is None or (before.kind == "mark" and before.text in ":(-–"):
        return True
    if token.capital:
        return not _is_creditor(sentence, n, anchored=anchored)
    if before.word in {"uw", "jullie", "je", "jouw"}:
        # "heb haar verteld over uw dienst": whoever reads it.
        return False
    while n > 1 and before.word.endswith("e") and is_said_of_somebody(before.word):
        # "door een malafide klusser"
        n, before = n - 1, sentence[n - 2]
    if before.word in {"die", "dat"} and n > 1 and sentence[n - 2].word not in PREPOSITIONS:
        # "iemand die meekijkt"
        return False
    if before.word in DETERMINERS:
        # "stopt de brieven in een la": behind "in" stands a place.
        return n < 2 or sentence[n - 2].word not in {"in", "op", "onder", "achter", "uit"}
    return before.word in PREPOSITIONS | {"via"} and not anchored


def own_part(tail: list[Token]) -> list[Token]:
    """Of the words between two numbers those that can only be about the first."""
    if tail and tail[0].text == "(":
        closing = next((n for n, t in enumerate(tail) if t.text == ")"), None)
        return tail[: closing + 1] if closing is not None else []
    cut = next((n for n, t in enumerate(tail) if t.text in ",;/-–|&+" or t.word in {"en", "of"}), None)
    return tail[:cut] if cut is not None else []


_GONE = re.compile(
    r"[(),;=–-]*\s*(?:(?:dit|dat|deze|die|het|nummer|nr|telefoon|is|was|maar|helaas|doet|en|echter|nu"
    r"|inmiddels"
    r"|kennelijk|blijkt|staat|hij|dus) ){0,7}"
    r"(?:niet meer|(?:klopt|werkt|doet) (?:het )?(?:nu )?niet|niet (?:bellen|gebruiken|in gebruik|juist"
    r"|goed|correct)"
    r"|oude?\b|vervallen|afgesloten|opgezegd|opgeheven|buiten gebruik|geblokkeerd|verlopen|foute?\b"
    r"|verkeerde?\b"
    r"|vorige(?! (?:week|maand|keer|jaar|vrijdag|maandag))|onjuist|no longer)"
)
_UNSURE = re.compile(
    r"\b(?:(?:een|1) (?:daarvan|van (?:beide|de twee))|welke? (?:van|nummer|klopt|juist|goed|er|ervan)"
    r"|van wie|geen idee|not sure"
    r"|(?:niet|weet|zien|idee) (?:\w+ )?welke?|twijfel"
    r"|(?:eerste|tweede|derde|laatste|bovenste|onderste|voorste|achterste|1e|2e|ene|andere)(?: nummer| nr)?"
    r" (?:is|van|hoort|v)|(?:eerste|tweede|derde|laatste|1e|2e)(?: nummer| nr)? [=:(])"
)


def _said(tokens: list[Token]) -> str:
    return " ".join(t.word or t.text for t in tokens)


def is_gone(tail: list[Token]) -> bool:
    return _GONE.match(_said(tail)) is not None


def is_unsure(tail: list[Token]) -> bool:
    """Whether the words behind a number say that nobody knows which number is whose."""
    return _UNSURE.search(_said(tail)) is not None


def told_behind(tail: list[Token]) -> Whose | None:
    """Whose a number is by the words behind it, None if they don't say."""
    if [t.word for t in tail[:1]] in (["ik"], ["wij"], ["we"]) and tail[0].capital and len(tail) > 1:
        # "06-… Ik hoor graag of het gelukt is": a new sentence; only "ik ben zelf" tells of the number.
        tail = [] if tail[1].word in _HEARS else tail
    said = _told(tail)
    if said is not None:
        return said
    # "06-… Let op, dit is het nummer van haar zus"
    at = next((n for n, t in enumerate(tail[:-1]) if n and _points(t, tail[n + 1])), None)
    return _told(tail[at:]) if at is not None else None


def _points(token: Token, following: Token) -> bool:
    return token.word in {"dit", "dat"} and following.word in {"is", "nummer"}


def _told(tail: list[Token]) -> Whose | None:
    if not tail:
        return None
    if is_gone(tail):
        return Whose.OLD
    if tail[0].word in _PREDICATES and not (len(tail) > 1 and tail[1].word in POSSESSIVES):
        return None
    segment, comma, owner = _segment(tail)
    bracketed = tail[0].text == "("
    for n, token in enumerate(segment):
        follows = segment[n + 1 :]
        if (
            token.word in POSSESSIVES
            and follows
            and follows[0].kind in {Sense.OTHER, Sense.BODY, Sense.UNKNOWN, "stranger", "candidate"}
            and (owner or not comma or n <= 1)
        ):
            owner = True
        elif token.kind in {"name", Sense.PATIENT}:
            denied = any(t.kind == Sense.NEGATION for t in segment)
            return Whose.PATIENT if (owner or bracketed) and not denied else None
        elif token.kind in {"place", Sense.PRONOUN, "candidate"}:
            return None
        elif token.kind in {Sense.OTHER, Sense.BODY}:
            return Whose.OTHER if owner or bracketed or not comma or n == 0 else None
        elif token.kind == Sense.SENDER:
            return Whose.SENDER if owner or bracketed or n == 0 else None
        elif token.kind in {"stranger", Sense.UNKNOWN}:
            if comma and n and not owner and not bracketed and _tells_more(segment[0]):
                # "06-…, toestemming gegeven d.d. 1-11"
                return None
            named = bool(follows) and follows[0].capital and follows[0].kind in _NAMED
            explained = not named and any(
                t.kind in {Sense.THING, "name", "place", Sense.PATIENT} and t.word != "deze" for t in follows
            )
            return None if comma and explained and not owner and not bracketed else Whose.UNKNOWN
        elif token.kind in {Sense.NOUN, Sense.PREMISES} and (owner or bracketed or not comma):
            return Whose.UNKNOWN
        elif token.kind in {Sense.THING, Sense.NOUN, Sense.PREMISES} and not bracketed:
            return None
        elif token.word in {"van", "dit", "dat", "v"} or (token.word == "is" and (not comma or n)):
            owner = True
    return None


def _tells_more(token: Token) -> bool:
    return token.kind in {Sense.THING, Sense.NOUN} or token.word in {
        "toestemming",
        "akkoord",
        "graag",
        "liefst",
    }


def _segment(tail: list[Token]) -> tuple[list[Token], bool, bool]:
    """The words up to a comma, whether a comma parts them from the number, whether a mark says "that is"."""
    segment: list[Token] = []
    comma = owner = False
    for token in tail:
        if token.kind != "mark":
            segment.append(token)
        elif token.text in ",;|" or token.text == ")":
            if segment:
                break
            comma = True
        elif token.text in "=-–(":
            owner, comma = True, False
    return segment, comma, owner
