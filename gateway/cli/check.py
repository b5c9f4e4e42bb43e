"""`check`: would the gateway work? Configuration, keys, database, machine, DNS, relay and adapters.

It promises to change nothing: the database is read and never made or migrated, nothing is written or sent.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer
from cryptography import x509
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Refused, TryLater
from adapters.inclear import ClearOptions
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import Provider
from gateway.app import Gateway, machine
from gateway.app.exposure import exposures, set_aside
from gateway.app.findings import Finding, Level
from gateway.app.gaps import moments, removed, unserved
from gateway.app.network import authorities, imap_place, limits_of, oidc_provider, server_tls, way_out
from gateway.app.nudges import alarm_webhook, webhooks
from gateway.app.records import compared, mx_hosts
from gateway.app.renewal import misnamed
from gateway.app.zone import Zone
from gateway.cli.console import Json, Shared, local, say, shared, show_json
from gateway.directory import files
from gateway.directory.editing import differences
from gateway.domain.pathway import Pathway, Recipient
from gateway.errors import ConfigError, ConfigErrors, InbeeldError, SealError
from gateway.intake import imap
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw
from gateway.store import conditions
from gateway.store.migrate import is_current

SOON = timedelta(days=60)
"""A date that comes within this time is worth a warning."""

REMEDY = {
    "nudge_host_forbidden": "nudge_url leads into a private network; correct it, or list that network in "
    "delivery.nudge_networks",
}
"""What to do about a reason that a code alone doesn't tell."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not reach out to relay, peers and DNS.")
    ] = False,
    json: Json = False,
) -> None:
    """Check everything that can be checked without a mail. Exit code 1 if something is wrong.

    Nothing is changed, written or sent. What each finding means stands in docs/check.md.
    """
    findings = asyncio.run(_check(shared(context), offline))
    if json:
        show_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            say(f"{finding.level:8} {finding.what}: {finding.told}")
            if finding.level != "ok":
                say(f"         why: {finding.meaning.why}")
                say(f"         mend: {finding.meaning.mend}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


async def _check(call: Shared, offline: bool) -> list[Finding]:
    gateway = call.gateway(None, None, True)
    known, settings, now = gateway.base.directory(), gateway.settings, gateway.now()
    findings = [*_agreed(gateway), *_directory(gateway)]
    intake = _intake_key(gateway)
    findings += [intake, _signers(gateway), *_certificate(gateway, now), *_keys(gateway, now)]
    findings.append(_board_key(gateway, now))
    findings += [*machine.key_modes(gateway.keys.folder), *machine.config_modes(settings.config_dir)]
    there = [*_database(gateway)]
    findings += there
    current = any(one.code == "database" and one.level == "ok" for one in there)
    findings += exposures(settings, known.book.practices, lambda: set_aside(gateway.store) if current else {})
    if current:
        findings += removed(gateway.store, known)
    findings += machine.clock(gateway.base.wall(), moments(gateway.store) if current else ())
    findings += [*machine.cores(), machine.look()]
    if not settings.web.public_url:
        findings.append(Finding("public-url", "warning", "web.public_url", "is empty"))
    made = _made(gateway)
    findings += made
    if not any(one.what == "limits" for one in made) and gateway.base.database_file:
        findings.append(machine.disk(settings.data_dir, limits_of(settings).free_disk_bytes))
    findings += _relay_to_ourselves(gateway)
    try:
        if not offline:
            findings += await asyncio.to_thread(_records, gateway)
        if not offline and not made and intake.level != "error":
            findings += [one async for one in _reached(gateway)]
    finally:
        await gateway.close()
    return findings


def _agreed(gateway: Gateway) -> Iterator[Finding]:
    """What the configuration says as a whole."""
    known, alarm = gateway.base.directory(), gateway.settings.alarm
    counts = f"{len(known.practices)} practices, {len(known.organisations)} organisations"
    yield Finding("agreements", "ok", "configuration", counts)
    if not known.practices or not known.organisations:
        told = "nobody can refer, or nobody takes referrals"
        yield Finding("agreements", "warning", "configuration", told)
    if not known.alarms and not alarm.webhook:
        told = "nobody is told when something needs a person; name an address"
        yield Finding("alarm-address", "warning", "alarm.to", told)
    for id_, (kind, options) in known.adapters.items():
        if isinstance(options, ClearOptions) and options.clear_key:
            told = f"{kind.name}: gets referrals in clear, as agreed on {options.clear_agreed}"
            yield Finding("in-clear", "ok", f"organisation {id_}", told)
    yield from _unread(gateway)
    yield from unserved(known)


def _database(gateway: Gateway) -> Iterator[Finding]:
    """Whether the database is there, answers, and has the shape of this version; it is only read."""
    file, folder = gateway.base.database_file, gateway.settings.data_dir
    if not folder.is_dir():
        # With PostgreSQL it holds a lock and the homes of gpg.
        level: Level = "error" if file else "warning"
        yield Finding("data", level, "data_dir", f"{folder} is not there")
    if file is not None and not file.exists():
        if folder.is_dir():
            yield Finding("data", "error", "data_dir", f"{file.name} is not there")
        return
    try:
        current = is_current(gateway.store)
    except (SQLAlchemyError, OSError) as error:
        # The database's own words may repeat the password that stands in its address.
        yield Finding("database", "error", "database", f"it can't be used ({type(error).__name__})")
        return
    told = "has the shape of this version" if current else "has another shape; run: inbeeld migrate"
    yield Finding("database", "ok" if current else "error", "database", told)
    if current and (paused := conditions.paused(gateway.store)):
        since = local(paused.since, gateway.timezone)
        yield Finding("paused", "warning", "database", f"since {since} nothing is read or sent")


def _records(gateway: Gateway) -> Iterable[Finding]:
    settings = gateway.settings
    try:
        zone = Zone(settings.gate.dns_servers)
    except ConfigError as error:
        return [Finding("dns", "error", "dns", str(error))]
    return [*compared(settings, zone, gateway.records())]


def _relay_to_ourselves(gateway: Gateway) -> Iterator[Finding]:
    """A relay that is our own listener; a name is not looked up for that."""
    relay, listen = gateway.settings.delivery.relay, gateway.settings.smtp.listen
    host, _, port = relay.rpartition(":")
    here = {
        "localhost",
        "127.0.0.1",
        "::1",
        gateway.settings.gateway.domain,
        listen.rpartition(":")[0].strip("[]"),
    }
    if port == listen.rpartition(":")[2] and port != "0" and host.strip("[]") in here:
        yield Finding("relay-self", "error", "delivery.relay", f"{relay} is where we listen ourselves")


async def _reached(gateway: Gateway) -> AsyncIterator[Finding]:
    """Whether those we speak to can be reached."""
    settings, known = gateway.settings, gateway.base.directory()
    where = settings.delivery.relay or "direct delivery"
    yield await _probe("relay", "relay", where, gateway.worker.relay.probe)
    if mailbox := imap_place(settings):
        yield await _probe("imap", "imap", mailbox[0].host, lambda: imap.probe(*mailbox))
    for id_, adapter in gateway.worker.adapters.items():
        if adapter.name != "mail":
            yield await _probe("peer", f"organisation {id_}", adapter.name, adapter.probe)
    for id_, webhook in webhooks(settings, known.adapters).items():
        # Nothing is lost without a nudge, so that a receiver which is away is no error.
        yield await _probe("nudge", f"organisation {id_}", "nudge", webhook.probe, away="warning")
    if alarms := alarm_webhook(settings):
        yield await _probe("alarm-webhook", "alarm.webhook", "webhook", alarms.probe)
    if provider := oidc_provider(settings, gateway.base.wall):
        yield await _provider(provider)


def _directory(gateway: Gateway) -> list[Finding]:
    """Whether the files still say what the database, which is what counts, says."""
    if not gateway.base.directory.generation:
        return []
    here = gateway.base.editing.book()
    try:
        there = files.read(gateway.settings.directory, gateway.settings, here.keys)
    except (ConfigError, ConfigErrors):
        return []
    if count := len(differences(here, there)):
        told = (
            f"config/ differs from it in {count} entries, and is not what counts; see: inbeeld directory diff"
        )
        return [Finding("directory", "warning", "directory", told)]
    return []


def _unread(gateway: Gateway) -> list[Finding]:
    """The organisations whose pathway tells them of a deadline, while nobody there reads notices."""
    findings = []
    known = gateway.base.directory()
    for entry in known.entries.values():
        told = {who for name in (entry.pathway, *entry.also) for who in _told(known.pathways[name])}
        nobody = Recipient.TEAM in told or (Recipient.LEAD in told and not entry.lead)
        if nobody and not entry.team:
            what = f"organisation {entry.id}.team"
            remedy = "no address: notices about its referrals would be held; name one in organisations.toml"
            findings.append(Finding("notice-address", "warning", what, remedy))
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
            return Finding(
                "intake-key", "error", what, "intake.pub and intake.key are no pair; see keys/README.md"
            )
        for name in ("digest", "tokens", "marks", "sessions"):
            gateway.keys.secret(name)
    except InbeeldError as error:
        return Finding("intake-key", "error", what, str(error))
    return Finding("intake-key", "ok", what, f"{public.key_id}, opens what it sealed")


def _signers(gateway: Gateway) -> Finding:
    what = "signing keys"
    try:
        signers = gateway.keys.signers()
        missing = signers.missing(entry.format for entry in gateway.base.entries.values())
    except ConfigError as error:
        return Finding("signing-keys", "error", what, str(error))
    if missing:
        told = f"there is none for {', '.join(missing)}: nothing is handed over; run: inbeeld keys complete"
        return Finding("signing-keys", "error", what, told)
    address = gateway.settings.gateway
    if odd := misnamed(signers, address.addresses):
        told = f"those for {' and '.join(odd)} are not for {address.address}"
        return Finding("signing-names", "warning", what, told)
    return Finding("signing-keys", "ok", what, "what is handed over is signed")


def _certificate(gateway: Gateway, now: datetime) -> Iterator[Finding]:
    path = gateway.settings.path(gateway.settings.smtp.tls_cert)
    what = f"TLS certificate {path.name}"
    try:
        server_tls(gateway.settings)
    except ConfigError as error:
        yield Finding("certificate", "error", what, str(error))
        return
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    yield _dated("certificate", what, certificate.not_valid_after_utc, now, gateway)
    front = gateway.settings.gate.proof == "front"
    web = urlsplit(gateway.settings.web.public_url).hostname
    # Behind a front server it is that server's name by which others know us.
    wanted = [*(() if front else mx_hosts(gateway.settings)), *([web] if web else [])]
    wanted += [f"mta-sts.{gateway.settings.gateway.domain}"] if gateway.settings.web.mta_sts else []
    yield from machine.certificate_names(certificate, wanted)


def _made(gateway: Gateway) -> list[Finding]:
    """What is wrong with the parts that would be made when the gateway starts."""
    client_ca = gateway.settings.web.client_ca
    parts: dict[str, Callable[[], object]] = {
        "limits": lambda: limits_of(gateway.settings),
        "web": lambda: authorities(gateway.settings, "web.client_ca", client_ca) if client_ca else None,
        "relay": lambda: way_out(gateway.settings),
        "DKIM": lambda: gateway.keys.dkim_keys(gateway.settings.delivery.dkim_selectors),
        "oidc": lambda: oidc_provider(gateway.settings, gateway.base.wall),
        "alarm": lambda: alarm_webhook(gateway.settings),
        "nudge": lambda: webhooks(gateway.settings, gateway.base.directory().adapters),
        "imap": lambda: imap_place(gateway.settings),
    }
    findings: list[Finding] = []
    for what, make in parts.items():
        try:
            make()
        except InbeeldError as error:
            findings.extend(Finding("parts", "error", what, line) for line in str(error).splitlines())
    return findings


def _keys(gateway: Gateway, now: datetime) -> list[Finding]:
    findings = []
    for id_, sealer in gateway.checkers.items():
        what = f"key of {id_}"
        try:
            facts = sealer.check(now)
        except SealError as error:
            told = EXPLAINED[KeyFlaw(error.code)] if error.code in set(KeyFlaw) else str(error)
            findings.append(Finding("key", "error", what, f"{error.code}: {told}; its referrals are held"))
            continue
        shown = f"{facts.algorithm} {facts.fingerprint}"
        findings.append(_dated("key", what, facts.expires_at, now, gateway, shown))
    return findings


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


async def _provider(provider: Provider) -> Finding:
    try:
        await provider.begin()
    except ProviderError as error:
        remedy = "nobody can log in there; see oidc.issuer and oidc.ca_file"
        return Finding("oidc", "error", "oidc", f"{error.code}: {remedy}")
    return Finding("oidc", "ok", "oidc", "the provider tells how to log in")


async def _probe(
    code: str, what: str, where: str, probe: Callable[[], Awaitable[None]], *, away: Level = "error"
) -> Finding:
    try:
        await probe()
    except (TryLater, Refused) as trouble:
        level = away if isinstance(trouble, TryLater) else "error"
        return Finding(code, level, what, f"{where}: {REMEDY.get(trouble.reason, trouble.reason)}")
    # A folder has no line, or one of SSH.
    how = "reached" if where == "file" else "reached over trusted TLS"
    return Finding(code, "ok", what, f"{where}: {how}")
