"""A letter in the thread of a case about Jolanda Vermaat, and what a practice writes that says nothing."""

from gateway.reading.letters.practice import practice_letter
from gateway.reading.letters.record import PracticeLetter
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.record import Reading, Verdict

OWN = frozenset({"+31365300000"})
KNOWN = Reading(Verdict.REFERRAL, "Jolanda Vermaat", "+31621000101", (), "Filmwijk")
NEW = "06-21000203"
HEAD = "From: Anja de Wit <anja@praktijk.example>\r\nSubject: RE: Aanmelding Vermaat\r\n"
NOTHING = ["", "ok", "Bedankt!", "Oké 👍", "Prettig weekend!", "Dank!\n\nAnja", "Bedankt. Groet Anja"]


def mail(text: str, headers: str = "") -> bytes:
    return f"{HEAD}{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def letter(
    text: str, almere: Gazetteer, known: Reading | None = KNOWN, *, unreachable: bool = False
) -> PracticeLetter:
    return practice_letter(mail(text), almere, OWN, known, unreachable=unreachable)
