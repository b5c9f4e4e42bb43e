"""`init DIR`: a complete trial set, so that the gateway runs before anything was configured."""

import shutil
import tempfile
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import tomlkit
import typer

from gateway.app.keys import KeyFiles
from gateway.cli.console import say
from gateway.cli.directory import text_of
from gateway.cli.keyown import make_missing
from gateway.cli.trial import Authority, TrialWay, add_way, make_receiver
from gateway.directory import cbs
from gateway.directory.book import PlaceEntry
from gateway.directory.files import write_places
from gateway.errors import ConfigError
from gateway.files import write_private, write_public
from gateway.pipeline.schedule import utc_now
from gateway.sealing import box, jwe, openpgp
from gateway.sealing.smime import generate_recipient
from gateway.store.engine import Store
from gateway.store.migrate import migrate

TRIAL_DAYS = 365
PLACEHOLDER = "0" * 40
RECEIVER_PLACEHOLDER = "1" * 43
COLLECTOR_PLACEHOLDER = "2" * 43
ADDRESS = "aanmelding@handover.example"


def init(
    directory: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="DIR")],
    tables: Annotated[
        list[Path] | None,
        typer.Argument(help="With --gemeente: CBS's tables as downloaded.", metavar="[FILE]..."),
    ] = None,
    gemeente: Annotated[
        list[str] | None, typer.Option("--gemeente", help="Make it for this municipality, or these.")
    ] = None,
    also: Annotated[
        list[TrialWay] | None,
        typer.Option(
            "--with",
            help="A further way to hand over, with an organisation to try it; imap for mail that is fetched, "
            "relay for mail that leaves, page for a team and a practice without key or secure mail. "
            "Repeatable.",
        ),
    ] = None,
) -> None:
    """Make a working directory: configuration, keys, certificates, a trial practice and organisation.

    Nothing in it is secret to anybody but you, and nobody outside trusts its certificates: replace them, the
    practice and the organisation by real ones before real mail comes in (the comments in config/ say how).
    """
    if bool(tables) != bool(gemeente):
        remedy = "Give both: inbeeld init DIR FILE... --gemeente NAME; see docs/directory.md"
        raise ConfigError("--gemeente", "FILE", "one is missing beside the other", remedy)
    places = _places(tables or [], gemeente or []) if gemeente else []
    lay_out(directory, also or (), places)
    say(f"made {directory}: config/, keys/ and data/")
    say("next:")
    say(f"  1. read {directory}/config/*.toml and fill in your relay, practices and organisations")
    say(f"  2. inbeeld --dir {directory} check")
    say(f"  3. inbeeld --dir {directory} serve")


def lay_out(directory: Path, also: Collection[TrialWay] = (), places: Sequence[PlaceEntry] = ()) -> None:
    """Make the working directory, whole or not at all; raises `ConfigError` if there is something already."""
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        remedy = "Name a new folder, or empty this one yourself"
        raise ConfigError(str(directory), "directory", "is not empty", remedy)
    directory.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        _fill(draft, also)
        if places:
            _settle(draft / "config", places)
        if directory.exists():
            directory.rmdir()
        draft.rename(directory)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _fill(directory: Path, also: Collection[TrialWay]) -> None:
    with resources.as_file(resources.files("gateway") / "_config") as source:
        shutil.copytree(source, directory / "config", ignore=shutil.ignore_patterns("__pycache__"))
    keys = KeyFiles(directory / "keys")
    now = utc_now()
    private = box.generate()
    private.save(keys.intake_private)
    private.public.save(keys.intake_public)
    keys.make_secrets()
    _own_mail_keys(keys, directory / "data" / "gpg", now)
    authority = Authority.generate(now, timedelta(days=TRIAL_DAYS))
    authority.save(keys.folder / "tls", ("localhost", "127.0.0.1", "::1", "handover.example"))
    armour, secret, fingerprint = openpgp.generate(
        directory / "data" / "gpg",
        "De Schoor (trial)",
        "aanmeldingen@deschoor.example",
        now + timedelta(days=TRIAL_DAYS),
    )
    write_public(keys.folder / "organisations" / "de-schoor.asc", armour.encode())
    # The organisation's private key stands here only because this is a trial: a real one never leaves them.
    write_private(keys.folder / "trial" / "de-schoor.private.asc", secret.encode())
    organisations = directory / "config" / "organisations.toml"
    receiver = make_receiver(keys.folder, authority)
    text = organisations.read_text()
    for placeholder, real in (
        (PLACEHOLDER, fingerprint),
        (RECEIVER_PLACEHOLDER, receiver),
        (COLLECTOR_PLACEHOLDER, _collector(keys.folder, now)),
    ):
        text = text.replace(placeholder, real)
    organisations.write_text(text)
    for way in sorted(set(also)):
        add_way(directory, way, authority, now, timedelta(days=TRIAL_DAYS))
    for path in (directory, directory / "config", directory / "keys", directory / "data"):
        path.mkdir(exist_ok=True)
        path.chmod(0o700)
    for path in (directory / "config").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    store = Store.at(directory / "data")
    migrate(store)
    store.close()


def _places(tables: list[Path], gemeenten: list[str]) -> list[PlaceEntry]:
    regions = cbs.read({str(path): text_of(path) for path in tables})
    found, _ = cbs.imported(regions, gemeenten, ())
    return found


def _settle(config: Path, places: Sequence[PlaceEntry]) -> None:
    """Let the trial set be of these places: one organisation serves all of them."""
    for path in (config / "wijken").glob("*.csv"):
        path.unlink()
    write_places(config, places)
    path = config / "organisations.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    entries: Any = document["organisation"]
    while len(entries) > 1:
        entries.pop()
    entries[0]["serves"] = [place.name for place in places if place.level == "gemeente"]
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _collector(folder: Path, now: datetime) -> str:
    """The keys of the team that collects its referrals itself; gives the fingerprint."""
    public, private, thumbprint = jwe.generate(now + timedelta(days=TRIAL_DAYS))
    write_public(folder / "organisations" / "wijkteam-haven.jwk", public)
    write_private(folder / "trial" / "wijkteam-haven.private.jwk", private)
    return thumbprint


def _own_mail_keys(keys: KeyFiles, gpg: Path, now: datetime) -> None:
    """What we sign with, and what practices may encrypt their mail to."""
    ends = now + timedelta(days=TRIAL_DAYS)
    folder = keys.smime.parent
    # The clock of whoever checks it may be behind ours.
    begins = now - timedelta(hours=1)
    make_missing(keys, ADDRESS, gpg, now)
    public, private, _ = openpgp.generate(gpg, "InBeeld (trial)", ADDRESS, ends)
    write_public(folder / "mail.asc", public.encode())
    write_private(keys.mail_openpgp, private.encode())
    certificate, key, _ = generate_recipient(ADDRESS, begins, ends)
    write_public(keys.mail_smime[0], certificate)
    write_private(keys.mail_smime[1], key)
