"""Dutch words that say what somebody does, is like or has, and never who it is.

Whole classes of the language from a published word list (`dutch.txt` names it), not words that mails brought
up: verbs, adjectives, adverbs, and the commonest nouns for things. None of them can own a telephone number;
words that also are nouns for people or firms are left out.
"""

from functools import cache
from importlib import resources


@cache
def ownerless_words() -> frozenset[str]:
    """The words, as `plain` gives them. Reads its file once; a process that may open none calls it before."""
    text = resources.files(__package__).joinpath("dutch.txt").read_text("ascii")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split(" ")
    )
