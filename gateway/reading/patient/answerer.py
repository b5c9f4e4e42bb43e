"""Who answers a telephone that is the patient's all the same: "haar zoon neemt op, maar het is haar toestel".

Only where it is said so, in plain words and of nobody else: whoever answers must be of the other sex than
whose telephone it is said to be. Pure, over a row of tokens.
"""

from collections.abc import Iterator
from dataclasses import replace

from gateway.reading.patient.manner import SOMEBODY
from gateway.reading.patient.remarks import clauses
from gateway.reading.patient.tokens import Token, sentences
from gateway.reading.patient.vocabulary import MEN, WOMEN
from gateway.reading.patient.words import words_of

_MAN = MEN | words_of("mannenstem heer jongen")
_WOMAN = WOMEN | words_of("vrouwenstem dame meisje huisgenote echtgenote")
_HIS, _HERS = words_of("zijn hem hemzelf"), words_of("haar haarzelf")
_JOINS = words_of("maar want en")
_SURELY = words_of("wel echt gewoon toch degelijk nog steeds eigen zelf")
_TELEPHONE = words_of("toestel telefoon nummer mobiel mobieltje telefoonnummer gsm")
_ANSWERS = (
    _HIS
    | _HERS
    | _TELEPHONE - {"toestel"}
    | words_of(
        """
    schrik schrikken wees verbaasd niet als er een opneemt neemt op soms meestal vaak wel eens weleens ook kan
    kunt dat is het u hoort horen de aan lijn af en toe staat nog naam van voicemail stem hoor krijgt dan in
    regelmatig altijd doorgaans overdag 's avonds pakt maar want
    """
    )
)


def as_answered(row: list[Token], sex: set[str], told: set[str]) -> list[Token]:
    """The row, with marks in the place of sentences that only tell who answers the patient's telephone.

    `told` is of which sex the people are who are told of besides.
    """
    for begin, end in _stretches(row):
        said = row[begin:end]
        if (owner := _theirs_all_the_same(said, sex)) and owner not in told:
            row = [*row[:begin], *(replace(t, kind="mark", text=",", word="") for t in said), *row[end:]]
    return row


def told_of(rows: list[list[Token]]) -> set[str]:
    """Of which sex the people are who are told of, besides the patient."""
    return {sex for row in rows for t in row if t.kind in SOMEBODY and (sex := _sex(t))}


def is_called_anothers(row: list[Token], sex: set[str]) -> bool:
    """ "Haar man werkt. Dit is zijn nummer.": another's by the sex of the word."""
    earlier: list[Token] = []
    for sentence in [*sentences(row)][::-1]:
        for owner in filter(None, map(_owner, clauses(sentence))):
            if (sex and owner not in sex) or any(_sex(t) == owner for t in [*earlier, *sentence]):
                return True
        earlier = sentence
    return False


def _stretches(row: list[Token]) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, and each with the next one."""
    stops = [n for n, t in enumerate(row) if t.kind == "stop"]
    begins = [0, *(n + 1 for n in stops)]
    ends = [*stops, len(row)]
    for n, begin in enumerate(begins):
        yield begin, ends[n]
        if n + 1 < len(ends):
            yield begin, ends[n + 1]


def _theirs_all_the_same(said: list[Token], sex: set[str]) -> str:
    parts = [*clauses(said)]
    owners = {owner for clause in parts if (owner := _owner(clause))}
    if len(owners) != 1 or any(t.kind in {"number", "place"} for t in said):
        return ""
    owner = owners.pop()
    others = [t for clause in parts if not _owner(clause) for t in clause]
    answering = {
        _sex(t)
        for n, t in enumerate(others)
        if (t.kind in SOMEBODY and not _is_named(others, n)) or t.word in _MAN | _WOMAN
    }
    plain = (
        answering == {"m" if owner == "v" else "v"}
        and (not sex or sex == {owner})
        and all(t.word in _ANSWERS | _MAN | _WOMAN or t.kind in SOMEBODY | {"mark", "stop"} for t in others)
    )
    return owner if plain else ""


def _owner(clause: list[Token]) -> str:
    """The sex of whose telephone a clause says it is: "het is haar toestel", "daar neemt hij op"."""
    said = [t.word for t in clause if t.kind != "stop" and t.word not in _SURELY]
    said = said[1:] if said[:1] and said[0] in _JOINS else said
    if said[:2] == ["daar", "neemt"]:
        return {"hij": "m", "zij": "v", "ze": "v"}.get("".join(said[2:3]), "")
    if said[:1] and said[0] in {"het", "dit"} and said[1:2] and said[1] in _TELEPHONE:
        said = ["het", *said[2:]]
    if said[:2] not in (["het", "is"], ["dit", "is"], ["het", "blijft"]):
        return ""
    of = said[2:3] == ["van"] and len(said) == 4 and said[3]
    own = len(said) == 4 and said[3] in _TELEPHONE and said[2]
    whose = of or own or ""
    return "m" if whose in _HIS else "v" if whose in _HERS else ""


def _sex(token: Token) -> str:
    return "m" if token.word in _MAN else "v" if token.word in _WOMAN else ""


def _is_named(said: list[Token], n: int) -> bool:
    """ "Haar broer Marvin": a name that the word before tells more of."""
    return n > 0 and said[n].capital and bool(_sex(said[n - 1]))
