"""How a patient is reached where that is not by a number of their own: by a parent's, or at a place.

Only for mails about a theme whose pathway says so. It promises that a number is a parent's only
where the line that names it says so and names nobody else, and that a finding place is what stands behind its
label, on one line. Whatever else was in doubt stays so, and is asked.
"""

import re
from dataclasses import replace

from gateway.reading.letters.consent import consent_in
from gateway.reading.letters.record import PARENT, PLACE, Consent, PracticeKind, PracticeLetter, Topic
from gateway.reading.letters.sentences import own
from gateway.reading.mail.message import parse
from gateway.reading.mail.thread import LINE_CHARACTERS, clean
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.values import value_name
from gateway.reading.patient.words import plain
from gateway.reading.record import Reading, Verdict

MISSING_PLACE = "missing_place"
LONGEST_PLACE = 120

_PARENT = re.compile(
    r"\b(?:(?:stief|pleeg)?(?:moeder|vader|ouders?)|mama|papa|mam|pap|mem|heit|verzorg(?:er|ster)s?|voogd)\b"
)
_OTHER = re.compile(
    r"\b(?:oma|opa|groot\w+|tante|oom|broer\w*|zus\w*|buur\w*|vriend\w*|school|mentor|leerkracht|juf|meester"
    r"|praktijk|huisarts|dokter|poh|werk|schoon\w+|niet|geen|oud|oude|vervallen|verkeerd\w*|fout\w*|of|misschien"
    r"|overleden|gescheiden|contactverbod)\b"
)
_LABEL = re.compile(
    r"^\s*(?:vindplaats|te vinden|verblijft|verblijfplaats|slaapplaats)\s*[:=]\s*(.+?)\s*$", re.I
)
_DOUBT = re.compile(
    r"\b(?:niet|geen|oud|oude|vervallen|klopt|verkeerd\w*|fout\w*|misschien|weg|onbekend|meer)\b|[?]"
)
_CHILD = re.compile(
    r"^\s*(?:naam (?:van )?(?:het |de )?)?(?:kind|jongere|leerling)\s*[:=]\s*([^:=,;(]{3,60}?)\s*$", re.I
)
_PERSONS = re.compile(
    r"\b(?:(?:de|beide|zijn|haar|hun) )?(?:(?:stief|pleeg)?(?:moeder|vader|ouders)|voogd|verzorgers?)\b",
    re.I,
)
_MANY = {"geven": "geeft", "gaven": "gaf", "hebben": "heeft", "gaan": "gaat", "zijn": "is", "vinden": "vindt"}


def reached(
    raw: bytes, reading: Reading, practice_phones: frozenset[str], reach: str, place: str | None = None
) -> Reading:
    """The reading of a mail, where the patient may be reached so; `place` is what was known before."""
    if reach not in (PARENT, PLACE):
        return reading
    if reading.verdict is Verdict.IGNORE or reading.unopened or "several_patients" in reading.problems:
        return reading
    lines = [clean(line[:LINE_CHARACTERS]) for line in own(parse(raw)).lines]
    if reach == PARENT:
        found = _by_a_parent(lines, _named(lines, reading), practice_phones)
        # Whose it is is asked with the number, which a "ja" doesn't answer.
        return found if len(found.choices) != 1 else replace(found, choices=())
    return _at_a_place(lines, reading, place)


def answer_reached(
    raw: bytes,
    letter: PracticeLetter,
    known: Reading | None,
    practice_phones: frozenset[str],
    reach: str,
    *,
    unreachable: bool = False,
) -> PracticeLetter:
    """A letter in the thread of a case, read in the same way: an answer to what was asked, or another finding
    place, which was asked for where the patient is `unreachable`."""
    if known is None or reach not in (PARENT, PLACE):
        return letter
    open_ = letter.kind is PracticeKind.NOTHING or (
        letter.kind is PracticeKind.UNCLEAR and letter.topic in (Topic.NUMBER, Topic.QUESTION, Topic.OTHER)
    )
    if not known.problems:
        return _elsewhere(raw, letter, known, unreachable) if open_ and reach == PLACE else letter
    if letter.kind is not PracticeKind.COMPLETED and not open_:
        return letter
    base = letter.reading or known
    found = reached(raw, replace(base, by_parent=known.by_parent), practice_phones, reach, known.place)
    return letter if found == base else replace(letter, kind=PracticeKind.COMPLETED, reading=found)


def _elsewhere(raw: bytes, letter: PracticeLetter, known: Reading, asked: bool) -> PracticeLetter:
    """A letter that names one other place behind its label, and says of it neither no nor perhaps."""
    lines = [clean(line[:LINE_CHARACTERS]) for line in own(parse(raw)).lines]
    said = [line for line in lines if _LABEL.match(line)]
    found = _at_a_place(lines, known, None)
    if len(said) != 1 or found.place in (None, known.place) or _DOUBT.search(plain(said[0])):
        return letter
    if asked:
        return replace(letter, kind=PracticeKind.COMPLETED, reading=found, topic=None)
    return replace(letter, kind=PracticeKind.CORRECTED, reading=found, changed=("place",), topic=None)


def parents_consent(raw: bytes, *, asked: bool) -> Consent:
    """Whether a mail states that the parents consent: what somebody else agrees to is not enough."""
    lines = own(parse(raw)).lines
    if not any(_PERSONS.search(line) for line in lines):
        # "Ja" is theirs where it was asked about them.
        return consent_in("\n".join(lines), asked=True) if asked else Consent.UNSAID
    said = [_as_of_the_patient(line) for line in lines]
    of_parents = [new for old, new in zip(lines, said, strict=True) if _PERSONS.search(old)]
    if any(consent_in(line, asked=asked) is Consent.GIVEN for line in of_parents):
        return consent_in("\n".join(said), asked=asked)
    return Consent.UNSAID


def _as_of_the_patient(line: str) -> str:
    """What is said of parents, in the words in which it would be said of a patient."""
    if not _PERSONS.search(line):
        return line
    alone = _PERSONS.sub("patiënt", line)
    return re.sub(r"[^\W\d_]+", lambda found: _MANY.get(found[0].lower(), found[0]), alone)


def _named(lines: list[str], reading: Reading) -> Reading:
    """The reading with the name that stands behind "Naam kind:", where no name was sure."""
    if reading.name is not None or "missing_name" not in reading.problems:
        return reading
    given = {match[1] for line in lines if (match := _CHILD.match(line))}
    name = value_name(given.pop()) if len(given) == 1 else None
    if name is None or name.words < 2:
        return reading
    problems = tuple(problem for problem in reading.problems if problem != "missing_name")
    return _judged(replace(reading, name=name.text, problems=problems))


def _by_a_parent(lines: list[str], reading: Reading, practice_phones: frozenset[str]) -> Reading:
    if reading.phone is not None or "ambiguous_phone" not in reading.problems:
        return reading
    found: dict[str, bool] = {}
    for line in lines:
        called = {e164 for e164, _, _ in numbers(mask(line))}
        if None in called:
            return reading
        theirs = {e164 for e164 in called if e164 and e164 not in practice_phones}
        said = plain(line)
        sure = len(theirs) == 1 and bool(_PARENT.search(said)) and not _OTHER.search(said)
        found |= {e164: sure and found.get(e164, True) for e164 in theirs}
    if not found or len(found) > 2 or not all(found.values()):
        return reading
    first, *others = found
    problems = tuple(problem for problem in reading.problems if problem != "ambiguous_phone")
    return _judged(
        replace(
            reading, phone=first, other_phones=tuple(others), problems=problems, choices=(), by_parent=True
        )
    )


def _at_a_place(lines: list[str], reading: Reading, before: str | None) -> Reading:
    given = {match[1] for line in lines if (match := _LABEL.match(line))}
    fit = [text for text in given if len(text) <= LONGEST_PLACE and not numbers(mask(text))]
    place = fit[0] if len(given) == len(fit) == 1 else None if given else before
    rest = tuple(problem for problem in reading.problems if problem not in ("missing_phone", MISSING_PLACE))
    asked = reading.phone is None and not any(problem.endswith("_phone") for problem in rest)
    problems = (*rest, MISSING_PLACE) if asked and not place else rest
    return _judged(replace(reading, place=place, problems=problems))


def _judged(reading: Reading) -> Reading:
    open_ = any(problem != "bsn_present" for problem in reading.problems)
    return replace(reading, verdict=Verdict.INCOMPLETE if open_ else Verdict.REFERRAL)
