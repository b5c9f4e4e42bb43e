"""What the audit trail can tell: the kind of every event in it.

A kind is a word of the trail that is exported and verified for years, so none is renamed. One that is no
longer written stays here for as long as a trail may hold it.

Which reports of a case still stand: what was taken back counts for nothing.

Pure. It promises to agree with the table of moves: after any run of reports and corrections contact stands
exactly when the case is in contact, so that no correction takes back contact which nobody meant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from gateway.domain.states import CONTACT, REPORTS, Event


class AuditEvent(StrEnum):
    """The kind of an event in the audit trail: what it is about, a dot, and what happened."""

    ACCOUNT_APP_CHANGED = "account.app_changed"
    ACCOUNT_BOUND = "account.bound"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_CODES_RENEWED = "account.codes_renewed"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_ENROLLED = "account.enrolled"
    ACCOUNT_INVITATION_REVOKED = "account.invitation_revoked"
    ACCOUNT_INVITED = "account.invited"
    ACCOUNT_LOGGED_OUT = "account.logged_out"
    ACCOUNT_PASSKEY_ADDED = "account.passkey_added"
    ACCOUNT_PASSKEY_REMOVED = "account.passkey_removed"
    ACCOUNT_PASSKEY_RENAMED = "account.passkey_renamed"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"
    ACCOUNT_PROVISIONED = "account.provisioned"
    ACCOUNT_RECOVERY_USED = "account.recovery_used"
    ACCOUNT_REMOVED = "account.removed"
    ACCOUNT_RESET = "account.reset"
    ALARM = "alarm"
    ANSWER_SHOWN = "answer.shown"
    AUDIT_EXPORTED = "audit.exported"
    BACKUP_MADE = "backup.made"
    BACKUP_NONE = "backup.none"
    BOARD_CASE_SHOWN = "board.case_shown"
    BOARD_LIST_EXPORTED = "board.list_exported"
    FIGURES_MAILED = "figures.mailed"
    CASE_APPOINTMENT_HELD = "case.appointment_held"
    CASE_ATTEMPTED = "case.attempted"
    CASE_CLOSED = "case.closed"
    CASE_COLLECTED = "case.collected"
    CASE_CONTACTED = "case.contacted"
    CASE_CORRECTED = "case.corrected"
    CASE_DECLINED = "case.declined"
    CASE_DELIVERED = "case.delivered"
    CASE_EXPERT_TALK = "case.expert_talk"
    CASE_IN_SUPPORT = "case.in_support"
    CASE_INFO_GIVEN = "case.info_given"
    CASE_INTAKE_PLANNED = "case.intake_planned"
    CASE_NEEDS_INFO = "case.needs_info"
    CASE_NO_SHOW = "case.no_show"
    CASE_QUARANTINED = "case.quarantined"
    CASE_RECEIVED = "case.received"
    CASE_REFUSED = "case.refused"
    CASE_RELEASED = "case.released"
    CASE_REROUTED = "case.rerouted"
    CASE_JOINED = "case.joined"
    CASE_RETURNED = "case.returned"
    CASE_ROUTED = "case.routed"
    CASE_SELF_CONTACT = "case.self_contact"
    CASE_STOPPED = "case.stopped"
    CASE_THREE_WAY_TALK = "case.three_way_talk"
    CASE_UNREACHABLE = "case.unreachable"
    CASE_WITHDRAWAL_CONFIRMED = "case.withdrawal_confirmed"
    CASE_WITHDRAWN = "case.withdrawn"
    CLOCK_FIRED = "clock.fired"
    CONSENT_STATED = "consent.stated"
    DATABASE_MIGRATED = "database.migrated"
    DATABASE_MOVED = "database.moved"
    DELIVERY_DISMISSED = "delivery.dismissed"
    DELIVERY_HELD = "delivery.held"
    DELIVERY_LATE = "delivery.late"
    DELIVERY_RETRIED = "delivery.retried"
    DELIVERY_SENT = "delivery.sent"
    DIRECTORY_CHANGED = "directory.changed"
    DIRECTORY_IMPORTED = "directory.imported"
    GATEWAY_PAUSED = "gateway.paused"
    GATEWAY_RESTORED = "gateway.restored"
    GATEWAY_RESUMED = "gateway.resumed"
    INBOX_OPENED = "inbox.opened"
    INBOX_LABELLED = "inbox.labelled"
    INBOX_SHOWN = "inbox.shown"
    KEY_ADOPTED = "key.adopted"
    KEY_DESTROYED = "key.destroyed"
    KEY_IMPORTED = "key.imported"
    KEY_MADE = "key.made"
    KEY_RETIRED = "key.retired"
    KEY_ROTATED = "key.rotated"
    KEY_WRAPPED = "key.wrapped"
    LETTER_DEALT = "letter.dealt"
    LETTER_EXPIRED = "letter.expired"
    LETTER_KEPT = "letter.kept"
    LETTER_SHOWN = "letter.shown"
    LOGIN_ENDED = "login.ended"
    LOGIN_FAILED = "login.failed"
    LOGIN_LOCKED = "login.locked"
    LOGIN_SUCCEEDED = "login.succeeded"
    MAIL_ADDITION = "mail.addition"
    MAIL_CASE = "mail.case"
    MAIL_IGNORED = "mail.ignored"
    MAIL_QUARANTINE = "mail.quarantine"
    MAIL_QUESTION = "mail.question"
    MAIL_SPLIT = "mail.split"
    MAILBOX_COLLECTED = "mailbox.collected"
    MAILBOX_DECLINED = "mailbox.declined"
    MAILBOX_EXTENDED = "mailbox.extended"
    MAILBOX_GIVEN_BACK = "mailbox.given_back"
    MAILBOX_HELD = "mailbox.held"
    MAILBOX_LEASE_LOST = "mailbox.lease_lost"
    MAILBOX_LEASED = "mailbox.leased"
    NOTICE_DROPPED = "notice.dropped"
    NUDGE_DROPPED = "nudge.dropped"
    ORDER_PLACED = "order.placed"
    ORDER_REFUSED = "order.refused"
    QUARANTINE_SHOWN = "quarantine.shown"
    REFERRAL_ADDED = "referral.added"
    REFERRAL_CORRECTED = "referral.corrected"
    REFERRAL_WITHDRAWN = "referral.withdrawn"
    REPORT_REPEATED = "report.repeated"
    REPORT_SUPERSEDED = "report.superseded"
    SENDER_ALLOWED = "sender.allowed"
    SENDER_REVOKED = "sender.revoked"
    STOP_PASSED = "stop.passed"
    TAKING_HANDED = "taking.handed"
    TAKING_RELEASED = "taking.released"
    TAKING_TAKEN = "taking.taken"
    TOKEN_MADE = "token.made"
    TOKEN_REVOKED = "token.revoked"

    @classmethod
    def of_case(cls, event: Event) -> "AuditEvent":
        """The kind that tells of a move of a case."""
        return cls(f"case.{event}")

    @classmethod
    def of_mail(cls, outcome: str) -> "AuditEvent":
        """The kind that tells how a mail ended, by its outcome."""
        return cls(f"mail.{outcome}")


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
