"""The scenarios that depend on the event loop, once more under uvloop, which `inbeeld serve` prefers."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from tests.wire import test_attacks, test_dialogues, test_limits, test_mail
from tests.wire.harness import Certificates

Scenario = Callable[..., Coroutine[Any, Any, None]]

PLAIN: list[Scenario] = [
    test_attacks.test_a_client_that_talks_before_the_greeting,
    test_attacks.test_a_client_that_goes_after_the_dot_has_its_mail_kept_and_its_retry_is_the_same_row,
    test_attacks.test_half_closed_connection_still_gets_its_answers,
    test_attacks.test_a_client_that_never_reads_its_answers_is_no_longer_read,
    test_attacks.test_stop_lets_a_mail_on_its_way_finish,
    test_limits.test_two_hundred_junk_commands,
    test_limits.test_an_idle_client_and_one_that_drips_a_command,
    test_limits.test_content_that_never_ends,
    test_limits.test_content_far_over_its_limit,
    test_limits.test_a_client_that_will_not_go,
]
SECURE: list[Scenario] = [
    test_mail.test_a_mail_over_starttls_is_kept_before_250,
    test_attacks.test_plain_text_where_a_handshake_should_be,
    test_attacks.test_a_client_certificate_is_in_the_envelope,
    test_limits.test_a_handshake_that_never_comes,
]


def run(scenario: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(scenario)


@pytest.mark.parametrize("scenario", PLAIN, ids=lambda scenario: scenario.__name__[5:])
def test_scenario(scenario: Scenario) -> None:
    run(scenario())


@pytest.mark.parametrize("scenario", SECURE, ids=lambda scenario: scenario.__name__[5:])
def test_scenario_with_tls(scenario: Scenario, tls: Certificates) -> None:
    run(scenario(tls))


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "half-close"])
def test_content_that_breaks_off(reset: bool) -> None:
    run(test_attacks.test_content_that_breaks_off_is_forgotten(reset))


@pytest.mark.parametrize("path", test_dialogues.DIALOGUES, ids=lambda path: path.stem)
def test_dialogue(path: Path, tls: Certificates) -> None:
    run(test_dialogues.test_dialogue(path, tls))
