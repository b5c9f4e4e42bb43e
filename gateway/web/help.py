"""The help page: what somebody does here, in the words of their role, with the keys that save a hand.

It promises that whoever is logged in finds help for their own role, and that it works without a script.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from gateway.web.auth import EVERYBODY, Visitor
from gateway.web.pages import ShellPage

PATH = "/hulp"


class HelpPage(ShellPage):
    """The page."""

    def routes(self) -> list[BaseRoute]:
        return [self._auth.route(PATH, self.show, roles=EVERYBODY)]

    async def show(self, _: Request, visitor: Visitor) -> Response:
        """The page of the role of whoever looks."""
        return self._render(visitor, f"help/{visitor.role}.html")
