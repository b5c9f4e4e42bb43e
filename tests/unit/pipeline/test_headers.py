"""Whatever stands in the header of a mail that is answered, the answer leaves, in its thread if it can."""

import base64
import email
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pipeline.headers import next_thread_index, reply_subject, threaded, written
from gateway.reading.mail.message import parse_head

NOW = datetime(2027, 3, 30, 9, 0, tzinfo=UTC)
SERIAL = "0123456789abcdef0123456789abcdef"
CORPUS = Path(__file__).parents[2] / "corpus"
SHARED = Path(__file__).parents[4] / "shared" / "corpus"

odd = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="<>@.= \t\r\nabcü\x00\u2028\ud800", max_size=60),
    st.builds("<{}@{}>".format, st.text(max_size=500), st.text(max_size=20)),
    st.sampled_from(
        [
            "",
            "<>",
            "<@>",
            "<a b@c>",
            "<a@b>, <c@d>",
            "<a@b><c@d>",
            "<" * 400,
            "=?utf-8?q?=0D=0A?=",
            "<a@bü.example>",
        ]
    ),
)
header = st.one_of(st.binary(max_size=200), odd.map(lambda text: text.encode("utf-8", "surrogatepass")))


def answered(raw: bytes) -> bytes:
    """An answer to a mail, made as the gateway makes it."""
    head = parse_head(raw)
    headers = {
        "From": "InBeeld <aanmelding@handover.example>",
        "To": "arts@praktijk.example",
        "Subject": reply_subject(head.subject, "uw aanmelding [IB-7K3F-9QXM]", name="J. Jansen"),
    }
    index = head.header("thread-index")
    thread = threaded(head.message_id or "", head.references, index, NOW, SERIAL, headers["Subject"])
    return written(headers | thread, "Dag\n")


def is_whole(mail: bytes) -> bool:
    """Whether a mail is ASCII in lines of a bearable length, with no header broken out of another."""
    text = mail.decode("ascii")
    head = text.partition("\r\n\r\n")[0]
    names = [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in " \t"]
    known = {"From", "To", "Subject", "In-Reply-To", "References", "Thread-Index", "MIME-Version"}
    known |= {"Thread-Topic"}
    return (
        all(len(line) <= 998 for line in text.split("\r\n"))
        and "\n" not in head.replace("\r\n", "")
        and set(names) <= known | {"Content-Type", "Content-Transfer-Encoding"}
        and len(names) == len(set(names))
    )


@settings(max_examples=200)
@given(message_id=header, references=st.lists(header, max_size=3), subject=header, index=header)
def test_no_header_of_others_keeps_an_answer_from_leaving(
    message_id: bytes, references: list[bytes], subject: bytes, index: bytes
) -> None:
    raw = b"Message-ID: " + message_id + b"\r\nSubject: " + subject + b"\r\nThread-Index: " + index
    raw += b"".join(b"\r\nReferences: " + each for each in references) + b"\r\n\r\nx"
    assert is_whole(answered(raw))


@settings(max_examples=200)
@given(odd, st.lists(odd, max_size=40), odd, odd)
def test_nor_do_values_that_no_parser_would_give(
    message_id: str, references: list[str], index: str, subject: str
) -> None:
    headers = {"To": "a@b.example", "Subject": subject}
    thread = threaded(message_id, references, index, NOW, SERIAL, subject)
    assert is_whole(written(headers | thread, "Dag\n"))


@pytest.mark.parametrize("folder", [CORPUS, SHARED])
def test_every_mail_of_the_corpora_can_be_answered(folder: Path) -> None:
    mails = sorted(folder.rglob("*.eml"))
    if not mails:
        pytest.skip("this corpus is not at hand")
    for path in mails:
        raw = path.read_bytes()
        mail = answered(raw)
        assert is_whole(mail), path.name
        id_ = parse_head(raw).message_id
        if id_ and id_.isascii():
            assert email.message_from_bytes(mail, policy=email.policy.compat32)["In-Reply-To"] == id_


def test_an_id_outside_ascii_is_left_out_and_the_others_keep_the_thread() -> None:
    made = threaded("<abc1@praktijk-büro.example>", ["<oud@praktijk.example>"], "", NOW, SERIAL)
    assert made == {"References": "<oud@praktijk.example>"}
    made = threaded("<nieuw@praktijk.example>", ["<oud-ü@praktijk.example>"], "", NOW, SERIAL)
    assert made == dict.fromkeys(("In-Reply-To", "References"), "<nieuw@praktijk.example>")


def test_a_long_thread_keeps_its_first_and_its_last_ids() -> None:
    ids = [f"<{number}@praktijk.example>" for number in range(50)]
    kept = threaded("<50@praktijk.example>", ids, "", NOW, SERIAL)["References"].split()
    assert kept[0] == ids[0]
    assert kept[-1] == "<50@praktijk.example>"
    assert len(kept) == 20


@pytest.mark.parametrize("answers", [0, 1, 7])
def test_outlooks_mark_of_a_thread_goes_on(answers: int) -> None:
    began = int((NOW - timedelta(days=2) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    known = began.to_bytes(8)[:6] + b"g" * 16 + b"12345" * answers
    index = base64.b64encode(known).decode()
    made = base64.b64decode(next_thread_index(index, NOW, SERIAL))
    assert made[: len(known)] == known
    assert len(made) == len(known) + 5
    passed = (int.from_bytes(made[-5:-1]) << 18) / 10_000_000
    assert abs(passed - 2 * 86400) < 60
    assert next_thread_index(index, NOW, SERIAL) == next_thread_index(index, NOW, SERIAL)
    assert next_thread_index(index, NOW, SERIAL) != next_thread_index(index, NOW, SERIAL[::-1])


def test_the_topic_of_outlooks_thread_is_the_subject_of_the_answer() -> None:
    index = base64.b64encode(b"\x01" + b"x" * 21).decode()
    made = threaded("", [], index, NOW, SERIAL, "Re: RE: Antw: aanmelding schulden")
    assert made["Thread-Topic"] == "aanmelding schulden"
    assert "Thread-Topic" not in threaded("", [], "", NOW, SERIAL, "Re: aanmelding")
    topic = written(made | {"Thread-Topic": "geldzorgen – café"}, "Dag\n").decode("ascii")
    assert "Thread-Topic: =?utf-8?" in topic


@pytest.mark.parametrize(
    "index", ["", "AQ==", "geen base64!", base64.b64encode(b"\x01" + b"x" * 25).decode()]
)
def test_what_is_no_mark_of_a_thread_is_left_out(index: str) -> None:
    assert next_thread_index(index, NOW, SERIAL) == ""
