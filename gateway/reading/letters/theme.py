"""What a mail is about, by the words that pathways name for their themes, in the referrer's own text.

It promises that a word counts only whole, and not where it is denied: "geen welzijn" names no theme.
"""

import re
from collections.abc import Mapping

from gateway.reading.letters.sentences import own
from gateway.reading.mail.message import parse
from gateway.reading.patient.words import plain

_DENIED = frozenset({"geen", "niet", "zonder", "not", "no"})


def themes_of(raw: bytes, words: Mapping[str, str]) -> tuple[str, ...]:
    """The themes that are named, in the order of the alphabet; nothing if one of them is denied."""
    message = parse(raw)
    lines = [message.subject, *own(message).lines]
    text = [re.findall(r"[^\W_]+", plain(line)) for line in lines]
    found: set[str] = set()
    for phrase, theme in words.items():
        wanted = re.findall(r"[^\W_]+", plain(phrase))
        for line in text:
            for at in range(len(line) - len(wanted) + 1):
                if wanted and line[at : at + len(wanted)] == wanted:
                    if _DENIED.intersection(line[max(0, at - 2) : at]):
                        return ()
                    found.add(theme)
    return tuple(sorted(found))
