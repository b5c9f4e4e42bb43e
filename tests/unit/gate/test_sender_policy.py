"""SPF: the public suite of RFC 7208, read from where it stands, and what it does not ask."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.gate.authenticity import DnsTrouble
from gateway.gate.selfcheck import spf_result

try:
    import yaml
except ImportError:
    yaml = None

SUITE = Path(__file__).parents[4] / "shared" / "corpus" / "spf" / "rfc7208-tests.yml"


class Zone:
    """A zone of the suite as a resolver: it follows CNAMEs, and copies SPF records to TXT where it must."""

    def __init__(self, data):
        self.names = {name.lower(): self._records(entries) for name, entries in data.items()}

    @staticmethod
    def _records(entries):
        kinds = [next(iter(entry)) for entry in entries if isinstance(entry, dict)]
        records = []
        for entry in entries:
            if entry == "TIMEOUT":
                records.append(("*", "TIMEOUT"))
                continue
            ((kind, value),) = entry.items()
            if kind == "TXT" and value == "NONE":
                continue
            records.append((kind, value))
            if kind == "SPF" and "TXT" not in kinds:
                records.append(("TXT", value))
        return records

    def look_up(self, name, kind):
        for _ in range(12):
            records = self.names.get(name.lower().removesuffix("."), [])
            found = [value for has, value in records if has == kind]
            if "TIMEOUT" in found or (not found and ("*", "TIMEOUT") in records):
                raise DnsTrouble
            alias = [value for has, value in records if has == "CNAME"]
            if found or not alias:
                return tuple(self._plain(kind, value) for value in found)
            name = alias[0]
        return ()

    @staticmethod
    def _plain(kind, value):
        if kind == "TXT":
            parts = value if isinstance(value, list) else [value]
            return b"".join(part.encode("utf-8") for part in parts)
        return tuple(value) if kind == "MX" else value


def suite():
    """Every case; the suite asks nothing that pyspf does not do, so none is left out."""
    missing = None if yaml else "the SPF suite is YAML: pip install pyyaml"
    missing = missing if SUITE.exists() else f"{SUITE.name} does not stand beside this checkout"
    if missing:
        return [pytest.param(None, {}, id="suite", marks=pytest.mark.skip(missing))]
    cases = []
    for scenario in yaml.safe_load_all(SUITE.read_text("utf-8")):
        zone = Zone(scenario["zonedata"])
        for name, case in scenario["tests"].items():
            cases.append(pytest.param(zone, case, id=name))
    return cases


@pytest.mark.parametrize(("zone", "case"), suite())
def test_the_public_suite(zone, case):
    allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    found = spf_result(zone, peer_ip=case["host"], mail_from=case["mailfrom"], helo=case["helo"])
    assert found in allowed


def zone(**entries):
    return Zone({name.replace("_", "."): records for name, records in entries.items()})


def test_a_null_return_path_is_checked_by_its_helo():
    names = zone(mail_filmwijk_example=[{"TXT": "v=spf1 ip4:192.0.2.10 -all"}])
    assert spf_result(names, peer_ip="192.0.2.10", mail_from="", helo="mail.filmwijk.example") == "pass"
    assert spf_result(names, peer_ip="192.0.2.11", mail_from="", helo="mail.filmwijk.example") == "fail"


def test_trouble_is_temporary_whatever_comes_after_it():
    names = zone(a_example=[{"TXT": "v=spf1 include:b.example +all"}], b_example=["TIMEOUT"])
    assert spf_result(names, peer_ip="192.0.2.10", mail_from="x@a.example", helo="h.example") == "temperror"


def test_the_explanation_is_not_looked_up():
    names, asked = zone(a_example=[{"TXT": "v=spf1 -all exp=b.example"}]), []

    class Watched:
        def look_up(self, name, kind):
            asked.append(name)
            return names.look_up(name, kind)

    assert spf_result(Watched(), peer_ip="192.0.2.10", mail_from="x@a.example", helo="h.example") == "fail"
    assert asked == ["a.example"]


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=30), st.text(max_size=60))
def test_nothing_makes_it_raise(mail_from, helo, peer_ip, record):
    names = Zone({"a.example": [{"TXT": f"v=spf1 {record.encode('utf-8', 'replace').decode()}"}]})
    for sender in (mail_from, f"{mail_from}@a.example"):
        assert spf_result(names, peer_ip="2001:db8::1", mail_from=sender, helo=helo) != ""
    assert spf_result(names, peer_ip=peer_ip, mail_from="x@a.example", helo=helo) != ""
