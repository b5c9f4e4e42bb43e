"""A municipality's endpoint for signalen, to try the gateway with.

    python -m tests.peers.municipality serve DIR/keys/trial/gemeente-poort [--answers slow,429,lose,ok]
    python -m tests.peers.municipality report DIR/keys/trial/gemeente-poort ID --soort Telefoon --bereikt

`serve` prints every signaal it takes, opened with its own key. `report` tells the gateway what was done.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from tests.peers.municipality.desk import Desk, Kept
from tests.peers.municipality.endpoint import ANSWERS, Municipality
from tests.peers.municipality.reporting import tell


def main() -> int:
    """Read the command line and do it."""
    arguments = _parser().parse_args()
    if arguments.command == "report":
        return _report(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers.municipality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="take signalen, and show what was in them")
    serve.add_argument("keys", type=Path, help="the folder that 'inbeeld init' made for it")
    serve.add_argument("--port", type=int, default=9443)
    serve.add_argument(
        "--answers",
        default="",
        help=f"what to do with the first ones, such as slow,429,ok: {', '.join(ANSWERS)}",
    )
    serve.add_argument("--slow", type=float, default=30.0, help="how many seconds slow is (default 30)")
    report = commands.add_parser("report", help="tell the gateway what was done with a signaal")
    report.add_argument("keys", type=Path)
    report.add_argument("id", metavar="ID", help="the signaal, as 'serve' showed it")
    report.add_argument("--gateway", default="https://localhost:8443")
    report.add_argument(
        "--token-file",
        type=Path,
        help="from 'inbeeld tokens new gemeente-poort'; else our client certificate",
    )
    report.add_argument("--soort", help="how contact was sought, such as Telefoon or Huisbezoek")
    report.add_argument("--bereikt", action="store_true", help="and the patient was reached")
    report.add_argument("--datum", default=date.today().isoformat())
    report.add_argument("--dagdeel", help="Ochtend, Middag or Avond")
    report.add_argument("--resultaat", help="how the case ended, in the words of DDAS")
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    keys: Path = arguments.keys
    peer = Municipality(
        Desk(keys / "private.jwk", keys / "gateway.jwk"),
        keys / "server.pem",
        keys / "server.key",
        keys / "ca.pem",
        status_key=_status_key(keys),
        port=arguments.port,
        slow=arguments.slow,
        on_kept=_show,
    )
    peer.next(*filter(None, arguments.answers.split(",")))
    async with peer:
        print(f"taking signalen at {peer.url}", flush=True)
        await asyncio.Event().wait()


def _show(kept: Kept) -> None:
    outside = {name: value for name, value in kept.signaal.items() if name != "client"}
    print(f"\nsignaal {kept.signaal['ID']} from {kept.certificate}, receipt {kept.receipt}")
    print(f"  outside: {json.dumps(outside, ensure_ascii=False)}")
    inside = json.loads(kept.text)
    print("  inside, opened with our key:")
    for line in str(inside.get("tekst", kept.text)).splitlines():
        print(f"    {line}")
    sys.stdout.flush()


def _report(arguments: argparse.Namespace) -> int:
    keys: Path = arguments.keys
    status: dict[str, Any] = {"ID": arguments.id}
    if arguments.soort:
        attempt = {"soort": arguments.soort, "bereikt": arguments.bereikt, "datum": arguments.datum}
        if arguments.dagdeel:
            attempt["dagdeel"] = arguments.dagdeel
        status["contactpogingen"] = [attempt]
    if arguments.resultaat:
        status["resultaat"] = arguments.resultaat
    token = arguments.token_file.read_text().strip() if arguments.token_file else None
    certificate = None if token else (keys / "client.pem", keys / "client.key")
    answer = tell(
        arguments.gateway, status, _status_key(keys), keys / "ca.pem", token=token, certificate=certificate
    )
    print(f"{answer.status_code} {json.dumps(answer.json(), ensure_ascii=False, indent=2)}")
    return 0 if answer.is_success else 1


def _status_key(keys: Path) -> RSAKey:
    return RSAKey.import_key(json.loads((keys / "status.private.jwk").read_bytes()))


if __name__ == "__main__":
    sys.exit(main())
