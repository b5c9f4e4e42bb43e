"""The parts of the bench: how each is measured, in which sizes, how it is told, and what it must reach."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import (
    accepts,
    board,
    clocks,
    growth,
    mailbox,
    parts,
    postfix,
    reading,
    referrals,
    sealing,
    signalen,
    statements,
    table,
)

SIZES = ("full", "quick", "tiny")
"""Full figures, rough ones, and only whether everything can still be measured."""

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure must be at most, or at least; `found` gives None where it could not be measured."""

    words: str
    limit: float
    found: Callable[[Figures], float | None]
    least: bool = False

    def told(self, figures: Figures) -> str:
        """The figure, its aim, and whether that is reached."""
        value = self.found(figures)
        if value is None:
            return f"  not measured  {self.words}"
        good = value >= self.limit if self.least else value <= self.limit
        sign = "≥" if self.least else "≤"
        return f"  {'reached' if good else 'missed':<9}{self.words}: {value:.4g} (aim {sign} {self.limit:g})"


@dataclass(frozen=True, slots=True)
class Section:
    """One part; `sizes` holds what `measure` is given after its folder, by the names of `SIZES`."""

    name: str
    measure: Callable[..., Figures]
    tell: Callable[[Any], str]
    sizes: tuple[tuple[int, ...], ...] = ((), (), ())
    aims: tuple[Aim, ...] = ()

    def run(self, place: Path, size: str, first: int | None = None) -> tuple[Figures, str]:
        """Measure it in a new folder; `first` replaces the first of its numbers."""
        numbers = self.sizes[SIZES.index(size)]
        figures = self.measure(place / self.name, *(numbers if first is None else (first, *numbers[1:])))
        return figures, "\n".join([self.tell(figures), *(aim.told(figures) for aim in self.aims)])


def _accepts(directory: Path, mails: int, rounds: int) -> Figures:
    if why := accepts.why_not():
        return {"skipped": why}
    if why := postfix.why_not():
        print(f"\nPostfix: skipped, {why}")
    return accepts.measure(directory, mails, rounds)


def _to_postfix(way: str) -> Callable[[Figures], float | None]:
    return lambda found: found["inbeeld"][way] / found["postfix"][way] if "postfix" in found else None


def _workers(directory: Path, mails: int, most: int) -> Figures:
    directory.mkdir()
    return {
        str(number): referrals.measure_workers(directory / str(number), mails, number)
        for number in range(1, most + 1)
    }


def _two_to_one(found: Figures) -> float | None:
    rate = "with_answers_per_second"
    return found["2"][rate] / found["1"][rate] if "2" in found else None


def _of(name: str) -> Callable[[Figures], float | None]:
    return lambda found: float(found[name])


SECTIONS = (
    Section(
        "accepts",
        _accepts,
        table.accepts,
        ((1500, 3), (300, 2), (20, 1)),
        (
            Aim("kept connections, × Postfix", 1.0, _to_postfix("kept"), least=True),
            Aim("one mail each, × Postfix", 0.9, _to_postfix("fresh"), least=True),
        ),
    ),
    Section(
        "referrals",
        referrals.measure,
        table.referrals,
        ((1000,), (100,), (5,)),
        (
            Aim("referrals with their answers a second", 100, _of("with_answers_per_second"), least=True),
            Aim(
                "processor time a referral, ms",
                12,
                lambda found: sum(found[f"{name}_cpu_ms"] for name in ("gateway", "gpg", "reader")),
            ),
            Aim("memory of serve when it is ready, MiB", 150, _of("rss_before_mib")),
            Aim("memory of serve at most, MiB", 200, _of("rss_peak_mib")),
        ),
    ),
    Section(
        "statements",
        statements.measure,
        table.rate("statements and commits a referral, by size of the batch"),
        ((64,), (64,), (2,)),
    ),
    Section(
        "workers",
        _workers,
        table.workers,
        ((1000, 3), (100, 2), (5, 1)),
        (
            Aim(
                "processor time a referral on PostgreSQL, with the server, ms",
                18,
                lambda found: sum(found["1"][f"{name}_cpu_ms"] for name in ("intake", "workers", "server")),
            ),
            Aim("two workers, × one", 1.5, _two_to_one, least=True),
        ),
    ),
    Section(
        "parts",
        parts.measure,
        table.milliseconds("a durable commit, a mail to the relay"),
        ((300,), (50,), (2,)),
    ),
    Section("sealing", sealing.measure, table.milliseconds("sealing, one by one"), ((50,), (10,), (1,))),
    Section(
        "mailbox",
        mailbox.measure,
        table.rate("mailbox, one collector"),
        ((1000,), (100,), (5,)),
        (Aim("mailbox items a second", 300, _of("items_per_second"), least=True),),
    ),
    Section("signalen", signalen.measure, table.rate("signalen"), ((120,), (40,), (5,))),
    Section(
        "clocks",
        clocks.measure,
        table.clocks,
        ((1_000_000, 1_000), (50_000, 100), (100, 10)),
        (Aim("seconds for 1,000 due clocks", 0.5, lambda found: found["due_s"] * 1000 / found["due"]),),
    ),
    Section(
        "board",
        board.measure,
        board.table,
        ((100_000, 200), (10_000, 20), (100, 2)),
        (Aim("first screen, 95th percentile, ms", 60, _of("screen_p95_ms")),),
    ),
    Section(
        "growth",
        growth.measure,
        growth.table,
        ((220_000, 20), (10_000, 5), (100, 1)),
        (
            Aim("the figures of everything, ms", 300, _of("figures_all_ms")),
            Aim("seconds of the report", 3, _of("report_s")),
            Aim("memory of the web role at most, MiB", 200, _of("web_peak_mib")),
        ),
    ),
    Section(
        "reading",
        reading.measure,
        reading.table,
        ((500, 5), (50, 2), (5, 1)),
        (
            Aim("wrong numbers", 0, _of("wrong_numbers")),
            Aim("needless questions about everyday mails, %", 5, _of("needless_percent")),
            Aim("milliseconds a mail, median", 5, _of("ms_median")),
        ),
    ),
    Section("torture", reading.torture, table.rate("broken mails, by the most memory that one takes")),
)
