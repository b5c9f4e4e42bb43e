"""Dutch verb forms and adjectives: words that say what somebody does or is like, and never who it is.

Whole classes of the language from a published word list (`dutch.txt` names it), not words that mails brought
up: none of them can own a telephone number. Words that are nouns as well are left out of it.
"""

from functools import cache
from importlib import resources


@cache
def verbs_and_adjectives() -> frozenset[str]:
    """The words, as `plain` gives them. Reads its file once; a process that may open none calls it before."""
    text = resources.files(__package__).joinpath("dutch.txt").read_text("ascii")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split(" ")
    )
