"""Roles by claim: what a value stands for, and a list that was left out is never an empty one."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.accounts.oidc_discovery import ProviderError
from gateway.accounts.oidc_provider import MOST, ClaimedRoles, Post
from gateway.settings.oidc import Oidc

SCHOOR, BEHEER = Post("medewerker", "de-schoor"), Post("beheerder", None)
VALUES = {"schoor": "de-schoor", "/inbeeld/schoor": "de-schoor", "beheer": "beheerders"}


@pytest.mark.parametrize(
    ("claim", "claims", "posts"),
    [
        ("groups", {"groups": ["x", "/inbeeld/schoor"]}, {SCHOOR}),
        ("groups", {"groups": "beheer"}, {BEHEER}),
        ("roles", {"roles": ["schoor", "beheer"]}, {SCHOOR, BEHEER}),
        ("realm_access.roles", {"realm_access": {"roles": ["schoor"]}}, {SCHOOR}),
        ("https://x.example/roles", {"https://x.example/roles": ["schoor"]}, {SCHOOR}),
        ("groups", {"groups": [["schoor"], {"schoor": 1}, 7, "Schoor"]}, set()),
        ("groups", {"groups": {"schoor": True}}, set()),
        ("a.b.c", {"a": {"b": "schoor"}}, set()),
        ("groups", {}, set()),
    ],
)
def test_only_a_value_that_was_named_is_a_role(claim: str, claims: dict[str, Any], posts: set[Post]) -> None:
    assert ClaimedRoles(claim, VALUES).of(claims) == posts


def test_without_a_claim_nothing_is_said_of_roles() -> None:
    assert ClaimedRoles("", {}).of({"groups": ["schoor"]}) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}},
        {"groups": ["x"] * MOST + ["schoor"]},
    ],
)
def test_a_list_that_is_too_long_is_told_and_not_guessed(claims: dict[str, Any]) -> None:
    with pytest.raises(ProviderError, match="too_many_groups"):
        ClaimedRoles("groups", VALUES).of(claims)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"create": True}, "create"),
        ({"role_claim": "groups"}, "roles"),
        ({"roles": {"g": "de-schoor"}}, "role_claim"),
        ({"role_claim": "groups", "roles": {"g": "de-hoek"}}, "roles"),
        ({"role_claim": "groups", "roles": {"g": "beheerders"}}, "roles"),
        ({"role_claim": "groups", "roles": {"g": "de-schoor"}, "scopes": ["twee woorden"]}, "scopes"),
    ],
)
def test_a_mapping_that_lets_in_more_than_was_agreed_is_refused(given: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError, match=key):
        Oidc(organisations=("de-schoor",), **given)
