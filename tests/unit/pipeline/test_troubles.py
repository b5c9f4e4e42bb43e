"""What ails the house: seen at once, an alarm when it lasts, and its end in the log."""

from pathlib import Path

from sqlmodel import select

from gateway.log import Log
from gateway.metrics import Metrics
from gateway.pipeline.troubles import ALARM_AFTER, CLOCK_LEAPT, DNS_AWAY, Troubles
from gateway.statistics import health
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.tables import EventRow
from gateway.store.worker import Presence
from tests.moments import MONDAY
from tests.story.journal import Journal


def test_an_alarm_is_rung_once_after_it_lasted_and_its_end_is_told(tmp_path: Path) -> None:
    store, journal, metrics = Store.at(tmp_path), Journal(), Metrics()
    migrate(store)
    seconds, away = [0.0], [False]
    troubles = Troubles(
        store=store,
        log=Log(journal),
        metrics=metrics,
        looks={DNS_AWAY: lambda: away[0], CLOCK_LEAPT: lambda: False},
        steady=lambda: seconds[0],
    )

    def look(at: float) -> int:
        seconds[0] = at
        troubles.run(MONDAY)
        return len(journal.events("alarm"))

    presence = Presence(store, tmp_path / "worker.lock")
    assert look(0) == 0
    away[0] = True
    assert look(5) == look(100) == 0, "a resolver that restarts is nobody's business"
    assert metrics.registry.get_sample_value("inbeeld_trouble", {"code": DNS_AWAY}) == 1
    presence.beat(MONDAY, MONDAY, (), troubles.now())
    with store.read() as session:
        assert health.trouble(session) == (DNS_AWAY,)
    assert look(5 + ALARM_AFTER[DNS_AWAY]) == look(9_000) == 1
    away[0] = False
    look(9_001)
    assert [event["code"] for event in journal.events("trouble.over")] == [DNS_AWAY]
    with store.read() as session:
        assert [event.kind for event in session.exec(select(EventRow))] == ["alarm"]
    presence.beat(MONDAY, MONDAY, (), troubles.now())
    with store.read() as session:
        assert health.trouble(session) == ()
    presence.leave()
    store.close()
