"""SQLite's log is emptied soon, and it is told when that can't be done."""

import io
from datetime import timedelta

from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.retire import FULL_FOR, NOT_EMPTIED, Erase
from gateway.store.engine import Store
from gateway.store.tables import ConditionRow
from tests.moments import MONDAY
from tests.story.place import Place


def test_what_was_destroyed_leaves_the_log_and_who_reads_too_long_is_told(place: Place) -> None:
    store, said, metrics = Store.found(place.directory / "data"), io.StringIO(), Metrics()
    erase = Erase(store=store, log=Log(said), metrics=metrics)

    def change(name: str) -> None:
        with store.write() as session:
            session.merge(ConditionRow(name=name, since=MONDAY))

    change("a")
    assert store.log_bytes() > 0
    erase.run(MONDAY)
    assert store.log_bytes() == 0
    with store.read() as session:
        # Somebody looks at an older state of the database, and does not end.
        session.get(ConditionRow, "a")
        change("b")
        for minutes in range(0, 31, 5):
            erase.run(MONDAY + timedelta(minutes=minutes))
        assert store.log_bytes() > 0
    told = metrics.alarms.labels(NOT_EMPTIED)._value.get()
    assert told == 30 * 60 // FULL_FOR.total_seconds()
    assert said.getvalue().count(NOT_EMPTIED) == told
    erase.run(MONDAY)
    assert store.log_bytes() == 0
    store.close()
