"""Invented people and their mails: factories with overrides. Nobody in here exists."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from tests.moments import MONDAY

WIRE = SMTP.clone(max_line_length=998)
"""No line is folded: the standard library would encode a long Message-ID."""

FRONT = "mx.handover.example"
GATEWAY = "aanmelding@handover.example"
PRACTICE = "huisartsenpraktijk-filmwijk.example"
OTHER_PRACTICE = "huisartsen-stedenwijk.example"


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody with debts; `number` is the national one without its 0."""

    name: str = "Roswitha Quintavalle"
    number: str = "611223344"
    wijk: str = "Muziekwijk"

    @property
    def phone(self) -> str:
        """As a person writes it."""
        return f"06-{self.number[1:]}"

    @property
    def e164(self) -> str:
        """As a telephone wants it."""
        return f"+31{self.number}"

    @property
    def spellings(self) -> tuple[str, ...]:
        """The number in every way in which it could betray itself."""
        rest = self.number[1:]
        pairs = " ".join(rest[at : at + 2] for at in range(0, 8, 2))
        return (
            self.number,
            rest,
            pairs,
            pairs.replace(" ", "-"),
            pairs.replace(" ", "."),
            f"{rest[:4]} {rest[4:]}",
            f"{rest[:4]}-{rest[4:]}",
            f"{rest[:2]} {rest[2:5]} {rest[5:]}",
            f"{rest[:3]} {rest[3:6]} {rest[6:]}",
        )


PATIENT = Patient()
REMARK = "slaapt slecht en gebruikt zolpiwarin"


def make_patients(number: int) -> list[Patient]:
    """So many different patients."""
    names = ("Ansje Vrolijkstra", "Berend Oudekerk", "Cornelia Zevenster", "Dirkjan Waterlelie")
    return [
        Patient(f"{names[at % len(names)]}{'abcdefghij'[at // len(names)]}", f"6311{at:02}4{at:02}")
        for at in range(number)
    ]


def make_mail(
    patient: Patient = PATIENT,
    *,
    sender: str = f"m.deboer@{PRACTICE}",
    subject: str = "aanmelding geldzorgen",
    text: str | None = None,
    remark: str = REMARK,
    message_id: str | None = None,
    proof: str | None = "dmarc=pass",
    headers: dict[str, str] | None = None,
) -> EmailMessage:
    """A referral as a general practitioner writes it; with `text`, that text.

    `proof` is what the front server found out about the sender; None where it said nothing.
    """
    mail = EmailMessage(policy=WIRE)
    domain = sender.rpartition("@")[2]
    if proof is not None:
        mail["Authentication-Results"] = f"{FRONT}; {proof} header.from={domain}"
    mail["From"] = f"Marieke de Boer <{sender}>"
    mail["To"] = GATEWAY
    mail["Subject"] = subject
    mail["Date"] = format_datetime(MONDAY)
    mail["Message-ID"] = message_id or make_msgid(domain=domain)
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(
        text
        or f"Beste collega,\n\nGraag contact met {patient.name}, tel. {patient.phone}, woont in de "
        f"{patient.wijk}.\nHeeft schulden, {remark}.\n\nMet vriendelijke groet,\nMarieke de Boer, huisarts\n"
        "T 036-5300000\n"
    )
    return mail


def make_answer(message_id: str, text: str, *, sender: str = f"m.deboer@{PRACTICE}") -> EmailMessage:
    """A mail in the thread of the mail with that Message-ID."""
    threading = {"In-Reply-To": message_id, "References": message_id}
    return make_mail(sender=sender, subject="Re: aanmelding geldzorgen", text=text, headers=threading)
