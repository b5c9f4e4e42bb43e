"""The pages that need no login: those behind the links in our mails, for practices, and our own files."""

from starlette.routing import BaseRoute

from gateway.app.parts import Parts
from gateway.domain.pathway import Term
from gateway.web.public.confirm import Confirm
from gateway.web.public.practices import Offer, PracticesPage
from gateway.web.public.status import StatusPage
from gateway.web.public.wellknown import WellKnown
from gateway.web.static import static_routes


class PublicPages(Parts):
    """What everybody may see."""

    def public_routes(self) -> list[BaseRoute]:
        """The routes."""
        confirm = Confirm(
            store=self.store,
            settle=self.settle,
            tokens=self.tokens,
            organisations=self.agreements.organisations.keys(),
            pages=self.pages,
            now=self.now,
        )
        status = StatusPage(store=self.store, tokens=self.tokens, pages=self.pages, now=self.now)
        practices = PracticesPage(offer=self._offer, pages=self.pages, auth=self.auth)
        web, alarms = self.settings.web, self.settings.alarm.to
        known = WellKnown(
            contact=web.security_contact or (f"mailto:{alarms[0]}" if alarms else ""),
            base_url=web.public_url,
            now=self.wall,
        )
        return [
            *confirm.routes(),
            *status.routes(),
            *practices.routes(),
            *known.routes(),
            *static_routes(),
        ]

    def _offer(self) -> Offer:
        """What practices may count on, whichever organisation their patient comes to."""
        known = self.agreements
        contacts = (known.pathways[each.pathway].contact for each in known.organisations.values())
        terms = {Term(days=each.days, count=each.count) for each in contacts}
        served = (name for name, place in sorted(known.gazetteer.places.items()) if place.level == "wijk")
        return Offer(
            address=self.settings.gateway.address,
            wijk=next(served, "") or min(known.gazetteer.names),
            term=terms.pop() if len(terms) == 1 else None,
        )
