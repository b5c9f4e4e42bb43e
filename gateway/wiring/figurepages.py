"""Figures and health, as pages."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class FigurePages(Parts):
    """Figures and health, as pages."""

    def figure_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
