"""A bounce names the delivery it is about in whatever shape it comes, and nothing else does."""

import base64
import email
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.tokens import ReturnPaths
from gateway.reading.letters.bounce import bounce_of
from gateway.reading.letters.record import Bounce, BounceKind, BounceReason

ID = "0123456789abcdef0123456789abcdef"
DOMAIN = "gw.example"
MINE = f"<{ID}@{DOMAIN}>"
K, R = BounceKind, BounceReason
SHARED = Path(__file__).parents[5] / "shared" / "corpus" / "automatic"


def report(message_id: str, *actions: str, kind: str = "multipart/report", encoding: str = "7bit") -> bytes:
    returned = f"Message-ID: {message_id}\r\nSubject: x\r\n"
    if encoding == "base64":
        returned = base64.encodebytes(returned.encode()).decode()
    status = "".join(
        f"\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: {action}\r\n" for action in actions
    )
    return (
        f'From: MAILER-DAEMON@mx.example\r\nContent-Type: {kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n{status}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{returned}"
        "--b--\r\n"
    ).encode()


def plain(
    text: str,
    subject: str = "Undelivered Mail Returned to Sender",
    sender: str = "MAILER-DAEMON@mx.example",
) -> bytes:
    head = f"From: {sender}\r\nSubject: {subject}\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
@pytest.mark.parametrize("kind", ["multipart/report", "multipart/mixed"])
def test_a_returned_handover_and_a_returned_answer_are_recognised(kind: str, encoding: str) -> None:
    for message_id in (MINE, f"<t.ib-7k3f-9qxm.{ID}.{'a' * 24}@{DOMAIN}>"):
        found = bounce_of(report(message_id, "failed", kind=kind, encoding=encoding), DOMAIN)
        assert found is not None
        assert (found.kind, found.deliveries) == (K.FAILED, (ID,))


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        (("failed", "delayed"), K.FAILED),
        (("delivered", "failed"), K.FAILED),
        (("delayed",), K.DELAYED),
        (("delayed", "delivered"), K.DELAYED),
        (("relayed",), K.DELIVERED),
        (("delivered",), K.DELIVERED),
    ],
)
def test_one_recipient_who_failed_makes_a_failure(actions: tuple[str, ...], kind: BounceKind) -> None:
    found = bounce_of(report(MINE, *actions), DOMAIN)
    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("The following address failed:\n\n  x@y.example\n    Unrouteable address", K.FAILED, R.NO_HOST),
        (
            "Hi. This is the qmail-send program at mx.example.\nI wasn't able to deliver your message.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<x@y.example>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)",
            K.FAILED,
            R.NO_MAILBOX,
        ),
        ("<x@y.example>: host mx.example said: 550 5.1.1 User unknown", K.FAILED, R.NO_MAILBOX),
        ("<x@y.example>: host mx.example said: 552 5.2.2 Mailbox full", K.FAILED, R.MAILBOX_FULL),
        ("Remote Server returned '550 5.7.1 message rejected as spam'", K.FAILED, R.REFUSED),
        (
            "Uw bericht kon niet worden bezorgd aan x@y.example.\nHet e-mailadres bestaat niet.",
            K.FAILED,
            R.NO_MAILBOX,
        ),
        ("Bezorging aan de volgende geadresseerden is mislukt:\nx@y.example", K.FAILED, R.OTHER),
        ("Het postvak is vol.", K.FAILED, R.MAILBOX_FULL),
        (
            "delivery temporarily suspended: connect to mx.example: Connection timed out (4.4.1)\n"
            "It will be retried until it is five days old. You do not need to resend it.",
            K.DELAYED,
            None,
        ),
        ("Uw bericht is vertraagd en wordt later opnieuw geprobeerd.", K.DELAYED, None),
    ],
)
def test_servers_that_write_text_are_understood(
    text: str, kind: BounceKind, reason: BounceReason | None
) -> None:
    raw = plain(
        f"{text}\n\n------ This is a copy of the message ------\n\nMessage-ID: {MINE}\nGeen gehoor? Bel."
    )
    assert bounce_of(raw, DOMAIN) == Bounce(kind, reason, (ID,))


def test_a_return_address_is_found_and_is_enough() -> None:
    address = ReturnPaths(b"s" * 32, f"aanmelding@{DOMAIN}").address(ID)
    raw = plain(f"<x@y.example>: 550 5.1.1 User unknown\n\nReturn-Path: <{address}>")
    found = bounce_of(raw, DOMAIN)
    assert found is not None
    assert found.returns == (address.partition("@")[0],)
    assert bounce_of(plain("550 5.1.1 User unknown"), DOMAIN) is None
    assert bounce_of(plain("550 5.1.1 User unknown"), DOMAIN, addressed=True) == Bounce(
        K.FAILED, R.NO_MAILBOX
    )


@pytest.mark.parametrize(
    "raw",
    [
        report(f"<{ID}@gwxexample>", "failed"),
        report(f"<{ID}@gw.example.elders.example>", "failed"),
        report(f"<{ID[1:]}@gw.example>", "failed"),
    ],
)
def test_other_mail_is_no_bounce_of_ours(raw: bytes) -> None:
    assert bounce_of(raw, DOMAIN) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ik ben met vakantie tot 7 december.",
        "Bedankt voor uw bericht. Wij antwoorden binnen twee werkdagen.",
        "I am away and will read your mail when I return.",
    ],
)
def test_an_answering_machine_is_no_bounce(text: str) -> None:
    raw = plain(text, "Automatisch antwoord: x", "balie@praktijk.example")
    assert bounce_of(raw, DOMAIN, addressed=True) is None
    assert bounce_of(raw, DOMAIN) is None


@pytest.mark.parametrize(
    ("text", "subject", "sender"),
    [
        ("Dit mailadres bestaat niet meer.", "Automatisch antwoord: x", "balie@praktijk.example"),
        ("I am out; my old address does not exist any more.", "Re: x", "a@praktijk.example"),
        (f"Something happened.\n\nMessage-ID: {MINE}", "Notice", "MAILER-DAEMON@mx.example"),
        (f"Bevestig eerst dat u een mens bent.\n\nMessage-ID: {MINE}", "Bevestig", "filter@x.example"),
        ("Het bericht is tegengehouden om een bijlage.", "Bericht", "postmaster@x.example"),
    ],
)
def test_what_came_back_without_a_clear_word_is_for_a_person(text: str, subject: str, sender: str) -> None:
    found = bounce_of(plain(text, subject, sender), DOMAIN, addressed=True)
    assert found is not None
    assert (found.kind, found.reason) == (K.UNCLEAR, None)


SERVERS: list[tuple[str, BounceKind, BounceReason | None]] = [
    (
        "was not delivered to:\n  a@b\nbecause:\n  User a (a@b) not listed in Domino Directory",
        K.FAILED,
        R.NO_MAILBOX,
    ),
    ("was blocked by our Spam Firewall. The email has NOT BEEN DELIVERED:", K.FAILED, R.REFUSED),
    ("kon niet worden afgeleverd omdat dit e-mailadres niet bestaat.", K.FAILED, R.NO_MAILBOX),
    ("Uw mail kan helaas niet afgeleverd worden. De mailbox is vol.", K.FAILED, R.MAILBOX_FULL),
    ("Het postvak van de ontvanger is vol. Uw bericht kon niet worden bezorgd.", K.FAILED, R.MAILBOX_FULL),
    ("undeliverable to the following:\n\ta@b (user not found)", K.FAILED, R.NO_MAILBOX),
    ("The users mailfolder is over the allowed quota (size). (#5.2.2)", K.FAILED, R.MAILBOX_FULL),
    ("Na enige vertraging is bezorgen niet gelukt. Het wordt niet opnieuw geprobeerd.", K.FAILED, R.OTHER),
    ("was delayed by temporary failures and has now expired. It will not be retried.", K.FAILED, R.EXPIRED),
    (
        "has not yet been delivered. Eventually the software will give up.\nNo action is required of you.",
        K.DELAYED,
        None,
    ),
    ("Uw bericht is nog niet afgeleverd. Wij blijven het proberen.", K.DELAYED, None),
    (
        "A message is delayed for more than 4 hours.\nThis is only a temporary failure report.",
        K.DELAYED,
        None,
    ),
    ("Your message was successfully delivered to a@b.", K.DELIVERED, None),
]


@pytest.mark.parametrize(("text", "kind", "reason"), SERVERS)
def test_servers_say_it_in_words_of_their_own(
    text: str, kind: BounceKind, reason: BounceReason | None
) -> None:
    # Our own mail below speaks of failure too, and says nothing of itself.
    copy = f"\n\nReceived: from x\nMessage-ID: {MINE}\n\nHet nummer bestaat niet, 550 5.1.1 user unknown."
    assert bounce_of(plain(text + copy, "Bericht"), DOMAIN) == Bounce(kind, reason, (ID,))


@pytest.mark.parametrize(
    "path", sorted(SHARED.glob("lhost-*.eml")) or [None], ids=lambda path: path and path.stem
)
def test_real_bounces_are_failures_once_they_return_a_mail_of_ours(path: Path | None) -> None:
    if path is None:
        pytest.skip("the corpus of real automatic mails is not at hand")
    if path.stem.startswith(("lhost-fml", "lhost-opensmtpd-13")):
        pytest.skip("a refused duplicate, and a delay")
    raw = path.read_bytes()
    own = email.message_from_bytes(raw)["Message-ID"] or "<none>"
    ids = [each for each in re.findall(rb"(?i)message-id:\s*(<[^>]+>)", raw) if each.decode() != own]
    for each in ids:
        raw = raw.replace(each, MINE.encode())
    found = bounce_of(raw, DOMAIN, addressed=True)
    assert found is not None
    assert found.kind is K.FAILED
    assert found.deliveries == (ID,) or MINE.encode() not in raw


@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_read_without_an_error(raw: bytes, addressed: bool) -> None:
    found = bounce_of(b"Content-Type: multipart/report\r\n\r\n" + raw, DOMAIN, addressed=addressed)
    assert found is None or isinstance(found, Bounce)
