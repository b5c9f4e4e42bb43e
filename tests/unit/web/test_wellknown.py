"""security.txt and robots.txt, as programs read them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapters.mtasts import StsPolicy
from gateway.web.problems import Problem
from gateway.web.public.wellknown import MTA_STS, SECURITY, WellKnown, policy_id, sts_policy

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def read(contact: str = "mailto:lek@handover.example", base_url: str = "", now: datetime = NOW) -> str:
    known = WellKnown(contact=contact, base_url=base_url, now=lambda: now)
    answer = TestClient(Starlette(routes=known.routes())).get(SECURITY)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


def test_it_tells_whom_to_tell() -> None:
    assert read() == (
        "Contact: mailto:lek@handover.example\nExpires: 2027-06-29T00:00:00Z\nPreferred-Languages: nl, en\n"
    )
    canonical = "Canonical: https://handover.example/.well-known/security.txt\n"
    assert read(base_url="https://handover.example").endswith(canonical)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_it_always_holds_for_a_while_and_less_than_a_year(now: datetime) -> None:
    (line,) = (line for line in read(now=now).splitlines() if line.startswith("Expires: "))
    expires = datetime.fromisoformat(line.removeprefix("Expires: "))
    assert timedelta(days=100) < expires - now < timedelta(days=365)


def test_without_a_contact_there_is_none() -> None:
    with pytest.raises(Problem) as refused:
        read(contact="")
    assert refused.value.kind.status == 404


def test_no_search_engine_is_welcome() -> None:
    known = WellKnown(contact="", base_url="", now=lambda: NOW)
    answer = TestClient(Starlette(routes=known.routes())).get("/robots.txt")
    assert answer.text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("mode", ["testing", "enforce"])
def test_our_policy_is_one_that_we_would_follow_ourselves(mode: str) -> None:
    policy = sts_policy(mode, ("mx1.overdracht.nl", "mx2.overdracht.nl"))
    known = WellKnown(contact="", base_url="", now=lambda: NOW, policy=policy)
    answer = TestClient(Starlette(routes=known.routes())).get(MTA_STS)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    read_back = StsPolicy.parse(answer.text)
    assert (read_back.mode, read_back.mx) == (mode, ("mx1.overdracht.nl", "mx2.overdracht.nl"))
    assert read_back.max_age >= 86_400
    assert policy_id(policy) != policy_id(sts_policy(mode, ("mx1.overdracht.nl",)))
    assert len(policy_id(policy)) <= 32


def test_without_a_mode_there_is_no_policy() -> None:
    assert (sts_policy("", ("mx.overdracht.nl",)), policy_id("")) == ("", "")
    known = WellKnown(contact="", base_url="", now=lambda: NOW)
    with pytest.raises(Problem) as refused:
        TestClient(Starlette(routes=known.routes())).get(MTA_STS)
    assert refused.value.kind.status == 404
