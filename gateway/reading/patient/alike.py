"""Which two names are one person's and which says more; which two numbers may be slips of one another."""

import re

from gateway.reading.patient.words import PARTICLES, plain

_STOP = re.compile(r"\.(?=\S)")
_BETWEEN = re.compile(r"[\s\-–]+")


def key_words(name: str) -> list[str]:
    """A name's words without tussenvoegsels, plain, initials as single letters."""
    spaced = _STOP.sub(". ", name)
    words = [word.strip(".,'’") for word in _BETWEEN.split(plain(spaced)) if word.strip(".,'’")]
    return [word for word in words if word not in PARTICLES or len(word) == 1]


def same_person(one: str, other: str) -> bool:
    """Whether two forms can be one person's name: a shared surname, and first names that don't contradict."""
    a = key_words(one)
    b = a if other == one else key_words(other)
    if not a or not b:
        return False
    if a == b:
        return True
    shared = [word for word in a if word in b and len(word) > 1]
    if not shared:
        return False
    first_a, first_b = a[0], b[0]
    if first_a == first_b and shared == [first_a] and len(a) > 1 and len(b) > 1:
        # "Roelof Abdi" and "Roelof ter Braak" share a given name alone.
        return False
    if first_a in shared or first_b in shared:
        return True
    return first_a[0] == first_b[0] and (a[-1] in b or b[-1] in a)


def fuller(one: str, other: str) -> str:
    """Of two forms of one name the one that says more."""

    def weight(name: str) -> tuple[int, int]:
        words = key_words(name)
        return (sum(len(word) > 1 for word in words), sum(len(word) for word in words))

    return other if one != other and weight(other) > weight(one) else one


def is_swapped(number: str, numbers: list[str]) -> bool:
    """Whether a number has the figures of another in nearly the same order."""
    return any(sorted(number) == sorted(other) and twins([number, other]) for other in numbers)


def twins(numbers: list[str]) -> bool:
    """Whether two numbers are so alike that one may be a slip of the other: two figures differ, or less."""
    return any(
        len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) <= 2
        for at, a in enumerate(numbers)
        for b in numbers[at + 1 :]
    )
