"""The page of the mailbox key: made, opened, handed on and changed in the browser.

It promises that only public keys and wrapped private ones come and go here, that somebody gets the wraps of
their own mailbox alone, that wraps are added only by somebody whose browser has the private key at that
moment, that what is handed on is for one colleague of the same mailbox, and that every change is an audit
event.
"""

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gateway.domain.trail import AuditEvent
from gateway.gate.websecret import WebSecret
from gateway.mailbox.shapes import MoreWraps, NewPair, Wrap, read
from gateway.sealing.jwe import ask_compact
from gateway.sealing.keyfacts import grouped
from gateway.store import audit, pairs
from gateway.store.pagetables import PairRow, UserRow, WrapRow
from gateway.store.pairs import PairKind
from gateway.web import problems
from gateway.web.auth import STAFF, Visitor
from gateway.web.pages import TRUSTED, Shell, ShellPage
from gateway.web.problems import Problem

PATH = "/sleutel"

PROOF = "pair"
"""What the web role's secret marks: the answer of somebody who has a pair's private key."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who shares the mailbox, and whether they have the newest key that the visitor has."""

    id: str
    name: str
    has_key: bool
    handed_until: datetime | None


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair as the page shows it; `spare` when it was replaced before anybody bound it."""

    id: str
    groups: str
    bound: bool
    spare: bool
    made_at: datetime
    mine: bool
    handed: bool


class KeyPage(ShellPage):
    """The page and what its scripts ask. `bound(owner)` is the fingerprint that seals for an owner now."""

    def __init__(self, shell: Shell, *, bound: Callable[[str], str | None], secret: WebSecret) -> None:
        super().__init__(shell)
        self._bound, self._secret = bound, secret

    def routes(self) -> list[BaseRoute]:
        route, post = self._auth.route, ("POST",)
        return [
            route(PATH, self._show, roles=STAFF),
            route(f"{PATH}/wikkels", self._own, roles=STAFF),
            route(f"{PATH}/wikkels", self._more, roles=STAFF, methods=post),
            route(f"{PATH}/paren", self._new, roles=STAFF, methods=post),
        ]

    def _show(self, request: Request, visitor: Visitor) -> Response:
        now, bound = self._wall(), self._bound(visitor.owner)
        with self._store.read() as session:
            rows = pairs.in_use(session, visitor.owner)
            found = pairs.wraps(session, [row.id for row in rows], now)
            people = pairs.colleagues(session, visitor.organisation_id)
            full = pairs.is_full(session, rows, visitor.user_id)
        spare = pairs.spare(rows, bound)
        shown = [_shown(row, found, visitor, bound, row in spare) for row in reversed(rows)]
        # A colleague without the key may have made a newer one, which takes nothing from who has it.
        kept = next((pair.id for pair in shown if pair.mine), "")
        return self._render(
            visitor,
            "keys/sleutel.html",
            headers=TRUSTED,
            done="gelukt" in request.query_params,
            pairs=shown,
            access=next((pair.mine for pair in shown if pair.bound), bool(kept)),
            colleagues=_colleagues(people, found, kept, visitor),
            full=full,
        )

    def _own(self, _: Request, visitor: Visitor) -> Response:
        """Every wrap that this person can have the secret of."""
        now, bound = self._wall(), self._bound(visitor.owner)
        with self._store.read() as session:
            rows = pairs.in_use(session, visitor.owner)
            found = pairs.wraps(session, [row.id for row in rows], now)
        return JSONResponse(
            {
                "gebruiker": visitor.user_id,
                "eigenaar": visitor.owner,
                "paren": [
                    {
                        "id": row.id,
                        "openbaar": json.loads(row.public_jwk),
                        "gebonden": row.id == bound,
                        "proef": ask_compact(self._answer(row, visitor), row.public_jwk),
                        "wikkels": [
                            {"soort": wrap.kind, "inhoud": json.loads(wrap.wrapped)}
                            for wrap in found
                            if wrap.pair_id == row.id and wrap.user_id in (visitor.user_id, None)
                        ],
                    }
                    for row in rows
                ],
            }
        )

    def _new(self, request: Request, visitor: Visitor) -> Response:
        self._keep_pair(read(request, NewPair), visitor)
        return JSONResponse({"bewaard": True}, 201)

    def _more(self, request: Request, visitor: Visitor) -> Response:
        self._keep_wraps(read(request, MoreWraps), visitor)
        return JSONResponse({"bewaard": True}, 201)

    def _keep_pair(self, new: NewPair, visitor: Visitor) -> None:
        now = self._wall()
        with self._store.write() as session:
            pairs.alone(session)
            rows = pairs.in_use(session, visitor.owner)
            newest = rows[-1].id if rows else None
            # Two colleagues at once, or a page of yesterday: the second one looks again.
            full = pairs.is_full(session, rows, visitor.user_id)
            if newest != new.vervangt or full or pairs.is_known(session, new.id):
                raise Problem(problems.CHANGED)
            jwk = new.openbaar.model_dump()
            pair = pairs.add(session, visitor.owner, jwk, new.id, now=now, by=visitor.user_id)
            facts = {"owner": visitor.owner, "pair": pair.id}
            audit.append(session, AuditEvent.KEY_MADE, now=now, actor=visitor.actor, **facts)
            # Whoever keeps the key may hand it on and print it, so their own wrap comes first.
            for wrap in sorted(new.wikkels, key=lambda each: each.soort is not PairKind.PASSPHRASE):
                self._keep(session, pair, wrap, visitor, now)

    def _keep_wraps(self, more: MoreWraps, visitor: Visitor) -> None:
        now = self._wall()
        with self._store.write() as session:
            pairs.alone(session)
            for each in more.paren:
                pair = pairs.find(session, visitor.owner, each.paar)
                if pair is None or not hmac.compare_digest(each.bewijs, self._answer(pair, visitor)):
                    raise Problem(problems.NOT_FOUND)
                for wrap in each.wikkels:
                    self._keep(session, pair, wrap, visitor, now)

    def _answer(self, pair: PairRow, visitor: Visitor) -> str:
        """What is asked of whoever adds wraps: sealed for the pair, so that only its keepers can say it."""
        return self._secret.mark(PROOF, visitor.session_id, pair.id)

    def _keep(self, session: Session, pair: PairRow, wrap: Wrap, visitor: Visitor, now: datetime) -> None:
        keeper = {PairKind.PASSPHRASE: visitor.user_id, PairKind.RECOVERY: None, PairKind.HANDING: wrap.voor}[
            wrap.soort
        ]
        if wrap.soort is PairKind.PASSPHRASE:
            pairs.take_handing(session, pair.id, visitor.user_id)
        elif not pairs.keeps(session, pair.id, visitor.user_id):
            raise Problem(problems.NOT_FOUND)
        if wrap.soort is PairKind.HANDING:
            known = {user.id for user in pairs.colleagues(session, visitor.organisation_id)}
            if keeper not in known - {visitor.user_id}:
                raise Problem(problems.NOT_FOUND)
        inside = wrap.inhoud.model_dump()
        pairs.put_wrap(session, pair.id, wrap.soort, keeper, inside, now=now, by=visitor.user_id)
        audit.append(
            session,
            AuditEvent.KEY_WRAPPED,
            now=now,
            actor=visitor.actor,
            owner=visitor.owner,
            pair=pair.id,
            wrap=str(wrap.soort),
            keeper=keeper,
        )


def _shown(
    row: PairRow, found: Sequence[WrapRow], visitor: Visitor, bound: str | None, spare: bool
) -> ShownPair:
    own = {wrap.kind for wrap in found if (wrap.pair_id, wrap.user_id) == (row.id, visitor.user_id)}
    return ShownPair(
        row.id,
        grouped(row.id),
        row.id == bound,
        spare,
        row.created_at,
        mine=PairKind.PASSPHRASE in own,
        handed=PairKind.HANDING in own,
    )


def _colleagues(
    people: Sequence[UserRow], found: Sequence[WrapRow], kept: str, visitor: Visitor
) -> list[Colleague]:
    by_keeper = {(wrap.user_id, wrap.kind): wrap for wrap in found if wrap.pair_id == kept}
    return [
        Colleague(
            user.id,
            user.name,
            (user.id, PairKind.PASSPHRASE) in by_keeper,
            handed.expires_at if (handed := by_keeper.get((user.id, PairKind.HANDING))) else None,
        )
        for user in people
        if user.id != visitor.user_id
    ]
