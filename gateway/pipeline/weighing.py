"""Weighs what a practice wrote in the thread of a case against what only we know of that case.

It promises that a letter which may be about another case, or which answers what is not asked any more, is
unclear: a person says what it means. Pure.
"""

import re
from dataclasses import replace

from gateway.domain.case import kenmerk_of, names_another
from gateway.domain.states import State
from gateway.gate.tokens import Marks
from gateway.pipeline.batch import Mail
from gateway.reading.letters.record import PracticeKind, PracticeLetter, Topic
from gateway.reading.patient.words import plain
from gateway.reading.record import Reading, Verdict
from gateway.store.tables import CaseRow

AWAITING = (State.NEEDS_INFO, State.UNREACHABLE)
"""Where the referrer was asked something."""


def weighed(mail: Mail, letter: PracticeLetter, marks: Marks) -> PracticeLetter:
    """A letter with what only we know: its case, and whether it may be about another one too."""
    case, reading = mail.case, letter.reading
    unclear = replace(letter, kind=PracticeKind.UNCLEAR, reading=None)
    match letter.kind:
        case PracticeKind.NEW_PATIENT if case is not None and reading is not None and reading.phone:
            if mail.known is None and case.phone_mac == marks.phone(reading.phone):
                # The patient whose fields were destroyed: what is said of them now comes too late.
                return replace(letter, kind=PracticeKind.CORRECTED)
            return letter
        case PracticeKind.NEW_PATIENT | PracticeKind.NOTHING | PracticeKind.AUTOMATIC:
            return letter
    named = [one for one in letter.named if kenmerk_of(one) not in mail.formerly]
    if mail.several or (case is not None and names_another(named, case.kenmerk)):
        return replace(unclear, topic=Topic.OTHER_PATIENT)
    if letter.kind in (PracticeKind.COMPLETED, PracticeKind.CONFIRMED) and case is not None:
        whole = reading if reading is not None or letter.kind is PracticeKind.COMPLETED else mail.known
        late = case.state == State.RETURNED and (whole is None or whole.verdict is not Verdict.REFERRAL)
        if late or case.state not in (*AWAITING, State.RETURNED):
            return replace(unclear, topic=Topic.NUMBER)
    return letter


def number_asked(case: CaseRow, known: Reading | None) -> bool:
    """Whether the referrer was asked about a number, and an answer still counts.

    What is whole and still kept after nobody answered was given back because the patient was not reached.
    """
    whole = known is not None and known.verdict is Verdict.REFERRAL
    return case.state == State.UNREACHABLE or (case.state == State.RETURNED and whole)


def name_words(known: Reading | None) -> frozenset[str]:
    """The plain words of the patient's name, as far as it is known."""
    return frozenset(re.findall(r"[^\W\d_]+", plain((known and known.name) or "")))
