"""What can't be seen in the text of a stranger is shown as its code."""

import sys
import unicodedata

from playwright.sync_api import Page

from tests.browser.site import Site

IGNORED = "\u00ad\u034f\u115f\u17b4\u180b\u180f\u2065\u3164\ufe0f\uffa0\ufff0\U000e0000\U000e01f0"
"""Some of what a browser leaves out (Default_Ignorable_Code_Point), of every kind."""

SEEN = "Ansje Vrolijkstra\n\t+31 6 1234, één kikker, 日本 🐸"
HARMLESS = """async (texts) => {
  const { harmless } = await import("/static/quarantine/harmless.js");
  return texts.map(harmless);
}"""


def test_every_invisible_character_is_shown(site: Site, page: Page) -> None:
    hidden = [chr(code) for code in range(sys.maxunicode + 1) if _hides(chr(code))]
    page.goto(f"{site.url}/inloggen")
    assert page.evaluate(HARMLESS, hidden) == [f"⟦U+{ord(one):04X}⟧" for one in hidden]
    assert page.evaluate(HARMLESS, [SEEN]) == [SEEN]


def _hides(one: str) -> bool:
    return one in IGNORED or (unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") and one not in "\t\n")
