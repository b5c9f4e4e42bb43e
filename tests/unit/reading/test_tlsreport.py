"""Reports about TLS: numbers and closed words come in, nothing else, whatever is sent."""

import gzip
import json
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reading.letters.tlsreport import TlsReport, tls_report

REPORT: dict[str, Any] = {
    "organization-name": "Elders B.V.",
    "contact-info": "x@elders.example",
    "policies": [
        {
            "policy": {"policy-type": "sts"},
            "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
            "failure-details": [
                {"result-type": "certificate-expired", "failed-session-count": 100},
                {"result-type": "eigen woord van een ander", "failed-session-count": 203},
            ],
        },
        {"policy": {}, "summary": {"total-successful-session-count": 4, "total-failure-session-count": 0}},
    ],
}


def mail(content: bytes, kind: str = "tlsrpt+gzip") -> bytes:
    """As servers send it."""
    made = EmailMessage()
    made["From"], made["To"] = "tls@elders.example", "tls-reports@handover.example"
    made["Subject"] = "Report Domain: handover.example Submitter: elders.example"
    made.set_content("Zie de bijlage.")
    made.add_attachment(content, maintype="application", subtype=kind, filename="x.json.gz")
    return made.as_bytes()


@pytest.mark.parametrize("packed", [True, False])
def test_a_report_is_counted(packed: bool) -> None:
    text = json.dumps(REPORT).encode()
    found = tls_report(mail(gzip.compress(text)) if packed else mail(text, "tlsrpt+json"))
    assert found == TlsReport(5330, 303, ("certificate-expired", "other"))


def packed(content: bytes) -> bytes:
    """Compressed without the moment, which would make another name of this test in each process."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"geen gzip",
        packed(b"[]"),
        packed(b'{"policies": {}}'),
        packed(b'{"policies": [{"summary": {"total-failure-session-count": "x"}}]}'),
        packed(b'{"policies": [{"summary": {"total-failure-session-count": -1}}]}'),
        packed(b"[" * 100_000),
        packed(json.dumps(REPORT).encode())[:-12],
    ],
)
def test_what_is_no_report_is_none(content: bytes) -> None:
    assert tls_report(mail(content)) is None


def test_a_bomb_is_no_report() -> None:
    # It is larger than any report has reason to be.
    assert tls_report(mail(packed(b" " * 50_000_000))) is None


def test_a_mail_without_a_report_is_none() -> None:
    assert tls_report(b"Subject: x\r\n\r\nhallo") is None


@given(st.binary(max_size=300))
def test_no_bytes_raise(content: bytes) -> None:
    tls_report(mail(content, "tlsrpt+json"))
    tls_report(content)
