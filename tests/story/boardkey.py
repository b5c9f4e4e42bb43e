"""The beheerders' own mailbox key, bound in the configuration of a place as `inbeeld keys adopt` binds it."""

from pathlib import Path

from gateway.sealing import jwe

NAME = Path("board", "beheerders.jwk")


def bind(directory: Path, key: tuple[bytes, bytes, str] | None = None) -> bytes:
    """Bind a new key (or this pair of public and private JWK with its thumbprint); gives the private JWK."""
    public, private, thumbprint = key or jwe.generate()
    path = directory / "keys" / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(public)
    main = directory / "config" / "inbeeld.toml"
    before, _, after = main.read_text().partition("[board]")
    rest = after[after.index("[limits]") :]
    bound = f'[board]\nkey = "{NAME}"\nfingerprint = "{thumbprint}"\n\n'
    main.write_text(before + bound + rest)
    return private
