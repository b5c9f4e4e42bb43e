"""What was set aside, over HTTP: only ciphertext of a mail, nothing done by accident, all of it traced."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from gateway.domain.states import State
from gateway.quarantine.letters import KeptLetter, Letters
from gateway.store import setaside
from gateway.store.pagetables import AllowanceRow
from gateway.web.auth import Role
from tests.contract.quarantine.office import STRANGER, Office
from tests.invented import PATIENT
from tests.moments import MONDAY, written

JSON = {"Accept": "application/json"}
ACTS = ("doorlaten", "toestaan", "weigeren")
NAMES = (PATIENT.name, "Quintavalle", STRANGER, "elders.example", "aanmelding geldzorgen", "zolpiwarin")


def path(case: Any, rest: str = "") -> str:
    return f"/quarantaine/{case.kenmerk}{rest}"


def test_the_list_tells_what_waits_and_nothing_of_it(office: Office) -> None:
    page = office.page("/quarantaine")
    for case in (office.first, office.second):
        assert case.kenmerk in page
    assert written(MONDAY) in page
    assert written(MONDAY + timedelta(days=14)) in page, "when it is destroyed"
    assert not [name for name in NAMES if name in page]
    assert not office.events(office.first)[2:], "to see that something waits is no look at it"


def test_a_mail_is_shown_to_nobody_until_a_reason_is_given(office: Office) -> None:
    page = office.page(path(office.first))
    assert not [name for name in NAMES if name in page]
    answer = office.client.get(path(office.first))
    assert "require-trusted-types-for 'script'" in answer.headers["content-security-policy"]
    for reason in ("", "nieuwsgierig", None, 7, ["judge"]):
        assert office.open(office.first, reason).status_code == 422
    assert "quarantine.shown" not in [event.kind for event in office.events(office.first)]


def test_what_is_no_reason_opens_nothing(office: Office) -> None:
    for body in (b"", b"[]", b"{", b'"judge"', b"\xff", b"[" * 3_000):
        answer = office.client.post(path(office.first, "/openen"), content=body, headers=JSON)
        assert answer.status_code == 422, body[:9]
        assert "jwe" not in answer.text
    assert office.client.post(path(office.first, "/openen"), content=b" " * 4_001).status_code == 413


def test_a_look_gives_ciphertext_and_is_written_down(office: Office) -> None:
    answer = office.open(office.first, "practice_called")
    assert not [name for name in NAMES if name in answer.text]
    mail = office.read(answer)
    assert PATIENT.name in mail["text"]
    assert mail["address"] == STRANGER
    (event,) = [event for event in office.events(office.first) if event.kind == "quarantine.shown"]
    assert (event.actor, json.loads(event.data)) == ("user:noor", {"reason": "practice_called"})
    assert office.read(office.open(office.first))
    assert len([event for event in office.events(office.first) if event.kind == "quarantine.shown"]) == 2


def test_nothing_is_done_before_it_was_confirmed(office: Office) -> None:
    given: dict[str, Any] = {
        "versie": str(office.first.version),
        "praktijk": "filmwijk",
        "afzender": STRANGER,
    }
    for act in ACTS:
        assert "Weet u het zeker?" in office.press(path(office.first, f"/{act}"), **given)
    assert office.case(office.first).state == State.QUARANTINED
    assert office.gateway.base.allow.standing() == []


def test_a_mail_is_let_in_for_the_practice_that_was_named(office: Office) -> None:
    given: dict[str, Any] = {"versie": str(office.first.version), "praktijk": "filmwijk", "zeker": "ja"}
    leads = office.press(path(office.first, "/doorlaten"), 303, **given)
    assert office.first.kenmerk in office.page(leads)
    assert "is doorgelaten" in office.page(leads)
    case = office.case(office.first)
    assert (case.state, case.practice_id) == (State.RECEIVED, "filmwijk")
    released = office.events(office.first)[-1]
    assert (released.kind, released.actor) == ("case.released", "user:noor")
    with office.store.read() as session:
        assert setaside.of_case(session, case.id) is None
    office.press(path(office.first, "/doorlaten"), 409, **given)
    assert office.open(office.first).status_code == 409


def test_a_mail_is_refused_and_destroyed(office: Office) -> None:
    given: dict[str, Any] = {"versie": str(office.first.version), "zeker": "ja"}
    assert "geweigerd" in office.press(path(office.first, "/weigeren"), 303, **given)
    assert office.case(office.first).state == State.CLOSED
    assert office.events(office.first)[-1].actor == "user:noor"
    assert "al beslist" in office.page(path(office.first), 410)
    with office.store.read() as session:
        assert setaside.mail(session, f"mail-{office.first.id}") is None
        assert setaside.of_case(session, office.first.id) is None


def test_a_sender_is_allowed_with_the_mail_let_in(office: Office) -> None:
    given: dict[str, Any] = {"versie": str(office.first.version), "praktijk": "filmwijk", "zeker": "ja"}
    office.press(path(office.first, "/toestaan"), 303, **given, afzender=f" {STRANGER.upper()} ")
    (row,) = office.gateway.base.allow.standing()
    assert (row.practice_id, row.sender, row.created_by) == ("filmwijk", STRANGER, "user:noor")
    practice = office.gateway.base.senders.practice_of(STRANGER)
    assert practice is not None
    assert practice.id == "filmwijk"
    assert office.case(office.first).state == State.RECEIVED
    page = office.page("/quarantaine/toegestaan")
    assert STRANGER in page
    assert "Gezondheidscentrum Filmwijk" in page
    revoke = f"/quarantaine/toegestaan/{row.id}/intrekken"
    assert "Weet u het zeker?" in office.press(revoke)
    assert office.gateway.base.allow.standing()
    assert "Ingetrokken" in office.page(office.press(revoke, 303, zeker="ja"))
    assert office.gateway.base.allow.standing() == []
    assert office.gateway.base.senders.practice_of(STRANGER) is None
    office.press(revoke, 409, zeker="ja")
    office.press("/quarantaine/toegestaan/niets/intrekken", 404, zeker="ja")


UNFIT = {
    "gmail.com": "kan iedereen een adres hebben",
    "geen adres": "vul een mailadres in",
    "": "vul een mailadres in",
    "deschoor.example": "van een organisatie",
    "a@handover.example": "van InBeeld zelf",
    "x@huisartsen-stedenwijk.example": "hoort al bij een andere praktijk",
    "huisartsenpraktijk-filmwijk.example": "mag al verwijzen",
    "<script>alert(1)</script>": "vul een mailadres in",
    "a@b.example\r\nSet-Cookie: x=1": "vul een mailadres in",
}


def test_a_sender_that_is_unfit_is_explained_and_nothing_is_done(office: Office) -> None:
    given: dict[str, Any] = {"versie": str(office.first.version), "praktijk": "filmwijk", "zeker": "ja"}
    for sender, told in UNFIT.items():
        page = office.client.post(path(office.first, "/toestaan"), data={**given, "afzender": sender})
        assert page.status_code == 422, sender
        assert told in page.text, sender
        assert "<script>alert" not in page.text
        assert "set-cookie" not in page.headers
    assert office.case(office.first).state == State.QUARANTINED
    with office.store.read() as session:
        assert session.exec(select(AllowanceRow)).all() == []


def test_a_practice_must_be_chosen(office: Office) -> None:
    for act in ("doorlaten", "toestaan"):
        for practice in ("", "nergens", "filmwijk' --"):
            given = {
                "versie": str(office.first.version),
                "praktijk": practice,
                "zeker": "ja",
                "afzender": STRANGER,
            }
            assert "kies eerst een praktijk" in office.press(path(office.first, f"/{act}"), 422, **given)
    assert office.case(office.first).state == State.QUARANTINED


def test_whoever_saw_another_version_decides_nothing(office: Office) -> None:
    for act in ACTS:
        for version in ("", "1", "99", "-2", "x", "9" * 3_000, "²"):
            given: dict[str, Any] = {
                "versie": version,
                "praktijk": "filmwijk",
                "zeker": "ja",
                "afzender": STRANGER,
            }
            assert "Er is niets gedaan" in office.press(path(office.first, f"/{act}"), 409, **given)
    assert office.case(office.first).state == State.QUARANTINED


def test_a_medewerker_finds_nothing_here(office: Office) -> None:
    office.login("sam", Role.MEDEWERKER, "de-schoor")
    for place in ("/quarantaine", "/quarantaine/toegestaan", path(office.first)):
        assert office.client.get(place).status_code == 404
    assert office.open(office.first).status_code == 404
    for act in ("doorlaten", "toestaan", "weigeren"):
        given: dict[str, Any] = {"versie": str(office.first.version), "praktijk": "filmwijk", "zeker": "ja"}
        office.press(path(office.first, f"/{act}"), 404, **given)
    assert office.case(office.first).state == State.QUARANTINED
    assert "quarantine.shown" not in [event.kind for event in office.events(office.first)]


NOWHERE = ("IB-0000-0000", "x", "..%2f..%2fetc", "IB-7K3F-9QXM%0d%0aX: y", "%3Cscript%3E", "A" * 500)


def test_what_is_no_mail_is_not_there(office: Office) -> None:
    for kenmerk in NOWHERE:
        assert office.client.get(f"/quarantaine/{kenmerk}").status_code == 404
        assert office.client.post(f"/quarantaine/{kenmerk}/doorlaten", data={}).status_code == 404
        assert (
            office.client.post(f"/quarantaine/{kenmerk}/openen", json={"reden": "judge"}).status_code == 404
        )
    office.press(path(office.first, "/vergeten"), 404, versie=str(office.first.version), zeker="ja")


def test_odd_addresses_of_the_list_do_no_harm(office: Office) -> None:
    for query in ("pagina=0", "pagina=-1", "pagina=99999999", "pagina=x", "gedaan=%3Cb%3E&kenmerk=%3Cb%3E"):
        answer = office.client.get(f"/quarantaine?{query}")
        assert answer.status_code == 200
        assert "<b>" not in answer.text


def test_while_there_is_no_copy_the_page_says_what_to_do(office: Office) -> None:
    said = {
        "no_key": "keys adopt beheerders",
        "expired": "is verlopen",
        "cannot_open": "keys/README.md",
        "failed": "elk uur opnieuw",
        "weak": "inbeeld check",
    }
    for code, words in said.items():
        with office.store.write() as session:
            row = setaside.of_case(session, office.first.id)
            assert row is not None
            row.sealed, row.problem = None, code
            session.add(row)
        assert words in office.page(path(office.first))
        assert office.open(office.first).status_code == 409
    with office.store.write() as session:
        row = setaside.of_case(session, office.first.id)
        assert row is not None
        row.problem = None
        session.add(row)
    assert "nog klaargezet" in office.page(path(office.first))
    assert "quarantine.shown" not in [event.kind for event in office.events(office.first)]


def test_the_list_says_that_no_key_is_bound(office: Office) -> None:
    assert "keys adopt beheerders" not in office.page("/quarantaine")
    (office.place.directory / "keys" / "board" / "beheerders.jwk").unlink()
    assert "koppel de sleutel opnieuw" in office.page("/quarantaine")


def test_time_destroys_what_nobody_wanted_and_the_page_says_when(office: Office) -> None:
    due = office.first.received_at + timedelta(days=14)
    assert office.gateway.web.pages.moment(due) in office.page(path(office.first))


@pytest.mark.parametrize("sealed", [True, False])
async def test_a_letter_has_a_page_of_its_own(
    office: Office, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    kept = KeptLetter(
        id="l1",
        kenmerk=office.first.kenmerk,
        practice_id="filmwijk",
        received_at=office.first.received_at,
        code="not_understood",
        problem=None if sealed else "no_key",
        sealed=sealed,
    )
    monkeypatch.setattr(Letters, "one", lambda self, id_: kept)
    shown = office.page("/quarantaine/berichten/l1")
    assert f"Bericht bij {office.first.kenmerk}" in shown
    assert ("Bekijk de mail" in shown) is sealed
    assert "Weet u het zeker?" in office.press("/quarantaine/berichten/l1/afgehandeld")
