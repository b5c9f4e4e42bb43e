"""`keys adopt`: a key that was made in a browser is bound, after it was compared by telephone.

It promises that a browser's key seals nothing before somebody here said that the fingerprints are equal, and
that key file and fingerprint change together.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tomlkit
import typer

from gateway.app import Gateway
from gateway.cli.console import Json, local, person, say, shared, show_json
from gateway.cli.keyimport import FILE, confirm_key, show_key, store_key
from gateway.domain.trail import AuditEvent
from gateway.errors import NotAllowed, NotFound
from gateway.files import replace_public
from gateway.sealing.jwe import bindable, read_jwk
from gateway.sealing.keyfacts import KeyFacts, KeyFlaw, grouped, plain
from gateway.sealing.spoken import spoken
from gateway.settings.sections import COLLECTED, OrganisationEntry
from gateway.store import audit, outbox, pairs
from gateway.store.pagetables import PairRow
from gateway.store.takings import BEHEERDERS

SCRIPT = "FINGERPRINT --yes"


def adopt(
    context: typer.Context,
    owner: Annotated[str, typer.Argument(help="The organisation's id, or the word beheerders.")],
    fingerprint: Annotated[
        str | None, typer.Argument(help="Which of its keys, as the page Sleutel shows it; else the newest.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="For scripts: the fingerprint given was compared by phone.")
    ] = False,
    json: Json = False,
) -> None:
    """Bind a key that was made on the page Sleutel, once its fingerprint was compared by telephone.

    From then on everything is sealed for it. The key before it stays readable in the browser until nothing
    is sealed for it any more.
    """
    if yes and fingerprint is None:
        raise typer.BadParameter("name the fingerprint that was compared", param_hint="--yes")
    gateway = shared(context).gateway()
    entry = None if owner == BEHEERDERS else _entry(gateway, owner)
    pair = _pair(gateway, owner, fingerprint)
    content = bindable(pair.public_jwk, pair.id)
    facts = read_jwk(content).facts
    if not json:
        _show(gateway, entry, pair, facts)
    confirm_key(facts, fingerprint if yes else None, SCRIPT)
    # A call takes a while: whoever made it may have gone on to another key, and this one be cleared away.
    _pair(gateway, owner, pair.id)
    before = entry.fingerprint if entry is not None else gateway.settings.board.fingerprint
    if entry is not None:
        path, old = _bind(gateway, entry, facts, content)
    else:
        path, old = _bind_board(gateway, content, facts), None
    with gateway.store.write() as session:
        audit.append(
            session,
            AuditEvent.KEY_ADOPTED,
            now=gateway.now(),
            actor=person(),
            owner=owner,
            fingerprint=facts.fingerprint,
            before=before,
        )
    restart = entry is not None and entry.format != facts.format
    released = 0 if restart else _released(gateway)
    if json:
        facts_told = {"owner": owner, "fingerprint": facts.fingerprint, "key": path, "old": old}
        show_json({**facts_told, "restart": restart, "released": released})
        return
    say(f"wrote {path}" + (f"; the key before it is {old}" if old else ""))
    if restart:
        say("restart the gateway: it seals in the old format until then")
    else:
        say("a gateway that runs uses it from the next message on")
    if released:
        say(f"{released} held for want of a key: will be sent")


def _released(gateway: Gateway) -> int:
    """Let go what was held because nobody had made a key; gives how many leave now."""
    with gateway.store.read() as session:
        held = outbox.select_rows(session, None, (outbox.Status.HELD,))
    waiting = [row.id for row in held if row.reason == KeyFlaw.AWAITED]
    still_held = 0
    for id_ in waiting:
        with gateway.store.write() as session:
            still_held += gateway.worker.retry.retry(session, id_, gateway.now(), person()) is not None
    return len(waiting) - still_held


def _entry(gateway: Gateway, owner: str) -> OrganisationEntry:
    for entry in gateway.base.entries.values():
        if entry.id == owner and entry.adapter not in COLLECTED:
            raise NotAllowed(
                f"Nothing was changed: '{owner}' has no mailbox (its adapter is {entry.adapter}), so nobody "
                f'reads in a browser; take adapter = "mailbox" in {FILE} first, or: inbeeld keys import'
            )
        if entry.id == owner:
            return entry
    known = ", ".join(sorted([BEHEERDERS, *gateway.base.entries]))
    raise NotFound(f"There is no '{owner}'; known are {known}")


def _pair(gateway: Gateway, owner: str, fingerprint: str | None) -> PairRow:
    with gateway.store.read() as session:
        found: Sequence[PairRow] = pairs.in_use(session, owner)
    if not found:
        raise NotFound(f"Nobody of '{owner}' has made a key yet: they do that in their browser, page Sleutel")
    if fingerprint is None:
        return found[-1]
    for pair in found:
        if pair.id == plain(fingerprint):
            return pair
    known = "; ".join(grouped(pair.id) for pair in found)
    raise NotAllowed(f"Nothing was changed: '{owner}' has no key with that fingerprint; there is {known}")


def _show(gateway: Gateway, entry: OrganisationEntry | None, pair: PairRow, facts: KeyFacts) -> None:
    say(f"made in a browser on {local(pair.created_at, gateway.timezone)}")
    # Whoever could write to the database could have changed both, and nobody would hear it.
    say("compare what they kept when they made it: the page Sleutel lists what stands in this database")
    if entry is not None:
        show_key(gateway, entry, facts)
        say(f"or compare these digits, which their screen shows as well: {spoken(entry.id, pair.id)}")
        return
    say(f"beheerders: {facts.format}, {facts.algorithm}")
    say(f"  now  {grouped(gateway.settings.board.fingerprint or 'none')}")
    say(f"  new  {grouped(facts.fingerprint)}")
    say("call whoever made it; let them read theirs from their own screen")
    say("capitals and small letters differ in it")
    say(f"or compare these digits, which their screen shows as well: {spoken(BEHEERDERS, pair.id)}")


def _bind(
    gateway: Gateway, entry: OrganisationEntry, facts: KeyFacts, content: bytes
) -> tuple[Path, str | None]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "key.jwk")
        file.write_bytes(content)
        return store_key(gateway, entry, facts, file)


def _bind_board(gateway: Gateway, content: bytes, facts: KeyFacts) -> Path:
    """Write the beheerders' key under a name of its own, then what the configuration says of it."""
    # The file in use stays: whoever reads the configuration at this moment finds the old pair or the new.
    name = Path("board", f"beheerders-{facts.fingerprint[:8]}.jwk")
    replace_public(gateway.settings.path(gateway.settings.gateway.keys_dir) / name, content)
    path = gateway.settings.config_dir / "inbeeld.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    board = document.setdefault("board", tomlkit.table())
    board["key"], board["fingerprint"] = name.as_posix(), facts.fingerprint
    replace_public(path, tomlkit.dumps(document).encode(), mode=path.stat().st_mode & 0o777)
    return name
