"""Factories: keys and certificates of both sides, made once; peers, adapters and parcels made as needed."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trustme
from cryptography.hazmat.primitives import serialization
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from adapters.base import Context, Parcel
from adapters.signaal import SignaalAdapter, SignaalOptions
from gateway.sealing.jwe import JwsSigner
from tests.contract.adapters.wire import ORGANISATION_KEY, make_context, make_parcel
from tests.patience import PATIENCE_S
from tests.peers.municipality.desk import Desk
from tests.peers.municipality.endpoint import Municipality

SECRET = b'{"naam":"Fatima Voorbeeld","telefoon":"+31612345678"}'
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """A folder with what both sides hold; `strange` certificates come from an authority nobody configured."""

    folder: Path
    municipality_key: ECKey
    status_key: RSAKey

    def desk(self) -> Desk:
        return Desk(self.folder / "municipality.private.jwk", self.folder / "signing.jwk")

    def municipality(self, certificate: str = "server", **options: Any) -> Municipality:
        settings: dict[str, Any] = {
            "client_ca": self.folder / "ca.pem",
            "status_key": self.status_key,
            "slow": 3600.0,
        }
        cert, key = self.folder / f"{certificate}.pem", self.folder / f"{certificate}.key"
        return Municipality(self.desk(), cert, key, **(settings | options))

    def options(self, peer: Municipality | str, **overrides: Any) -> SignaalOptions:
        url = peer if isinstance(peer, str) else peer.url
        settings: dict[str, Any] = {
            "url": url,
            "client_cert": "client.pem",
            "client_key": "client.key",
            "ca_file": "ca.pem",
            "signing_key": "signing.pem",
            "status_key": "status.jwk",
            "status_url": f"{url}/statussen",
            "timeout": 10.0,
        }
        return SignaalOptions.model_validate(settings | overrides)

    def context(self) -> Context:
        return make_context(directory=self.folder)

    def adapter(self, peer: Municipality | str, **overrides: Any) -> SignaalAdapter:
        return SignaalAdapter(self.options(peer, **overrides), self.context(), now=lambda: NOW)

    def parcel(self, **overrides: Any) -> Parcel:
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
        signed = JwsSigner.generate().sign(SECRET, self.municipality_key.thumbprint(), NOW)
        token = jwe.encrypt_compact(header, signed, self.municipality_key, algorithms=list(header.values()))
        return make_parcel(**({"ciphertext": token.encode(), "made_at": NOW} | overrides))  # type: ignore[arg-type]


def make_stage(folder: Path) -> Stage:
    authority, strange = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    strange.cert_pem.write_to_path(str(folder / "strange-ca.pem"))
    for name, issuer, host in (
        ("server", authority, "localhost"),
        ("strange-server", strange, "localhost"),
        ("elsewhere-server", authority, "elders.example"),
        ("client", authority, "gateway.example"),
        ("strange-client", strange, "gateway.example"),
    ):
        leaf = issuer.issue_cert(host, common_name=host)
        leaf.cert_chain_pems[0].write_to_path(str(folder / f"{name}.pem"))
        _private(folder / f"{name}.key", leaf.private_key_pem.bytes())
    own, signing, status = ORGANISATION_KEY, RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    _private(folder / "municipality.private.jwk", json.dumps(own.as_dict(private=True)).encode())
    (folder / "signing.jwk").write_text(json.dumps(signing.as_dict(private=False)))
    (folder / "status.jwk").write_text(json.dumps(status.as_dict(private=False)))
    pem = signing.raw_value.private_bytes(  # type: ignore[union-attr]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _private(folder / "signing.pem", pem)
    return Stage(folder, own, status)


@contextlib.contextmanager
def doorkeeper(stage: Stage, version: ssl.TLSVersion) -> Iterator[str]:
    """A server on plain sockets, which tells in a TLS alert whom it does not let in, as most servers do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(stage.folder / "server.pem", stage.folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(stage.folder / "ca.pem")
    context.minimum_version = context.maximum_version = version
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            plain.settimeout(PATIENCE_S)
            line = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            with contextlib.suppress(OSError):
                line.do_handshake()
            # Closing with unread bytes would reset the line before the alert is read.
            with socket.socket(fileno=line.detach()) as rest, contextlib.suppress(OSError):
                rest.settimeout(PATIENCE_S)
                rest.shutdown(socket.SHUT_WR)
                while rest.recv(65536):
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}/signalen"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
