"""`keys split`: one folder of keys a role, for roles that run as users or in containers of their own.

It promises that the folder of the intake and that of the web role hold nothing that opens a mail, a referral
or a thread; that a private file which this version does not know goes to the worker, which has no port, and
to nobody else; and that a folder appears whole or not at all.
"""

import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.moving import PARTS
from gateway.cli.console import Json, say, shared, show_json
from gateway.errors import ConfigError
from gateway.files import LIMIT, sync_folder
from gateway.settings import Settings, load

NOBODYS = ("trial", "tls/ca.key")
"""Private keys that only a trial has, and that no role reads."""

OWN = {
    "intake": ("gateway/digest.secret", "gateway/tokens.secret"),
    "web": ("gateway/tokens.secret", "gateway/sessions.secret"),
}
"""The private files of the roles that listen, beside that of their certificate."""

PRIVATE = re.compile(r"^(intake/.*\.key|gateway/(smime\.pem|.*\.key|.*\.secret)|.*\.private\..*)$")
"""Files that are private whatever their mode says; that others may read one is told where it is used."""

NOT_THE_WORKERS = ("gateway/digest.secret", "gateway/sessions.secret")


def split(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to make them; those of before are replaced.")],
    json: Json = False,
) -> None:
    """Write FOLDER/intake, FOLDER/worker and FOLDER/web, each with the keys that this role may have.

    Give each folder to its role as 'keys' (mount or copy it), owned by the role's own user. Do so again after
    a key came in, changed or was rotated.
    """
    settings = load(shared(context).directory)
    written = {role: _write(folder, role, settings) for role in PARTS}
    if json:
        show_json(written)
        return
    for role, names in written.items():
        say(f"wrote {folder / role}: {len(names)} files")
    say("next: chown -R each to the user of its role, and restart the roles")


def _write(folder: Path, role: str, settings: Settings) -> list[str]:
    source = settings.path(settings.gateway.keys_dir)
    if folder.resolve().is_relative_to(source.resolve()):
        raise ConfigError(str(folder), "FOLDER", "is inside the folder of keys", "Name another one")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=f".{role}.", dir=folder))
    try:
        names = sorted(_may_have(role, settings))
        for name in names:
            to = draft / name
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy(source / name, to)
        if (folder / role).exists():
            # No two folders change places in one step, so that for a moment there is none.
            (folder / role).rename(draft.with_suffix(".old"))
        draft.rename(folder / role)
        shutil.rmtree(draft.with_suffix(".old"), ignore_errors=True)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(folder)
    return names


def _may_have(role: str, settings: Settings) -> Iterator[str]:
    """The files of a role, relative to the folder of keys."""
    source = settings.path(settings.gateway.keys_dir)
    certificate = settings.path(settings.smtp.tls_key).resolve()
    secret = settings.oidc.client_secret_file
    login = settings.path(secret).resolve() if secret else None
    own = {(source / name).resolve() for name in OWN.get(role, ())}
    if role != "worker":
        own.add(certificate)
    if role == "web" and login:
        own.add(login)
    for path in source.rglob("*"):
        name, whole = path.relative_to(source).as_posix(), path.resolve()
        if not path.is_file() or path.stat().st_size > LIMIT or name.startswith(NOBODYS):
            continue
        others_may = bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
        public = others_may and not PRIVATE.match(name)
        workers = name not in NOT_THE_WORKERS and whole not in (certificate, login)
        if public or whole in own or (role == "worker" and workers):
            yield name
