"""A mail as a practice writes it, with what a careful reader gets out of it.

All people, practices and numbers in the cases are invented. Fields that are not given are expected to be
None or empty; `problems` leaves out what follows from that: a missing name, phone or wijk.
"""

from dataclasses import dataclass, field
from email.message import EmailMessage

TO = "aanmelding@handover.example"


@dataclass(frozen=True, slots=True)
class Case:
    """One mail and its reading."""

    id: str
    text: str
    name: str | None = None
    phone: str | None = None
    wijk: str | None = None
    others: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    subject: str = "aanmelding"
    sender: str = "Joke Terpstra <joke.terpstra@hapduinzicht.example>"
    html: bool = False
    ignore: bool = False
    urgent: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    message: bytes = b""
    """The whole mail, where the case is about its form."""

    def raw(self) -> bytes:
        """The mail's bytes."""
        if self.message:
            return self.message
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, TO, self.subject
        for name, value in self.headers.items():
            mail[name] = value
        mail.set_content(self.text, subtype="html" if self.html else "plain", cte="base64")
        return mail.as_bytes()

    @property
    def expected_problems(self) -> set[str]:
        """All problem codes, the plain missing ones included."""
        if self.ignore or "several_patients" in self.problems:
            return set(self.problems)
        wanted = set(self.problems)
        for value, field_name in ((self.name, "name"), (self.phone, "phone"), (self.wijk, "wijk")):
            if value is None and not any(code.endswith(field_name) for code in self.problems):
                wanted.add(f"missing_{field_name}")
        return wanted

    @property
    def verdict(self) -> str:
        """referral, incomplete or ignore."""
        if self.ignore:
            return "ignore"
        return "incomplete" if self.expected_problems - {"bsn_present"} else "referral"
