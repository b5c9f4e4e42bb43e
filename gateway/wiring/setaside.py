"""Mails that were set aside, opened in the beheerders' browsers."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class SetAsidePages(Parts):
    """Mails that were set aside, opened in the beheerders' browsers."""

    def set_aside_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
