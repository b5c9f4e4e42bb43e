"""The inbox: mails as they were accepted, sealed, until they are received."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One accepted mail, ready to be committed: `sealed` is for the intake key, `digest` finds retries."""

    id: str
    received_at: datetime
    digest: str
    sealed: bytes
    size: int
