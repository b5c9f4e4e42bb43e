"""The patient's own number, told apart from another's: "niet op 06-…, wel op 06-…", "is haar eigen nummer".

Pure, over a row of tokens and the place of the number in it.
"""

from gateway.reading.patient.manner import OWN
from gateway.reading.patient.opening import opening
from gateway.reading.patient.speech import BELONGS
from gateway.reading.patient.tokens import POSSESSIVES, Token, begun, sentences
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import words_of

_NEVER = words_of("niet nooit")
_INSTEAD = words_of("wel alleen uitsluitend enkel veilig veilige")
_ON_THE_WAY = _INSTEAD | words_of("op via is nummer en kan mag bellen te bereikbaar u") | {""}
_SURELY = words_of("wel echt gewoon nu weer inmiddels sinds kort gelukkig zelf toch")


def told_apart(row: list[Token], place: int) -> int | None:
    """Where the name or pronoun stands whose own the number is said to be; None if nothing says so."""
    for told in (_instead, _kept, _behind):
        if (own := told(row, place)) is not None:
            return own
    return None


def _instead(row: list[Token], place: int) -> int | None:
    """ "Bel Jan Bos nooit op 06-…, dat toestel heeft zijn ex. Wel veilig: 06-…": of whom the first was said.

    Only where the patient is who isn't to be called there, and nobody stands before the second number.
    """
    lead = begun(row, place)
    words = {t.word for t in lead}
    if not words & _INSTEAD or not words <= _ON_THE_WAY or any(t.kind == "number" for t in lead):
        return None
    earlier = next(sentences(row[: place - len(lead)]), [])
    number = next((n for n, t in enumerate(earlier) if t.kind == "number"), 0)
    before = earlier[:number]
    called = any(t.word in _NEVER for t in before) and any(t.kind == Sense.CALL for t in before)
    own = next((t for t in before if t.kind in {"name", Sense.PATIENT}), None)
    return row.index(own) if called and own and not any(t.kind in BELONGS for t in before) else None


def _kept(row: list[Token], place: int) -> int | None:
    """Where whoever has it stands in "Jan Bos deelt een huis, maar heeft een eigen mobiel: 06-…"."""
    lead = begun(row, place)
    has = next((n for n in range(len(lead) - 1, 0, -1) if lead[n].word in {"heeft", "is"}), 0)
    said = [t for t in lead[has + 1 :] if t.kind != "mark"]
    if not has or len(said) < 3 or lead[has].word != "heeft":
        return None
    own = [t.word for t in said[-3:-1]] == ["een", "eigen"] and said[-1].kind == Sense.PHONE
    first = opening(lead)
    goes_on = lead[has - 1].word in {"maar", "en"} and all(t.word in _SURELY for t in said[:-3])
    if not (own and goes_on) or any(t.word in {"die", "wie"} for t in lead[:has]):
        return None
    return row.index(first) if first is not None and first.kind in OWN else None


def _behind(row: list[Token], place: int) -> int | None:
    """Where "haar" stands in "06-… is echt haar eigen nummer"."""
    said = row[place + 1 : place + 8]
    own = next((n for n, t in enumerate(said) if t.word == "eigen"), 0)
    told = own > 1 and said[0].word == "is" and said[own - 1].word in POSSESSIVES - {"hun", "hen"}
    told = told and not any(t.kind in BELONGS for t in begun(row, place))
    called = told and own + 1 < len(said) and said[own + 1].kind == Sense.PHONE
    return place + own if called and all(t.word in _SURELY for t in said[1 : own - 1]) else None
