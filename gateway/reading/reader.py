"""From the bytes of a mail to a Reading: right, or a question.

Newer text wins over older, per field. A field that is in doubt is None and its problem is named; nothing
of the mail but name, numbers and the wijk's own name is ever in a Reading. Pure: no clock, no files.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.reading.mail.automatic import Certainty, automatic
from gateway.reading.mail.message import Message, parse
from gateway.reading.mail.thread import LINE_CHARACTERS, TEXT_CHARACTERS, clean, passages
from gateway.reading.patient.alike import fuller, same_person
from gateway.reading.patient.bsn import has_bsn
from gateway.reading.patient.evidence import TOLD
from gateway.reading.patient.fields import Facts, facts
from gateway.reading.patient.gather import told
from gateway.reading.patient.places import Where
from gateway.reading.patient.signature import is_senders, name_words
from gateway.reading.patient.values import value_name
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import COMMON, plain

URGENT_WORDS = frozenset({"spoed", "crisis", "huisuitzetting", "afsluiting"})

_DIGITS = re.compile(r"\d(?:\D?\d){7}")


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


def known_reading(told: dict[str, object]) -> Reading:
    """A Reading from its own `asdict`. Raises ValueError, KeyError or TypeError if it isn't one."""
    texts = {name: told[name] for name in ("name", "phone", "wijk")}
    lists = {name: told[name] for name in ("other_phones", "problems")}
    if not all(value is None or isinstance(value, str) for value in texts.values()):
        raise TypeError("text or null expected")
    if not all(
        isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value)
        for value in lists.values()
    ):
        raise TypeError("list of text expected")
    return Reading(
        Verdict(str(told["verdict"])),
        name=texts["name"],  # type: ignore[arg-type]
        phone=texts["phone"],  # type: ignore[arg-type]
        other_phones=tuple(lists["other_phones"]),  # type: ignore[arg-type]
        wijk=texts["wijk"],  # type: ignore[arg-type]
        problems=tuple(lists["problems"]),  # type: ignore[arg-type]
        urgent=told["urgent"] is True,
    )


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
        return Reading(Verdict.IGNORE)
    said = told(message, gazetteer, practice_phones)
    merged = _merged(said)
    several = "several_patients" in merged.problems
    if machine and machine.ignores(
        named=several or bool(merged.name), numbered=several or bool(merged.phone)
    ):
        return Reading(Verdict.IGNORE)
    return replace(
        merged,
        problems=(*merged.problems, *(("bsn_present",) if _bsn_in(message) else ())),
        urgent=_is_urgent(said[0].text, urgent_words),
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
    machine = automatic(message)
    if machine and (machine.certainty is Certainty.SURE or machine.about_mail):
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


def _merged(gathered: list[Facts]) -> Reading:
    """Per field the newest passage that speaks of it."""
    if gathered and gathered[0].several:
        return Reading(Verdict.INCOMPLETE, problems=("several_patients",))
    spoken = [
        each
        for each in gathered
        if each.name or each.phones or each.phone_problem or each.wijk != Where() or each.several or each.doubted
    ]
    if any(each.several for each in gathered) and not _settled(gathered):
        return Reading(Verdict.INCOMPLETE, problems=("several_patients",))
    merged = Facts()
    for each in sorted(spoken, key=lambda f: f.weight < TOLD):
        if merged.name is None and each.name:
            merged.name = each.name
        elif merged.name and each.name and same_person(merged.name, each.name):
            merged.name = fuller(merged.name, each.name)
    if gathered and gathered[0].name_conflict:
        merged.name = None
    relative = False
    for each in spoken:
        if each.phones or each.phone_problem == "invalid_phone":
            merged.phones, merged.phone_problem = each.phones, each.phone_problem
            break
        relative = relative or each.phone_problem is not None
        if each.doubted:
            relative = relative or any(other.phones for other in spoken)
            break
    if not merged.phones and merged.phone_problem is None and relative:
        merged.phone_problem = "ambiguous_phone"
    for each in spoken:
        if each.wijk != Where():
            merged.wijk = each.wijk
            break
    return _finished(merged)


def _settled(gathered: list[Facts]) -> bool:
    """Whether newer text names one patient completely, so that an older list doesn't matter."""
    first = gathered[0]
    return bool(first.name and first.phones and first.wijk.name)


def _finished(merged: Facts) -> Reading:
    problems = []
    if merged.name and any(character.isdigit() for character in merged.name):
        # "²" and its like are no digits to a regex, but no letters of a name either.
        merged.name = None
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
