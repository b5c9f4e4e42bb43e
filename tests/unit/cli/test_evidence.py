"""What can be shown of each message, without anything of a patient."""

import csv
import io
import json
import re

from sqlalchemy import update

from gateway.sandbox.pool import Readers
from gateway.store.tables import OutboxRow
from tests.contract.adapters.ways import opened
from tests.invented import PATIENT, REMARK, make_mail
from tests.peers.mail import MailPeer
from tests.story.place import Place


async def test_who_sent_whom_what_and_how_it_was_protected(
    place: Place, peer: MailPeer, readers: Readers
) -> None:
    async with opened(place, peer, readers) as town:
        await town.post(make_mail())
        await town.post(make_mail(sender="iemand@elders.example", proof=None))
        printed = town.inbeeld("audit", "evidence")
        lines = [json.loads(line) for line in town.inbeeld("audit", "evidence", "--json").splitlines()]
        kenmerk = next(case["kenmerk"] for case in town.cases() if case["state"] == "delivered")
        later = town.inbeeld("audit", "evidence", "--json", "--from", "2100-01-01")
        with town.gateway.store.write() as session:
            session.execute(update(OutboxRow).values(status="ready", sent_at=None, receipt_text=None))
        waiting = [json.loads(line) for line in town.inbeeld("audit", "evidence", "--json").splitlines()]
    rows = list(csv.DictReader(io.StringIO(printed), delimiter=";"))
    assert rows == lines
    assert later == ""
    incoming = {row["uitkomst"]: row for row in rows if row["richting"] == "in"}
    came, aside = incoming["case"], incoming["quarantine"]
    assert (came["richting"], came["kenmerk"], came["uitkomst"]) == ("in", kenmerk, "case")
    assert came["ontvanger"] == "aanmelding@handover.example"
    assert "Filmwijk" in came["afzender"]
    assert re.fullmatch(r"TLSv1\.[23] [A-Z0-9_-]+", came["beveiliging"])
    assert came["bewijs"] == ""
    assert (aside["afzender"], aside["uitkomst"]) == ("onbekend", "quarantine")
    by_kind = {row["soort"]: row for row in rows if row["richting"] == "uit"}
    assert by_kind["handover"]["ontvanger"] == "De Schoor"
    assert by_kind["handover"]["beveiliging"].startswith("OpenPGP over TLSv1.")
    assert by_kind["handover"]["uitkomst"] == "sent"
    assert "250" in by_kind["handover"]["bewijs"]
    assert by_kind["reply"]["beveiliging"].startswith("TLSv1.")
    assert "Filmwijk" in by_kind["reply"]["ontvanger"]
    assert {row["kenmerk"] for row in by_kind.values()} == {kenmerk}
    unsent = {row["soort"]: row["beveiliging"] for row in waiting if row["richting"] == "uit"}
    assert (unsent["handover"], unsent["reply"]) == ("OpenPGP", ""), "of what waits nothing is unknown"
    for word in (PATIENT.name, *PATIENT.spellings, REMARK, "geldzorgen", "iemand@"):
        assert word not in printed
