"""The page of one case, and what a beheerder may do there."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class CasePages(Parts):
    """The page of one case, and what a beheerder may do there."""

    def case_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
