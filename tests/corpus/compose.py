"""Mails composed from independent parts: what nobody thought of, by the thousand.

Each part is drawn for itself: how a mail opens, how the record is laid out, what its labels are called, who
else has a number and by which (invented) word, who signs, what banner or disclaimer stands around it. The
composer knows which numbers are the patient's, so that a reading can be judged: any other number is wrong,
and a question about a mail that told everything plainly is needless. All people and words are invented.
"""

from dataclasses import dataclass
from email.message import EmailMessage
from random import Random

from gateway.reading.patient.wijken import Gazetteer
from tests.corpus.parts import (
    ALONE,
    BANNERS,
    BESIDE,
    CLOSINGS,
    DISCLAIMERS,
    END,
    GIVEN,
    MIDDLE,
    NAME_LABELS,
    OPENINGS,
    ORGANISATION,
    OTHER_LABELS,
    PHONE_LABELS,
    PROBLEMS,
    PROSE,
    PROSE_WITHOUT,
    RELATIVES,
    ROLES,
    ROOT,
    SEPARATORS,
    SURNAMES,
    WIJK_LABELS,
)


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


class Composer:
    """Composes mails about invented people in the wijken of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, seed: int) -> None:
        self._dice = Random(seed)
        self._wijken = sorted(
            place.name
            for place in gazetteer.places.values()
            if place.level == "wijk"
            and len((gazetteer.exact(place.name) or gazetteer.find(place.name)[0]).names) == 1
        )

    def mail(self) -> Composed:
        """The next mail, of a kind drawn by lot."""
        dice = self._dice
        kind = dice.choice(
            ["plain", "plain", "moderate", "moderate", "stranger", "stranger", "correction", "thread"]
        )
        given, surname = dice.choice(GIVEN), dice.choice(SURNAMES)
        name = dice.choice(
            [f"{given} {surname}", f"{given[0]}. {surname}", f"{given[0]}.{dice.choice('ABJKM')}. {surname}"]
        )
        woman = dice.random() < 0.5
        words = {
            "n": name,
            "s": dice.choice(["mw.", "mevrouw", "mevr."] if woman else ["dhr.", "de heer"]),
            "S": "Zij" if woman else "Hij",
            "H": "Haar" if woman else "Zijn",
            "h": "haar" if woman else "zijn",
            "o": "haar" if woman else "hem",
            "w": dice.choice(self._wijken),
        }
        digits = self._number()
        text, phones, complete = getattr(self, f"_{kind}")(words, digits)
        text = dice.choice(OPENINGS) + text
        if dice.random() < 0.15:
            text = dice.choice(BANNERS).format(x=self._written(self._landline())) + text
        signer, signed = self._signature(surname)
        text += signed
        if dice.random() < 0.2:
            text += dice.choice(DISCLAIMERS).format(x=self._written(self._landline()))
        if kind == "thread":
            text += self._history(words, digits)
        return Composed(_raw(text, signer), text, kind, name, phones, words["w"], complete)

    def _plain(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return self._record(words, self._written(digits)), frozenset({_e164(digits)}), True

    def _moderate(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        record = self._record(words, self._written(digits))
        return f"{record}\n\n{self._beside(BESIDE, words)}", frozenset({_e164(digits)}), True

    def _stranger(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        told = self._dice.choice(PROSE_WITHOUT).format(**words)
        between = self._dice.choice([" ", "\n", "\n\n", " " + self._dice.choice(PROBLEMS) + " "])
        beside = self._beside(ALONE, words)
        if "\n" in told + beside:
            between = self._dice.choice(["\n", "\n\n"])
        return told + between + beside, frozenset(), False

    def _correction(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        wrong = list(digits)
        at = self._dice.randrange(4, 10)
        wrong[at] = str((int(wrong[at]) + self._dice.randrange(1, 9)) % 10)
        old = "".join(wrong)
        told = self._dice.choice(PROSE).format(p=self._written(old), **words)
        fixed = self._dice.choice(
            [
                "Sorry, het nummer klopt niet, het moet {p} zijn.",
                "Correctie: het juiste nummer is {p}.",
                "Excuus, ik vergis me: niet op ..{a} maar ..{b} op het eind.",
                "Let op: het nummer eindigt op {b}.",
                "Het nummer hierboven is verkeerd.",
            ]
        )
        numbers = frozenset({_e164(digits)})
        return (
            f"{told}\n\n" + fixed.format(p=self._written(digits), a=old[-2:], b=digits[-2:]),
            numbers,
            False,
        )

    def _thread(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return self._record(words, self._written(digits)), frozenset({_e164(digits)}), True

    def _history(self, words: dict[str, str], digits: str) -> str:
        """An older mail about somebody else below the new one."""
        other = f"{self._dice.choice(GIVEN)} {self._dice.choice(SURNAMES)}"
        return (
            "\n\nOp ma 3 feb. 2025 om 10:00 schreef Zaal <zaal@elders.example>:\n\n"
            f"> Naam: {other}\n> Tel: {self._written(self._number())}\n"
            f"> Wijk: {self._dice.choice(self._wijken)}\n"
        )

    def _record(self, words: dict[str, str], number: str) -> str:
        dice = self._dice
        if dice.random() < 0.45:
            prose = dice.choice(PROSE).format(p=number, **words)
            problem = dice.choice(PROBLEMS)
            prose += "" if prose.endswith(".") or "\n" in prose else "."
            return f"{prose} {problem}".strip() if "\n" not in prose else f"{prose}\n\n{problem}".strip()
        fields = [
            (dice.choice(NAME_LABELS), dice.choice([words["n"], f"{words['s']} {words['n']}"])),
            (dice.choice(PHONE_LABELS), number),
            (dice.choice(WIJK_LABELS), words["w"]),
        ]
        if dice.random() < 0.3:
            dice.shuffle(fields)
        layout = dice.choice(["lines", "lines", "lines", "below", "inline", "table", "pipes"])
        separator = dice.choice(SEPARATORS)
        lines = [f"{label}{separator}{value}" for label, value in fields]
        if layout == "lines":
            for extra in dice.sample(OTHER_LABELS, dice.randrange(3)):
                lines.insert(dice.randrange(len(lines) + 1), extra)
            return "\n".join(lines)
        if layout == "below":
            return "\n".join(f"{label}\n{value}\n" for label, value in fields).strip()
        if layout == "inline":
            return ", ".join(f"{label}: {value}" for label, value in fields)
        between = "\t" if layout == "table" else " | "
        return between.join(label for label, _ in fields) + "\n" + between.join(value for _, value in fields)

    def _beside(self, templates: list[str], words: dict[str, str]) -> str:
        dice = self._dice
        given = dice.choice([each for each in GIVEN if each not in words["n"]])
        role = dice.choice(RELATIVES) if dice.random() < 0.4 else self._invented()
        organisation = dice.choice(["Stichting ", "", "De ", ""]) + self._invented(ORGANISATION).capitalize()
        template = dice.choice(templates)
        if template.startswith("{S} heeft een"):
            # "Hij heeft een zus. Hij …" can only be the patient: here the word must not tell.
            role = self._invented()
        return template.format(
            r=role,
            R=role.capitalize(),
            f=given,
            x=self._written(self._number()),
            o_org=organisation,
            H=words["H"],
            h=words["h"],
            S=words["S"],
            o=words["o"],
        )

    def _invented(self, ends: list[str] = END) -> str:
        return self._dice.choice(ROOT) + self._dice.choice(MIDDLE) + self._dice.choice(ends)

    def _signature(self, surname: str) -> tuple[str, str]:
        dice = self._dice
        signer = f"{dice.choice(GIVEN)} {dice.choice([each for each in SURNAMES if each != surname])}"
        practice = f"Huisartsenpraktijk {self._invented(ORGANISATION).capitalize()}"
        number = self._written(self._landline())
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
                f"\n\n{signer}\n{number}"
                if shown == signer
                else f"\n\n{signer}, {dice.choice(ROLES)}\n{number}"
            )
        else:
            signed = ""
        return f'"{shown}" <post@praktijk.example>', signed

    def _number(self) -> str:
        dice = self._dice
        if dice.random() < 0.8:
            return "06" + dice.choice("12345") + "".join(dice.choice("0123456789") for _ in range(7))
        return self._landline()

    def _landline(self) -> str:
        return "036" + self._dice.choice("58") + "".join(self._dice.choice("0123456789") for _ in range(6))

    def _written(self, digits: str) -> str:
        dice = self._dice
        head, rest = (digits[:2], digits[2:]) if digits.startswith("06") else (digits[:3], digits[3:])
        pairs = " ".join(rest[at : at + 2] for at in range(0, len(rest), 2))
        return dice.choice(
            [
                digits,
                f"{head}-{rest}",
                f"{head} {pairs}",
                f"{head}-{pairs}",
                f"{head} - {rest}",
                f"({head}) {rest}" if head != "06" else f"{head}.{pairs.replace(' ', '.')}",
                f"+31 {head[1:]} {rest}",
                f"+31{head[1:]}{rest}",
                f"0031 {head[1:]} {rest}",
            ]
        )


def _e164(digits: str) -> str:
    return "+31" + digits[1:]


def _raw(text: str, sender: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "aanmelding@handover.example", "aanmelding"
    mail.set_content(text, cte="base64")
    return mail.as_bytes()
