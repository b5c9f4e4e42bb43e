"""A mail for a person's eyes: who, what about, and its text, cut to what fits a screen.

Pure, for mails that were set aside. It promises plain text alone (HTML as words, attachments as name and
size), no more than `TEXT` bytes of it however large the mail is, and that what was cut says so.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.reading.mail.message import Message, is_attachment, left_out, parse
from gateway.reading.mail.mime import Part

TEXT = 30_000
SUBJECT = 2_000
NAME = 300
SENDERS = 5
ATTACHMENTS = 20
"""Sizes are bytes of JSON, in which a letter with an accent counts for six."""

BETWEEN = "\n\n- - - - -\n\n"
"""Stands between the texts of several parts, and of mails inside the mail."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, by its name as the sender wrote it ("" without one), type and size in bytes."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Display:
    """What is shown. `senders` are what From says, names beside addresses; `date` is ISO 8601 or ""."""

    senders: tuple[str, ...] = ()
    subject: str = ""
    date: str = ""
    text: str = ""
    files: tuple[File, ...] = ()
    cut: bool = False


def display(raw: bytes) -> Display:
    """What a person sees of a mail. Never raises."""
    message = parse(raw)
    text, cut = clipped(BETWEEN.join(part.strip("\n") for part in _texts(message)), TEXT)
    files = list(_files(message.part)) if message.part else []
    shown = tuple(files[:ATTACHMENTS])
    return replace(
        display_head(message),
        text=text,
        files=shown,
        cut=cut or len(files) > ATTACHMENTS or left_out(message),
    )


def display_head(message: Message) -> Display:
    """The same from the headers alone."""
    senders = (*message.from_names, *message.from_addresses)[:SENDERS]
    return Display(
        senders=tuple(clipped(one, NAME)[0] for one in senders),
        subject=clipped(message.subject, SUBJECT)[0],
        date=message.date.isoformat() if message.date else "",
    )


def clipped(text: str, most: int) -> tuple[str, bool]:
    """The beginning of a text that takes at most `most` bytes as JSON, and whether that is not all of it."""
    beginning = text[:most]
    while (size := len(json.dumps(beginning)) - 2) > most:
        # Every character takes twelve bytes at most, so this ends after a few rounds.
        beginning = beginning[: min(len(beginning) - 1, len(beginning) * most // size)]
    return beginning, len(beginning) < len(text)


def _texts(message: Message) -> Iterator[str]:
    yield from message.texts
    for inside in message.inside:
        yield from _texts(inside)


def _files(part: Part) -> Iterator[File]:
    for each in part.walk():
        if is_attachment(each):
            yield File(clipped(each.file_name, NAME)[0], clipped(each.content_type, NAME)[0], len(each.body))
