"""The texts of the pages in another language: Dutch sentence by Dutch sentence.

Templates and code say what they say in Dutch, marked with `_`; a catalogue is a folder of TOML files that
give each sentence in another language. It promises that a sentence nobody translated is shown in Dutch.
"""

import gettext
import tomllib
from collections.abc import Mapping
from pathlib import Path

CATALOGUES = Path(__file__).parent / "catalogues"
OWN = "nl"
"""The language in which templates and code are written."""


class PageTexts(gettext.NullTranslations):
    """The sentences of one language, as `gettext` and Jinja look them up."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__()
        self.sentences = sentences

    def gettext(self, message: str) -> str:
        """The sentence in this language."""
        return self.sentences.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The sentence for one, or for another number."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def catalogue(language: str) -> PageTexts:
    """The texts of a language; of `OWN` they are what is written."""
    sentences: dict[str, str] = {}
    if language != OWN:
        for path in sorted((CATALOGUES / language).glob("*.toml")):
            sentences |= tomllib.loads(path.read_text("utf-8"))
    return PageTexts(sentences)
