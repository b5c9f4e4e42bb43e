"""Whoever is said to know, knows: every message of every pathway, held against who was really told."""

import shutil
from pathlib import Path

import pytest

from gateway.domain.feedback import others_told
from gateway.domain.pathway import Feedback, Recipient
from gateway.domain.states import Event
from tests.story.place import Place
from tests.unit.pipeline.stage import Stage

PATHWAYS = Path(__file__).parents[3] / "config" / "pathways"
KNOWS = {"de verwijzer": "referrer", "de beheerder": "administrator", "de organisatie": "team"}


class Elsewhere(Stage):
    """De Schoor, working by another pathway."""

    pathway = "almere"

    def _organisations(self, backup: bool) -> None:
        super()._organisations(backup)
        folder = self.place.directory / "config" / "pathways"
        shutil.copytree(PATHWAYS, folder, dirs_exist_ok=True)
        path = self.place.directory / "config" / "organisations.toml"
        with_pathway = f'adapter = "memory"\npathway = "{self.pathway}"\n'
        path.write_text(path.read_text().replace('adapter = "memory"\n', with_pathway))

    def said(self, case_id: str, kind: str) -> dict[str, str]:
        """Every message of a kind with its words."""
        reply, case = self.gateway.worker.reply(self.gateway.worker.links), self.case(case_id)
        return {row.code: reply.text(case, row).body for row in self.rows(case_id, kind)}


@pytest.mark.parametrize("pathway", sorted(path.stem for path in PATHWAYS.glob("*.toml")))
async def test_nobody_is_said_to_know_what_they_were_not_told(place: Place, pathway: str) -> None:
    stage = Elsewhere(place)
    stage.pathway = pathway
    stage.open(backup=False)
    try:
        case = stage.referred()
        await stage.work()
        await stage.work(days=9)
        to_team, to_referrer = stage.said(case, "notice"), stage.said(case, "reply")
        told = {"administrator"} if "alarm" in stage.happened(case) else set()
        told |= {"team"} if "org_overdue" in to_team else set()
        told |= {"referrer"} if "overdue_referrer" in to_referrer else set()
        assert "team" in told
        for body in (*to_team.values(), *to_referrer.values()):
            for line in body.splitlines():
                if line.startswith("Ook op de hoogte:"):
                    assert {who for words, who in KNOWS.items() if words in line} <= told
                else:
                    assert "weet dit" not in line
                    assert "gewaarschuwd" not in line
        others = to_team["org_overdue"].partition("Ook op de hoogte:")[2].partition("\n")[0]
        assert ("de verwijzer" in others) is ("referrer" in told)
        promised = any("U krijgt bericht" in body for body in to_referrer.values())
        stage.report(case, Event.CONTACTED)
        assert ("in_beeld" in stage.told(case)) or not promised
    finally:
        await stage.close()


@pytest.mark.parametrize("feedback", Feedback)
@pytest.mark.parametrize("reader", [Recipient.TEAM, Recipient.REFERRER])
def test_a_reader_is_never_told_of_themselves_nor_of_who_hears_nothing(
    feedback: Feedback, reader: Recipient
) -> None:
    told = others_told(tuple(Recipient), feedback, reader)
    assert reader not in told
    assert Recipient.REFERRER not in told or feedback is not Feedback.GEAGGREGEERD
    assert others_told((), feedback, reader) == ()
