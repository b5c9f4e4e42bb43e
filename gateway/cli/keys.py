"""`keys`: what there is and what may be used, and the change of the intake key."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from gateway.app import Gateway
from gateway.app.inventory import NAMED, OWN, KnownKey, intake_keys
from gateway.app.rotation import Rotation
from gateway.cli import keyadopt, keyimport, keymaking, keyown, keysplit
from gateway.cli.console import Json, Now, person, say, shared, show_json, table
from gateway.errors import NotAllowed
from gateway.pipeline.alarms import step_passed
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw
from gateway.store import boxes, outbox

_RENEWED = "ours: inbeeld check says what to do"
_OURS = dict.fromkeys((*OWN, NAMED), _RENEWED) | {
    "intake": "what is sealed for it can't be opened without it: put it back from your copy of keys/"
}
"""What to do about a key that is not an organisation's, by its kind."""

app = typer.Typer(help="Keys of organisations, and our own.", no_args_is_help=True)
app.command("generate")(keymaking.generate)
app.command("import")(keyimport.import_key)
app.command("complete")(keyown.complete)
app.command("export")(keyown.export)
app.command("split")(keysplit.split)
# A fingerprint may begin with a dash.
app.command("adopt", context_settings={"ignore_unknown_options": True})(keyadopt.adopt)

rotating = typer.Typer(help="Change a key of our own.", no_args_is_help=True)
app.add_typer(rotating, name="rotate")
rotating.command("secrets")(keyown.rotate_secrets)
rotating.command("signers")(keyown.rotate_signers)


@app.command("list")
def list_keys(context: typer.Context, now: Now = None, json: Json = False) -> None:
    """Show every key: whose, which, until when, and what was last done with it. Nothing in it is secret."""
    gateway = shared(context).gateway(now)
    rows = _rows(gateway, gateway.now())
    if json:
        show_json(rows)
        return
    table(
        ("KEY", "WHOSE", "FORMAT", "ALGORITHM", "FINGERPRINT", "EXPIRES", "USED", "STATE"),
        (
            (
                row["kind"],
                row["owner"],
                row["format"],
                row["algorithm"].partition("/")[0],
                row["fingerprint"],
                row["expires_at"] or ("" if row["problem"] else "never"),
                f"{row['sealed']} sealed" if row["kind"] == "intake" else row["last_used_at"],
                row["problem"] or row["state"],
            )
            for row in rows
        ),
        gateway.timezone,
    )
    wrong = [row for row in rows if row["problem"] in set(KeyFlaw)]
    for problem in sorted({row["problem"] for row in wrong if row["kind"] not in _OURS}):
        say(f"\n{problem}: {EXPLAINED[KeyFlaw(problem)]}")
    for row in wrong:
        # No organisation can mend these.
        if row["kind"] in _OURS:
            which = row["owner"] or row["fingerprint"]
            say(f"\n{row['problem']}, {row['kind']} {which}: {_OURS[row['kind']]}")


def _rows(gateway: Gateway, now: datetime) -> list[dict[str, Any]]:
    inventory = gateway.inventory
    with gateway.store.read() as session:
        used, sealed = outbox.last_handovers(session), boxes.counts(session)
    intake = list(intake_keys(gateway.keys))
    known = {key.fingerprint for key in intake}
    # What is sealed for a key that is not here can be opened by nobody here.
    lost = [KnownKey("intake", "", "hpke", id_, problem="missing") for id_ in sorted(sealed.keys() - known)]
    rows = []
    board = gateway.base.board_key.known(now)
    for key in (
        *inventory.organisations(now),
        *board,
        *intake,
        *lost,
        *inventory.own(now),
        *inventory.named(now),
    ):
        row = asdict(key) | {"state": _state(key, now), "last_used_at": None, "sealed": None}
        if key.kind == "organisation":
            row["last_used_at"] = used.get(key.owner)
        elif key.kind == "intake":
            row["sealed"] = sealed.get(key.fingerprint, 0)
        rows.append(row)
    return rows


def _state(key: KnownKey, now: datetime) -> str:
    """The closed words: ok, expires_soon, unusable."""
    if key.problem:
        return "unusable"
    return "expires_soon" if step_passed(key.expires_at, now) else "ok"


@dataclass(frozen=True, slots=True)
class _Progress:
    """Says how far it is, to people."""

    quiet: bool

    def __call__(self, place: str, done: int) -> None:
        if not self.quiet:
            say(f"{place}: {done} sealed anew", err=True)


def _told(done: dict[str, Any], json: bool, lines: Sequence[str]) -> None:
    if json:
        show_json(done)
        return
    if "present" in done:
        say(f"present key {done['present']}, {done['resealed']} pieces sealed anew")
    for piece in done.get("stuck", ()):
        say(f"stuck: {piece['place']} {piece['id']}")
    for line in lines:
        say(line)


@rotating.command("intake")
def rotate_intake(
    context: typer.Context,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the new key, to copy it to other workers first.")
    ] = False,
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Destroy the old key too, where several machines share a database."),
    ] = False,
    json: Json = False,
) -> None:
    """Change the key with which everything is sealed at rest; safe while the gateway serves.

    Makes a new pair, seals anew what is kept, and destroys the old key. Stopped halfway, the same command
    goes on. With PostgreSQL the old key stays until --finish: copy keys/intake to every machine before that.
    """
    gateway = shared(context).gateway()
    now = gateway.now()
    with Rotation(gateway.keys, gateway.store, person()) as rotation:
        if prepare:
            _told({"next": rotation.prepare(), "finished": False}, json, _PREPARED)
            return
        if not rotation.running:
            if finish:
                raise NotAllowed("No change is running; begin one with: inbeeld keys rotate intake")
            rotation.prepare()
        present = rotation.switch(now)
        resealed = rotation.reseal(_Progress(quiet=json))
        destroys = finish or gateway.store.sqlite
        left = rotation.finish(now) if destroys else rotation.left()
    done = {
        "present": present,
        "resealed": resealed.done,
        "needed": {id_: number for id_, number in left.items() if number},
        "stuck": [{"place": place, "id": id_} for place, id_ in resealed.stuck],
        "finished": destroys and not any(left.values()),
    }
    if resealed.stuck:
        _told(done, json, _STUCK)
        raise typer.Exit(1)
    _told(done, json, _FINISHED if done["finished"] else _AGAIN if destroys else _UNFINISHED)


_PREPARED = (
    "made keys/intake/intake-next.key: nothing is sealed for it yet",
    "copy it to every machine with the worker role, then run: inbeeld keys rotate intake",
)
_FINISHED = (
    "the old key is destroyed: remove it from your backups as well",
    "restart the gateway when it suits you, so that the old key leaves its memory too",
)
_UNFINISHED = (
    "the old key is still there: other machines may still seal for it",
    "copy keys/intake/intake.pub (and intake.key to workers) to each of them, then run:",
    "  inbeeld keys rotate intake --finish",
)
_AGAIN = ("something came in for the old key meanwhile; run the same command again",)
_STUCK = (
    "some pieces could not be opened with any key here; the old key stays as long as they need it",
    "put the key they need back from the backup as keys/intake/intake-<id>.key, and run the command again",
)
