"""Whom "hij" and "zij" can mean: one or several, a man or a woman, the patient or somebody else.

Pure, over tokens.
"""

from itertools import pairwise

from gateway.reading.patient.manner import OWN
from gateway.reading.patient.tokens import Token
from gateway.reading.patient.vocabulary import FEMININE, MASCULINE, MEN, PARTNERS, WOMEN, Sense
from gateway.reading.patient.words import words_of

PLURALS = frozenset(["zijn", "hebben", "willen", "kunnen", "wonen", "are", "have"])
_HAS_ONE: frozenset[str] = frozenset({Sense.OTHER, Sense.PHONE, Sense.UNKNOWN, "stranger", "number"})


_ADDRESSED = words_of("u je jullie men bel app benader kunt kun")


def is_plural(sentence: list[Token], n: int) -> bool:
    """Whether a "zij" is said of several people: "zij wonen", "willen ze", "u kunt ze bellen"."""
    if sentence[n].word == "ze" and n and sentence[n - 1].word in _ADDRESSED:
        return True
    beside = {t.word for t in sentence[max(0, n - 1) : n + 2]} - {"zij", "ze"}
    return sentence[n].word in {"zij", "ze"} and any(
        word in PLURALS or (word.endswith("en") and len(word) > 3) for word in beside
    )


def sex_told(rows: list[list[Token]]) -> set[str]:
    """ "Noor Bos verblijft met haar kind in …": the first pronoun behind the name tells the patient's sex."""
    for row in rows:
        for n, token in enumerate(row):
            if token.kind != "name":
                continue
            for follows, owned in zip(row[n + 1 :], [*row[n + 2 :], None], strict=False):
                if follows.kind in {"stop", "stranger", "candidate", Sense.OTHER, Sense.UNKNOWN, Sense.BODY}:
                    break
                his = follows.word == "zijn" and owned is not None and owned.kind in _HAS_ONE
                if (follows.kind == Sense.PRONOUN or his) and follows.word in FEMININE | MASCULINE:
                    return {"v" if follows.word in FEMININE else "m"}
    # Where only "hij" and "zijn vrouw" are said, they are said of one man.
    told = {
        "v" if token.word in FEMININE else "m"
        for row in rows
        for n, token in enumerate(row)
        if token.word in FEMININE | MASCULINE
        and not (token.word in {"zij", "ze"} and (row[n + 1].word if n + 1 < len(row) else "") in PLURALS)
        and not (token.word == "zijn" and row[n + 1 : n + 2] and row[n + 1].kind not in _HAS_ONE)
    }
    return told if len(told) == 1 else set()


def is_of_both(lead: list[Token], word: str) -> bool:
    """Whether a sentence has a woman as its subject and goes on with a man, or the other way round."""
    subjects = [t.word for t in lead if t.word in {"hij", "zij", "ze"}]
    other = MASCULINE if word in FEMININE else FEMININE
    return bool(subjects) and subjects[0] in other and word in {"hij", "zij", "ze"}


def is_passed_on(earlier: list[Token], lead: list[Token]) -> bool:
    """ "Ze haalt hem aan de telefoon. 06-…": a number behind a sentence of two people, and of neither."""
    if any(t.kind in OWN for t in lead):
        return False
    words = [t.word for t in earlier]
    if ("zelf", "niet") in pairwise(words):
        # "Haar broer zit hier, mevrouw zelf niet. Bellen op 06-…"
        return True
    return bool({"zij", "ze"} & set(words)) and "hem" in words


def apart_by(sex: set[str], sentence: list[Token]) -> frozenset[str]:
    """The relatives whom a sentence's pronouns can't mean: those who aren't of the patient's sex."""
    apart = frozenset[str]()
    for n, token in enumerate(sentence):
        if token.kind != Sense.PRONOUN or is_plural(sentence, n):
            continue
        if token.word in FEMININE and sex != {"m"}:
            apart = MEN | (PARTNERS if sex == {"v"} else frozenset())
        elif token.word in MASCULINE and sex != {"v"}:
            apart = WOMEN | (PARTNERS if sex == {"m"} else frozenset())
    return apart


def is_sex(row: list[Token], n: int) -> bool:
    """ "Farid Nazari (man, 34 jaar)"."""
    if row[n].word not in {"man", "vrouw"} or row[n - 1].text not in "(,/|;–-" or n < 2:
        return False
    aged = row[n - 2].word in {"jaar", "jr", "j"} and any(t.kind == "name" for t in row[:n])
    if not aged and row[n - 2].kind not in {"name", "candidate", "stranger"}:
        return False
    return (aged and n + 1 == len(row)) or (n + 1 < len(row) and row[n + 1].text in "),/|;–-")


_COUPLES = words_of("echtpaar gezin familie fam beiden samen")


def tells_of_couple(rows: list[list[Token]]) -> bool:
    """Whether a couple or a family is referred: then "ze" may be the patients."""
    return any(t.word in _COUPLES for row in rows for t in row)
