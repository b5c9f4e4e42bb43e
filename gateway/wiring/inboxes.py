"""The pages of organisations' colleagues."""

from starlette.routing import BaseRoute

from gateway.wiring.parts import Parts


class InboxPages(Parts):
    """The pages of organisations' colleagues."""

    def inbox_routes(self) -> list[BaseRoute]:
        """The routes."""
        return []
