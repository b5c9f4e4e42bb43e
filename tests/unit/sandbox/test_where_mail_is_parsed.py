"""P11: what takes a mail apart is called by reading processes, and by nothing that may hold a key."""

import ast
from collections.abc import Iterator
from pathlib import Path

from gateway.sandbox import tasks

GATEWAY = Path(tasks.__file__).parents[1]

PARSERS = {
    "gateway.reading.reader": {"read", "complete"},
    "gateway.reading.mail.message": {"parse", "parse_head"},
    "gateway.reading.mail.mime": {"tree", "head_of"},
    "gateway.reading.mail.header": {"fields", "addresses", "address", "decoded"},
    "gateway.reading.mail.display": {"display", "display_head"},
    "gateway.reading.mail.wrapping": {"unwrapped", "rejoined", "wrapping"},
    "gateway.reading.letters.answer": {"own_text", "kenmerken"},
    "gateway.reading.letters.bounce": {"bounce_of"},
    "gateway.reading.letters.consent": {"consent_of"},
    "gateway.reading.letters.digest": {"content_digest"},
    "gateway.reading.letters.organisation": {"organisation_letter"},
    "gateway.reading.letters.practice": {"practice_letter"},
    "gateway.gate.header": {"fields", "from_address", "sender_of", "addresses"},
    "gateway.gate.examination": {"examine", "look_inside"},
    "gateway.gate.signatures": {"verify", "claimed"},
    "gateway.gate.front": {"Front", "results"},
    "gateway.gate.selfcheck": {"SelfCheck"},
    "email": {"message_from_bytes", "message_from_string"},
    "email.parser": {"BytesParser", "Parser", "BytesHeaderParser", "HeaderParser", "BytesFeedParser"},
    "dkim": {"*"},
    "spf": {"*"},
}

MAY = {
    # The tasks themselves, and who is called by them alone.
    "reading",
    "gate",
    "sandbox/functions.py",
    # Plays the mail servers and people around a gateway.
    "demo",
    # A command that reads a person's own files, and holds no key.
    "cli/parse.py",
}


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every module and name that is imported, wherever that stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, name.name) for name in node.names)
        elif isinstance(node, ast.Import):
            yield from ((name.name, "*") for name in node.names)


def parsers_in(source: str) -> list[str]:
    return [
        f"{module}.{name}"
        for module, name in imported(ast.parse(source))
        if name in PARSERS.get(module, set()) or "*" in PARSERS.get(module, set())
    ]


def test_all_of_them_are_there_still() -> None:
    for module, names in PARSERS.items():
        made = __import__(module, fromlist=["*"])
        assert all(name == "*" or hasattr(made, name) for name in names), module


def test_nothing_else_takes_a_mail_apart() -> None:
    found = {}
    for path in GATEWAY.rglob("*.py"):
        place = path.relative_to(GATEWAY)
        if not {str(place), place.parts[0]} & MAY:
            found[str(place)] = parsers_in(path.read_text())
    assert len(found) > 100
    assert {place: calls for place, calls in found.items() if calls} == {}


def test_one_that_did_would_be_seen() -> None:
    assert parsers_in("def f():\n    from gateway.reading.mail.message import Message, parse") == [
        "gateway.reading.mail.message.parse"
    ]
    assert parsers_in("import dkim") == ["dkim.*"]
