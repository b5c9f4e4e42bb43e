"""What a working directory's gateway sealed as JWE, opened as receivers do: our signature is verified."""

from pathlib import Path

from gateway.sealing.jwe import JwsSigner, open_signed


def opened(directory: Path, sealed: bytes, private_jwk: bytes) -> bytes:
    """The content; raises `OpenError`, or `Forged` if another gateway signed it."""
    return open_signed(sealed, private_jwk, (directory / "keys" / "gateway" / "jws.jwk").read_bytes())


def signer(directory: Path) -> JwsSigner:
    """What that gateway signs with."""
    return JwsSigner.load(directory / "keys" / "gateway" / "jws.private.jwk")
