"""What messages say, in groups: what the model of the promises holds them to."""

from gateway.domain.messages import Code
from gateway.pipeline.watch import NOT_TO_CALL

WAITING = frozenset({Code.RECEIPT, Code.RECEIPT_PERSON, Code.NUMBER_PASSED, Code.NUMBER_CONFIRMED})
CHANGED = frozenset({Code.DECLINED_REROUTED, Code.TAKEN_OVER})
LATE = frozenset({Code.OVERDUE_REFERRER, Code.STILL_OVERDUE, Code.CORRECTED, Code.CORRECTED_OTHER})
URGING = frozenset(
    {
        Code.ORG_UNANSWERED,
        Code.ORG_NOT_COLLECTED,
        Code.ORG_WARN,
        Code.ORG_URGE,
        Code.ORG_OVERDUE,
        Code.ORG_STILL_OVERDUE,
    }
)
WHO_CALLS = frozenset({Code.ORG_BACKUP, Code.ORG_TAKEN_OVER, Code.ORG_REACHED, *NOT_TO_CALL})
DATED = frozenset(
    {*URGING, *CHANGED, Code.ORG_BACKUP, Code.ORG_NUMBER_CONFIRMED, Code.NUMBER_PASSED, Code.NUMBER_CONFIRMED}
    | {Code.STILL_OVERDUE, Code.STILL_NOBODY, Code.NOBODY_YET}
)
"""What names the date of the promise of contact."""
OVER = frozenset({Code.RETURNED, Code.GIVEN_UP, Code.UNREACHABLE_ENDED, Code.CLOSED_BY_TIME})
BADLY = frozenset({Code.NUMBER_WRONG, Code.UNREACHABLE, Code.REMINDER_NUMBER})
