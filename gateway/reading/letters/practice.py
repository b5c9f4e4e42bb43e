"""What a practice writes in a thread of ours, as one closed record.

It promises that a letter changes something only by positive evidence: every word of a sentence that stops,
corrects or confirms is known, and whatever is left over, a denial, a doubt or an unknown word, makes the
letter unclear, which means that a person reads it. Nothing a practice writes is taken for nothing unless
every word of it is known to say nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.reading.letters.answer import alone, named, subject_words, tells_of, unopened_in
from gateway.reading.letters.closing import words_of
from gateway.reading.letters.consent import consent_in
from gateway.reading.letters.doubt import are_two, in_doubt, is_unbound
from gateway.reading.letters.given import (
    REMARKS,
    day_part_given,
    judged,
    numbers_given,
    with_phone,
    without_no,
)
from gateway.reading.letters.other import (
    NAMESAKE,
    is_of_name,
    is_other,
    may_be_another,
    other_patient,
    phones_of,
    unclear,
)
from gateway.reading.letters.record import Consent, PracticeKind, PracticeLetter, Stop, Topic
from gateway.reading.letters.sentences import (
    BROKEN,
    NUMBER,
    PATIENT,
    STRANGE,
    WIJK,
    Sentence,
    Written,
    is_sign,
    own,
    quotes,
    written,
)
from gateway.reading.letters.signature import news_below, signatory
from gateway.reading.letters.stops import STOPPING, SentenceMeaning, StopSense, denied, meaning_of
from gateway.reading.mail.automatic import Certainty, automatic, is_bulk
from gateway.reading.mail.message import parse
from gateway.reading.patient.alike import key_words
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import plain
from gateway.reading.reader import complete, read
from gateway.reading.record import URGENT_WORDS, Reading, Verdict

UNREACHABLE = "unreachable"
"""Stands among what was asked when an organisation could not reach the patient: is the number right?"""

CONSENT = "missing_consent"

_PERSON = words_of("patient patiente pat pt pte client cliente hij zij ze hem haar he she") | {PATIENT}
_WILL = words_of("wil wilt wilde weigert weigerde geweigerd toestemming akkoord bezwaar instemming behoefte")
_COMMANDS = {
    "intrekken": PracticeLetter(PracticeKind.STOP, reason=Stop.WITHDRAWN),
    "withdraw": PracticeLetter(PracticeKind.STOP, reason=Stop.WITHDRAWN),
    "status": PracticeLetter(PracticeKind.STATUS),
}
_BY_KENMERK = re.compile(r"\b(?:kenmerk |aanmelding )?ib [0-9a-z]{4} [0-9a-z]{4}\b")
_FIELDS = frozenset({NUMBER, BROKEN, WIJK})
_PAPERS = re.compile(r"application/(?!pkcs7-signature|x-pkcs7-signature|pgp-signature)|message/")


@dataclass(frozen=True, slots=True)
class _Context:
    """What a letter is an answer to: what is known, and the problem codes that were asked about."""

    known: Reading | None
    asked: frozenset[str]


def practice_letter(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str],
    known: Reading | None,
    *,
    unreachable: bool = False,
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> PracticeLetter:
    """The record of a letter in the thread of one case.

    `known` is what was read of the case so far, None once that was destroyed; its problems are what was
    asked. `unreachable` says that we asked whether the number is right.
    """
    message = parse(raw)
    found = own(message)
    lines = found.lines
    said = read(alone(message, lines), gazetteer, practice_phones, urgent_words)
    patient = frozenset(word for word in key_words((known and known.name) or "") if len(word) > 1)
    machine = automatic(message)
    if machine and (machine.certainty is Certainty.SURE or machine.about_mail):
        # A machine may pass a referral on; what else it says is nobody's word.
        if said.verdict is Verdict.REFERRAL and is_other(said, known):
            return PracticeLetter(PracticeKind.NEW_PATIENT, said, automatic=True)
        if machine.certainty is not Certainty.SURE and tells_of(lines, patient):
            return replace(unclear(Topic.OTHER), automatic=True)
        return PracticeLetter(PracticeKind.AUTOMATIC, automatic=True)
    sender = frozenset(word for name in message.from_names for word in re.findall(r"[^\W\d_]+", plain(name)))
    text = written(lines, sender=sender - patient, patient=patient, gazetteer=gazetteer)
    left = written(found.left, sender=sender - patient, patient=patient, gazetteer=gazetteer)
    text = replace(
        text,
        tail=(*text.tail, *left.sentences, *left.tail),
        signed=(*text.signed, *left.sentences, *left.signed),
    )
    asked = frozenset(known.problems if known else ()) - REMARKS
    context = _Context(known, asked | ({UNREACHABLE} if unreachable else set()))

    def merged() -> Reading | None:
        if known is None:
            return None
        return complete(alone(message, lines), gazetteer, practice_phones, known, urgent_words)

    text = without_no(text, known.choices if known else ())
    letter = _understood(text, said, merged, context, practice_phones)
    news = news_below(text.signed, signatory(message, sender - patient, practice_phones))
    if _is_news(letter, news):
        letter = unclear(Topic.OTHER)
    papers = any(_PAPERS.match(each.content_type) for each in message.attachments)
    numbers = any(set(each.numbers) - practice_phones for each in left.sentences)
    if letter.kind is PracticeKind.NOTHING and (papers or numbers or found.letter_left):
        letter = PracticeLetter(PracticeKind.UNCLEAR, topic=Topic.OTHER)
    if letter.kind is PracticeKind.NOTHING and any(map(is_sign, lines)):
        letter = unclear(Topic.QUESTION)
    if letter.kind is PracticeKind.NOTHING and not text.sentences:
        letter = _COMMANDS.get(" ".join(subject_words(message)), letter)
        if letter.kind is PracticeKind.STOP and "?" in message.subject:
            letter = unclear(Topic.STOP)
    if letter.kind is PracticeKind.NOTHING and asked and not text.sentences and quotes(message, found):
        # They may have answered within our question.
        letter = unclear(Topic.OTHER)
    if letter.kind in (PracticeKind.NOTHING, PracticeKind.UNCLEAR) and (shut := unopened_in(message, text)):
        letter = replace(unclear(letter.topic or Topic.OTHER), unopened=shut)
    year = message.date.year if message.date else None
    consent = consent_in("\n".join(lines), asked=CONSENT in context.asked, year=year)
    letter = replace(letter, consent=consent, automatic=is_bulk(message), named=named(message, lines))
    return _with_consent(letter, text, context)


def _understood(
    text: Written,
    said: Reading,
    merged: Callable[[], Reading | None],
    context: _Context,
    own: frozenset[str],
) -> PracticeLetter:
    """The record; `merged` gives what is known with the letter, `own` are the practice's numbers."""
    meanings = [meaning_of(sentence) for sentence in text.sentences]
    senses = {each.sense for each in meanings} - {StopSense.COURTESY, StopSense.CONSENT}
    if any(_matters_below(sentence) for sentence in text.tail):
        return unclear(Topic.STOP)
    command = _command(text)
    if command is not None:
        return command
    if any(
        each.reason or (each.sense is StopSense.UNKNOWN and STOPPING.search(sentence.text))
        for each, sentence in zip(meanings, text.sentences, strict=True)
    ):
        return _stop(meanings, senses, said, context.known)
    if "several_patients" in said.problems:
        return unclear(Topic.OTHER_PATIENT)
    if is_other(said, context.known):
        return other_patient(text, said, context.known)
    if any(NAMESAKE.intersection(each.words) for each in text.sentences):
        return unclear(Topic.OTHER_PATIENT)
    if text.cut:
        return unclear(Topic.OTHER)
    if not senses:
        return PracticeLetter(PracticeKind.NOTHING)
    if StopSense.STATUS in senses:
        return PracticeLetter(PracticeKind.STATUS) if len(senses) == 1 else unclear(Topic.QUESTION)
    if in_doubt(text.sentences):
        return unclear(_topic(text))
    number = _number(text, meanings, senses, context, own)
    if number is not None:
        return number
    if senses <= {StopSense.YES, StopSense.RIGHT, StopSense.WHEN}:
        return _confirmed(text, senses, context)
    return (
        _wijk(text, senses, context)
        or _name(text, meanings, said, context)
        or _by_the_reader(text, meanings, merged(), context)
    )


def _command(text: Written) -> PracticeLetter | None:
    """One of the words that our own mails name, alone on the first line, unless the rest takes it back."""
    found = _COMMANDS.get(_BY_KENMERK.sub("", text.lines[0]).strip()) if text.lines else None
    rest = text.sentences[1:]
    if (
        found is None
        or STRANGE in text.sentences[0].words
        or (text.sentences[0].question and found.kind is PracticeKind.STOP)
        or any(each.question or denied(each.words) or each.numbers for each in rest)
    ):
        return None
    return found


def _stop(
    meanings: list[SentenceMeaning], senses: set[StopSense], said: Reading, known: Reading | None
) -> PracticeLetter:
    reasons = [each.reason for each in meanings if each.reason]
    if senses != {StopSense.STOP} or said.phone or is_other(said, known):
        return unclear(Topic.STOP)
    return PracticeLetter(PracticeKind.STOP, reason=next(reason for reason in Stop if reason in reasons))


def _is_news(letter: PracticeLetter, news: list[Sentence]) -> bool:
    """Whether what stands below a letter is more than it was understood to say.

    Beside an answer or a correction a motto may stand there, but no number and no place.
    """
    if letter.kind in (PracticeKind.NOTHING, PracticeKind.STATUS):
        return bool(news)
    acts = (PracticeKind.CONFIRMED, PracticeKind.CORRECTED, PracticeKind.COMPLETED)
    return letter.kind in acts and any(each.question or _FIELDS.intersection(each.words) for each in news)


def _matters_below(sentence: Sentence) -> bool:
    """Whether something below the closing still says something ("PS: niet meer bellen").

    Names, addresses and mottos stand there too; but no signature speaks of the patient.
    """
    return bool(sentence.words[:1] in (("ps",), ("nb",)) or _PERSON.intersection(sentence.words)) or (
        meaning_of(sentence).sense in (StopSense.STOP, StopSense.WRONG, StopSense.STATUS)
    )


def _confirmed(text: Written, senses: set[StopSense], context: _Context) -> PracticeLetter:
    if UNREACHABLE in context.asked:
        return PracticeLetter(PracticeKind.CONFIRMED, day_part=day_part_given(text))
    offered = context.known.offered if context.known else ()
    if len(offered) == 1 and StopSense.WHEN not in senses:
        return PracticeLetter(PracticeKind.COMPLETED, with_phone(context.known, offered[0], ()))
    if not context.asked and StopSense.WHEN not in senses:
        return PracticeLetter(PracticeKind.NOTHING)
    return unclear(Topic.QUESTION if context.asked else Topic.OTHER)


def _number(
    text: Written,
    meanings: list[SentenceMeaning],
    senses: set[StopSense],
    context: _Context,
    own: frozenset[str],
) -> PracticeLetter | None:
    """A number that the letter gives in known words alone; None if this is not for us to tell."""
    if not senses <= {
        StopSense.WRONG,
        StopSense.NUMBER,
        StopSense.ALSO,
        StopSense.YES,
        StopSense.RIGHT,
        StopSense.WHEN,
    }:
        return None
    given, denials = numbers_given(text)
    known = phones_of(context.known) if context.known else ()
    told = [each for each in text.sentences if set(each.numbers) - set(known)]
    if not context.asked and any(map(is_unbound, told)):
        return unclear(Topic.NUMBER)
    fresh = [each for each in given if each not in known and each not in own and each not in denials]
    if len(fresh) != 1 or (StopSense.WHEN in senses or set(given) & denials):
        if not fresh and StopSense.WRONG not in senses and set(given) <= set(known) and not denials:
            return None if StopSense.NUMBER not in senses else _confirmed(text, senses, context)
        return unclear(Topic.NUMBER)
    if any(each.sense is StopSense.ALSO for each in meanings) and known and StopSense.WRONG not in senses:
        reading = with_phone(context.known, known[0], (*known[1:], fresh[0]))
    else:
        kept = tuple(each for each in known[1:] if each not in denials)
        reading = with_phone(context.known, fresh[0], kept)
    if context.asked:
        return PracticeLetter(PracticeKind.COMPLETED, reading)
    return PracticeLetter(PracticeKind.CORRECTED, reading, ("phone",))


def _wijk(text: Written, senses: set[StopSense], context: _Context) -> PracticeLetter | None:
    """A wijk that the letter gives in known words alone."""
    known = context.known
    if senses - {StopSense.YES} != {StopSense.WIJK} or known is None or known.wijk is None:
        return None
    given: set[str] = set()
    denials: set[str] = set()
    for sentence in text.sentences:
        places = iter(sentence.wijken)
        for clause in sentence.clauses:
            here = [next(places, ()) for word in clause if word == WIJK]
            given.update(*() if denied(clause) else here)
            denials.update(*here if denied(clause) else ())
    fresh = given - {known.wijk}
    if denials and (not given or given & denials):
        return unclear(Topic.OTHER)
    if len(fresh) != 1:
        return None
    problems = tuple(code for code in known.problems if not code.endswith("_wijk"))
    reading = judged(replace(known, wijk=fresh.pop(), problems=problems))
    if context.asked:
        return PracticeLetter(PracticeKind.COMPLETED, reading)
    return PracticeLetter(PracticeKind.CORRECTED, reading, ("wijk",))


def _name(
    text: Written, meanings: list[SentenceMeaning], said: Reading, context: _Context
) -> PracticeLetter | None:
    """Another spelling of the name, where a letter speaks of nothing else."""
    known = context.known
    if known is None or known.name in (None, said.name) or said.name is None or said.phone or said.wijk:
        return None
    told = [
        sentence
        for sentence, meaning in zip(text.sentences, meanings, strict=True)
        if meaning.sense not in (StopSense.COURTESY, StopSense.YES)
    ]
    if not told or len(said.name.split()) < 2 or not all(is_of_name(each, said.name) for each in told):
        return None
    if not context.asked and may_be_another(said.name, known.name or "", text):
        return unclear(Topic.OTHER_PATIENT)
    reading = judged(replace(known, name=said.name))
    if context.asked:
        return PracticeLetter(PracticeKind.COMPLETED, reading)
    return PracticeLetter(PracticeKind.CORRECTED, reading, ("name",))


def _by_the_reader(
    text: Written, meanings: list[SentenceMeaning], merged: Reading | None, context: _Context
) -> PracticeLetter:
    """What the reader finds in it beside what is known, where nothing in the letter speaks against it."""
    known = context.known
    unknown = [
        sentence
        for sentence, meaning in zip(text.sentences, meanings, strict=True)
        if meaning.sense is StopSense.UNKNOWN
    ]
    topic = _topic(text)
    if known is None or merged is None:
        return unclear(topic)
    changed = tuple(
        name for name in ("name", "phone", "wijk") if getattr(merged, name) != getattr(known, name)
    )
    if merged.other_phones != known.other_phones and "phone" not in changed:
        changed = (*changed, "phone")
    if "name" in changed and merged.name and are_two(merged.name, text.sentences):
        return unclear(topic)
    if UNREACHABLE in context.asked and (merged.problems or any(each.numbers for each in unknown)):
        return unclear(Topic.NUMBER)
    if context.asked:
        # The reader asks again by itself where the answer leaves a doubt.
        new = merged.problems != known.problems or changed
        return PracticeLetter(PracticeKind.COMPLETED, merged) if new else unclear(topic)
    said = [each.words for each in unknown if denied(each.words) or BROKEN in each.words]
    if (
        said
        or any(each.question or each.numbers or each.wijken for each in unknown)
        or set(merged.problems) - REMARKS
    ):
        return unclear(topic)
    if not (changed or unknown):
        return PracticeLetter(PracticeKind.NOTHING)
    if unknown and (not changed or "name" in changed):
        return unclear(topic)
    # What else is said there, a person reads besides.
    return PracticeLetter(PracticeKind.CORRECTED, merged, changed, topic=Topic.OTHER if unknown else None)


def _topic(text: Written) -> Topic:
    words = {word for each in text.sentences for word in each.words}
    if any(each.numbers for each in text.sentences) or words & {"nummer", "telefoonnummer", "#broken"}:
        return Topic.NUMBER
    return Topic.QUESTION if any(each.question for each in text.sentences) else Topic.OTHER


def _with_consent(letter: PracticeLetter, text: Written, context: _Context) -> PracticeLetter:
    """An answer that says yes to the question for consent, and nothing else, confirms; one that says no is a
    stop: nothing was passed on, and nothing will be."""
    if CONSENT not in context.asked or letter.reading is not None:
        return letter
    unclear_alone = letter.kind is PracticeKind.UNCLEAR and letter.topic is not Topic.NUMBER
    answers = letter.kind is PracticeKind.NOTHING or unclear_alone
    # "Nee" alone may say that nobody asked yet.
    wills = any(_WILL.intersection(each.words) for each in text.sentences)
    if letter.consent is Consent.REFUSED and answers and wills:
        return replace(letter, kind=PracticeKind.STOP, reason=Stop.PATIENT_DECLINED, topic=None)
    if letter.consent is Consent.GIVEN and answers and letter.topic in (None, Topic.QUESTION):
        return replace(letter, kind=PracticeKind.CONFIRMED, topic=None)
    return letter
