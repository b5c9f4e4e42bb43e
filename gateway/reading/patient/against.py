"""What a passage says against a number that a label or a path gave to the patient.

Whatever tells more of the telephone, or of somebody who answers it, than when and how to call takes the
number back: it stays a choice, and the sender is asked. Pure, over the rows of a passage.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from gateway.reading.patient.binding import Line
from gateway.reading.patient.layout import Block
from gateway.reading.patient.speech import Whose
from gateway.reading.patient.tail import is_gone, said
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense, is_known
from gateway.reading.patient.words import plain, words_of

_DEVICE = words_of(
    """
    telefoon telefoonnummer telefoonnr telnr nummer nummers mobiel mobieltje gsm smartphone toestel
    toestellen simkaart sim abonnement lijn voicemail phone number
    """
)
_ANSWERS = words_of("neemt nemen opneemt opnemen pakt opgenomen")
_RENEWS = words_of("iemand krijgt krijgen volgt komt wordt gebruikt gebruiken ander andere gedeeld")
# How a telephone is used, and that its number was looked at.
_MANNER = words_of(
    "stil trillen beltegoed vast vaste inspreken beantwoord beantwoordt gecontroleerd nagekeken"
)
_SOMEBODY: frozenset[str] = frozenset({Sense.OTHER, Sense.BODY, Sense.UNKNOWN, "stranger", "candidate"})
_WHO: frozenset[str] = frozenset({"name", Sense.PATIENT, Sense.PRONOUN})
_PAST = words_of("was waren")
_SINCE = words_of(
    "altijd eerst vroeger eerder voorheen toen nog lang steeds het op via bereikbaar bereiken te"
)
_REGISTERED = re.compile(
    r"\b(?:t \. ?n \. ?v|t\.n\.v|tnv|(?:ten|op) name? van|(?:staat|geregistreerd|loopt) op|abonnement)\b"
)
_OPENS = frozenset({"is", "dat", "dit", "die", "nl", "namelijk", "betreft", "van"}) | DETERMINERS
_TURNS = frozenset({"nu", "graag", "om", "voor"})
_ASKS = frozenset({"naar", "via", "bij", "door"})
_REACHES = words_of("whatsapp app sms telefoon tel mobiel vast")


def without_doubted(called: list[Line], found: list[Block], rows: list[list[Token]]) -> list[Line]:
    """The lines, those of the patient that something speaks against as nobody's."""
    own = [line for line in called if line.whose is Whose.PATIENT]
    if not own:
        return called
    told = any(_takes_back(at, found, rows) for at in range(len(rows)))
    return [
        replace(line, whose=Whose.UNKNOWN)
        if line in own and (told or _is_doubted(line, found, rows))
        else line
        for line in called
    ]


def turns_to_another(rows: list[list[Token]]) -> bool:
    """ "Gisteren meldde ik Jan Bos aan. Nu zijn dochter.": the patient is somebody else than who is named."""
    for row in rows:
        for n, token in enumerate(row):
            if _is_compared(row, n):
                return True
            if not (n and token.word in POSSESSIVES and row[n + 1 : n + 2]):
                continue
            if row[n + 1].kind != Sense.OTHER:
                continue
            begin = next((m + 1 for m in range(n - 1, -1, -1) if row[m].kind == "stop"), 0)
            words = [t.word for t in row[max(begin, n - 7) : n]]
            behind = next((t for t in row[n + 2 :] if t.kind not in {"stranger", "candidate"}), None)
            ended = behind is None or behind.kind in {"stop", "number"} or behind.text in ",(:"
            if {"keer", "ditmaal"} & set(words) and set(words) & {"dit", "deze", "ditmaal"}:
                return True
            if "nu" in words and (
                words[-1] == "ook" or (words[-1] in {"nu", "graag", "om", "voor"} and ended)
            ):
                return True
    return False


def _is_compared(row: list[Token], n: int) -> bool:
    """ "Net als Jan Bos (06-…)", "Weten jullie nog Jan Bos?"."""
    if row[n].kind != "name":
        return False
    lead = [t.word for t in row[max(0, n - 3) : n] if t.word]
    return (
        lead[-2:] == ["net", "als"] or lead[-1:] in (["evenals"], ["zoals"]) or lead[-2:] == ["vervolg", "op"]
    )


def _is_doubted(line: Line, found: list[Block], rows: list[list[Token]]) -> bool:
    row, place = rows[line.block], line.place
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind == "stop"), 0)
    lead = row[begin:place]
    end = next((n for n in range(place + 1, len(row)) if row[n].kind in {"stop", "number"}), len(row))
    tail = row[place + 1 : end]
    following = row[end + 1 :] if end < len(row) and row[end].kind == "stop" else []
    label = found[line.block].label
    if label == "remarks" and not any(t.word for t in row[:place]):
        # "Info: 06-…": a number that isn't said to be anybody's.
        return True
    bound = label == "phone" or any(t.kind in _WHO for t in lead)
    calls_back = any(t.word.startswith("terugbel") for t in lead)
    return (
        (calls_back and not any(t.kind in _WHO for t in lead))
        or _is_past(lead)
        or _is_anothers(tail)
        or (not bound and _is_explained(tail))
        or _is_pointed_out(following)
        or any(_is_pointed_out(tail[n + 1 :]) for n, t in enumerate(tail) if t.text == ".")
        or _is_one_of_two(tail, rows)
        or _is_signed(line, found, rows)
    )


def _is_past(lead: list[Token]) -> bool:
    """ "Haar nummer was altijd 06-…"."""
    for token in reversed(lead):
        if token.word in _PAST:
            return True
        if token.kind not in {"mark", Sense.PHONE} and token.word not in _SINCE:
            return False
    return False


def _is_anothers(tail: list[Token]) -> bool:
    """ "06-…*", "06-… t.n.v. S. Bos", "06-… via via", "06-…, vraag naar Trees"."""
    if tail and (tail[0].text in {"*", "†", "°"}):
        return True
    own = any(t.kind in {Sense.PATIENT, Sense.PRONOUN} or (t.kind == "name" and not t.word) for t in tail)
    if _REGISTERED.search(said(tail)) and not own:
        # "t.n.v. S. Bos" may be a son's: only the whole name is the patient's own.
        return True
    if tail and tail[0].word == "via" and not (tail[1:] and tail[1].word in _REACHES):
        return True
    return any(
        a.word in {"vraag", "vragen"} and b.word == "naar" and _is_somebody(tail[n + 2 : n + 5])
        for n, (a, b) in enumerate(pairwise(tail))
    )


def _is_somebody(tokens: list[Token]) -> bool:
    head = next((t for t in tokens if t.word not in DETERMINERS), None)
    return head is not None and head.kind not in _WHO


def _is_explained(tail: list[Token]) -> bool:
    """ "Zou jij 06-… willen bellen, is de wijkagent": a number of its own, with somebody put beside it."""
    for segment in _clauses(tail):
        rest = segment
        while rest and (rest[0].word in _OPENS or rest[0].kind == "mark"):
            rest = rest[1:]
        opened = len(rest) < len(segment)
        while len(rest) > 1 and opened and rest[0].word.endswith("e") and rest[0].kind not in _SOMEBODY:
            rest = rest[1:]
        if rest and rest[0].kind in _SOMEBODY | {Sense.NOUN, Sense.PREMISES} and opened:
            return True
    return False


def _is_pointed_out(following: list[Token]) -> bool:
    """ "06-…. Daar zit Trees van de inloop.", "06-…. Die mevrouw van de winkel weet meer."."""
    if not following or following[0].word not in {"daar", "die", "deze"}:
        return False
    if following[0].word == "daar":
        near = following[1:5]
        stop = next((n for n, t in enumerate(near) if t.kind in _WHO or t.kind == "stop"), len(near))
        return any(t.kind in _SOMEBODY for t in near[:stop])
    if len(following) < 3 or following[1].kind not in {Sense.PATIENT, Sense.OTHER}:
        return False
    return following[2].word in {"van", "bij", "uit"} or following[2].kind in {"stranger", "candidate"}


_HE, _SHE = words_of("meneer dhr heer mijnheer hij"), words_of("mevrouw mw mevr zij")


def _is_one_of_two(tail: list[Token], rows: list[list[Token]]) -> bool:
    """ "06-… (meneer)", in a mail that speaks of a mevrouw as well."""
    if len(tail) < 3 or tail[0].text != "(" or tail[2].text != ")":
        return False
    other = _SHE if tail[1].word in _HE else _HE if tail[1].word in _SHE else frozenset[str]()
    return any(t.word in other for row in rows for t in row)


def _is_signed(line: Line, found: list[Block], rows: list[list[Token]]) -> bool:
    """A number alone in its line, with somebody else's name alone in the line below it."""
    below = line.block + 1
    if found[line.block].label or below >= len(rows) or found[below].label:
        return False
    if found[below].paragraph != found[line.block].paragraph:
        return False
    alone = all(t.kind in {"number", "mark", "stop"} for t in rows[line.block])
    names = [t.kind for t in rows[below] if t.kind not in {"mark", "stop"}]
    return alone and names in (["stranger"], ["candidate"])


def _takes_back(at: int, found: list[Block], rows: list[list[Token]]) -> bool:
    """Whether a remark, or a line of its own below a labelled number, says whose or how the telephone is."""
    row, label = rows[at], found[at].label
    if any(t.kind == "number" for t in row) or not row:
        return False
    below = any(block.label == "phone" for block in found[max(0, at - 6) : at])
    if label == "phone":
        return any(t.kind == "stranger" or (t.kind == Sense.UNKNOWN and t.capital) for t in row)
    if label not in {"remarks", ""} or (not label and (not below or len(row) > 16)):
        return False
    if row[0].text in {"=", "*"} or (not label and _asks_for_somebody(row)):
        return True
    if plain(found[at].phrase).startswith(_REMARKS) and {
        t.kind for t in row if t.word not in DETERMINERS | _OPENS | _ASKS
    } == {Sense.OTHER}:
        return True
    return is_gone(row) or any(_tells_of_telephone(clause) for clause in _clauses(row))


_REMARKS = ("opm", "toel", "bijz", "nb", "notitie", "info", "context", "comment", "remark")


def _asks_for_somebody(row: list[Token]) -> bool:
    """ "Eigenaar telefoon: Peter", "Vragen naar: Peter"."""
    colon = next((n for n, t in enumerate(row) if t.text == ":"), None)
    if not colon or len(row) - colon > 4:
        return False
    leads = row[colon - 1].word in _ASKS or any(t.kind in {Sense.PHONE, Sense.CALL} for t in row[:colon])
    return leads and any(
        t.kind in {"stranger", "candidate", Sense.OTHER} or (t.kind == Sense.UNKNOWN and t.capital)
        for t in row[colon + 1 :]
    )


def _tells_of_telephone(clause: list[Token]) -> bool:
    """Whether more is said of the telephone than when and how to call."""
    words = {t.word for t in clause}
    if words & _ANSWERS:
        # "neemt onbekende nummers niet op"
        following = [*clause[1:], None]
        clause = [
            t
            for t, after in zip(clause, following, strict=True)
            if not (t.word.endswith("e") and after is not None and after.word in _DEVICE)
        ]
    answers = bool(words & _ANSWERS) and bool(words & {"op", "opnemen", "opneemt", "opgenomen"})
    if answers and any(t.kind in _SOMEBODY for t in clause):
        return True
    if any(
        t.word in {"via", "hierop", "daarop"}
        and not (n and clause[n - 1].kind == Sense.NEGATION)
        and any(u.kind in _SOMEBODY for u in clause[n + 1 : n + 4])
        for n, t in enumerate(clause)
    ):
        # "bellen via buurvrouw", "hierop zit Marieke"
        return True
    if not words & _DEVICE or (answers and any(t.kind == Sense.NEGATION for t in clause)):
        # "durft de telefoon niet meer op te nemen"
        return False
    if words & _RENEWS:
        return True
    return any(
        t.kind in _SOMEBODY | {Sense.NOUN, Sense.PREMISES}
        or (t.kind == Sense.NEGATION and not words & _MANNER)
        or t.word == "beslag"
        or (t.kind == Sense.LINK and not (is_known(t.word) or t.word.isdigit() or t.word in _DEVICE))
        for t in clause
        if t.word not in _DEVICE | _MANNER
    )


def _clauses(tokens: list[Token]) -> Iterator[list[Token]]:
    clause: list[Token] = []
    for token in tokens:
        if token.kind == "stop" or token.text in ",;":
            if clause:
                yield clause
            clause = []
        else:
            clause.append(token)
    if clause:
        yield clause
