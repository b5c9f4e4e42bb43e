"""The receivers of the trials that `inbeeld init --with` makes, to try the gateway with.

    python -m tests.peers.trial fhir DIR
    python -m tests.peers.trial klantinteracties DIR

It listens where the trial's organisation is expected, and opens and shows every referral that comes. A line
on standard input changes the newest Task or task: `in-progress contacted` (FHIR), `[in_beeld]` (Open Klant).
"""

import argparse
import asyncio
import contextlib
import json
import sys
from pathlib import Path

from joserfc import jwe, jws
from joserfc.jwk import ECKey

from tests.peers.fhirserver import FhirServer
from tests.peers.openklant import OpenKlant

PORTS = {"fhir": 9444, "klantinteracties": 9445}
TEAMS = {"fhir": "wijkteam-hout", "klantinteracties": "gemeente-pampus"}


def opened(token: bytes, private: Path) -> str:
    """The referral in a JWE; whether the gateway signed it is not looked at."""
    key = ECKey.import_key(json.loads(private.read_bytes()))
    inner = jwe.decrypt_compact(token, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext or b""
    return jws.extract_compact(inner).payload.decode("utf-8", "replace")


def change(peer: FhirServer | OpenKlant, words: str) -> None:
    """Let the newest task say this."""
    if isinstance(peer, OpenKlant):
        peer.tasks()[-1]["toelichting"] = words
        return
    status, _, progress = words.partition(" ")
    peer.says(list(peer.tasks)[-1], status, progress)


async def serve(kind: str, directory: Path) -> None:
    """Serve until it is interrupted."""
    tls = directory / "keys" / "tls"
    made = FhirServer if kind == "fhir" else OpenKlant
    peer: FhirServer | OpenKlant = made(tls / "server.pem", tls / "server.key")
    peer.token = (directory / "keys" / kind / f"{TEAMS[kind]}.token").read_text().strip()
    peer.port = PORTS[kind]
    private = directory / "keys" / "trial" / f"{TEAMS[kind]}.private.jwk"
    seen = 0
    async with peer:
        print(f"listening at {peer.url}", flush=True)
        lines = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        while True:
            done, _ = await asyncio.wait([lines], timeout=1)
            if done:
                if not (words := (await lines).strip()):
                    return
                change(peer, words)
                lines = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            if isinstance(peer, FhirServer):
                for sealed in peer.sealed()[seen:]:
                    print(opened(sealed, private), flush=True)
                seen = len(peer.tasks)
            else:
                for task in peer.tasks()[seen:]:
                    print(task["gevraagdeHandeling"], flush=True)
                seen = len(peer.tasks())


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=PORTS)
    parser.add_argument("directory", type=Path, help="what 'inbeeld init DIR --with …' made")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.kind, given.directory))


if __name__ == "__main__":
    main()
