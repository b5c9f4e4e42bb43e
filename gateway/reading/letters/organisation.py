"""What an organisation answers to a referral or a notice, as one closed record.

It promises that a report can't be mistaken: one phrase of the agreed words, and beside it only words that are
known to change nothing. A plan, a doubt, a condition, a denial, another person or an unknown word makes the
letter unclear, which means that the organisation is asked what it meant; contact and whatever implies it are
never taken from anything less.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from rapidfuzz.distance import OSA

from gateway.reading.letters.answer import named, signing, subject_words, tells_of
from gateway.reading.letters.beside import (
    AGAIN,
    ASKING,
    BESIDE,
    CALLING,
    CONTACT_WORDS,
    COURTESY,
    OPENERS,
    PAST_PHRASES,
    PLAN,
    SPOKEN_OF,
    SPOKEN_WHEN,
    WHEN,
)
from gateway.reading.letters.closing import words_of
from gateway.reading.letters.dates import are_between
from gateway.reading.letters.form import BLANK, OPEN
from gateway.reading.letters.record import OrganisationKind, OrganisationLetter, ReportCode, Topic
from gateway.reading.letters.referent import TOLD_OF_CONTACT, of_another
from gateway.reading.letters.reports import (
    AGREED,
    DAY_PARTS,
    IMPLY_CONTACT,
    LONGEST,
    NEXT_STEPS,
    PHRASES,
    Phrase,
)
from gateway.reading.letters.sentences import PATIENT, Sentence, is_sign, own, quotes, written
from gateway.reading.mail.automatic import Certainty, automatic
from gateway.reading.mail.message import Message, parse
from gateway.reading.patient.words import COMMON, plain

R = ReportCode

_MACHINE = re.compile(
    r"\bautomatisch\w* (?:\w+ )?(?:bericht|antwoord|reactie|bevestiging|gegenereerd|verzonden|verstuurd"
    r"|email)"
    r"|\bautomat(?:ed|ic)\b|\bgeregistreerd (?:onder|met)\b|\b(?:ticket|zaak|case|melding|referentie"
    r"|registratie)s? ?"
    r"(?:nummer|number|nr|id)\b|\bticket\b|\b(?:uw|je|your) (?:bericht|vraag|melding|email|verzoek"
    r"|message|request)"
    r" (?:is|hebben|has|werd|wordt)\b|\b(?:niet|not) (?:te )?(?:beantwoorden|reply)\b|\bno ?reply\b"
    r"|\bwe streven ernaar\b|\bwij streven ernaar\b|\bbinnen #amount werkdagen\b"
)
_REACTION = re.compile(
    r"^(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted)\b"
    r"|\b(?:heeft gereageerd op|heeft met .{0,20} gereageerd|reacted to|vindt (?:je|uw|dit) bericht leuk)\b"
)
_ORDER = (
    R.SEEN,
    R.COLLECTED,
    R.ATTEMPTED,
    R.WRONG_NUMBER,
    R.CONTACTED,
    R.SELF_CONTACT,
    R.INTAKE_PLANNED,
    R.IN_SUPPORT,
)
_TOGETHER = (
    frozenset({R.CONTACTED, R.SELF_CONTACT, R.INTAKE_PLANNED}),
    frozenset({R.CONTACTED, R.SELF_CONTACT, R.IN_SUPPORT}),
    frozenset({R.CONTACTED, R.INTAKE_PLANNED, R.IN_SUPPORT}),
    frozenset({R.COLLECTED, R.SEEN, R.ATTEMPTED, R.WRONG_NUMBER}),
)
"""Reports that may stand in one letter: the last one of `_ORDER` is the news."""


_OF_PATIENT = words_of("mevrouw meneer hij zij ze hem haar bereikt gesproken vergissing beeld") | {PATIENT}
"""No signature has these."""

_WE_TRIED = words_of("gebeld geprobeerd ingesproken voicemail gemaild geappt langsgegaan ontvangen")
_NUMBER_NOUNS = words_of("nummer telefoonnummer")
_ANOTHER = _NUMBER_NOUNS | words_of(
    """heeft hebt heb u jullie je kunt kun kan wilt weet mag mogen is er ik wij we ons mij een het nog ander
    andere nieuw nieuwe juiste goede correcte misschien toevallig svp aub krijgen ontvangen sturen doorgeven
    geven van voor haar hem mevrouw meneer patient client"""
)

_WORDS = (
    COMMON
    | CONTACT_WORDS
    | PLAN
    | COURTESY
    | frozenset(word for phrase in PHRASES for word in phrase)
    | frozenset[str]().union(*BESIDE.values())
    | words_of("start starten stop stoppen volg volgt gestopte sprak spreken spreek bereik bereiken beelden")
)
"""What is a word of its own is no slip for another."""


@dataclass(slots=True)
class _Found:
    """What the clauses of a letter say."""

    said: list[Phrase] = field(default_factory=list)
    days: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)
    """The words of plans."""
    told: bool = False
    """Whether a clause tells of a talk with the patient in the past, which only a plan to call makes odd."""
    loose: list[str] = field(default_factory=list)
    """Words that are not known where they stand."""

    @property
    def reports(self) -> set[ReportCode]:
        return {each.report for each in self.said if each.report}


def organisation_letter(
    raw: bytes,
    names: frozenset[str] = frozenset(),
    next_steps: Mapping[str, str] = NEXT_STEPS,
    days: tuple[date, date] | None = None,
) -> OrganisationLetter:
    """The record of an organisation's letter.

    `names` are the plain words of the patient's name, if still known; `next_steps` are the words for a next
    step with their codes, as a pathway may have them; `days` are that of the referral and that of the letter:
    no contact that answers the one and is told in the other was had before or will be had after.
    """
    message = parse(raw)
    letter = _read(message, names, next_steps, days)
    return replace(letter, named=named(message, own(message).lines))


def _read(
    message: Message,
    names: frozenset[str],
    next_steps: Mapping[str, str],
    days: tuple[date, date] | None,
) -> OrganisationLetter:
    machine = automatic(message)
    sure = machine is not None and (machine.certainty is Certainty.SURE or machine.about_mail)
    if machine and sure and machine.certainty is not Certainty.SURE and tells_of(own(message).lines, names):
        return OrganisationLetter(OrganisationKind.UNCLEAR, topic=Topic.OTHER)
    if sure or _is_reaction(message):
        return OrganisationLetter(OrganisationKind.AUTOMATIC)
    sender = signing(message)
    lines = own(message)
    text = written(lines.lines, sender=sender - names, patient=names)
    whole = " ".join(each.text for each in text.sentences)
    if _MACHINE.search(whole) or _REACTION.search(whole):
        return OrganisationLetter(OrganisationKind.AUTOMATIC)
    sentences = [each for each in text.sentences if not _is_courtesy(each)]
    below = any(each.words in PHRASES for each in text.signed)
    marked = not text.sentences and quotes(message, lines)
    if any(map(is_sign, lines.lines)) or (not sentences and (lines.letter_left or below or marked)):
        # It may be a quote that nothing marks, a name like a report, a mark in our own list of words, or all
        # that they wrote.
        return _unclear(sentences)
    if not sentences and _speaks(subject_words(message)):
        return OrganisationLetter(OrganisationKind.UNCLEAR, topic=Topic.CONTACT)
    if not sentences:
        return OrganisationLetter(OrganisationKind.NOTHING)
    said = [each for each in sentences if not _wants_number(each)]
    if text.cut or any(each.question or _asks(each) or _is_blank(each) for each in said):
        return _unclear(sentences)
    letter = _judged(_found(said, next_steps))
    if len(said) < len(sentences) and letter is not None and letter.report is not R.WRONG_NUMBER:
        return _unclear(sentences)
    if letter is None or (
        letter.report in TOLD_OF_CONTACT
        and (any(map(_speaks_below, text.signed)) or not _is_then(letter.report, sentences, days))
    ):
        return _unclear(sentences)
    return letter


def _is_then(report: ReportCode, sentences: list[Sentence], days: tuple[date, date] | None) -> bool:
    """Whether the days that a letter names may be those of this report; an appointment is still to come."""
    if days is None:
        return True
    last = date.max if report is R.INTAKE_PLANNED else days[1]
    return all(are_between(each.raw, days[0], last, near=days[1]) for each in sentences)


def _speaks_below(sentence: Sentence) -> bool:
    """Whether a line below the closing still says something of the patient."""
    words = frozenset(sentence.words)
    return sentence.question or sentence.words[:1] in (("ps",), ("nb",)) or bool(_OF_PATIENT & words)


def _is_reaction(message: Message) -> bool:
    return any("reaction" in kind for kind in message.part_types)


def _asks(sentence: Sentence) -> bool:
    """Whether a sentence begins as a question does, though nothing marks it as one."""
    return any(clause[1:2] and clause[1] in ASKING.get(clause[0], ()) for clause in sentence.clauses)


def _is_blank(sentence: Sentence) -> bool:
    """Whether a sentence is a line of a form that nobody filled in."""
    return OPEN in sentence.raw or BLANK.search(sentence.raw) is not None


def _wants_number(sentence: Sentence) -> bool:
    """Whether a question only asks for another number, for which the practice will be asked."""
    words = frozenset(sentence.words)
    return sentence.question and words <= _ANOTHER and bool(words & _NUMBER_NOUNS)


def _speaks(subject: tuple[str, ...]) -> bool:
    """Whether somebody wrote a report where our subject stood; ours begin with what they are about."""
    words = tuple(word for word in subject if word not in OPENERS - {"aanmelding"})
    ours = bool(words) and words[0] in ("aanmelding", "nieuwe", "gecorrigeerde", "new", "referral")
    return not ours and any(words[:length] in PHRASES for length in range(1, LONGEST + 1))


def _is_courtesy(sentence: Sentence) -> bool:
    words = sentence.words
    return set(words) <= COURTESY and not any(
        words[at : at + length] in PHRASES for at in range(len(words)) for length in range(1, LONGEST + 1)
    )


def _found(sentences: list[Sentence], next_steps: Mapping[str, str]) -> _Found:
    found = _Found()
    steps = {tuple(plain(phrase).split()): Phrase(next_step=code) for phrase, code in next_steps.items()}
    clauses = [(clause, sentence) for sentence in sentences for clause in sentence.clauses]
    scanned: list[tuple[tuple[str, ...], list[Phrase], list[str]]] = []
    for clause, sentence in clauses:
        before = len(found.said)
        loose = _scan(clause, steps, found)
        here = found.said[before:]
        scanned.append((clause, here, loose))
        found.loose += of_another(clause, here, sentence)
    for clause, here, loose in scanned:
        if any(each.report is R.SEEN for each in here) and SPOKEN_OF.intersection(clause):
            found.loose.append(str(R.SEEN))
        tried = any(each.report is R.ATTEMPTED for each in found.said)
        if tried and {"wel", "toch"}.intersection(clause) and not _WE_TRIED.intersection(clause):
            # "Zij heeft ons niet gesproken, wij haar wel."
            found.loose += [] if any(each.report not in (None, R.ATTEMPTED) for each in here) else ["wel"]
        left = [word for word in loose if word not in _beside(here, clause, found)]
        if set(left) <= PLAN:
            found.planned.update(left)
            past = PAST_PHRASES & set(clause) and SPOKEN_OF & set(clause)
            if past and not left and any(each.report is R.CONTACTED for each in here):
                found.told = True
        else:
            found.loose += left
        if R.ATTEMPTED in found.reports:
            found.days |= _days(clause, tried=any(each.report is R.ATTEMPTED for each in here))
    return found


def _days(clause: tuple[str, ...], *, tried: bool) -> set[str]:
    """The parts of the day of the try that a clause tells of, `tried` if it names the try."""
    until = next((at for at, word in enumerate(clause) if word in AGAIN), len(clause)) if tried else None
    told = clause[:until]
    if not tried and not set(clause) <= DAY_PARTS.keys() | OPENERS | WHEN:
        return set()
    return {DAY_PARTS[word] for word in told if word in DAY_PARTS}


def _scan(clause: tuple[str, ...], steps: Mapping[tuple[str, ...], Phrase], found: _Found) -> list[str]:
    """Take the phrases of a clause, longest first; gives the words that are in none and no openers."""
    loose: list[str] = []
    at = 0
    while at < len(clause):
        said, length = _phrase(clause, at, steps, first=not found.said and not loose)
        if said is not None and said.report is None and clause[at] in OPENERS and _reports(clause[at + 1 :]):
            # "Een intake gepland" is no intake as the next step.
            said = None
        if said is None:
            if clause[at] not in OPENERS:
                loose.append(clause[at])
            at += 1
            continue
        found.said.append(said)
        at += length
    return loose


def _reports(words: tuple[str, ...]) -> bool:
    """Whether a report begins here."""
    return any((found := PHRASES.get(words[:length])) and found.report for length in range(LONGEST, 0, -1))


def _phrase(
    clause: tuple[str, ...], at: int, steps: Mapping[tuple[str, ...], Phrase], *, first: bool
) -> tuple[Phrase | None, int]:
    """The phrase that begins here and its length; a slip of the pen is forgiven in a letter's first one."""
    for length in range(min(LONGEST, len(clause) - at), 0, -1):
        words = clause[at : at + length]
        if words in PHRASES:
            return PHRASES[words], length
        if words in steps:
            return steps[words], length
    if first and clause[at] not in OPENERS:
        for length in range(min(LONGEST, len(clause) - at), 0, -1):
            near = _nearest(clause[at : at + length])
            if near is not None:
                return near, length
    return None, 0


def _nearest(words: tuple[str, ...]) -> Phrase | None:
    """The one report these words are a slip of."""
    slips = {phrase: count for phrase in PHRASES if (count := _slips(phrase, words)) is not None}
    near = {PHRASES[phrase] for phrase, count in slips.items() if count == min(slips.values())}
    return near.pop() if len(near) == 1 else None


def _slips(phrase: tuple[str, ...], typed: tuple[str, ...]) -> int | None:
    """How many slips make `typed` of the phrase; None if that is too many for one of its words."""
    if len(phrase) != len(typed):
        return None
    exact = PHRASES[phrase].report in (R.CONTACTED, R.SELF_CONTACT) and phrase not in AGREED
    total = 0
    for meant, typed_word in zip(phrase, typed, strict=True):
        if typed_word != meant and typed_word in _WORDS:
            return None
        allowed = 0 if exact or len(meant) < 5 else 1 if len(meant) < 7 else 2
        slips = OSA.distance(meant, typed_word, score_cutoff=allowed)
        if slips > allowed:
            return None
        total += slips
    return total


def _beside(here: list[Phrase], clause: tuple[str, ...], found: _Found) -> frozenset[str]:
    """The words that may stand in this clause: those of its own report, or of the letter's so far."""
    reports = {each.report for each in here if each.report} or found.reports
    words = frozenset[str]().union(*(BESIDE.get(each, frozenset()) for each in reports))
    if R.ATTEMPTED in reports and reports <= {R.ATTEMPTED, R.COLLECTED, R.SEEN, R.WRONG_NUMBER}:
        # A try is told with whatever went on, as long as nobody was spoken with.
        return words | frozenset(word for word in clause if word not in CONTACT_WORDS)
    if PAST_PHRASES.intersection(clause):
        words |= SPOKEN_WHEN
    return words


def _judged(found: _Found) -> OrganisationLetter | None:
    """The one report of a letter, or None."""
    reports = found.reports
    outcomes = {each.outcome for each in found.said if each.outcome}
    steps = {each.next_step for each in found.said if each.next_step}
    reasons = {each.reason for each in found.said if each.reason}
    if not reports or found.loose or len(reasons) > 1 or len(steps) > 1:
        return None
    if reports == {R.STOPPED, R.DECLINED} and reasons == {"patient_declined"} and not outcomes:
        reports, reasons, outcomes = {R.STOPPED}, set(), {"patient_stopped"}
    report = next(iter(reports)) if len(reports) == 1 else _last(reports)
    in_peace = report in (R.COLLECTED, R.SEEN, R.ATTEMPTED, R.WRONG_NUMBER)
    told = report is R.CONTACTED and found.told and not found.planned & CALLING
    if report is None or (found.planned and not in_peace and not told):
        return None
    if outcomes and report is not R.STOPPED:
        return None
    if len(outcomes - {"completed"}) > 1 or (steps and report not in IMPLY_CONTACT):
        return None
    outcome = next(iter(outcomes - {"completed"}), next(iter(outcomes), None))
    return OrganisationLetter(
        OrganisationKind.REPORT,
        report=report,
        reason=next(iter(reasons), None),
        outcome=outcome,
        day_part=next(iter(found.days)) if report is R.ATTEMPTED and len(found.days) == 1 else None,
        next_step=next(iter(steps), None),
    )


def _last(reports: set[ReportCode]) -> ReportCode | None:
    if not any(reports <= together for together in _TOGETHER):
        return None
    return max(reports, key=_ORDER.index)


def _unclear(sentences: list[Sentence]) -> OrganisationLetter:
    words = {word for each in sentences for word in each.words}
    if words & {"overleden", "intrekken", "ingetrokken"}:
        topic = Topic.STOP
    elif any(each.question for each in sentences):
        topic = Topic.QUESTION
    else:
        topic = Topic.CONTACT if words & CONTACT_WORDS else Topic.OTHER
    return OrganisationLetter(OrganisationKind.UNCLEAR, topic=topic)
