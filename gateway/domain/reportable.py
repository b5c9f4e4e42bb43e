"""Everything that an organisation can report: the one list that every channel is held to.

Pure. It promises that a word means one event, that a wrong number is a word of its own in every channel, and
that a place's own word for a next step leads to one of the closed codes.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.pathway import Pathway
from gateway.domain.states import TALKS, Event


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
