"""Which role somebody has here by what their provider says of them: a claim with groups or roles.

It promises that only a value which the configuration names stands for a role, that a list which the provider
left out for its length is never taken for an empty one, and that without a claim in the configuration nobody
has or lacks a role by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.accounts.oidc_discovery import ProviderError
from gateway.web.auth import BEHEERDERS, Role

MOST = 1_000
"""So many values of the claim are looked at."""


@dataclass(frozen=True, slots=True)
class Post:
    """A role, and for a medewerker the organisation."""

    role: str
    organisation_id: str | None


class ClaimedRoles:
    """Reads one claim. `claim` is its name, or a path with dots, such as "realm_access.roles"; `values` are
    what it may hold, each with the organisation for which it stands, or "beheerders"."""

    def __init__(self, claim: str, values: Mapping[str, str]) -> None:
        self._claim = claim
        self._posts = {value: _post(name) for value, name in values.items()}

    def of(self, claims: Mapping[str, Any]) -> frozenset[Post] | None:
        """The posts of whoever has these claims; None where the configuration asks no claim. Raises
        `ProviderError`."""
        if not self._claim:
            return None
        left_out = claims.get("_claim_names")
        if isinstance(left_out, Mapping) and self._claim in left_out:
            # Core 1.0, section 5.6.2; Entra does so for whoever is in more than 200 groups.
            raise ProviderError("too_many_groups")
        found = _at(claims, self._claim)
        values = found if isinstance(found, list) else [found]
        if len(values) > MOST:
            raise ProviderError("too_many_groups")
        return frozenset(
            self._posts[each] for each in values if isinstance(each, str) and each in self._posts
        )


def _post(name: str) -> Post:
    return Post(Role.BEHEERDER, None) if name == BEHEERDERS else Post(Role.MEDEWERKER, name)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The value of a claim, or further down in one; names of claims may hold dots themselves."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
