"""`check`: would the gateway work? Configuration, keys, database, machine, DNS, relay and adapters.

It promises to change nothing: the database is read and never made or migrated, nothing is written or sent.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import closing
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Refused, TryLater
from adapters.inclear import ClearOptions, unfit
from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import Provider
from gateway.app import Gateway, machine
from gateway.app.exposure import exposures, set_aside
from gateway.app.findings import Finding, Level
from gateway.app.frontprobe import WHAT, FrontProbe
from gateway.app.gaps import moments, removed, unread, unserved
from gateway.app.network import authorities, imap_place, limits_of, oidc_provider, server_tls, way_out
from gateway.app.nudges import alarm_webhook, webhooks
from gateway.app.records import Zone, compared
from gateway.cli import keycheck
from gateway.cli.console import Json, Shared, local, say, shared, show_json
from gateway.directory import files
from gateway.directory.editing import differences
from gateway.domain.pathway import Pathway, Recipient
from gateway.errors import ConfigError, ConfigErrors, InbeeldError
from gateway.intake import imap
from gateway.sandbox.pool import Readers
from gateway.settings.formats import Listen
from gateway.store import conditions
from gateway.store.engine import no_database, why_unusable
from gateway.store.migrate import needed, odd_encoding, shape_of
from gateway.store.worker import shares_sessions

REMEDY = {
    "relay_unreachable": "there is no such name, or nobody listens there",
    "relay_timeout": "does not answer in time",
    "relay_untrusted": "its certificate has ended, is for another name, or is of an authority unknown here: "
    "delivery.ca_file",
    "relay_tls_missing": "offers no TLS, and nothing goes there without: another port?",
    "relay_tls_failed": "TLS did not come about: another port, or too old a TLS?",
    "relay_login": "wants a login, or another one: delivery.username and password_file",
    "relay_refused": "refuses a mail of gateway.address to the first address of [alarm]",
    "relay_unavailable": "takes no mail of gateway.address",
    "nudge_host_forbidden": "nudge_url leads into a private network; correct it, or list that network in "
    "delivery.nudge_networks",
}
"""What to do about a reason that a code alone doesn't tell."""


def check(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not reach out to relay, peers and DNS.")
    ] = False,
    front: Annotated[
        str,
        typer.Option(help="Also try the front server there with two mails, while the gateway is stopped."),
    ] = "",
    json: Json = False,
) -> None:
    """Check everything that can be checked without a mail. Exit code 1 if something is wrong.

    Nothing is changed, written or sent, but the two mails of --front HOST:PORT: do they come to smtp.listen,
    and without what a stranger wrote in the front's name? What each finding means stands in docs/check.md.
    """
    place = _place(front) if front else None
    findings = asyncio.run(_check(shared(context), offline))
    if place:
        findings += asyncio.run(_front(shared(context), place))
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
    intake, *others = keycheck.keys(gateway, now)
    findings += [intake, *others]
    findings += [*machine.key_modes(gateway.keys.folder), *machine.config_modes(settings.config_dir)]
    findings += machine.data_modes(settings.data_dir, gateway.base.database_file)
    there = [*_database(gateway)]
    findings += there
    current = any(one.code == "database" and one.level == "ok" for one in there)
    findings += exposures(settings, known.book.practices, lambda: set_aside(gateway.store) if current else {})
    if current:
        findings += removed(gateway.store, known)
        findings += unread(gateway.store, known, gateway.base.wall())
    findings += machine.clock(gateway.base.wall(), moments(gateway.store) if current else ())
    findings += [*machine.cores(), machine.look()]
    if not settings.web.public_url:
        # What such a practice is answered is held then.
        held = f", and {len(known.readers)} practices read on a page" if known.readers else ""
        level: Level = "error" if held else "warning"
        findings.append(Finding("public-url", level, "web.public_url", f"is empty{held}"))
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
            directory, url = gateway.settings.directory, str(getattr(options, "url", ""))
            if (fault := unfit(options, url, directory, gateway.now().date())[0]) is not None:
                told = f"{kind.name}_clear_{fault}: nothing goes to it"
                yield Finding("clear-key", "error", f"organisation {id_}", told)
    yield from _unread(gateway)
    yield from unserved(known)


def _database(gateway: Gateway) -> Iterator[Finding]:
    """Whether the database is there, answers, and has the shape of this version; it is only read."""
    file, folder = gateway.base.database_file, gateway.settings.data_dir
    if not folder.is_dir():
        # With PostgreSQL it holds a lock and the homes of gpg.
        level: Level = "error" if file else "warning"
        yield Finding("data", level, "data_dir", f"{folder} is not there")
    if file is not None and not file.is_file():
        if file.exists():
            yield Finding("database-broken", "error", "database", f"{file.name} is no file")
        elif folder.is_dir():
            yield Finding("data", "error", "data_dir", f"{file.name} is not there")
        return
    try:
        shape = shape_of(gateway.store)
    except (SQLAlchemyError, OSError) as error:
        code = "database-broken" if no_database(error) else "database"
        yield Finding(code, "error", "database", why_unusable(error))
        return
    current = shape == needed()
    if shape is None:
        yield Finding("database-lost", "error", "database", "holds nothing of ours")
    elif not current:
        yield Finding("database", "error", "database", f"is '{shape}', and this version needs '{needed()}'")
    else:
        yield Finding("database", "ok", "database", "has the shape of this version")
    if current and shares_sessions(gateway.store):
        told = "a pooler gives each transaction another session"
        yield Finding("pooler", "error", "gateway.database_url", told)
    with gateway.store.engine.connect() as connection:
        if current and (encoding := odd_encoding(connection)):
            yield Finding("encoding", "error", "gateway.database_url", f"PostgreSQL keeps text as {encoding}")
    if current and (paused := conditions.paused(gateway.store)):
        since = local(paused.since, gateway.timezone)
        yield Finding("paused", "warning", "database", f"since {since} nothing is read or sent")


def _records(gateway: Gateway) -> Iterable[Finding]:
    settings = gateway.settings
    try:
        zone = Zone(settings.gate.dns_servers)
    except ConfigError as error:
        return [Finding.of("dns", "dns", error)]
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
    ours, to = settings.gateway.address, settings.alarm.to[0] if settings.alarm.to else ""
    yield await _probe("relay", "relay", where, lambda: gateway.worker.relay.probe(ours, to))
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
            errors = error.errors if isinstance(error, ConfigErrors) else (error,)
            findings.extend(Finding.of("parts", what, one) for one in errors)
    return findings


def _place(front: str) -> tuple[str, int]:
    try:
        host, _, port = TypeAdapter(Listen).validate_python(front).rpartition(":")
    except ValidationError:
        raise typer.BadParameter("takes HOST:PORT", param_hint="--front") from None
    return host.strip("[]"), int(port)


async def _front(call: Shared, place: tuple[str, int]) -> list[Finding]:
    gateway = call.gateway(None, None, True)
    settings = gateway.settings
    try:
        if settings.gate.proof != "front":
            raise typer.BadParameter('goes with gate.proof = "front"', param_hint="--front")
        known, tls = gateway.base.directory(), server_tls(settings)
        with closing(Readers(known.wijken, known.postcodes, workers=1)) as readers:
            probe = FrontProbe(settings, readers, gateway.now())
            return await probe.run(place, tls)
    except ConfigError as error:
        return [Finding.of("certificate", WHAT, error)]
    finally:
        await gateway.close()


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
        return Finding(code, level, what, f"{where}: {_in_words(trouble.reason)}")
    # A folder has no line, or one of SSH.
    how = "reached" if where == "file" else "reached over trusted TLS"
    return Finding(code, "ok", what, f"{where}: {how}")


def _in_words(reason: str) -> str:
    """A reason as somebody who mends it reads it; what the other server answered stands behind it."""
    words = REMEDY.get(reason.partition(" ")[0])
    return f"{words} ({reason})" if words else reason
