"""Mails as practices write them from day to day: `practices/*.jsonl`, one a line, all of invented people.

`everyday`, `stories` and `weekdays` tell of patients with a life around them; in `theirs`, `whose` and
`askings` a number is, or may be, somebody else's; `writers` are plain ones by many kinds of writers, and some
that look alike and must be asked about; `surgeries` are of all these kinds, by one who never saw the reader;
`show` are twenty in as many styles, for a look; in `names` it must be found among others who is the patient,
and where they live. A line has `id`, `kind` (plain, moderate, nasty or ask), `subject` and `text`, and the
answer: `name`, `phone` (E.164), `wijk`, and `ask`, whether a careful person would have to ask who reads it. A
text that begins with `<html>` is an HTML part. A `sender` may stand in for the practice.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from gateway.reading.patient.alike import same_person
from gateway.reading.record import Reading, Verdict

FOLDER = Path(__file__).parent / "practices"


@dataclass(frozen=True, slots=True)
class Natural:
    """A mail and its answer."""

    id: str
    kind: str
    ask: bool
    name: str | None
    phone: str | None
    wijk: str | None
    subject: str
    text: str
    sender: str = "Huisartsenpraktijk De Linde <info@delinde.example>"

    @property
    def raw(self) -> bytes:
        """The mail as it comes in."""
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = "aanmelding@inbeeld.example"
        mail["Subject"] = self.subject or "aanmelding"
        mail["Date"] = "Mon, 05 Oct 2026 10:00:00 +0200"
        mail["Message-ID"] = f"<{self.id}@delinde.example>"
        mail.set_content(self.text, subtype="html" if self.text.startswith("<html>") else "plain")
        return mail.as_bytes()

    def judge(self, reading: Reading) -> str:
        """One of `measure.OUTCOMES`: what became of it."""
        passed = reading.verdict is Verdict.REFERRAL
        given = {phone for phone in (reading.phone, *reading.other_phones) if phone}
        if passed and (self.ask or given - {self.phone}):
            return "wrong"
        if not passed:
            return "right" if self.ask else "needless"
        named = reading.name and self.name and same_person(reading.name, self.name)
        return "right" if named and reading.wijk == self.wijk else "guessed"


def natural() -> Iterator[tuple[str, Natural]]:
    """Every mail, with the name of its set."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield path.stem, Natural(**json.loads(line))
