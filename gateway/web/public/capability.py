"""The links in our mails: what the pages behind them share.

They promise that a link which we did not make says nothing, that one which has expired says just that, and
that a page behind one holds no cookie and nothing of the patient.
"""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from gateway.gate.tokens import Link, Purpose, Tokens
from gateway.web.pages import Pages

_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


class LinkError(Exception):
    """The link opens nothing; `answer` is the page that says why."""

    def __init__(self, answer: Response) -> None:
        super().__init__("this link opens nothing")
        self.answer = answer


def opened(request: Request, tokens: Tokens, purpose: Purpose, now: datetime, pages: Pages) -> Link:
    """What the link in the address opens; raises `LinkError`."""
    text = request.path_params["link"]
    link = tokens.parse_link(purpose, text, _LONG_AGO)
    if link is None:
        raise wrong_link(pages)
    if link.expires <= now:
        raise LinkError(pages.page("public/gone.html", 410, expired=True))
    return link


def wrong_link(pages: Pages) -> LinkError:
    """What a link that is not ours gets to hear: nothing about anything."""
    return LinkError(pages.page("public/gone.html", 404, expired=False))
