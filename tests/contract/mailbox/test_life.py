"""The life of an item in the mailbox, over real HTTPS."""

import pytest

from tests.contract.mailbox.harbour import HAVEN, POORT, Harbour


async def test_an_item_is_collected_opened_and_acknowledged(harbour: Harbour) -> None:
    patient = await harbour.refer()
    item = await harbour.leased()
    assert item.keys() == {
        *(
            "berichtId",
            "leaseToken",
            "zichtbaarTot",
            "poging",
            "kenmerk",
            "uiterlijk",
            "spoed",
            "jwe",
            "inhoud",
        )
    }
    assert (item["poging"], item["inhoud"]) == (1, None)
    read = harbour.open_item(item)
    assert (read.naam, read.telefoon, read.kenmerk) == (patient.name, patient.e164, item["kenmerk"])
    assert harbour.town.the_case()["state"] == "delivered", "leased is not collected"

    first = await harbour.settle(item, "ontvangstbevestigingen")
    assert first.status_code == 200
    assert harbour.town.the_case()["state"] == "collected"
    harbour.later(hours=1)
    again = await harbour.settle(item, "ontvangstbevestigingen")
    assert again.json() == first.json(), "said twice, the same answer"
    assert await harbour.collect() == []
    assert harbour.kinds().count("case.collected") == 1
    assert harbour.kinds().count("mailbox.leased") == 1, "every look is an event"


async def test_several_are_acknowledged_together_and_each_has_its_own_answer(harbour: Harbour) -> None:
    for _ in range(4):
        await harbour.refer()
    (late,) = await harbour.collect(maximum=1)
    harbour.later(minutes=5, seconds=1)
    kept = [one for one in await harbour.collect() if one["berichtId"] != late["berichtId"]]
    never = {"berichtId": "0" * 32, "leaseToken": late["leaseToken"]}
    said = [kept[0], late, kept[1], never, kept[2], kept[0]]

    first = await harbour.acknowledge(said)
    problems = [one["probleem"] and one["probleem"].rpartition(":")[2] for one in first]
    assert problems == [None, "lease-verlopen", None, "niet-gevonden", None, None]
    assert [one["berichtId"] for one in first] == [one["berichtId"] for one in said]
    assert [one["kenmerk"] for one in first if one["kenmerk"]] == [
        item["kenmerk"] for item in (*kept, kept[0])
    ]
    harbour.later(hours=1)
    assert await harbour.acknowledge(said) == first, "said twice, the same answer"
    assert harbour.kinds().count("case.collected") == 3


async def test_anothers_items_are_not_acknowledged_with_ones_own(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    (told,) = await harbour.acknowledge([item], who=POORT)
    assert told["probleem"] == "urn:inbeeld:probleem:niet-gevonden"
    assert harbour.town.the_case()["state"] == "delivered"


async def test_an_item_is_leased_to_one_at_a_time_and_comes_back(harbour: Harbour) -> None:
    await harbour.refer()
    first = await harbour.leased()
    assert await harbour.collect() == []
    harbour.later(minutes=5)
    second = await harbour.leased()
    assert (second["berichtId"], second["poging"]) == (first["berichtId"], 2)

    late = await harbour.settle(first, "ontvangstbevestigingen")
    assert (late.status_code, late.json()["type"]) == (409, "urn:inbeeld:probleem:lease-verlopen")
    assert "Haal opnieuw op" in late.json()["watTeDoen"]
    assert (await harbour.settle(second, "ontvangstbevestigingen")).status_code == 200


@pytest.mark.parametrize("what", ["ontvangstbevestigingen", "verlengingen", "teruggaven"])
async def test_what_comes_too_late_is_told_so(harbour: Harbour, what: str) -> None:
    await harbour.refer()
    item = await harbour.leased()
    harbour.later(minutes=5, seconds=1)
    assert (await harbour.settle(item, what)).status_code == 409
    assert harbour.town.the_case()["state"] == "delivered"


async def test_a_lease_can_be_made_longer_but_never_shorter(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    longer = await harbour.settle(item, "verlengingen", seconden=900)
    assert longer.status_code == 200
    shorter = await harbour.settle(item, "verlengingen", seconden=30)
    assert shorter.json() == longer.json()
    harbour.later(minutes=14)
    assert await harbour.collect() == []
    assert (await harbour.settle(item, "ontvangstbevestigingen")).status_code == 200


async def test_what_is_given_back_waits_at_once_and_is_not_lost(harbour: Harbour) -> None:
    await harbour.refer()
    for _ in range(6):
        item = await harbour.leased()
        first = await harbour.settle(item, "teruggaven")
        assert (await harbour.settle(item, "teruggaven")).json() == first.json()
        assert (await harbour.settle(item, "ontvangstbevestigingen")).status_code == 409
    assert (await harbour.leased())["poging"] == 7
    assert "mailbox.lease_lost" not in harbour.kinds()


async def test_a_refused_referral_goes_to_the_backup(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    first = await harbour.settle(item, "weigeringen", reden="vol")
    assert first.status_code == 200, first.text
    assert (await harbour.settle(item, "weigeringen", reden="capacity")).json() == first.json()
    await harbour.town.work()
    theirs = await harbour.leased(POORT)
    assert harbour.open_item(theirs, POORT).kenmerk == item["kenmerk"]
    assert await harbour.collect() == []
    assert harbour.kinds().count("case.declined") == 1

    told = await harbour.report(item["kenmerk"], status="niet_bereikt")
    assert (told.status_code, told.json()["type"]) == (409, "urn:inbeeld:probleem:overgedragen")
    assert (await harbour.report(item["kenmerk"], status="in_beeld")).json()["gewijzigd"] is True


async def test_five_lost_leases_are_held_with_an_alarm_and_mended_by_hand(harbour: Harbour) -> None:
    await harbour.refer()
    for number in range(1, 6):
        assert (await harbour.leased())["poging"] == number
        harbour.later(minutes=5)
    assert await harbour.collect() == []
    assert harbour.kinds().count("mailbox.lease_lost") == 5
    (case,) = harbour.town.cases()
    assert case["held"] == ["leases_lost"]
    alarms = [event for event in harbour.town.the_case()["events"] if event["kind"] == "alarm"]
    assert ["leases_lost" in event["data"] for event in alarms] == [True]
    assert [row.sealed for row in harbour.rows()] == [None]

    harbour.town.inbeeld("queue", "retry", case["kenmerk"])
    await harbour.town.work()
    item = await harbour.leased()
    assert harbour.open_item(item).kenmerk == case["kenmerk"]
    assert (await harbour.settle(item, "ontvangstbevestigingen")).status_code == 200
    assert harbour.town.cases()[0]["held"] == []


async def test_a_collector_that_never_comes_back_is_noticed_by_the_worker(harbour: Harbour) -> None:
    await harbour.refer()
    await harbour.leased()
    harbour.later(minutes=5)
    await harbour.town.work()
    assert "mailbox.lease_lost" in harbour.kinds()
    assert harbour.town.audit().faults == ()


async def test_contact_destroys_what_waits_and_what_was_collected(harbour: Harbour) -> None:
    await harbour.refer()
    item = await harbour.leased()
    assert (await harbour.report(item["kenmerk"], status="contacted")).json() == {
        "kenmerk": item["kenmerk"],
        "status": "contacted",
        "gewijzigd": True,
        "toestand": "contacted",
    }
    assert [row.sealed for row in harbour.rows()] == [None]
    # The collector that had it in hand need not know.
    assert (await harbour.settle(item, "ontvangstbevestigingen")).status_code == 200
    assert await harbour.collect() == []

    await harbour.refer()
    other = await harbour.leased()
    await harbour.settle(other, "ontvangstbevestigingen")
    assert any(row.sealed for row in harbour.rows())
    await harbour.report(other["kenmerk"], status="in_beeld")
    assert not any(row.sealed for row in harbour.rows())


async def test_what_was_collected_is_destroyed_after_the_agreed_days(harbour: Harbour) -> None:
    # De Poort has no backup that would get the referral when the promise is broken.
    await harbour.refer("De Hoven")
    item = await harbour.leased(POORT)
    await harbour.settle(item, "ontvangstbevestigingen", who=POORT)
    await harbour.town.work(days=6, hours=23)
    assert [row.sealed is None for row in harbour.rows()] == [False]
    await harbour.town.work(hours=2)
    assert [row.sealed is None for row in harbour.rows()] == [True]
    assert (await harbour.settle(item, "ontvangstbevestigingen", who=POORT)).status_code == 200


async def test_what_is_not_collected_is_visible_and_reminded_without_content(harbour: Harbour) -> None:
    patient = await harbour.refer()
    await harbour.town.work(days=1)
    notices = harbour.town.notices(f"team@{HAVEN}.example")
    arrived, reminded = notices
    assert arrived["Subject"].startswith("Nieuwe aanmelding")
    assert "hebt u die gezien?" in reminded["Subject"]
    for notice in notices:
        assert not any(one in notice.text for one in (patient.name, *patient.spellings))
    item = await harbour.leased()
    await harbour.settle(item, "ontvangstbevestigingen")
    clocks = {clock["kind"]: clock for clock in harbour.town.the_case()["clocks"]}
    assert clocks["collect"]["fired_at"] is not None
    assert clocks["collect"]["met_at"] is not None


async def test_what_was_collected_in_time_is_not_reminded(harbour: Harbour) -> None:
    await harbour.refer()
    await harbour.settle(await harbour.leased(), "ontvangstbevestigingen")
    await harbour.town.work(days=1)
    assert len(harbour.town.notices(f"team@{HAVEN}.example")) == 1, "that it arrived, and no more"


async def test_the_queue_is_counted(harbour: Harbour) -> None:
    assert (await harbour.ask("/v1/wachtrij", method="GET")).json() == {
        "aantal": 0,
        "inBehandeling": 0,
        "oudste": None,
        "eersteTermijn": None,
    }
    await harbour.refer()
    await harbour.refer()
    assert len(await harbour.collect(maximum=1)) == 1
    found = (await harbour.ask("/v1/wachtrij", method="GET")).json()
    assert (found["aantal"], found["inBehandeling"]) == (1, 1)
    assert found["oudste"] < found["eersteTermijn"]


async def test_an_attempt_with_a_name_counts_once(harbour: Harbour) -> None:
    await harbour.refer()
    kenmerk = (await harbour.leased())["kenmerk"]
    said = {"status": "niet_bereikt", "dagdeel": "ochtend", "meldingId": "poging-1"}
    assert [(await harbour.report(kenmerk, **said)).json()["gewijzigd"] for _ in range(3)] == [
        True,
        False,
        False,
    ]
    assert harbour.kinds().count("case.attempted") == 1


async def test_the_whole_vocabulary_is_settled(harbour: Harbour) -> None:
    await harbour.refer()
    kenmerk = (await harbour.leased())["kenmerk"]
    walk = [
        ({"status": "opgehaald"}, "collected"),
        ({"status": "attempted", "dagdeel": "avond"}, "attempted"),
        ({"status": "in_beeld"}, "contacted"),
        ({"status": "afspraak", "vervolgstap": "kennismaking"}, "intake_planned"),
        ({"status": "niet_verschenen"}, "no_show"),
        ({"status": "gestart"}, "in_support"),
        ({"status": "gestopt", "uitkomst": "afgerond"}, "stopped"),
    ]
    for body, state in walk:
        assert (await harbour.report(kenmerk, **body)).json()["toestand"] == state
    late = await harbour.report(kenmerk, status="niet_bereikt")
    assert (late.status_code, late.json()["gewijzigd"]) == (200, False)
    wrong = await harbour.report(kenmerk, status="withdrawal_confirmed")
    assert wrong.status_code == 409
    assert "corrected" in wrong.json()["mogelijk"]
