"""Reads anew what can be while the gateway runs: its certificate, when the files change or at SIGHUP, and at
SIGHUP the limits.

It promises that a certificate which doesn't fit its key, or a configuration with a mistake, changes nothing:
what was there goes on and the log says why. Connections that are open stay as they are. A changed key is
never taken for one that is in force: the log names those that are, those that need a restart, and those that
`inbeeld directory import` takes in.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509

from gateway.app.network import limits_of, server_tls
from gateway.errors import InbeeldError
from gateway.intake.limits import Limits
from gateway.log import Log
from gateway.settings import Settings, load

EVERY = 10.0
"""How often the files of the certificate are looked at, in seconds."""


IMPORTED = frozenset(("organisations", "practices", "alarm.to"))
"""What stands in files first and in the database then (docs/directory.md)."""

FOLLOWED = ("limits.", "board.")
"""What counts without a restart; `[board]` is looked at whenever it is used."""


class Reload:
    """What `serve` reads anew. `contexts` are those of its listeners, which all show one certificate;
    `change` lets other limits hold, where mail is taken in."""

    def __init__(
        self,
        settings: Settings,
        contexts: Sequence[ssl.SSLContext],
        log: Log,
        change: Callable[[Limits], None] = lambda _: None,
    ) -> None:
        self._settings, self._contexts, self._log, self._change = settings, contexts, log, change
        self._cert, self._key = settings.path(settings.smtp.tls_cert), settings.path(settings.smtp.tls_key)
        self._seen = self._look()
        self._watching: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Look at the files again and again, in the running event loop."""
        self._watching = asyncio.create_task(self._watch(), name="certificates")

    def stop(self) -> None:
        """Look no more."""
        if self._watching:
            self._watching.cancel()

    def now(self) -> None:
        """Read the certificate anew, and say what else changed."""
        self._seen = self._look()
        self._certificate()
        try:
            found = load(self._settings.directory)
            limits = limits_of(found)
        except InbeeldError as error:
            self._log.not_reloaded("configuration", str(error))
            return
        changed = changes(self._settings, found)
        now = [key for key in changed if key.startswith(FOLLOWED)]
        if now:
            self._change(limits)
            update = {"limits": found.limits, "board": found.board}
            self._settings = self._settings.model_copy(update=update)
        imported = [key for key in changed if key in IMPORTED]
        later = [key for key in changed if key not in (*now, *imported)]
        self._log.reloaded(in_force=now, needs_restart=later, needs_import=imported)

    def look(self) -> bool:
        """Read the certificate anew if its files changed; says whether they did."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._seen = seen
        self._certificate()
        return True

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            self.look()

    def _look(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(_facts(path) for path in (self._cert, self._key))

    def _certificate(self) -> None:
        if not self._contexts:
            return
        try:
            # A pair that does not fit would leave a living context half changed.
            server_tls(self._settings)
            for context in self._contexts:
                context.load_cert_chain(self._cert, self._key)
            ends = x509.load_pem_x509_certificate(self._cert.read_bytes()).not_valid_after_utc
        except InbeeldError as error:
            self._log.not_reloaded("certificate", str(error))
        except (OSError, ValueError) as error:
            self._log.not_reloaded("certificate", type(error).__name__)
        else:
            self._log.certificate("smtp.tls_cert", ends)


def changes(before: Settings, after: Settings) -> list[str]:
    """The keys that differ, such as "smtp.listen"; of a list of entries, the list."""
    old, new = _plain(before), _plain(after)
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _plain(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, value in settings.model_dump(exclude={"directory"}).items():
        if isinstance(value, dict):
            found |= {f"{section}.{name}": each for name, each in value.items()}
        else:
            found[section] = value
    return found


def _facts(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
