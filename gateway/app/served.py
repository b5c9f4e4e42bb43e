"""Who serves what, as the pages need to know it of the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.domain.pathway import DEBTS, Term
from gateway.domain.route import NoRoute, choose, theme_of, themes_at
from gateway.web.public.patientcard import Caller
from gateway.web.public.practices import Offer

if TYPE_CHECKING:
    from gateway.app.web import WebRole


def offer_of(role: WebRole) -> Offer:
    """What practices may count on, whichever organisation their patient comes to."""
    known = role.base.directory()
    used = {name for each in known.organisations.values() for name in each.pathways}
    contacts = (known.pathways[name].contact for name in used)
    terms = {Term(days=each.days, count=each.count) for each in contacts}
    served = (name for name, place in sorted(known.gazetteer.places.items()) if place.level == "wijk")
    return Offer(
        address=role.base.settings.gateway.address,
        wijk=next(served, "") or min(known.gazetteer.names),
        term=terms.pop() if len(terms) == 1 else None,
    )


def places_of(role: WebRole) -> list[str]:
    """The places that organisations named as theirs, but for those that two claim."""
    known = role.base.directory()
    named = {place for each in known.organisations.values() for place in each.serves}
    return sorted(place for place in named if caller_of(role, place))


def weeks_of(role: WebRole, organisation_id: str) -> int:
    """Every how many weeks an organisation's pathway has a case meeting; 0 where it does not say."""
    known = role.base.directory()
    organisation = known.organisations.get(organisation_id)
    return known.pathways[organisation.pathway].meeting_weeks if organisation else 0


def caller_of(role: WebRole, place: str) -> Caller | None:
    """Who calls the patients of a place; None where that is not one organisation."""
    known = role.base.directory()
    name = known.folded.get(place.casefold())
    if name is None:
        return None
    # The card is of the address to which practices send: of its theme, or of debts where it has none.
    general = role.base.settings.gateway.address.partition("@")[0]
    takers, ancestry = known.organisations.values(), known.gazetteer.ancestry(name)
    theme = known.theme_addresses.get(general, DEBTS)
    try:
        theme = theme if theme in themes_at(ancestry, takers) else theme_of(ancestry, takers, None) or DEBTS
        taker = choose(ancestry, takers, theme=theme).organisation
    except NoRoute:
        return None
    contact = known.pathways[taker.agreed(theme)].contact
    return Caller(name, taker.name, taker.public_phone, Term(days=contact.days, count=contact.count))
