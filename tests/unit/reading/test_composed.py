"""Mails composed from parts: no number is passed that isn't the patient's.

Here always the same ones, so that a change that breaks nothing fails nobody. Other ones every time are
composed by `make fuzz`, and by the thousand by `python -m tests.corpus.measure`. A seed that fails is told.
"""

import os
import secrets

import pytest

from gateway.reading.reader import read
from tests.corpus.compose import Composer
from tests.corpus.measure import gazetteers, judged

MAILS = 100
SEEDS = (20251129, secrets.randbelow(2**32) if "FUZZ" in os.environ else 20261130)


@pytest.mark.hypothesis
@pytest.mark.parametrize("name", ["almere", "losser"])
@pytest.mark.parametrize("run", range(len(SEEDS)), ids=["first", "second"])
def test_composed_mails(name: str, run: int) -> None:
    gazetteer = gazetteers()[name]
    composer = Composer(gazetteer, SEEDS[run])
    said = []
    for _ in range(MAILS):
        mail = composer.mail()
        outcome = judged(mail, read(mail.raw, gazetteer))
        assert outcome != "wrong", f"seed {SEEDS[run]}\n{mail.text}"
        said.append(outcome)
    # How many questions are needless is measured over thousands; here only that it isn't out of hand.
    assert said.count("needless") <= MAILS // 8, f"seed {SEEDS[run]}"
    assert said.count("guessed") <= MAILS // 12, f"seed {SEEDS[run]}"
