"""The referral that a case is about, and the kenmerk by which people speak of it.

It promises that a Referral never shows itself in a log or a traceback, and that a kenmerk says nothing
about the patient, the order or the number of cases.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from stdnum.iso7064 import mod_37_36

from gateway.domain.codes import Assessment

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so that nothing is misread."""

_RANDOM_CHARACTERS: Final = 7
_SLIPS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CANONICAL: Final = re.compile(rf"IB-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


@dataclass(frozen=True, slots=True, repr=False)
class Referral:
    """The fields an organisation needs. Phones are E.164; `wijk` is a name of the gazetteer.

    Where that was agreed, the numbers are a parent's, or there is a `place` where the patient is found.
    """

    name: str
    phone: str | None
    other_phones: tuple[str, ...]
    wijk: str
    by_parent: bool = False
    place: str | None = None
    assessment: Assessment | None = None
    """How the referrer judges what the patient can do alone, where that was said."""
    calls_first: bool = False
    """Whether the referrer announced that the patient calls themselves."""

    def __repr__(self) -> str:
        return "Referral(…)"


def new_kenmerk(random_bytes: Callable[[int], bytes]) -> str:
    """A new public reference such as "IB-7K3F-9QXM": 35 random bits and a check character.

    `random_bytes` is `secrets.token_bytes` or its like. Two cases may, once in 10¹⁰, draw the same one: the
    store's unique index tells, and the caller draws again.
    """
    number = int.from_bytes(random_bytes(5), "big")
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in range(_RANDOM_CHARACTERS))
    return _written(body + mod_37_36.calc_check_digit(body, ALPHABET))


def is_kenmerk(text: str) -> bool:
    """Whether the text is a kenmerk exactly as the gateway writes it, check character included."""
    return _CANONICAL.fullmatch(text) is not None and kenmerk_of(text) == text


def kenmerk_of(typed: str) -> str | None:
    """The kenmerk a person meant, or None.

    Forgives lower case, spaces, dashes and dots, a missing "IB", and O/0, I/1 and L/1. The check character
    (ISO 7064, hybrid system, modulus 33 and 32) tells every single wrong character.
    """
    letters = re.sub(r"[\s.\-\u2010-\u2015_\[\]]", "", typed).upper().translate(_SLIPS)
    length = _RANDOM_CHARACTERS + 1
    if len(letters) == length + 2 and letters.startswith("1B"):
        letters = letters[2:]
    if len(letters) != length or not set(letters) <= set(ALPHABET):
        return None
    return _written(letters) if mod_37_36.is_valid(letters, ALPHABET) else None


def names_another(typed: Iterable[str], kenmerk: str) -> bool:
    """Whether one of these, as people typed them, is not this kenmerk: another one, or one with a slip."""
    return any(kenmerk_of(one) != kenmerk for one in typed)


def _written(letters: str) -> str:
    return f"IB-{letters[:4]}-{letters[4:]}"
