"""What the listeners and the way out are made with: limits, certificates, password.

It promises that a file which is missing, unreadable or of another kind is told with the key that names it.
"""

import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.direct import Direct
from adapters.relay import Relay, RelayOptions, Sign, WayOut
from adapters.resolver import ValidatingResolver
from adapters.trust import client_context, parse_pin
from gateway.accounts.oidc_provider import BACK, ClaimedRoles, Provider
from gateway.errors import ConfigError, ConfigErrors
from gateway.files import opened, read_private
from gateway.intake.imap import ImapPlace
from gateway.intake.limits import Limits
from gateway.intake.listener import tls_context
from gateway.settings import Settings, problems_of

FILE = "config/inbeeld.toml"
DANE = "dane"


def limits_of(settings: Settings) -> Limits:
    """`[limits]`, over the defaults; raises `ConfigErrors`."""
    given = settings.limits.model_dump()
    known = Limits.__dataclass_fields__
    problems = []
    for name, value in given.items():
        if name not in known:
            remedy = f"Known are {', '.join(sorted(known))}"
            problems.append(ConfigError(FILE, f"limits.{name}", "is not known", remedy))
        elif type(value) not in (int, float) or value <= 0:
            remedy = "Write a number, or leave it out"
            problems.append(ConfigError(FILE, f"limits.{name}", "is not a number above 0", remedy))
        elif type(value) is float and known[name].type is int:
            problems.append(ConfigError(FILE, f"limits.{name}", "is not a whole number", "Round it"))
    if problems:
        raise ConfigErrors(problems)
    return Limits(**given)


def imap_place(settings: Settings) -> tuple[ImapPlace, ssl.SSLContext] | None:
    """The mailbox from which mail is fetched, if there is one; raises `ConfigError`."""
    imap = settings.imap
    if not imap.server or imap.password_file is None:
        return None
    path = _readable(settings, "imap.password_file", imap.password_file)
    try:
        password = read_private(path).decode().strip()
    except (OSError, ValueError):
        remedy = "Let nobody but the gateway read it: chmod 600"
        raise ConfigError(FILE, "imap.password_file", "can't be used", remedy) from None
    ca_file = authorities(settings, "imap.ca_file", imap.ca_file) if imap.ca_file else None
    host, _, port = imap.server.partition(":")
    place = ImapPlace(
        host=host,
        port=int(port or 993),
        username=imap.username,
        password=password,
        folder=imap.folder,
        aside=imap.aside_folder,
        done=imap.done_folder or None,
    )
    return place, client_context(None, ca_file)


def server_tls(settings: Settings) -> ssl.SSLContext:
    """How we show who we are to those who bring mail; raises `ConfigError`."""
    cert = _readable(settings, "smtp.tls_cert", settings.smtp.tls_cert)
    key = _readable(settings, "smtp.tls_key", settings.smtp.tls_key)
    client_ca = settings.smtp.client_ca
    try:
        context = tls_context(cert, key)
    except (OSError, ValueError):
        remedy = "Both must be PEM files, and the key without a password"
        raise ConfigError(
            FILE, "smtp.tls_key", "does not go with the certificate in smtp.tls_cert", remedy
        ) from None
    if client_ca is None:
        return context
    authorities(settings, "smtp.client_ca", client_ca)
    return tls_context(cert, key, settings.path(client_ca))


def authorities(settings: Settings, key: str, name: Path) -> Path:
    """Where a PEM file with certificate authorities is; raises `ConfigError` if it is none."""
    path = _readable(settings, key, name)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError):
        raise ConfigError(FILE, key, "holds no certificate", "Name a PEM file") from None
    return path


def relay_options(settings: Settings) -> RelayOptions:
    """`[delivery]`, with the password from its file; raises `ConfigError` or `ConfigErrors`."""
    delivery = settings.delivery
    host, _, port = delivery.relay.rpartition(":")
    password = None
    if delivery.username:
        if delivery.password_file is None:
            remedy = "Name a file (mode 0600) that holds the password"
            raise ConfigError(FILE, "delivery.password_file", "is missing", remedy)
        path = _readable(settings, "delivery.password_file", delivery.password_file)
        password = read_private(path).decode().strip()
    # With DANE, what the relay takes is what could not be proven: its own certificate must be.
    tls = "verify" if delivery.tls == DANE else delivery.tls
    try:
        parse_pin(tls)
    except ValueError as error:
        raise ConfigError(FILE, "delivery.tls", str(error), "Count its digits again") from None
    values: dict[str, Any] = {
        "host": host.strip("[]"),
        "port": int(port),
        "tls": tls,
        "ca_file": authorities(settings, "delivery.ca_file", delivery.ca_file) if delivery.ca_file else None,
        "username": delivery.username or None,
        "password": password,
        "helo": settings.gateway.domain,
    }
    try:
        return RelayOptions.model_validate(values)
    except ValidationError as error:
        raise ConfigErrors(problems_of(error, RelayOptions, FILE, "delivery")) from None


def way_out(settings: Settings, sign: Sign = lambda message: message) -> WayOut:
    """How mail leaves: through the relay, or directly with DANE; raises `ConfigError` or `ConfigErrors`."""
    delivery = settings.delivery
    relay = Relay(relay_options(settings), sign=sign) if delivery.relay else None
    if relay is not None and delivery.tls != DANE:
        return relay
    return Direct(
        ValidatingResolver(settings.gate.dns_servers),
        helo=settings.gateway.domain,
        relay=relay,
        sign=sign,
        ca_file=authorities(settings, "delivery.ca_file", delivery.ca_file) if delivery.ca_file else None,
        networks=delivery.nudge_networks,
    )


def oidc_provider(settings: Settings, now: Callable[[], datetime]) -> Provider | None:
    """The OpenID provider of `[oidc]`, if there is one; raises `ConfigError`."""
    oidc = settings.oidc
    if not oidc.issuer or oidc.client_secret_file is None:
        return None
    secret = read_private(_readable(settings, "oidc.client_secret_file", oidc.client_secret_file))
    ca_file = authorities(settings, "oidc.ca_file", oidc.ca_file) if oidc.ca_file else None
    return Provider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=secret.decode("ascii", "replace").strip(),
        redirect_uri=f"{settings.web.public_url}{BACK}",
        two_factors=oidc.two_factors,
        organisations=oidc.organisations,
        beheerders=oidc.beheerders,
        context=client_context(None, ca_file),
        now=now,
        roles=ClaimedRoles(oidc.role_claim, oidc.roles),
        creates=oidc.create,
        scopes=oidc.scopes,
        context_class=oidc.authentication_context,
    )


def _readable(settings: Settings, key: str, name: Path) -> Path:
    path = settings.path(name)
    try:
        opened(path).close()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        remedy = f"Put the file there, or correct {key}"
        raise ConfigError(FILE, key, f"{path} can't be read ({reason})", remedy) from None
    return path
