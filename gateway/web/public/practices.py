"""The page for general practices: how to refer with one mail, and what answer comes back.

It promises that it tells what this gateway was configured to do, that its example is a mail our own reader
understands, and that nothing on it is of a patient who exists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.domain.pathway import Count, Term
from gateway.web.auth import LOGIN, home
from gateway.web.pages import Shell, ShellPage

PATH = "/verwijzen"
SUBJECT = "Aanmelding hulp bij geldzorgen"

# A mail is written in Dutch whatever the language of the pages: so are the words the reader looks for.
_LETTER = """Beste collega,

Wilt u contact opnemen met deze patiënt?

Naam: {name}
Telefoon: {phone}
Wijk: {wijk}

De patiënt weet dit en geeft toestemming.

Met vriendelijke groet,
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What this gateway offers: where to write, a wijk it serves, and within how long somebody calls.

    `term` is None where organisations agreed on different ones.
    """

    address: str
    wijk: str
    term: Term | None


class PracticesPage(ShellPage):
    """The page, and the way in for who comes without a path."""

    def __init__(self, shell: Shell, *, offer: Callable[[], Offer]) -> None:
        super().__init__(shell)
        self._offer = offer

    def routes(self) -> list[Route]:
        return [Route(PATH, self.show, name="practices"), Route("/", self.enter, name="enter")]

    async def show(self, _: Request) -> Response:
        """The page; it is the same for everybody."""
        offer = self._offer()
        letter = example(offer.wijk)
        return self._pages.page(
            "public/practices.html",
            address=offer.address,
            subject=SUBJECT,
            letter=letter,
            mailto=mailto(offer.address),
            days=offer.term.days if offer.term else 0,
            working=offer.term is not None and offer.term.count is Count.WORKING,
        )

    async def enter(self, request: Request) -> Response:
        """To the login, or to where somebody who is logged in begins."""
        visitor = await self._auth.visitor(request)
        return RedirectResponse(home(visitor.role) if visitor else LOGIN, status_code=303)


def example(wijk: str) -> str:
    """The text of a referral of an invented patient in this wijk."""
    return _LETTER.format(name="Jan Voorbeeld", phone="06-12345678", wijk=wijk)


def mailto(address: str) -> str:
    """The link that opens the referrer's own mail program, with a mail to fill in (RFC 6068)."""
    blank = _LETTER.format(name="", phone="", wijk="").replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(SUBJECT)}&body={quote(blank)}"
