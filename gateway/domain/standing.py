"""Which reports of a case still stand: what was taken back counts for nothing.

Pure. It promises to agree with the table of moves: after any run of reports and corrections contact stands
exactly when the case is in contact, so that no correction takes back contact which nobody meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.domain.states import CONTACT, REPORTS, Event

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reported(Generic[T]):
    """One event of a case. `implied` names the report that brought it along; `row` is the caller's."""

    event: Event
    implied: str | None
    row: T


def standing(events: Iterable[Reported[T]]) -> list[Reported[T]]:
    """The reports that were not taken back, in the order of the events."""
    stack: list[Reported[T]] = []
    for one in events:
        if one.event is Event.CORRECTED:
            take_back(stack)
        elif one.event in REPORTS:
            stack.append(one)
    return stack


def take_back(stack: list[Reported[T]]) -> tuple[list[Reported[T]], list[Reported[T]]]:
    """Take from these reports what one correction takes back; gives what was wrong, and what to record anew.

    After contact the table leads back to `contacted`. What was true and stood between, such as the
    appointment below a "did not come" that was wrong, goes from the stack too: it is recorded again then.
    """
    if not stack:
        return [], []
    wrong, anew = [stack.pop()], list[Reported[T]]()
    if stack and wrong[0].event is Event.UNREACHABLE and wrong[0].implied == stack[-1].event:
        wrong.append(stack.pop())
    if in_contact(stack):
        while stack[-1].event not in CONTACT:
            anew.insert(0, stack.pop())
    return wrong, anew


def in_contact(reports: Iterable[Reported[T]]) -> bool:
    """Whether contact is among these reports."""
    return any(one.event in CONTACT for one in reports)
