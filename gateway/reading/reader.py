"""From the bytes of a mail to a Reading: right, or a question.

Newer text wins over older, per field, and never fills in from a passage about somebody else. The mail's
views (subject, plain, HTML, attached text) must agree. A field that is in doubt is None and its problem is
named; nothing of the mail but name, numbers and the wijk's own name is ever in a Reading. Pure: no clock, no
files.
"""

import re
from dataclasses import replace

from gateway.reading.approach import assessment_in, calls_first
from gateway.reading.mail.attachment import opened
from gateway.reading.mail.automatic import Certainty, answers_invitation, automatic
from gateway.reading.mail.message import Message, ViewKind, parse
from gateway.reading.mail.thread import LINE_CHARACTERS, TEXT_CHARACTERS, clean
from gateway.reading.mail.wrapping import FILES_ALONE, Unopened
from gateway.reading.patient.alike import fuller, same_person, twins
from gateway.reading.patient.answer import answered, renamed_in
from gateway.reading.patient.bsn import has_bsn
from gateway.reading.patient.evidence import ADDRESSED
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.fields import facts
from gateway.reading.patient.gather import told
from gateway.reading.patient.labels import spelt
from gateway.reading.patient.lexicon import is_doubtful, is_thing
from gateway.reading.patient.merging import corrects, merged
from gateway.reading.patient.phones import is_mobile, mask, numbers
from gateway.reading.patient.places import Where
from gateway.reading.patient.signature import name_words
from gateway.reading.patient.vocabulary import kind_of_short
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import plain
from gateway.reading.record import URGENT_WORDS, PatientRecord, Reading, Verdict

_DIGITS = re.compile(r"\d(?:\D?\d){7}")


def read(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str] = frozenset(),
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> Reading:
    """A mail by itself. `practice_phones` (E.164) are never taken for a patient's."""
    message = parse(raw)
    machine = automatic(message)
    if machine and machine.certainty is Certainty.SURE:
        return Reading(Verdict.IGNORE, ignored=machine.sign)
    if answers_invitation(message):
        message = replace(message, subject="")
    said = told(message, gazetteer, practice_phones)
    found = merged(said)
    empty = not (found.several or found.name or found.phones or found.phone_problem)
    stands_in = any(map(_STANDS_IN.search, message.texts))
    if empty or (stands_in and not (found.wijk.name or found.phones)):
        # "Uw programma kan dit bericht niet tonen": then what it says is in the view that was not chosen.
        for view in _unchosen(message):
            beside = told(view, gazetteer, practice_phones)
            if merged(beside).name or merged(beside).phones:
                kept = tuple(each for each in view.views if not (stands_in and each.text in message.texts))
                message, said, found = replace(view, views=kept), beside, merged(beside)
                break
    unread = not (found.several or found.phone_problem or (found.name and found.phones))
    if unread:
        # The text holds no referral: it may stand in a file.
        message = opened(message)
        if attached := _attached(message):
            beside = told(replace(message, texts=(attached,), inside=()), gazetteer, practice_phones)[:1]
            found = merged(said + beside)
            filed = merged(beside)
            # An address' postcode may have more than one wijk.
            filed = filed if filed.wijk.labelled else replace(filed, wijk=Where())
            if not found.several:
                found = _agreed(found, filed)
                if found.wijk.problem and not merged(said).name:
                    # The text tells of somebody from elsewhere: the file's patient may be another.
                    found = Facts(phone_problem="ambiguous_phone", wijk=found.wijk, text=found.text)
    several = found.several
    if found.phones and _is_newsletter(message, said):
        # Whoever is named there is whom to call for what it announces.
        found = replace(found, phones=[], phone_problem="ambiguous_phone", choices=())
    if machine and machine.ignores(named=several or bool(found.name), numbered=several or bool(found.phones)):
        return Reading(Verdict.IGNORE, ignored=machine.sign)
    if found.phones and "?" in said[0].text and found.wijk == Where() and not (found.name or several):
        # "Wat hebt u nodig? Bellen mag ook: 036-…": who asks and tells of no patient gives their own.
        found = replace(found, phones=[], choices=())
    if found.phones and any(_RECALLS.search(plain(text)) for text in message.texts):
        # Whoever is named there is a patient who is taken back.
        found = replace(found, phones=[], phone_problem="ambiguous_phone", choices=())
    if not several:
        for view in _other_views(message):
            found = _agreed(found, merged(told(view, gazetteer, practice_phones)))
        if found.phones and not unread:
            found = _agreed_with_files(found, opened(message), gazetteer, practice_phones)
    unopened = None if several else _shut(found, message.unopened)
    if unopened:
        # Who is named in a notice is who sent it.
        found = Facts(text=found.text)
    reading = _reading(found, message, gazetteer, urgent=_is_urgent(said[0].text, urgent_words))
    if reading.patients or several:
        return replace(reading, unopened=unopened)
    judged, calls = assessment_in(said[0].text), calls_first(said[0].text, reading.name) is True
    return replace(reading, unopened=unopened, assessment=judged, calls_first=calls)


# What a program puts in the place of a text that it gives as HTML alone.
_STANDS_IN = re.compile(r"(?i)\bhtml\b|\b(?:e-?)?mail-?(?:programma|client|app)\b[^.]{0,60}\b(?:niet|geen)\b")
_UNSUBSCRIBES = re.compile(
    r"\b(?:afmelden|uitschrijven|unsubscribe)\b[^\n]{0,40}(?:https?:|$)|u ontvangt de(?:ze|ze e-?mail) "
    r"|(?:reageren|antwoorden) (?:\w+ ){0,4}is niet mogelijk|\bbeantwoord (?:deze|dit) [a-z-]+ niet\b"
    r"|\bniet (?:te )?beantwoorden\b"
)
_OF_PATIENT = re.compile(
    r"\b(?:patient|client)|\b(?:heeft|wil|zoekt|graag|kampt|vraagt)\b[^.]{0,50}\b(?:schuld|hulp|geld|begeleid)"
)


_RECALLS = re.compile(
    r"\bwil(?:de)? (?:het|dit|een) (?:bericht|e-?mail)\b.{0,200}\b(?:intrekken|terughalen|terugroepen)\b"
    r"|\bwould like to recall the message\b",
    re.DOTALL,
)


def _is_newsletter(message: Message, said: list[Facts]) -> bool:
    """Whether the text offers to leave its list, or says that nobody wrote it, and tells of no patient."""
    texts = [plain(text) for text in (message.subject, *message.texts)]
    leaves = any(map(_UNSUBSCRIBES.search, texts))
    return leaves and not (
        any(map(_OF_PATIENT.search, texts)) and max(each.weight for each in said) >= ADDRESSED
    )


def forget() -> None:
    """Drops the words of mails that are kept so that nothing is looked up twice: surnames are among them."""
    for judged in (is_doubtful, is_thing, kind_of_short, spelt):
        judged.cache_clear()


def _shut(found: Facts, unopened: Unopened | None) -> Unopened | None:
    """Why the mail says nothing, where it doesn't: no number, and nobody who is named with a wijk."""
    if unopened is None or found.phones or found.phone_problem:
        return None
    return None if found.name and (found.wijk.name or unopened in FILES_ALONE) else unopened


def complete(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str],
    known: Reading,
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> Reading:
    """What is known, with an answer in its thread: only the answer's own text counts, and it wins.

    A reply that adds nothing, or that a machine wrote, leaves everything as it was.
    """
    message = parse(raw)
    machine = automatic(message)
    if machine and (machine.certainty is Certainty.SURE or machine.about_mail):
        return replace(known, unopened=None)
    own = [line for part in message.passages if part.own for line in (*part.lines, "")]
    sender = name_words(message.from_names)
    said = facts(own, sender, gazetteer, practice_phones, patient=known.name)
    urgent = known.urgent or _is_urgent(said.text, urgent_words)
    judged = assessment_in(said.text) or known.assessment
    announced = calls_first(said.text, known.name)
    calls = known.calls_first if announced is None else announced
    bsn = "bsn_present" in known.problems
    answer = _answer(said, own, sender, gazetteer, known)
    if answer == Facts(text=answer.text):
        # The text says nothing: it may stand in a file.
        message = opened(message)
        said = facts(_attached(message).split("\n"), sender, gazetteer, practice_phones)
        answer = _answer(said, [], sender, gazetteer, known)
    if answer.several:
        return _reading(said, message, gazetteer, urgent=urgent, bsn=bsn)
    if answer == Facts(text=answer.text):
        kept_as = replace(known, assessment=judged, calls_first=calls)
        return replace(kept_as, urgent=urgent, unopened=message.unopened)
    kept = _kept(known)
    another = known.name and answer.name and not same_person(known.name, answer.name)
    if another and not (corrects(said.text) or renamed_in(said.text, known.name or "")):
        # Somebody else is named, and nobody said that the name was wrong.
        if answer.phones:
            return _reading(Facts(several=True), message, gazetteer, urgent=urgent, bsn=bsn)
        answer, kept = replace(answer, name=None), replace(kept, name=None)
    done = Facts(
        name=fuller(known.name, answer.name)
        if known.name and answer.name and same_person(known.name, answer.name)
        else answer.name or kept.name,
        phones=answer.phones or ([] if answer.phone_problem or answer.doubted else kept.phones),
        phone_problem=answer.phone_problem
        or ("ambiguous_phone" if answer.doubted and kept.phones else None)
        or (None if answer.phones else kept.phone_problem),
        choices=answer.choices or (() if answer.phones or answer.phone_problem else known.choices),
        wijk=answer.wijk if answer.wijk != Where() else kept.wijk,
    )
    made = _reading(done, message, gazetteer, urgent=urgent, bsn=bsn)
    return replace(made, assessment=judged, calls_first=calls)


def _answer(
    said: Facts, own: list[str], sender: frozenset[str], gazetteer: Gazetteer, known: Reading
) -> Facts:
    if said.several:
        return said
    placed, phoned = known.wijk is not None, known.phone is not None
    return answered(
        said, own, sender, gazetteer, known.offered, named=known.name, placed=placed, phoned=phoned
    )


def _kept(known: Reading) -> Facts:
    """What was known, as the facts of one more passage."""
    problems = set(known.problems)
    return Facts(
        name=known.name,
        phones=[phone for phone in (known.phone, *known.other_phones) if phone],
        phone_problem=next((code for code in ("invalid_phone", "ambiguous_phone") if code in problems), None),
        wijk=Where(known.wijk, next((c for c in ("unknown_wijk", "ambiguous_wijk") if c in problems), None)),
    )


def _reading(
    found: Facts, message: Message, gazetteer: Gazetteer, *, urgent: bool, bsn: bool = False
) -> Reading:
    """The facts as a Reading, with a problem for each that is missing or in doubt."""
    seen = ("bsn_present",) if bsn or _bsn_in(message) else ()
    if found.several:
        records = tuple(
            PatientRecord(each.name, each.phones[0], tuple(each.phones[1:]), wijk)
            for each in found.records
            if each.name and each.phones and (wijk := _wijk(each, gazetteer))
        )
        problems = ("several_patients", *seen)
        return Reading(Verdict.INCOMPLETE, problems=problems, urgent=urgent, patients=records)
    # "²" and its like are no digits to a regex, but no letters of a name either.
    name = None if found.name and any(character.isdigit() for character in found.name) else found.name
    problems = (
        *(("missing_name",) if name is None else ()),
        *((found.phone_problem or "missing_phone",) if not found.phones else ()),
        *((found.wijk.problem or "missing_wijk",) if (wijk := _wijk(found, gazetteer)) is None else ()),
    )
    choices = found.choices if "ambiguous_phone" in problems and len(found.choices) <= 3 else ()
    return Reading(
        Verdict.INCOMPLETE if problems else Verdict.REFERRAL,
        name,
        found.phones[0] if found.phones else None,
        tuple(found.phones[1:]),
        wijk,
        (*problems, *seen),
        urgent,
        choices,
    )


def _wijk(found: Facts, gazetteer: Gazetteer) -> str | None:
    """The wijk that was named; where nobody need name one, and nobody named a doubtful one, the gemeente."""
    return found.wijk.name or (gazetteer.only if found.wijk == Where() else None)


def _attached(message: Message) -> str:
    """What stands in the files of a mail and of those inside it: one passage, so that two patients show."""
    texts = [view.text for view in message.views if view.kind is ViewKind.ATTACHMENT]
    return "\n\n".join(filter(None, (*texts, *map(_attached, message.inside))))


def _other_views(message: Message) -> list[Message]:
    """The mail as others may see it: by a text that was not chosen, where that holds other numbers."""
    unseen = _unchosen(message)
    shown = _numbers_in(message.texts) if unseen else frozenset()
    return [view for view in unseen if (found := _numbers_in(view.texts)) and found != shown][:2]


def _unchosen(message: Message) -> list[Message]:
    """The mail with each of its texts that was not chosen in the place of the one that was."""
    chosen = {text for text in message.texts if text.strip()}
    return [
        replace(message, texts=(view.text,))
        for view in message.views
        if view.kind in {ViewKind.PLAIN, ViewKind.HTML} and view.text not in chosen
    ]


def _numbers_in(texts: tuple[str, ...]) -> frozenset[str]:
    found = (numbers(mask(line[:LINE_CHARACTERS])) for text in texts for line in clean(text).split("\n"))
    return frozenset(e164 for each in found for e164, _, _ in each if e164)


def _agreed(found: Facts, other: Facts) -> Facts:
    """What two views say alike; where both say something and it differs, neither counts."""
    if other.several:
        return Facts(several=True)
    if other.phones and found.phones and set(other.phones) != set(found.phones):
        found = replace(
            found,
            phones=[],
            phone_problem="ambiguous_phone",
            choices=tuple(dict.fromkeys([*found.phones, *other.phones])),
        )
    elif found.phones and other.phone_problem == "ambiguous_phone":
        found = replace(found, phones=[], phone_problem="ambiguous_phone", choices=other.choices)
    if other.name and found.name and not same_person(found.name, other.name):
        found = replace(found, name=None)
    if other.wijk.name and found.wijk.name and other.wijk.name != found.wijk.name:
        found = replace(found, wijk=Where(None, "ambiguous_wijk"))
    return found


def _agreed_with_files(
    found: Facts, message: Message, gazetteer: Gazetteer, practice_phones: frozenset[str]
) -> Facts:
    """What the text says, unless a file beside it gives the same patient's number with other figures.

    A file may hold any number of other people's: only one that is nearly the text's, or that it binds to the
    patient of the text while both are mobile numbers, speaks against it.
    """
    if not (attached := _attached(message)):
        return found
    shown = _numbers_in((attached,)) - set(found.phones) - practice_phones
    against = [phone for phone in sorted(shown) if twins([*found.phones, phone])]
    if shown and not set(found.phones) & _numbers_in((attached,)):
        other = merged(told(replace(message, texts=(attached,), inside=()), gazetteer, practice_phones)[:1])
        if other.name and found.name and same_person(found.name, other.name):
            against += [p for p in other.phones if is_mobile(p) and any(map(is_mobile, found.phones))]
    if not against:
        return found
    choices = tuple(dict.fromkeys([*found.phones, *against]))
    return replace(found, phones=[], phone_problem="ambiguous_phone", choices=choices)


def _bsn_in(message: Message) -> bool:
    texts = [
        message.subject,
        *message.texts,
        *(t for inner in message.inside for t in (inner.subject, *inner.texts)),
    ]
    lines = (line[:LINE_CHARACTERS] for text in texts for line in text[:TEXT_CHARACTERS].split("\n"))
    return any(has_bsn(clean(line)) for line in lines if _DIGITS.search(line))


def _is_urgent(text: str, urgent_words: frozenset[str]) -> bool:
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", plain(text))
    wanted = {plain(word) for word in urgent_words}
    return any(
        word in wanted and not (at and words[at - 1] in {"geen", "niet"}) for at, word in enumerate(words)
    )
