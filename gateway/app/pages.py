"""The pages of each feature, put together from the parts of the web role: one function a room, and what the
pages need to know of the directory: who serves what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from gateway.accounts import rows as accounts
from gateway.app.inventory import MAIL_OPENPGP, MAIL_SMIME, SIGNER, SIGNER_JWE, SIGNER_OPENPGP, TLS, Inventory
from gateway.app.records import mx_hosts
from gateway.board.answers import AnswersPage
from gateway.board.case_actions import CaseActions
from gateway.board.case_page import CaseHands, CasePage
from gateway.board.case_page import case_routes as routes_of_case
from gateway.board.case_story import Stories
from gateway.board.meeting import MeetingPage
from gateway.board.screen import BoardPage
from gateway.board.together import TogetherPage
from gateway.directory.deskpage import DeskPage
from gateway.directory.keyadoption import KeyAdoptionPage
from gateway.directory.keyentry import KeyEntry
from gateway.directory.pages import DirectoryPages
from gateway.directory.roompage import RoomPage
from gateway.directory.trial import TrialPage, TrialReferrals
from gateway.domain.pathway import DEBTS, Term
from gateway.domain.route import NoRoute, choose, theme_of, themes_at
from gateway.mailbox.desk import Desk
from gateway.mailbox.keypage import KeyPage
from gateway.mailbox.page import InboxPage
from gateway.pipeline.reply import Links
from gateway.quarantine.copies import NO_KEY
from gateway.quarantine.page import QuarantinePages
from gateway.sealing.keyfacts import KeyFlaw
from gateway.statistics.filters import Grouping
from gateway.statistics.healthpage import HealthPage
from gateway.statistics.page import FiguresPage
from gateway.statistics.sheet import Agreed
from gateway.web.keywatch import Key
from gateway.web.pages import static_routes
from gateway.web.public.confirm import Confirm
from gateway.web.public.patientcard import Caller, PatientCardPage
from gateway.web.public.practices import Offer, PracticesPage
from gateway.web.public.status import StatusPage
from gateway.web.public.wellknown import WellKnown, sts_policy
from gateway.web.reasons import explained

if TYPE_CHECKING:
    from gateway.app import Installation
    from gateway.app.web import WebRole

OWN = {
    TLS: "TLS-certificaat van de gateway",
    SIGNER: "Certificaat waarmee de gateway ondertekent",
    SIGNER_OPENPGP: "OpenPGP-sleutel waarmee de gateway ondertekent",
    SIGNER_JWE: "JWK waarmee de gateway ondertekent",
    MAIL_OPENPGP: "OpenPGP-sleutel voor mail aan de gateway",
    MAIL_SMIME: "S/MIME-certificaat voor mail aan de gateway",
}
"""What our own keys are called."""


def board_routes(role: WebRole) -> list[BaseRoute]:
    """The beheerders' first page."""
    base = role.base
    directory = base.directory
    wijken = directory.view(lambda known: known.folded)
    board = BoardPage(
        role.shell,
        organisations=base.organisation_names,
        practices=base.practice_names,
        phones=directory.view(lambda known: known.phones),
        organisation_phones=directory.view(lambda known: known.organisation_phones),
        wijk=lambda text: wijken.get(text.casefold()),
        keys=role.keywatch,
    )
    together = TogetherPage(
        role.shell, again=role.retry, organisations=directory.view(lambda known: known.organisations)
    )
    meeting = MeetingPage(
        role.shell,
        organisations=base.organisation_names,
        practices=base.practice_names,
        wijk=lambda text: wijken.get(text.casefold()),
        weeks=lambda who: weeks_of(role, who),
    )
    return [*board.routes(), *together.routes(), *meeting.routes(), *role.stream.routes()]


def case_routes(role: WebRole) -> list[BaseRoute]:
    """The page of one case, and what a beheerder may do there."""
    base = role.base
    organisations = base.directory.view(lambda known: known.organisations)
    practices = base.directory.view(lambda known: known.practices)
    # A link in a message is for who got it, and for nobody else.
    stories = Stories(organisations, practices, role.reply(Links(role.tokens, "")))
    page = CasePage(role.shell, stories=stories)
    answers = AnswersPage(role.shell, stories=stories)
    actions = CaseActions(
        role.shell,
        stories=stories,
        settle=role.settle,
        reroute=role.reroute,
        again=role.retry,
        patience=role.order_patience,
    )
    return [*routes_of_case(role.auth, page, actions, CaseHands(role.shell)), *answers.routes()]


def quarantine_routes(role: WebRole) -> list[BaseRoute]:
    """Mails that were set aside, opened in the beheerders' browsers."""
    base = role.base

    def key_problem(now: datetime) -> str | None:
        known = next(base.board_key.known(now), None)
        return known.problem if known else NO_KEY

    pages = QuarantinePages(
        role.shell,
        quarantine=role.quarantine,
        letters=role.letters,
        allow=base.allow,
        practices=base.directory.view(lambda known: known.practices),
        key_problem=key_problem,
        keep=lambda: timedelta(days=base.directory().default_pathway.retention.quarantine_days),
    )
    return [*pages.routes()]


def statistics_routes(role: WebRole) -> list[BaseRoute]:
    base = role.base
    directory = base.directory
    figures = FiguresPage(
        role.shell,
        tallies=role.tallies,
        agreed=agreed_of(base),
        names={
            Grouping.ORGANISATION: base.organisation_names,
            Grouping.PRACTICE: base.practice_names,
            Grouping.PATHWAY: directory.view(
                lambda known: {name: each.title for name, each in known.pathways.items()}
            ),
            Grouping.THEME: directory.view(
                lambda known: {name: each.called for name, each in known.themes.items()}
            ),
        },
    )
    health = HealthPage(
        role.shell,
        keys=role.keywatch,
        intake_key=lambda: role.keys.seal_to().key_id,
        organisations=directory.view(lambda known: known.channels),
        phones=directory.view(lambda known: known.organisation_phones),
    )
    return [*figures.routes(), *health.routes()]


def agreed_of(base: Installation) -> Agreed:
    """What was agreed about showing figures, as it is now."""
    view = base.directory.view
    return Agreed(
        view(lambda known: known.pathways),
        base.directory.part(lambda known: known.default_pathway),
        view(lambda known: known.feedback),
        # A mail tells nothing of when it is collected.
        view(lambda known: {id_: one for id_, one in known.organisations.items() if one.adapter == "mail"}),
        view(lambda known: known.gemeenten),
    )


def mailbox_routes(role: WebRole) -> list[BaseRoute]:
    """The pages of organisations' colleagues: their mailbox, and the key that opens it."""
    base = role.base
    keys = KeyPage(role.shell, bound=base.bound_keys, secret=role.secret)
    desk = Desk(store=base.store, mailbox=role.mailbox)
    inbox = InboxPage(role.shell, desk=desk)
    return [*keys.routes(), *inbox.routes()]


def public_routes(role: WebRole) -> list[BaseRoute]:
    """What needs no login: the pages behind the links in our mails, for practices, and our own files."""
    base = role.base
    confirm = Confirm(
        role.shell, settle=role.settle, tokens=role.tokens, organisations=base.organisation_names
    )
    wording, language = base.directory().wording, base.settings.gateway.language
    status = StatusPage(
        role.shell, tokens=role.tokens, questions=lambda problems: wording.questions(problems, language)
    )
    practices = PracticesPage(role.shell, offer=lambda: offer_of(role))
    web, alarms = base.settings.web, base.directory().alarms
    known = WellKnown(
        contact=web.security_contact or (f"mailto:{alarms[0]}" if alarms else ""),
        base_url=web.public_url,
        now=base.wall,
        policy=sts_policy(web.mta_sts, mx_hosts(base.settings)),
    )
    return [
        *confirm.routes(),
        *status.routes(),
        *practices.routes(),
        *PatientCardPage(
            role.shell, places=lambda: places_of(role), caller=partial(caller_of, role)
        ).routes(),
        *known.routes(),
        *static_routes(),
    ]


def keys_now(role: WebRole, inventory: Inventory, now: datetime) -> Iterator[Key]:
    """Every key that can end; the intake's has no end and is the worker's."""
    names = role.base.organisation_names
    for known in inventory.organisations(now):
        name = names.get(known.owner, known.owner)
        yield Key(f"sleutel-{known.owner}", name, known.expires_at, known.problem)
    for known in inventory.own(now):
        # The file holds the private key too: a web role of its own may not be able to read it.
        if known.kind != SIGNER or os.access(role.keys.own.smime, os.R_OK):
            name = role.pages.say(OWN[known.kind])
            yield Key(f"eigen-{known.kind}", name, known.expires_at, known.problem, own=True)
    for known in inventory.named(now):
        # A web role of its own has no files of the worker's; the worker tells of those.
        if known.problem not in (KeyFlaw.MISSING, KeyFlaw.UNREADABLE):
            name = role.pages.say("Certificaat van %(setting)s", setting=known.owner)
            yield Key(f"{known.kind}-{known.owner}", name, known.expires_at, known.problem, own=True)


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


def directory_routes(role: WebRole) -> list[BaseRoute]:
    """Who refers, who helps and where."""
    base, say = role.base, role.pages.say

    def who(actor: str) -> str:
        with base.store.read() as session:
            user = accounts.find(session, actor.removeprefix("user:"))
        return user.name if user else say("Een beheerder")

    def today() -> date:
        return base.now().astimezone(base.timezone).date()

    room = RoomPage(role.shell, editing=base.editing, today=today)
    pages = DirectoryPages(
        role.shell,
        present=base.directory,
        editing=base.editing,
        key_entry=KeyEntry(
            gpg_home=base.settings.data_dir / "gpg",
            now=base.now,
            why=lambda code: explained(role.pages, code).what,
            say=say,
        ),
        who=who,
        today=today,
        address=base.settings.gateway.address,
    )
    trial = TrialPage(
        role.shell,
        present=base.directory,
        trials=TrialReferrals(
            store=base.store,
            directory=base.directory,
            seal_to=role.keys.seal_to,
            address=base.settings.gateway.address,
            now=base.now,
        ),
    )
    language = base.settings.gateway.language
    desk = DeskPage(
        role.shell,
        present=base.directory,
        casefile=role.casefile,
        subject=lambda kenmerk: base.directory().wording.neutral_subject(kenmerk, language),
    )
    adoption = KeyAdoptionPage(role.shell, editing=base.editing)
    return [*pages.routes(), *adoption.routes(), *room.routes(), *trial.routes(), *desk.routes()]
