"""What the sender of an answer wrote there themselves: no quotes, no older mails, no subject.

For those who look for a word in it inside the reading process; the text is never kept.
"""

from gateway.reading.letters.sentences import CHARACTERS, own_lines
from gateway.reading.mail.message import parse


def own_text(raw: bytes) -> str:
    """The sender's own newest text, at most `CHARACTERS` of it."""
    return "\n".join(own_lines(parse(raw))).strip("\n")[:CHARACTERS]
