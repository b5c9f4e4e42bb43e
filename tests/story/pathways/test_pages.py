"""The pages behind the links in our mails: looking changes nothing, pressing the button reports."""

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from gateway.domain.states import State
from gateway.reading.mail.message import parse
from gateway.web.app import web
from tests.story.pathways.stage import SECRETS, Stage, referral

MONDAY = "2035-03-05 09:10"
BASE = "https://handover.example"


@pytest.fixture
async def open_stage(stage: Stage) -> Stage:
    """A case whose organisation was warned, with links in all mails."""
    stage.town.place.replace("inbeeld.toml", 'public_url = ""', f'public_url = "{BASE}"')
    await stage.town.restart()
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    stage.at("2035-03-07 12:00")
    await stage.happens()
    return stage


def client(stage: Stage) -> TestClient:
    gateway = stage.town.gateway
    return TestClient(web(gateway.web.routes(), gateway.base.log, gateway.web.pages), base_url=BASE)


def link(texts: list[str], word: str) -> str:
    return re.findall(rf"{BASE}(/{word}/\S+)", "\n".join(texts))[-1]


def confirm_link(stage: Stage) -> str:
    """The link as it stands in the encrypted mail, and nowhere else."""
    (handover,) = stage.town.handovers
    assert not any("/melden/" in mail.text for mail in stage.town.notices("team@hulp-almere.example"))
    return link([parse(stage.opens(handover.armour)).texts[0]], "melden")


SURE = {"zeker": "ja"}
"""The answer to the question whether they really spoke with the patient."""


def version(page: str) -> str:
    """The version of the case that a page was made for."""
    (found,) = re.findall(r'name="versie" value="(\d+)"', page)
    return found


async def test_looking_changes_nothing_and_the_button_reports(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    with client(stage) as browser:
        before = stage.town.the_case()["events"]
        for _ in range(3):
            shown = browser.get(page)
            assert shown.status_code == 200
            assert stage.kenmerk in shown.text
        assert browser.head(page).status_code == 200
        assert stage.town.the_case()["events"] == before
        assert not any(secret in shown.text for secret in SECRETS)
        assert "set-cookie" not in shown.headers
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert "script" not in shown.text

        tried = {"melding": "niet-bereikt", "dagdeel": "ochtend", "versie": version(shown.text)}
        assert "Dank u wel." in browser.post(page, data=tried).text
        assert stage.state is State.ATTEMPTED
        assert browser.post(page, data=tried).status_code == 409, "one call is one try"
        kinds = [event["kind"] for event in stage.town.the_case()["events"]]
        assert kinds.count("case.attempted") == 1
        asked = browser.post(page, data={"melding": "gesproken"})
        assert "Hebt u de patiënt gesproken?" in asked.text
        assert stage.state is State.ATTEMPTED, "it is asked before it is told"
        assert browser.post(page, data={"melding": "gesproken"} | SURE).status_code == 200
        assert stage.state is State.CONTACTED
        again = browser.post(page, data={"melding": "gesproken"} | SURE)
        assert "Dit was al gemeld." in again.text
    await stage.happens()
    assert sum("De patiënt is in beeld." in text for text in stage.told()) == 1


async def test_a_stale_page_says_that_a_referral_was_withdrawn(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    await stage.answers("Intrekken graag")
    with client(stage) as browser:
        assert (
            "Deze aanmelding is ingetrokken." in browser.post(page, data={"melding": "gesproken"} | SURE).text
        )
    await stage.happens()
    assert any("meldt dat er contact is geweest" in text for text in stage.told())


async def test_a_mistake_is_taken_back_once_however_often_it_is_pressed(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    with client(stage) as browser:
        for word in ("gesproken", "gestopt"):
            browser.post(page, data={"melding": word} | SURE)
        mistake = {"melding": "vergissing", "versie": version(browser.get(page).text)}
        assert "Dank u wel." in browser.post(page, data=mistake).text
        assert stage.state is State.CONTACTED
        again = browser.post(page, data=mistake)
        assert again.status_code == 409
        assert "Er is intussen al iets gemeld." in again.text
        assert browser.post(page, data={"melding": "vergissing"}).status_code == 409
    assert stage.state is State.CONTACTED
    await stage.happens()
    assert not any("niet in beeld" in text for text in stage.told())


async def test_who_had_it_before_may_report_contact_and_learns_nothing(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    stage.town.inbeeld("cases", "reroute", stage.kenmerk, "buurtteam")
    await stage.happens()
    with client(stage) as browser:
        waiting = browser.get(page).text
        stage.town.inbeeld("cases", "report", stage.kenmerk, "contacted")
        stage.town.inbeeld("cases", "report", stage.kenmerk, "in_support")
        assert browser.get(page).text == waiting, "what became of it is not theirs"
        assert "Een andere organisatie heeft deze aanmelding nu." in waiting
        assert re.findall(r'name="melding" id="(.+?)"', waiting) == ["gesproken", "patient-belde"]
        assert "uiterlijk" not in waiting
        for word in ("niet-bereikt", "vergissing", "gestopt"):
            assert browser.post(page, data={"melding": word}).status_code == 409
        assert "Dank u wel." in browser.post(page, data={"melding": "gesproken"} | SURE).text
    assert stage.state is State.IN_SUPPORT


async def test_who_had_it_before_takes_back_the_contact_that_they_reported(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    stage.town.inbeeld("cases", "reroute", stage.kenmerk, "buurtteam")
    await stage.happens()
    with client(stage) as browser:
        browser.post(page, data={"melding": "gesproken"} | SURE)
        mistake = {"melding": "vergissing", "versie": version(browser.get(page).text)}
        assert "Dank u wel." in browser.post(page, data=mistake).text
    assert stage.state is State.COLLECTED


async def test_the_referral_itself_holds_the_link_sealed(open_stage: Stage) -> None:
    (handover,) = open_stage.town.handovers
    assert b"/melden/" not in handover.received.content
    opened = parse(open_stage.opens(handover.armour)).texts[0]
    with client(open_stage) as browser:
        assert browser.get(link([opened], "melden")).status_code == 200


async def test_a_link_that_is_not_ours_says_nothing_and_an_old_one_says_so(open_stage: Stage) -> None:
    stage, page = open_stage, confirm_link(open_stage)
    with client(stage) as browser:
        wrong = browser.get(page[:-1] + ("a" if page[-1] != "a" else "b"))
        assert wrong.status_code == 404
        assert "IB-" not in wrong.text
        status = link(stage.told(), "status")
        swapped = browser.get(page.replace("/melden/", "/status/"))
        assert swapped.status_code == 404, "a link for one page opens no other"
        assert browser.post(status, data={"melding": "gesproken"}).status_code == 405
        stage.at("2035-09-01 12:00")
        late = browser.post(page, data={"melding": "gesproken"})
        assert late.status_code == 410
        assert "verlopen" in late.text
    assert stage.state is State.DELIVERED


@pytest.mark.parametrize("form", [{}, {"melding": "iets anders"}, {"melding": "gestopt"}])
async def test_a_wrong_form_reports_nothing(open_stage: Stage, form: dict[str, str]) -> None:
    with client(open_stage) as browser:
        assert browser.post(confirm_link(open_stage), data=form).status_code in (409, 422)
    assert open_stage.state is State.DELIVERED


async def test_a_link_of_an_organisation_that_went_opens_nothing(open_stage: Stage) -> None:
    stage, until = open_stage, open_stage.town.now + timedelta(days=1)
    links = stage.town.gateway.worker.tokens
    theirs, gone = (
        f"/melden/{links.link('confirm', stage.kenmerk, id_, until)}"
        for id_ in (stage.town.the_case()["organisation"], "weggegaan")
    )
    with client(stage) as browser:
        assert browser.get(theirs).status_code == 200
        for told in (browser.get(gone), browser.post(gone, data={"melding": "gesproken"})):
            assert told.status_code == 404
            assert stage.kenmerk not in told.text
    assert stage.state is State.DELIVERED


@pytest.mark.parametrize(("feedback", "status"), [("in_beeld", 200), ("geaggregeerd", 404)])
async def test_who_agreed_to_overall_figures_sees_no_steps(stage: Stage, feedback: str, status: int) -> None:
    town = stage.town
    town.place.replace("pathways/almere.toml", 'feedback = "in_beeld"', f'feedback = "{feedback}"')
    await town.restart()
    stage.at(MONDAY)
    await stage.refers(referral(stage.setting))
    until = town.now + timedelta(days=1)
    page = town.gateway.worker.tokens.link("status", stage.kenmerk, stage.setting.practice, until)
    with client(stage) as browser:
        told = browser.get(f"/status/{page}")
    assert told.status_code == status
    assert (stage.kenmerk in told.text) is (status == 200)


async def test_the_referrer_sees_steps_and_dates(open_stage: Stage) -> None:
    stage = open_stage
    with client(stage) as browser:
        page = link(stage.told(), "status")
        shown = browser.get(page).text
        assert "afgeleverd bij de organisatie" in shown
        assert "donderdag 8 maart" in shown
        assert "Wij wachten op uw antwoord" not in shown
        await stage.reports("verkeerd nummer")
        shown = browser.get(page).text
        assert "Wij wachten op uw antwoord" in shown
        assert "Klopt het telefoonnummer van de patiënt, of weet u een ander nummer?" in shown
        assert "Horen we niets vóór" in shown
        await stage.reports("in beeld")
        await stage.reports("gestart")
        await stage.reports("gestopt")
        shown = browser.get(page).text
        assert "de patiënt is in beeld" in shown
        assert "afgerond" not in shown, "this practice agreed to hear no more than that"
