"""Some mails, a crash, and everything that must be true afterwards.

SMTP can't do better than this: when a peer has taken a mail and we die before we recorded it, the mail must
be sent once more. So every delivery keeps its Message-ID, by which the second copy is recognised; "once"
means one Message-ID here.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
from sqlmodel import select

from gateway.app import Gateway
from gateway.domain.states import Event, State
from gateway.log import Log
from gateway.pipeline.schedule import utc_now
from gateway.pipeline.settle import Report
from gateway.store import audit, cases
from gateway.store.tables import CaseRow, InboxRow, OutboxRow
from tests.faults.harness import Launcher, Run
from tests.invented import make_mail, make_patients
from tests.patience import PATIENCE_S
from tests.peers.mail import MailPeer
from tests.story.journal import Journal
from tests.story.place import Mail, Place, kinds

MAILS = 3
"""So many mails there are to begin with."""


class Crash:
    """One place whose gateway is killed and started again."""

    def __init__(self, launcher: Launcher, place: Place, peer: MailPeer) -> None:
        self.launcher, self.place, self.peer = launcher, place, peer
        self.mails = [make_mail(patient) for patient in make_patients(MAILS)]
        self.kept: set[str] = set()

    async def serve(self, *words: str, **faults: Any) -> tuple[Run, tuple[str, int]]:
        """Start a gateway; its address is where mail goes in."""
        run = await self.launcher.run(self.place.directory, "serve", *words, **faults)
        return run, await run.ready()

    async def send(self, address: tuple[str, int], mails: Iterable[EmailMessage] | None = None) -> None:
        """Send what got no 250 yet, as a mail server does: each on a connection of its own."""
        left = [mail for mail in (mails or self.mails) if mail["Message-ID"] not in self.kept]
        await asyncio.gather(*(self._one(address, mail) for mail in left))

    async def _one(self, address: tuple[str, int], mail: EmailMessage) -> None:
        try:
            (answer,) = await self.place.send(address, mail)
        except (aiosmtplib.SMTPException, OSError):
            # No 250: a mail server keeps the mail and comes back.
            return
        assert "kept" in answer
        self.kept.add(mail["Message-ID"])

    async def arrived(self, handovers: int, **answers: int) -> None:
        """Wait until so many different mails have arrived of each kind."""

        def enough(_: object) -> bool:
            found = self.arrivals()
            return found["handover"] >= handovers and all(found[kind] >= n for kind, n in answers.items())

        await self.peer.wait_for(enough, PATIENCE_S)

    def arrivals(self) -> Counter[str]:
        """How many different mails arrived, by kind; copies have the same Message-ID."""
        mails = {mail["Message-ID"]: mail for mail in map(Mail, self.peer.messages)}.values()
        words = ["handover" if mail.encrypted else kinds([mail])[0] for mail in mails]
        return Counter(words)

    def kenmerken(self) -> list[str]:
        """The cases that were handed over."""
        return sorted({mail.kenmerk for mail in map(Mail, self.peer.messages) if mail.encrypted})

    def report_all(self) -> None:
        """Report contact on every case; once more changes nothing."""
        # Its log is not what the report of a run says.
        gateway = Gateway.at(self.place.directory, log=Log(Journal()))
        for kenmerk in self.kenmerken():
            with gateway.store.read() as session:
                case = cases.by_kenmerk(session, kenmerk)
            gateway.worker.settle.report(case.id, Report(Event.CONTACTED), utc_now(), "beheerder", "cli")
        gateway.store.close()

    async def report(self, kenmerk: str, **faults: Any) -> Run:
        """Report contact on a case, as a process of its own."""
        return await self.launcher.run(
            self.place.directory, "cases", "report", kenmerk, "contacted", **faults
        )

    async def dies(self, point: str, **faults: Any) -> None:
        """One life that ends at this point; what got no 250 is sent in it."""
        run = await self.launcher.run(self.place.directory, "serve", die=point, **faults)
        if len(self.kept) < len(self.mails):
            await self.send(await run.ready())
        await run.dies()

    async def keep(self, more: int = 0) -> None:
        """Let an intake without a worker keep every mail, and so many `more`."""
        begun = len(self.mails)
        self.mails += [make_mail(patient) for patient in make_patients(begun + more)[begun:]]
        run, address = await self.serve("--role", "intake")
        await self.send(address)
        await run.stop()

    async def finish(self, **settings: Any) -> None:
        """Start a gateway that is left alone, send again what got no 250, report contact, and stop."""
        run, address = await self.serve(**settings)
        await self.send(address)
        assert len(self.kept) == len(self.mails)
        await self.arrived(len(self.mails), receipt=len(self.mails))
        self.report_all()
        await self.arrived(len(self.mails), in_beeld=len(self.mails))
        await run.stop()

    def check(self) -> None:
        """Every mail is exactly one case, delivered and answered exactly once; the audit trail is whole."""
        assert self.arrivals() == {
            "handover": len(self.mails),
            "receipt": len(self.mails),
            "in_beeld": len(self.mails),
        }
        assert len(self.kenmerken()) == len(self.mails)
        arrived = [Mail(message) for message in self.peer.messages]
        for mail in self.mails:
            threads = [
                one for one in map(Mail, self.peer.messages) if one["In-Reply-To"] == mail["Message-ID"]
            ]
            once = {one["Message-ID"]: one for one in threads}.values()
            assert sorted(kinds(once)) == ["in_beeld", "receipt"]
        gateway = Gateway.at(self.place.directory)
        with gateway.store.read() as session:
            found = audit.verify(session)
            handed = session.exec(select(CaseRow)).all()
            rows = session.exec(select(OutboxRow)).all()
            mails = session.exec(select(InboxRow)).all()
        gateway.store.close()
        assert found.faults == ()
        assert found.mails == {"case": len(self.mails)}
        assert [case.state for case in handed] == [State.CONTACTED] * len(self.mails)
        # A handover whose receipt was lost is dropped when contact comes before its second try.
        assert {row.status for row in rows if row.kind == "handover"} <= {"sent", "dropped"}
        assert {row.status for row in rows if row.kind != "handover"} == {"sent"}
        assert {(row.lease, row.sealed) for row in rows} == {(None, None)}
        assert {(mail.lease, mail.sealed) for mail in mails} == {(None, None)}
        sent = {f"<{row.id}@handover.example>" for row in rows if row.kind == "handover"}
        assert {mail["Message-ID"] for mail in arrived if mail.encrypted} == sent


def points_of(path: Path) -> set[str]:
    """The points that a run passed."""
    return set(path.read_text().splitlines())
