"""Why nobody should call a patient any more, as a practice said it: the values of the reader's own."""

from enum import StrEnum


class StopReason(StrEnum):
    """The reasons, as closed codes."""

    DECEASED = "deceased"
    ADMITTED = "admitted"
    MOVED = "moved"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_DECLINED = "patient_declined"
    WITHDRAWN = "withdrawn"
    DO_NOT_CALL = "do_not_call"
