r"""The dialogues in `dialogues/*.smtp`, replayed line by line over a real socket.

@ trusted | strict | login     the listener: STARTTLS not needed (the default), or required; AUTH offered
@ limit NAME=VALUE             a smaller limit
C: text                        the client sends a line; \r \n \0 \xNN and \\ are understood
C! text                        the same without CRLF at its end
S: pattern                     the server's next line; * stands for anything
TLS                            the client starts its handshake
EOF                            the server has closed
KEPT n                         so many mails are in the inbox
"""

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from gateway.intake.limits import Limits
from tests.wire.harness import Certificates, Client, Post, post

DIALOGUES = sorted((Path(__file__).parent / "dialogues").glob("*.smtp"))


def unescape(text: str) -> bytes:
    marks = {"r": b"\r", "n": b"\n", "0": b"\0", "\\": b"\\"}
    out = b""
    for plain, mark, code in re.findall(r"([^\\]+)|\\(?:([rn0\\])|x([0-9a-f]{2}))", text):
        out += plain.encode() or marks.get(mark) or bytes.fromhex(code)
    return out


def matches(name: str, password: str) -> bool:
    return (name, password) == ("front", "geheim")


async def play(script: list[str], office: Post, client: Client, tls: Certificates) -> None:
    for number, line in enumerate(script, 1):
        where = f"line {number}: {line}"
        kind, _, text = line.partition(" ")
        if kind == "S:":
            got = (await client.line()).decode()
            assert got.endswith("\r\n"), f"{where}, got the end of the connection"
            assert fnmatchcase(got.rstrip("\r\n"), text), f"{where}, got {got!r}"
        elif kind in {"C:", "C!"}:
            client.send(unescape(text) + (b"\r\n" if kind == "C:" else b""))
        elif kind == "TLS":
            await client.writer.start_tls(tls.client, server_hostname="localhost")
        elif kind == "EOF":
            assert await client.rest() == b"", where
        elif kind == "KEPT":
            assert len(office.inbox.rows) == int(text), where
        else:
            assert not line or line.startswith(("#", "@")), where


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
async def test_dialogue(path: Path, tls: Certificates) -> None:
    script = path.read_text("utf-8").splitlines()  # noqa: ASYNC240
    options = [line[2:].split("=") for line in script if line.startswith("@ ")]
    limits = replace(Limits(), **{o[0].removeprefix("limit "): int(o[1]) for o in options if len(o) == 2})
    setups = {o[0] for o in options}
    trusted = "trusted" in setups or not setups & {"strict", "login"}
    login = matches if "login" in setups else None
    async with post(limits=limits, trusted=trusted, tls=tls.server, matches=login) as office:
        client = await office.connect()
        await play(script, office, client, tls)
        assert office.events.failures == []


def test_the_dialogues_are_there() -> None:
    assert len(DIALOGUES) >= 15
