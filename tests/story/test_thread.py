"""Answers stay in the referrer's thread, whatever Message-ID it has."""

from tests.invented import make_mail
from tests.story.place import Town

LONG = f"<{'A' * 40}@{'b' * 60}.eurprd05.prod.outlook.example>"


async def test_a_message_id_longer_than_a_line_is_answered_in_its_thread(town: Town) -> None:
    earlier = [f"<{'B' * 40}{number}@{'c' * 50}.example>" for number in range(3)]
    mail = make_mail(message_id=LONG, headers={"References": " ".join(earlier)})
    await town.post(mail)
    (receipt,) = town.answers(mail)
    assert receipt["References"].split() == [*earlier, LONG]
    assert b"=?utf-8?" not in receipt.received.content
    assert max(map(len, receipt.received.content.splitlines())) <= 998
