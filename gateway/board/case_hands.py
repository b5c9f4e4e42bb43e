"""Which beheerder has a case in hand: take it on, hand it to a colleague, lay it back.

It promises that nothing of the case changes by it, that nobody but the beheerders hears of it, and that who
presses after a colleague is shown who has it instead.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.errors import LostRace, NotFound
from gateway.store import cases, takings
from gateway.store.takings import BEHEERDERS, TakingReason
from gateway.web.auth import Visitor
from gateway.web.forms import posted
from gateway.web.shell import ShellPage

SAID: Final = ("oppakken", "doorgeven", "terugleggen", "al-opgepakt", "kies-collega")
"""What the page that follows may have to say of it."""


class CaseHands(ShellPage):
    """Takes what is pressed."""

    def handle(self, request: Request, visitor: Visitor) -> Response:
        """See the module."""
        given = posted(request)
        act, why = given.get("doen", ""), given.get("reden", "")
        to = {"oppakken": visitor.user_id, "doorgeven": given.get("naar", ""), "terugleggen": None}
        with self._store.read() as session:
            case = cases.by_kenmerk(session, request.path_params["kenmerk"])
        said = "kies-collega"
        if act in to:
            reason = TakingReason(why) if act == "doorgeven" and why in set(TakingReason) else None
            try:
                with self._store.write() as session:
                    takings.change(
                        session,
                        case.id,
                        BEHEERDERS,
                        by=visitor.user_id,
                        to=to[act],
                        seen=given.get("bij", ""),
                        reason=reason,
                        now=self._now(),
                    )
                said = act
            except NotFound:
                said = "kies-collega"
            except LostRace:
                said = "al-opgepakt"
        if said == "oppakken" and (whose := given.get("bord", "")):
            # Pressed on the board: whoever takes several goes on there.
            query = f"?bij={whose}" if whose in ("mij", "niemand") else ""
            return RedirectResponse(f"/bord{query}#nu", status_code=303)
        return RedirectResponse(f"/zaken/{case.kenmerk}?gedaan={said}", status_code=303)
