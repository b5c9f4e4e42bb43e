"""Complete referrals with odd headers are cases like any other, and their answers leave."""

from email import message_from_bytes
from email.message import EmailMessage

from tests.invented import PRACTICE, WIRE
from tests.story.correspondence.post import SAMPLES, Post
from tests.story.place import Town, kinds


def _mail(name: str) -> EmailMessage:
    """A sample as it came, also where its header holds bytes outside ASCII."""
    (path,) = SAMPLES.glob(f"{name}*")
    return message_from_bytes(path.read_bytes(), policy=WIRE)  # type: ignore[return-value]


async def test_a_referral_is_one_whatever_its_headers_look_like(town: Town) -> None:
    names = ("03a", "03b", "03c", "03d", "03f", "03h", "04a", "04c", "08a", "08c")
    for name in names:
        assert "kept" in (await town.send(_mail(name)))[0]
    await town.work()
    assert town.mailboxes() == {"case": len(names)}
    cases = Post(town).cases
    assert {case.state for case in cases} == {"delivered"}
    assert len(town.handovers) == len(names)
    receipts = [mail for mail in town.mails if mail["To"].endswith(f"@{PRACTICE}")]
    assert kinds(receipts) == ["receipt"] * len(names)
    assert {mail.kenmerk for mail in receipts} == {case.kenmerk for case in cases}
