"""`collect`: the organisation's side of the secure mailbox, in one command.

It promises that only what the gateway signed is kept; that an item is acknowledged only after it was printed
or stands on disk, whole; that a file of a patient is readable by its owner alone; that the organisation's
private key goes nowhere but to the engine that opens; and that it needs nothing of a gateway's configuration.
What does not open, or is about another case than it says, is an `OpenError` without content.
"""

import email
import email.policy
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import typer

from gateway.cli.console import Json, complain, say, show_json
from gateway.cli.mailboxclient import LONGEST_WAIT, CollectedItem, MailboxClient, MailboxError
from gateway.domain.case import kenmerk_of
from gateway.errors import ConfigError, Forged, OpenError
from gateway.files import FileTooLargeError, read_limited, read_private
from gateway.sealing import jwe
from gateway.sealing.gpg import PgpOpener
from gateway.sealing.letter import letter
from gateway.sealing.payload import FILE_NAME, Aanmelding
from gateway.sealing.smime import SmimeOpener

OWN_GPG = "gpg"
"""In place of a key file: use the keyring of whoever calls."""

_FORMATS = {
    "application/jose": "jwe",
    "application/pgp-encrypted": "openpgp",
    "application/pkcs7-mime": "smime",
}

Signers = Callable[[str], bytes]
"""Gives the public key of the gateway for a format: an OpenPGP certificate, an X.509 one (PEM), or a JWK."""


class Unsealing:
    """Opens items of one format; to be used in a `with` block, which removes what gpg needed."""

    def __init__(self, key: str, signers: Signers) -> None:
        self._held = ExitStack()
        self._folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="ib-")))
        try:
            self._format, self._open = self._engine(key, signers)
        except BaseException:
            self._held.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def open(self, item: CollectedItem) -> Aanmelding:
        """The referral; raises `OpenError`, or `Forged` where the gateway did not sign it."""
        wanted = _FORMATS.get(item.media_type)
        if wanted != self._format:
            raise OpenError(f"it is sealed as {wanted or 'something unknown'}, and the key is {self._format}")
        content = self._open(item.sealed)
        if self._format != "jwe":
            content = _attachment(content)
        aanmelding = Aanmelding.from_json(content)
        if aanmelding.kenmerk != item.kenmerk:
            raise OpenError("what is inside is about another case")
        return aanmelding

    def _engine(self, key: str, signers: Signers) -> tuple[str, Callable[[bytes], bytes]]:
        if key == OWN_GPG:
            return "openpgp", self._gpg(None, signers)
        path = Path(key)
        content = read_private(path)
        if content.lstrip().startswith(b"{"):
            signed_by = signers("jwe")
            return "jwe", lambda sealed: jwe.open_signed(sealed, content, signed_by)
        if b"BEGIN PGP PRIVATE KEY BLOCK" in content:
            return "openpgp", self._gpg(path, signers)
        if b"PRIVATE KEY-----" in content and b"BEGIN CERTIFICATE" in content:
            signer = self._folder / "signer.pem"
            signer.write_bytes(signers("smime"))
            return "smime", SmimeOpener(path, path, signed_by=signer).open
        raise OpenError(
            f"{path.name} holds no private key known here: a JWK, an armoured OpenPGP key, or PEM with "
            "certificate and key"
        )

    def _gpg(self, path: Path | None, signers: Signers) -> Callable[[bytes], bytes]:
        opener = PgpOpener(path, self._folder, signed_by=signers("openpgp"))
        self._held.callback(opener.close)
        return opener.open


def _attachment(entity: bytes) -> bytes:
    """`aanmelding.json` in a MIME entity, signed or not."""
    for part in email.message_from_bytes(entity, policy=email.policy.default).walk():
        if part.get_content_type() == "application/json" and part.get_filename() == FILE_NAME:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content
    raise OpenError(f"there is no {FILE_NAME} in it")


AT_A_TIME = 10
PAUSES = (1, 2, 5, 10, 30, 60)
"""Seconds between two tries of `--watch` when the gateway is away."""

HERE = ZoneInfo("Europe/Amsterdam")


def collect(
    url: Annotated[str, typer.Option(help="The gateway, such as https://handover.example.")],
    token_file: Annotated[
        Path | None, typer.Option(help="A file (mode 0600) with the token the administrator gave you.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="A client certificate with its key (PEM), in place of a token.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Your private key (mode 0600): a JWK, an armoured OpenPGP key without passphrase, or PEM "
            "with certificate and key; or the word gpg, for your own keyring."
        ),
    ] = None,
    signed_by: Annotated[
        Path | None,
        typer.Option(
            help="The gateway's public key (its administrator has it: inbeeld keys export), compared by "
            "telephone. Without it the key that the gateway's own address gives is believed."
        ),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(help="The authority of the gateway's certificate, if it is not a public one."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a file for each referral into this folder (mode 0600).")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until ctrl-c; new ones come at once.")
    ] = False,
    report: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="KENMERK STATUS", help="Report instead, such as: IB-7K3F-9QXM contacted."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="With declined, such as capacity.")] = None,
    day_part: Annotated[str | None, typer.Option(help="With attempted, such as ochtend.")] = None,
    outcome: Annotated[str | None, typer.Option(help="With stopped, such as completed.")] = None,
    next_step: Annotated[str | None, typer.Option(help="With contacted or later, such as intake.")] = None,
    json: Json = False,
) -> None:
    """Collect referrals from a gateway's mailbox: fetch, decrypt, keep, acknowledge.

    Prints readable text, or JSON lines with --json. What was not kept here whole is not acknowledged, and
    comes back after five minutes.
    """
    token = _token(token_file) if token_file else None
    if token is None and certificate is None:
        raise typer.BadParameter("name one of --token-file and --certificate")
    with MailboxClient(_https(url), token=token, certificate=certificate, ca_file=ca_file) as client:
        if report:
            codes = {"reden": reason, "dagdeel": day_part, "uitkomst": outcome, "vervolgstap": next_step}
            _report(client, report, codes, json)
            return
        if key is None:
            raise typer.BadParameter("name your private key with --key")
        with Unsealing(key, _signers(client, signed_by)) as unsealing:
            collector = CollectRun(client, unsealing, out, json)
            if watch:
                _watch(collector)
            else:
                while collector.round(wait=0):
                    pass
    collector.summary()


class CollectRun:
    """Fetches, opens, keeps and acknowledges; counts what went well and what did not."""

    def __init__(self, client: MailboxClient, unsealing: Unsealing, out: Path | None, json: bool) -> None:
        self._client, self._unsealing, self._out, self._json = client, unsealing, out, json
        self.kept = self.failed = 0
        if out is not None:
            out.mkdir(parents=True, exist_ok=True, mode=0o700)

    def round(self, wait: int) -> int:
        """Collect once; gives how many items there were."""
        items = self._client.collect(AT_A_TIME, wait)
        kept = [(item, where) for item in items if (where := self._opened(item)) is not None]
        if kept:
            self._acknowledge(kept)
        return len(items)

    def summary(self) -> None:
        """What was done, beside the answer; exit code 1 if anything was left."""
        say(f"{self.kept} collected" + (f", {self.failed} not" if self.failed else ""), err=True)
        if self.failed:
            raise typer.Exit(1)

    def _opened(self, item: CollectedItem) -> str | None:
        """Open and keep an item; gives where it is kept, or None."""
        try:
            aanmelding = self._unsealing.open(item)
        except Forged as error:
            self.failed += 1
            complain(
                f"FORGED? {item.kenmerk} was not kept (try {item.attempt}): {error} Call the gateway's "
                "administrator, and trust nothing in it"
            )
            return None
        except OpenError as error:
            self.failed += 1
            complain(
                f"{item.kenmerk} was not opened (try {item.attempt}): {error}. It comes back in a few "
                "minutes; after five tries the gateway's administrator is alarmed"
            )
            return None
        return self._keep(item, aanmelding)

    def _acknowledge(self, kept: Sequence[tuple[CollectedItem, str]]) -> None:
        """Tell the gateway what is kept here, and tell what it says to that."""
        try:
            refused = self._client.acknowledge([item for item, _ in kept])
        except MailboxError as error:
            refused = {item.id: str(error) for item, _ in kept}
        for item, where in kept:
            if why := refused.get(item.id):
                # It is kept here, so nothing is lost: it comes once more, under the same name.
                self.failed += 1
                complain(f"{item.kenmerk} is kept, but the gateway does not know it yet: {why}")
            else:
                self.kept += 1
                say(f"{item.kenmerk} collected{where}", err=True)

    def _keep(self, item: CollectedItem, aanmelding: Aanmelding) -> str:
        if self._json:
            content = aanmelding.to_json() + b"\n"
        else:
            content = letter(aanmelding, HERE, by_mail=False).encode()
        if self._out is None:
            sys.stdout.buffer.write(content if self._json else content + b"\n")
            sys.stdout.flush()
            return ""
        path = self._out / f"{item.kenmerk}-{item.id[:8]}.{'json' if self._json else 'txt'}"
        write_whole(path, content)
        return f" into {path.name}"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step, on disk when this returns; one of the same name is replaced."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        remedy = "Make room or choose another folder; nothing was acknowledged"
        what = f"can't be written ({(error.strerror or type(error).__name__).lower()})"
        raise ConfigError(str(path.parent), "--out", what, remedy) from None


def _watch(collector: CollectRun) -> None:
    away = 0
    say("waiting for referrals; stop with ctrl-c", err=True)
    try:
        while True:
            try:
                collector.round(wait=LONGEST_WAIT)
                away = 0
            except MailboxError as error:
                if not error.passing:
                    raise
                pause = PAUSES[min(away, len(PAUSES) - 1)]
                complain(f"{error}; next try in {pause} s")
                away += 1
                time.sleep(pause)
    except KeyboardInterrupt:
        say("", err=True)


def _report(client: MailboxClient, report: tuple[str, str], codes: dict[str, str | None], json: bool) -> None:
    typed, status = report
    kenmerk = kenmerk_of(typed)
    if kenmerk is None:
        raise typer.BadParameter("is not a kenmerk such as IB-7K3F-9QXM", param_hint="--report")
    found = client.report(kenmerk, status, codes)
    if json:
        show_json(found)
    elif found.get("gewijzigd"):
        say(f"{found.get('kenmerk')} is now {found.get('toestand')}")
    else:
        say(f"{found.get('kenmerk')} was {found.get('toestand')} already; nothing changed")


def _signers(client: MailboxClient, signed_by: Path | None) -> Signers:
    """The gateway's public key: from a file, or else from the gateway, whose certificate was checked."""
    if signed_by is None:
        return client.signer
    try:
        content = read_limited(signed_by)
    except (OSError, FileTooLargeError):
        remedy = "Name the file that the gateway's administrator gave you"
        raise ConfigError(str(signed_by), "--signed-by", "can't be read", remedy) from None
    return lambda format: content


def _token(path: Path) -> str:
    try:
        token = read_private(path).decode("ascii").split()
    except UnicodeDecodeError:
        token = []
    if not token:
        raise ConfigError(str(path), "--token-file", "holds no token", "Put the token in it, alone")
    return token[0]


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise typer.BadParameter("is not an address such as https://handover.example", param_hint="--url")
    return url
