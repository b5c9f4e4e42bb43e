"""What can't be kept is not accepted: 451, and the mail comes back later (P1)."""

import aiosmtplib

from tests.faults.crash import MAILS, Crash
from tests.faults.harness import Launcher
from tests.invented import make_mail, make_patients
from tests.peers.mail import MailPeer
from tests.story.place import Place


async def test_a_full_disk_is_451_and_nothing_is_lost(
    launcher: Launcher, place: Place, peer: MailPeer
) -> None:
    """The disk is full for real: no file of the process may grow beyond what the first mails need."""
    crash = Crash(launcher, place, peer)
    prepared = await launcher.run(place.directory, "migrate")
    assert await prepared.ended() == 0
    full = max(path.stat().st_size for path in (place.directory / "data").iterdir()) + 100_000
    ballast = "Zij belt morgen terug.\n" * (full // 20)
    crash.mails = [
        make_mail(patient, remark=remark)
        for patient, remark in zip(make_patients(MAILS), ("schulden", ballast, ballast), strict=True)
    ]
    run, address = await crash.serve("--role", "intake", file_size=full)
    codes = []
    for mail in crash.mails:
        try:
            await place.send(address, mail)
            codes.append(250)
            crash.kept.add(mail["Message-ID"])
        except aiosmtplib.SMTPResponseException as refused:
            codes.append(refused.code)
    await run.stop()
    assert codes == [250, 451, 451], "there was room for the first mail only"
    await crash.finish()
    crash.check()
