"""Whether a parcel's content really is ciphertext of the kind it says it is.

It promises that plaintext is never taken for ciphertext: an adapter asks before it sends, even though the
gateway sealed the parcel, because a mistake upstream (a key that expired, an engine that returned its input)
must not become a data breach. It opens nothing and proves nothing about *whose* key it is.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from asn1crypto import cms

from adapters.base import Parcel, Refused

PGP = "application/pgp-encrypted"
SMIME = "application/pkcs7-mime"
JOSE = "application/jose"

_DELIVERY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KENMERK = re.compile(r"[A-Za-z0-9-]{1,40}")
_ARMOUR = re.compile(
    rb"-----BEGIN PGP MESSAGE-----\r?\n(?:Version: [\x20-\x7e]*\r?\n)?\r?\n"
    rb"(?P<body>(?:[A-Za-z0-9+/=]+\r?\n)+?)(?:=[A-Za-z0-9+/]{4}\r?\n)?"
    rb"-----END PGP MESSAGE-----\s*"
)
_SESSION_KEY, _PROTECTED, _AEAD_PROTECTED = 1, 18, 20
# Not `aad` and `unprotected`: they travel in clear.
_JWE_MEMBERS = {"protected", "recipients", "header", "encrypted_key", "iv", "ciphertext", "tag"}
_B64URL = re.compile(r"[A-Za-z0-9_-]+")


def check(media_type: str, content: bytes) -> None:
    """Return if `content` is ciphertext of `media_type`; raise Refused, without a word of it, if not."""
    recognise = _RECOGNISERS.get(media_type)
    if recognise is None:
        raise Refused("parcel_media_type")
    try:
        recognised = recognise(content)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        # The text of a parser's error could quote what it stumbled over.
        recognised = False
    if not recognised:
        raise Refused("parcel_not_ciphertext")


def check_parcel(parcel: Parcel, *takes: str) -> None:
    """The same of a whole parcel, of a kind that its peer `takes` (any, unless some are named), with names
    that are fit for a header, an address or the name of a file."""
    if takes and parcel.media_type not in takes:
        raise Refused("parcel_media_type")
    check(parcel.media_type, parcel.ciphertext)
    if not _DELIVERY_ID.fullmatch(parcel.delivery_id) or not _KENMERK.fullmatch(parcel.kenmerk):
        raise Refused("parcel_malformed")


def smime_type(content: bytes) -> str:
    """The `smime-type` parameter (RFC 8551 section 3.2.2) of enveloped content that `check` let through."""
    kind = cms.ContentInfo.load(content)["content_type"].native
    return "enveloped-data" if kind == "enveloped_data" else "authEnveloped-data"


def _is_openpgp(content: bytes) -> bool:
    """Armour around session keys for public keys, then one integrity-protected packet, and nothing else.

    RFC 9580 sections 5.1, 5.13 and 10.3; a packet under a mere password (tag 3) is not accepted.
    """
    armour = _ARMOUR.fullmatch(content)
    if armour is None:
        return False
    binary = base64.b64decode(armour["body"].translate(None, b"\r\n"), validate=True)
    *keys, last = _packet_tags(binary)
    return bool(keys) and all(tag == _SESSION_KEY for tag in keys) and last in (_PROTECTED, _AEAD_PROTECTED)


def _packet_tags(binary: bytes) -> Iterator[int]:
    """The tags of the packets in order (RFC 9580 section 4.2); ValueError if they don't fill the input."""
    at = 0
    while at < len(binary):
        head = binary[at]
        at += 1
        if head & 0xC0 == 0xC0:
            tag, partial = head & 0x3F, True
            while partial:
                length, partial, at = _new_length(binary, at)
                at += length
        elif head & 0x80:
            tag, size = head >> 2 & 0x0F, head & 0x03
            if size == 3:
                at = len(binary)
            else:
                width = 1 << size
                at += width + int.from_bytes(binary[at : at + width])
        else:
            raise ValueError("no packet")
        if at > len(binary):
            raise ValueError("cut short")
        yield tag


def _new_length(binary: bytes, at: int) -> tuple[int, bool, int]:
    """Length, whether more parts follow, and where the body begins (RFC 9580 section 4.2.1)."""
    first = binary[at]
    if first < 192:
        return first, False, at + 1
    if first < 224:
        return (first - 192 << 8) + binary[at + 1] + 192, False, at + 2
    if first < 255:
        return 1 << (first & 0x1F), True, at + 1
    return int.from_bytes(binary[at + 1 : at + 5]), False, at + 5


def _is_enveloped(content: bytes) -> bool:
    """CMS EnvelopedData or AuthEnvelopedData with a recipient and a content (RFC 5652, RFC 5083)."""
    info = cms.ContentInfo.load(content, strict=True)
    if info["content_type"].native not in ("enveloped_data", "authenticated_enveloped_data"):
        return False
    enveloped: Any = info["content"]
    prefix = "" if isinstance(enveloped, cms.EnvelopedData) else "auth_"
    sealed = f"{prefix}encrypted_content_info"
    return len(enveloped["recipient_infos"]) > 0 and bool(enveloped[sealed]["encrypted_content"].native)


def _is_jwe(content: bytes) -> bool:
    """A JWE (RFC 7516), compact or JSON, that names an `enc`; a JWS has none."""
    text = content.decode("ascii").strip()
    if text.startswith("{"):
        token = json.loads(text)
        protected, sealed, tag = token["protected"], token["ciphertext"], token["tag"]
        keys = [token["encrypted_key"]] if "encrypted_key" in token else token.get("recipients", [])
        if not keys or not token.keys() <= _JWE_MEMBERS:
            return False
    else:
        protected, _key, _iv, sealed, tag = text.split(".")
    header = json.loads(base64.urlsafe_b64decode(protected + "=" * (-len(protected) % 4)))
    return bool(header["enc"]) and all(_B64URL.fullmatch(part) for part in (sealed, tag))


_RECOGNISERS: dict[str, Callable[[bytes], bool]] = {PGP: _is_openpgp, SMIME: _is_enveloped, JOSE: _is_jwe}
