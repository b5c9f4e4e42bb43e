"""Collects referrals from an InBeeld gateway, opens them, and reports contact: a client to begin from.

It needs Python 3.11 and joserfc (pip install joserfc), and these settings:

    INBEELD_URL       https://handover.example/v1
    INBEELD_TOKEN     what 'inbeeld tokens new' printed
    INBEELD_KEY       the file of your private key (JWK, P-256)
    INBEELD_CA        the file of the gateway's certificate authority, if it is no public one

    python afhalen.py                      collect, print, acknowledge
    python afhalen.py IB-7K3F-9QXM in_beeld    report

Keep what you print somewhere safe *before* you acknowledge: afterwards the gateway gives it to nobody.
"""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from joserfc import jwe, jws
from joserfc.jwk import ECKey, KeySet

URL = os.environ["INBEELD_URL"].rstrip("/")
TRUST = ssl.create_default_context(cafile=os.environ.get("INBEELD_CA"))


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One request; what is temporary is tried again, as often as the gateway asks for it."""
    headers = {
        "Authorization": f"Bearer {os.environ['INBEELD_TOKEN']}",
        "Content-Type": "application/json",
    }
    content = None if body is None else json.dumps(body).encode()
    for _ in range(5):
        request = urllib.request.Request(URL + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=TRUST, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                # RFC 9457: what went wrong and what to do, in Dutch.
                problem = json.load(error)
                sys.exit(f"{error.code} {problem['title']}: {problem['watTeDoen']}")
            time.sleep(int(error.headers.get("Retry-After", "30")))
    sys.exit("the gateway is busy; try again later")


def signers() -> KeySet:
    """The keys with which the gateway signs. Compare them once by telephone."""
    found = json.loads(ask("GET", "/ondertekenaar")["jwe"])
    return KeySet.import_key_set(found if "keys" in found else {"keys": [found]})


def opened(token: str, key: ECKey, signed_by: KeySet) -> dict[str, Any]:
    """The referral in a JWE; the JWS inside must be the gateway's, and meant for this key."""
    inner = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext
    # The header `aud` is ours; the library refuses what it doesn't know.
    known = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    signed = jws.deserialize_compact(inner, signed_by, registry=known)
    if signed.headers().get("aud") != key.thumbprint():
        sys.exit("a referral that is meant for another key")
    return json.loads(signed.payload)


def collect() -> None:
    """Everything that waits."""
    key = ECKey.import_key(json.loads(Path(os.environ["INBEELD_KEY"]).read_text("utf-8")))
    signed_by = signers()
    while items := ask("POST", "/afhalingen", {"maximum": 10, "wachtSeconden": 0}):
        for item in items:
            referral = opened(item["jwe"], key, signed_by)
            print(item["kenmerk"], item["uiterlijk"], json.dumps(referral, ensure_ascii=False))
        kept = [{name: item[name] for name in ("berichtId", "leaseToken")} for item in items]
        for told in ask("POST", "/ontvangstbevestigingen", {"berichten": kept}):
            if told["probleem"]:
                print(f"{told['berichtId']} was not acknowledged: {told['probleem']}", file=sys.stderr)


def report(kenmerk: str, status: str) -> None:
    """Say what happened; with a name of its own the report counts once, however often it is sent."""
    body = {"status": status, "meldingId": uuid.uuid4().hex}
    print(ask("POST", f"/aanmeldingen/{kenmerk}/statussen", body)["toestand"])


if __name__ == "__main__":
    report(*sys.argv[1:]) if sys.argv[1:] else collect()
