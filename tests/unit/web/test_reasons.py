"""Why something is held, in words: every code has some, and each is translated."""

import tomllib
from itertools import chain

import pytest

from adapters import answers, direct, dropfolder, httpspeer, resolver
from gateway.domain.route import AMBIGUOUS_ROUTE, NO_ROUTE
from gateway.sealing.keyfacts import KeyFlaw
from gateway.store.mailbox import LOST_REASON
from gateway.web.pages import CATALOGUES
from gateway.web.reasons import explain, sentences

UNFORESEEN = explain("OpenError")
OURS = (
    "bounced",
    "by_hand",
    "organisation_not_configured",
    "no_alarm_address",
    "no_figures_address",
    "no_alarm_webhook",
    direct.NO_MAIL,
    direct.NO_WAY,
    direct.UNPROVEN,
    direct.UNVALIDATED,
    resolver.TROUBLE,
    "no_notice_address",
    "parcel_malformed",
    "nudge_timeout",
    "unexpected",
    NO_ROUTE,
    AMBIGUOUS_ROUTE,
    LOST_REASON,
)


@pytest.mark.parametrize(
    "code",
    [
        *KeyFlaw,
        *answers.Reason,
        *(f"signaal_{each}" for each in httpspeer.HttpReason),
        *dropfolder.FileReason,
        *OURS,
    ],
)
def test_every_code_is_explained(code: str) -> None:
    told = explain(code)
    assert told != UNFORESEEN
    assert told.what.endswith(".")
    assert told.remedy.endswith(".")
    assert code not in " ".join(told)


def test_the_number_of_an_answer_changes_nothing() -> None:
    assert explain("relay_refused 550 5.1.1") == explain("relay_refused")


@pytest.mark.parametrize("code", [None, "", "LostRace", "a word of <b>somebody</b>"])
def test_what_nobody_foresaw_gets_a_next_step_and_repeats_nothing(code: str | None) -> None:
    assert explain(code) == UNFORESEEN


def test_every_sentence_is_translated() -> None:
    known = set(chain(*(tomllib.loads(path.read_text()) for path in (CATALOGUES / "en").glob("*.toml"))))
    assert sentences() <= known
