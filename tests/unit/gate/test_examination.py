"""What comes out of the examination of a mail: closed, bounded, and the same for the same mail."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.authenticity import (
    Answers,
    DnsTrouble,
    Envelope,
    Examined,
    Known,
    Question,
    Record,
    Rules,
    packed,
    unpacked,
)
from gateway.gate.examination import examine, look_inside
from gateway.gate.header import addresses, fields
from gateway.sandbox.tasks import EXAMINE, INSIDE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = [Rules("self", "handover.example"), Rules("front", "handover.example", "mx.handover.example")]
ENVELOPE = Envelope("x@filmwijk.example", ("aanmelding@handover.example",), "192.0.2.1", "mail.x.example")
SHARED = Path(__file__).parents[4] / "shared" / "corpus"
CORPUS = Path(__file__).parents[2] / "corpus"


class NoneThere(dict[Question, tuple[Record, ...] | None]):
    """Every name was looked up, and there is no record of any."""

    def __contains__(self, question: object) -> bool:
        return True

    def __missing__(self, question: Question) -> tuple[Record, ...]:
        return ()


def look(raw: bytes, rules: Rules = RULES[0], known: Known | None = None) -> Examined:
    return examine(raw, ENVELOPE, rules, NOW, NoneThere() if known is None else known)


def told(examined: Examined) -> Examined:
    """As it comes out of a reading process."""
    answer = json.dumps(examined, default=asdict).encode()
    assert len(answer) <= EXAMINE.most
    return EXAMINE.understood(answer)


def is_closed(examined: Examined) -> bool:
    """Whether nothing in it could break what it is put into."""
    ids = [examined.message_id or "<x>", examined.in_reply_to or "<x>", *examined.references]
    return (
        examined.subject.isprintable()
        and all(each.isascii() and each.isprintable() and " " not in each for each in ids)
        and (examined.sender is None or examined.sender.isascii())
        and all(address.endswith("@handover.example") for address in examined.addressed)
        and all(len(name) <= 254 for _, name in examined.wanted)
    )


@given(st.binary(max_size=400), st.sampled_from(["From", "To", "Message-ID", "DKIM-Signature", "References"]))
def test_nothing_makes_it_raise_or_tell_what_is_not_closed(content: bytes, name: str) -> None:
    for raw in (content, f"{name}: ".encode() + content + b"\r\n\r\nx", b"From: a@b.example\r\n" + content):
        for rules, known in ((RULES[0], {}), (RULES[0], None), (RULES[1], {})):
            examined = look(raw, rules, known)
            assert told(examined) == examined
            assert is_closed(examined)
            assert examined.proof.result != "proven"
        inside = look_inside(raw, None)
        assert INSIDE.understood(json.dumps(inside, default=asdict).encode()) == inside
        assert len(inside.digest) == 64


def test_the_largest_there_can_be_crosses() -> None:
    header = [
        b"From: a@b.example",
        b"Subject: " + "é".encode() * 3_000,
        b"References: " + b" ".join(b"<%d%s@x>" % (at, b"x" * 380) for at in range(120)),
        b"To: " + b", ".join(b"%d%s@handover.example" % (at, b"x" * 50) for at in range(60)),
    ]
    header += [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=%s; h=from; bh=AAAA; b=AAAA" % (b"s" * size)
        for size in (200, 60_000, 10)
    ]
    raw = b"\r\n".join(header)[:100_000] + b"\r\n\r\n"
    for examined in (look(raw), look(raw, known={})):
        assert told(examined) == examined
        assert is_closed(examined)


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("From: a@b.example", ""),
        ("From: a@b.example\r\nFrom: a@b.example", "from"),
        ("From: a@b.example, c@d.example", "from"),
        ("Subject: x", "from"),
        ("From: a@b.example\r\nX: 1\r\nX: 2\r\nReceived: x\r\nReceived: y", ""),
        *(
            (f"From: a@b.example\r\n{name}: 1\r\n{name.upper()} : 1", "doubled_header")
            for name in (
                *("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"),
                *(
                    "Message-ID",
                    "Date",
                    "Subject",
                    "To",
                    "Cc",
                    "In-Reply-To",
                    "References",
                    "Sender",
                    "Reply-To",
                ),
            )
        ),
        ("From: a@b.example\r\nrommel", "broken_header"),
        ("From: a@b.example\r\nX: 1\rTo: x@y.example", "broken_header"),
        ("From: a@b.example\r\nX: " + "x" * 110_000, "broken_header"),
        ("From: a@b.example" + "\r\nX: 1" * 1_100, "broken_header"),
    ],
)
def test_why_a_mail_is_set_aside_whoever_sent_it(head: str, problem: str) -> None:
    examined = look(head.encode() + b"\r\n\r\nx")
    assert examined.problem == problem
    assert not problem or (examined.proof.code, examined.wanted) == (problem, ())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("aanmelding@handover.example", ("aanmelding@handover.example",)),
        ('"x@y.example" <A@Handover.example>, b@c.example', ("a@handover.example", "b@c.example")),
        ("Groep: a@b.example, c@d.example;, e@f.example", ("a@b.example", "c@d.example", "e@f.example")),
        ("a@b.example (c@d.example, e@f.example)", ("a@b.example",)),
        ('"a@b.example, " <c@d.example>', ("c@d.example",)),
        ("<a@b.example> <c@d.example>", ()),
        ("=?utf-8?q?a=40b.example?= <c@d.example>", ("c@d.example",)),
        ("undisclosed-recipients:;", ()),
        ('a@b.example, "', ()),
        ("(" * 40_000, ()),
        (", " * 40_000 + "a@b.example", ()),
    ],
)
def test_addresses_of_a_list(value: str, found: tuple[str, ...]) -> None:
    header = fields(f"To: {value}".encode() + b"\r\n\r\n")
    assert header is not None
    assert addresses(header, "to", "cc") == found


def test_the_same_mail_has_the_same_digest_and_another_has_not() -> None:
    raw = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nNaam: Iris Blok\r\nTel: 06-1\r\n"
    same = b"Received: y\r\nX-Spam: no\r\n" + raw.replace(b"Iris Blok", b"Iris  Blok")
    assert look_inside(raw, None) == look_inside(same, None)
    assert look_inside(raw, None) != look_inside(raw.replace(b"06-1", b"06-2"), None)
    assert look_inside(raw, "f" * 64).digest == "f" * 64


def test_a_body_is_looked_at_once_and_only_where_it_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's names can take a dozen rounds to look up, and each round once read the whole mail again:
    3.7 s of processor time for half a megabyte."""
    taken: list[str] = []

    class Hashed:
        def __init__(self, *_: object, **__: object) -> None:
            taken.append("body")

        def verify(self, *_: object, **__: object) -> bool:
            return False

    monkeypatch.setattr("dkim.DKIM", Hashed)
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    raw = b"From: a@b.example\r\n\r\n" + b"--\r\n" * 100_000
    key: Known = {("TXT", "s._domainkey.b.example"): (b"v=DKIM1; p=AAAA",)}
    for name in ("mime.tree", "message.parse"):
        monkeypatch.setattr(f"gateway.reading.mail.{name}", lambda *_: taken.append(name))  # noqa: B023
    assert look(field + raw, known=key).wanted
    assert look(raw).proof.code == "not_aligned"
    assert taken == []
    look(field + raw)
    assert taken == ["body"]


def test_the_worlds_odd_mails_are_examined() -> None:
    if not SHARED.exists():
        pytest.skip("the corpora do not stand beside this checkout")
    mails = [
        path for folder in ("torture", "automatic", "attacks") for path in (SHARED / folder).glob("*.eml")
    ]
    assert mails
    for path in (*mails, *CORPUS.rglob("*.eml")):
        examined = look(path.read_bytes(), RULES[1])
        assert told(examined) == examined, path.name
        assert is_closed(examined), path.name


def test_answers_cross_and_what_is_not_known_is_wanted() -> None:
    known = {
        ("TXT", "a.example"): (b"\xff;v=spf1",),
        ("MX", "a.example"): ((10, "mx.a.example"),),
        ("A", "a.example"): ("192.0.2.1",),
        ("AAAA", "a.example"): (),
        ("PTR", "a.example"): None,
    }
    crossed = unpacked(json.loads(json.dumps(packed(known))))  # type: ignore[arg-type]
    assert crossed == known
    answers = Answers(crossed)
    assert answers.look_up("A.example.", "TXT") == (b"\xff;v=spf1",)
    for kind in ("PTR", "TXT"):
        with pytest.raises(DnsTrouble):
            answers.look_up("a.example" if kind == "PTR" else "b.example", kind)  # type: ignore[arg-type]
    assert answers.wanted == (("TXT", "b.example"),)
    assert answers.look_up("x" * 300, "TXT") == answers.look_up("é.example", "TXT") == ()
