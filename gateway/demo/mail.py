"""The people of the demo and their mails: nobody in here exists."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

import aiosmtplib

GATEWAY = "aanmelding@handover.example"
WIRE = SMTP.clone(max_line_length=998)
"""No line is folded: the standard library would encode a long Message-ID."""

FRONT = "mx.handover.example"


@dataclass(frozen=True, slots=True)
class DemoPractice:
    """Somebody who refers."""

    doctor: str
    address: str
    title: str
    phone: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Somebody who is referred."""

    name: str
    phone: str
    wijk: str


PRACTICE = DemoPractice(
    "Marieke de Boer",
    "m.deboer@huisartsenpraktijk-filmwijk.example",
    "Gezondheidscentrum Filmwijk",
    "036-5300000",
)
PRACTICES = (
    PRACTICE,
    DemoPractice(
        "Joris Hendriks",
        "j.hendriks@huisartsen-stedenwijk.example",
        "Huisartsen Stedenwijk",
        "036-5311111",
    ),
    DemoPractice(
        "Fatima el Amrani",
        "f.elamrani@huisartsen-dewierden.example",
        "Huisartsenpraktijk De Wierden",
        "036-5322222",
    ),
)
PATIENT = Patient("Jolanda Verhoeven", "06-11 22 33 44", "Muziekwijk")
REMARK = "slaapt slecht en gebruikt oxazepam"

_FIRST = (
    "Ansje Berend Cornelia Dirkjan Evelien Farid Greetje Hamza Ilse Jelmer Karima Lodewijk Mirjam Nadia Otto "
    "Petronella Quinten Roswitha Samira Tjeerd Ulrike Vincent Wilhelmina Xander Yasmina Zeger"
)
_LAST = (
    "Vrolijkstra Oudekerk Zevenster Waterlelie Kwikstaart Bolderman Duinroos Goudappel Hazelaar Kerkuil "
    "Lindeboom Molenwiek Nachtegaal Populier Regenboog Sterrenberg Tuinstra Veldkers Wilgenroos"
)


def patient(number: int, wijk: str) -> Patient:
    """The so manieth patient, each with a name and a telephone number of their own."""
    first, last = _FIRST.split(), _LAST.split()
    name = f"{first[number % len(first)]} {last[number % len(last)]}"
    return Patient(name, f"06-11{number // 100 % 100:02} {number % 100:02} 55", wijk)


def referral(
    who: Patient, practice: DemoPractice, now: datetime, *, remark: str = "ligt er wakker van", text: str = ""
) -> EmailMessage:
    """A referral as a GP writes it; with `text`, that text."""
    return mail(
        practice,
        now,
        text
        or f"Beste collega,\n\nGraag contact met {who.name}, tel. {who.phone}, wijk {who.wijk}.\n"
        f"Zij heeft schulden, {remark}.\n\nMet vriendelijke groet,\n{practice.doctor}, huisarts\n"
        f"{practice.title}\nT {practice.phone}\n",
    )


def mail(
    practice: DemoPractice,
    now: datetime,
    text: str,
    *,
    answers: str | None = None,
    proof: str = "dmarc=pass",
) -> EmailMessage:
    """A mail from a practice; `answers` is the Message-ID of the mail it answers.

    The practice's own server checked its user and says so, as front servers do (RFC 8601).
    """
    made = EmailMessage(policy=WIRE)
    domain = practice.address.partition("@")[2]
    made["Authentication-Results"] = f"{FRONT}; {proof} header.from={domain}"
    made["From"] = f"{practice.doctor} <{practice.address}>"
    made["To"] = GATEWAY
    made["Subject"] = "Re: aanmelding geldzorgen" if answers else "aanmelding geldzorgen"
    made["Date"] = format_datetime(now)
    made["Message-ID"] = make_msgid(domain=domain)
    if answers:
        made["In-Reply-To"] = made["References"] = answers
    made.set_content(text)
    return made


async def send(directory: Path, smtp: tuple[str, int], mail: EmailMessage) -> str:
    """Send a mail over STARTTLS to the gateway of a working directory; gives its answer."""
    host, port = smtp
    async with aiosmtplib.SMTP(
        hostname=host,
        port=port,
        start_tls=True,
        cert_bundle=str(directory / "keys" / "tls" / "ca.pem"),
        local_hostname=parseaddr(mail["From"])[1].partition("@")[2],
    ) as client:
        _, answer = await client.sendmail(parseaddr(mail["From"])[1], [GATEWAY], mail.as_bytes())
    return f"250 {answer}"
