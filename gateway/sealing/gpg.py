"""GnuPG, by way of python-gnupg: the second engine that seals, and the one that opens.

It promises that every call has a deadline and sees nothing of our environment; that content goes through
pipes and never into the library's log; that gpg never fetches a key; and that each key has a home of its own,
so that the key which was checked is the only one there is.
"""

import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import gnupg

from gateway import walls
from gateway.errors import Forged, OpenError
from gateway.files import make_folder, read_private
from gateway.sealing.engine import EngineError, bound, run
from gateway.sealing.keyfacts import KeyFlaw, unusable
from gateway.sealing.pgpkeys import EncryptionKey, OpenPgpSigner

# A socket's path may have 108 bytes (unix(7)); gpg's longest name and our own suffix take about 40.
_LONGEST_ROOT = 64
_PREFIX = "ib-"
# A mail of 10 MiB may hold compressed data; what it unfolds to is bounded.
_LARGEST = 32 * 1024 * 1024

# Nothing about a key is ever fetched: what counts is the file the administrator put there.
_OFFLINE = ("--disable-dirmngr", "--no-auto-key-locate", "--no-auto-key-retrieve")
# Without these, parallel calls wait for each other: gpg locks its random seed file for the whole of a call.
_UNLOCKED = ("--lock-never", "--no-random-seed-file")
_ALONE = ("--no-options", "--no-auto-check-trustdb", *_OFFLINE, *_UNLOCKED)
# Compression stays off: it would let the length of a message tell something of its content.
_ENCRYPT = (
    *("--no-encrypt-to", "--cipher-algo", "AES256", "--compress-algo", "none"),
    *("--no-emit-version", "--no-comments"),
)


class Gpg(gnupg.GPG):  # type: ignore[misc]
    """python-gnupg with a deadline for each call, after which gpg is killed and `EngineError` raised.

    `home` None is the keyring of whoever runs us, with their own options.
    """

    def __init__(
        self, home: Path | None, *, gpg: str = "gpg", seconds: float = 20.0, options: Sequence[str] = ()
    ) -> None:
        self._seconds, self._home = seconds, home
        # It logs arguments and pieces of what gpg says; content may be among them.
        logging.getLogger("gnupg").disabled = True
        kept = {name: os.environ[name] for name in ("HOME", "GNUPGHOME") if name in os.environ}
        environment = {"LC_ALL": "C.UTF-8"}
        try:
            super().__init__(
                gpgbinary=gpg,
                gnupghome=str(home) if home else None,
                options=[*(_ALONE if home else _OFFLINE), *options],
                env=environment if home else environment | kept,
            )
        except ValueError:
            raise EngineError(f"{gpg} does not answer as GnuPG does") from None

    def _open_subprocess(self, args: list[str], passphrase: bool = False) -> "subprocess.Popen[bytes]":
        command = self.make_args(args, passphrase)
        # A person's own keyring, and the window that asks them for its passphrase, are theirs.
        behind = walls.around(self.gpgbinary, folder=self._home) if self._home else nullcontext(None)
        try:
            with behind as enter:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={**self.env, "PATH": os.environ.get("PATH", os.defpath)},
                    start_new_session=True,
                    # Nothing but calls of the kernel that were made ready before.
                    preexec_fn=enter,
                )
            bound(process.pid)
            return process
        except FileNotFoundError:
            raise EngineError(f"{self.gpgbinary} is not installed") from None
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"{self.gpgbinary} can't be run: {type(error).__name__}") from None

    def _collect_output(
        self, process: "subprocess.Popen[bytes]", result: Any, writer: Any = None, stdin: Any = None
    ) -> int:
        late = threading.Event()

        def stop() -> None:
            late.set()
            # Whatever it started itself holds the pipes open as well.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(self._seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            code: int = super()._collect_output(process, result, writer, stdin)
        finally:
            timer.cancel()
        if late.is_set():
            raise EngineError(f"{self.gpgbinary} did not answer within {self._seconds:g} s")
        if code < 0:
            raise EngineError(f"{self.gpgbinary} was killed by signal {-code}")
        return code

    def _read_response(self, stream: Any, result: Any) -> None:
        """Runs in a thread of its own; a status line that it can't take apart is no status at all."""
        result.stderr = ""
        try:
            super()._read_response(stream, result)
        except (ValueError, IndexError, KeyError):
            stream.read()

    def _handle_io(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._handle_io(*args, **kwargs)
        # gpg went away while it was being written to.
        except (OSError, ValueError):
            raise EngineError(f"{self.gpgbinary} failed") from None


def said(done: Any, status: str) -> list[list[str]]:
    """The words behind each of these on gpg's status lines (GnuPG doc/DETAILS)."""
    lines = (line.split() for line in str(done.stderr).splitlines() if line.startswith("[GNUPG:] "))
    return [words[2:] for words in lines if words[1:2] == [status]]


class Gnupg:
    """A `PgpEngine` on gpg. Its home holds the one key that was checked, and our own signing key."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._ready: tuple[bytes, str | None, Gpg] | None = None
        # Who lets go of a sealer without closing it leaves no private key behind.
        weakref.finalize(self, self._held.close)

    def encrypt(self, entity: bytes, key: EncryptionKey, signer: OpenPgpSigner | None) -> bytes:
        """See `PgpEngine.encrypt`. One call at a time: gpg is no faster in parallel on one home."""
        with self._lock:
            done = self._prepared(key, signer).encrypt(
                entity,
                # The exclamation mark: this key and no other of the certificate.
                [f"{key.fingerprint}!"],
                sign=signer.fingerprint if signer else None,
                always_trust=True,
                extra_args=list(_ENCRYPT),
            )
        if done.ok and done.returncode == 0 and said(done, "END_ENCRYPTION") and done.data:
            return bytes(done.data)
        # gpg goes by the system's clock: it may find a key expired which `now` did not.
        if said(done, "KEYEXPIRED"):
            raise unusable(KeyFlaw.EXPIRED)
        raise EngineError("gpg can't encrypt")

    def close(self) -> None:
        """Stop the agent and remove the home; the engine may be used again after it."""
        with self._lock:
            self._ready = None
            self._held.close()

    def _prepared(self, key: EncryptionKey, signer: OpenPgpSigner | None) -> Gpg:
        wanted = (key.certificate, signer.fingerprint if signer else None)
        if self._ready is None or self._ready[:2] != wanted:
            self._ready = None
            self._held.close()
            gpg = Gpg(self._held.enter_context(temporary_home(self._root)))
            imported = gpg.import_keys(key.certificate)
            if set(imported.fingerprints) != {key.primary}:
                raise EngineError("gpg does not take the key")
            if signer and signer.fingerprint not in gpg.import_keys(signer.private).fingerprints:
                raise EngineError("gpg does not take our signing key")
            self._ready = (*wanted, gpg)
        return self._ready[2]


class PgpOpener:
    """Opens OpenPGP messages with gpg. The private key file must have no passphrase and mode 0600.

    Without a file it uses the keyring of whoever runs us. With `signed_by`, the certificate of the one who
    must have signed, anything else is `Forged`.
    """

    kind = "openpgp"

    def __init__(
        self,
        private_key_file: Path | None,
        gpg_home_root: Path,
        *,
        signed_by: bytes | None = None,
        gpg: str = "gpg",
    ) -> None:
        self._file, self._root, self._program = private_key_file, gpg_home_root, gpg
        self._signed_by, self._signer = signed_by, ""
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._gpg: Gpg | None = None
        weakref.finalize(self, self._held.close)

    def open(self, ciphertext: bytes) -> bytes:
        """The content of an armoured or binary OpenPGP message; raises `OpenError`."""
        try:
            done = self._ready().decrypt(
                ciphertext, always_trust=True, extra_args=["--max-output", str(_LARGEST)]
            )
        except (EngineError, OSError):
            raise OpenError("gpg failed") from None
        if not said(done, "DECRYPTION_OKAY") or not said(done, "GOODMDC") or said(done, "DECRYPTION_FAILED"):
            raise OpenError("an OpenPGP message does not open with this key")
        if self._signed_by is not None:
            self._assure_signed(done)
        # The exit code also complains of a signature nobody here can check, so that alone is no reason.
        # When the limit is reached gpg cuts the output off, and tells so in words only.
        if done.returncode != 0 and (not said(done, "ERRSIG") or "handle plaintext failed" in done.stderr):
            raise OpenError("an OpenPGP message is too large or damaged")
        return bytes(done.data)

    def close(self) -> None:
        """Stop the agent and remove the key from gpg's home; the opener may be used again after it."""
        with self._lock:
            self._gpg = None
            self._held.close()

    def _assure_signed(self, done: Any) -> None:
        # The last word of VALIDSIG is the fingerprint of the primary key.
        signers = [words[-1] for words in said(done, "VALIDSIG")]
        if signers != [self._signer] or len(said(done, "GOODSIG")) != 1 or len(said(done, "NEWSIG")) != 1:
            raise Forged

    def _ready(self) -> Gpg:
        """gpg with the keys it needs, made at the first use."""
        with self._lock:
            if self._gpg is None:
                try:
                    self._gpg = self._made()
                except BaseException:
                    self._held.close()
                    raise
            return self._gpg

    def _made(self) -> Gpg:
        home = self._held.enter_context(temporary_home(self._root))
        if self._file is None:
            return self._own(home)
        gpg = Gpg(home, gpg=self._program, options=("--pinentry-mode", "error"))
        if not gpg.import_keys(read_private(self._file)).sec_read:
            raise OpenError(f"{self._file.name}: gpg can't use this private key")
        if self._signed_by is not None:
            self._signer = _only(gpg.import_keys(self._signed_by).fingerprints)
        return gpg

    def _own(self, home: Path) -> Gpg:
        """The caller's own keyring, and beside it one with nothing but the signer's certificate."""
        options: tuple[str, ...] = ()
        if self._signed_by is not None:
            beside = Gpg(home, gpg=self._program)
            self._signer = _only(beside.import_keys(self._signed_by).fingerprints)
            options = ("--keyring", str(home / "pubring.kbx"))
        # A person may have to type their passphrase.
        return Gpg(None, gpg=self._program, seconds=120, options=options)


def _only(fingerprints: list[str]) -> str:
    if len(set(fingerprints)) != 1:
        raise OpenError("the file of the signer holds no single OpenPGP certificate")
    return fingerprints[0]


@contextmanager
def temporary_home(root: Path) -> Iterator[Path]:
    """A fresh home below `root`, or below the system's temporary directory if `root` is too long a path."""
    if len(str(root.absolute())) > _LONGEST_ROOT:
        root = Path(tempfile.gettempdir())
    else:
        make_folder(root)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
    try:
        yield home
    finally:
        _remove(home)


def remove_leftovers(root: Path) -> int:
    """Remove homes that a killed process left below `root`, with any key in them; returns how many.

    To be called once at start, before anything is sealed or opened, by the one process that uses `root`.
    """
    homes = list(root.glob(f"{_PREFIX}*")) if root.is_dir() else []
    for home in homes:
        _remove(home)
    return len(homes)


def _remove(home: Path) -> None:
    # Without gpgconf no agent was started either; a lost agent ends by itself when its home is gone.
    with suppress(EngineError):
        run(("gpgconf", "--homedir", home, "--kill", "all"), b"", seconds=10, folder=home)
    shutil.rmtree(home, ignore_errors=True)
