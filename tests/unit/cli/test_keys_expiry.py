"""Before a key ends: our own are watched like those of organisations, and each step is told once."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.app import Gateway
from gateway.app.inventory import SIGNER, TLS
from gateway.app.watch import Watch, keys_of
from gateway.pipeline.alarms import KEY_DAYS, step_passed
from gateway.sealing import box
from gateway.sealing.box import PresentKey
from gateway.store import alarms
from gateway.store.migrate import migrate
from tests.story.place import Place
from tests.unit.sealing.trial_keys import NOW


@settings(max_examples=100, deadline=None)
@given(st.timedeltas(min_value=-timedelta(days=400), max_value=timedelta(days=400)))
def test_the_step_is_the_nearest_that_has_passed(left: timedelta) -> None:
    step = step_passed(NOW + left, NOW)
    assert step in (None, *KEY_DAYS)
    if step is None:
        assert left > timedelta(days=60)
    else:
        assert left <= timedelta(days=step)
        assert not any(left <= timedelta(days=days) < timedelta(days=step) for days in KEY_DAYS)


def test_what_never_ends_is_never_told() -> None:
    assert step_passed(None, NOW) is None


def told(gateway: Gateway) -> list[tuple[str, int]]:
    with gateway.store.read() as session:
        events = alarms.alarming(session, 0, 1000)
    return [
        (kind, days)
        for event in events
        for kind in (TLS, SIGNER, "de-schoor")
        for days in KEY_DAYS
        if f'"days":{days},' in event.data and f'"organisation":"{kind}"' in event.data
    ]


def test_our_own_certificate_is_told_of_three_times_and_when_it_has_expired(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    (end,) = (key.expires_at for key in gateway.inventory.own(NOW) if key.kind == TLS)
    assert end is not None
    for days in (61, 60, 59, 31, 30, 8, 7, 6, 1, 0):
        gateway.worker.alarms.check_keys(end - timedelta(days=days))
        gateway.worker.alarms.check_keys(end - timedelta(days=days))
    assert [step for kind, step in told(gateway) if kind == TLS] == [60, 30, 7, 0]
    assert SIGNER not in dict(told(gateway)), "it is good for two years"
    gateway.store.close()


def test_a_certificate_that_the_configuration_names_is_told_of_likewise(place: Place) -> None:
    gateway = Gateway.at(place.directory)
    migrate(gateway.store)
    name = "gemeente-poort.client_cert"
    (end,) = (key.expires_at for key in gateway.inventory.named(NOW) if key.owner == name)
    assert end is not None
    for days in (61, 20, 0):
        gateway.worker.alarms.check_keys(end - timedelta(days=days))
    with gateway.store.read() as session:
        events = [event for event in alarms.alarming(session, 0, 1000) if f'"{name}"' in event.data]
    assert [f'"days":{days},' in event.data for event, days in zip(events, (30, 0), strict=True)] == [
        True
    ] * 2
    assert f'inbeeld_key_expiry_days{{key="certificate-{name}"}}' in figures(gateway)
    gateway.store.close()


def figures(gateway: Gateway) -> str:
    """What the worker tells to who watches it."""
    return Watch(gateway.base, keys_of(gateway.inventory, all=True)).figures().decode()


def test_a_gateway_without_keys_of_its_own_can_be_watched(place: Place) -> None:
    for path in (place.directory / "keys" / "gateway").iterdir():
        path.unlink()
    gateway = Gateway.at(place.directory)
    ends = {key.kind: key.expires_at for key in gateway.inventory.own(NOW)}
    assert ends.pop(TLS) is not None
    assert set(ends.values()) <= {None}


def test_half_a_copy_of_the_public_key_stops_nobody(tmp_path: Path) -> None:
    first, second = box.generate().public, box.generate().public
    path = tmp_path / "intake.pub"
    first.save(path)
    present = PresentKey(path)
    assert present() == first
    path.write_bytes(path.read_bytes()[:100])
    assert present() == first
    path.unlink()
    assert present() == first
    second.save(path)
    assert present() == second
    with pytest.raises(Exception, match=r"intake\.pub"):
        PresentKey(tmp_path / "elsewhere" / "intake.pub")
