"""A referral that its receiver asked for in clear: what opens a parcel at the very end, for one server.

It promises that nothing is opened unless the organisation's record names a key for it and the day on which
that was agreed, the key's file is for the gateway's eyes alone and names this very server, and the gateway
lends what opens, which the worker alone has. Whatever is amiss holds the parcel, and no error repeats what
was inside. Until then all is as with a sealed one: encrypted to the key that the record binds, checked to be
ciphertext, and kept so.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import Field, model_validator

from adapters import base
from adapters.base import Context, Parcel, Refused
from adapters.httpspeer import private_file

OPENS_FOR: Final = "opens_for"
"""The member of the private JWK that names the server for which it may open."""

IN_CLEAR: Final = "in clear"
"""With which the receipt of such a delivery ends."""

FACTS: Final = (
    *("wijk", "praktijk", "contactpersoon", "bellen", "telefoonVan", "vindplaats", "inschatting"),
    *("beltZelfVoor", "gecorrigeerd", "proef"),
)
"""What a referral may say beside name and numbers, by its members of `aanmelding.json`."""

_ELSEWHERE = frozenset({"schema", "kenmerk", "ontvangen", "uiterlijk", "spoed", "tekst"})
_PERSON = frozenset({"naam", "telefoon", "overigeTelefoons"})


class ClearOptions(base.Options):
    """Both or neither: by default everything about a patient is sealed for the receiver."""

    clear_key: Path | None = Field(
        None, description="Name the file that 'inbeeld keys generate clear' made, or leave it out: sealed"
    )
    clear_agreed: date | None = Field(
        None, description="Write the day on which it was agreed in writing that referrals go in clear"
    )

    @model_validator(mode="after")
    def _confirmed(self) -> "ClearOptions":
        if (self.clear_key is None) != (self.clear_agreed is None):
            raise ValueError("clear_key: needs clear_agreed, and the other way round")
        return self


def unfit(options: ClearOptions, url: str, directory: Path, today: date) -> tuple[str | None, bytes]:
    """Why nothing may be opened for the server at `url` today, or None; and the key, if one may."""
    if options.clear_key is None:
        return None, b""
    if options.clear_agreed is None or options.clear_agreed > today:
        return "not_yet", b""
    try:
        private = private_file(directory / options.clear_key).read_bytes()
        server = json.loads(private)[OPENS_FOR]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "key", b""
    # Whoever changes the record on a page can't change this file.
    return (None, private) if server == url else ("elsewhere", b"")


class ClearOpener(Protocol):
    """What the gateway lends: it opens what the gateway itself signed and sealed for a key."""

    def __call__(self, token: bytes, private_jwk: bytes) -> bytes:
        """`aanmelding.json`; raises if it is not for this key, or not ours."""
        ...


@dataclass(frozen=True, slots=True)
class ClearReferral:
    """What goes in clear. It shows nothing of itself."""

    name: str = field(repr=False)
    phones: tuple[str, ...] = field(repr=False)
    facts: Mapping[str, str] = field(repr=False)


class InClear:
    """Opens parcels for the server at `url`; reasons begin with `word`."""

    def __init__(
        self, options: ClearOptions, url: str, context: Context, word: str, now: Callable[[], datetime]
    ) -> None:
        self._options, self._directory = options, context.directory
        self._url, self._word, self._now = url, word, now
        self._opener: ClearOpener | None = context.parts.get("opener")

    @property
    def wanted(self) -> bool:
        """Whether the receiver asked for it."""
        return self._options.clear_key is not None

    def opened(self, parcel: Parcel) -> ClearReferral | None:
        """What goes in clear; None where all stays sealed. Raises `Refused`."""
        if not self.wanted:
            return None
        base.check_parcel(parcel, base.JOSE)
        private = self.ready()
        if self._opener is None:
            raise self._refused("not_here")
        try:
            content = json.loads(self._opener(parcel.ciphertext, private))
        except Exception:  # noqa: BLE001 - the text of an error may repeat what was inside
            raise self._refused("unopened") from None
        return self._read(content)

    def ready(self) -> bytes:
        """The key, if it may open for this server today; raises `Refused`."""
        fault, private = unfit(self._options, self._url, self._directory, self._now().date())
        if fault is not None:
            raise self._refused(fault)
        return private

    def _read(self, content: Any) -> ClearReferral:
        """A member that is not known here may be one that changes what all the others mean."""
        if not isinstance(content, dict) or content.keys() - _PERSON - _ELSEWHERE - set(FACTS):
            raise self._refused("content")
        name, first, more = content.get("naam"), content.get("telefoon"), content.get("overigeTelefoons", [])
        phones = [each for each in (first, *more) if each is not None]
        if not isinstance(name, str) or not all(isinstance(each, str) for each in phones):
            raise self._refused("content")
        facts = {each: content[each] for each in FACTS if content.get(each) is not None}
        said = {each: "ja" if value is True else str(value) for each, value in facts.items()}
        return ClearReferral(name, tuple(phones), said)

    def _refused(self, code: str) -> Refused:
        return Refused(f"{self._word}_clear_{code}")
