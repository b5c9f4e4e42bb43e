"""Forms in sections: under "Verwijzer" or "Contactpersoon" a name and a number are that person's.

A section begins with such a heading on a line by itself and ends with the next heading, with a label that
says "patiënt" itself, or with an empty line after its first field.
"""

import re

from gateway.reading.patient.words import BARE_RELATIVES, PATIENT, plain

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PERSONAL = frozenset({"name", "first", "infix", "last", "phone", "address", "postcode"})


class Section:
    """The heading that the lines of a passage stand under, while they are gone through."""

    def __init__(self) -> None:
        self._kind = ""
        self._begun = False

    def open(self, label: str, phrase: str, line: str) -> None:
        """A label without a value was read: perhaps a heading, or the end of a section."""
        words = _WORD.findall(plain(phrase))
        person = label in {"sender", "relative"} and not set(words) <= BARE_RELATIVES
        # "Collega," opens a letter.
        heading = person and not line.rstrip().endswith(",")
        if heading:
            self._kind, self._begun = label, False
        elif set(words) & PATIENT:
            self._kind = ""

    def turn(self) -> None:
        """A heading of unknown words was read: what follows is somebody else's."""
        self._kind, self._begun = "relative", False

    def pause(self) -> None:
        """An empty line."""
        if self._begun:
            self._kind = ""

    def label(self, label: str, phrase: str, value: str) -> str:
        """The label of a piece, given what it stands under."""
        if not self._kind or not label:
            return label
        if set(_WORD.findall(plain(phrase))) & PATIENT or label == "wijk":
            self._kind = ""
            return label
        if label not in _PERSONAL or not value:
            return label
        self._begun = True
        return self._kind
