"""A composed mail, and how it is written."""

from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail, and what is true of it. `phones` are the patient's; a complete one tells everything plainly."""

    raw: bytes
    text: str
    kind: str
    name: str
    phones: frozenset[str]
    wijk: str
    complete: bool


def e164(digits: str) -> str:
    """A Dutch number as it is kept."""
    return "+31" + digits[1:]


def raw_of(text: str, sender: str, *, html: str = "", file: str = "") -> bytes:
    """The mail on the wire, its text in base64: nothing in it is folded."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "aanmelding@handover.example", "aanmelding"
    if html:
        mail.set_content(html, subtype="html", cte="base64")
        return mail.as_bytes()
    mail.set_content(text, cte="base64")
    if file:
        mail.add_attachment(file, filename="gegevens.txt")
    return mail.as_bytes()
