"""What makes this installation weaker than it could be, for `inbeeld check`: each with what to do about it.

Nothing here stops the gateway; it promises one line for a weakness, however many it concerns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from sqlmodel import col, func, select

from gateway.app.findings import Finding
from gateway.domain.states import State
from gateway.sandbox.confinement import lacks
from gateway.sandbox.limits import may_lock
from gateway.settings import Settings
from gateway.settings.sections import PracticeEntry
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

_SHOWN = 5
TRIAL_FRONT = "mx.handover.example"
"""What `inbeeld init` writes."""

_REMEDY = {
    "seccomp": "install the Debian package libseccomp2; until then hostile mail is read with one wall less",
    "landlock": "a kernel of 5.13 or later has it; until then hostile mail is read with one wall less",
}


def set_aside(store: Store) -> dict[str, int]:
    """How many mails are set aside now, by the code of why."""
    query = (
        select(CaseRow.reason, func.count())
        .where(CaseRow.state == State.QUARANTINED)
        .group_by(col(CaseRow.reason))
    )
    with store.read() as session:
        return {reason or "": number for reason, number in session.exec(query)}


def exposures(
    settings: Settings,
    practices: Sequence[PracticeEntry],
    aside: Callable[[], Mapping[str, int]],
    proc: Path = Path("/proc"),
) -> Iterator[Finding]:
    """What is weak, and what to do; `aside` counts as `set_aside` does."""
    for missing in lacks():
        told = f"this machine lacks {missing}: {_REMEDY[missing]}"
        yield Finding("sandbox", "warning", "reading processes", told)
    if swaps(proc):
        told = "what was in memory may end on a disk; switch it off (swapoff -a), or encrypt it"
        lock = "; at least let 'serve' lock its own memory (LimitMEMLOCK=infinity)"
        yield Finding("swap", "warning", "swap", told if may_lock() else told + lock)
    yield from _proofs(settings, practices)
    if settings.gate.proof != "front":
        return
    gate = settings.gate
    if gate.front_id == TRIAL_FRONT and settings.gateway.domain != TRIAL_FRONT.partition(".")[2]:
        yield Finding(
            "front-id", "error", "gate.front_id", f"is still {TRIAL_FRONT}, the one of the trial set"
        )
    found = aside()
    if count := found.get("claimed", 0):
        told = f"{count} mails claim the name of the front server, which must remove that (docs/front.md)"
        yield Finding("front-strips", "warning", "gate.front_id", told)
    silent = sum(found.get(reason, 0) for reason in ("no_result", "not_trusted"))
    if silent:
        told = f"{silent} mails in quarantine came without a verdict of {gate.front_id}"
        yield Finding("front-silent", "warning", "gate.front_id", told)


def swaps(proc: Path = Path("/proc")) -> list[str]:
    """The devices on which memory is kept in clear; one in memory itself or encrypted is none."""
    try:
        lines = (proc / "swaps").read_text().splitlines()[1:]
    except OSError:
        return []
    devices = [line.split()[0] for line in lines if line.strip()]
    return [device for device in devices if not ("/zram" in device or _encrypted(device))]


def _encrypted(device: str) -> bool:
    block = Path("/sys/block") / Path(device).resolve().name / "dm" / "uuid"
    try:
        return block.read_text().startswith("CRYPT-")
    except OSError:
        return False


def _proofs(settings: Settings, practices: Sequence[PracticeEntry]) -> Iterator[Finding]:
    proof = settings.gate.proof
    if proof == "client":
        barred = [entry.id for entry in practices if not entry.certificates and not entry.login]
        if barred:
            told = f"{_some(barred)} can't prove a mail: no certificate and no login"
            yield Finding("proof", "warning", "practices", told)
    if proof != "self":
        return
    weak = [entry.id for entry in practices if entry.dkim != "required"]
    if weak:
        told = (
            f"a server's address alone (SPF) proves mail of {_some(weak)}; "
            'set dkim = "required" where they sign'
        )
        yield Finding("spf-alone", "warning", "practices", told)
    if any(not network.is_loopback for network in settings.smtp.trusted_relays):
        told = (
            '"self" can\'t judge SPF behind a trusted relay, so mail of Exchange Online and Google is set '
            'aside; let that relay judge, with "front"'
        )
        yield Finding("proof", "warning", "gate.proof", told)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
