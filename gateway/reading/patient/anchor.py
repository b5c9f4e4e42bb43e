"""Whether what stands before a bare number or label speaks of the patient.

"Telefoon: 06-…" tells nobody whose telephone it is. It is the patient's in their record, behind a sentence
that speaks of them, or where the story about them goes on; behind what the sender tells of themselves, a
wish, a thanks or an unknown line of its own it is nobody's. Pure, over the rows of a passage.
"""

import re

from gateway.reading.patient.deeds import is_of_patient
from gateway.reading.patient.layout import Block
from gateway.reading.patient.opening import is_about_another
from gateway.reading.patient.times import is_time
from gateway.reading.patient.tokens import Token, sentences
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import words_of

# Who writes, or what they say to whoever reads it: "Samen sterk voor uw gezondheid."
_OURS = words_of("ik wij we ons onze mijn praktijk uw elkaar")
_TOLD: frozenset[str] = frozenset({"name", "place", "candidate", Sense.PATIENT})
_STORY: frozenset[str] = frozenset({Sense.THING, Sense.NOUN, Sense.BODY, Sense.PREMISES})
_REFERRED = words_of(
    """
    hoe waar wie aanmelding aanmelden aangemeld aanmeld meld verwijzing verwijs verwezen gegevens toestemming
    akkoord hulp helpen besproken afgesproken beloofd contact betreft patientgegevens inschrijving
    """
)
# What a sender says of an earlier slip, or of how to call, goes on about the number.
_GOES_ON = words_of("sorry excuus excuses vergeten fout foutje typefout verkeerd niemand discretie")
_THIRD = words_of("hij zij ze hem haar d'r diens")
_VERB = re.compile(r"is|mag|kan|wil|[a-z]{3,}t")
_PARTICIPLE = re.compile(r"ge[a-z]{3,}[dt]")


def is_anchored(rows: list[list[Token]], blocks: list[Block], at: int, until: int, place: int) -> bool:
    """Whether the words before token `until` of block `at` lead back to the patient.

    A passage that names nobody before, as an answer does, says no less than that it is about the patient.
    """
    before = [rows[at][:until], *(row for row, b in zip(rows[:at], blocks, strict=False) if b.line >= 0)]
    if not any(t.kind in {"name", "place"} for row in before for t in row):
        return not _is_banner(rows, blocks, at, place)
    if [t.word for t in rows[at][place + 1 : place + 3]] in (["is", "zijn"], ["is", "haar"]):
        # "06-… is zijn nummer"
        return True
    own = [*sentences(rows[at][:until])]
    if own and (said := _speaks(own, headline=False)) is not None:
        return said
    for beside in range(at + 1, min(at + 3, len(blocks))):
        if blocks[beside].label and blocks[beside].paragraph == blocks[at].paragraph:
            # A form may begin with the telephone.
            return True
    for above in range(at - 1, -1, -1):
        block = blocks[above]
        if block.label or block.line < 0:
            return True
        if (
            said := _speaks(
                [*sentences(rows[above])], headline=not any(t.kind == "stop" for t in rows[above])
            )
        ) is not None:
            return said
    return True


def _is_banner(rows: list[list[Token]], blocks: list[Block], at: int, place: int) -> bool:
    """ "Let op: bij spoed bel 06-…" above the record: what is told before anybody is named."""
    named = any(t.kind == "name" for row in rows[at:] for t in row)
    own = next(sentences(rows[at][:place]), [])
    calls = any(t.kind == Sense.CALL for t in own)
    theirs = any(t.kind in {Sense.PATIENT, Sense.PRONOUN} for t in own)
    return named and calls and not theirs and not blocks[at].label and any(t.kind == Sense.THING for t in own)


def _speaks(told: list[list[Token]], *, headline: bool) -> bool | None:
    """Of sentences, last first: whether they speak of the patient, None if they leave that open.

    A `headline` is a line without a full stop, as a slogan is.
    """
    for n, sentence in enumerate(told):
        words = {t.word for t in sentence if t.word}
        kinds = {t.kind for t in sentence}
        if kinds == {"place"} | kinds & {Sense.LINK} and any(map(is_time, words)):
            # "Buiten kantooruren", where Buiten is a place as well.
            return False
        if kinds & _TOLD or words & _THIRD or "number" in kinds or is_of_patient(sentence):
            return True
        if words & (_REFERRED | _GOES_ON) or not words:
            continue
        if words & _OURS:
            # "Wij behandelen dat hier, maar zonder oplossing voor de schulden …": amid a story it goes on.
            amid = not headline and n + 1 < len(told) and Sense.THING in kinds
            if amid and not kinds & {Sense.CALL, Sense.PHONE} and not words & {"uw", "elkaar"}:
                continue
            return False
        if words == {"spoed"} and len(told) == 1:
            return False
        calls = Sense.CALL in kinds or any(map(_PARTICIPLE.fullmatch, words))
        calls = calls or (
            len(words) > 2 and any(t.kind == Sense.LINK and _VERB.fullmatch(t.word) for t in sentence)
        )
        addressed = headline and any(word.isdigit() for word in words)
        if not (kinds & _STORY or calls or addressed) and len(words) <= (6 if headline else 3):
            return False
    return None


_RECORD: frozenset[str] = frozenset({"place", "mark", "stop", "blank", Sense.PHONE})
_LEADS_HOME = words_of("wijk buurt stadsdeel in uit te de het almere woont woonachtig wonend")


def is_beside_place(rows: list[list[Token]], blocks: list[Block], at: int, place: int, i: int) -> bool:
    """ "Danswijk, 06-…", "Danswijk. Tel 06-…": a record, of whoever lives there."""
    row = rows[at]
    lead = row[max(0, i) : place]
    if not any(t.word for t in row[:place]) and _is_below_place(rows, blocks, at):
        return True
    before = next(sentences(row[: max(0, i)]), [])
    if is_about_another(before):
        # "Kees Mol vraagt hulp voor zijn moeder. Parkwijk, 06-…"
        return False
    said = [*(before if any(t.kind == "place" for t in before) else []), *lead]
    return any(t.kind == "place" for t in said) and all(
        t.kind in _RECORD or t.word in _LEADS_HOME for t in said
    )


def _is_below_place(rows: list[list[Token]], blocks: list[Block], at: int) -> bool:
    """Whether the line above, in the same paragraph, is no more than where the patient lives."""
    above = rows[at - 1] if at else []
    if not above or blocks[at - 1].paragraph != blocks[at].paragraph or len(above) > 6:
        return False
    somebody = {Sense.OTHER, Sense.BODY, Sense.SENDER, "stranger", "candidate", "number"}
    return (
        above[0].kind == "place"
        and not any(is_time(t.word) for t in above)
        and not any(t.kind in somebody for t in above)
    )


def is_beside_name(rows: list[list[Token]], blocks: list[Block], at: int, until: int) -> bool:
    """Whether the patient's name stands in the sentence or the lines right above."""
    row = rows[at][:until]
    if row:
        return any(t.kind == "name" for t in next(sentences(row), []))
    paragraph = blocks[at].paragraph
    return any(
        any(t.kind == "name" for t in rows[above])
        for above in range(max(0, at - 2), at)
        if blocks[above].paragraph == paragraph
    )
