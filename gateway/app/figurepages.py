"""Figures and health, as pages."""

from functools import cached_property

from starlette.routing import BaseRoute

from gateway.app.parts import Parts
from gateway.statistics.filters import By
from gateway.statistics.healthpage import HealthPage
from gateway.statistics.page import Figures
from gateway.statistics.sheet import Agreed
from gateway.statistics.tallies import Tallies
from gateway.web.keywatch import KeyWatch


class FigurePages(Parts):
    """Figures and health, as pages."""

    @cached_property
    def tallies(self) -> Tallies:
        """What the figures are made of."""
        return Tallies(self.store)

    def warm(self) -> None:
        """Count every case before somebody asks for the figures; for a thread of its own."""
        try:
            self.tallies.warm()
        except Exception as error:  # noqa: BLE001 - whoever asks first counts instead, or is told
            self.log.failed("figures", error)

    def figure_routes(self, keys: KeyWatch) -> list[BaseRoute]:
        """The routes; `keys` are watched for the board too."""
        known = self.agreements
        figures = Figures(
            tallies=self.tallies,
            agreed=Agreed(
                known.pathways,
                known.default_pathway,
                {entry.id: entry.feedback or "" for entry in self.settings.practices},
            ),
            names={
                By.ORGANISATION: {entry.id: entry.name for entry in self.settings.organisations},
                By.PRACTICE: {entry.id: entry.name for entry in self.settings.practices},
            },
            auth=self.auth,
            pages=self.pages,
            now=self.now,
        )
        health = HealthPage(
            store=self.store,
            keys=keys,
            intake_key=lambda: self.present().key_id,
            organisations={entry.id: (entry.name, entry.adapter) for entry in self.settings.organisations},
            auth=self.auth,
            pages=self.pages,
            now=self.now,
        )
        return [*figures.routes(), *health.routes()]
