"""The figures as text."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.bench.referrals import Figures


def machine(found: Mapping[str, Any], size: str) -> str:
    """Where and when; a machine that is busy with other things gives other figures."""
    line = f"{found['processors']} processors, load {found['load']:.1f}, Python {found['python']}"
    busy = found["load"] > 0.5 * found["processors"]
    return "\n".join(
        [
            line,
            *(["this machine is busy with other things: compare, but don't quote"] if busy else []),
            *([f"BENCH={size}: few mails, rough figures"] if size != "full" else []),
        ]
    )


def accepts(rates: Mapping[str, Any]) -> str:
    """Mails a second by contestant, and the gateway's part of each."""
    if "skipped" in rates:
        return f"\naccepts: skipped, {rates['skipped']}"
    own = rates["inbeeld"]
    lines = ["\naccepted mails a second (20 connections, 1 KiB, sealed and on disk before the 250)"]
    lines.append(f"{'':<12}{'kept connections':>18}{'one mail each':>16}{'inbeeld/it':>14}")
    for name, ways in rates.items():
        ratios = " ".join(f"{own[way] / ways[way]:>5.2f}×" for way in ways)
        lines.append(f"{name:<12}{ways['kept']:>18.0f}{ways['fresh']:>16.0f}{ratios:>16}")
    return "\n".join(lines)


def referrals(found: Figures) -> str:
    """The main job: how fast, where the time goes, how much memory."""
    cpu = {name: _number(found, f"{name}_cpu_ms") for name in ("gateway", "gpg", "reader")}
    whole = sum(cpu.values())
    readers = found["reader_rss_mib"]
    lines = [
        f"\nreferrals, from accept to the encrypted mail at the sink ({_number(found, 'mails'):.0f} mails)",
        f"  {_number(found, 'seconds_per_1000'):.2f} s per 1,000"
        f", {_number(found, 'per_second'):.1f} a second"
        f" ({_number(found, 'with_answers_per_second'):.1f} with the answer to the referrer)",
        f"  processor time {whole:.1f} ms a referral: "
        + ", ".join(f"{name} {value:.1f} ms ({value / whole:.0%})" for name, value in cpu.items()),
        f"  memory of serve: {_number(found, 'rss_before_mib'):.0f} MiB before,"
        f" {_number(found, 'rss_after_mib'):.0f} after, {_number(found, 'rss_peak_mib'):.0f} at most",
    ]
    for name in ("descriptors", "threads", "files"):
        first, last = found[name] if isinstance(found[name], list) else (0, 0)  # type: ignore[misc]
        lines.append(f"  {name}: {first:.0f} before, {last:.0f} after")
    if isinstance(readers, list):
        lines.append(f"  its reading processes: {', '.join(f'{one:.0f} MiB' for one in readers)}")
    return "\n".join(lines)


def workers(found: Mapping[str, Mapping[str, float]]) -> str:
    """The same figures for each number of worker processes, side by side."""
    lines = ["\nworker processes on PostgreSQL"]
    for name in next(iter(found.values())):
        cells = "".join(f"{one[name]:>9.2f}" for one in found.values())
        lines.append(f"  {name.replace('_', ' '):<28}{cells}")
    return "\n".join(lines)


def milliseconds(title: str) -> Callable[[Mapping[str, float]], str]:
    """Tells milliseconds by what was done."""
    return rate(f"{title} (ms)", places=2)


def clocks(found: Mapping[str, float]) -> str:
    """A sweep that finds nothing, and one that finds much."""
    return (
        f"\nclocks: {found['rows']:,.0f} open, none due: {found['sweep_ms']:.2f} ms a sweep; "
        f"{found['due']:,.0f} of them due: {found['due_s']:.2f} s"
    )


def rate(title: str, places: int = 1) -> Callable[[Mapping[str, float]], str]:
    """Tells each figure of a part on a line of its own."""

    def told(found: Mapping[str, float]) -> str:
        lines = [f"  {name.replace('_', ' '):<34}{value:>8.{places}f}" for name, value in found.items()]
        return "\n".join([f"\n{title}", *lines])

    return told


def _number(found: Figures, name: str) -> float:
    value = found[name]
    return value if isinstance(value, int | float) else 0.0
