"""Paths of MAIL and RCPT: one strict form, everything odd is refused.

Promises: an accepted address is a dot-atom, one `@` and a host name (RFC 5321 section 4.1.2, without quoted
local parts, address literals and source routes), at most 254 octets; so no later part can read it as another
one, or as two.
"""

import re
from typing import NamedTuple

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\u00a1-\U0010ffff](?:[A-Za-z0-9\-\u00a1-\U0010ffff]{0,61}[A-Za-z0-9\u00a1-\U0010ffff])?"
_ADDRESS = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_PATH = re.compile(r" ?<([^<> ]*)>(?: +(.*))?")


class Path(NamedTuple):
    """What stood between the angle brackets, and the parameters behind it (names in capitals)."""

    address: str
    parameters: dict[str, str | None]


def parse_path(keyword: str, argument: str) -> Path | None:
    """`FROM:<a@b> SIZE=1` taken apart; None when the form is wrong or a parameter stands twice."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    match = _PATH.fullmatch(argument[len(keyword) :])
    if match is None:
        return None
    parameters: dict[str, str | None] = {}
    for word in (match[2] or "").split():
        name, equals, value = word.partition("=")
        name = name.upper()
        if not name or name in parameters or (equals and not value):
            return None
        parameters[name] = value if equals else None
    return Path(match[1], parameters)


def is_address(text: str) -> bool:
    """Whether this is an address we take; non-ASCII ones (RFC 6531) included."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and len(match[1].encode()) <= 64 and len(text.encode()) <= 254
