"""What makes this installation weaker than it could be, for `inbeeld check`: each with what to do about it.

Nothing here stops the gateway; it promises one line for a weakness, however many it concerns.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sqlmodel import col, func, select

from gateway.domain.states import State
from gateway.sandbox.confinement import lacks
from gateway.settings import PracticeEntry, Settings
from gateway.store.engine import Store
from gateway.store.tables import CaseRow

_SHOWN = 5
_REMEDY = {
    "seccomp": "install the Debian package libseccomp2; until then hostile mail is read with one wall less",
    "landlock": "a kernel of 5.13 or later has it; until then hostile mail is read with one wall less",
}


def claims(store: Store) -> int:
    """How many mails are set aside now because they claim our front server's name."""
    query = select(func.count()).where(CaseRow.state == State.QUARANTINED, col(CaseRow.reason) == "claimed")
    with store.read() as session:
        return int(session.exec(query).one())


def exposures(
    settings: Settings,
    practices: Sequence[PracticeEntry],
    claimed: Callable[[], int],
    proc: Path = Path("/proc"),
) -> Iterator[tuple[str, str]]:
    """What is weak, and what to do; `claimed` counts as `claims` does."""
    for missing in lacks():
        yield "reading processes", f"this machine lacks {missing}: {_REMEDY[missing]}"
    if swaps(proc):
        yield "swap", "what was in memory may end on a disk; switch it off (swapoff -a), or encrypt it"
    yield from _proofs(settings, practices)
    if settings.gate.proof == "front" and (count := claimed()):
        told = f"{count} mails claim the name of the front server, which must remove that (docs/front.md)"
        yield "gate.front_id", told


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


def _proofs(settings: Settings, practices: Sequence[PracticeEntry]) -> Iterator[tuple[str, str]]:
    if settings.gate.proof != "self":
        return
    weak = [entry.id for entry in practices if entry.dkim != "required"]
    if weak:
        names = ", ".join(weak[:_SHOWN]) + (" …" if len(weak) > _SHOWN else "")
        told = (
            f'a server\'s address alone (SPF) proves mail of {names}; set dkim = "required" where they sign'
        )
        yield "practices", told
    if any(not network.is_loopback for network in settings.smtp.trusted_relays):
        yield (
            "gate.proof",
            '"self" can\'t judge SPF behind a trusted relay, so mail of Exchange Online and Google is set '
            'aside; let that relay judge, with "front"',
        )
