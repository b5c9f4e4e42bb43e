"""The referral that a case is about, the kenmerk by which people speak of it, and everything that an
organisation can report of it: the one list that every channel is held to. Pure.

It promises that a Referral never shows itself in a log or a traceback; that a kenmerk says nothing about the
patient, the order or the number of cases; that a word of a report means one event, and a wrong number is a
word of its own in every channel; and that a place's own word for a next step leads to one of the closed
codes.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum.iso7064 import mod_37_36

from gateway.domain.codes import Assessment, DeclineReason, NextStep, StopOutcome
from gateway.domain.pathway import Pathway
from gateway.domain.states import TALKS, Event

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so that nothing is misread."""

_RANDOM_CHARACTERS: Final = 7
_SLIPS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CANONICAL: Final = re.compile(rf"IB-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


@dataclass(frozen=True, slots=True, repr=False)
class Referral:
    """The fields an organisation needs. Phones are E.164; `wijk` is a name of the gazetteer.

    Where that was agreed, the numbers are a parent's, or there is a `place` where the patient is found.
    """

    name: str
    phone: str | None
    other_phones: tuple[str, ...]
    wijk: str
    by_parent: bool = False
    place: str | None = None
    assessment: Assessment | None = None
    """How the referrer judges what the patient can do alone, where that was said."""
    calls_first: bool = False
    """Whether the referrer announced that the patient calls themselves."""

    def __repr__(self) -> str:
        return "Referral(…)"


def new_kenmerk(random_bytes: Callable[[int], bytes]) -> str:
    """A new public reference such as "IB-7K3F-9QXM": 35 random bits and a check character.

    `random_bytes` is `secrets.token_bytes` or its like. Two cases may, once in 10¹⁰, draw the same one: the
    store's unique index tells, and the caller draws again.
    """
    number = int.from_bytes(random_bytes(5), "big")
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in range(_RANDOM_CHARACTERS))
    return _written(body + mod_37_36.calc_check_digit(body, ALPHABET))


def is_kenmerk(text: str) -> bool:
    """Whether the text is a kenmerk exactly as the gateway writes it, check character included."""
    return _CANONICAL.fullmatch(text) is not None and kenmerk_of(text) == text


def kenmerk_of(typed: str) -> str | None:
    """The kenmerk a person meant, or None.

    Forgives lower case, spaces, dashes and dots, a missing "IB", and O/0, I/1 and L/1. The check character
    (ISO 7064, hybrid system, modulus 33 and 32) tells every single wrong character.
    """
    letters = re.sub(r"[\s.\-\u2010-\u2015_\[\]]", "", typed).upper().translate(_SLIPS)
    length = _RANDOM_CHARACTERS + 1
    if len(letters) == length + 2 and letters.startswith("1B"):
        letters = letters[2:]
    if len(letters) != length or not set(letters) <= set(ALPHABET):
        return None
    return _written(letters) if mod_37_36.is_valid(letters, ALPHABET) else None


def names_another(typed: Iterable[str], kenmerk: str) -> bool:
    """Whether one of these, as people typed them, is not this kenmerk: another one, or one with a slip."""
    return any(kenmerk_of(one) != kenmerk for one in typed)


def _written(letters: str) -> str:
    return f"IB-{letters[:4]}-{letters[4:]}"


class ReportWord(StrEnum):
    """What can be reported, by one word: the events of `states.REPORTS`, and a special case of one."""

    COLLECTED = "collected"
    ATTEMPTED = "attempted"
    CONTACTED = "contacted"
    SELF_CONTACT = "self_contact"
    INTAKE_PLANNED = "intake_planned"
    NO_SHOW = "no_show"
    APPOINTMENT_HELD = "appointment_held"
    EXPERT_TALK = "expert_talk"
    THREE_WAY_TALK = "three_way_talk"
    IN_SUPPORT = "in_support"
    STOPPED = "stopped"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    WRONG_NUMBER = "wrong_number"
    """The number is somebody else's or does not exist: the referrer is asked for another at once."""
    WITHDRAWAL_CONFIRMED = "withdrawal_confirmed"
    CORRECTED = "corrected"

    @property
    def event(self) -> Event:
        """The event that it reports."""
        return Event.UNREACHABLE if self is ReportWord.WRONG_NUMBER else Event(self.value)


BY_ITSELF: Final = frozenset({ReportWord.UNREACHABLE})
"""It follows from the attempts, so no channel needs a word for it."""


def everything() -> Iterator[tuple[str, str | None]]:
    """Every report there is: its word, with the code that goes with it where there is one. A next step goes
    with several reports and is a report of its own here."""
    for word in ReportWord:
        if word not in BY_ITSELF | {ReportWord.DECLINED, ReportWord.STOPPED}:
            yield word, None
    yield from ((ReportWord.DECLINED, reason) for reason in DeclineReason)
    yield from ((ReportWord.STOPPED, outcome) for outcome in StopOutcome)
    yield from (("next_step", step) for step in NextStep)


def agreed_talks(pathway: Pathway) -> frozenset[Event]:
    """The conversations that a place agreed on; that a patient came to an appointment is told everywhere."""
    awaited = {event for clock in pathway.clock for event in clock.met_by}
    return frozenset({Event.APPOINTMENT_HELD} | {Event(talk) for talk in TALKS if Event(talk) in awaited})


def step_of(word: str, pathway: Pathway) -> NextStep | None:
    """The code of a next step, by itself or in a place's own words; None if it is neither."""
    plain = _plain(word)
    own = {_plain(each): step.code for step in pathway.next_step for each in step.words}
    return own.get(plain) or next((step for step in NextStep if _plain(step) == plain), None)


def _plain(word: str) -> str:
    bare = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[\s_-]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()
