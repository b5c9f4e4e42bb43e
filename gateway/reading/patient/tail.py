"""What stands behind a number, and whose that makes it.

Pure, over tokens: "(zoon)" or "van haar zus" behind a number makes it theirs, "klopt niet meer" makes it old.
"""

import re
from itertools import pairwise

from gateway.reading.patient.deeds import is_of_patient, without_contrast, without_occasion
from gateway.reading.patient.layout import Block
from gateway.reading.patient.manner import OWN, SOMEBODY, is_harmless, is_of_country
from gateway.reading.patient.passing import CREDITORS
from gateway.reading.patient.remarks import clauses
from gateway.reading.patient.speech import Whose
from gateway.reading.patient.tokens import POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import COURTESY_TITLES, words_of

# "06-… spreekt Mandarijn": what the patient does, not whose the number is.
_PREDICATES = words_of(
    """
    spreekt heeft woont kan wil zit werkt komt leeft moet zou durft kampt vraagt wenst
    """
)
_HEARS = frozenset(
    {"hoor", "verneem", "hoop", "heb", "zie", "denk", "wil", "zou", "verwacht", "wens", "vind"}
)
_DONE_BY_OFFICES = words_of("administratie adm spreekuur intake geldloket consult bankzaken begroting budget")
_NAMED: frozenset[str] = frozenset({Sense.UNKNOWN, "stranger", "candidate"})
_KNOWN: frozenset[str] = OWN | frozenset({Sense.SENDER, "place"})
_CAUSES = words_of("ivm i.v.m wegens vanwege omdat want")
_DOES = words_of("doet werkt klopt bestaat is was")
_OPENERS = words_of(
    """
    dit dat die deze het een 1 welk welke is van nr nummer let laatste eerste tweede van
    """
)


def behind(rows: list[list[Token]], blocks: list[Block], at: int, place: int) -> Whose | None:
    """What the words behind a number say of its owner, None if nothing."""
    row = rows[at]
    tail: list[Token] = []
    more = False
    end = next((n for n in range(place, len(row)) if row[n].kind == "stop"), len(row))
    following = next((n for n in range(end + 1, len(row)) if row[n].kind == "stop"), len(row))
    if is_unsure(row[place + 1 : end]) or is_unsure(row[end + 1 : following]):
        # "06-… / 06-… (een van de twee is van haar ex)": it may be either.
        return Whose.UNKNOWN
    for token in row[place + 1 :]:
        if token.kind in {"stop", "number"}:
            more = token.kind == "number"
            break
        tail.append(token)
    brackets = [n for n, t in enumerate(tail) if t.text in "()"]
    if brackets and tail[brackets[0]].text == ")":
        closing = brackets[0]
        gone = next(clauses(tail[closing + 1 :]), []) if more else tail[closing + 1 :]
        if is_gone(gone) and not (more and gone[0].word not in _DOES):
            return Whose.OLD
        tail, more = tail[:closing], False
    if more:
        tail = own_part(tail)
    if not more and _names_another(tail):
        return Whose.UNKNOWN
    whose = told_behind(tail)
    return _next_sentence(rows, blocks, at, place) if whose is None and not more else whose


def _names_another(tail: list[Token]) -> bool:
    """ "06-…, mw. Van Es (aanvraag bewind loopt)": a title and a name that isn't the patient's."""
    for n, token in enumerate(tail):
        if token.word not in COURTESY_TITLES or (n and tail[n - 1].kind != "mark"):
            continue
        named = next((t for t in tail[n + 1 : n + 4] if t.text != "." and t.word not in {"de", "het"}), None)
        if named and (named.kind in _NAMED or (named.capital and named.kind not in _KNOWN)):
            return True
    return False


def _next_sentence(rows: list[list[Token]], blocks: list[Block], at: int, place: int) -> Whose | None:
    """ "06-…. Dit is het nummer van haar zus.", or a line below that begins with a bracket."""
    row = rows[at]
    end = next((n for n in range(place, len(row)) if row[n].kind == "stop"), len(row))
    following = row[end + 1 :]
    if not following and at + 1 < len(rows) and not blocks[at + 1].label:
        same = blocks[at + 1].paragraph == blocks[at].paragraph
        following = rows[at + 1] if same else []
    stop = next((n for n, t in enumerate(following) if t.kind in {"stop", "number"}), len(following))
    sentence = following[:stop]
    if not sentence:
        return None
    told = sentence[0].word in _OPENERS and any(
        t.kind == Sense.PHONE or t.word in {"van", "daarvan", "welk", "welke"} for t in sentence[:9]
    )
    if sentence[0].word == "een" and sentence[1:2] and sentence[1].word not in {"van", "daarvan"}:
        # "Een naheffing van de fiscus …"
        return None
    return told_behind(sentence) if told or sentence[0].text in "(=-–" else None


def own_part(tail: list[Token]) -> list[Token]:
    """Of the words between two numbers those that can only be about the first."""
    if tail and tail[0].text == "(":
        closing = next((n for n, t in enumerate(tail) if t.text == ")"), None)
        return tail[: closing + 1] if closing is not None else []
    cut = next((n for n, t in enumerate(tail) if t.text in ",;/-–|&+" or t.word in {"en", "of"}), None)
    return tail[:cut] if cut is not None else []


_GONE = re.compile(
    r"[][(),;=–-]*\s*(?:(?:dit|dat|deze|die|het|nummer|nr|telefoon|is|was|maar|helaas|doet|en|echter|nu"
    r"|inmiddels"
    r"|kennelijk|blijkt|staat|hij|dus) ){0,7}"
    r"(?:niet meer|(?:klopt|werkt|doet|bestaat) (?:het )?(?:nu )?niet|niet (?:bellen|gebruiken|in gebruik"
    r"|juist|goed|correct)"
    r"|tot (?:en met )?(?:vorige?|afgelopen|gisteren|kort|voor kort)\b"
    r"|oude?\b|door(?:gehaald|gestreept|gekrast)|vervallen"
    r"|afgesloten|opgezegd|opgeheven|buiten gebruik|geblokkeerd|verlopen|foute?\b"
    r"|verkeerde?\b"
    r"|vorige(?! (?:week|maand|keer|jaar|vrijdag|maandag))|onjuist|no longer)"
)
_UNSURE = re.compile(
    r"\b(?:(?:een|1) (?:is|was|hoort|daarvan|ervan|van (?:beide|de twee|die|hun))"
    r"|welke? (?:van|nummer|klopt|juist|goed|er|ervan)"
    r"|van wie|geen idee(?! (?:waar|hoe) te)|not sure"
    r"|(?:niet|weet|zien|idee) (?:\w+ )?welke?|twijfel"
    r"|(?:eerste|tweede|derde|laatste|bovenste|onderste|voorste|achterste|1e|2e|ene|andere)(?: nummer| nr)?"
    r" (?:is|van|hoort|v)|(?:eerste|tweede|derde|laatste|1e|2e)(?: nummer| nr)? [=:(])"
)


def said(tokens: list[Token]) -> str:
    """The words of tokens in a row, as patterns are written for them."""
    return " ".join(t.word or t.text for t in tokens)


def is_gone(tail: list[Token]) -> bool:
    return _GONE.match(said(tail)) is not None


def is_unsure(tail: list[Token]) -> bool:
    """Whether the words behind a number say that nobody knows which number is whose."""
    return _UNSURE.search(said(tail)) is not None


def told_behind(tail: list[Token]) -> Whose | None:
    """Whose a number is by the words behind it, None if they don't say."""
    if [t.word for t in tail[:1]] in (["ik"], ["wij"], ["we"]) and tail[0].capital and len(tail) > 1:
        # "06-… Ik hoor graag of het gelukt is": a new sentence; only "ik ben zelf" tells of the number.
        tail = [] if tail[1].word in _HEARS else tail
    tail = without_contrast(without_occasion(tail))
    whose = _told(tail)
    if whose is not None and whose is not Whose.UNKNOWN:
        return whose
    if _is_in_the_end_of(tail):
        return Whose.OTHER
    if whose is not None:
        return whose
    # "06-… Let op, dit is het nummer van haar zus"
    at = next((n for n, t in enumerate(tail[:-1]) if n and _points(t, tail[n + 1])), None)
    return _told(tail[at:]) if at is not None else None


def _is_in_the_end_of(tail: list[Token]) -> bool:
    """ "Het nummer 06-… in de brief van het ziekenhuis is van zijn tolk"."""
    clause = next(clauses(tail), [])
    if not clause or clause[0].word not in _STANDS:
        return False
    at = next((n for n, (one, two) in enumerate(pairwise(clause)) if (one.word, two.word) in _IS_OF), None)
    return at is not None and any(
        t.kind in {Sense.OTHER, Sense.BODY, "stranger"} for t in clause[at + 2 : at + 5]
    )


_STANDS = words_of("in op uit bij onder boven dat die wat")
_IS_OF = {("is", "van"), ("was", "van"), ("hoort", "bij"), ("behoort", "aan")}


def _points(token: Token, following: Token) -> bool:
    return token.word in {"dit", "dat"} and following.word in {"is", "nummer"}


def _told(tail: list[Token]) -> Whose | None:
    while tail and (tail[0].text in ",;:" or [t.word for t in tail[:2]] == ["let", "op"]):
        if tail[1:2] and tail[1].word == "op":
            tail = tail[1:]
        elif tail[0].text != ":" and [t.word for t in tail[1:3]] != ["let", "op"]:
            break
        tail = tail[1:]
    if not tail:
        return None
    if is_gone(tail):
        return Whose.OLD
    if (tail[0].kind == "mark" or tail[0].word in {"en", "maar"}) and is_of_patient(next(clauses(tail), [])):
        return None
    if tail[0].word in _PREDICATES and not (len(tail) > 1 and tail[1].word in POSSESSIVES):
        return None
    segment, comma, owner = _segment(tail)
    if comma and segment and segment[0].word in _PREDICATES and not any(t.kind in SOMEBODY for t in segment):
        # "06-…, wil hulp bij het ordenen van zijn post"
        return None
    bracketed = tail[0].text == "("
    why = next((n for n, t in enumerate(segment) if t.word in _CAUSES), 0)
    if bracketed and why > 1 and is_harmless(segment[:why]) and segment[-1].kind not in _NAMED:
        # As in: leave no message, because of a partner.
        return None
    if bracketed and segment and all(t.word in _DONE_BY_OFFICES for t in segment):
        # "06-… (administratie)": who does it, and not what the patient needs.
        return Whose.UNKNOWN
    if bracketed and is_of_country(segment):
        return None
    for n, token in enumerate(segment):
        follows = segment[n + 1 :]
        if (
            token.word in POSSESSIVES
            and follows
            and follows[0].kind in {Sense.OTHER, Sense.BODY, Sense.UNKNOWN, "stranger", "candidate"}
            and (owner or not comma or n <= 1)
        ):
            owner = True
        elif token.word in POSSESSIVES and n and segment[n - 1].word == "van" and _is_a_thing(follows):
            # Nobody's thing has a telephone, so a word that looks like one is somebody.
            return Whose.UNKNOWN
        elif token.kind in {"name", Sense.PATIENT}:
            denied = any(t.kind == Sense.NEGATION for t in segment)
            return Whose.PATIENT if (owner or bracketed) and not denied else None
        elif token.kind in {"place", Sense.PRONOUN, "candidate"}:
            return None
        elif token.word in CREDITORS and n == 0 and "deur" in {t.word for t in segment}:
            # "06-… deurwaarder aan de deur geweest": what happened to the patient.
            return None
        elif token.kind in {Sense.OTHER, Sense.BODY}:
            return Whose.OTHER if owner or bracketed or not comma or n == 0 else None
        elif token.kind == Sense.SENDER and follows and follows[0].kind in {Sense.OTHER, Sense.BODY}:
            # "van mijn moeder", as somebody wrote who is quoted.
            return Whose.OTHER if owner or bracketed or n == 0 else None
        elif token.kind == Sense.SENDER and not (follows and follows[0].word in _FILES):
            return Whose.SENDER if owner or bracketed or n == 0 else None
        elif token.kind in {"stranger", Sense.UNKNOWN}:
            if comma and not owner and _WISHED & {t.word for t in segment}:
                # "06-… | budgetcoaching gewenst"
                return None
            if comma and n and not owner and not bracketed and _tells_more(segment[0]):
                # "06-…, toestemming gegeven d.d. 1-11"
                return None
            named = bool(follows) and follows[0].capital and follows[0].kind in _NAMED
            explained = not named and any(
                t.kind in {Sense.THING, "name", "place", Sense.PATIENT} and t.word != "deze" for t in follows
            )
            return None if comma and explained and not owner and not bracketed else Whose.UNKNOWN
        elif token.kind in {Sense.NOUN, Sense.PREMISES} and (
            owner or bracketed or not comma or (follows and follows[0].capital)
        ):
            return Whose.UNKNOWN
        elif token.kind in {Sense.THING, Sense.NOUN, Sense.PREMISES} and not bracketed:
            return None
        elif token.word in {"van", "dit", "dat", "v"} or (token.word == "is" and (not comma or n)):
            owner = True
    return None


# "Meer cijfers staan er niet in ons systeem": where it was looked up, and not who is called.
_FILES = words_of("systeem dossier his epd administratie bestand")
_WISHED = words_of("gewenst gevraagd nodig")


def _is_a_thing(follows: list[Token]) -> bool:
    return bool(follows) and follows[0].kind in {Sense.NOUN, Sense.THING, Sense.PREMISES}


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
