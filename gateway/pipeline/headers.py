"""How our own mails are written on the wire: headers and one text, ASCII with CRLF.

It promises that no value breaks out of its header; that a Message-ID in `In-Reply-To` or `References` stands
there as it is, however long (encoding one, as a general composer does, takes the answer out of its thread);
and that nothing in the mail that is answered keeps an answer from leaving: an id that RFC 5322 does not allow
is left out, and a subject is written without what can't be.
"""

import base64
import binascii
import hashlib
import quopri
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.header import Header

CRLF = "\r\n"
IDS = frozenset({"In-Reply-To", "References"})

REFERENCES = 20
"""How many earlier Message-IDs an answer names at most: the first and the last ones (RFC 5322 3.6.4)."""

_PREFIXES = re.compile(r"^(?:\s*(?:re|antw|aw|fw|fwd|wg|doorst)\s?:)+", re.IGNORECASE)
"""What Outlook leaves out of a thread's topic (MS-OXOMSG section 2.2.1.2)."""
_ID = re.compile(r"<[!-;=?-~]{1,400}>", re.ASCII)
_INDEX_HEADER, _INDEX_CHILD, _INDEX_LONGEST = 22, 5, 22 + 5 * 100
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def written(headers: Mapping[str, str], text: str) -> bytes:
    """The mail; raises `ValueError` for an address that can't be written on one logical line."""
    lines = [line for name, value in headers.items() if (line := _line(name, value))]
    lines += [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        quopri.encodestring(text.replace("\n", CRLF).encode()).decode("ascii"),
    ]
    return CRLF.join(lines).encode("ascii")


def threaded(
    message_id: str,
    references: Iterable[str],
    thread_index: str,
    now: datetime,
    serial: str,
    subject: str = "",
) -> dict[str, str]:
    """The headers that put an answer in the thread of a mail with these, as far as they can be used.

    `serial` makes the same answer always the same (it is the delivery's id); `subject` is the answer's own,
    since that of the mail may hold what is not said back.
    """
    before = [each for each in references if _ID.fullmatch(each)]
    headers: dict[str, str] = {}
    if _ID.fullmatch(message_id):
        headers["In-Reply-To"] = message_id
        before.append(message_id)
    before = list(dict.fromkeys(before))
    if before:
        headers["References"] = " ".join(before[:1] + before[1:][-REFERENCES + 1 :])
    index = next_thread_index(thread_index, now, serial)
    topic = _PREFIXES.sub("", subject).strip()
    return headers | ({"Thread-Index": index} | ({"Thread-Topic": topic} if topic else {}) if index else {})


def next_thread_index(index: str, now: datetime, serial: str) -> str:
    """Outlook's mark of a thread with one answer more; "" if it isn't one.

    22 bytes for the thread and 5 for each answer: how long after the first mail it was written, and a byte
    that tells answers of one moment apart (MS-OXOMSG section 2.2.1.3).
    """
    try:
        known = base64.b64decode("".join(index.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    size = len(known)
    whole = _INDEX_HEADER <= size <= _INDEX_LONGEST and (size - _INDEX_HEADER) % _INDEX_CHILD == 0
    if not whole or known[0] != 1:
        return ""
    began = int.from_bytes(known[:6]) << 16
    passed = max(0, int((now - _EPOCH).total_seconds()) * 10_000_000 - began)
    short = passed >> 49 == 0
    delta = (passed >> 18 if short else passed >> 23 | 1 << 31) & 0xFFFFFFFF
    answer = delta.to_bytes(4) + hashlib.sha256(serial.encode()).digest()[:1]
    return base64.b64encode(known + answer).decode("ascii")


def _line(name: str, value: str) -> str:
    if name in IDS:
        # One id a line (RFC 5322 section 3.6.4).
        ids = [each for each in value.split() if _ID.fullmatch(each)]
        return f"{name}: {f'{CRLF} '.join(ids)}" if ids else ""
    if name in ("Subject", "Thread-Topic"):
        value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        charset = (
            "us-ascii" if value.isascii() and len(max(value.split(), key=len, default="")) < 70 else "utf-8"
        )
        return f"{name}: {Header(value, charset, header_name=name).encode(linesep=CRLF)}"
    if not value.isprintable():
        raise ValueError(f"the header {name} would break")
    if name == "Thread-Index":
        return f"{name}: " + f"{CRLF} ".join(value[at : at + 70] for at in range(0, len(value), 70))
    if not value.isascii():
        return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=CRLF)}"
    return f"{name}: {value}"
