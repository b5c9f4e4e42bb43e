"""`check`: would the gateway work? Configuration, keys, certificates, database, relay and adapters."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer
from cryptography import x509
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Refused, TryLater
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import Provider
from gateway.app import Gateway
from gateway.app.exposure import claims, exposures
from gateway.app.network import authorities, limits_of, oidc_provider, relay_options, server_tls
from gateway.app.nudges import webhooks
from gateway.cli.console import Json, Shared, local, say, shared, show_json
from gateway.directory import files
from gateway.directory.editing import differences
from gateway.domain.pathway import Pathway, Recipient
from gateway.errors import ConfigError, ConfigErrors, InbeeldError, SealError
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw

SOON = timedelta(days=60)
"""A date that comes within this time is worth a warning."""

REMEDY = {
    "nudge_host_forbidden": "nudge_url leads into a private network; correct it, or list that network in "
    "delivery.nudge_networks",
}
"""What to do about a reason that a code alone doesn't tell."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the check: `level` is ok, warning or error."""

    level: str
    what: str
    told: str


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Do not reach out to relay and peers.")] = False,
    json: Json = False,
) -> None:
    """Check everything that can be checked without a mail. Exit code 1 if something is wrong."""
    findings = asyncio.run(_check(shared(context), offline))
    if json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.level:8} {finding.what}: {finding.told}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


async def _check(call: Shared, offline: bool) -> list[Finding]:
    gateway = call.gateway()
    known = gateway.base.directory()
    now = gateway.now()
    counts = f"{len(known.practices)} practices, {len(known.organisations)} organisations"
    findings = [Finding("ok", "configuration", counts)]
    if not known.practices or not known.organisations:
        findings.append(Finding("warning", "configuration", "nobody can refer, or nobody takes referrals"))
    if not known.alarms:
        findings.append(
            Finding("warning", "alarm.to", "nobody is told when something needs a person; name an address")
        )
    findings.extend(_directory(gateway))
    findings.extend(_unread(gateway))
    intake = _intake_key(gateway)
    findings.append(intake)
    findings.append(_signers(gateway))
    findings.append(_certificate(gateway, now))
    findings.extend(_keys(gateway, now))
    findings.append(_board_key(gateway, now))
    findings.extend(_exposures(gateway))
    made = _made(gateway)
    findings.extend(made)
    try:
        if not offline and not made and intake.level != "error":
            findings.append(
                await _probe("relay", gateway.settings.delivery.relay, gateway.worker.relay.probe)
            )
            for id_, adapter in gateway.worker.adapters.items():
                if adapter.name != "mail":
                    findings.append(await _probe(f"organisation {id_}", adapter.name, adapter.probe))
            for id_, webhook in webhooks(gateway.settings, known.adapters).items():
                # Nothing is lost without a nudge, so that a receiver which is away is no error.
                probe = _probe(f"organisation {id_}", "nudge", webhook.probe, away="warning")
                findings.append(await probe)
            if provider := oidc_provider(gateway.settings, gateway.base.wall):
                findings.append(await _provider(provider))
    finally:
        await gateway.close()
    return findings


def _exposures(gateway: Gateway) -> list[Finding]:
    """What holds, and could hold better. A database that can't be reached is told by whoever needs it."""
    database = gateway.settings.gateway.database_url or (gateway.settings.data_dir / "inbeeld.db").exists()
    try:
        found = exposures(
            gateway.settings,
            gateway.base.directory().book.practices,
            lambda: claims(gateway.store) if database else 0,
        )
        return [Finding("warning", *each) for each in found]
    except SQLAlchemyError:
        return []


def _directory(gateway: Gateway) -> list[Finding]:
    """Whether the files still say what the database, which is what counts, says."""
    if not gateway.base.directory.generation:
        return []
    try:
        there = files.read(gateway.settings.directory, gateway.settings)
    except (ConfigError, ConfigErrors):
        return []
    if count := len(differences(gateway.base.editing.book(), there)):
        told = (
            f"config/ differs from it in {count} entries, and is not what counts; see: inbeeld directory diff"
        )
        return [Finding("warning", "directory", told)]
    return []


def _unread(gateway: Gateway) -> list[Finding]:
    """The organisations whose pathway tells them of a deadline, while nobody there reads notices."""
    findings = []
    known = gateway.base.directory()
    for entry in known.entries.values():
        told = _told(known.pathways[entry.pathway])
        nobody = Recipient.TEAM in told or (Recipient.LEAD in told and not entry.lead)
        if nobody and not entry.team:
            what = f"organisation {entry.id}.team"
            remedy = "no address: notices about its referrals would be held; name one in organisations.toml"
            findings.append(Finding("warning", what, remedy))
    return findings


def _told(pathway: Pathway) -> set[Recipient]:
    clocks = [pathway.contact.tell, pathway.collect.tell, pathway.warn.tell, pathway.urge.tell]
    clocks += [pathway.backup.tell] if pathway.backup.enabled else []
    clocks += [extra.tell for extra in pathway.clock]
    return {who for tell in clocks for who in tell}


def _intake_key(gateway: Gateway) -> Finding:
    what = "intake key"
    try:
        public, chain = gateway.keys.public(), gateway.keys.keychain()
        if public.key_id not in chain.key_ids:
            return Finding("error", what, "intake.pub and intake.key are no pair; see keys/README.md")
        for name in ("digest", "tokens", "marks", "sessions"):
            gateway.keys.secret(name)
    except InbeeldError as error:
        return Finding("error", what, str(error))
    return Finding("ok", what, f"{public.key_id}, opens what it sealed")


def _signers(gateway: Gateway) -> Finding:
    what = "signing keys"
    try:
        missing = gateway.keys.signers().missing(entry.format for entry in gateway.base.entries.values())
    except ConfigError as error:
        return Finding("error", what, str(error))
    if missing:
        told = f"there is none for {', '.join(missing)}: nothing is handed over; run: inbeeld keys complete"
        return Finding("error", what, told)
    return Finding("ok", what, "what is handed over is signed")


def _certificate(gateway: Gateway, now: datetime) -> Finding:
    path = gateway.settings.path(gateway.settings.smtp.tls_cert)
    what = f"TLS certificate {path.name}"
    try:
        server_tls(gateway.settings)
    except ConfigError as error:
        return Finding("error", what, str(error))
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return _dated(what, ends, now, gateway)


def _made(gateway: Gateway) -> list[Finding]:
    """What is wrong with the parts that would be made when the gateway starts."""
    client_ca = gateway.settings.web.client_ca
    parts: dict[str, Callable[[], object]] = {
        "limits": lambda: limits_of(gateway.settings),
        "web": lambda: authorities(gateway.settings, "web.client_ca", client_ca) if client_ca else None,
        "relay": lambda: relay_options(gateway.settings),
        "oidc": lambda: oidc_provider(gateway.settings, gateway.base.wall),
        "nudge": lambda: webhooks(gateway.settings, gateway.base.directory().adapters),
    }
    findings: list[Finding] = []
    for what, make in parts.items():
        try:
            make()
        except InbeeldError as error:
            findings.extend(Finding("error", what, line) for line in str(error).splitlines())
    return findings


def _keys(gateway: Gateway, now: datetime) -> list[Finding]:
    findings = []
    for id_, sealer in gateway.checkers.items():
        what = f"key of {id_}"
        try:
            facts = sealer.check(now)
        except SealError as error:
            told = EXPLAINED[KeyFlaw(error.code)] if error.code in set(KeyFlaw) else str(error)
            findings.append(Finding("error", what, f"{error.code}: {told}; its referrals are held"))
            continue
        shown = f"{facts.algorithm} {facts.fingerprint}"
        findings.append(_dated(what, facts.expires_at, now, gateway, shown))
    return findings


def _board_key(gateway: Gateway, now: datetime) -> Finding:
    what = "key of the beheerders"
    known = next(gateway.base.board_key.known(now), None)
    only = "quarantine can be read with 'inbeeld quarantine show' only"
    if known is None:
        return Finding("warning", what, f"none is bound in [board], so {only}")
    if known.problem:
        return Finding("error", what, f"{known.problem}: {EXPLAINED[KeyFlaw(known.problem)]}; {only}")
    return _dated(what, known.expires_at, now, gateway, f"{known.algorithm} {known.fingerprint}")


def _dated(what: str, ends: datetime | None, now: datetime, gateway: Gateway, shown: str = "") -> Finding:
    before = f"{shown}, " if shown else ""
    if ends is None:
        return Finding("ok", what, f"{before}does not expire")
    told = f"{before}valid until {local(ends, gateway.timezone)}"
    if ends <= now:
        return Finding("error", what, f"{before}expired on {local(ends, gateway.timezone)}")
    return Finding("warning" if ends - now < SOON else "ok", what, told)


async def _provider(provider: Provider) -> Finding:
    try:
        await provider.begin()
    except ProviderError as error:
        remedy = "nobody can log in there; see oidc.issuer and oidc.ca_file"
        return Finding("error", "oidc", f"{error.code}: {remedy}")
    return Finding("ok", "oidc", "the provider tells how to log in")


async def _probe(
    what: str, where: str, probe: Callable[[], Awaitable[None]], *, away: str = "error"
) -> Finding:
    try:
        await probe()
    except (TryLater, Refused) as trouble:
        level = away if isinstance(trouble, TryLater) else "error"
        return Finding(level, what, f"{where}: {REMEDY.get(trouble.reason, trouble.reason)}")
    return Finding("ok", what, f"{where}: reached over trusted TLS")
