"""From the bytes of a mail to a Reading: right, or a question.

Newer text wins over older, per field. A field that is in doubt is None and its problem is named; nothing
of the mail but name, numbers and the wijk's own name is ever in a Reading. Pure: no clock, no files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.reading.alike import fuller, same_person
from gateway.reading.automatic import why_automatic
from gateway.reading.bsn import has_bsn
from gateway.reading.evidence import TOLD
from gateway.reading.fields import Facts, facts
from gateway.reading.message import Message, parse
from gateway.reading.names import name_at, value_name
from gateway.reading.places import Where
from gateway.reading.signature import is_senders, name_words
from gateway.reading.thread import LINE_CHARACTERS, TEXT_CHARACTERS, Passage, clean, passages
from gateway.reading.wijken import Gazetteer
from gateway.reading.words import COMMON, ORGANISATIONS, PROFESSIONS, plain

URGENT_WORDS = frozenset({"spoed", "crisis", "huisuitzetting", "afsluiting"})

_OLDER_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:(?:re|antw|aw|sv|fw|fwd|wg|doorst|doorgest|doorgestuurd|tr"
    r"|vs)\s?(?:\[\d\])?\s?\.?:\s*)+",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d(?:\D?\d){7}")
_FIRST_PERSON = re.compile(r"\b(?:ik|mijn|mij|i|my)\b")
_FOR_ANOTHER = re.compile(
    r"\bmijn (?:moeder|vader|zoon|dochter|man|vrouw|partner|broer|zus|buurman|buurvrouw|oma|opa"
    r"|patient\w*|client\w*|cliente)\b"
    r"[^.]{0,60}\b(?:schuld|hulp|help|geld|aanmeld)\w*"
    r"|\b(?:ik kom bij|ik begeleid|onze client|mijn client|wij begeleiden|ik ben (?:de )?(?:begeleid"
    r"|bewindvoer|wijkverpleeg|casemanager))"
)


class Verdict(StrEnum):
    """What kind of mail it is."""

    REFERRAL = "referral"
    INCOMPLETE = "incomplete"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader found in a mail. Phones are E.164; `wijk` is a canonical gazetteer name.

    `problems` are closed codes: missing_name, missing_phone, missing_wijk, invalid_phone, ambiguous_phone,
    unknown_wijk, ambiguous_wijk, several_patients, and bsn_present, which alone makes nothing incomplete.
    `urgent` says that the referrer's own newest text holds a word that asks for haste.
    """

    verdict: Verdict
    name: str | None = None
    phone: str | None = None
    other_phones: tuple[str, ...] = ()
    wijk: str | None = None
    problems: tuple[str, ...] = ()
    urgent: bool = False


def read(
    raw: bytes,
    gazetteer: Gazetteer,
    practice_phones: frozenset[str] = frozenset(),
    urgent_words: frozenset[str] = URGENT_WORDS,
) -> Reading:
    """A mail by itself. `practice_phones` (E.164) are never taken for a patient's."""
    message = parse(raw)
    if why_automatic(message):
        return Reading(Verdict.IGNORE)
    told = _told(message, gazetteer, practice_phones)
    merged = _merged(told)
    return replace(
        merged,
        problems=(*merged.problems, *(("bsn_present",) if _bsn_in(message) else ())),
        urgent=_is_urgent(told[0].text, urgent_words) if told else False,
    )


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
    if why_automatic(message):
        return known
    own = _own_lines(message)
    said = facts(own, name_words(message.from_names), gazetteer, practice_phones)
    if said.several:
        return Reading(
            Verdict.INCOMPLETE, problems=("several_patients", *_bsn_of(known)), urgent=known.urgent
        )
    name = said.name if said.weight >= TOLD or (said.name and known.name is None) else None
    if name is None and known.name is None and not said.name_conflict:
        name = _bare_name(own, message)
    place = said.wijk
    if place == Where() and known.wijk is None:
        place = _bare_wijk(own, gazetteer)
    if not (name or said.phones or said.phone_problem or place.name or place.problem):
        return replace(known, urgent=known.urgent or _is_urgent(said.text, urgent_words))
    phones = tuple(said.phones)
    problems = {code for code in known.problems if code.endswith(("_phone", "_wijk"))}
    merged = Facts(
        name=fuller(known.name, name)
        if known.name and name and same_person(known.name, name)
        else name or known.name,
        phones=list(phones or (() if said.phone_problem else _phones_of(known))),
        phone_problem=said.phone_problem
        or next((c for c in problems if c in _PHONE_DOUBTS and not phones), None),
        wijk=place
        if place != Where()
        else Where(known.wijk, next((c for c in problems if c in _WIJK_DOUBTS), None)),
    )
    done = _finished(merged)
    return replace(
        done,
        problems=(*done.problems, *(("bsn_present",) if _bsn_of(known) or _bsn_in(message) else ())),
        urgent=known.urgent or _is_urgent(said.text, urgent_words),
    )


_PHONE_DOUBTS = frozenset({"invalid_phone", "ambiguous_phone"})
_WIJK_DOUBTS = frozenset({"unknown_wijk", "ambiguous_wijk"})


def _phones_of(known: Reading) -> tuple[str, ...]:
    return ((known.phone,) if known.phone else ()) + known.other_phones


def _bsn_of(known: Reading) -> tuple[str, ...]:
    return ("bsn_present",) if "bsn_present" in known.problems else ()


def _told(message: Message, gazetteer: Gazetteer, practice_phones: frozenset[str]) -> list[Facts]:
    """The facts of every passage, newest first."""
    older_subject = _OLDER_SUBJECT.match(message.subject)
    subject = clean(message.subject[older_subject.end() :] if older_subject else message.subject)
    sender = name_words(message.from_names)
    parts = [part for text in message.texts for part in passages(text)]
    # A mail's later texts (after an attachment, or a list's footer) are its own as well.
    own = [part for part in parts if part.own]
    older = [part for part in parts if not part.own]
    older += [
        _from_inside(inner, part)
        for inner in message.inside
        for text in inner.texts
        for part in passages(text)
    ]
    own_lines = [line for part in own for line in (*part.lines, "")]
    told = [facts(own_lines, sender, gazetteer, practice_phones, subject="" if older_subject else subject)]
    subjects = [subject] if older_subject else []
    for part in older:
        if _is_ours(part, message):
            continue
        told.append(_older(part, message, sender, gazetteer, practice_phones))
        subjects.append(_OLDER_SUBJECT.sub("", clean(part.subject), count=1))
    for each in dict.fromkeys(s for s in subjects if s):
        told.append(facts([], sender, gazetteer, practice_phones, subject=each))
    return told


def _from_inside(inner: Message, part: Passage) -> Passage:
    if not part.own:
        return part
    name = inner.from_names[0] if inner.from_names else ""
    address = inner.from_addresses[0] if inner.from_addresses else ""
    return Passage(part.lines, name, address, inner.subject)


def _older(
    part: Passage,
    message: Message,
    sender: frozenset[str],
    gazetteer: Gazetteer,
    practice_phones: frozenset[str],
) -> Facts:
    author = name_words([part.author]) | (sender if not part.author else frozenset())
    found = facts(part.lines, author, gazetteer, practice_phones)
    if not _patient_wrote(part, found, message, sender):
        return found
    own = facts(part.lines, frozenset(), gazetteer, practice_phones, patient_speaks=True)
    written = name_at(part.author) or value_name(part.author)
    named = own.name if own.name and written and same_person(own.name, written.text) else None
    return replace_name(
        own, fuller(written.text, named) if written and named else written.text if written else None
    )


def replace_name(found: Facts, name: str | None) -> Facts:
    """The same facts under the writer's own name."""
    found.name, found.weight, found.name_conflict, found.names = name, TOLD + 1, False, []
    found.several = False
    return found


def _patient_wrote(part: Passage, found: Facts, message: Message, sender: frozenset[str]) -> bool:
    """Whether the patient is the author: an outsider who speaks of themself and signs as nobody's employee."""
    if not part.author or found.weight >= TOLD or name_words([part.author]) & sender:
        return False
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    if part.address.rpartition("@")[2] in domains:
        return False
    text = plain("\n".join(part.lines))
    words = set(re.findall(r"[^\W\d_]+", text))
    tail = set(re.findall(r"[^\W\d_]+", plain("\n".join([line for line in part.lines if line.strip()][-6:]))))
    if _FOR_ANOTHER.search(text) or tail & (PROFESSIONS | ORGANISATIONS) - {
        "post",
        "school",
        "team",
        "sociaal",
        "station",
    }:
        return False
    written = name_at(part.author) or value_name(part.author)
    return written is not None and bool(_FIRST_PERSON.search(text)) and len(words) >= 3


def _is_ours(part: Passage, message: Message) -> bool:
    """Whether the gateway itself wrote a passage: nothing in a question is an answer."""
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    ours = {address for address in message.to_addresses if address.rpartition("@")[2] not in domains}
    if part.address:
        return part.address in ours
    names = {plain(name) for name in message.to_names} | {address.partition("@")[0] for address in ours}
    return bool(part.author) and plain(part.author) in names


def _merged(told: list[Facts]) -> Reading:
    """Per field the newest passage that speaks of it."""
    if told and told[0].several:
        return Reading(Verdict.INCOMPLETE, problems=("several_patients",))
    spoken = [
        each
        for each in told
        if each.name or each.phones or each.phone_problem or each.wijk != Where() or each.several
    ]
    if any(each.several for each in told) and not _settled(told):
        return Reading(Verdict.INCOMPLETE, problems=("several_patients",))
    merged = Facts()
    for each in sorted(spoken, key=lambda f: f.weight < TOLD):
        if merged.name is None and each.name:
            merged.name = each.name
        elif merged.name and each.name and same_person(merged.name, each.name):
            merged.name = fuller(merged.name, each.name)
    if told and told[0].name_conflict:
        merged.name = None
    relative = False
    for each in spoken:
        if each.phones or each.phone_problem == "invalid_phone":
            merged.phones, merged.phone_problem = each.phones, each.phone_problem
            break
        relative = relative or each.phone_problem is not None
    if not merged.phones and merged.phone_problem is None and relative:
        merged.phone_problem = "ambiguous_phone"
    for each in spoken:
        if each.wijk != Where():
            merged.wijk = each.wijk
            break
    return _finished(merged)


def _settled(told: list[Facts]) -> bool:
    """Whether newer text names one patient completely, so that an older list doesn't matter."""
    first = told[0]
    return bool(first.name and first.phones and first.wijk.name)


def _finished(merged: Facts) -> Reading:
    problems = []
    if merged.name is None:
        problems.append("missing_name")
    if not merged.phones:
        problems.append(merged.phone_problem or "missing_phone")
    if merged.wijk.name is None:
        problems.append(merged.wijk.problem or "missing_wijk")
    return Reading(
        Verdict.INCOMPLETE if problems else Verdict.REFERRAL,
        merged.name,
        merged.phones[0] if merged.phones else None,
        tuple(merged.phones[1:]),
        merged.wijk.name,
        tuple(problems),
    )


def _own_lines(message: Message) -> list[str]:
    return [
        line for text in message.texts for part in passages(text) if part.own for line in (*part.lines, "")
    ]


def _bare_lines(lines: Iterable[str], message: Message) -> list[str]:
    sender = name_words(message.from_names)
    bare = [line.strip(" .,!-*•\t") for line in lines]
    return [line for line in bare if line and len(line) <= 60 and not is_senders(line, sender)]


def _bare_name(lines: list[str], message: Message) -> str | None:
    """A name that is all an answer's line holds, where a name was asked for."""
    for line in _bare_lines(lines, message)[:2]:
        found = value_name(line)
        if (
            found
            and found.words == 1
            and not found.salutation
            and (len(found.text) < 4 or not found.capitals)
        ):
            continue
        if (
            found
            and found.end >= len(line) - 1
            and not any(w in COMMON for w in plain(line).split()[:1] if not found.salutation)
        ):
            return found.text
    return None


def _bare_wijk(lines: list[str], gazetteer: Gazetteer) -> Where:
    for line in lines[:12]:
        value = line.strip(" .,!?-*•\t")
        if not 2 < len(value) <= 40:
            continue
        found = gazetteer.exact(value) or gazetteer.misspelt(value)
        if found and len(found.names) > 1:
            return Where(None, "ambiguous_wijk")
        if found and not gazetteer.is_gemeente(found.names[0]):
            return Where(found.names[0])
        if found is None and re.fullmatch(r"[1-9]\d{3} ?[A-Za-z]{2}|[1-9]\d{3}", value):
            name = gazetteer.postcode(value[:4])
            return Where(name) if name else Where(None, "unknown_wijk")
    return Where()


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
