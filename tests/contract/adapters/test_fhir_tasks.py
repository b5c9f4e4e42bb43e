"""What a Task of a receiver's FHIR server says of a referral, and that whatever comes is told or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.fhirtask import CODES, DELIVERY, NoTask, told_by
from adapters.told import Meaning


def task(status: str, progress: str = "", reason: str = "", **more: Any) -> dict[str, Any]:
    found = {"resourceType": "Task", "identifier": [{"system": DELIVERY, "value": "d1"}], "status": status}
    for name, code in (("businessStatus", progress), ("statusReason", reason)):
        if code:
            found[name] = {"coding": [{"system": CODES, "code": code}]}  # type: ignore[assignment]
    return found | more


@pytest.mark.parametrize(
    ("said", "meanings", "unknown"),
    [
        (task("requested"), [], ()),
        (task("rejected", reason="capacity"), [Meaning("declined", "capacity")], ()),
        (task("rejected", reason="vol"), [Meaning("declined", "not_appropriate")], ("Task.statusReason",)),
        (task("rejected"), [Meaning("declined", "not_appropriate")], ()),
        (task("in-progress", "attempted"), [Meaning("collected"), Meaning("attempted")], ()),
        (task("in-progress", "gebeld"), [Meaning("collected")], ("Task.businessStatus",)),
        (task("entered-in-error"), [], ("Task.status",)),
        (task("onbekend", "contacted"), [Meaning("contacted")], ("Task.status",)),
        (
            task("accepted", businessStatus={"text": "in beeld"}),
            [Meaning("collected")],
            ("Task.businessStatus",),
        ),
        (task("failed", "unreachable"), [Meaning("unreachable"), Meaning("declined", "not_appropriate")], ()),
    ],
)
def test_what_a_task_says(said: dict[str, Any], meanings: list[Meaning], unknown: tuple[str, ...]) -> None:
    told = told_by(said)
    assert [fact.before for fact in told.facts] == meanings
    assert told.unknown == unknown


def test_attempts_on_two_days_are_two() -> None:
    days = ("2026-11-23T09:00:00Z", "2026-11-23T23:30:00Z", "2026-11-24T08:00:00+01:00", "gisteren")
    keys = [told_by(task("in-progress", "attempted", lastModified=day)).facts[1].key for day in days]
    assert keys[1] == keys[2] != keys[0]
    # At the ends of the calendar a moment has no day here; the Task is read all the same.
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59"):
        assert told_by(task("in-progress", "contacted", lastModified=moment)).facts[1].on is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["identifier", "status", "businessStatus", "statusReason", "meta", "lastModified"]),
        json_values,
    )
    | json_values
)
def test_whatever_comes_is_told_or_refused(value: Any) -> None:
    if isinstance(value, dict):
        value = {"resourceType": "Task", **value}
    try:
        told_by(value)
    except NoTask:
        return
