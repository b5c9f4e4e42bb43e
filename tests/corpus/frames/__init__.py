"""Sentences with a gap, and everything ordinary that fills it: what a practice may write, by the hundred.

A mail that was read wrongly shows one gap in what the reader knows. A frame shows all of a kind at once: one
clear sentence in which every word of a class must be understood (`read_*.txt`), or in which no word may lead
to a number (`ask_*.txt`). `open_*.txt` is what should be read and is asked about still. `## name | text`
begins a frame, in which X is the gap and \\n a new line, and the lines below it are what fills it, parted by
semicolons. Everybody is invented; in every frame that can be read the patient is Griet or Jan Vandewalle, in
the Filmwijk, at 06-12384685.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from gateway.reading.record import Reading, Verdict

PHONE = "+31612384685"
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Frame:
    """A text with a gap, and what fills it. `kind` is read, ask or open."""

    name: str
    text: str
    fillings: tuple[str, ...]
    kind: str

    def mail(self, filling: str) -> bytes:
        """The mail with its gap filled."""
        mail = EmailMessage()
        mail["From"] = "Huisartsenpraktijk De Linde <info@delinde.example>"
        mail["To"] = "aanmelding@inbeeld.example"
        mail["Subject"] = "aanmelding"
        mail["Date"] = "Mon, 05 Oct 2026 10:00:00 +0200"
        mail["Message-ID"] = "<frame@delinde.example>"
        told = self.text.replace("X", filling)
        mail.set_content(f"Goedemiddag,\n\n{told}\n\nMet vriendelijke groet,\nP. de Wit, huisarts\n")
        return mail.as_bytes()

    def is_right(self, reading: Reading) -> bool:
        """Whether everything was read, or nothing where somebody has to ask."""
        if self.kind == "ask":
            return reading.phone is None and not reading.other_phones
        return (
            reading.verdict is Verdict.REFERRAL
            and (reading.name or "").endswith(("Griet Vandewalle", "Jan Vandewalle"))
            and (reading.phone, reading.wijk) == (PHONE, "Filmwijk")
        )


def frames() -> Iterator[Frame]:
    """Every frame there is."""
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text().split("## ")[1:]:
            head, _, body = part.partition("\n")
            name, _, text = head.partition(" | ")
            fillings = tuple(
                filling for line in body.splitlines() for filling in line.split(";") if filling.strip()
            )
            yield Frame(name, text.replace("\\n", "\n"), fillings, path.name.partition("_")[0])
