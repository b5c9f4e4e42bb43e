"""Another server reports how TLS to us went: it is counted and ignored, and fills no quarantine."""

import gzip
import json

from gateway.store.audit import verify
from tests.invented import make_mail
from tests.postgres import ON_BOTH
from tests.story.place import Place, Town
from tests.unit.reading.test_tlsreport import REPORT

ADDRESS = "tls-reports@handover.example"


@ON_BOTH
async def test_a_report_is_counted_and_a_letter_to_that_address_is_seen(place: Place, town: Town) -> None:
    await town.close()
    place.replace("inbeeld.toml", 'tls_reports = ""', f'tls_reports = "{ADDRESS}"')
    await town.open()
    report = make_mail(sender="tls@elders.example", proof=None, text="Zie bijlage.")
    del report["To"]
    report["To"] = ADDRESS
    report.add_attachment(
        gzip.compress(json.dumps(REPORT).encode()), maintype="application", subtype="tlsrpt+gzip"
    )
    await town.post(report)
    with town.gateway.store.snapshot() as session:
        found = verify(session)
    assert (found.mails, found.cases, found.faults) == ({"ignored": 1}, 0, ())
    text = town.gateway.base.metrics.text().decode()
    assert 'inbeeld_tls_report_sessions_total{result="failed"} 303.0' in text
    assert 'inbeeld_tls_report_sessions_total{result="well"} 5330.0' in text
    # What a person writes there is nobody's report: it goes the way of every mail.
    letter = make_mail(sender="x@elders.example")
    del letter["To"]
    letter["To"] = ADDRESS
    await town.post(letter)
    with town.gateway.store.snapshot() as session:
        assert verify(session).mails == {"ignored": 1, "quarantine": 1}
