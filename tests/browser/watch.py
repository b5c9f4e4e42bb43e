"""Looks on while a browser shows our pages, and remembers everything that should not have happened.

Told are: every message on the console, of whatever level; an error of a script; a breach of the policy of a
page; a request to anywhere but the gateway. A failing test is told what, and on which page.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""The rules of axe: WCAG 2.2 on level AA, and what axe calls good practice."""

BREACH = """
addEventListener("securitypolicyviolation", event =>
  breached(`${event.effectiveDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`));
"""


@dataclass
class Watch:
    """What was seen in one context. `allowed` are statuses of answers that a test asks for on purpose."""

    origin: str
    seen: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, also those that open later."""
        context.expose_binding("breached", self._breach)
        context.add_init_script(BREACH)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def allow(self, *statuses: int) -> None:
        """Let answers with these statuses be: the browser writes every one of them on its console."""
        self.allowed.update(statuses)

    def fine(self) -> None:
        """Fail if anything was seen."""
        assert not self.seen, "the browser complained:\n  " + "\n  ".join(self.seen)

    def _console(self, message: ConsoleMessage) -> None:
        failed = re.search(r"Failed to load resource.*status of (\d{3})", message.text)
        if not (failed and int(failed[1]) in self.allowed):
            where = message.location
            self.seen.append(f"console {message.type}: {message.text} ({where['url']}:{where['lineNumber']})")

    def _error(self, error: WebError) -> None:
        self.seen.append(f"script error: {error.error}")

    def _breach(self, source: dict[str, Any], what: str) -> None:
        self.seen.append(f"policy breached on {source['frame'].url}: {what}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "blob:", "data:", "about:")):
            self.seen.append(f"request to elsewhere: {request.method} {request.url}")


def accessible(page: Page) -> None:
    """Fail on what axe finds on the page as it is now, and when it has to be scrolled sideways."""
    page.wait_for_load_state()
    # On a page that shows nothing yet, axe finds nothing wrong.
    heading = page.locator("h1")
    heading.first.wait_for(state="attached")
    assert heading.count() == 1, f"{page.url} has more than one heading of the first level"
    _look(page, {"type": "tag", "values": TAGS})
    fitting(page)


def legible(page: Page) -> None:
    """Fail where words and their ground are too much alike, which is all that the dark changes."""
    page.wait_for_load_state()
    page.locator("h1").first.wait_for(state="attached")
    _look(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]})


def _look(page: Page, rules: dict[str, Any]) -> None:
    """Only what is wrong is asked for: to describe what is right as well takes axe four times as long."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", options)
    assert not found, f"{page.url}\n{AxeResults({'violations': found}).generate_report()}"


def fitting(page: Page) -> None:
    """Fail when the page has to be scrolled sideways."""
    # A telephone zooms out until a page that is too wide fits, and `innerWidth` grows with it.
    room = page.viewport_size["width"] if page.viewport_size else 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= room, f"{page.url} is {width} px wide in a window of {room} px"
