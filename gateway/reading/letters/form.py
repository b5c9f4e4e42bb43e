"""What the marks of a form in a letter say: which of its options are chosen, and which are not.

It promises that an option beside an empty box, or struck through, says nothing; and that a form whose marks
leave it open (none chosen, a box on a line of its own, two kinds of crosses) keeps an empty box, which makes
its letter unclear.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OPEN = "☐"
"""Stands in a line for an option that is not chosen, or for a mark that leaves it open."""

_EMPTY = r"[☐□▢◻◽⬜❏❑○◯⚪\uf0a8\uf06f]|\[[\s_.]{0,3}\]|\(\s{0,3}\)|\{\s{0,3}\}|<\s{0,3}>"
_EMPTY += r"|(?<!\S)_+(?![^\W_])|(?<=[^\W_])_{2,}(?![^\W_])"
_TICK = r"[☑✓✔✅🗹\uf0fe\uf0fc]\ufe0f?|[\[(]\s?[vV✓✔√*•]\s?[\])]"
_CROSS = r"[☒\uf0fd\uf078]|[\[(]\s?[xX×✗✘]\s?[\])]"
_FULL = r"[■◼◾●◉⦿⚫🔘]\ufe0f?"
_MARK = re.compile(rf"(?P<empty>{_EMPTY})|(?P<tick>{_TICK})|(?P<cross>{_CROSS})|(?P<full>{_FULL})")
_DOTS = re.compile(r"(?<!\S)(?:\.{2,}|…+)\s*(?=[^\W\d_])")
"""Dots to write on, before an option."""
BLANK = re.compile(r"(?:(?<!\S)(?:\.{2,}|…+)|\.{4,}|…{2,})(?!\s*\w)")
"""Dots to write on, behind what they are about: nothing was written there."""
_STRUCK = re.compile(
    r"(?<![^\W_])(?P<mark>~{1,2}|-)(?=[^\s~-])[^~\n]{0,200}?(?<![\s~-])(?P=mark)(?![\w~-])"
    r"|(?:[^\n][\u0335-\u0338]+)+"
)
"""Struck through, as in plain text: "~~so~~" or "-so-"."""
_BEGINS = re.compile(rf"\s*(?:{_MARK.pattern})")
_YES_NO = re.compile(r"\W*(?:ja|nee|yes|no)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Option:
    """A piece of a line with the mark that it stands beside: None where nothing is marked."""

    text: str
    chosen: bool | None = None


def filled(lines: Iterable[str]) -> list[str]:
    """The lines of a letter without what is not chosen in it."""
    written = list(lines)
    kept = [_DOTS.sub(f"{OPEN} ", _STRUCK.sub(" ", line)) for line in written]
    if any(map(str.strip, written)) and not any(map(str.strip, kept)):
        return [OPEN]
    kinds = {str(found.lastgroup) for line in kept for found in _MARK.finditer(line)}
    if not kinds - {"full"}:
        # Full dots and squares alone are the bullets of a list.
        return kept
    options = [_options(line) for line in _unwrapped(kept)]
    told = [each for line in options for each in line or ()]
    # A cross may tick or cross out: it ticks where other boxes are empty, and none has another tick.
    sure = None not in options and kinds != {"cross"} and not kinds >= {"tick", "cross"} and _are_level(kept)
    if not sure or not any(each.chosen for each in told):
        return [_MARK.sub(f" {OPEN} ", line) for line in kept]
    said = [[each.text for each in line or () if each.chosen is not False] for line in options]
    return [
        " ".join(left)
        for left, line in zip(said, options, strict=True)
        if any(map(str.strip, left)) or len(left) == len(line or ())
    ]


def _unwrapped(lines: list[str]) -> list[str]:
    """The lines, those joined to an option that go on with it in lower case."""
    joined: list[str] = []
    for line in lines:
        if joined and line.lstrip()[:1].islower() and _BEGINS.match(joined[-1]):
            joined[-1] += f" {line.strip()}"
        else:
            joined.append(line)
    return joined


def _are_level(lines: list[str]) -> bool:
    """Whether no option stands further in than another, as in a list where marks are bullets."""
    return len({len(line) - len(line.lstrip()) for line in lines if _BEGINS.match(line)}) <= 1


def _options(line: str) -> list[_Option] | None:
    """The options of a line, whose marks stand before or behind them; None where nobody can tell which."""
    marks = list(_MARK.finditer(line))
    if not marks:
        return [_Option(line)]
    before = line[: marks[0].start()]
    pieces = [line[one.end() : end] for one, end in _spans(marks, len(line))]
    chosen = [mark.lastgroup != "empty" for mark in marks]
    labelled = not _speaks(before) or before.rstrip().endswith((":", "?")) or all(map(_YES_NO.match, pieces))
    if labelled and all(map(_speaks, pieces)):
        return [_Option(before), *map(_Option, pieces, chosen)]
    behind = [before, *pieces[:-1]]
    if all(map(_speaks, behind)) and not _speaks(pieces[-1]):
        return [*map(_Option, behind, chosen)]
    return None


def _spans(marks: list[re.Match[str]], end: int) -> list[tuple[re.Match[str], int]]:
    ends = [*(mark.start() for mark in marks[1:]), end]
    return list(zip(marks, ends, strict=True))


def _speaks(piece: str) -> bool:
    return any(each.isalnum() for each in piece)
