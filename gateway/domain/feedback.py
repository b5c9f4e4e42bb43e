"""What the referrer is told when something happens: the feedback profiles of the pathways.

It promises THAT, never WHAT: an answer is one of the messages in `messages.Code`. What only the referrer can
solve (a number that doesn't answer, a referral nobody takes) is told under every profile.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.codes import REROUTES, DeclineReason, NextStep, StopOutcome
from gateway.domain.messages import Code
from gateway.domain.pathway import Feedback, Recipient
from gateway.domain.states import CONTACT, Event

_ALWAYS: Final = {
    Event.UNREACHABLE: Code.UNREACHABLE,
    Event.RETURNED: Code.RETURNED,
    Event.WITHDRAWAL_CONFIRMED: Code.WITHDRAWN,
}
_IN_BEELD: Final = _ALWAYS | dict.fromkeys(CONTACT, Code.IN_BEELD)
_STEPS: Final = _IN_BEELD | {
    Event.INTAKE_PLANNED: Code.INTAKE_PLANNED,
    Event.NO_SHOW: Code.NO_SHOW,
    Event.IN_SUPPORT: Code.IN_SUPPORT,
    Event.STOPPED: Code.STOPPED,
}
TOLD: Final[Mapping[Feedback, Mapping[Event, Code]]] = MappingProxyType(
    {
        Feedback.IN_BEELD: _IN_BEELD,
        Feedback.DAT_EN_STOP: _IN_BEELD | {Event.STOPPED: Code.STOPPED},
        Feedback.VERVOLGSTAP: _STEPS,
        Feedback.UITKOMST: _STEPS | {Event.STOPPED: Code.STOPPED_OUTCOME},
        Feedback.GEAGGREGEERD: _ALWAYS,
    }
)
"""Profile -> event -> message. Refusals and corrections depend on more and stand in the functions below."""


def answer(event: Event, feedback: Feedback) -> Code | None:
    """The message for the referrer after this event, if the profile tells it."""
    return TOLD[feedback].get(event)


def answers(
    event: Event, feedback: Feedback, *, outcome: StopOutcome | None = None, next_step: NextStep | None = None
) -> tuple[Code, ...]:
    """The messages after this event with the codes that were reported with it, in order.

    A next step that was agreed to be told comes after "in beeld", and instead of anything else; an outcome
    that was not reported can't be told.
    """
    code = answer(event, feedback)
    if code is None:
        return ()
    if code is Code.STOPPED_OUTCOME and outcome is None:
        code = Code.STOPPED
    if feedback is not Feedback.VERVOLGSTAP or next_step is None or event in _ALWAYS:
        return (code,)
    return (code, Code.NEXT_STEP) if event in CONTACT | {Event.STOPPED} else (Code.NEXT_STEP,)


def answer_to_refusal(reason: DeclineReason, feedback: Feedback, *, has_backup: bool) -> Code | None:
    """The message after an organisation declined: that somebody else calls, that nobody was found yet who
    does, or that nobody needs to."""
    if feedback is Feedback.GEAGGREGEERD:
        return None
    if reason in REROUTES:
        return Code.DECLINED_REROUTED if has_backup else Code.NOBODY_YET
    return Code.NOT_CONTINUED_REASON if feedback is Feedback.UITKOMST else Code.NOT_CONTINUED


def answer_to_correction(told: Code | None) -> Code | None:
    """The message after a report was taken back, given the message that report had led to.

    Who was told nothing, is told nothing now.
    """
    if told is Code.IN_BEELD:
        return Code.CORRECTED
    return Code.CORRECTED_OTHER if told is not None else None


def others_told(tell: tuple[Recipient, ...], feedback: Feedback, reader: Recipient) -> tuple[Recipient, ...]:
    """Who, beside the one who reads it, really hears that a promise was broken.

    Whatever a clock's list says, a referrer who agreed to hear nothing per patient hears nothing.
    """
    silent = {reader} | ({Recipient.REFERRER} if feedback is Feedback.GEAGGREGEERD else set())
    # Team and leader are one organisation: neither is news to the other.
    if reader in (Recipient.TEAM, Recipient.LEAD):
        silent |= {Recipient.TEAM, Recipient.LEAD}
    elif Recipient.TEAM in tell:
        silent |= {Recipient.LEAD}
    return tuple(each for each in Recipient if each in tell and each not in silent)
