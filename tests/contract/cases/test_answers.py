"""A practice without secure mail: its mail says only that there is an answer, which is read on a page."""

import json
import re
from typing import Any, cast

import pytest
from sqlmodel import select

from gateway.errors import NotFound
from gateway.gate.senders import party_of
from gateway.pipeline.reply import Links
from gateway.sandbox.pool import Readers
from gateway.store import audit
from gateway.store.tables import CaseRow, OutboxRow
from gateway.web.auth import Role
from tests.contract.adapters.ways import opened
from tests.contract.cases.desk import Desk, words
from tests.invented import PATIENT, make_mail
from tests.peers.mail import MailPeer
from tests.story.place import Place

LINK = re.compile(r"https://handover\.example(/berichten/[0-9a-f]+)")
ELSEWHERE = (
    '\n[[practice]]\nid = "elders"\nname = "Praktijk Elders"\ndomains = ["elders.example"]\npage = true\n'
)


async def test_what_was_answered_is_read_on_the_page_and_stands_in_no_mail(
    place: Place, peer: MailPeer, readers: Readers
) -> None:
    place.replace("inbeeld.toml", 'public_url = ""', 'public_url = "https://handover.example"')
    place.replace("practices.toml", 'id = "filmwijk"', 'id = "filmwijk"\npage = true')
    place.append("practices.toml", ELSEWHERE)
    async with opened(place, peer, readers) as town:
        mail = make_mail()
        await town.post(mail)
        kenmerk = town.the_case()["kenmerk"]
        town.inbeeld("cases", "report", kenmerk, "contacted")
        await town.work()
        receipt, told = town.answers(mail)
        for each in (receipt, told):
            assert each["In-Reply-To"] == mail["Message-ID"]
            for word in (kenmerk, "in beeld", "contact op", PATIENT.e164[-2:], "De Schoor"):
                assert word not in LINK.sub("", each.text.replace("InBeeld", "")), word
        (path,) = LINK.findall(told.text)

        # A town has the gateway of a stage; logging in with two factors stands with the accounts.
        desk = Desk(cast(Any, town))
        desk.login("lena", Role.VERWIJZER, party_of("filmwijk"))
        listed = words(desk.client.get("/berichten").text)
        assert listed.count(kenmerk) >= 2
        answer = desk.client.get(path)
        assert answer.status_code == 200
        assert "De patiënt is in beeld." in words(answer.text)
        assert kenmerk in words(answer.text)
        assert "/status/" not in answer.text
        # A question is answered in the thread; "this mail" is not on the page.
        assert "Antwoord op de mail met de link naar dit bericht." in words(answer.text)
        assert "Antwoord dan op deze mail" in told.text
        with town.gateway.store.read() as session:
            looks = [row for row in audit.export(session) if row.kind == "answer.shown"]
        assert [(row.actor, json.loads(row.data)["delivery"]) for row in looks] == [
            ("user:lena", path.rpartition("/")[2])
        ]

        invite = ("users", "invite", "lena@x.example", "--name", "Lena", "--role", "verwijzer")
        assert "/uitnodiging/" in town.inbeeld(*invite, "--practice", "filmwijk")
        for wrong in (("--practice", "nergens"), ("--organisation", "de-schoor"), ()):
            town.inbeeld(*invite, *wrong, code=1)
        # Where nobody could read it, it is held: the mail would say nothing.
        with town.gateway.store.read() as session:
            rows = session.exec(select(OutboxRow).where(OutboxRow.kind == "reply")).all()
            case = session.exec(select(CaseRow)).one()
        blind = town.gateway.worker.reply(Links(town.gateway.web.tokens, ""))
        with pytest.raises(NotFound):
            blind.to_referrer(case, rows[0], town.now)

        # They read, and nothing else; and nobody else reads it.
        home = desk.client.get("/inloggen")
        assert home.headers.get("location", "/berichten") == "/berichten"
        for other in (
            "/bord",
            "/postvak",
            "/sleutel",
            "/overleg",
            "/gebruikers",
            "/collegas",
            f"/zaken/{kenmerk}",
        ):
            assert desk.client.get(other).status_code == 404, other
        for name, role, party in (
            ("omar", Role.VERWIJZER, party_of("elders")),
            ("sam", Role.MEDEWERKER, "de-schoor"),
            ("anouk", Role.BEHEERDER, None),
        ):
            desk.login(name, role, party)
            assert desk.client.get(path).status_code == 404, name
        # A beheerder invites them on the page, too.
        given = {"login": "mo@x.example", "naam": "Mo", "organisatie": party_of("elders")}
        assert "Leest de antwoorden aan Praktijk Elders" in desk.client.get("/gebruikers/uitnodigen").text
        assert "/uitnodiging/" in desk.client.post("/gebruikers/uitnodigen", data=given).text
        assert words(desk.client.get("/gebruikers").text).count("Leest antwoorden") >= 3
        desk.login("omar", Role.VERWIJZER, party_of("elders"))
        assert kenmerk not in desk.client.get("/berichten").text

        # A practice that gets its answers by mail has no readers.
        desk.login("wim", Role.VERWIJZER, party_of("de-schoor"))
        assert desk.client.get("/berichten").status_code == 303
