"""What the gate's tests share: envelopes, mails and a resolver made of a table, with invented names."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.gate.authenticity import DnsTrouble, Envelope, Kind, Record

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class TableDns:
    """Answers from `{(name, kind): records}`; a value of None is trouble, a missing key is no record."""

    def __init__(self, table: dict[tuple[str, str], tuple[Record, ...] | None]) -> None:
        self.table, self.asked = table, list[tuple[str, str]]()

    def look_up(self, name: str, kind: Kind) -> tuple[Record, ...]:
        self.asked.append((name, kind))
        records = self.table.get((name.lower(), kind), ())
        if records is None:
            raise DnsTrouble
        return records


@pytest.fixture
def table_dns() -> type[TableDns]:
    return TableDns


@pytest.fixture
def make_envelope() -> Callable[..., Envelope]:
    def make(**overrides: Any) -> Envelope:
        usual = {
            "mail_from": "balie@filmwijk.example",
            "rcpt_tos": ("aanmelding@handover.example",),
            "peer_ip": "192.0.2.10",
            "helo": "mail.filmwijk.example",
            "tls": "TLSv1.3",
        }
        return Envelope(**usual | overrides)

    return make


@pytest.fixture
def make_mail() -> Callable[..., bytes]:
    """A mail of the given header lines, under which those of an invented practice follow."""

    def make(
        *above: str,
        sender: str = "Balie <balie@filmwijk.example>",
        to: str = "aanmelding@handover.example",
        body: str = "Hierbij.",
    ) -> bytes:
        below = [
            f"From: {sender}",
            f"To: {to}",
            "Date: Sun, 22 Nov 2026 12:00:00 +0100",
            "Message-ID: <1@filmwijk.example>",
            "Subject: aanmelding",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
        ]
        return "\r\n".join([*above, *below, "", body, ""]).encode()

    return make


@pytest.fixture
def now() -> datetime:
    return NOW
