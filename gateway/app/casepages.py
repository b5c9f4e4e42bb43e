"""The page of one case, and what a beheerder may do there."""

from starlette.routing import BaseRoute

from gateway.app.parts import Parts
from gateway.board.case_actions import CaseActions
from gateway.board.case_page import CasePage, case_routes
from gateway.board.case_story import Stories
from gateway.pipeline.links import Links
from gateway.pipeline.reply import Reply


class CasePages(Parts):
    """The page of one case, and what a beheerder may do there."""

    order_patience = 2.0
    """How many seconds the answer to a press waits until the worker has carried it out."""

    def case_routes(self) -> list[BaseRoute]:
        """The routes."""
        known = self.agreements
        reply = Reply(
            casefile=self.casefile,
            wording=known.wording,
            language=self.settings.gateway.language,
            tokens=self.tokens,
            address=self.settings.gateway.address,
            organisations=known.organisations,
            practices=known.practices,
            # A link in a message is for who got it, and for nobody else.
            links=Links(self.tokens, ""),
        )
        stories = Stories(known.organisations, known.practices, reply)
        page = CasePage(store=self.store, stories=stories, pages=self.pages, now=self.now)
        actions = CaseActions(
            store=self.store,
            stories=stories,
            settle=self.settle,
            reroute=self.reroute,
            again=self.again,
            pages=self.pages,
            now=self.now,
            patience=self.order_patience,
        )
        return case_routes(self.auth, page, actions)
