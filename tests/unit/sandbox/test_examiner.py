"""A batch of mails examined: in a reading process, with names looked up outside it."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from gateway.gate.authenticity import Client, Envelope, Examined, Known, Question, Record, Rules
from gateway.gate.dns import Dns
from gateway.gate.senders import Practice, Senders
from gateway.sandbox.examiner import Arrived, Examiner
from gateway.sandbox.pool import Readers, Unreadable
from tests.unit.gate import test_dns
from tests.unit.gate.senders import DOMAIN, NAME, SERVERS, Key, make_key, signed
from tests.unit.reading.conftest import almere_texts

ATTACKS = Path(__file__).parents[2] / "corpus" / "attacks"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GP = f"balie@{DOMAIN}"
HONEST = Envelope(GP, ("aanmelding@handover.example",), "192.0.2.10", f"mail.{DOMAIN}")
ELSEWHERE = replace(HONEST, peer_ip="198.51.100.9", helo="x.elders.example")
RAW = (
    f"From: Balie <{GP}>\r\nTo: aanmelding@handover.example\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n"
    f"Message-ID: <1@{DOMAIN}>\r\nSubject: aanmelding\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nHierbij.\r\n"
).encode()


class Names:
    """DNS as a table; what is not in it does not exist, and None is trouble. It keeps what it is asked."""

    def __init__(self, table: Known) -> None:
        self.table, self.asked = table, list[set[Question]]()

    def look_up_all(
        self, questions: Collection[Question], seconds: float
    ) -> dict[Question, tuple[Record, ...] | None]:
        self.asked.append(set(questions))
        return {question: self.table.get(question, ()) for question in questions}


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    pool = Readers(*almere_texts(), workers=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def key() -> Key:
    return make_key()


@pytest.fixture
def table(key: Key) -> dict[Question, tuple[Record, ...] | None]:
    return {
        ("TXT", NAME): (key.record,),
        ("TXT", DOMAIN): (b"v=spf1 include:a.example include:b.example -all",),
        ("TXT", "a.example"): (b"v=spf1 ip4:192.0.2.9 -all",),
        ("TXT", "b.example"): (b"v=spf1 a:mail.b.example -all",),
        ("A", "mail.b.example"): ("192.0.2.10",),
    }


def self_check(readers: Readers, names: Names, **limits: float) -> Examiner:
    return Examiner(readers, Rules("self", "handover.example"), dns=names, **limits)  # type: ignore[arg-type]


def proofs(found: list[Examined | Unreadable]) -> list[str]:
    return [one.code if isinstance(one, Unreadable) else one.proof.code for one in found]


def dkim_mail(key: Key) -> bytes:
    # dkimpy also looks at the wall clock, and the reading process has the machine's: no stamp, but a Date.
    server = replace(SERVERS["rspamd"], stamp=False)
    with time_machine.travel(NOW, tick=False):
        return signed(server, key, RAW, 0)


def test_a_batch_is_looked_up_together(readers: Readers, key: Key, table: Known) -> None:
    names = Names(table)
    mails = [
        Arrived(ELSEWHERE, dkim_mail(key), NOW),
        Arrived(HONEST, RAW, NOW),
        Arrived(ELSEWHERE, RAW, NOW),
        Arrived(replace(HONEST, mail_from=""), RAW.replace(DOMAIN.encode(), b"elders.example"), NOW),
    ]
    assert proofs(self_check(readers, names).examine(mails)) == ["dkim", "spf", "not_aligned", "not_aligned"]
    # Names that only an answer tells of come later; each is asked once.
    first, *later = names.asked
    assert {("TXT", NAME), ("TXT", DOMAIN), ("TXT", f"_dmarc.{DOMAIN}")} <= first
    assert later == [{("TXT", "a.example")}, {("TXT", "b.example")}, {("A", "mail.b.example")}]


def test_what_another_mail_of_the_batch_asked_for_before_is_not_waited_for(readers: Readers) -> None:
    names = Names(
        {
            ("TXT", DOMAIN): (b"v=spf1 ip4:192.0.2.10 -all",),
            ("TXT", "elders.example"): (b"v=spf1 include:filmwijk.example -all",),
        }
    )
    other = RAW.replace(DOMAIN.encode(), b"elders.example")
    mails = [
        Arrived(HONEST, RAW, NOW),
        Arrived(replace(HONEST, mail_from="balie@elders.example"), other, NOW),
    ]
    assert proofs(self_check(readers, names).examine(mails)) == ["spf", "spf"]
    assert len(names.asked) == 1


def test_trouble_with_names_is_temporary(readers: Readers, table: dict[Question, object]) -> None:
    for question in (("TXT", DOMAIN), ("TXT", "b.example"), ("TXT", f"_dmarc.{DOMAIN}")):
        names = Names(table | {question: None})  # type: ignore[arg-type]
        (found,) = self_check(readers, names).examine([Arrived(HONEST, RAW, NOW)])
        assert isinstance(found, Examined)
        assert (found.proof.result, found.proof.code) == ("temporary", "dns")


def test_look_ups_without_end_come_to_one(readers: Readers) -> None:
    class Endless(Names):
        def look_up_all(
            self, questions: Collection[Question], seconds: float
        ) -> dict[Question, tuple[Record, ...] | None]:
            super().look_up_all(questions, seconds)
            return {
                (kind, name): (f"v=spf1 include:{len(self.asked)}.example -all".encode(),)
                for kind, name in questions
            }

    names = Endless({})
    (found,) = self_check(readers, names).examine([Arrived(HONEST, RAW, NOW)])
    assert isinstance(found, Examined)
    assert found.proof.result != "proven"
    assert found.sender == GP
    assert len(names.asked) <= 12


def test_a_batch_has_its_time_and_no_more(readers: Readers, table: Known) -> None:
    allowed: list[float] = []

    class Slow(Names):
        def look_up_all(
            self, questions: Collection[Question], seconds: float
        ) -> dict[Question, tuple[Record, ...] | None]:
            allowed.append(seconds)
            return super().look_up_all(questions, seconds) if seconds else dict.fromkeys(questions)

    clock = iter([0.0, 1.0, 4.0, 9.0, 99.0])
    examiner = self_check(readers, Slow(table), seconds=5.0, clock=lambda: next(clock))  # type: ignore[arg-type]
    (found,) = examiner.examine([Arrived(HONEST, RAW, NOW)])
    assert isinstance(found, Examined)
    assert found.proof.result == "temporary"
    assert allowed == [4.0, 1.0, 0.0]


def test_a_poisoned_mail_leaves_the_others_alone(readers: Readers) -> None:
    rules = Rules("front", "handover.example", "mx.handover.example")
    front = replace(HONEST, trusted_relay=True)
    right = b"Authentication-Results: mx.handover.example; dmarc=pass header.from=filmwijk.example\r\n" + RAW
    deep = b"From: x@elders.example\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (depth, depth) for depth in range(200)
    )
    mails = [Arrived(front, raw, NOW) for raw in (right, deep * 50, right)]
    found = Examiner(readers, rules).examine(mails)
    assert proofs(found)[::2] == ["dmarc", "dmarc"]


@pytest.mark.parametrize(
    ("login", "sender", "code"),
    [
        ("fw", GP, "login"),
        (None, GP, "no_credentials"),
        ("fw", "x@elders.example", "unknown_sender"),
        ("fw", f"{GP}, x@elders.example", "from"),
    ],
)
def test_a_login_is_compared_where_the_practices_are(
    readers: Readers, login: str | None, sender: str, code: str
) -> None:
    practices = Senders([Practice("filmwijk", "Filmwijk", domains=(DOMAIN,), login="fw")])
    examiner = Examiner(readers, Rules("client", "handover.example"), client=Client(practices))
    raw = RAW.replace(f"Balie <{GP}>".encode(), sender.encode())
    (found,) = examiner.examine([Arrived(replace(HONEST, login=login), raw, NOW)])
    assert isinstance(found, Examined)
    assert found.proof.code == code
    assert (found.proof.result == "proven") is (code == "login")


def test_with_real_look_ups(readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    zone = {
        (f"{DOMAIN}.", "TXT"): ['"v=spf1 include:a.example -all"'],
        ("a.example.", "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"'],
    }
    monkeypatch.setattr(test_dns, "ZONE", zone)
    server = test_dns.Server()
    names = Dns((("127.0.0.1", server.port),))
    try:
        examiner = Examiner(readers, Rules("self", "handover.example"), dns=names, seconds=30)
        mails = [Arrived(HONEST, RAW, NOW), Arrived(ELSEWHERE, RAW, NOW)] * 8
        assert proofs(examiner.examine(mails)) == ["spf", "not_aligned"] * 8
        assert len(server.questions) == len(set(server.questions))
    finally:
        names.close()
        server.stop()


@pytest.mark.parametrize("attack", sorted(ATTACKS.glob("*.eml")), ids=lambda path: path.stem)
def test_no_attack_is_proven(readers: Readers, table: Known, attack: Path) -> None:
    domain = "huisartsenpraktijk-filmwijk.example"
    names = Names({("TXT", domain): (b"v=spf1 ip4:192.0.2.10 -all",)})
    envelope = replace(ELSEWHERE, mail_from=f"m.deboer@{domain}")
    (found,) = self_check(readers, names).examine([Arrived(envelope, attack.read_bytes(), NOW)])
    assert isinstance(found, Unreadable) or found.proof.result == "unproven"
