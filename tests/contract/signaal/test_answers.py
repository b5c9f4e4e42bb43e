"""What answers and failures of an HTTPS peer mean: every one of them, and nothing of what the peer wrote."""

import inspect
import ssl
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Refused, TryLater
from adapters.httpspeer import LONGEST_WAIT, HttpReason, check_status, receipt_text, translate, wait

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOLD = "Fatima Voorbeeld"
ERRORS = sorted(
    (kind for _, kind in inspect.getmembers(httpx2, inspect.isclass) if issubclass(kind, Exception)),
    key=lambda kind: kind.__name__,
)


def make_error(kind: type[Exception]) -> Exception:
    wanted = inspect.signature(kind).parameters
    answer = httpx2.Response(500, request=httpx2.Request("GET", "https://peer.example"))
    values = {"message": TOLD, "request": answer.request, "response": answer}
    return kind(**{name: values[name] for name in wanted if name in values})


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_the_library_has_a_word_of_ours(kind: type[Exception]) -> None:
    told = translate(make_error(kind))
    assert isinstance(told, TryLater)
    assert told.reason in {f"signaal_{reason}" for reason in HttpReason} or kind.__name__ == "CookieConflict"
    assert TOLD not in repr(told)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx2.ConnectTimeout(TOLD), TryLater("signaal_timeout")),
        (httpx2.ConnectError(TOLD), TryLater("signaal_unreachable")),
        (httpx2.ReadTimeout(TOLD), TryLater("signaal_answer_lost")),
        (httpx2.RemoteProtocolError(TOLD), TryLater("signaal_answer_lost")),
        (httpx2.LocalProtocolError(TOLD), TryLater("signaal_protocol")),
        (httpx2.DecodingError(TOLD), TryLater("signaal_protocol")),
        (TimeoutError(), TryLater("signaal_answer_lost")),
        (ConnectionResetError(104, TOLD), TryLater("signaal_answer_lost")),
        (RuntimeError(TOLD), TryLater("signaal_unexpected RuntimeError")),
        (ssl.SSLCertVerificationError(1, TOLD), Refused("signaal_untrusted")),
        (ssl.SSLError(1, TOLD), TryLater("signaal_tls_failed")),
        (Refused("signaal_files"), Refused("signaal_files")),
    ],
)
def test_what_a_failure_means(error: Exception, expected: TryLater | Refused) -> None:
    told = translate(error)
    assert (type(told), told.reason) == (type(expected), expected.reason)


def test_the_cause_counts_and_waiting_for_bytes_is_none() -> None:
    untrusted = httpx2.ConnectError(TOLD)
    untrusted.__cause__ = ssl.SSLCertVerificationError(1, TOLD)
    assert translate(untrusted).reason == "signaal_untrusted"
    slow = httpx2.ReadTimeout(TOLD)
    slow.__context__ = ssl.SSLWantReadError(2, TOLD)
    assert translate(slow).reason == "signaal_answer_lost"
    loop = httpx2.ConnectError(TOLD)
    loop.__cause__ = OSError()
    loop.__cause__.__cause__ = loop
    assert translate(loop).reason == "signaal_unreachable"


@given(st.integers(100, 599))
def test_every_status_is_taken_tried_again_or_held(code: int) -> None:
    if code in (200, 201, 202, 409):
        check_status(code, None, NOW)
    elif code in (408, 425, 429) or code >= 500 or code < 300:
        with pytest.raises(TryLater, match=rf"signaal_\w+ {code}"):
            check_status(code, None, NOW)
    else:
        with pytest.raises(Refused, match=rf"signaal_\w+ {code}"):
            check_status(code, None, NOW)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (None, None),
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("999999999", LONGEST_WAIT),
        ("Mon, 23 Nov 2026 09:10:00 GMT", timedelta(minutes=10)),
        ("Monday, 23-Nov-26 09:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 10:10:00 +0100", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 09:10:00 -0000", timedelta(minutes=10)),
        ("Sun, 22 Nov 2026 09:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("-5", None),
        ("1.5", None),
        ("morgen", None),
        ("", None),
    ],
)
def test_retry_after(told: str | None, meant: timedelta | None) -> None:
    assert wait(told, NOW) == meant


@given(st.text())
def test_no_retry_after_breaks_anything(told: str) -> None:
    found = wait(told, NOW)
    assert found is None or timedelta(0) <= found <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"ontvangstbewijs": "OB-2026-17"}', "201 OB-2026-17 TLSv1.3"),
        (b'{"ontvangstbewijs": "Mevrouw Fatima Voorbeeld"}', "201 TLSv1.3"),
        (b'{"ontvangstbewijs": 17}', "201 TLSv1.3"),
        (b'["ontvangstbewijs"]', "201 TLSv1.3"),
        (b"[" * 100_000, "201 TLSv1.3"),
        (b"\xff", "201 TLSv1.3"),
        (b"", "201 TLSv1.3"),
    ],
)
def test_of_an_answer_only_a_receipt_id_is_kept(content: bytes, text: str) -> None:
    assert receipt_text(201, content, "TLSv1.3") == text
