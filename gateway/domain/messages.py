"""Which messages there are, and what each may say beside its own words.

It promises that no placeholder stands for anything of the patient: every one comes from configuration, a
closed code, the kenmerk or a clock, and a test holds the set of them fixed. The one exception is agreed:
`digits`, the last two of a number, by which a referrer sees a mistake at a glance.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Code(StrEnum):
    """Every message the gateway can send."""

    RECEIPT = "receipt"
    RECEIPT_PERSON = "receipt_person"
    RECEIPT_ONLY = "receipt_only"
    IN_BEELD = "in_beeld"
    NEXT_STEP = "next_step"
    INTAKE_PLANNED = "intake_planned"
    NO_SHOW = "no_show"
    IN_SUPPORT = "in_support"
    STOPPED = "stopped"
    STOPPED_OUTCOME = "stopped_outcome"
    QUESTION = "question"
    REMINDER_QUESTION = "reminder_question"
    GIVEN_UP = "given_up"
    UNREACHABLE = "unreachable"
    UNREACHABLE_ENDED = "unreachable_ended"
    DECLINED_REROUTED = "declined_rerouted"
    TAKEN_OVER = "taken_over"
    NOBODY_YET = "nobody_yet"
    STILL_NOBODY = "still_nobody"
    STILL_OVERDUE = "still_overdue"
    RECEIPT_WAITING = "receipt_waiting"
    NUMBER_PASSED = "number_passed"
    NUMBER_CONFIRMED = "number_confirmed"
    REMINDER_NUMBER = "reminder_number"
    CLOSES_SOON = "closes_soon"
    CLOSED_BY_TIME = "closed_by_time"
    WITHDRAWAL_UNCONFIRMED = "withdrawal_unconfirmed"
    QUARANTINE_ENDED = "quarantine_ended"
    NOT_CONTINUED = "not_continued"
    NOT_CONTINUED_REASON = "not_continued_reason"
    RETURNED = "returned"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    WITHDRAWN = "withdrawn"
    NO_CONSENT = "no_consent"
    WITHDRAWAL_LATE = "withdrawal_late"
    REST_READ = "rest_read"
    CONTACT_WITHDRAWN = "contact_withdrawn"
    WITHDRAWN_SHARED = "withdrawn_shared"
    STOP_PASSED = "stop_passed"
    CORRECTION_PASSED = "correction_passed"
    CORRECTION_LATE = "correction_late"
    NOT_UNDERSTOOD = "not_understood"
    NUMBER_WRONG = "number_wrong"
    OVERDUE_REFERRER = "overdue_referrer"
    CORRECTED = "corrected"
    CORRECTED_OTHER = "corrected_other"
    DUPLICATE = "duplicate"
    DUPLICATE_ONLY = "duplicate_only"
    STATUS = "status"
    STATUS_DONE = "status_done"
    STATUS_NONE = "status_none"
    THANKS = "thanks"
    ON_PAGE = "on_page"
    """That there is an answer, for a practice that reads on a page."""
    UNOPENED_RPMSG = "unopened_rpmsg"
    UNOPENED_SMIME_OTHER_KEY = "unopened_smime_other_key"
    UNOPENED_PGP_OTHER_KEY = "unopened_pgp_other_key"
    UNOPENED_PASSWORD = "unopened_password"  # noqa: S105 (no secret, a code)
    UNOPENED_PORTAL = "unopened_portal"
    UNOPENED_TNEF = "unopened_tnef"
    UNOPENED_SCAN = "unopened_scan"
    UNOPENED_ATTACHMENT_KIND = "unopened_attachment_kind"
    QUARANTINED = "quarantined"
    SENDER_UNKNOWN = "sender_unknown"
    PASSED_OVER = "passed_over"
    WAITING_LIST = "waiting_list"
    CALLS_FIRST = "calls_first"
    NOTE = "note"
    NOTE_HINT = "note_hint"
    ORG_ARRIVED = "org_arrived"
    ORG_WARN = "org_warn"
    ORG_URGE = "org_urge"
    ORG_OVERDUE = "org_overdue"
    ORG_STILL_OVERDUE = "org_still_overdue"
    ORG_CLOSES_SOON = "org_closes_soon"
    ORG_CLOSED = "org_closed"
    ORG_OUTCOME = "org_outcome"
    ORG_NOT_COLLECTED = "org_not_collected"
    ORG_UNANSWERED = "org_unanswered"
    ORG_CLOCK = "org_clock"
    ORG_CALLS_FIRST = "org_calls_first"
    ORG_TAKEN_OVER = "org_taken_over"
    ORG_REACHED = "org_reached"
    ORG_UNREACHED = "org_unreached"
    ORG_BACKUP = "org_backup"
    ORG_WITHDRAWN = "org_withdrawn"
    ORG_STOP = "org_stop"
    ORG_CORRECTED = "org_corrected"
    ORG_NUMBER_CONFIRMED = "org_number_confirmed"
    ORG_DUPLICATE = "org_duplicate"
    REPORT_UNCLEAR = "report_unclear"
    REPORT_THANKS = "report_thanks"
    ADMIN_DIGEST = "admin_digest"
    ADMIN_HEAD = "admin_head"
    PRACTICE_FIGURES = "practice_figures"


class Ask(StrEnum):
    """What the referrer can be asked, in the reader's words for problems, and what they are told with it."""

    SEVERAL_PATIENTS = "several_patients"
    UNREADABLE = "unreadable"
    MISSING_NAME = "missing_name"
    AMBIGUOUS_NAME = "ambiguous_name"
    MISSING_PHONE = "missing_phone"
    INVALID_PHONE = "invalid_phone"
    CHOOSE_PHONE = "choose_phone"
    """Which of the numbers in the mail, shown by their last figures."""
    CONFIRM_PHONE = "confirm_phone"
    """Whether the only number in the mail is the patient's, shown by its last figures."""
    AMBIGUOUS_PHONE = "ambiguous_phone"
    MISSING_PLACE = "missing_place"
    MISSING_WIJK = "missing_wijk"
    UNKNOWN_WIJK = "unknown_wijk"
    AMBIGUOUS_WIJK = "ambiguous_wijk"
    MISSING_THEME = "missing_theme"
    """Which of the themes that are taken from there, shown by their titles."""
    MISSING_CONSENT = "missing_consent"
    BSN_PRESENT = "bsn_present"


class ItemKind(StrEnum):
    """What a line of the administrator's digest is about."""

    COLLECT = "collect"
    CALLS_FIRST = "calls_first"
    WARN = "warn"
    URGE = "urge"
    CONTACT = "contact"
    BACKUP = "backup"
    CLOCK = "clock"
    OVERDUE = "overdue"
    NOBODY = "nobody"
    WITHDRAWAL = "withdrawal"
    STEP = "step"
    QUARANTINE = "quarantine"
    CLOSING = "closing"
    GIVE_UP = "give_up"
    HELD = "held"
    NO_ROUTE = "no_route"
    RETURNED = "returned"
    QUARANTINED = "quarantined"
    KEY_EXPIRES = "key_expires"
    BOARD_KEY = "board_key"
    LATE = "late"
    STORM = "storm"
    TROUBLE = "trouble"
    LETTER = "letter"
    ALERT_LATE = "alert_late"
    UNKNOWN_WORD = "unknown_word"
    STATUS_UNREAD = "status_unread"


_SUPPLIED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "receipt": "kenmerk organisation date practice link digits finding",
        "receipt_person": "kenmerk organisation date practice link contact_person digits finding",
        "receipt_only": "kenmerk organisation date practice link digits finding",
        "receipt_waiting": "kenmerk practice link digits finding",
        "number_passed": "kenmerk organisation date practice link digits",
        "number_confirmed": "kenmerk organisation date practice link",
        "in_beeld": "kenmerk organisation date practice link",
        "next_step": "kenmerk organisation practice link next_step",
        "intake_planned": "kenmerk organisation practice link",
        "no_show": "kenmerk organisation practice link",
        "in_support": "kenmerk organisation practice link",
        "stopped": "kenmerk organisation practice link",
        "stopped_outcome": "kenmerk organisation practice link outcome",
        "question": "kenmerk practice questions example",
        "reminder_question": "kenmerk practice questions example date",
        "given_up": "kenmerk practice",
        "unreachable": "kenmerk organisation practice link finding",
        "unreachable_ended": "kenmerk organisation practice",
        "declined_rerouted": "kenmerk organisation backup date practice link",
        "taken_over": "kenmerk organisation backup date practice link",
        "nobody_yet": "kenmerk organisation date practice link",
        "still_nobody": "kenmerk date practice link",
        "still_overdue": "kenmerk organisation date practice link",
        "reminder_number": "kenmerk organisation date practice link finding",
        "closes_soon": "kenmerk date practice link",
        "closed_by_time": "kenmerk practice",
        "withdrawal_unconfirmed": "kenmerk organisation practice",
        "quarantine_ended": "",
        "not_continued": "kenmerk organisation practice",
        "not_continued_reason": "kenmerk organisation practice reason",
        "returned": "kenmerk practice",
        "withdrawal_asked": "kenmerk organisation practice",
        "withdrawn": "kenmerk practice",
        "no_consent": "kenmerk practice",
        "withdrawal_late": "kenmerk organisation practice",
        "contact_withdrawn": "kenmerk organisation practice",
        "stop_passed": "kenmerk organisation practice stop",
        "correction_passed": "kenmerk organisation practice digits",
        "rest_read": "",
        "correction_late": "kenmerk organisation practice",
        "not_understood": "kenmerk practice",
        "number_wrong": "kenmerk organisation practice link finding",
        "overdue_referrer": "kenmerk organisation date practice link told",
        "corrected": "kenmerk organisation practice",
        "corrected_other": "kenmerk organisation practice state",
        "withdrawn_shared": "kenmerk organisation practice",
        "duplicate": "kenmerk organisation practice",
        "duplicate_only": "kenmerk organisation practice",
        "status": "kenmerk organisation date practice link state",
        "status_done": "kenmerk organisation practice link state",
        "status_none": "kenmerk organisation practice",
        "thanks": "kenmerk practice",
        "on_page": "practice link",
        "unopened_rpmsg": "kenmerk practice",
        "unopened_smime_other_key": "kenmerk practice",
        "unopened_pgp_other_key": "kenmerk practice",
        "unopened_password": "kenmerk practice",
        "unopened_portal": "kenmerk practice",
        "unopened_tnef": "kenmerk practice",
        "unopened_scan": "kenmerk practice",
        "unopened_attachment_kind": "kenmerk practice",
        "quarantined": "",
        "sender_unknown": "",
        "passed_over": "organisation backup",
        "waiting_list": "organisation weeks",
        "calls_first": "organisation date until public_phone",
        "note": "kenmerk organisation date",
        "note_hint": "kenmerk organisation date hint",
        "org_arrived": "kenmerk organisation date link",
        "org_warn": "kenmerk organisation date link report",
        "org_urge": "kenmerk organisation date link",
        "org_overdue": "kenmerk organisation date link told",
        "org_not_collected": "kenmerk organisation date link",
        "org_clock": "kenmerk organisation date link step answer report",
        "org_still_overdue": "kenmerk organisation date link report",
        "org_unanswered": "kenmerk organisation date link",
        "org_calls_first": "kenmerk organisation date link report",
        "org_closes_soon": "kenmerk organisation date link report",
        "org_closed": "kenmerk organisation",
        "org_outcome": "kenmerk organisation link report",
        "org_taken_over": "kenmerk organisation backup",
        "org_reached": "kenmerk organisation backup",
        "org_unreached": "kenmerk organisation backup date",
        "org_backup": "kenmerk organisation date",
        "org_withdrawn": "kenmerk organisation again",
        "org_stop": "kenmerk organisation stop again",
        "org_corrected": "kenmerk organisation",
        "org_number_confirmed": "kenmerk organisation date",
        "org_duplicate": "kenmerk organisation",
        "report_unclear": "kenmerk organisation link talks",
        "report_thanks": "kenmerk organisation",
        "admin_digest": "items count link",
        "admin_head": "head",
        "practice_figures": "practice quarter year below own_received own_contacted own_on_time own_met "
        "own_unreachable all_received all_contacted all_on_time all_met all_unreachable",
    }
)
PLACEHOLDERS: Final[Mapping[Code, frozenset[str]]] = MappingProxyType(
    {
        # What is said with a date may be said in words that are right before and after it.
        Code(code): frozenset(names.split()) | ({"when", "term"} if "date" in names.split() else set())
        for code, names in _SUPPLIED.items()
    }
)
"""The placeholders each message is given."""

OPTIONAL: Final = ("link", "again", "digits", "told", "public_phone", "talks", "finding")
"""A line of a text with one of these is left out, with the empty line before it, where it says nothing."""
