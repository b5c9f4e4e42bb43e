"""Limits of a test's own, and which of them a test hits."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from gateway.intake.limits import Limits

Test = TypeVar("Test", bound=Callable[..., object])


def hits(*names: str) -> Callable[[Test], Test]:
    """Says which limits a test hits."""

    def mark(test: Test) -> Test:
        test.__dict__["hits"] = names
        return test

    return mark


def limited(**values: float) -> Limits:
    return replace(Limits(), **values)  # type: ignore[arg-type]
