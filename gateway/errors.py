"""Every error the gateway raises on purpose.

    InbeeldError
    ├── ConfigError          file, key and remedy of a wrong setting
    ├── ConfigErrors         all of them at once
    ├── CannotKeep           a mail could not be stored; the client is told to come back (451)
    │   └── StoreAway        locked, full or gone: no other mail would fare better
    ├── SealError            nothing may leave: no valid key, or the engine failed
    │   └── KeyUnusable      missing, expired, revoked, sign-only, wrong fingerprint, ambiguous, unreadable
    ├── OpenError            something sealed could not be opened
    │   └── Forged           it opens, but the gateway did not sign it
    ├── NotAllowed           the transition table has no such move
    ├── LostRace             another worker moved it first; nothing was changed
    └── NotFound             no case, outbox row or organisation of that name

The docstring of an error is its default message.
"""

from collections.abc import Sequence


class InbeeldError(Exception):
    """Something went wrong in InBeeld."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigError(InbeeldError):
    """The configuration is not right."""

    def __init__(self, file: str, key: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {key}: {problem}. {remedy}")
        self.file, self.key, self.problem, self.remedy = file, key, problem, remedy


class ConfigErrors(InbeeldError):
    """Several things in the configuration are not right; one line tells each."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


class CannotKeep(InbeeldError):
    """The mail could not be stored now."""


class StoreAway(CannotKeep):
    """The store takes nothing now."""


class SealError(InbeeldError):
    """Nothing may leave: sealing failed."""

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(message or code)
        self.code = code


class KeyUnusable(SealError):
    """The organisation's key can't be used; `code` says why (see `gateway.sealing.keyfacts.KeyFlaw`)."""


class OpenError(InbeeldError):
    """Something sealed could not be opened."""


class Forged(OpenError):
    """It opens, but it is not signed by the gateway whose key was given: treat it as forged."""


class NotAllowed(InbeeldError):
    """The case does not allow that now."""


class LostRace(InbeeldError):
    """Somebody else moved it first; nothing was changed."""


class NotFound(InbeeldError):
    """There is nothing of that name."""
