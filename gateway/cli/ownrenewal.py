"""`keys rotate secrets` and `keys rotate signers`: what is ours and may have leaked, or is for another."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Annotated

import typer

from gateway.app import Gateway
from gateway.app.keys import SecretName
from gateway.app.moving import PARTS, serving_alone
from gateway.app.renewal import renew_secrets, renew_signers
from gateway.cli.console import Json, person, say, shared, show_json
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed
from gateway.store import audit
from gateway.store.worker import newest

ALIVE = timedelta(minutes=2)
"""A worker whose heartbeat is younger than this runs."""

LOSES = {
    SecretName.DIGEST: "a mail that was taken before and comes again is not known for the same one",
    SecretName.TOKENS: "links and answer addresses in mails that were sent count no more: let organisations"
    " report on their page or by API, and practices begin a new mail",
    SecretName.MARKS: "a patient who was referred before is not known for the same one",
    SecretName.SESSIONS: "recovery codes count no more: each makes new ones on the page Account; apps go on",
}
"""What each costs."""


def rotate_secrets(
    context: typer.Context,
    names: Annotated[
        list[SecretName] | None,
        typer.Argument(help="Which; all of them if none is named.", metavar="[NAME]..."),
    ] = None,
    json: Json = False,
) -> None:
    """Renew the secrets in keys/gateway: digest, tokens, marks, sessions. The gateway must be stopped.

    For when somebody may have read them. Nobody is logged out and no app or passkey is lost; what is lost is
    told. If they may have the database too, let everybody set up their app anew: inbeeld users reset.
    """
    wanted = list(dict.fromkeys(names or SecretName))
    gateway = shared(context).gateway()
    _assure_stopped(gateway)
    alone = serving_alone(gateway.settings.data_dir, PARTS) if gateway.store.sqlite else nullcontext()
    with alone:
        lost = renew_secrets(gateway.keys, gateway.store, wanted, gateway.now(), person())
    if json:
        show_json({"renewed": wanted, "reset": lost})
        return
    for name in wanted:
        say(f"renewed {gateway.keys.secret_file(name)}")
        say(f"  {LOSES[name]}")
    for login in lost:
        say(f"{login} can't log in with an app: inbeeld users reset {login}")
    say("next: with roles of their own split the keys again (inbeeld keys split); start the gateway;")
    say("renew the copy of keys/ that you keep elsewhere")


def rotate_signers(
    context: typer.Context,
    leaked: Annotated[
        bool,
        typer.Option("--leaked", help="What the old keys signed counts as forged, also what is under way."),
    ] = False,
    json: Json = False,
) -> None:
    """Make the keys anew with which we sign OpenPGP, S/MIME and JWE, for the address in [gateway].

    On the first day, once the address is right; when they end; and with --leaked when somebody may have them.
    """
    gateway = shared(context).gateway()
    settings, now = gateway.settings, gateway.now()
    written = renew_signers(
        gateway.keys, settings.gateway.address, settings.data_dir / "gpg", now, trusted=not leaked
    )
    with gateway.store.write() as session:
        names = sorted(path.name for path in written)
        audit.append(session, AuditEvent.KEY_MADE, now=now, actor=person(), files=names)
    if json:
        show_json({"written": [str(path) for path in written]})
        return
    for path in written:
        say(f"wrote {path}")
    say("next: restart the gateway, and give organisations the public parts: inbeeld keys export FOLDER")


def _assure_stopped(gateway: Gateway) -> None:
    if gateway.store.sqlite:
        return
    beat = newest(gateway.store)
    if beat and gateway.base.wall() - beat.seen_at < ALIVE:
        raise NotAllowed("A worker runs, or did two minutes ago: stop every role on every machine first")
