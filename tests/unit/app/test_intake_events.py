"""What the intake tells of its own trouble: every time in the figures, now and then in the log."""

from gateway.app.intake import TELL_AGAIN, IntakeEvents
from gateway.log import Log
from gateway.metrics import Metrics
from tests.story.journal import Journal


def test_a_database_that_is_away_fills_no_log() -> None:
    journal, metrics, seconds = Journal(), Metrics(), [0.0]
    events = IntakeEvents(Log(journal), metrics, lambda: seconds[0])
    for second in range(100):
        seconds[0] = float(second)
        events.failed("commit", "the store did not take the mail (OperationalError)")
    events.failed("seal", "ValueError")
    assert [event["step"] for event in journal.events("alarm")] == ["commit", "commit", "seal"]
    assert TELL_AGAIN == 60
    assert metrics.registry.get_sample_value("inbeeld_alarms_total", {"code": "intake"}) == 101
