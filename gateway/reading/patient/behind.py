"""What stands behind a number: its own words, the sentence after them, and every sentence further on."""

from gateway.reading.patient.layout import Block
from gateway.reading.patient.manner import SOMEBODY
from gateway.reading.patient.remarks import ends
from gateway.reading.patient.speech import Line
from gateway.reading.patient.tail import own_part
from gateway.reading.patient.tokens import POSSESSIVES, Token, sentences
from gateway.reading.patient.vocabulary import Sense


def words_behind(line: Line, found: list[Block], rows: list[list[Token]]) -> tuple[list[Token], list[Token]]:
    """The words behind a number that are its own, and the sentence after them, in its row or below it."""
    rest = rows[line.block][line.place + 1 :]
    # "06-… bellen aub. Die mevrouw …"
    end = next((n for n, t in enumerate(rest) if t.kind in {"stop", "number"} or ends(rest, n)), len(rest))
    tail, following = rest[:end], rest[end + 1 :]
    if rest[:1] and rest[0].text == ")" and rest[1:2] and rest[1].capital:
        # Behind a bracket that only holds the number a sentence of its own begins.
        tail, following = [], rest[1:]
    if _goes_on_outside(rows[line.block], line.place) and not any(
        t.kind in {Sense.PHONE, Sense.CALL} for t in tail
    ):
        tail = []
    if end < len(rest) and rest[end].kind == "number":
        return own_part(tail), []
    below = line.block + 1
    if not following and below < len(rows) and not found[below].label:
        following = rows[below]
    stop = next((n for n, t in enumerate(following) if t.kind == "stop"), len(following))
    return tail, [] if any(t.kind == "number" for t in following[:stop]) else following[:stop]


def _goes_on_outside(row: list[Token], place: int) -> bool:
    """ "Jan Bos (Danswijk, 06-…) is ontslagen": behind the brackets the name's own clause goes on."""
    closes = [t.text for t in row[place + 1 : place + 2]] == [")"]
    opening = next((n for n in range(place - 1, 0, -1) if closes and row[n].text == "("), 0)
    behind = [t.word for t in row[place + 2 : place + 4]]
    return opening > 0 and row[opening - 1].kind == "name" and "van" not in behind


def sentences_behind(line: Line, found: list[Block], rows: list[list[Token]]) -> list[list[Token]]:
    """The sentences behind a number that hold no number themselves."""
    behind = [*sentences(rows[line.block][line.place + 1 :])]
    for at in range(line.block + 1, len(rows)):
        behind += sentences(rows[at]) if found[at].label in {"", "remarks"} else []
    return [each for each in behind if not any(t.kind == "number" for t in each)]


def next_remark(line: Line, found: list[Block], rows: list[list[Token]]) -> list[Token]:
    """The first sentence below a record in whose lines a number stands."""
    for at in range(line.block + 1, len(rows)):
        if found[at].label not in {"", "remarks"}:
            continue
        first = next(iter([*sentences(rows[at])][::-1]), [])
        return [] if any(t.kind == "number" for t in first) else first
    return []


def is_signed(line: Line, found: list[Block], rows: list[list[Token]]) -> bool:
    """A number alone in its line, with somebody else's name alone in the line below it."""
    below = line.block + 1
    if found[line.block].label or below >= len(rows) or found[below].label:
        return False
    if found[below].paragraph != found[line.block].paragraph:
        return False
    alone = all(t.kind in {"number", "mark", "stop"} for t in rows[line.block])
    names = [t.kind for t in rows[below] if t.kind not in {"mark", "stop"}]
    return alone and names in (["stranger"], ["candidate"])


def is_explained_by_another(tail: list[Token]) -> bool:
    """ "Op 06-… kan dat: haar man leest het voor"."""
    return any(
        a.text == ":" and b.word in POSSESSIVES and c.kind in SOMEBODY
        for a, b, c in zip(tail, tail[1:], tail[2:], strict=False)
    )
