"""What a beheerder looks for again and again: filters of the board, saved under a name.

They promise that a view is its owner's alone, that it holds nothing but fields of the board's own form, and
that nobody has more than `MOST` of them.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from sqlalchemy import delete
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from gateway.board.filters import BoardQuery
from gateway.store.pagetables import SavedViewRow
from gateway.web.auth import Role, Visitor
from gateway.web.forms import posted
from gateway.web.shell import Shell, ShellPage

MOST: Final = 12
LONGEST: Final = 40
"""A name is not longer, in characters."""


def of_user(session: Session, user_id: str) -> list[SavedViewRow]:
    """The views of a user, by name."""
    query = select(SavedViewRow).where(SavedViewRow.user_id == user_id)
    return list(session.exec(query.order_by(col(SavedViewRow.name), col(SavedViewRow.id))))


class SavedViews(ShellPage):
    """Saves them and takes them away. `read` understands the fields of an address, as the board does."""

    def __init__(self, shell: Shell, *, read: Callable[[Mapping[str, str]], BoardQuery]) -> None:
        super().__init__(shell)
        self._read = read

    def routes(self) -> list[BaseRoute]:
        """What is served."""
        return [
            self._auth.route(
                "/bord/filters", self.handle, roles={Role.BEHEERDER}, methods=("POST",), name="board-views"
            )
        ]

    def handle(self, request: Request, visitor: Visitor) -> Response:
        """Save the filters of the form under a name, or take a view away."""
        given = posted(request)
        if view := given.get("weg", ""):
            mine = col(SavedViewRow.user_id) == visitor.user_id
            with self._store.write() as session:
                session.execute(delete(SavedViewRow).where(col(SavedViewRow.id) == view, mine))
            return RedirectResponse("/bord#lopend", status_code=303)
        asked = self._read(dict(parse_qsl(given.get("vraag", "")[:1000])))
        query = asked.address(na=None, vanaf=None, alles=None)
        # Signs without a shape would give a link without a name, or turn the words beside it around.
        visible = "".join(sign if sign.isprintable() else " " for sign in given.get("naam", ""))
        name = " ".join(visible.split())[:LONGEST]
        if name and query:
            with self._store.write() as session:
                known = of_user(session, visitor.user_id)
                same = next((row for row in known if row.name == name), None)
                if same is not None:
                    same.query = query
                    session.add(same)
                elif len(known) < MOST:
                    session.add(
                        SavedViewRow(
                            id=secrets.token_hex(8),
                            user_id=visitor.user_id,
                            name=name,
                            query=query,
                            created_at=self._now(),
                        )
                    )
        return RedirectResponse(f"/bord?{query}#lopend", status_code=303)
