"""Prints of practices' programs (`printed.txt`) and how people and places are named (`called.txt`)."""

from pathlib import Path

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Verdict
from tests.unit.reading.case import Case

NUMBER, OTHER = "06-31550105", "036-5348210"
MAILS = [
    mail
    for file in ("printed.txt", "called.txt")
    for mail in (Path(__file__).parent / file).read_text().split("\n## ")[1:]
]


def case(mail: str) -> tuple[str, str, Case]:
    """Who is to be read ("ask": nobody's number), in which wijk, and the mail."""
    head, _, text = mail.partition("\n")
    name, _, wijk = head.partition("|")
    subject = "aanmelding"
    if text.startswith("Subject: "):
        subject, _, text = text.removeprefix("Subject: ").partition("\n")
    for mark, number in (("N", NUMBER), ("O", OTHER)):
        text = "\n".join(_with(line, mark, number) for line in text.split("\n"))
    return name.strip(), wijk.strip(), Case("printed", text, subject=subject)


def _with(line: str, mark: str, number: str) -> str:
    words = line.split(" ")
    return " ".join(number + word[1:] if word.rstrip(",.?") == mark else word for word in words)


@pytest.mark.parametrize("mail", MAILS)
def test_print(mail: str, almere: Gazetteer) -> None:
    name, wijk, made = case(mail)
    reading = read(made.raw(), almere)
    if name == "ask":
        assert (reading.phone, reading.other_phones) == (None, ())
    else:
        said = (reading.verdict, reading.name, reading.phone, reading.wijk)
        assert said == (Verdict.REFERRAL, name, "+31631550105", wijk)
