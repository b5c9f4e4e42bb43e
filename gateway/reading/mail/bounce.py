"""Which of our deliveries a bounce is about.

A delivery bears its id in its Message-ID, and a report of failure returns the headers of the mail it is about
(RFC 3464, RFC 6522). The id is unguessable, so whoever names it has had the mail or its headers. Pure.
"""

import re

SEARCHED = 256 * 1024
"""How many bytes of a report are searched: the returned headers stand well within them."""

MOST = 20
_DELAYED = re.compile(
    rb"^action:[ \t]*(?:delayed|relayed|delivered|expanded)\b", re.IGNORECASE | re.MULTILINE
)


def bounced(raw: bytes, domain: str) -> tuple[str, ...]:
    """The delivery ids (32 hex digits) that a report of failure names, each once; none for other mail.

    A report of delay or success is no failure (RFC 3464 section 2.3.3).
    """
    head, _, rest = raw[:SEARCHED].partition(b"\r\n\r\n")
    if b"multipart/report" not in head.lower() or _DELAYED.search(rest):
        return ()
    ours = re.compile(
        rb"^message-id:\s*<(?:t\.[a-z0-9-]{1,40}\.)?([0-9a-f]{32})(?:\.[a-z2-7]{24})?@"
        + re.escape(domain.encode())
        + rb">",
        re.IGNORECASE | re.MULTILINE,
    )
    found = dict.fromkeys(match.decode().lower() for match in ours.findall(rest)[:MOST])
    return tuple(found)
