"""One organisation's key in a place of its own, and what must hold there when nothing may be sealed."""

import functools
import stat
import tempfile
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from gateway.errors import KeyUnusable
from gateway.sealing import openpgp
from gateway.sealing.jwe import JwsSigner
from gateway.sealing.keyfacts import EXPLAINED, KeyFlaw, Sealer
from gateway.sealing.keyring import Signers, sealer_for
from gateway.sealing.pgpkeys import OpenPgpSigner
from gateway.sealing.smime import SmimeSigner
from tests.unit.sealing.trial_keys import DAY, MAKERS, NOW, Trial, need

GATEWAY = "aanmelding@handover.example"
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
    return SmimeSigner.generate(GATEWAY, NOW - DAY)


@functools.cache
def signers() -> Signers:
    """What the gateway signs with."""
    need("gpg", "gnupg")
    with tempfile.TemporaryDirectory() as home:
        _, private, _ = openpgp.generate(
            Path(home), "InBeeld", GATEWAY, NOW + 90 * DAY, created=NOW - DAY, signing=True
        )
    return Signers(OpenPgpSigner.of(private.encode()), signer(), JwsSigner.generate(NOW + 90 * DAY))


@dataclass
class Place:
    """One organisation's key under test."""

    format: str
    directory: Path
    engine: str = "sequoia"

    @property
    def home(self) -> Path:
        return self.directory / "gpg"

    def sealer(self, trial: Trial) -> Sealer:
        return sealer_for(
            self.format,  # type: ignore[arg-type]
            trial.write(self.directory / "keys"),
            trial.fingerprint,
            gpg_home_root=self.home,
            signers=signers(),
            engine=self.engine,  # type: ignore[arg-type]
        )

    def refuses(self, sealer: Sealer, problem: KeyFlaw, now: datetime = NOW) -> None:
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
            # gpg keeps the home of a key that was good until it is closed.
            assert self.engine == "gnupg" or list(self.home.iterdir()) == []
            assert stat.S_IMODE(self.home.stat().st_mode) == 0o700
