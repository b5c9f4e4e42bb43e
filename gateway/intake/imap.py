"""Mail fetched from an IMAP mailbox, where none can be delivered to us.

It promises what the SMTP listener promises of a mail: the same limits, sealed before its first write, and
kept before it is taken from the mailbox (there, deleted or moved means kept). A mail that is fetched twice,
because we were stopped in between, is one. What is too large or no mail is put aside in the mailbox, never
lost. It raises nothing: trouble is told, and it is tried again. Where the server can say that a mail came
(IDLE, RFC 2177) it is fetched at once; that is a hint, and whatever it forgets is found when it is due.

Nobody saw the session in which such a mail was handed in: SPF proves nothing about it, whatever its path.
With gate.proof "self" a DKIM signature must; with "front" the provider's Authentication-Results do.
"""

import asyncio
import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, cast

from adapters.base import Refused, TryLater
from gateway.gate.authenticity import Envelope
from gateway.intake.committer import Events, Keeper
from gateway.intake.content import Content, long_line
from gateway.intake.identity import encryption
from gateway.intake.limits import Limits, MailRoom, Memory

NOWHERE: Final = "192.0.2.1"
"""The address that stands for the session we did not see: of RFC 5737, from which nobody may send."""

IDLE_AT_MOST: Final = 25 * 60.0
"""So many seconds a server is left alone: after half an hour it may think that nobody listens (RFC 2177)."""

_IDLE: Final = b"ib1"
_HINTS: Final = 100
"""So many lines of hints are read, at most, until the server answers."""

FIRST_AGAIN: Final = 2.0
"""So many seconds after the first failure it is tried again; then twice as long each time."""

MOST_AT_ONCE: Final = 50
ROUNDS: Final = 20
"""So many times, at most, what waits is fetched in one go."""

# The fields in which servers and people write to whom a mail goes.
_TO = re.compile(
    rb"^(?:to|cc|delivered-to|x-original-to|envelope-to|x-envelope-to):(.*(?:\r\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_RETURN_PATH = re.compile(rb"\A(?:[^\r\n]+\r\n)*?return-path:[ \t]*<([^<>\s]{0,254})>", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


@dataclass(frozen=True, slots=True)
class ImapPlace:
    """The mailbox: where, who we are there, and the folders. Without `done` what was kept is deleted."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    aside: str
    done: str | None
    timeout: float = 30.0


class ImapFetcher:
    """Fetches; `address` is our own, whose mailbox it is; `accepts(address)` says which others are ours too;
    `trusted` says that its provider is our front."""

    def __init__(
        self,
        place: ImapPlace,
        tls: ssl.SSLContext,
        *,
        keeper: Keeper,
        room: MailRoom,
        limits: Limits,
        events: Events,
        address: str,
        accepts: Callable[[str], bool] = lambda address: False,
        trusted: bool,
    ) -> None:
        self._place, self._tls = place, tls
        self._keeper, self._room, self._events = keeper, room, events
        self._trusted = trusted
        local, _, domain = address.rpartition("@")
        self._address, self._accepts = address, accepts
        self._others = re.compile(
            rb"(?<![A-Za-z0-9.+_-])[a-z0-9][a-z0-9._-]{0,62}@"
            + re.escape(domain.encode())
            + rb"(?![A-Za-z0-9.-])",
            re.IGNORECASE,
        )
        self._ours = re.compile(
            rb"(?<![A-Za-z0-9.+_-])"
            + re.escape(local.encode())
            + rb"(?:\+[A-Za-z0-9._~=-]{1,200})?@"
            + re.escape(domain.encode())
            + rb"(?![A-Za-z0-9.-])",
            re.IGNORECASE,
        )
        self._memory = Memory(0)
        self.change(limits)
        self._stopped = asyncio.Event()

    def change(self, limits: Limits) -> None:
        """Let these hold from the next mail on."""
        self._limits, self._long_line = limits, long_line(limits)
        self._memory.limit = limits.message_bytes * 2 + 65536

    async def run(self, every: float) -> None:
        """Fetch now and then, and when the server says that something came, until `stop`; sooner after a
        failure."""
        failed, hurried = 0, False
        while not self._stopped.is_set():
            session, kept = await self._visit()
            # A server that always has something to say, and nothing to fetch, is not asked without end.
            listens = session is not None and (kept > 0 or not hurried)
            # A provider that starts after us, or stops for a moment, need not be waited for any longer.
            again = IDLE_AT_MOST if listens else FIRST_AGAIN * 2 ** min(failed, 20)
            began = time.monotonic()
            try:
                await self._rest(session if listens else None, min(every, again))
            finally:
                if session is not None:
                    await asyncio.to_thread(session.close)
            hurried = listens and time.monotonic() - began < FIRST_AGAIN
            failed = failed + (not listens) if hurried or not listens else 0

    def stop(self) -> None:
        """Let `run` end when what is under way has ended."""
        self._stopped.set()

    async def fetch(self) -> int:
        """Keep everything that waits; gives how many mails were kept, and tells what went wrong."""
        session, kept = await self._visit()
        if session is not None:
            await asyncio.to_thread(session.close)
        return kept

    async def _rest(self, session: "_Session | None", seconds: float) -> None:
        """Wait so long, or until the server says something, or until we stop."""
        said, loop = asyncio.Event(), asyncio.get_running_loop()
        line = await asyncio.to_thread(self._listening, session) if session is not None else None
        if line is not None:
            loop.add_reader(line, said.set)
        waits = {asyncio.ensure_future(each.wait()) for each in (said, self._stopped)}
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            if line is not None:
                loop.remove_reader(line)

    def _listening(self, session: "_Session") -> int | None:
        try:
            return session.idle()
        except Exception as error:  # noqa: BLE001 - the next visit finds out what is wrong
            self._events.failed("imap", type(error).__name__)
            return None

    async def _visit(self) -> tuple["_Session | None", int]:
        """Keep what waits; gives the login, if there was one, and how many mails were kept."""
        kept, tried, refused = 0, set[bytes](), 0
        try:
            session = await asyncio.to_thread(self._open)
        except Exception as error:  # noqa: BLE001 - the text of an error could name who logs in
            self._events.failed("imap", type(error).__name__)
            return None, 0
        try:
            for _ in range(ROUNDS):
                waiting = await asyncio.to_thread(session.waiting)
                uids = [uid for uid in waiting if uid not in tried][:MOST_AT_ONCE]
                before, stayed = kept, False
                for uid in uids:
                    tried.add(uid)
                    try:
                        became = await self._one(session, uid)
                    except imaplib.IMAP4.abort:
                        raise
                    except imaplib.IMAP4.error:
                        # What the server refuses about one mail keeps no other back.
                        refused += 1
                        continue
                    kept += became is True
                    stayed = stayed or became is False
                nothing = not uids or (kept == before and stayed)
                if nothing or refused > ROUNDS or self._stopped.is_set():
                    break
            if refused:
                raise imaplib.IMAP4.error
        except Exception as error:  # noqa: BLE001 - a server may quote a mail in its trouble
            self._events.failed("imap", type(error).__name__)
            await asyncio.to_thread(session.close)
            return None, kept
        except BaseException:
            await asyncio.to_thread(session.close)
            raise
        return session, kept

    def _open(self) -> "_Session":
        return _Session(self._place, self._tls)

    async def _one(self, session: "_Session", uid: bytes) -> bool | None:
        """Whether it was kept; None where it is no mail for us, and does not stay where it is."""
        mark = self._room.mark(NOWHERE)
        if limit := self._room.full(mark):
            # It stays where it is until there is room.
            self._events.limit(limit)
            return False
        raw = await asyncio.to_thread(session.read, uid, self._limits.message_bytes)
        if raw == b"":
            return None
        fault = "message_bytes" if raw is None else self._fault(raw)
        if raw is None or fault:
            self._events.limit(fault or "message_bytes")
            await asyncio.to_thread(session.move, uid, self._place.aside)
            return None
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._keeper.keep(self._envelope(raw), raw, mark, f"IMAP {session.line}", done.set_result)
        if await done is None:
            return False
        await asyncio.to_thread(session.end, uid, self._place.done)
        return True

    def _fault(self, raw: bytes) -> str | None:
        """The limit that this mail breaks, as the listener judges it."""
        content = Content(self._limits, self._memory, self._long_line)
        ending = b"" if raw.endswith(b"\r\n") else b"\r\n"
        stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
        content.feed(stuffed + ending + b".\r\n")
        try:
            fault = content.judge()
        finally:
            content.wipe()
        return fault.reason if fault else None

    def _envelope(self, raw: bytes) -> Envelope:
        header = raw[: self._limits.header_bytes].partition(b"\r\n\r\n")[0] + b"\r\n"
        path = _RETURN_PATH.match(header)
        return Envelope(
            mail_from=path[1].decode("latin-1") if path else f"onbekend@{NOWHERE}",
            rcpt_tos=tuple(dict.fromkeys(self._recipients(header))) or (self._address,),
            peer_ip=NOWHERE,
            helo="imap.invalid",
            trusted_relay=self._trusted,
        )

    def _recipients(self, header: bytes) -> Iterator[str]:
        """Our own addresses, plain and with a token, among those to which it was written."""
        fields = [match[1] for match in _TO.finditer(header)]
        ours = (match[0].decode("ascii") for field in fields for match in self._ours.finditer(field))
        others = (match[0].decode("ascii") for field in fields for match in self._others.finditer(field))
        found = chain(ours, (address for address in others if self._accepts(address)))
        yield from islice(found, self._limits.recipients)


async def probe(place: ImapPlace, tls: ssl.SSLContext) -> None:
    """Whether the mailbox is there, trusted, and lets us in; raises `TryLater` or `Refused`."""
    try:
        session = await asyncio.to_thread(_Session, place, tls)
    except ssl.SSLCertVerificationError:
        raise Refused("imap_untrusted") from None
    except imaplib.IMAP4.error:
        raise Refused("imap_login") from None
    except OSError:
        raise TryLater("imap_unreachable") from None
    await asyncio.to_thread(session.close)


class _Session:
    """One login; its methods block, and raise what `imaplib` raises."""

    def __init__(self, place: ImapPlace, tls: ssl.SSLContext) -> None:
        self._idles = False
        self._line = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=tls, timeout=place.timeout)
        try:
            self._line.login(place.username, place.password)
            # Some tell more of themselves to whom they know.
            # With a context it is one of TLS, whatever the type says.
            self.line = encryption(cast(ssl.SSLSocket, self._line.sock))
            self._can = (
                _first(self._ask(self._line.capability())[-1]).decode("ascii", "replace").upper().split()
            )
            self._ask(self._line.select(_quoted(place.folder)))
            for folder in {place.aside, place.done} - {None}:
                # It is there already, mostly; whether it is shows when something is moved.
                self._line.create(_quoted(str(folder)))
        except BaseException:
            self.close()
            raise

    def waiting(self) -> list[bytes]:
        """The mails that are there and not deleted."""
        found = self._ask(self._line.uid("SEARCH", "UNDELETED"))
        return [uid for part in found for uid in _first(part).split()]

    def read(self, uid: bytes, limit: int) -> bytes | None:
        """A mail; None if it is larger than the limit or empty, nothing if somebody else took it away."""
        answer = self._ask(self._line.uid("FETCH", uid.decode("ascii"), "(RFC822.SIZE)"))
        size = next((found for part in answer if (found := _SIZE.search(_first(part)))), None)
        if size is None:
            return b""
        if int(size[1]) > limit:
            return None
        answer = self._ask(self._line.uid("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{limit + 1}>)"))
        raw = next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")
        return raw if 0 < len(raw) <= limit else None

    def move(self, uid: bytes, folder: str) -> None:
        """Copy it there and delete it here."""
        self._ask(self._line.uid("COPY", uid.decode("ascii"), _quoted(folder)))
        self.end(uid, None)

    def end(self, uid: bytes, folder: str | None) -> None:
        """Take it out of the folder: into another one, or away."""
        if folder is not None:
            self.move(uid, folder)
            return
        self._ask(self._line.uid("STORE", uid.decode("ascii"), "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._can:
            self._ask(self._line.uid("EXPUNGE", uid.decode("ascii")))
        else:
            self._ask(self._line.expunge())

    def idle(self) -> int | None:
        """Let the server say when something comes; gives the line that can be read then, None if it can't."""
        if "IDLE" not in self._can:
            return None
        self._line.send(_IDLE + b" IDLE\r\n")
        self._idles = self._until(b"+", _IDLE).startswith(b"+")
        return self._line.sock.fileno() if self._idles else None

    def _until(self, *beginnings: bytes) -> bytes:
        """The next line that begins so; what the server says before it is a hint."""
        for _ in range(_HINTS):
            line: bytes = self._line.readline()
            if not line:
                raise imaplib.IMAP4.abort("the line was cut")
            if line.startswith(beginnings):
                return line
        raise imaplib.IMAP4.abort("no answer")

    def close(self) -> None:
        """Say goodbye, and let go of the line whatever the server thinks of it."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            if self._idles:
                self._line.send(b"DONE\r\n")
                self._until(_IDLE)
            self._line.logout()
        with contextlib.suppress(OSError):
            self._line.shutdown()

    @staticmethod
    def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
        """What the server answered; raises if it refused."""
        if answer[0] != "OK":
            # What it wrote beside that is told to nobody.
            raise imaplib.IMAP4.error("refused")
        return answer[1]


def _first(part: Any) -> bytes:
    return part[0] if isinstance(part, tuple) else part or b""


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
