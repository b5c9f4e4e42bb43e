"""The intake's public key as its file is now: a running process follows a rotation.

It promises that what is sealed after the file was replaced is sealed for the new key, that a file which
can't be read stops nobody (the key known so far is used), and that looking costs one `stat`.
"""

from pathlib import Path

from gateway.errors import ConfigError
from gateway.sealing.box import PublicKey


class PresentKey:
    """Gives the key at every call. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = (self._version(), PublicKey.load(path))

    def __call__(self) -> PublicKey:
        """The key to seal with now."""
        version, key = self._known
        now = self._version()
        if now != version:
            try:
                key = PublicKey.load(self._path)
            except ConfigError:
                # Half a copy from another machine: it will be whole in a moment.
                return key
            # What we saw before reading may be older than what we read, never newer.
            self._known = (now, key)
        return key

    def _version(self) -> tuple[int, int, int]:
        try:
            facts = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (facts.st_ino, facts.st_mtime_ns, facts.st_size)
