"""The collector of DATA, against a slow reference that reads line by line."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.intake import replies
from gateway.intake.content import Content, long_line
from gateway.intake.limits import Limits, Memory

LIMITS = replace(
    Limits(), message_bytes=300, line_bytes=20, header_bytes=100, received_hops=2, drain_bytes=2000
)
LONG_LINE = long_line(LIMITS)
streams = st.lists(
    st.sampled_from(
        [b"\r\n", b".", b"..", b"\r", b"\n", b"\0", b"a", b"x" * 9, b"Received: y", b"\r\n.\r\n"]
    ),
    max_size=60,
).map(b"".join)


def feed(stream: bytes, cuts: list[int], memory: Memory) -> tuple[Content, bytes | None]:
    content, start, rest = Content(LIMITS, memory, LONG_LINE), 0, None
    for end in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        if rest is not None:
            rest += stream[start:end]
        elif start < end:
            rest = content.feed(stream[start:end])
        start = end
    return content, rest


def expected(stream: bytes) -> tuple[object, bytes | None]:
    """The verdict or the mail, and what stands behind it; (None, None) when the mail has no end yet."""
    if stream.startswith(b".\r\n"):
        text, rest = b"", stream[3:]
    elif b"\r\n.\r\n" in stream:
        text, _, rest = stream.partition(b"\r\n.\r\n")
        text += b"\r\n"
    else:
        return None, None
    if len(text) > LIMITS.message_bytes:
        return replies.TOO_BIG, rest
    lines = text.split(b"\r\n")[:-1]
    if any(byte in line for line in lines for byte in (b"\r", b"\n", b"\0")):
        return replies.BAD_BYTES, rest
    lines = [line.removeprefix(b".") for line in lines]
    if any(len(line) > LIMITS.line_bytes for line in lines):
        return replies.LINE_TOO_LONG, rest
    header = lines[: lines.index(b"")] if b"" in lines else lines
    hops = sum(line.lower().startswith(b"received:") for line in header)
    if hops > LIMITS.received_hops:
        return replies.TOO_MANY_HOPS, rest
    return b"".join(line + b"\r\n" for line in lines), rest


@given(streams, st.lists(st.integers(min_value=0), max_size=8))
@settings(max_examples=400)
@example(b".\r\n", [1, 2])
@example(b"..\r\n.\r\nMAIL", [3, 5])
@example(b"a\r\n." * 90 + b"\r\n.\r\n", [])
@example((b"a" * 20 + b"\r\n") * 5 + b"\r\n.\r\n", [])
def test_any_stream_in_any_pieces_is_read_as_the_reference_reads_it(stream: bytes, cuts: list[int]) -> None:
    memory = Memory(10**6)
    content, rest = feed(stream, cuts, memory)
    verdict, behind = expected(stream)
    if behind is None:
        assert rest is None
    else:
        assert rest == behind
        got = content.judge()
        # The header's size counts bytes as they came, dots included: the reference leaves it out.
        if got != replies.HEADER_TOO_BIG:
            assert (content.unstuffed() if got is None else got) == verdict
    content.wipe()
    assert memory.used == 0


def test_wiping_leaves_nothing() -> None:
    memory = Memory(10**6)
    content = Content(LIMITS, memory, LONG_LINE)
    content.feed(b"geheim\r\n..\r\n.\r\n")
    buffer = content._buffer
    assert content.unstuffed() == b"geheim\r\n.\r\n"
    assert buffer
    assert not any(buffer)
    assert content._buffer == b""
    assert memory.used > 0
    content.wipe()
    content.wipe()
    assert memory.used == 0


def test_wiping_a_refused_mail_leaves_nothing() -> None:
    content = Content(LIMITS, Memory(10**6), LONG_LINE)
    content.feed(b"geheim\0\r\n.\r\n")
    buffer = content._buffer
    content.wipe()
    assert buffer
    assert not any(buffer)


def test_a_flood_is_held_in_a_few_bytes() -> None:
    memory = Memory(10**6)
    content = Content(LIMITS, memory, LONG_LINE)
    for _ in range(16):
        assert content.feed(b"x" * 100) is None
    assert len(content._buffer) < 10
    assert memory.used == 0
    assert content.feed(b"x" * 500) == b""
    assert content.hopeless
    assert content.judge() == replies.TOO_BIG
