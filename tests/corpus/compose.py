"""Mails composed from independent parts: what nobody thought of, by the thousand.

Each part is drawn for itself: how a mail opens, how the record is laid out, what its labels are called, who
else has a number and by which (invented) word, who signs, what banner or disclaimer stands around it. The
composer knows which numbers are the patient's, so that a reading can be judged: any other number is wrong,
and a question about a mail that told everything plainly is needless. All people and words are invented.
"""

import html
from dataclasses import dataclass
from random import Random

from gateway.reading.patient.wijken import Gazetteer
from tests.corpus import owned, prose
from tests.corpus.letter import raw_mail, signature
from tests.corpus.numbers import Numbers, e164
from tests.corpus.parts import (
    ALONE,
    BANNERS,
    BESIDE,
    BROUGHT_IN,
    DISCLAIMERS,
    END,
    FORWARDS,
    GIVEN,
    KINDS,
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
        self._numbers = Numbers(self._dice)
        self._wijken = sorted(
            place.name
            for place in gazetteer.places.values()
            if place.level == "wijk"
            and len((gazetteer.exact(place.name) or gazetteer.find(place.name)[0]).names) == 1
        )

    def mail(self) -> Composed:
        """The next mail, of a kind drawn by lot."""
        dice = self._dice
        kind = dice.choice(KINDS)
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
        digits = self._numbers.drawn()
        text, phones, complete = getattr(self, f"_{kind}")(words, digits)
        text = dice.choice(OPENINGS) + text
        if dice.random() < 0.15:
            text = dice.choice(BANNERS).format(x=self._numbers.written(self._numbers.landline())) + text
        signer, signed = signature(dice, self._numbers, self._invented(ORGANISATION), surname)
        text += signed
        if dice.random() < 0.2:
            text += dice.choice(DISCLAIMERS).format(x=self._numbers.written(self._numbers.landline()))
        raw = raw_mail(text, signer)
        if kind == "thread":
            text += self._history(words, digits)
            raw = raw_mail(text, signer)
        elif kind == "link":
            raw = raw_mail(text, signer, html=self._linked(text, digits))
        elif kind == "file":
            raw = raw_mail(
                text,
                signer,
                file=f"Naam: {name}\nTel: {self._numbers.slip(digits)}\nWijk: {words['w']}\n",
            )
        elif kind == "forward":
            text = f"{dice.choice(FORWARDS)}\n\n{self._forwarded(words)}"
            raw = raw_mail(text, signer)
        return Composed(raw, text, kind, name, phones, words["w"], complete)

    def _plain(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return (
            self._record(words, self._numbers.written(digits)),
            frozenset({e164(digits)}),
            True,
        )

    def _moderate(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        record = self._record(words, self._numbers.written(digits))
        return f"{record}\n\n{self._beside(BESIDE, words)}", frozenset({e164(digits)}), True

    def _stranger(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        told = self._dice.choice(PROSE_WITHOUT).format(**words)
        between = self._dice.choice([" ", "\n", "\n\n", " " + self._dice.choice(PROBLEMS) + " "])
        beside = self._beside(ALONE, words)
        if "\n" in told + beside:
            between = self._dice.choice(["\n", "\n\n"])
        return told + between + beside, frozenset(), False

    def _correction(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        old = self._numbers.slip(digits)
        told = self._dice.choice(PROSE).format(p=self._numbers.written(old), **words)
        fixed = self._dice.choice(
            [
                "Sorry, het nummer klopt niet, het moet {p} zijn.",
                "Correctie: het juiste nummer is {p}.",
                "Excuus, ik vergis me: niet op ..{a} maar ..{b} op het eind.",
                "Let op: het nummer eindigt op {b}.",
                "Het nummer hierboven is verkeerd.",
            ]
        )
        numbers = frozenset({e164(digits)})
        return (
            f"{told}\n\n" + fixed.format(p=self._numbers.written(digits), a=old[-2:], b=digits[-2:]),
            numbers,
            False,
        )

    def _thread(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return (
            self._record(words, self._numbers.written(digits)),
            frozenset({e164(digits)}),
            True,
        )

    def _prose(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """Sentences that each tell one thing of the patient, in any order."""
        dice = self._dice
        if dice.random() < 0.25:
            told = [dice.choice(prose.WHOLE)]
        else:
            rest = [dice.choice(prose.LIVES), dice.choice(prose.CALLED)]
            dice.shuffle(rest)
            told = [dice.choice(prose.INTRODUCED), *self._loosened(rest)]
        number = self._numbers.written(digits)
        return (
            self._joined([each.format(p=number, **words) for each in told]),
            frozenset({e164(digits)}),
            True,
        )

    def _among(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """The same without the patient's number, and somebody else's among the sentences."""
        rest = [dice_line.format(**words) for dice_line in self._loosened([self._dice.choice(prose.LIVES)])]
        beside = BROUGHT_IN if self._dice.random() < 0.3 else ALONE
        rest.insert(self._dice.randrange(len(rest) + 1), self._beside(beside, words))
        told = [self._dice.choice(prose.INTRODUCED).format(**words), *rest]
        return self._joined(told), frozenset(), False

    def _dead(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number that is taken back, and no other."""
        told = self._record(words, self._numbers.written(digits))
        dead = self._dice.choice(prose.DEAD).format(r=self._dice.choice(RELATIVES), **words)
        return f"{told}\n\n{dead}", frozenset(), False

    def _remark(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number of which something is said that nobody would call it for."""
        told = self._record(words, self._numbers.written(digits))
        between = "\n" if "\n" in told or told[-1] != "." else self._dice.choice([" ", "\n", "\n\n"])
        label = self._dice.choice(["", "", "Opmerking: ", "NB: ", "Let op: "]) if "\n" in told else ""
        return f"{told}{between}{label}{self._beside(prose.REMARKS, words)}", frozenset(), False

    def _manner(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """The same where no more is said than how and when to call."""
        told = self._record(words, self._numbers.written(digits))
        between = "\n" if "\n" in told or told[-1] != "." else self._dice.choice([" ", "\n", "\n\n"])
        remark = self._dice.choice(prose.MANNERS).format(**words)
        return f"{told}{between}{remark}", frozenset({e164(digits)}), True

    def _afar(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number that a sentence further on speaks against, behind others that don't."""
        told = self._far_off(words, digits, prose.MANNERS + prose.PLAINS)
        return f"{told} {self._beside(prose.AFAR, words)}", frozenset(), False

    def _plain_afar(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """The same where the sentences further on call and point at other things."""
        return self._far_off(words, digits, prose.PLAINS), frozenset({e164(digits)}), True

    def _story(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number at the end of a story that names others in passing."""
        told = self._dice.sample(prose.STORIES, 2)
        number = self._dice.choice(prose.CALLED_LAST).format(p=self._numbers.written(digits))
        opening = f"{words['s'].capitalize()} {words['n']} woont in {words['w']}."
        story = " ".join(each.format(**words) for each in told)
        return f"{opening} {story} {number}", frozenset({e164(digits)}), True

    def _far_off(self, words: dict[str, str], digits: str, said: list[str]) -> str:
        told = self._record(words, self._numbers.written(digits))
        between = "\n\n" if "\n" in told or told[-1] != "." else self._dice.choice([" ", "\n", "\n\n"])
        return f"{told}{between}{self._dice.choice(said).format(**words)}"

    def _pair(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """Two people with a number each in one sentence, of whom one is the patient."""
        told = self._dice.choice(prose.PAIRS)
        role = self._dice.choice(RELATIVES) if self._dice.random() < 0.5 else self._invented()
        given = self._dice.choice([each for each in GIVEN if each not in words["n"]])
        said = {
            "p": self._numbers.written(digits),
            "x": self._numbers.written(self._numbers.drawn()),
        }
        return told.format(r=role, f=given, **said, **words), frozenset({e164(digits)}), False

    def _owned(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """Another's number beside the patient's name, or a word by which the patient's own is in doubt."""
        return owned.anothers(self._dice, self._others(words, digits)), frozenset(), False

    def _turned(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """The same words about the patient."""
        told = self._dice.choice(owned.TURNED).format(**self._others(words, digits))
        return told, frozenset({e164(digits)}), True

    def _others(self, words: dict[str, str], digits: str) -> dict[str, str]:
        """The words, the patient's number, and another person with a role and a number of their own."""
        dice = self._dice
        given = dice.choice([each for each in GIVEN if each not in words["n"]])
        kin = dice.choice(RELATIVES)
        return words | {
            "f": given,
            "i": dice.choice([each for each in "BCEFGHJKLPRSTVW" if each not in words["n"]]),
            "l": dice.choice([each for each in SURNAMES if each not in words["n"]]),
            "k": kin,
            "r": kin if dice.random() < 0.5 else self._invented(),
            "x": self._numbers.written(self._numbers.drawn()),
            "p": self._numbers.written(digits),
        }

    def _crossed(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A table whose columns are people."""
        dice = self._dice
        role = dice.choice(RELATIVES) if dice.random() < 0.5 else self._invented()
        rows = [
            ("", "patiënt", role),
            ("naam", words["n"], f"{dice.choice(GIVEN)} {dice.choice(SURNAMES)}"),
            (
                "telefoon",
                self._numbers.written(digits),
                self._numbers.written(self._numbers.drawn()),
            ),
            ("wijk", words["w"], dice.choice(self._wijken)),
        ]
        if dice.random() < 0.5:
            rows = [(head, other, own) for head, own, other in rows]
        between = dice.choice(["\t", " | "])
        return "\n".join(between.join(row) for row in rows), frozenset({e164(digits)}), False

    def _forward(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return "", frozenset(), False

    def _link(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number whose link dials another one."""
        return self._record(words, digits), frozenset(), False

    def _file(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        """A number that a file beside the text gives with a slip."""
        return self._record(words, digits), frozenset(), False

    def _linked(self, text: str, digits: str) -> str:
        link = f'<a href="tel:{self._numbers.slip(digits)}">{digits}</a>'
        lines = "</p><p>".join(html.escape(text.replace("\t", " | ")).split("\n"))
        return f"<p>{lines}</p>".replace(digits, link)

    def _forwarded(self, words: dict[str, str]) -> str:
        """What somebody who isn't the patient wrote to the practice about them."""
        dice = self._dice
        given = dice.choice([each for each in GIVEN if each not in words["n"]])
        writer = f"{given} {dice.choice([each for each in SURNAMES if each not in words['n']])}"
        told = dice.choice(prose.FORWARDED).format(x=self._numbers.written(self._numbers.drawn()), **words)
        about = dice.choice(["zorgen", "hulp gevraagd", words["n"]])
        return (
            f"Van: {writer} <{given.lower()}@post.example>\nVerzonden: maandag 2 maart 2026 09:11\n"
            f"Aan: praktijk\nOnderwerp: {about}\n\nBeste dokter,\n\n{told}\n\nGroet,\n{writer}\n"
        )

    def _loosened(self, told: list[str]) -> list[str]:
        """The templates with others about the patient's life between and behind them."""
        dice = self._dice
        return [
            each
            for template in told
            for each in ((dice.choice(prose.BESIDES), template) if dice.random() < 0.6 else (template,))
            if each
        ]

    def _joined(self, told: list[str]) -> str:
        """Sentences in one paragraph, on lines or in paragraphs of their own."""
        text = ""
        for each in told:
            listed = "\n" in each or text.rstrip()[-1:] not in {".", "?", ":", ""}
            text += (
                self._dice.choice(["\n", "\n\n"] if listed else [" ", " ", " ", "\n", "\n\n"]) if text else ""
            )
            text += each[:1].upper() + each[1:]
        return text

    def _history(self, words: dict[str, str], digits: str) -> str:
        """An older mail about somebody else below the new one."""
        other = f"{self._dice.choice(GIVEN)} {self._dice.choice(SURNAMES)}"
        return (
            "\n\nOp ma 3 feb. 2025 om 10:00 schreef Zaal <zaal@elders.example>:\n\n"
            f"> Naam: {other}\n> Tel: {self._numbers.written(self._numbers.drawn())}\n"
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
        # "Hij heeft een zus. Hij …" can only be the patient: who is brought in is of no known kind.
        known = dice.random() < 0.4 and templates is not BROUGHT_IN
        role = dice.choice(RELATIVES) if known else self._invented()
        organisation = dice.choice(["Stichting ", "", "De ", ""]) + self._invented(ORGANISATION).capitalize()
        return dice.choice(templates).format(
            r=role,
            R=role.capitalize(),
            f=given,
            x=self._numbers.written(self._numbers.drawn()),
            o_org=organisation,
            H=words["H"],
            h=words["h"],
            S=words["S"],
            s=words["s"],
            o=words["o"],
        )

    def _invented(self, ends: list[str] = END) -> str:
        return self._dice.choice(ROOT) + self._dice.choice(MIDDLE) + self._dice.choice(ends)
