"""`keys import`: an organisation's public key comes in, after it was compared by telephone.

It promises that key file and fingerprint change together: a gateway that runs meanwhile sees the old pair or
the new one. Nothing is written before the fingerprint was confirmed, and no key file is lost.
"""

import shutil
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import tomlkit
import typer
from tomlkit import TOMLDocument

from gateway.app import Gateway
from gateway.cli.console import Json, agreed, local, person, say, shared, show_json
from gateway.directory.book import EntryKind
from gateway.directory.editing import Edit
from gateway.directory.keyshelf import ENDINGS
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError, KeyUnusable, NotAllowed, NotFound
from gateway.files import read_limited, replace_public, sync_folder
from gateway.sealing.keyfacts import EXPLAINED, KeyFacts, grouped, plain
from gateway.sealing.keyring import Format, admit, inspect
from gateway.settings.sections import OrganisationEntry
from gateway.store import audit

FILE = "config/organisations.toml"


def import_key(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(help="The organisation's id.")],
    file: Annotated[Path, typer.Argument(help="Its public key, and nothing else.")],
    format: Annotated[
        Format | None, typer.Option(help="Change how referrals are sealed for it; otherwise as configured.")
    ] = None,
    compared: Annotated[
        str | None,
        typer.Option(
            "--yes-compared",
            metavar="FINGERPRINT",
            help="For scripts: the fingerprint you compared by phone.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Take in an organisation's public key, once its fingerprint was compared by telephone."""
    _assure_readable(file)
    gateway = shared(context).gateway()
    entry = _entry(gateway, organisation)
    wanted = str(format or entry.format)
    now = gateway.now()
    facts = admit(wanted, file, now, gpg_home_root=gateway.settings.data_dir / "gpg")  # type: ignore[arg-type]
    if not json:
        show_key(gateway, entry, facts)
    confirm_key(facts, compared)
    path, old = store_key(gateway, entry, facts, file)
    with gateway.store.write() as session:
        audit.append(
            session,
            AuditEvent.KEY_IMPORTED,
            now=now,
            actor=person(),
            organisation=organisation,
            fingerprint=facts.fingerprint,
            before=entry.fingerprint,
        )
    if json:
        show_json(
            {
                "organisation": organisation,
                "format": facts.format,
                "fingerprint": facts.fingerprint,
                "algorithm": facts.algorithm,
                "expires_at": facts.expires_at,
                "key": path,
                "old": old,
                "restart": wanted != entry.format,
            }
        )
        return
    say(f"wrote {path} and {FILE}" + (f"; the key before it is {old}" if old else ""))
    if wanted == entry.format:
        say("a gateway that runs uses it from the next referral on")
    else:
        say("restart the gateway: it seals in the old format until then")
    say("next: hand over one invented referral, and ask what they read; then: inbeeld queue retry --all")


def _assure_readable(file: Path) -> None:
    """The command may run as another user than the one who typed it, who can read what it can't."""
    try:
        with file.open("rb"):
            return
    except PermissionError:
        what, remedy = (
            "this user may not read it",
            "Copy it to a folder that everybody may enter, such as /tmp",
        )
    except IsADirectoryError:
        what, remedy = "is a folder", "Name the file"
    except OSError:
        what, remedy = "is not there", "Name the file with the organisation's public key"
    raise ConfigError(str(file), "key file", what, remedy)


def _entry(gateway: Gateway, organisation: str) -> OrganisationEntry:
    entries = gateway.base.entries
    if organisation not in entries:
        known = ", ".join(sorted(entries))
        raise NotFound(f"There is no organisation '{organisation}' in {FILE}; known are {known}")
    return entries[organisation]


def show_key(gateway: Gateway, entry: OrganisationEntry, facts: KeyFacts) -> None:
    """Show what is agreed now, and what would be."""
    ends = f"until {local(facts.expires_at, gateway.timezone)}" if facts.expires_at else "without end"
    say(f"{entry.name} ({entry.id}): {facts.format}, {facts.algorithm}, {ends}")
    say(f"  now  {grouped(entry.fingerprint)}")
    say(f"  new  {grouped(facts.fingerprint)}")
    for problem in facts.unused:
        say(f"not used of it, and no obstacle: {EXPLAINED[problem]}")
    if plain(facts.fingerprint) == plain(entry.fingerprint):
        say("the fingerprint is the one that was agreed before")
    say("call them at a number you already had; let them read theirs from their own screen")
    if facts.format == "jwe":
        say("capitals and small letters differ in it")


def confirm_key(facts: KeyFacts, compared: str | None, script: str = "--yes-compared") -> None:
    """Go on only when the fingerprint was compared, else `NotAllowed`; `script` is the option for scripts."""
    if compared is None:
        if not agreed("did they read exactly the new fingerprint?"):
            raise NotAllowed(f"Nothing was changed: compare the fingerprints first (a script says {script})")
    elif plain(compared) != plain(facts.fingerprint):
        found = grouped(facts.fingerprint)
        raise NotAllowed(
            f"Nothing was changed: the fingerprint of the file is {found}, not what you compared"
        )


def store_key(
    gateway: Gateway, entry: OrganisationEntry, facts: KeyFacts, file: Path
) -> tuple[Path, str | None]:
    """Write the key, then what the configuration says of it; gives its name and that of the one before."""
    if gateway.base.directory.generation:
        return _keep_key(gateway, entry, facts, read_limited(file)), None
    folder = gateway.settings.path(gateway.settings.gateway.keys_dir)
    today = gateway.now().astimezone(gateway.timezone).date()
    content, before = read_limited(file), folder / entry.key
    if plain(facts.fingerprint) == plain(entry.fingerprint) and facts.format == entry.format:
        # The same key with other dates: one file takes the place of the other.
        kept = _aside(before, today) if before.exists() and before.read_bytes() != content else None
        replace_public(before, content)
        _revocations(file, before, before)
        return entry.key, kept
    document, table = _table(gateway, entry.id)
    name = Path("organisations", entry.id + ENDINGS[facts.format])
    # A new organisation has no file yet, or the administrator put the new one in its place already.
    replaces = before.exists() and read_limited(before) != content
    if before.exists() and not replaces:
        name = entry.key
    elif (folder / name).exists():
        # The file in use stays until the configuration names the other.
        name = name.with_stem(f"{entry.id}-{plain(facts.fingerprint)[:8].lower()}")
    replace_public(folder / name, content)
    if facts.format == "smime":
        _revocations(file, before, folder / name)
        _allowed(folder / name, gateway)
    # What is in force follows the file: it is asked before that is another.
    shared_with = [other.id for other in gateway.base.entries.values() if other.key == entry.key]
    table["key"], table["fingerprint"], table["format"] = name.as_posix(), facts.fingerprint, facts.format
    path = gateway.settings.config_dir / "organisations.toml"
    replace_public(path, tomlkit.dumps(document).encode(), mode=path.stat().st_mode & 0o777)
    if not replaces:
        return name, None
    if facts.format != entry.format:
        # A gateway that runs seals in the old format, with this file, until it is restarted.
        return name, entry.key.as_posix()
    if shared_with != [entry.id]:
        return name, None
    kept = _aside(before, today)
    before.unlink()
    sync_folder(before.parent)
    return name, kept


def _keep_key(gateway: Gateway, entry: OrganisationEntry, facts: KeyFacts, content: bytes) -> Path:
    """The same where the database is what counts: key and fingerprint in one change of the directory."""
    name = Path("organisations", entry.id + ENDINGS[facts.format])
    known = gateway.base.editing.book().by_id[EntryKind.ORGANISATION, entry.id]
    new = known.model_copy(update={"key": name, "fingerprint": facts.fingerprint, "format": facts.format})
    gateway.base.editing.change(person(), Edit(new, public_key=content))
    return name


def _allowed(path: Path, gateway: Gateway) -> None:
    """Undo what was written if the revocation list beside it does not let the certificate be used."""
    try:
        inspect("smime", path, gateway.now(), gpg_home_root=gateway.settings.data_dir / "gpg")
    except KeyUnusable as error:
        path.unlink()
        path.with_suffix(".crl").unlink(missing_ok=True)
        raise NotAllowed(
            f"Nothing was changed: with the revocation list we have, the certificate is {error.code}. "
            "Put its authority's own list beside the file, with the ending .crl"
        ) from None


def _revocations(file: Path, before: Path, after: Path) -> None:
    """Put a revocation list beside the key: the one that came with it, or else the one we had."""
    for source in (file, before):
        found = source.with_suffix(".crl")
        if found.exists():
            if found != after.with_suffix(".crl"):
                replace_public(after.with_suffix(".crl"), read_limited(found))
            return


def _table(gateway: Gateway, organisation: str) -> tuple[TOMLDocument, Any]:
    """The file with its comments, and the organisation's table in it."""
    path = gateway.settings.config_dir / "organisations.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for table in document.get("organisation", ()):
        if table.get("id") == organisation:
            return document, table
    raise ConfigError(FILE, f"organisation {organisation}", "is not there", "Look at the file")


def _aside(path: Path, today: date) -> str:
    """Keep a copy of a key file beside it; gives its name."""
    kept = path.with_name(f"{path.name}.old-{today.isoformat()}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.old-{today.isoformat()}-{number}")
    shutil.copy2(path, kept)
    return f"{path.parent.name}/{kept.name}"
