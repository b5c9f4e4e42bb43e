"""Mail opened as in the gateway, but in this process: what a reading process does is done here."""

from collections.abc import Sequence
from typing import Any

from gateway.reading.mail.wrapping import Damaged, unwrapped
from gateway.reading.patient.wijken import Gazetteer
from gateway.sandbox.examiner import Opener, Unwrapper
from gateway.sandbox.functions import FUNCTIONS, ReaderContext

_CONTEXT = ReaderContext(Gazetteer.parse([], []), frozenset())


class Here:
    """Readers without processes."""

    def one(self, job: Any) -> Any:
        """What the job's function answers."""
        return FUNCTIONS[job.task.name](job.raw, job.given, _CONTEXT)


def open_mail(raw: bytes, openers: Sequence[Opener]) -> bytes:
    """The mail with its encryption and opaque signatures taken off. Raises `OpenError`."""
    return Unwrapper(Here(), openers).unwrap(raw)  # type: ignore[arg-type]


def is_encrypted(raw: bytes) -> bool:
    """Whether it needs a key, or is damaged."""
    try:
        return bool(unwrapped(raw).kind)
    except Damaged:
        return True
