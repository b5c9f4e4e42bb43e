"""A program says that its organisation is full: the next referral goes to the backup, and that is told."""

from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour


async def test_who_is_full_is_passed_over_and_comes_back(harbour: Harbour) -> None:
    look = await harbour.ask("/v1/ruimte", method="GET")
    assert look.json() == {"plek": "open", "weken": None, "tot": None, "vervanger": True}
    full = await harbour.ask("/v1/ruimte", {"plek": "vol"}, method="PUT")
    assert (full.status_code, full.json()["plek"]) == (200, "vol")
    await harbour.refer()
    assert harbour.town.the_case()["organisation"] == POORT
    told = [mail.text for mail in harbour.town.mails if not mail.encrypted]
    assert any("heeft nu geen plek. Daarom neemt" in text for text in told)
    with harbour.town.gateway.store.read() as session:
        (change,) = session.connection().exec_driver_sql(
            "SELECT actor, data FROM events WHERE kind = 'directory.changed'"
        )
    assert change[0] == f"organisation:{HAVEN}"
    assert '"full"' in change[1]

    again = await harbour.ask("/v1/ruimte", {"plek": "wachtlijst", "weken": 6}, method="PUT")
    assert again.json() == {"plek": "wachtlijst", "weken": 6, "tot": None, "vervanger": True}
    await harbour.refer()
    assert sorted(case["organisation"] for case in harbour.town.cases()) == sorted([HAVEN, POORT])
    assert any("een wachtlijst van ongeveer 6 weken" in mail.text for mail in harbour.town.mails)
    theirs = await harbour.ask("/v1/ruimte", who=POORT, method="GET")
    assert theirs.json()["plek"] == "open", "each says it of itself alone"

    for body, field in (
        ({"plek": "wachtlijst"}, "weken"),
        ({"plek": "open", "weken": 3}, "weken"),
        ({"plek": "vol", "tot": "2020-01-01"}, "tot"),
        ({"plek": "vol", "tot": "2026-13-45"}, "tot"),
        ({"plek": "wachtlijst", "weken": 105}, "weken"),
        ({"plek": "misschien"}, "plek"),
    ):
        wrong = await harbour.ask("/v1/ruimte", body, method="PUT")
        assert wrong.status_code == 422
        assert wrong.json()["fouten"][0]["veld"] == field
