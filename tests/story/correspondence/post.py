"""A referral and the letters about it: what a practice, an organisation and mail servers send afterwards."""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from gateway.store import audit, cases, outbox, setaside
from gateway.store.tables import CaseRow, OutboxRow
from tests.invented import PATIENT, PRACTICE, WIRE, Patient, make_answer, make_mail
from tests.story.place import Mail, Town

SAMPLES = Path(__file__).parents[2] / "corpus" / "correspondence"
OTHER = Patient("Willem Dijkgraaf", "621000202", "Filmwijk")
TEAM = "aanmeldingen@deschoor.example"
COLLEAGUE = f"assistent@{PRACTICE}"


@dataclass
class Post:
    """One town; `mail` is the referral, `receipt` what was answered to it."""

    town: Town
    mail: EmailMessage = field(default_factory=make_mail)

    async def refer(self, mail: EmailMessage | None = None) -> None:
        """A practice refers somebody."""
        self.mail = mail or self.mail
        await self.town.post(self.mail)

    @property
    def receipt(self) -> Mail:
        """The first answer in the thread of the referral."""
        return self.town.answers(self.mail)[0]

    async def write(self, text: str, **changes: Any) -> EmailMessage:
        """The practice answers our receipt."""
        letter = make_answer(self.receipt["Message-ID"], text, **changes)
        await self.town.post(letter)
        return letter

    async def report(self, text: str, **changes: Any) -> EmailMessage:
        """The organisation answers the handover."""
        letter = make_mail(text=text, sender="balie@deschoor.example", subject="RE: aanmelding", **changes)
        letter.replace_header("To", self.town.handovers[-1]["Reply-To"])
        await self.town.post(letter)
        return letter

    async def bounce(self, content: EmailMessage, to: str) -> list[str]:
        """A mail server says something, without a sender of its own."""
        content.replace_header("To", to)
        return await self.town.send(content, null_path=True)

    def sample(self, name: str, **values: str) -> EmailMessage:
        """A mail of the corpus, with the values of this story in its place."""
        (path,) = SAMPLES.glob(f"{name}*")
        content = path.read_text(encoding="utf-8", errors="surrogateescape")
        for key, value in values.items():
            content = content.replace("{" + key + "}", value)
        raw = content.encode("utf-8", "surrogateescape")
        return message_from_bytes(raw, policy=WIRE)  # type: ignore[return-value]

    def texts(self, of: EmailMessage | None = None) -> str:
        """Everything that was answered in the thread of a mail (the referral)."""
        return "\n".join(mail.text for mail in self.town.answers(of or self.mail))

    @property
    def case(self) -> CaseRow:
        """The case of the referral."""
        return next(case for case in self.cases if case.kenmerk == self.receipt.kenmerk)

    @property
    def cases(self) -> list[CaseRow]:
        """All cases, oldest first."""
        with self.town.gateway.store.read() as session:
            found = cases.by_kenmerken(session, [one["kenmerk"] for one in self.town.cases()])
        return sorted(found.values(), key=lambda case: (case.received_at, case.updated_at))

    @property
    def letters(self) -> list[str | None]:
        """Why letters are kept for a person."""
        with self.town.gateway.store.read() as session:
            return [copy.code for copy, _, _ in setaside.letters(session)]

    def rows(self) -> list[OutboxRow]:
        """Everything that left or waits about the oldest case."""
        with self.town.gateway.store.read() as session:
            return outbox.of_case(session, self.case.id)

    def events(self, kind: str) -> int:
        """How many events there are of a kind."""
        with self.town.gateway.store.read() as session:
            return sum(row.kind == kind for row in audit.export(session))

    @property
    def told(self) -> str:
        """Everything the organisation was told in clear."""
        return "\n".join(mail.text for mail in self.town.mails if mail["To"] == TEAM)


__all__ = ["COLLEAGUE", "OTHER", "PATIENT", "TEAM", "Post"]
