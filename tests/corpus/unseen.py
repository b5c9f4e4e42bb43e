"""Mails by people who never saw the reader: `unseen/*.jsonl`, one a line, set after set as they were written.

They know `referrals` and `referrals2` and write what could stand beside those. `h`, `i`, `m`, `n` and `o` are
mostly mails in which a number is not surely the patient's; the others are spread over the kinds. A line has
`id`, `kind` (plain, moderate or nasty: a referral; ask or ignore), `raw` (the mail, with bytes that are no
UTF-8 as `surrogateescape` writes them), `told` (the answer, as beside `referrals`) and `open`: it is not read
as the answer says, yet. Some answers may be argued about; another's number may be passed in none.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.reading.record import Reading, Verdict
from tests.corpus.judge import is_right, wrong_numbers

FOLDER = Path(__file__).parent / "unseen"


@dataclass(frozen=True, slots=True)
class Unseen:
    """A mail, its answer, and whether it is known not to be read so."""

    id: str
    kind: str
    open: bool
    told: dict[str, Any]
    raw: bytes

    def judge(self, reading: Reading) -> str:
        """One of `measure.OUTCOMES`."""
        passed = reading.verdict is Verdict.REFERRAL
        if passed and (self.told["verdict"] != Verdict.REFERRAL or wrong_numbers(reading, self.told)):
            return "wrong"
        if is_right(reading, self.told):
            return "right"
        return "guessed" if passed else "needless"


def unseen() -> Iterator[tuple[str, Unseen]]:
    """Every mail, with the name of its set."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            told = json.loads(line)
            raw = told.pop("raw").encode("utf-8", "surrogateescape")
            yield path.stem, Unseen(**told, raw=raw)
