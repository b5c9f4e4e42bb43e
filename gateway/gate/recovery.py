"""Recovery codes: each replaces the code of an app once, for somebody whose telephone is gone.

They promise sixty random bits each, in letters and digits that are not taken for each other, and that however
somebody types one, it is read as the same code.
"""

import re
import secrets

HOW_MANY = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without 0, o, 1, i and l."""

_LENGTH = 12
_CODE = re.compile(rf"[{_LETTERS}]{{{_LENGTH}}}")


def new_codes() -> list[str]:
    """A set of new codes, as they are printed: three groups of four."""
    return [_grouped("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(HOW_MANY)]


def bare(text: str) -> str | None:
    """The code somebody typed, without blanks and hyphens; None for what can't be one."""
    found = re.sub(r"[\s-]", "", text).lower()
    return found if _CODE.fullmatch(found) else None


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))
