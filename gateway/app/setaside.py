"""Mails that were set aside, opened in the beheerders' browsers."""

from datetime import datetime, timedelta

from starlette.routing import BaseRoute

from gateway.app.parts import Parts
from gateway.quarantine.copies import NO_KEY
from gateway.quarantine.page import QuarantinePages


class SetAsidePages(Parts):
    """Mails that were set aside, opened in the beheerders' browsers."""

    def set_aside_routes(self) -> list[BaseRoute]:
        """The routes."""
        pages = QuarantinePages(
            store=self.store,
            quarantine=self.quarantine,
            allow=self.allow,
            practices=self.agreements.practices,
            key_problem=self._board_key_problem,
            keep=timedelta(days=self.agreements.default_pathway.retention.quarantine_days),
            pages=self.pages,
            now=self.now,
        )
        return [*pages.routes(self.auth)]

    def _board_key_problem(self, now: datetime) -> str | None:
        known = next(self.board_key.known(now), None)
        return known.problem if known else NO_KEY
