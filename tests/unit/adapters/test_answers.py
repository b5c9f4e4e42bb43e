"""No failure of a library gets past the relay, and no text of the peer."""

import asyncio
import re
import ssl
from typing import Any

import aiosmtplib
import pytest
from aiosmtplib import SMTP, errors
from hypothesis import given
from hypothesis import strategies as st

from adapters.answers import Progress, Reason, is_loss, receipt_text, translate
from adapters.base import Refused, TryLater
from adapters.relay import Relay
from tests.contract.adapters.wire import Certificates, relay_options
from tests.peers.mail import MailPeer

GOSSIP = "Fatima Voorbeeld 0612345678"
SHAPE = re.compile(r"[a-z0-9_]+( \d{3}( [245]\.\d{1,3}\.\d{1,3})?| [A-Za-z]+)?")


def _all_below(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(_all_below(below) for below in kind.__subclasses__()))


def _make(kind: type[Exception]) -> Exception:
    if issubclass(kind, errors.SMTPRecipientsRefused):
        return kind([errors.SMTPRecipientRefused(550, GOSSIP, GOSSIP)])
    if issubclass(kind, errors.SMTPSenderRefused | errors.SMTPRecipientRefused):
        return kind(550, GOSSIP, GOSSIP)
    if issubclass(kind, errors.SMTPResponseException):
        return kind(451, GOSSIP)
    if issubclass(kind, UnicodeError):
        return UnicodeEncodeError("ascii", GOSSIP, 0, 1, GOSSIP)
    return kind(GOSSIP)


LIBRARY = sorted(
    (kind for kind in _all_below(errors.SMTPException) if kind.__module__ == "aiosmtplib.errors"), key=str
)
OTHERS: list[type[Exception]] = [
    OSError,
    ConnectionResetError,
    BrokenPipeError,
    TimeoutError,
    ssl.SSLError,
    ssl.SSLCertVerificationError,
    ssl.SSLEOFError,
    ValueError,
    UnicodeError,
    RuntimeError,
    AttributeError,
    KeyError,
    asyncio.InvalidStateError,
]


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (550, TryLater, "relay_unavailable 550"),
        (552, Refused, "relay_refused 552"),
        (555, Refused, "relay_refused 555"),
        (452, TryLater, "relay_busy 452"),
    ],
)
def test_a_sender_that_is_refused_is_no_fault_of_the_mail(
    code: int, kind: type[TryLater | Refused], reason: str
) -> None:
    """Every mail of ours has a sender of ours."""
    meant = translate(errors.SMTPSenderRefused(code, GOSSIP, GOSSIP), Progress.ENVELOPE)
    assert isinstance(meant, kind)
    assert meant.reason == reason


def test_the_list_is_the_whole_library() -> None:
    public = {getattr(errors, name) for name in errors.__all__}
    assert public == set(LIBRARY)
    assert {
        getattr(aiosmtplib, name)
        for name in dir(aiosmtplib)
        if name.startswith("SMTP")
        and name.endswith(("Error", "Exception", "Refused", "Disconnected", "Supported"))
    } <= public


@pytest.mark.parametrize("call", ["connect", "ehlo", "starttls", "login", "mail", "rcpt", "data", "noop"])
async def test_none_escapes(certificates: Certificates, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    failures = [_make(kind) for kind in [*LIBRARY, *OTHERS]] + [asyncio.IncompleteReadError(b"", 1)]  # type: ignore[arg-type]
    async with MailPeer(certificates.cert, certificates.key, login=("gateway", "geheim")) as peer:
        relay = Relay(relay_options(peer, certificates, username="gateway", password="geheim"))
        for failure in failures:

            async def fail(*args: Any, failure: Exception = failure, **named: Any) -> None:
                raise failure

            monkeypatch.setattr(SMTP, call, fail)
            attempt = (
                relay.probe() if call == "noop" else relay.send("a@b.example", ["c@d.example"], b"x\r\n")
            )
            with pytest.raises((TryLater, Refused)) as caught:
                await attempt
            assert caught.value.__suppress_context__
            assert GOSSIP not in repr(caught.value)
            assert isinstance(caught.value, TryLater | Refused)
            assert caught.value.reason.split()[0] in {reason.value for reason in Reason}
            assert SHAPE.fullmatch(caught.value.reason)
        monkeypatch.undo()
        await relay.close()
        await peer.wait_alone()


@given(st.integers(-1, 1000), st.text(), st.sampled_from(Progress))
def test_reasons_are_closed_whatever_the_peer_says(code: int, text: str, step: Progress) -> None:
    reason = translate(errors.SMTPResponseException(code, text), step).reason
    assert SHAPE.fullmatch(reason)
    assert reason.split()[0] in {reason.value for reason in Reason}


@given(st.integers(500, 599), st.sampled_from([Progress.ENVELOPE, Progress.CONTENT]))
def test_only_a_final_answer_about_the_mail_is_a_refusal(code: int, step: Progress) -> None:
    translated = translate(errors.SMTPResponseException(code, "5.0.0 nee"), step)
    assert isinstance(translated, Refused) == (code not in {530, 534, 535, 538})


@given(st.integers(200, 299), st.text())
def test_receipts_keep_numbers_and_a_queue_id_only(code: int, text: str) -> None:
    told = receipt_text(code, text, "TLSv1.3")
    assert re.fullmatch(r"\d{3}( [245]\.\d{1,3}\.\d{1,3})?( queued as [A-Za-z0-9-]{6,40})? TLSv1\.3", told)


@pytest.mark.parametrize(
    ("answer", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4CK7XQ0Z1", "4CK7XQ0Z1"),
        ("OK id=1tABcd-0001Xy-2Z", "1tABcd-0001Xy-2Z"),
        ("2.6.0 <x@y.example> [InternalId=6936818885, Hostname=A] Queued mail for delivery", "6936818885"),
        ("2.0.0 Ok: queued as fatima@patient.example", None),
        ("2.0.0 Ok: queued as Fatima", None),
        ("2.0.0 Ok: queued as a1b2c3d4@patient.example", None),
        ("OK", None),
    ],
)
def test_queue_ids(answer: str, queue_id: str | None) -> None:
    assert ("queued as" in receipt_text(250, answer, "")) == (queue_id is not None)
    assert queue_id is None or receipt_text(250, answer, "").endswith(queue_id)


def test_a_verification_failure_is_found_below_others() -> None:
    outer = errors.SMTPConnectError("connect")
    outer.__cause__ = ssl.SSLCertVerificationError("name")
    assert translate(outer, Progress.CONNECT).reason == "relay_untrusted"
    outer.__cause__ = outer
    assert translate(outer, Progress.CONNECT).reason == "relay_unreachable"


def test_a_goodbye_is_a_loss() -> None:
    assert is_loss(errors.SMTPResponseException(421, ""))
    assert is_loss(errors.SMTPServerDisconnected(""))
    assert not is_loss(errors.SMTPResponseException(451, ""))
