"""A block of a passage as a row of tokens: who is named in it is the patient, the sender or a stranger."""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.reading.patient.alike import same_person
from gateway.reading.patient.evidence import ADDRESSED, TOLD, is_sender
from gateway.reading.patient.layout import Block
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.neighbours import settled
from gateway.reading.patient.person import Everybody
from gateway.reading.patient.tokens import Token, words_in
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.wijken import Mention
from gateway.reading.patient.words import PARTICLES, folded, plain, words_of

_OPENING = re.compile(r"[^\n,.!?:–]{2,45}(?:[,!.:]| [–-](?= )|$)")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FIRST_PERSON = words_of("ik mij me mijn m'n wij we ons onze i my us our")


def tokens_of(
    text: str, spans: list[tuple[str, int, int]], name: str | None, *, patient_speaks: bool = False
) -> list[Token]:
    """The tokens of a block's text; `spans` are (kind, start, end) already known, `name` the patient's.

    Where the patient speaks, "ik" and "mijn" are the patient.
    """
    found: list[Token] = []
    at = 0
    for kind, start, end in sorted(spans, key=lambda span: (span[1], -span[2])):
        if start < at:
            continue
        found.extend(words_in(text, at, start))
        found.append(Token(kind, text[start:end], start, end))
        at = end
    found.extend(words_in(text, at, len(text)))
    if patient_speaks:
        found = [replace(t, kind=Sense.PATIENT) if t.word in _FIRST_PERSON else t for t in found]
    found = _quoted(found)
    return _with_initials(settled(found, _own_words(name)), name)


_SAYS = words_of("zegt zei schrijft schreef appt appte vertelt vertelde vraagt vroeg")


def _quoted(row: list[Token]) -> list[Token]:
    """The tokens, "me" and "mijn" as the patient's where the patient is quoted: "Zij zegt: bel me gerust"."""
    theirs = False
    for n, token in enumerate(row):
        says = token.text == ":" and n > 1 and row[n - 1].word in _SAYS
        theirs = (theirs or (says and row[n - 2].kind in _THEY)) and token.kind != "stop"
        if theirs and token.word in _FIRST_PERSON:
            row[n] = replace(token, kind=Sense.PATIENT)
    return row


_THEY: frozenset[str] = frozenset({"name", Sense.PATIENT, Sense.PRONOUN})


def _with_initials(row: list[Token], name: str | None) -> list[Token]:
    """The tokens, a surname behind an initial that the patient hasn't as a stranger's: "contact: O. Bos"."""
    words = [w for w in re.findall(r"[^\W\d_]+", plain(name or "")) if w not in PARTICLES]
    initials = {word[0] for word in words[:-1]}
    surname = words[-1:]
    for n, token in enumerate(row):
        if n < 2 or row[n - 1].text != "." or [token.word] != surname or not initials:
            continue
        initial = row[n - 2]
        if initial.capital and len(initial.text) == 1 and initial.word not in initials:
            row[n] = replace(token, kind="stranger")
    return row


def _own_words(name: str | None) -> frozenset[str]:
    """The given name and the surname, by which the patient may be called alone."""
    words = [w for w in _NAME_WORD.findall(plain(name or "")) if w not in PARTICLES]
    return frozenset(word for word in words if len(word) >= 3)


def _places_of(name: str, text: str) -> Iterator[int]:
    """Where a name begins that stands in a text by itself, in whatever case.

    No pattern is made of it: those are kept by the library, and a name may not be.
    """
    name, text = folded(name), folded(text)
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        whole = _parts_words(text, start) and _parts_words(text, end)
        if whole:
            yield start
        start = text.find(name, end if whole else start + 1)


def _parts_words(text: str, at: int) -> bool:
    """Whether a word begins or ends there."""
    before, behind = text[at - 1 : at] if at else "", text[at : at + 1]
    return (before.isalnum() or before == "_") != (behind.isalnum() or behind == "_")


def row_of(
    at: int,
    found: list[Block],
    masked: str,
    run: list[tuple[str | None, int, int]],
    named: list[Mention],
    everybody: Everybody,
    name: str | None,
    placed: set[tuple[int, int]],
    sender: frozenset[str],
    patient_speaks: bool,
) -> list[Token]:
    text = found[at].text
    opening = _OPENING.match(text)
    greeted = opening.end() if opening and is_greeting(opening[0]) and found[at].label == "" else 0
    masked = " " * greeted + masked[greeted:]
    spans: list[tuple[str, int, int]] = []
    for start, end in everybody.spans.get(at, []):
        if start < greeted:
            continue
        person = next((p for p in everybody.patients if (p.block, p.start, p.end) == (at, start, end)), None)
        kind: str = "stranger"
        if person is None and is_sender(text[start:end], sender):
            kind = Sense.SENDER
        elif person is not None and name and same_person(name, person.name):
            kind = "name"
        elif person is not None and (
            person.weight >= ADDRESSED or (person.weight >= TOLD and (at, start) in placed)
        ):
            kind = "candidate"
        spans.append((kind, start, end))
    if name and " " in name and not spans:
        # Typed without capitals it is only known by what the subject or another line says.
        spans = [("name", start, start + len(name)) for start in _places_of(name, masked)]
    taken = [(start, end) for _, start, end in spans]
    spans += [("number", start, end) for _, start, end in run]
    spans += [
        ("place", mention.start, mention.end)
        for mention in named
        if not any(a < mention.end and mention.start < b for a, b in taken)
    ]
    return tokens_of(masked, spans, name, patient_speaks=patient_speaks)
