"""Everything that goes between a browser and the gateway, kept to be searched and shown.

It promises that nothing is left out: address, headers and body of every request and every answer. Only of
our own scripts and styles, the same for everybody, no body is kept.
"""

import base64
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, Page, Request

LONG = re.compile(r"[A-Za-z0-9_.-]{16,}")
ROUNDS = 500
KENMERK = re.compile(r"IB-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(slots=True)
class Exchange:
    """One request with its answer; `body` is that of the answer, read before the browser lets go of it."""

    step: str
    request: Request
    body: str | None = None

    @property
    def path(self) -> str:
        """Without the gateway's own address."""
        parts = urlsplit(self.request.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def is_file(self) -> bool:
        """Whether it asks for one of our scripts and styles."""
        return self.path.startswith("/static/")

    def sent(self) -> str:
        """Everything that left the browser."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.request.all_headers().items())
        body = (self.request.post_data_buffer or b"").decode("utf-8", "replace")
        return f"{self.request.method} {self.request.url}\n{headers}\n\n{body}"

    def answered(self) -> str:
        """Everything that came back."""
        response = self.request.response()
        if response is None:
            return ""
        headers = "\n".join(f"{name}: {value}" for name, value in response.all_headers().items())
        return f"{response.status}\n{headers}\n\n{self.body}"


@dataclass
class Traffic:
    """A recorder for a browser."""

    step: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Record everything of a context from now on."""
        context.on("request", lambda request: self.exchanges.append(Exchange(self.step, request)))
        context.on("requestfinished", self._finished)

    def read(self, page: Page) -> None:
        """Wait until every answer was read: a browser forgets them when its page goes elsewhere."""
        for _ in range(ROUNDS):
            if not self.unread():
                return
            # Each question to the page lets what is under way come in.
            page.evaluate("null")

    def unread(self) -> list[str]:
        """The answers whose body could not be read: there must be none, or the search says nothing."""
        return [
            each.path
            for each in self.exchanges
            if each.body is None and not each.is_file and _has_body(each.request)
        ]

    def _finished(self, request: Request) -> None:
        (exchange,) = (each for each in self.exchanges if each.request == request)
        response = request.response()
        if response is not None and not exchange.is_file and _has_body(request):
            exchange.body = response.text()

    def posted(self) -> list[tuple[str, str]]:
        """Every step with the address to which it sent something, in the order in which that was."""
        return [(each.step, each.path) for each in self.exchanges if each.request.method == "POST"]

    def sent(self) -> str:
        """Everything that left the browser, as one text."""
        return "\n\n".join(each.sent() for each in self.exchanges)

    def answered(self) -> str:
        """Everything that came back."""
        return "\n\n".join(each.answered() for each in self.exchanges)

    def told(self) -> Iterator[str]:
        """The record for people: our scripts and styles left out, what is long only by its length."""
        step = ""
        for each in self.exchanges:
            if each.is_file:
                continue
            if each.step != step:
                step = each.step
                yield f"\n## {step}\n"
            response = each.request.response()
            status = response.status if response else "nothing"
            yield f"- `{each.request.method} {short(each.path)}` → {status}"
            if body := each.request.post_data:
                yield f"  - sent: `{short(body)}`"
            if response and response.headers.get("content-type", "").startswith("application/json"):
                yield f"  - answer: `{short(each.body or '')}`"
            elif response and response.status == 200:
                yield "  - answer: a page without a word of the referral"


def short(text: str) -> str:
    """A text in which what is long, or differs every time, is told only by its kind."""
    text = KENMERK.sub("IB-…", text)
    with contextlib.suppress(ValueError):
        text = json.dumps(json.loads(text))
    return LONG.sub(lambda found: f"⟨{len(found[0]) if len(found[0]) < 300 else 'ciphertext'}⟩", text)


def spellings(secret: str) -> set[str]:
    """A text in every way in which it could hide in another, in small letters."""
    raw = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), raw.hex(), json.dumps(secret)[1:-1]}
    for offset in range(3):
        # In base64 a text looks different at each of three places; the ends depend on its neighbours.
        middle = base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4].decode()
        found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return {each.lower() for each in found if len(each) >= 6}


def _has_body(request: Request) -> bool:
    """Whether it was answered with more than where else to go."""
    response = request.response()
    return response is not None and response.status < 300
