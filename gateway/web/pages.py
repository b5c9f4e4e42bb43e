"""The public pages behind the links in our mails: what they share.

They promise that a link which we did not make says nothing, that one which has expired says just that, and
that a page holds no cookie, no script and nothing of the patient.
"""

from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.gate.tokens import Link, Purpose, Tokens

_PAGES = Environment(loader=PackageLoader("gateway.web", "templates"), autoescape=True, trim_blocks=True)
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Robots-Tag": "noindex, nofollow",
}


class LinkError(Exception):
    """The link opens nothing; `answer` is the page that says why."""

    def __init__(self, answer: Response) -> None:
        super().__init__("this link opens nothing")
        self.answer = answer


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from the templates."""
    return HTMLResponse(_PAGES.get_template(name).render(values), status_code=status, headers=_HEADERS)


def opened(request: Request, tokens: Tokens, purpose: Purpose, now: datetime) -> Link:
    """What the link in the address opens; raises `LinkError`."""
    text = request.path_params["link"]
    link = tokens.parse_link(purpose, text, _LONG_AGO)
    if link is None:
        raise wrong_link()
    if link.expires <= now:
        said = "Deze link is verlopen. Gebruik de link uit een nieuwere mail, of antwoord op de mail zelf."
        raise LinkError(page("gone.html", 410, title="Deze link werkt niet meer", text=said))
    return link


def wrong_link() -> LinkError:
    """What a link that is not ours gets to hear: nothing about anything."""
    said = "Controleer of u de hele link uit de mail heeft gebruikt."
    return LinkError(page("gone.html", 404, title="Deze link klopt niet", text=said))
