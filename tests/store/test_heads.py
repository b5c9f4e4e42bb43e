"""Signed heads of the audit trail: once a day, out of reach, and nothing can be cut off behind them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col, select

from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigError
from gateway.pipeline.heads import Heads
from gateway.sealing.headkey import HeadSigner, HeadVerifier, SignedHead
from gateway.store import audit, outbox
from gateway.store.audit import Head
from gateway.store.engine import Store
from gateway.store.tables import EventRow, HeadRow, OutboxRow
from tests.store.rows import DAY, HOUR, NOW

SIGNER = HeadSigner.generate()


def happen(store: Store, times: int = 1) -> None:
    """So many looks, about which nothing but the trail tells."""
    for _ in range(times):
        with store.write() as session:
            audit.append(session, AuditEvent.BOARD_CASE_SHOWN, now=NOW, actor="user:1")


def faults(store: Store) -> tuple[str, ...]:
    with store.snapshot() as session:
        return audit.verify(session).faults


def test_it_is_signed_once_a_day_and_only_if_something_happened(store: Store) -> None:
    heads = Heads(
        store=store, signer=SIGNER, domain="handover.example", by_mail=lambda: True, by_webhook=True
    )
    assert heads.run(NOW) == 0, "nothing happened yet"
    happen(store, 3)
    assert [heads.run(NOW + number * HOUR) for number in range(48)] == [*[0] * 24, 1, *[0] * 23]
    assert heads.run(NOW + 2 * DAY) == 0, "nothing happened since"
    happen(store)
    assert heads.run(NOW + 2 * DAY) == 1
    with store.read() as session:
        kept = session.exec(select(HeadRow).order_by(col(HeadRow.seq))).all()
        waiting = session.exec(select(OutboxRow).order_by(col(OutboxRow.created_at))).all()
        end = audit.last(session)
    assert [head.seq for head in kept] == [3, 4]
    messages = [outbox.read(row) for row in waiting]
    assert sorted(type(message).__name__ for message in messages) == ["HeadAlert"] * 2 + ["TrailHead"] * 2
    signed = SignedHead.parse(messages[-1].text)  # type: ignore[union-attr]
    assert SIGNER.verifier.confirms(signed)
    assert Head(signed.seq, signed.hash) == end
    assert faults(store) == ()


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_looks_that_are_cut_off_at_the_end_are_missed(store: Store, cut: int) -> None:
    happen(store, 5)
    Heads(store=store, signer=SIGNER, domain="handover.example", by_mail=lambda: False).run(NOW + DAY)
    with store.read() as session:
        end = audit.last(session)
    with store.write() as session:
        session.execute(delete(EventRow).where(col(EventRow.seq) > 5 - cut))
    assert faults(store) == (
        f"head 5: the trail lacks what it held when this was signed on {NOW + DAY:%Y-%m-%d}",
    )
    with store.write() as session:
        session.execute(delete(HeadRow))
    assert faults(store) == (), "whoever can write there can do that too"
    with store.read() as session:
        told = audit.fits(session, end)
    assert told == f"the trail ends at event {5 - cut}, and it had 5 when the head was signed: it was cut off"


def test_a_trail_that_was_written_anew_does_not_fit(store: Store) -> None:
    happen(store, 2)
    with store.read() as session:
        assert audit.fits(session, audit.last(session)) is None
        told = audit.fits(session, Head(2, "0" * 64))
    assert told == "event 2: is not the one that was signed: the trail was changed before it"


@given(
    seq=st.integers(1, 10**17),
    at=st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)),
    before=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=40),
    mark=st.sampled_from(["", "> ", "| ", "  "]),
)
def test_a_mail_program_may_quote_it(seq: int, at: datetime, before: str, mark: str) -> None:
    head = SIGNER.sign("handover.example", at.replace(tzinfo=UTC), seq, "ab" * 32)
    quoted = "\r\n".join(f"{mark}{line}" for line in str(head).splitlines())
    found = SignedHead.parse(f"Subject: x\n\n{before}\n{quoted}\r\nmet groet\n")
    assert found == head
    assert SIGNER.verifier.confirms(found)


@pytest.mark.parametrize("line", range(8))
def test_what_was_changed_is_not_confirmed(line: int) -> None:
    head = SIGNER.sign("handover.example", NOW, 41, "ab" * 32)
    lines = str(head).splitlines()
    name, _, value = lines[line].partition(": ")
    swapped = {"1": "2", "0": "1", "a": "b", "h": "i", "2": "3"}
    changed = next(value.replace(one, other, 1) for one, other in swapped.items() if one in value)
    lines[line] = f"{name}: {changed}"
    try:
        found = SignedHead.parse("\n".join(lines))
    except ValueError:
        return
    assert not SIGNER.verifier.confirms(found)
    assert not HeadSigner.generate().verifier.confirms(head)


def test_a_key_that_is_none_is_told(tmp_path: Path) -> None:
    for content in (b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        (tmp_path / "key.pem").write_bytes(content)
        (tmp_path / "key.pem").chmod(0o600)
        with pytest.raises(ConfigError, match="is no Ed25519"):
            HeadVerifier.load(tmp_path / "key.pem")
        with pytest.raises(ConfigError, match="is no Ed25519"):
            HeadSigner.load(tmp_path / "key.pem")
