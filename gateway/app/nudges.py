"""The webhooks: of organisations that want to be told when something was put into their mailbox, and of the
administrators.

It promises that a secret or certificate which can't be used is told with organisation, key and remedy, and
that neither the secret nor the address is.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from adapters.base import Adapter
from adapters.mailbox import MailboxOptions
from adapters.trust import client_context
from adapters.webhook import Webhook, parse_secret
from gateway.errors import ConfigError, ConfigErrors
from gateway.files import read_private
from gateway.settings import Settings

FILE, MAIN = "config/organisations.toml", "config/inbeeld.toml"

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


def alarm_webhook(settings: Settings) -> Webhook | None:
    """How the administrators' own systems are told, if they are; raises `ConfigError`."""
    alarm = settings.alarm
    if not alarm.webhook or alarm.webhook_secret_file is None:
        return None
    keys = ("alarm.webhook_secret_file", "alarm.webhook_ca_file")
    files = (alarm.webhook_secret_file, alarm.webhook_ca_file)
    return _made(settings, MAIN, alarm.webhook, keys, files, "Write whsec_ and 32 random bytes in base64")


def webhook(settings: Settings, id: str, options: MailboxOptions) -> Webhook:
    """How one is told; raises `ConfigError`."""
    key = f"organisation {id}.options"
    keys = (f"{key}.nudge_secret_file", f"{key}.nudge_ca_file")
    # An organisation with `nudge_url` names a file too: `MailboxOptions` sees to it.
    files = (options.nudge_secret_file or settings.directory, options.nudge_ca_file)
    remedy = "Agree on a new one with the organisation"
    return _made(settings, FILE, options.nudge_url or "", keys, files, remedy, options.nudge_source)


def _made(
    settings: Settings,
    file: str,
    url: str,
    keys: tuple[str, str],
    files: tuple[Path, Path | None],
    remedy: str,
    source: str | None = None,
) -> Webhook:
    """A webhook; `keys` and `files` are those of its secret and of its certificate authority."""
    try:
        secret = parse_secret(read_private(settings.path(files[0])).decode("ascii", "replace"))
    except ConfigError as error:
        raise ConfigError(file, keys[0], error.problem, error.remedy) from None
    except ValueError as error:
        raise ConfigError(file, keys[0], str(error), remedy) from None
    try:
        context = client_context(None, settings.path(files[1]) if files[1] else None)
    except (OSError, ValueError):
        what = "can't be read, or holds no certificate"
        raise ConfigError(file, keys[1], what, "Name a PEM file") from None
    return Webhook(url, secret, context, networks=settings.delivery.nudge_networks, source=source)
