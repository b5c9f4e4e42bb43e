"""The log: named events, one method each, as JSON lines on standard error.

It promises that nothing which came from a mail is written: a method takes ids, counts and closed codes only,
and the logs of libraries that print what they handle are silenced; and that no stranger fills it: of what one
does to be refused, so many lines a minute are told, and then how many were not. Where systemd's journal reads
them, each line begins with its priority (sd-daemon(3)), so that `journalctl -p warning` shows what it says.
"""

import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, TextIO

# structlog loads what would draw a traceback, where it finds it: that is 5 MiB, and ours are never drawn.
if (_rich := sys.modules.setdefault("rich", None)) is None:  # type: ignore[arg-type]
    import structlog

    del sys.modules["rich"]
else:
    import structlog

SILENCED = (
    "mail.log",
    "gnupg",
    "aiosmtplib",
    "sqlalchemy",
    "asyncio",
    "uvicorn",
    "mailparser",
    "psycopg",
)


PRIORITIES = {"info": 6, "warning": 4, "error": 3}
"""The syslog priority of each level that we use."""


def is_journal(stream: TextIO) -> bool:
    """Whether systemd's journal reads this stream (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        facts = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{facts.st_dev}:{facts.st_ino}"


class _JournalLine:
    """A line as JSON, behind its priority."""

    def __init__(self) -> None:
        self._json = structlog.processors.JSONRenderer()

    def __call__(self, logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
        line = self._json(logger, name, event)
        return f"<{PRIORITIES[event['level']]}>{line if isinstance(line, str) else line.decode()}"


def silence_libraries() -> None:
    """Keep libraries from writing what they handle; our own events tell what an operator needs."""
    for name in SILENCED:
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    # The logging module would tell, once, of a logger that nobody listens to.
    logging.getLogger().addHandler(logging.NullHandler())
    # A handler of last resort would print a warning with its arguments.
    logging.lastResort = None


class Flood:
    """Lets so many lines of a kind through in a minute, and counts the others."""

    LINES, KINDS, SECONDS = 60, 4_096, 60.0

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick, self._lock = tick, threading.Lock()
        # By kind: when its minute began, and how many lines there were in it.
        self._seen: OrderedDict[tuple[object, ...], tuple[float, int]] = OrderedDict()

    def passes(self, *kind: object) -> dict[str, int] | None:
        """None if this line must not be told; else what to tell with it: how many of its kind were not."""
        now, untold = self._tick(), 0
        with self._lock:
            began, lines = self._seen.pop(kind, (now, 0))
            if now - began >= self.SECONDS:
                untold, began, lines = max(0, lines - self.LINES), now, 0
            self._seen[kind] = (began, lines + 1)
            if len(self._seen) > self.KINDS:
                self._seen.popitem(last=False)
        if lines >= self.LINES:
            return None
        return {"untold": untold} if untold else {}


class Nowhere(StringIO):
    """A stream that keeps nothing, for commands whose output is their answer."""

    def write(self, text: str) -> int:
        return len(text)


class Log:
    """Writes events; `stream` is standard error unless somebody wants it elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = stream or sys.stderr
        self._flood = Flood()
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _JournalLine() if is_journal(stream) else structlog.processors.JSONRenderer(),
            ],
        )

    def accepted(self, mails: Sequence[tuple[str, int]]) -> None:
        """These mails (id and size) were kept in one commit, and answered with 250."""
        self._log.info("mail.accepted", mails=[id for id, _ in mails], bytes=[size for _, size in mails])

    def refused(self, code: int, reason: str) -> None:
        """A client was refused; `reason` is a closed code."""
        self._refused(self._log.info, "smtp.refused", code=code, reason=reason)

    def limit(self, name: str) -> None:
        self._refused(self._log.warning, "smtp.limit", limit=name)

    def abuse(self, ip: str, reason: str) -> None:
        """A client did what no mail server does: for fail2ban, and the only event with an address of anybody.

        It is never a front server of our own, and it is told of no mail. `reason` is a closed code.
        """
        if self._flood.passes("smtp.abuse", ip, reason) is not None:
            # fail2ban reads this line as it is.
            self._log.warning("smtp.abuse", ip=ip, reason=reason)

    def web_refused(self, reason: str) -> None:
        """A caller of the API was refused; `reason` is a closed code."""
        self._refused(self._log.info, "web.refused", reason=reason)

    def _refused(self, tell: Callable[..., Any], event: str, **facts: object) -> None:
        """Tell of what anybody may do as often as they like."""
        if (more := self._flood.passes(event, *facts.values())) is not None:
            tell(event, **facts, **more)

    def received(self, mail: str, outcome: str, case: str | None, code: str | None) -> None:
        """It was decided what a mail is."""
        self._log.info("mail.received", mail=mail, outcome=outcome, case=case, code=code)

    def tls_reported(self, well: int, failed: int, results: Sequence[str]) -> None:
        """Another server reported how TLS to us went; `results` are words of RFC 8460."""
        log = self._log.warning if failed else self._log.info
        log("tls.reported", well=well, failed=failed, results=list(results))

    def delivered(self, delivery: str, case: str, kind: str, attempt: int) -> None:
        """A delivery was taken by its peer."""
        self._log.info("delivery.sent", delivery=delivery, case=case, kind=kind, attempt=attempt)

    def postponed(self, delivery: str, case: str, reason: str, attempt: int) -> None:
        """A delivery will be tried again."""
        self._log.warning("delivery.postponed", delivery=delivery, case=case, reason=reason, attempt=attempt)

    def relay_well(self) -> None:
        """The relay, which refused everybody, takes our mail again."""
        self._log.warning("relay.well")

    def reported(self, case: str, report: str, channel: str, moved: bool) -> None:
        """Somebody reported something on a case."""
        self._log.info("case.reported", case=case, report=report, channel=channel, moved=moved)

    def unfit_status(self, organisation: str, error: str) -> None:
        """A receiver told something of a signaal that doesn't fit; `error` is a class of ours."""
        self._log.warning("signaal.status_unfit", organisation=organisation, error=error)

    def fired(self, case: str, clock: str) -> None:
        """A clock was due."""
        self._log.warning("clock.fired", case=case, clock=clock)

    def order_ended(self, case: str, order: str, problem: str | None) -> None:
        """The worker carried out what a beheerder asked for, or could not; both are closed codes."""
        self._log.info("order.ended", case=case, order=order, problem=problem)

    def alarm(self, code: str, **ids: Any) -> None:
        """Something needs a person."""
        self._log.error("alarm", code=code, **ids)

    def failed(self, step: str, error: BaseException, **ids: Any) -> None:
        """A step failed in a way nobody foresaw. Its text may hold content: only its place is told."""
        trace, place = error.__traceback__, ""
        while trace:
            if "/gateway/" in trace.tb_frame.f_code.co_filename or not place:
                place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
            trace = trace.tb_next
        self._log.error("step.failed", step=step, error=type(error).__name__, place=place, **ids)

    def database_away(self, step: str, error: BaseException) -> None:
        """The database can't be reached or takes nothing; told once, until it is back."""
        self._log.error("database.away", step=step, error=type(error).__name__)

    def database_back(self) -> None:
        self._log.warning("database.back")

    def clock_stepped(self, seconds: float) -> None:
        """The machine's clock was set forward or back."""
        self._log.warning("clock.stepped", seconds=round(seconds))

    def trouble_over(self, code: str) -> None:
        """What an alarm was rung for is over."""
        self._log.warning("trouble.over", code=code)

    def started(self, **what: Any) -> None:
        self._log.info("gateway.started", **what)

    def stopped(self) -> None:
        """The gateway has stopped cleanly."""
        self._log.info("gateway.stopped")

    def paused(self, since: datetime) -> None:
        """The gateway takes mail in and does nothing else, until `inbeeld resume`: it was restored, say."""
        self._log.warning("gateway.paused", since=since.isoformat())

    def certificate(self, key: str, ends: datetime) -> None:
        """A certificate was read anew, and is shown from now on; `key` is that of the configuration."""
        self._log.warning("certificate.loaded", key=key, ends=ends.isoformat())

    def not_reloaded(self, what: str, error: str) -> None:
        """What was to be read anew is not right: what was there before stays. `error` is our own text."""
        self._log.error("reload.failed", what=what, error=error)

    def reloaded(
        self, in_force: Sequence[str], needs_restart: Sequence[str], needs_import: Sequence[str]
    ) -> None:
        """The configuration was read again and these keys changed: they count now, from the next start on, or
        from `inbeeld directory import` on."""
        keys = {"in_force": in_force, "needs_restart": needs_restart, "needs_import": needs_import}
        self._log.warning("configuration.read", **{name: list(each) for name, each in keys.items()})
