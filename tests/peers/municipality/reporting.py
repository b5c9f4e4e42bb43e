"""How the municipality tells the gateway what it did with a signaal: a signed POST."""

import json
import ssl
from pathlib import Path
from typing import Any

import httpx2
from joserfc.jwk import RSAKey

from tests.peers.municipality.endpoint import sign


def tell(
    gateway: str,
    status: dict[str, Any],
    key: RSAKey,
    ca_file: Path,
    *,
    token: str | None = None,
    certificate: tuple[Path, Path] | None = None,
) -> httpx2.Response:
    """Post a status of the signaal with its `ID`; the gateway knows us by a token or a client certificate."""
    trust = ssl.create_default_context(cafile=ca_file)
    if certificate is not None:
        trust.load_cert_chain(*certificate)
    body = json.dumps(status).encode()
    headers = {"Content-Type": "application/json", "Signaal-Signature": sign(body, key)}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    with httpx2.Client(verify=trust, trust_env=False) as client:
        return client.post(f"{gateway}/v1/signalen/{status['ID']}/statussen", content=body, headers=headers)
