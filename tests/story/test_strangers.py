"""What a stranger finds here: the way in, the page for practices, and whom to tell of a weakness."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.app.pages import offer_of
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from gateway.store.migrate import migrate
from gateway.web.app import web
from gateway.web.public.practices import SUBJECT, example
from tests.invented import PRACTICE
from tests.story.place import Place

HTML = {"Accept": "text/html"}


@contextmanager
def browser(place: Place) -> Iterator[TestClient]:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    app = web(gateway.web.routes(), gateway.base.log, gateway.web.pages)
    with TestClient(app, base_url="https://handover.example", follow_redirects=False, headers=HTML) as client:
        yield client


async def test_who_comes_without_a_path_is_sent_to_the_login(place: Place) -> None:
    with browser(place) as client:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/inloggen")
        client.cookies.set("__Host-inbeeld", "niet van ons")
        assert client.get("/").headers["location"] == "/inloggen"


async def test_the_page_for_practices_tells_what_was_agreed(place: Place) -> None:
    with browser(place) as client:
        shown = client.get("/verwijzen")
        assert "uiterlijk over 3 dagen" in shown.text
        assert "mailto:aanmelding@handover.example?subject=" in shown.text
        assert "set-cookie" not in shown.headers
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert shown.headers["x-robots-tag"] == "noindex, nofollow"
    path = place.directory / "config" / "pathways" / "almere.toml"
    path.write_text(path.read_text().replace('count = "calendar"', 'count = "working"', 1))
    with browser(place) as client:
        assert "uiterlijk over 3 werkdagen" in client.get("/verwijzen").text


async def test_the_example_is_a_referral_to_our_own_reader(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    offer = offer_of(gateway.web)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"praktijk@{PRACTICE}", offer.address, SUBJECT
    mail.set_content(example(offer.wijk))
    found = read(mail.as_bytes(), gateway.base.directory().gazetteer)
    assert found.verdict is Verdict.REFERRAL
    assert (found.name, found.phone, found.wijk) == ("Jan Voorbeeld", "+31612345678", offer.wijk)
    assert found.problems == ()


async def test_the_card_for_the_patient_tells_who_calls_from_the_configuration(place: Place) -> None:
    with browser(place) as client:
        chosen = client.get("/verwijskaart?plaats=filmwijk&taal=pl")
        assert chosen.headers["location"] == "/verwijskaart/pl/Filmwijk"
        pictures = client.get("/verwijskaart/beeld/Filmwijk")
        assert "Binnen zo veel dagen: 3." in pictures.text
        shown = client.get("/verwijskaart/nl/Filmwijk")
        assert "De Schoor" in shown.text
        assert "binnen 3 dagen" in shown.text
        assert "tel:" not in shown.text, "no number was configured"
        assert "set-cookie" not in shown.headers
        for unknown in ("/verwijskaart/nl/Nergens", "/verwijskaart/xx/Filmwijk", "/verwijskaart?plaats=<b>"):
            answer = client.get(unknown)
            assert answer.status_code == 404
            assert "<b>" not in answer.text
    place.replace("organisations.toml", '# public_phone = "036-5310000"', 'public_phone = "036-5310000"')
    with browser(place) as client:
        assert 'href="tel:+31365310000">036 531 0000</a>' in client.get("/verwijskaart/nl/Filmwijk").text


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_pages_speak_the_language_of_the_gateway(place: Place, language: str) -> None:
    place.replace("inbeeld.toml", 'language = "nl"', f'language = "{language}"')
    title = {"nl": "Verwijzen met één mail", "en": "Refer with one e-mail"}[language]
    with browser(place) as client:
        shown = client.get("/verwijzen").text
        assert f'<html lang="{language}"' in shown
        assert f"<h1>{title}</h1>" in shown
        gone = {"nl": "Deze link klopt niet", "en": "This link is not right"}[language]
        assert gone in client.get("/melden/x").text


async def test_who_finds_a_weakness_is_told_whom_to_tell(place: Place) -> None:
    place.replace(
        "inbeeld.toml", 'security_contact = ""', 'security_contact = "https://handover.example/lek"'
    )
    with browser(place) as client:
        assert "Contact: https://handover.example/lek\n" in client.get("/.well-known/security.txt").text


async def test_by_default_the_first_administrator_is(place: Place) -> None:
    with browser(place) as client:
        assert client.get("/.well-known/security.txt").status_code == 404
    path = place.directory / "config" / "inbeeld.toml"
    before, _, after = path.read_text().rpartition("to = []")
    path.write_text(f'{before}to = ["een@handover.example", "twee@handover.example"]{after}')
    with browser(place) as client:
        told = client.get("/.well-known/security.txt").text
        assert "Contact: mailto:een@handover.example\n" in told
        assert "twee" not in told
