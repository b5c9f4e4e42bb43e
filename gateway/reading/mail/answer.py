"""What the sender of an answer wrote there themselves: no quotes, no older mails, no subject.

Pure, for those who look for a word in it (a report, a request, consent); the text is never kept.
"""

from gateway.reading.mail.message import parse
from gateway.reading.mail.thread import passages

CHARACTERS = 4_000
"""More than this of an answer is not looked at: the word that counts stands at its beginning."""


def own_text(raw: bytes) -> str:
    """The sender's own newest text, at most `CHARACTERS` of it."""
    message = parse(raw)
    lines = [
        line for text in message.texts for part in passages(text) if part.own for line in (*part.lines, "")
    ]
    return "\n".join(lines).strip("\n")[:CHARACTERS]
