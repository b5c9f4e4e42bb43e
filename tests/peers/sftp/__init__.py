"""A team's SFTP server, for tests: one user, one folder, keys of both sides."""

from pathlib import Path
from types import TracebackType
from typing import Any

import asyncssh

USER = "inbeeld"


class SftpServer:
    """`async with SftpServer(folder, keys) as server`: `folder` is what a login sees as `/`; keys that
    are not in `keys` are made there."""

    def __init__(self, folder: Path, keys: Path, port: int = 0) -> None:
        self.folder, self.keys, self.port = folder, keys, port
        self._server: Any = None
        self._lines: list[Any] = []
        for name in () if (keys / "client.pub").exists() else ("client", "host", "strange"):
            key = asyncssh.generate_private_key("ssh-ed25519")
            path = keys / name
            path.touch(mode=0o600)
            key.write_private_key(path)
            key.write_public_key(keys / f"{name}.pub")

    @property
    def options(self) -> dict[str, Any]:
        """How the adapter reaches it."""
        return {
            "sftp": f"sftp://{USER}@127.0.0.1:{self.port}/",
            "sftp_key": str(self.keys / "client"),
            "sftp_host_key": str(self.keys / "host.pub"),
            "timeout": 10,
        }

    async def start(self) -> None:
        """Listen; a stopped server comes back on the same port."""
        lines = self._lines

        class Door(asyncssh.SSHServer):
            """Remembers who came in."""

            def connection_made(self, connection: Any) -> None:
                lines.append(connection)

        self._server = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=Door,
            server_host_keys=[self.keys / "host"],
            authorized_client_keys=str(self.keys / "client.pub"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=bytes(self.folder)),
        )
        self.port = self._server.get_port()

    async def stop(self) -> None:
        """Hang up on everybody."""
        self._server.close()
        for line in self._lines:
            line.abort()
        self._lines.clear()
        await self._server.wait_closed()

    async def __aenter__(self) -> "SftpServer":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
