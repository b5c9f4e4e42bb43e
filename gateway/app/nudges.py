"""The webhooks of organisations that want to be told when something was put into their mailbox.

It promises that a secret or certificate which can't be used is told with organisation, key and remedy, and
that neither the secret nor the address is.
"""

from collections.abc import Mapping

from pydantic import BaseModel

from adapters.base import Adapter
from adapters.mailbox import MailboxOptions
from adapters.trust import client_context
from adapters.webhook import Webhook, parse_secret
from gateway.errors import ConfigError, ConfigErrors
from gateway.sealing.keyfiles import read_private
from gateway.settings import Settings

FILE = "config/organisations.toml"

Adapters = Mapping[str, tuple[type[Adapter], BaseModel]]


def webhooks(settings: Settings, adapters: Adapters) -> dict[str, Webhook]:
    """How each of them is told; raises `ConfigErrors` with every problem found."""
    made: dict[str, Webhook] = {}
    problems: list[ConfigError] = []
    for id_, options in wanted(adapters).items():
        try:
            made[id_] = webhook(settings, id_, options)
        except ConfigError as error:
            problems.append(error)
    if problems:
        raise ConfigErrors(problems)
    return made


def wanted(adapters: Adapters) -> dict[str, MailboxOptions]:
    """Who wants to be told, and where."""
    return {
        id_: options
        for id_, (_, options) in adapters.items()
        if isinstance(options, MailboxOptions) and options.nudge_url
    }


def webhook(settings: Settings, id: str, options: MailboxOptions) -> Webhook:
    """How one is told; raises `ConfigError`."""
    key = f"organisation {id}.options"
    # An organisation with `nudge_url` names a file too: `MailboxOptions` sees to it.
    secret_file = settings.path(options.nudge_secret_file or settings.directory)
    try:
        secret = parse_secret(read_private(secret_file).decode("ascii", "replace"))
    except ConfigError as error:
        raise ConfigError(FILE, f"{key}.nudge_secret_file", error.problem, error.remedy) from None
    except ValueError as error:
        remedy = "Agree on a new one with the organisation"
        raise ConfigError(FILE, f"{key}.nudge_secret_file", str(error), remedy) from None
    ca_file = settings.path(options.nudge_ca_file) if options.nudge_ca_file else None
    try:
        context = client_context(None, ca_file)
    except (OSError, ValueError):
        what = "can't be read, or holds no certificate"
        raise ConfigError(FILE, f"{key}.nudge_ca_file", what, "Name a PEM file") from None
    return Webhook(options.nudge_url or "", secret, context, networks=settings.delivery.nudge_networks)
