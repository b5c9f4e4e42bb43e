"""Themes: which address and which words are of which, what a change of them would do, and their own texts."""

from pathlib import Path

import pytest

from gateway.app.intake import is_of_theme
from gateway.directory import coverage, fields
from gateway.directory.book import EntryKind, document, parse
from gateway.directory.editing import Edit, NotMeant
from gateway.domain.pathway import Contact, Count, Pathway, Term, Theme
from gateway.domain.wording import Params
from gateway.errors import ConfigErrors
from gateway.pipeline.themes import Themes
from tests.moments import MONDAY
from tests.unit.pipeline.stage import Stage

WELFARE = Pathway(
    name="recept",
    title="Welzijn op recept",
    theme=Theme(name="welzijn", title="Welzijn", addresses=("welzijn",), words=("welzijnscoach",)),
)


def own_texts(config: Path) -> None:
    text = '[asks]\nmissing_wijk = "Waar woont uw patiënt?"\n'
    (config / "wording" / "nl.welzijn.toml").write_text(text)


async def test_a_second_theme_has_its_own_address_words_and_texts(stage: Stage) -> None:
    base = stage.gateway.base
    own_texts(base.settings.config_dir)
    assert not is_of_theme(base, "welzijn@handover.example")
    entry = base.editing.book().by_id[EntryKind.ORGANISATION, "buurtteam"]
    second = entry.model_copy(update={"pathway": "recept", "serves": ("Almere",), "backup": "de-schoor"})
    with pytest.raises(NotMeant, match="the backup of Buurtteam does not take Welzijn"):
        base.editing.change("user:x", Edit(WELFARE), Edit(second))
    second = second.model_copy(update={"backup": None})
    with pytest.raises(NotMeant, match="Almere who name no theme would be asked"):
        base.editing.change("user:x", Edit(WELFARE), Edit(second))
    base.editing.change("user:x", Edit(WELFARE), Edit(second), meant=True)
    known = base.directory()
    assert is_of_theme(base, "Welzijn@Handover.example")
    assert not is_of_theme(base, "welzijn@elders.example")
    today = MONDAY.date()
    served = {each: coverage.served(known, "Filmwijk", today, each) for each in coverage.themes(known)}
    assert {theme: one.organisation and one.organisation.id for theme, one in served.items()} == {
        "schulden": "de-schoor",
        "welzijn": "buurtteam",
    }
    assert coverage.served(known, "Filmwijk", today).problem == "missing_theme"
    asked = Params(kenmerk="IB-7K3F-9QXM", problems=("missing_wijk",))
    render = known.wording.render
    assert "Waar woont uw patiënt?" in render("question", "nl", asked, theme="welzijn").body
    assert "In welke wijk" in render("question", "nl", asked, theme="schulden").body

    themes = Themes(
        known.theme_addresses,
        known.theme_words,
        known.theme_names,
        known.theme_reach,
        "handover.example",
        ["aanmelding@handover.example"],
        stage.gateway.worker.handover,
    )
    general, own = "aanmelding@handover.example", "welzijn@handover.example"
    assert themes.said([own], ["schulden"]) == "welzijn", "an address of its own goes before any word"
    assert themes.said([general], ["welzijn"]) == "welzijn"
    assert themes.said([general], ["schulden", "welzijn"]) is None
    assert themes.said([general], []) is None


async def test_what_two_themes_claim_is_refused(stage: Stage) -> None:
    base = stage.gateway.base
    other = WELFARE.model_copy(update={"name": "jeugd", "theme": Theme(name="jeugd", addresses=("welzijn",))})
    entry = base.editing.book().by_id[EntryKind.ORGANISATION, "buurtteam"]
    both = entry.model_copy(update={"pathway": "recept", "also": ("jeugd",)})
    with pytest.raises(ConfigErrors, match="'welzijn' is of theme"):
        base.editing.weigh(Edit(WELFARE), Edit(other), Edit(both))
    same = WELFARE.model_copy(update={"name": "ook-recept"})
    twice = entry.model_copy(update={"pathway": "recept", "also": ("ook-recept",)})
    with pytest.raises(ConfigErrors, match="two pathways of one theme"):
        base.editing.weigh(Edit(WELFARE), Edit(same), Edit(twice))
    assert not base.editing.weigh(Edit(WELFARE), Edit(other)).effects, "what nobody has claims nothing"


async def test_a_mail_in_quarantine_is_kept_as_long_as_any_agreement_keeps_one(stage: Stage) -> None:
    base = stage.gateway.base
    assert base.directory().default_pathway.retention.quarantine_days == 14
    longer = WELFARE.model_copy(
        update={"retention": WELFARE.retention.model_copy(update={"quarantine_days": 60})}
    )
    base.editing.change("user:x", Edit(longer))
    assert base.directory().default_pathway.retention.quarantine_days == 14, "nobody agreed to that"
    entry = base.editing.book().by_id[EntryKind.ORGANISATION, "buurtteam"]
    base.editing.change("user:x", Edit(entry.model_copy(update={"also": ("recept",)})), meant=True)
    assert base.directory().default_pathway.retention.quarantine_days == 60


def test_a_form_of_a_pathway_says_what_it_said_and_no_more() -> None:
    kind = EntryKind.PATHWAY
    for pathway in (
        WELFARE,
        WELFARE.model_copy(update={"contact": Contact(urgent=Term(days=1, count=Count.WORKING))}),
    ):
        typed = fields.shown(kind, pathway.model_dump(mode="json"))
        values, wrong = fields.taken(kind, typed, document(pathway))
        assert (parse(kind, values), wrong) == (pathway, {})
    typed["contact.urgent.days"] = ""
    values, _ = fields.taken(kind, typed, document(pathway))
    assert parse(kind, values).contact.urgent is None
