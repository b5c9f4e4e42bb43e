"""What only a holder of our secrets can make: the reply address of an organisation, the thread of a referrer,
the links we mail, the return address of a mail of ours, and the marks by which a number or a mail is
recognised.

It promises that a token of one kind, case or party is worth nothing for another, and that nothing given to it
makes it raise. A token names a case by its public reference; it hides nothing. A return address names one
delivery: a bounce that comes to it is about that delivery, whatever it looks like; one that doesn't proves
nothing (compare BATV). A mark says nothing to someone without the secret: a plain hash of a telephone number
can be reversed by hashing every number there is, a keyed one can't.

A token is text with a MAC: HMAC-SHA256 cut to 120 bits, 24 letters of lower-case base32, so that it lives in
addresses, which some servers fold to one case.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
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
    """Makes and confirms tokens; `secret` has at least 32 bytes.

    Case references and ids of parties are letters, digits and inner hyphens, at most 40, in either case;
    anything else is a ValueError when making, and nothing when reading.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _MIN_SECRET:
            raise ValueError(f"a token secret has at least {_MIN_SECRET} bytes")
        self._secret = secret

    def reply_suffix(self, case: str, organisation: str) -> str:
        """What follows the `+` in the address at which this organisation reports on this case."""
        case, organisation = _reference(case), _reference(organisation)
        return f"r.{case}.{self._mac('reply', case, organisation)}"

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
        return f"<t.{case}.{serial}.{self._mac('thread', case, practice, serial)}@{domain}>"

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
        known = self._mac(claim.kind, claim.case, party.lower(), *claim.bound)
        return hmac.compare_digest(claim.mac, known)

    def link(self, purpose: Purpose, case: str, party: str, expires: datetime) -> str:
        """A capability for a page: safe in a URL, worth something until `expires` (aware)."""
        case, party, until = _reference(case), _reference(party), str(int(expires.timestamp()))
        return f"{case}.{party}.{until}.{self._mac(f'link {purpose}', case, party, until)}"

    def parse_link(self, purpose: Purpose, text: str, now: datetime) -> Link | None:
        """The link, if we made it for this purpose and it has not expired."""
        match = _LINK.fullmatch(text)
        if match is None or int(match[3]) <= now.timestamp():
            return None
        if not hmac.compare_digest(match[4], self._mac(f"link {purpose}", match[1], match[2], match[3])):
            return None
        return Link(match[1], match[2], datetime.fromtimestamp(int(match[3]), UTC))

    def _mac(self, *parts: str) -> str:
        """The parts can hold no NUL, so joined by it they can't be taken for other parts."""
        message = "\0".join(("inbeeld token 1", *parts)).encode()
        return base64.b32encode(hmac.digest(self._secret, message, "sha256")[:_MAC_BYTES]).decode().lower()


def _reference(text: str) -> str:
    text = text.lower()
    if not _REFERENCE_ONLY.fullmatch(text):
        raise ValueError("not a case reference or id: letters, digits and inner hyphens, at most 40")
    return text


_RETURN_BYTES = 10
_RETURN = re.compile(r"[a-z0-9._-]{1,32}\+b\.([a-z2-7]{26})\.([a-z2-7]{16})")
_DELIVERY = re.compile(r"[0-9a-f]{32}")
_LONGEST = 64
"""Octets of a local part (RFC 5321 section 4.5.3.1.1)."""


def has_return_form(address: str, own: str) -> bool:
    """Whether an address looks like a return address of `own`: what SMTP can ask without the secret."""
    local, _, domain = address.lower().rpartition("@")
    ours, _, home = own.lower().rpartition("@")
    return domain == home and local.partition("+")[0] == ours and _RETURN.fullmatch(local) is not None


class ReturnPaths:
    """Makes and reads return addresses.

    `secret` has at least 32 bytes. `address` is the gateway's own, and those at `aliases`, which it had
    before, are known too; what follows its `+` is "b.", the delivery id in base32 and a MAC of 80 bits, all
    in lower case, because some servers fold addresses to one case.
    """

    def __init__(self, secret: bytes, address: str, aliases: Sequence[str] = ()) -> None:
        if len(secret) < _MIN_SECRET:
            raise ValueError(f"a secret for return addresses has at least {_MIN_SECRET} bytes")
        self._secret = secret
        self._local, _, self._domain = address.lower().rpartition("@")
        parts = (each.lower().rpartition("@") for each in (address, *aliases))
        self._ours = {(name, domain) for name, _, domain in parts}
        if len(self._local) + 46 > _LONGEST:
            raise ValueError("the return address is too long: give the gateway a shorter local part")

    def address(self, delivery: str) -> str:
        """The return address of a delivery, by its id of 32 hex digits; ValueError for anything else."""
        if not _DELIVERY.fullmatch(delivery):
            raise ValueError("not a delivery id")
        name = base64.b32encode(bytes.fromhex(delivery)).decode().rstrip("=").lower()
        return f"{self._local}+b.{name}.{self._mac(name)}@{self._domain}"

    def delivery(self, address: str) -> str | None:
        """The delivery id in an address, or in its local part alone, if we made it."""
        local, at, domain = address.lower().rpartition("@")
        if not at:
            local, domain = domain, ""
        match, name = _RETURN.fullmatch(local), local.partition("+")[0]
        ours = (name, domain) in self._ours if domain else any(name == one for one, _ in self._ours)
        if match is None or not ours:
            return None
        if not hmac.compare_digest(match[2], self._mac(match[1])):
            return None
        try:
            return base64.b32decode(f"{match[1].upper()}======").hex()
        except binascii.Error:
            return None

    def _mac(self, name: str) -> str:
        digest = hmac.digest(self._secret, f"inbeeld return 1\0{name}".encode(), "sha256")
        return base64.b32encode(digest[:_RETURN_BYTES]).decode().lower()


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Marks:
    """Marks under `secret`, each 64 hex digits."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _MIN_SECRET:
            raise ValueError(f"a secret for marks has at least {_MIN_SECRET} bytes")
        self._secret = secret

    def phone(self, number: str) -> str:
        """The mark to keep for a number. ValueError if it is not E.164."""
        if not _E164.fullmatch(number):
            raise ValueError("not a phone number in E.164 form")
        return self._mark("phone", number)

    def message(self, practice_id: str, message_id: str, content: str) -> str:
        """The mark to keep for a message of a practice: its Message-ID, and a digest of what it says. Some
        programs give every mail the same id, and another text under it is another message."""
        return self._mark("message", f"{practice_id}\0{content}\0{message_id}")

    def original(self, practice_id: str, message_id: str) -> str:
        """The mark to keep for the id of a message of a practice, by which an answer to it is known."""
        return self._mark("original", f"{practice_id}\0{message_id}")

    def sender(self, address: str) -> str:
        """The mark to count a sender's mails by."""
        return self._mark("sender", address)

    def derived(self, kind: str, of: str, size: int) -> bytes:
        """Bytes for the id of what is made of something, the same each time and unguessable: a copy of the
        gateway that is restored from a backup gives what it makes again the same id. At most 32."""
        return bytes.fromhex(self._mark(f"id of {kind}", of))[:size]

    def _mark(self, kind: str, value: str) -> str:
        return hmac.digest(self._secret, f"inbeeld {kind} 1\0{value}".encode(), "sha256").hex()
