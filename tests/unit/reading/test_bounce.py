"""A bounce names the delivery it is about, and nothing else does."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.bounce import bounced

ID = "0123456789abcdef0123456789abcdef"


def report(message_id: str, action: str = "failed", kind: str = "multipart/report") -> bytes:
    return (
        f'Content-Type: {kind}; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: {action}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n--b--\r\n"
    ).encode()


def test_a_returned_handover_and_a_returned_answer_are_recognised() -> None:
    assert bounced(report(f"<{ID}@gw.example>"), "gw.example") == (ID,)
    assert bounced(report(f"<t.ib-7k3f-9qxm.{ID}.{'a' * 24}@gw.example>"), "gw.example") == (ID,)


def test_delay_success_other_mail_and_other_domains_are_no_bounce() -> None:
    mine = f"<{ID}@gw.example>"
    assert bounced(report(mine, "delayed"), "gw.example") == ()
    assert bounced(report(mine, "delivered"), "gw.example") == ()
    assert bounced(report(mine, kind="text/plain").replace(b"failed", b"none"), "gw.example") == ()
    assert bounced(report(f"<{ID}@gwxexample>"), "gw.example") == ()


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    assert isinstance(bounced(b"Content-Type: multipart/report\r\n\r\n" + raw, "gw.example"), tuple)
