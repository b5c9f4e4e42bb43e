"""The people of the demo and their mails: nobody in here exists.

What happens to the people of the demo's town in two weeks: data, in the order in which it was thought up.

Hours count from the first Monday at midnight, local time. A referral has its hour, its place, and what its
organisation reports so many hours later.
"""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path

import aiosmtplib

from gateway.domain.codes import DayPart, DeclineReason, NextStep, StopOutcome
from gateway.domain.states import Event
from gateway.pipeline.settle import Report

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
        "Joris Hendriks", "j.hendriks@huisartsen-stedenwijk.example", "Huisartsen Stedenwijk", "036-5311111"
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
    practice: DemoPractice, now: datetime, text: str, *, answers: str | None = None, proof: str = "dmarc=pass"
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


NOW = 11 * 24 + 11
"""The Friday of the second week, eleven o'clock: the moment at which visitors come in."""

CONTACTED = Report(Event.CONTACTED)
CALLED_FIRST = Report(Event.SELF_CONTACT)
PLANNED = Report(Event.INTAKE_PLANNED, next_step=NextStep.INTAKE)
NO_SHOW = Report(Event.NO_SHOW)
STARTED = Report(Event.IN_SUPPORT)
DONE = Report(Event.STOPPED, outcome=StopOutcome.COMPLETED)
MOVED = Report(Event.STOPPED, outcome=StopOutcome.MOVED)
MORNING = Report(Event.ATTEMPTED, day_part=DayPart.OCHTEND)
AFTERNOON = Report(Event.ATTEMPTED, day_part=DayPart.MIDDAG)
EVENING = Report(Event.ATTEMPTED, day_part=DayPart.AVOND)
UNREACHABLE = Report(Event.UNREACHABLE)
FULL = Report(Event.DECLINED, reason=DeclineReason.CAPACITY)
NO_NEED = Report(Event.DECLINED, reason=DeclineReason.PATIENT_DECLINED)
NOT_MEANT = Report(Event.CORRECTED)
WITHDRAWAL_KNOWN = Report(Event.WITHDRAWAL_CONFIRMED)


@dataclass(frozen=True, slots=True)
class Life:
    """A referral by the so manieth practice. `then` is reported so many hours after it; `said` are answers of
    the practice in the thread; `text` is the whole mail, where that isn't a plain referral."""

    hour: float
    wijk: str
    practice: int = 0
    then: tuple[tuple[float, Report], ...] = ()
    said: tuple[tuple[float, str], ...] = ()
    remark: str = "ligt er wakker van"
    text: str = ""


def day(number: int, hour: float) -> float:
    """The hour of a day; 0 is the first Monday."""
    return number * 24 + hour


URGENT = "dreigt huisuitzetting, dus graag met spoed"
NO_PHONE = "Beste collega,\n\nWilt u {name} bellen? Wijk {wijk}, heeft betalingsachterstanden.\n\nGroet\n"
NO_WIJK = "Beste collega,\n\nGraag contact met {name}, tel. {phone}. Heeft schulden.\n\nGroet\n"

LIVES = (
    # The first week: most of it has been settled.
    Life(day(0, 9.2), "Filmwijk", then=((5, CONTACTED), (28, PLANNED), (100, STARTED))),
    Life(day(0, 10), "Muziekwijk", 1, then=((8, CONTACTED), (30, STARTED), (190, DONE))),
    Life(day(0, 11), "Stedenwijk", 1, then=((4, MORNING), (25, AFTERNOON), (48, CONTACTED))),
    Life(day(0, 13), "De Werven", 2, then=((6, CONTACTED), (50, PLANNED))),
    Life(day(0, 14), "Bloemenbuurt", then=((26, CONTACTED), (50, PLANNED), (170, NO_SHOW))),
    Life(day(1, 9), "Regenboogbuurt", 1, then=((80, CONTACTED), (100, STARTED))),
    Life(day(1, 10), "Waterwijk", then=((4, MORNING), (26, AFTERNOON), (30, EVENING), (50, UNREACHABLE))),
    Life(day(1, 11), "De Grienden", 2, then=((24, CALLED_FIRST), (120, STARTED))),
    Life(day(1, 13), "Parkwijk", 1, then=((20, NO_NEED),)),
    Life(day(1, 14), "Danswijk", text=NO_PHONE),
    Life(
        day(1, 15), "Danswijk", said=((3, "Deze aanmelding kan vervallen."),), then=((20, WITHDRAWAL_KNOWN),)
    ),
    Life(day(2, 9), "Kruidenwijk", then=((20, CONTACTED), (60, STARTED), (170, MOVED))),
    Life(day(2, 10), "De Marken", 2, then=((9, CONTACTED), (11, NOT_MEANT), (26, CONTACTED))),
    Life(day(2, 11), "Faunabuurt", 1, then=((12, CONTACTED), (30, PLANNED))),
    Life(day(2, 15), "Literatuurwijk", then=((4, FULL), (30, CONTACTED))),
    Life(day(3, 9), "Homeruskwartier", 1),
    Life(day(3, 10), "Molenbuurt", then=((24, CONTACTED), (100, STARTED))),
    Life(day(3, 13), "De Hoven", 2, then=((20, MORNING), (92, CONTACTED))),
    Life(day(3, 14), "Verzetswijk", 1, then=((3, CONTACTED),)),
    Life(day(4, 9), "Eilandenbuurt", then=((4, CONTACTED), (75, PLANNED))),
    Life(day(4, 10), "Staatsliedenwijk", 1, remark=URGENT, then=((2, CONTACTED), (5, STARTED))),
    Life(day(4, 15), "De Wierden", 2, then=((66, CONTACTED),)),
    # The second week: what a beheerder finds on the board.
    Life(day(7, 9.5), "Muziekwijk", then=((5, CONTACTED), (28, PLANNED))),
    Life(day(7, 11), "De Laren", 2, then=((25, MORNING), (49, EVENING))),
    Life(day(7, 14), "Seizoenenbuurt", 1),
    Life(day(7, 15.5), "Filmwijk", then=((20, MORNING),)),
    Life(day(8, 9), "Tussen de Vaarten", 1, then=((24, CONTACTED),)),
    Life(day(8, 10), "Oostvaardersbuurt", then=((5, MORNING), (27, AFTERNOON), (48, MORNING))),
    Life(day(8, 11.5), "De Velden", 2),
    Life(day(8, 13), "Indischebuurt", 1),
    Life(day(8, 15), "Columbuskwartier", 1),
    Life(day(9, 9), "Noorderplassen", then=((26, CONTACTED),)),
    Life(day(9, 10), "De Meenten", 2),
    Life(day(9, 11), "Stripheldenbuurt", 1, then=((24, FULL),)),
    Life(day(9, 13), "Landgoederenbuurt", text=NO_WIJK),
    Life(day(9, 15), "Nobelhorst", 1),
    Life(day(10, 9), "De Gouwen", 2),
    Life(day(10, 10), "Sieradenbuurt", then=((5, AFTERNOON),)),
    Life(day(10, 11), "Kruidenwijk", 1, text=NO_PHONE),
    Life(day(10, 13), "Bouwmeesterbuurt", 1),
    Life(day(10, 14), "Overgooi", 2, remark=URGENT),
    Life(day(10, 16), "Stedenwijk", then=((17, CONTACTED),)),
    Life(day(11, 9.2), "Centrum Almere Haven", 2),
    Life(day(11, 9.8), "Parkwijk", 1, remark=URGENT),
    Life(day(11, 10.5), "Filmwijk"),
)

COLLECTED = (day(0, 16), day(1, 16), day(2, 16), day(3, 16), day(7, 16), day(8, 10), day(9, 16))
"""When the team of Almere Haven takes in what waits for it."""

STRANGERS = (
    (day(3, 12), "post@praktijk-zuiderzee.example", "dmarc=pass"),
    (day(9, 12), "info@huisartsenpraktijk-filmwjik.example", "dmarc=pass"),
    (day(10, 15), "m.deboer@huisartsenpraktijk-filmwijk.example", "dmarc=fail"),
    (day(11, 10), "assistente@praktijk-gooimeer.example", "dmarc=pass"),
)
"""Mails that are set aside: when, from whom, and what the front server found out. The first is refused."""

REFUSED = day(4, 11)
"""When the first of them is thrown out."""

WIJKEN = ("Filmwijk", "De Werven", "Muziekwijk", "Bloemenbuurt", "De Hoven", "Stedenwijk", "Faunabuurt")
"""Where the people live who are referred while the demo runs."""
