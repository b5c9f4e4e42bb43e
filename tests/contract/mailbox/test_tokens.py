"""`inbeeld tokens`: shown once, kept as a digest, ended at once."""

import json

from gateway.store.tables import TokenRow
from tests.contract.mailbox.harbour import HAVEN, Harbour


async def test_a_token_is_shown_once_used_and_ended(harbour: Harbour) -> None:
    made = json.loads(harbour.town.inbeeld("tokens", "new", HAVEN, "--json"))
    queue = {"method": "GET", "who": made["token"]}
    assert (await harbour.ask("/v1/wachtrij", **queue)).status_code == 200

    (listed,) = [row for row in harbour.town.json("tokens", "list", HAVEN) if row["id"] == made["id"]]
    assert listed["last_used_at"] is not None
    _, _, secret = made["token"].split("_", 2)
    assert secret not in json.dumps(harbour.town.json("tokens", "list"))
    with harbour.town.gateway.store.read() as session:
        row = session.get(TokenRow, made["id"])
        assert row is not None
        assert secret not in row.model_dump_json()

    harbour.town.inbeeld("tokens", "revoke", made["id"])
    assert (await harbour.ask("/v1/wachtrij", **queue)).status_code == 401
    assert [kind for kind in harbour.kinds() if kind.startswith("token.")] == ["token.made", "token.revoked"]


async def test_a_token_is_for_an_organisation_that_exists(harbour: Harbour) -> None:
    told = harbour.town.inbeeld("tokens", "new", "nobody", code=1)
    assert HAVEN in told
    assert "tokens list" in harbour.town.inbeeld("tokens", "revoke", "nothing", code=1)
