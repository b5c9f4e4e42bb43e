"""Logging in, and the accounts of those who may."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class AccountPages(Parts):
    """Logging in, and the accounts of those who may."""

    def account_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
