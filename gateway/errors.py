"""Every error the gateway raises on purpose.

    InbeeldError
    ├── ConfigError          file, key and remedy of each wrong setting
    ├── CannotKeep           a mail could not be stored; the client is told to come back (451)
    ├── SealError            nothing may leave: no valid key, or the engine failed
    │   └── KeyUnusable      missing, expired, revoked, sign-only, wrong fingerprint, ambiguous, unreadable
    ├── OpenError            something sealed could not be opened
    ├── NotAllowed           the transition table has no such move
    ├── LostRace             another worker moved it first; nothing was changed
    └── NotFound             no case, outbox row or organisation of that name

The docstring of an error is its default message.
"""

from dataclasses import dataclass


class InbeeldError(Exception):
    """Something went wrong in InBeeld."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong setting: where it stands, what is wrong with it, what to do."""

    file: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.what}. {self.remedy}"


class ConfigError(InbeeldError):
    """The configuration is not right."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class CannotKeep(InbeeldError):
    """The mail could not be stored now."""


class SealError(InbeeldError):
    """Nothing may leave: sealing failed."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(message or code)
        self.code = code


class KeyUnusable(SealError):
    """The organisation's key can't be used; `code` says why (see `gateway.sealing.keyring`)."""


class OpenError(InbeeldError):
    """Something sealed could not be opened."""


class NotAllowed(InbeeldError):
    """The case does not allow that now."""


class LostRace(InbeeldError):
    """Somebody else moved it first; nothing was changed."""


class NotFound(InbeeldError):
    """There is nothing of that name."""
