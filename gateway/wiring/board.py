"""The beheerders' pages."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class BoardPages(Parts):
    """The beheerders' pages."""

    def board_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
