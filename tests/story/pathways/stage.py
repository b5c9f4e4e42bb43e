"""Plays one referral under one place's agreement and writes down what everybody saw, as `docs/pathways/*.md`.

The clock is the story's own and stands in a year in which no test is run by accident; the kenmerk is random
and is written down as a fixed one. So the same code always writes the same transcript.
"""

import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

import aiosmtplib

from gateway.domain.states import State
from gateway.reading.mail.message import parse
from tests.invented import FRONT, GATEWAY, WIRE
from tests.story.pathways.places import Setting
from tests.story.place import Mail, Town

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DOCS = Path(__file__).resolve().parents[3] / "docs" / "pathways"
WRITE = "INBEELD_WRITE_TRANSCRIPTS"
DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
KENMERK = re.compile(r"IB-[0-9A-Z]{4}-[0-9A-Z]{4}")

DOCTOR, PATIENT, PHONE = "dokter I. Verzonnen", "Roswitha Quintavalle", "06-11 22 33 44"
SECRETS = ("Roswitha", "Quintavalle", "11223344", "11 22 33 44", "oxazepam")


@dataclass
class Stage:
    """One story. Moments are local time of the place."""

    town: Town
    setting: Setting
    opens: Callable[[bytes], bytes]
    lines: list[str] = field(default_factory=list)
    seen: int = 0
    first: EmailMessage | None = None
    last_to_referrer: str = ""

    def title(self, text: str, agreement: str) -> None:
        """Begin the transcript."""
        self.lines += [
            f"# {text}",
            "",
            agreement,
            "",
            "*Dit verslag is geschreven door de test die het verhaal naspeelt "
            f"(`tests/story/pathways/test_{self.setting.pathway.replace('-', '_')}.py`): echte SMTP, echte "
            "versleuteling, een klok die de test verzet. Alle mensen zijn verzonnen.*",
        ]

    def at(self, moment: str, what: str = "") -> None:
        """Put the clock at a moment such as "2035-03-22 16:30", and begin a chapter of the transcript."""
        self.town.now = datetime.fromisoformat(moment).replace(tzinfo=AMSTERDAM).astimezone(UTC)
        local = self.town.now.astimezone(AMSTERDAM)
        when = (
            f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H.%M} uur"
        )
        self.lines += ["", f"## {when}"]
        if what:
            self.lines += ["", what]

    async def refers(self, text: str, subject: str = "aanmelding geldzorgen", to: str = GATEWAY) -> None:
        """The practice sends its one mail."""
        self.first = self._mail(self.practice, DOCTOR, subject, text, to)
        where = "" if to == GATEWAY else f" aan {to}"
        await self._post(self.first, to, f"De huisarts mailt{where}:")

    async def answers(self, text: str) -> None:
        """The practice answers in the thread of the last mail it got."""
        mail = self._mail(
            f"huisarts-{self.setting.pathway}.example", DOCTOR, "Re: aanmelding geldzorgen", text
        )
        mail["In-Reply-To"] = mail["References"] = self.last_to_referrer
        await self._post(mail, GATEWAY, "De huisarts antwoordt in dezelfde draad:")

    async def reports(self, text: str, handover: int = -1) -> None:
        """The organisation answers the mail with the referral."""
        parcel = self.town.handovers[handover]
        domain = parseaddr(parcel["To"])[1].rpartition("@")[2]
        to = parseaddr(parcel["Reply-To"])[1]
        mail = self._mail(domain, "medewerker", f"Re: {parcel['Subject']}", text, to)
        await self._post(mail, to, "De organisatie beantwoordt de mail met de aanmelding:")

    async def command(self, *words: str) -> str:
        """Somebody types a command."""
        output = self.town.inbeeld(*words)
        self.lines += ["", "```console", f"$ inbeeld {self._calm(' '.join(words))}"]
        self.lines += [self._calm(line) for line in output.rstrip().splitlines()] + ["```"]
        await self.happens()
        return output

    async def happens(self) -> list[Mail]:
        """Let everything happen that is due, and write down what left."""
        await self.town.work()
        fresh = sorted(
            # The head of the trail that administrators keep is no part of a story.
            (mail for mail in self.town.mails[self.seen :] if "het logboek tot" not in mail["Subject"]),
            key=lambda mail: (not mail.encrypted, mail["To"], mail.text),
        )
        self.seen = len(self.town.mails)
        for mail in fresh:
            self._show(mail)
        return fresh

    @property
    def kenmerk(self) -> str:
        """The case of this story."""
        return str(self.town.the_case()["kenmerk"])

    @property
    def state(self) -> State:
        """Where the case is."""
        return State(self.town.the_case()["state"])

    def told(self) -> list[str]:
        """The bodies of everything the referrer got, oldest first."""
        return [mail.text for mail in self.town.mails if mail["To"].endswith(f"@{self.practice}")]

    @property
    def practice(self) -> str:
        """The practice's mail domain."""
        return f"huisarts-{self.setting.pathway}.example"

    def finish(self) -> None:
        """Compare the transcript with the committed one, or write it where the environment asks for that."""
        assert self.town.audit().faults == ()
        path = DOCS / f"{self.setting.pathway}.md"
        text = "\n".join(self.lines).rstrip() + "\n"
        if os.environ.get(WRITE):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: set {WRITE}=1, look at the diff"

    def _mail(self, domain: str, name: str, subject: str, text: str, to: str = GATEWAY) -> EmailMessage:
        mail = EmailMessage(policy=WIRE)
        mail["Authentication-Results"] = f"{FRONT}; dmarc=pass header.from={domain}"
        mail["From"] = f"{name} <i.verzonnen@{domain}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Message-ID"] = f"<{self.seen}.{len(self.lines)}@{domain}>"
        mail.set_content(text)
        return mail

    async def _post(self, mail: EmailMessage, to: str, what: str) -> None:
        self.lines += ["", what, "", *_quoted(str(mail.get_content()))]
        authority = self.town.place.directory / "keys" / "tls" / "ca.pem"
        host, port = self.town.address
        client = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            start_tls=True,
            tls_context=ssl.create_default_context(cafile=str(authority)),
            local_hostname="story.example",
        )
        async with client:
            await client.sendmail(parseaddr(mail["From"])[1], [to], mail.as_bytes())
        await self.happens()

    def _show(self, mail: Mail) -> None:
        to = parseaddr(mail["To"])[1]
        if mail.encrypted:
            opened = parse(self.opens(mail.armour)).texts[0]
            self.lines += [
                "",
                f"Versleuteld aan {to} ({self._calm(mail['Subject'])}); geopend met hun sleutel:",
                "",
            ]
            self.lines += _quoted(self._calm(opened))
            return
        for secret in SECRETS:
            assert secret not in f"{mail['Subject']} {mail.text}", "a message holds patient data"
        if mail["In-Reply-To"]:
            assert mail["Auto-Submitted"] == "auto-replied"
            self.last_to_referrer = mail["Message-ID"]
            self.lines += ["", f"In de draad van de huisarts ({self._calm(mail['Subject'])}):", ""]
        else:
            self.lines += ["", f"Aan {to} ({self._calm(mail['Subject'])}):", ""]
        self.lines += _quoted(self._calm(mail.text))

    def _calm(self, text: str) -> str:
        """The same without what differs at every run."""
        found = dict.fromkeys(KENMERK.findall(text))
        for kenmerk in found:
            text = text.replace(kenmerk, "IB-7K3F-9QXM")
        return text


def _order(mail: Mail) -> tuple[bool, str, str]:
    """What leaves at one moment arrives in any order."""
    return not mail.encrypted, mail["To"], KENMERK.sub("", mail.text)


def _quoted(text: str) -> list[str]:
    return [f"> {line}".rstrip() for line in text.strip().splitlines()]


def referral(setting: Setting, *more: str) -> str:
    """What a general practitioner writes."""
    return "\n".join(
        (
            "Beste collega,",
            "",
            f"Graag contact met {PATIENT}, tel. {PHONE}, woont in {setting.wijk}.",
            "Heeft schulden, slaapt slecht en gebruikt oxazepam.",
            *more,
            "",
            "Met vriendelijke groet,",
            DOCTOR,
        )
    )
