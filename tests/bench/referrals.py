"""Referrals from the first accept to the encrypted mail at the organisation's server, and what they cost.

The gateway, the sender and the sink are three processes. Processor time is taken from /proc in that very
run, so the shares add up to what the run took.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.place import make, serving, stop

CONNECTIONS = 20
WARM = 20
"""So many referrals go first: every reading process is started, and every connection to the sink is open."""

Figures = dict[str, float | list[float]]


def measure(directory: Path, mails: int) -> Figures:
    """One run, in a new directory."""
    place = make(directory)
    with _sink(place, mails) as sink, serving(place) as gateway:
        send(gateway.port, 0, WARM)
        _ends(sink)
        before = gateway.use()
        began, accepted = send(gateway.port, WARM, mails)
        ends = _ends(sink)
        after = gateway.use()
    seconds = ends["handovers"] - began
    return {
        "mails": mails,
        "accept_seconds": accepted - began,
        "seconds_per_1000": seconds * 1000 / mails,
        "per_second": mails / seconds,
        "with_answers_per_second": mails / (max(ends.values()) - began),
        "gateway_cpu_ms": (after.own - before.own) * 1000 / mails,
        "gpg_cpu_ms": (after.ended - before.ended) * 1000 / mails,
        "reader_cpu_ms": (after.readers - before.readers) * 1000 / mails,
        "rss_before_mib": before.memory,
        "rss_after_mib": after.memory,
        "rss_peak_mib": after.peak,
        "reader_rss_mib": list(after.reader_memory),
    }


@contextmanager
def _sink(place: Path, mails: int) -> Iterator["subprocess.Popen[str]"]:
    """The organisation's mail server; the gateway is configured to relay through it."""
    tls = place / "keys" / "tls"
    words = [str(tls / "server.pem"), str(tls / "server.key"), str(WARM), str(mails)]
    command = [sys.executable, "-m", "tests.bench.sink", *words]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        _, port = _line(sink)
        config = place / "config" / "inbeeld.toml"
        config.write_text(config.read_text().replace('"localhost:587"', f'"localhost:{port:.0f}"'))
        yield sink
    finally:
        stop(sink)


def send(port: int, first: int, mails: int) -> tuple[float, float]:
    """Send referrals from a process of its own: when it began, and when the last 250 had come."""
    words = [str(number) for number in (port, first, mails, CONNECTIONS)]
    command = [sys.executable, "-m", "tests.bench.sender", *words]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return float(told[1]), float(told[2])


def _ends(sink: "subprocess.Popen[str]") -> dict[str, float]:
    return dict(_line(sink) for _ in range(2))


def _line(sink: "subprocess.Popen[str]") -> tuple[str, float]:
    word, _, number = (sink.stdout.readline() if sink.stdout else "").partition(" ")
    return word, float(number)
