"""The desk behind the endpoint: checks a signaal, opens it with the municipality's key, and keeps it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

SCHEMA = Path(__file__).parents[3] / "adapters" / "signaal.schema.json"


class NotAccepted(Exception):
    """The signaal is not as it must be; the text says what is wrong, without its content."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A signaal as it came, the text that was in it, and how often it was sent."""

    signaal: dict[str, Any]
    text: str
    receipt: str
    certificate: str
    tries: list[dict[str, str]] = field(default_factory=list)


class Desk:
    """Everything a municipality does with a signaal short of calling the patient."""

    def __init__(self, own_key: Path, sender_key: Path) -> None:
        self._own = ECKey.import_key(json.loads(own_key.read_bytes()))
        self._sender = RSAKey.import_key(json.loads(sender_key.read_bytes()))
        self._schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
        self.kept: dict[str, Kept] = {}

    def take(self, body: bytes, headers: Mapping[str, str], certificate: str) -> tuple[Kept, bool]:
        """The signaal, kept, and whether it is new; raises `NotAccepted`."""
        self._check(body, headers)
        signaal = json.loads(body)
        known = self.kept.get(signaal["ID"])
        if known is not None:
            known.tries.append(dict(headers))
            return known, False
        text = _open(signaal["client"]["jwe"], self._own)
        receipt = f"OB-{len(self.kept) + 1:05d}"
        kept = Kept(signaal, text, receipt, certificate, [dict(headers)])
        self.kept[signaal["ID"]] = kept
        return kept, True

    def _check(self, body: bytes, headers: Mapping[str, str]) -> None:
        try:
            signaal = json.loads(body)
        except ValueError:
            raise NotAccepted("geen JSON") from None
        for error in self._schema.iter_errors(signaal):
            raise NotAccepted(f"niet volgens het schema: {error.json_path}")
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if (
            headers.get("content-digest") != f"sha-256=:{digest}:"
            or headers.get("digest") != f"SHA-256={digest}"
        ):
            raise NotAccepted("de digest klopt niet")
        if headers.get("idempotency-key") != f'"{signaal["ID"]}"':
            raise NotAccepted("de Idempotency-Key is niet de ID")
        try:
            header, middle, mark = headers.get("signaal-signature", "").split(".")
            payload = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
            jws.deserialize_compact(f"{header}.{payload}.{mark}", self._sender, algorithms=["PS256"])
        except (JoseError, ValueError):
            raise NotAccepted("de handtekening klopt niet") from None
        if middle:
            raise NotAccepted("de handtekening is niet los")


def _open(token: str, key: ECKey) -> str:
    try:
        opened = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext
    except (JoseError, ValueError):
        raise NotAccepted("versleuteld voor een andere sleutel") from None
    try:
        # The sender signed the whole signaal; the JWS inside says the same once more, for who keeps it apart.
        inner = jws.extract_compact(opened or b"")
    except (JoseError, ValueError):
        raise NotAccepted("geen JWS in de JWE") from None
    return bytes(inner.payload).decode("utf-8", "replace")
