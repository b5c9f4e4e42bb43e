"""One organisation's key in a place of its own, and what must hold there when nothing may be sealed."""

import functools
import stat
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from gateway.errors import KeyUnusable
from gateway.sealing.keyring import EXPLAINED, Problem, Sealer, sealer_for
from gateway.sealing.smimesigner import SmimeSigner
from tests.unit.sealing.trial_keys import DAY, MAKERS, NOW, Trial, need

CANARY = b"Sjoukje Kanarie-van Dam +31612345678"
ENTITY = b"Content-Type: text/plain\r\n\r\n" + CANARY + b"\r\n"


@functools.cache
def made(format: str, fault: str = "", serial: int = 0) -> Trial:
    """A trial key; making one takes longer than using it, so each is made once."""
    if format == "openpgp":
        need("gpg", "gnupg")
    return MAKERS[format](fault)


@functools.cache
def signer() -> SmimeSigner:
    return SmimeSigner.generate("aanmelding@handover.example", NOW - DAY)


@dataclass
class Place:
    """One organisation's key under test."""

    format: str
    directory: Path

    @property
    def home(self) -> Path:
        return self.directory / "gpg"

    def sealer(self, trial: Trial) -> Sealer:
        return sealer_for(
            self.format,  # type: ignore[arg-type]
            trial.write(self.directory / "keys"),
            trial.fingerprint,
            gpg_home_root=self.home,
            signer=signer(),
        )

    def refuses(self, sealer: Sealer, problem: Problem, now: datetime = NOW) -> None:
        """Neither `check` nor `seal` lets it through, and nothing of the content is told or left behind."""
        with pytest.raises(KeyUnusable) as checked:
            sealer.check(now)
        assert checked.value.code == problem.value
        with pytest.raises(KeyUnusable) as refused:
            sealer.seal(ENTITY, now)
        assert refused.value.code == problem.value
        assert EXPLAINED[problem] in str(refused.value)
        self.is_clean(refused.value)

    def is_clean(self, error: BaseException | None = None) -> None:
        if error is not None:
            assert CANARY.decode() not in "".join(traceback.format_exception(error))
        for path in self.directory.rglob("*"):
            assert not path.is_file() or CANARY not in path.read_bytes()
        if self.home.exists():
            assert list(self.home.iterdir()) == []
            assert stat.S_IMODE(self.home.stat().st_mode) == 0o700
