"""Authentication-Results (RFC 8601), as servers write them: an id, and results with their properties.

It promises to take as long as the field is long, to raise nothing, and to read real servers as they mean it:
addresses of IPv6 without quotes, a semicolon at the end, comments anywhere, properties that no standard
names. What it can't read whole is None. (The package authres takes square time, recurses once per comment
and refuses an unquoted colon, which Exim writes.)
"""

import re
from dataclasses import dataclass

LONGEST = 8_000

_ID = re.compile(r"\s*([^\s;=]+|\"[^\"]*\")\s*(?:\s[0-9]+\s*)?")
_PAIR = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9_.-]*)(?:\s*/\s*[0-9]+)?\s*=\s*(\"[^\"]*\"[^\s;\"]*|[^\s;\"]+)(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Result:
    """One result: its method and outcome in lower case, and its properties as written."""

    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, *names: str) -> str:
        """The first property of one of these names, "" if there is none."""
        return next((value for name, value in self.properties if name in names), "")


@dataclass(frozen=True, slots=True)
class Results:
    """A field: the authserv-id as written, and its results ("none" says that there are none)."""

    id: str
    results: tuple[Result, ...] = ()

    def of(self, method: str) -> list[Result]:
        """The results of a method."""
        return [one for one in self.results if one.method == method]


def results(value: bytes) -> Results | None:
    """The value of a field, unfolded or not; None if it can't be read whole."""
    if len(value) > LONGEST:
        return None
    try:
        text = bare(value.decode("ascii"))
    except UnicodeDecodeError:
        return None
    if text is None or any(char < " " and char not in "\t\r\n" for char in text):
        return None
    first, *others = _pieces(text)
    name = _ID.fullmatch(first)
    if name is None:
        return None
    found: list[Result] = []
    for piece in others:
        if piece.strip().lower() in {"", "none"}:
            continue
        result = _result(piece)
        if result is None:
            return None
        found.append(result)
    return Results(name[1].strip('"'), tuple(found))


def bare(text: str) -> str | None:
    """The text with a blank for each comment; None if a comment or a quoted string is not closed."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in text:
        if escaped:
            escaped = False
            if not depth:
                kept.append("_" if char in '";' else char)
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
            kept.append("_" if char == ";" else char)
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif depth:
            depth -= char == ")"
        else:
            quoted = char == '"'
            kept.append(char)
    return None if depth or quoted or escaped else "".join(kept)


def _pieces(text: str) -> list[str]:
    # A semicolon inside quotes was taken away with the quoting, so each one that is left parts two results.
    return text.split(";")


def _result(piece: str) -> Result | None:
    pairs: list[tuple[str, str]] = []
    at = 0
    end = len(piece.rstrip())
    while at < end:
        found = _PAIR.match(piece, at, end)
        if found is None:
            return None
        pairs.append((found[1].lower(), found[2].replace('"', "")))
        at = found.end()
    if not pairs:
        return None
    (method, outcome), *properties = pairs
    return Result(method, outcome.lower(), tuple(properties))
