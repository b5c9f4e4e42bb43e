"""How our own mails are written on the wire: headers and one text, ASCII with CRLF.

It promises that no value breaks out of its header, and that a Message-ID in `In-Reply-To` or `References`
stands there as it is, however long: encoding one (RFC 2047), as a general composer does with what is longer
than a line, takes the answer out of its thread, and Exchange and we ourselves make such long ones.
"""

import quopri
from collections.abc import Mapping
from email.header import Header

CRLF = "\r\n"
IDS = frozenset({"In-Reply-To", "References"})


def written(headers: Mapping[str, str], text: str) -> bytes:
    """The mail; raises `ValueError` for a header that can't be written on one logical line."""
    lines = [_line(name, value) for name, value in headers.items()]
    lines += [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        quopri.encodestring(text.replace("\n", CRLF).encode()).decode("ascii"),
    ]
    return CRLF.join(lines).encode("ascii")


def _line(name: str, value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"the header {name} would break")
    if name in IDS:
        # One id a line (RFC 5322 section 3.6.4).
        return f"{name}: {f'{CRLF} '.join(value.split())}"
    if name == "Subject" or not value.isascii():
        charset = "us-ascii" if value.isascii() else "utf-8"
        return f"{name}: {Header(value, charset, header_name=name).encode(linesep=CRLF)}"
    return f"{name}: {value}"
