"""Mail addresses as we are willing to put on the wire.

It promises that an accepted address is one bare `local@domain` that can break out of neither an SMTP command
nor a header.
"""

import re
from typing import Annotated

from pydantic import AfterValidator

# RFC 5321 section 4.5.3.1 bounds the length; quoted local parts and address literals are not worth a risk.
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\"\\@]{1,64}@[^\W_](?:[\w.-]{0,252}[^\W_])?")


def is_address(text: str) -> bool:
    """Whether it is one bare address; letters outside ASCII are allowed (RFC 6531)."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def check_address(text: str) -> str:
    """The address itself; ValueError if it isn't one, or can't stand in a plain header."""
    if not (text.isascii() and is_address(text)):
        raise ValueError("must be one mail address, like aanmeldingen@organisatie.example")
    return text


Address = Annotated[str, AfterValidator(check_address)]
