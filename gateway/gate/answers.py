"""What a look-up of a name gives, and what has been looked up for a mail.

It promises that "there is no such record" and "could not tell" are never confused: the first is an empty
answer, the second is `DnsTrouble`. The checks of a mail run where there is no network: they ask `Answers`;
what is not among those is noted in `wanted`, counts as trouble for now, and is looked up elsewhere
(`gateway.gate.dns`) before the checks are run again. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from gateway.errors import InbeeldError

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Record = str | bytes | tuple[int, str]
Question = tuple[Kind, str]
Known = Mapping[Question, tuple[Record, ...] | None]
"""Answers by question; None is trouble."""

MOST = 20
"""So many names are looked up for one mail at a time."""

_LONGEST = 254


class DnsTrouble(InbeeldError):
    """The name could not be looked up now."""


class Unasked(DnsTrouble):
    """The name has not been looked up yet."""


class Resolver(Protocol):
    """Anything that answers look-ups; it follows CNAMEs itself."""

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        """The records, or an empty tuple if there are none or the name can't exist. A and AAAA give text,
        PTR a name without its closing dot, MX (preference, name), and TXT bytes, its strings joined.
        Raises DnsTrouble."""
        ...


class Answers:
    """A resolver of what is known."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._wanted: dict[Question, None] = {}

    @property
    def wanted(self) -> tuple[Question, ...]:
        """What was asked and is not known."""
        return tuple(self._wanted)[:MOST]

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        """See `Resolver.look_up`."""
        question = (kind, name.lower().removesuffix("."))
        if len(name) > _LONGEST or not name.isascii():
            # No such name can exist (RFC 1035 section 2.3.4).
            return ()
        if question not in self._known:
            self._wanted[question] = None
            raise Unasked
        records = self._known[question]
        if records is None:
            raise DnsTrouble
        return records


def packed(known: Known) -> list[list[Any]]:
    """The answers as JSON can hold them."""
    return [
        [kind, name, None if records is None else [_packed(record) for record in records]]
        for (kind, name), records in known.items()
    ]


def unpacked(told: Sequence[Sequence[Any]]) -> dict[Question, tuple[Record, ...] | None]:
    """What `packed` was given."""
    return {
        (kind, name): None if records is None else tuple(_unpacked(kind, record) for record in records)
        for kind, name, records in told
    }


def _packed(record: Record) -> object:
    return record.decode("latin-1") if isinstance(record, bytes) else record


def _unpacked(kind: Kind, record: Any) -> Record:
    if kind == "TXT":
        return str(record).encode("latin-1")
    if kind == "MX":
        preference, name = record
        return int(preference), str(name)
    return str(record)
