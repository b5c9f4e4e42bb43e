"""What stands around a composed text: who signs, and the mail itself."""

from email.message import EmailMessage
from random import Random

from tests.corpus.numbers import Numbers
from tests.corpus.parts import CLOSINGS, GIVEN, ROLES, SURNAMES


def signature(dice: Random, numbers: Numbers, practice: str, surname: str) -> tuple[str, str]:
    """Who signs, as the sender's address has it, and the lines below the mail."""
    signer = f"{dice.choice(GIVEN)} {dice.choice([each for each in SURNAMES if each != surname])}"
    practice = f"Huisartsenpraktijk {practice.capitalize()}"
    number = numbers.written(numbers.landline())
    shown = signer if dice.random() < 0.7 else practice
    form = dice.choice(["full", "short", "given", "bare", "none"])
    closing = dice.choice(CLOSINGS)
    if form == "full":
        signed = f"\n\n{closing}\n\n{signer}\n{dice.choice(ROLES)}\n{practice}\nT {number}"
    elif form == "short":
        signed = f"\n\n{closing} {signer.split()[0]}"
    elif form == "given":
        signed = f"\n\n{closing}\n{signer.split()[0]}\n{number}"
    elif form == "bare":
        signed = (
            f"\n\n{signer}\n{number}" if shown == signer else f"\n\n{signer}, {dice.choice(ROLES)}\n{number}"
        )
    else:
        signed = ""
    return f'"{shown}" <post@praktijk.example>', signed


def raw_mail(text: str, sender: str, *, html: str = "", file: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "aanmelding@handover.example", "aanmelding"
    if html:
        mail.set_content(html, subtype="html", cte="base64")
        return mail.as_bytes()
    mail.set_content(text, cte="base64")
    if file:
        mail.add_attachment(file, filename="gegevens.txt")
    return mail.as_bytes()
