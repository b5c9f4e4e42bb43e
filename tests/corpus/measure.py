"""How well mails are read: the written samples, and mails composed by the thousand.

`python -m tests.corpus.measure [--mails N] [--seed N]` prints, by corpus and by kind, how many readings gave
a number that isn't the patient's (there must be none), guessed a name or a wijk wrongly, or asked needlessly.
"""

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from gateway.reading.record import Reading, Verdict
from tests.corpus.compose import Composed, Composer
from tests.corpus.frames import frames
from tests.corpus.judge import expected, is_right, wrong_numbers
from tests.corpus.natural import natural
from tests.corpus.parts import INVENTED
from tests.corpus.unseen import unseen

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
OUTCOMES = ("wrong", "guessed", "needless", "right")


def gazetteers() -> dict[str, Gazetteer]:
    """Almere's, as it is shipped, and an invented one whose wijken are ordinary words."""
    folder = ROOT / "config" / "wijken"
    almere = Gazetteer.parse(
        [(folder / "wijken-almere.csv").read_text()], [(folder / "postcodes-almere.csv").read_text()]
    )
    return {"almere": almere, "losser": Gazetteer.parse([INVENTED], [])}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mail: of which corpus and kind it is, and one of `OUTCOMES`."""

    corpus: str
    kind: str
    said: str


def judged(mail: Composed, reading: Reading) -> str:
    """The outcome of a composed mail."""
    if {phone for phone in (reading.phone, *reading.other_phones) if phone} - mail.phones:
        return "wrong"
    if (reading.name and reading.name != mail.name) or (reading.wijk and reading.wijk != mail.wijk):
        return "guessed"
    return "needless" if mail.complete and reading.verdict is not Verdict.REFERRAL else "right"


def composed(mails: int, seed: int) -> Iterator[Outcome]:
    """The outcomes of so many composed mails per gazetteer."""
    for name, gazetteer in gazetteers().items():
        composer = Composer(gazetteer, seed)
        for _ in range(mails):
            mail = composer.mail()
            yield Outcome(f"composed, {name}", mail.kind, judged(mail, read(mail.raw, gazetteer)))


def written() -> Iterator[Outcome]:
    """The outcomes of the sample mails, by the verdict that is right."""
    almere = gazetteers()["almere"]
    for folder in ("referrals", "referrals2", "referrals3", "referrals4", "attacked"):
        for path in sorted((CORPUS / folder).glob("*.eml")):
            told = expected(path)
            reading = read(path.read_bytes(), almere)
            said = "right" if is_right(reading, told) else "needless"
            if reading.name and reading.name not in {told["name"], *told.get("accept_name", ())}:
                said = "guessed"
            yield Outcome(folder, told["verdict"], "wrong" if wrong_numbers(reading, told) else said)
    for name, mail in natural():
        yield Outcome(name, mail.kind, mail.judge(read(mail.raw, almere)))
    for name, unread in unseen():
        yield Outcome(f"unseen, {name}", unread.kind, unread.judge(read(unread.raw, almere)))
    for frame in frames():
        otherwise = "wrong" if frame.kind == "ask" else "needless"
        for filling in frame.fillings:
            right = frame.is_right(read(frame.mail(filling), almere))
            yield Outcome("frames", frame.kind, "right" if right else otherwise)


def table(outcomes: list[Outcome]) -> str:
    """The outcomes counted, by corpus and kind."""
    counted = Counter((each.corpus, each.kind, each.said) for each in outcomes)
    lines = [f"{'corpus':<20}{'kind':<12}{'mails':>7}" + "".join(f"{said:>10}" for said in OUTCOMES)]
    for corpus, kind in sorted({(each.corpus, each.kind) for each in outcomes}):
        each = [counted[corpus, kind, said] for said in OUTCOMES]
        lines.append(f"{corpus:<20}{kind:<12}{sum(each):>7}" + "".join(f"{count:>10}" for count in each))
    return "\n".join(lines)


def main() -> int:
    """Prints the table; 1 if any number is wrong."""
    parser = argparse.ArgumentParser(description="measure how well mails are read")
    parser.add_argument("--mails", type=int, default=2000, help="composed mails per gazetteer")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(2**32), help="to compose the same again"
    )
    given = parser.parse_args()
    outcomes = [*written(), *composed(given.mails, given.seed)]
    print(table(outcomes))
    wrong = sum(each.said == "wrong" for each in outcomes)
    print(f"{wrong} wrong numbers in {len(outcomes)} mails (seed {given.seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
