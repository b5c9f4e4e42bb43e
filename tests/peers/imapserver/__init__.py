"""A provider's IMAP server (RFC 3501 over TLS), as far as fetching mail wants it, in memory."""

import asyncio
import re
import ssl
from collections import defaultdict
from pathlib import Path
from types import TracebackType

USER, PASSWORD = "rapporten", "een-lang-wachtwoord"
_LINE = re.compile(rb"(\S+) (UID )?(\w+) ?(.*)\r\n")


class ImapServer:
    """`folders` hold mails by UID; to commands in `refuse` it says NO, at those in `drop` it hangs up. Mails
    that it `refuses_to_read` are broken in its store; of `gone` ones it says nothing."""

    def __init__(self, cert: Path, key: Path) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(cert, key)
        self.folders: dict[str, dict[int, bytes]] = defaultdict(dict, {"INBOX": {}})
        self.deleted: set[tuple[str, int]] = set()
        self.refuse: set[str] = set()
        self.refuses_to_read: set[int] = set()
        self.gone: set[int] = set()
        self.drop: set[str] = set()
        self.commands: list[str] = []
        self.can = "IMAP4rev1 UIDPLUS IDLE"
        self.idle: set[asyncio.StreamWriter] = set()
        self.idling, self.visits = asyncio.Event(), asyncio.Semaphore(0)
        self.port = 0
        self.user, self.password = USER, PASSWORD
        self._uids = 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    def put(self, raw: bytes, folder: str = "INBOX") -> int:
        """Let a mail come in."""
        self._uids += 1
        self.folders[folder][self._uids] = raw
        for line in self.idle:
            line.write(b"* %d EXISTS\r\n" % len(self.folders[folder]))
        return self._uids

    async def __aenter__(self) -> "ImapServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._lines.add(task)
        folder = "INBOX"
        try:
            writer.write(b"* OK [CAPABILITY IMAP4rev1 UIDPLUS] klaar\r\n")
            while found := _LINE.fullmatch(await reader.readline()):
                tag, _, command, rest = found.groups()
                name = command.decode().upper()
                self.commands.append(name)
                if name in self.drop:
                    return
                if name == "IDLE" and name not in self.refuse:
                    writer.write(b"+ idling\r\n")
                    self.idle.add(writer)
                    self.idling.set()
                    done = await reader.readline()
                    self.idle.discard(writer)
                    if done != b"DONE\r\n":
                        return
                if name == "SELECT":
                    folder = rest.decode().strip('"')
                ok = name not in self.refuse and self._do(writer, name, rest.decode(), folder)
                writer.write(tag + (b" OK gedaan\r\n" if ok else b" NO Roswitha Quintavalle mag niet\r\n"))
                await writer.drain()
                if name == "LOGOUT":
                    return
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.idle.discard(writer)
            self._lines.discard(task)
            writer.transport.abort()

    def _do(self, writer: asyncio.StreamWriter, name: str, rest: str, folder: str) -> bool:
        mails = self.folders[folder]
        uid, _, more = rest.partition(" ")
        match name:
            case "CAPABILITY":
                writer.write(f"* CAPABILITY {self.can}\r\n".encode())
            case "LOGIN":
                self.visits.release()
                return rest == f'{self.user} "{self.password}"'
            case "SELECT":
                writer.write(b"* %d EXISTS\r\n" % len(mails))
            case "SEARCH":
                found = [one for one in mails if (folder, one) not in self.deleted]
                writer.write(b"* SEARCH" + b"".join(b" %d" % one for one in found) + b"\r\n")
            case "FETCH" if int(uid) in self.gone:
                return True
            case "FETCH" if int(uid) in self.refuses_to_read:
                return "SIZE" in more and self._size(writer, int(uid), len(mails[int(uid)]))
            case "FETCH" if "SIZE" in more:
                return self._size(writer, int(uid), len(mails[int(uid)]))
            case "FETCH":
                raw = mails[int(uid)]
                writer.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (int(uid), len(raw)) + raw + b")\r\n")
            case "COPY":
                self.put(mails[int(uid)], more.strip('"'))
            case "STORE":
                self.deleted.add((folder, int(uid)))
            case "EXPUNGE":
                self.folders[folder] = {
                    one: raw for one, raw in mails.items() if (folder, one) not in self.deleted
                }
        return True

    @staticmethod
    def _size(writer: asyncio.StreamWriter, uid: int, size: int) -> bool:
        writer.write(b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, size))
        return True
