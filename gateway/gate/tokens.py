"""Unforgeable tokens: the reply address of an organisation, the thread of a referrer, the links we mail.

It promises that only a holder of the secret can make one, that a token of one kind, case or party is worth
nothing for another, that nothing given to it makes it raise, and that tokens made under a previous secret are
still known after a rotation. A token names a case by its public reference; it hides nothing.

Each is text with a MAC: HMAC-SHA256 cut to 120 bits, 24 letters of lower-case base32, so that it lives in
addresses, which some servers fold to one case.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Purpose = Literal["confirm", "status"]

_MAC_BYTES = 15
_MAC = r"[a-z2-7]{24}"
_REFERENCE = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
_REFERENCE_ONLY = re.compile(_REFERENCE)
_REPLY = re.compile(rf"r\.({_REFERENCE})\.({_MAC})")
_THREAD = re.compile(rf"<t\.({_REFERENCE})\.({_REFERENCE})\.({_MAC})@[^<>\s@]+>")
_LINK = re.compile(rf"({_REFERENCE})\.({_REFERENCE})\.([0-9]{{1,11}})\.({_MAC})")
_MIN_SECRET = 32
_MAX_HEADER = 20_000
_MAX_THREADS = 200


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says, not yet confirmed: the case (in lower case) and the rest of what its MAC covers."""

    case: str
    kind: str
    bound: tuple[str, ...]
    mac: str


@dataclass(frozen=True, slots=True)
class Link:
    """A confirmed capability link: its case (in lower case), whose it is, and until when (aware UTC)."""

    case: str
    party: str
    expires: datetime


class Tokens:
    """Makes and confirms tokens. `secret` makes, `secret` and `previous` confirm; each at least 32 bytes.

    Case references and ids of parties are letters, digits and inner hyphens, at most 40, in either case;
    anything else is a ValueError when making, and nothing when reading.
    """

    def __init__(self, secret: bytes, previous: tuple[bytes, ...] = ()) -> None:
        if any(len(key) < _MIN_SECRET for key in (secret, *previous)):
            raise ValueError(f"a token secret has at least {_MIN_SECRET} bytes")
        self._keys = (secret, *previous)

    def reply_suffix(self, case: str, organisation: str) -> str:
        """What follows the `+` in the address at which this organisation reports on this case."""
        case, organisation = _reference(case), _reference(organisation)
        return f"r.{case}.{self._mac(self._keys[0], 'reply', case, organisation)}"

    def reply_address(self, base: str, case: str, organisation: str) -> str:
        """`aanmelding@domain` with that suffix; ValueError if the local part is then over 64 (RFC 5321)."""
        local, _, domain = base.rpartition("@")
        local = f"{local}+{self.reply_suffix(case, organisation)}"
        if len(local) > 64:
            raise ValueError("the reply address is too long: give the gateway a shorter local part")
        return f"{local}@{domain}"

    def reply_claim(self, address: str) -> Claim | None:
        """The claim in an address or suffix, if it has the form of one."""
        suffix = address.rpartition("@")[0] or address
        match = _REPLY.fullmatch(suffix.rpartition("+")[2].lower())
        return Claim(match[1], "reply", (), match[2]) if match else None

    def thread_id(self, case: str, practice: str, serial: str, domain: str) -> str:
        """The Message-ID of a mail to this practice about this case; `serial` tells mails of a case apart."""
        case, practice, serial = _reference(case), _reference(practice), _reference(serial)
        return f"<t.{case}.{serial}.{self._mac(self._keys[0], 'thread', case, practice, serial)}@{domain}>"

    def thread_claims(self, header: str) -> tuple[Claim, ...]:
        """The claims in In-Reply-To or References, the newest (last) first, each once."""
        found = _THREAD.findall(header[-_MAX_HEADER:].lower())
        claims = (
            Claim(case, "thread", (serial,), mac) for case, serial, mac in reversed(found[-_MAX_THREADS:])
        )
        return tuple(dict.fromkeys(claims))

    def confirms(self, claim: Claim, party: str) -> bool:
        """Whether we made this reply or thread token for this organisation or practice."""
        if not _REFERENCE_ONLY.fullmatch(party.lower()):
            return False
        return self._known(claim.mac, claim.kind, claim.case, party.lower(), *claim.bound)

    def link(self, purpose: Purpose, case: str, party: str, expires: datetime) -> str:
        """A capability for a page: safe in a URL, worth something until `expires` (aware)."""
        case, party, until = _reference(case), _reference(party), str(int(expires.timestamp()))
        return f"{case}.{party}.{until}.{self._mac(self._keys[0], f'link {purpose}', case, party, until)}"

    def parse_link(self, purpose: Purpose, text: str, now: datetime) -> Link | None:
        """The link, if we made it for this purpose and it has not expired."""
        match = _LINK.fullmatch(text)
        if match is None or int(match[3]) <= now.timestamp():
            return None
        if not self._known(match[4], f"link {purpose}", match[1], match[2], match[3]):
            return None
        return Link(match[1], match[2], datetime.fromtimestamp(int(match[3]), UTC))

    def _known(self, mac: str, *parts: str) -> bool:
        """Compared under every key, in the same time whether or not one fits."""
        return sum(hmac.compare_digest(mac, self._mac(key, *parts)) for key in self._keys) > 0

    @staticmethod
    def _mac(key: bytes, *parts: str) -> str:
        """The parts can hold no NUL, so joined by it they can't be taken for other parts."""
        message = "\0".join(("inbeeld token 1", *parts)).encode()
        return base64.b32encode(hmac.digest(key, message, "sha256")[:_MAC_BYTES]).decode().lower()


def _reference(text: str) -> str:
    text = text.lower()
    if not _REFERENCE_ONLY.fullmatch(text):
        raise ValueError("not a case reference or id: letters, digits and inner hyphens, at most 40")
    return text
