"""`keys rotate secrets` and `keys rotate signers`: what is renewed, what is lost, and a kill halfway."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlmodel import select

from gateway.accounts.proof import RECOVERY, TOTP
from gateway.app import Gateway
from gateway.app.moving import PARTS, serving_alone
from gateway.app.rotation import misnamed
from gateway.cli.console import Shared
from gateway.gate.websecret import WebSecret
from gateway.sealing import smime
from gateway.store.pagetables import RecoveryCodeRow, UserRow
from tests.moments import MONDAY
from tests.unit.cli.terminal import Terminal

ROTATE = ("keys", "rotate", "secrets")


def somebody(gateway: Gateway) -> None:
    """A user with an app and a recovery code."""
    secret = WebSecret(gateway.keys.secret("sessions"))
    with gateway.store.write() as session:
        sealed = secret.seal(TOTP, "u1", b"JBSWY3DP")
        session.add(
            UserRow(
                id="u1", login="noor@x.example", name="N", role="beheerder", totp=sealed, created_at=MONDAY
            )
        )
        session.add(RecoveryCodeRow(id=secret.mark(RECOVERY, "u1", "abc"), user_id="u1"))


def app_of(gateway: Gateway) -> bytes:
    """What the user's app holds, opened with the present secret."""
    with gateway.store.read() as session:
        user = session.exec(select(UserRow)).one()
        assert user.totp
        return WebSecret(gateway.keys.secret("sessions")).open(TOTP, user.id, user.totp)


def test_apps_go_on_and_recovery_codes_do_not(terminal: Terminal) -> None:
    gateway = Shared(terminal.directory).gateway()
    before = {name: gateway.keys.secret(name) for name in ("digest", "tokens", "marks", "sessions")}
    somebody(gateway)
    # Killed after the first of two things: the next secret lies there, and what was sealed is sealed for it.
    coming = gateway.keys.secret_file("sessions").with_suffix(".secret.next")
    coming.write_text("ab" * 32)
    coming.chmod(0o600)
    answer = terminal(*ROTATE, "--json")
    assert (answer.code, answer.json["reset"]) == (0, []), answer.err
    assert gateway.keys.secret("sessions") == bytes.fromhex("ab" * 32)
    assert all(gateway.keys.secret(name) != old for name, old in before.items())
    assert gateway.keys.secret_file("tokens").stat().st_mode & 0o777 == 0o600
    assert app_of(gateway) == b"JBSWY3DP"
    with gateway.store.read() as session:
        assert session.exec(select(RecoveryCodeRow)).all() == []
    assert terminal("audit", "verify").code == 0
    assert "key.rotated" in terminal("audit", "export").out


def test_one_alone(terminal: Terminal) -> None:
    gateway = Shared(terminal.directory).gateway()
    marks, tokens = gateway.keys.secret("marks"), gateway.keys.secret("tokens")
    answer = terminal(*ROTATE, "tokens")
    assert "let organisations report" in answer.out
    assert gateway.keys.secret("marks") == marks
    assert gateway.keys.secret("tokens") != tokens


def test_not_while_the_gateway_serves(terminal: Terminal) -> None:
    gateway = Shared(terminal.directory).gateway()
    tokens = gateway.keys.secret("tokens")
    with serving_alone(gateway.settings.data_dir, PARTS[:1]):
        assert "already runs" in terminal(*ROTATE).err
    assert gateway.keys.secret("tokens") == tokens


def test_signers_are_made_for_the_address_of_today(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A key of RSA takes seconds; that it is a new one, the OpenPGP key shows.
    key = rsa.generate_private_key(65537, 2048)
    monkeypatch.setattr(smime, "_new_key", lambda *_: key)
    gateway = Shared(terminal.directory).gateway()
    config = terminal.directory / "config" / "inbeeld.toml"
    domain = gateway.settings.gateway.domain
    config.write_text(config.read_text().replace(domain, "loket.example"))
    found = {one["code"]: one for one in terminal("check", "--offline", "--json").json}
    assert (
        found["signing-names"]["told"] == "those for OpenPGP and S/MIME are not for aanmelding@loket.example"
    )
    for words, trusted in (((), True), (("--leaked",), False)):
        before = Shared(terminal.directory).gateway().keys.signers().jwe
        answer = terminal("keys", "rotate", "signers", *words)
        assert answer.code == 0, answer.err
        new = Shared(terminal.directory).gateway().keys
        assert misnamed(new.signers(), ["aanmelding@loket.example"]) == []
        assert before
        known = [key["kid"] for key in json.loads(new.verifier())["keys"]]
        assert (before.fingerprint in known) is trusted
