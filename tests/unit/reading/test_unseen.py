"""Mails by people who never saw the reader: none passes another's number, and what was read stays read."""

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.corpus.unseen import unseen


def test_unseen_mails(almere: Gazetteer) -> None:
    judged = {(name, mail.id): (mail, mail.judge(read(mail.raw, almere))) for name, mail in unseen()}
    assert len(judged) == 15 * 120
    assert [key for key, (_, said) in judged.items() if said == "wrong"] == []
    assert [key for key, (mail, said) in judged.items() if said != "right" and not mail.open] == []
    assert [key for key, (mail, said) in judged.items() if said == "right" and mail.open] == []
