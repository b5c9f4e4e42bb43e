"""What `check` says of keys and certificates: ours, the organisations', and those that are configured.

It promises that the first finding is about the intake key, without which nothing can be received.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from gateway.app import Gateway, machine
from gateway.app.findings import Finding
from gateway.app.inventory import KnownKey
from gateway.app.keys import SecretName
from gateway.app.network import server_tls
from gateway.app.records import mx_hosts
from gateway.app.rotation import misnamed
from gateway.cli.console import local
from gateway.errors import ConfigError, InbeeldError, SealError
from gateway.sealing.headkey import HeadSigner
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw
from gateway.settings import SECTIONS

SOON = timedelta(days=60)
"""A date that comes within this time is worth a warning."""

FLAWS = {
    KeyFlaw.MISSING: "the file is not there, or not for us to read",
    KeyFlaw.UNREADABLE: "it holds no certificate in PEM, or is not for us to read",
}
"""What else than its dates can be wrong with a certificate."""


def keys(gateway: Gateway, now: datetime) -> Iterator[Finding]:
    """Every finding."""
    yield _intake_key(gateway)
    yield _signers(gateway)
    yield from _heads(gateway)
    yield from _certificate(gateway, now)
    for known in gateway.inventory.named(now):
        # What a section names and can't be read is told where it would be used.
        if known.problem in FLAWS and known.owner.partition(".")[0] in SECTIONS:
            continue
        yield _of_certificate("named-certificate", known.owner, known, now, gateway)
    for key, certificate in gateway.inventory.parted():
        yield Finding(
            "named-certificate", "error", key, f"is not the key of the certificate in {certificate}"
        )
    yield from _organisations(gateway, now)
    yield _board_key(gateway, now)


def _intake_key(gateway: Gateway) -> Finding:
    what = "intake key"
    try:
        public, chain = gateway.keys.public(), gateway.keys.keychain()
        if public.key_id not in chain.key_ids:
            return Finding(
                "intake-key", "error", what, "intake.pub and intake.key are no pair; see keys/README.md"
            )
        for name in SecretName:
            gateway.keys.secret(name)
    except InbeeldError as error:
        return Finding.of("intake-key", what, error)
    return Finding("intake-key", "ok", what, f"{public.key_id}, opens what it sealed")


def _signers(gateway: Gateway) -> Finding:
    what = "signing keys"
    try:
        signers = gateway.keys.signers()
        missing = signers.missing(entry.format for entry in gateway.base.entries.values())
    except ConfigError as error:
        return Finding.of("signing-keys", what, error)
    if missing:
        told = f"there is none for {', '.join(missing)}: nothing is handed over; run: inbeeld keys complete"
        return Finding("signing-keys", "error", what, told)
    address = gateway.settings.gateway
    if odd := misnamed(signers, address.addresses):
        told = f"those for {' and '.join(odd)} are not for {address.address}"
        return Finding("signing-names", "warning", what, told)
    return Finding("signing-keys", "ok", what, "what is handed over is signed")


def _heads(gateway: Gateway) -> Iterator[Finding]:
    """The key for signed heads of the trail; the worker goes on without one, so that nobody would notice."""
    what = "key for heads"
    if not gateway.keys.heads.exists():
        told = "is not there: no signed head of the audit trail goes out"
        yield Finding("head-key", "warning", what, told)
        return
    try:
        HeadSigner.load(gateway.keys.heads)
    except ConfigError as error:
        yield Finding.of("head-key", what, error)


def _certificate(gateway: Gateway, now: datetime) -> Iterator[Finding]:
    path = gateway.settings.path(gateway.settings.smtp.tls_cert)
    what = f"TLS certificate {path.name}"
    try:
        server_tls(gateway.settings)
    except ConfigError as error:
        yield Finding.of("certificate", what, error)
        return
    yield _of_certificate("certificate", what, gateway.inventory.tls(now), now, gateway)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    front = gateway.settings.gate.proof == "front"
    web = urlsplit(gateway.settings.web.public_url).hostname
    # Behind a front server it is that server's name by which others know us.
    wanted = [*(() if front else mx_hosts(gateway.settings)), *([web] if web else [])]
    wanted += [f"mta-sts.{gateway.settings.gateway.domain}"] if gateway.settings.web.mta_sts else []
    yield from machine.certificate_names(certificate, wanted)


def _organisations(gateway: Gateway, now: datetime) -> Iterator[Finding]:
    for id_, sealer in gateway.checkers.items():
        what = f"key of {id_}"
        try:
            facts = sealer.check(now)
        except SealError as error:
            told = EXPLAINED[KeyFlaw(error.code)] if error.code in set(KeyFlaw) else str(error)
            yield Finding("key", "error", what, f"{error.code}: {told}; its referrals are held")
            continue
        shown = f"{facts.algorithm} {facts.fingerprint}"
        yield _dated("key", what, facts.expires_at, now, gateway, shown)


def _board_key(gateway: Gateway, now: datetime) -> Finding:
    what = "key of the beheerders"
    known = next(gateway.base.board_key.known(now), None)
    only = "quarantine can be read with 'inbeeld quarantine show' only"
    if known is None:
        return Finding("board-key", "warning", what, f"none is bound in [board], so {only}")
    if known.problem:
        return Finding(
            "board-key", "error", what, f"{known.problem}: {EXPLAINED[KeyFlaw(known.problem)]}; {only}"
        )
    return _dated("board-key", what, known.expires_at, now, gateway, f"{known.algorithm} {known.fingerprint}")


def _of_certificate(code: str, what: str, known: KnownKey, now: datetime, gateway: Gateway) -> Finding:
    if known.problem == KeyFlaw.NOT_YET_VALID:
        told = "begins later than this machine's clock says it is: put the one before it back until then"
        return Finding(code, "error", what, told)
    if known.problem in FLAWS:
        return Finding(code, "error", what, FLAWS[KeyFlaw(known.problem)])
    return _dated(code, what, known.expires_at, now, gateway)


def _dated(
    code: str, what: str, ends: datetime | None, now: datetime, gateway: Gateway, shown: str = ""
) -> Finding:
    before = f"{shown}, " if shown else ""
    if ends is None:
        return Finding(code, "ok", what, f"{before}does not expire")
    told = f"{before}valid until {local(ends, gateway.timezone)}"
    if ends <= now:
        return Finding(code, "error", what, f"{before}expired on {local(ends, gateway.timezone)}")
    return Finding(code, "warning" if ends - now < SOON else "ok", what, told)
