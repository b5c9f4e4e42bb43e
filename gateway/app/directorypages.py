"""Builds the pages of the directory: who refers, who helps and where, and what is tried or entered there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from gateway.accounts import rows as accounts
from gateway.directory.deskpage import DeskPage
from gateway.directory.keyadoption import KeyAdoptionPage
from gateway.directory.keyentry import KeyEntry
from gateway.directory.pages import DirectoryPages
from gateway.directory.roompage import RoomPage
from gateway.directory.trial import TrialReferrals
from gateway.directory.trialpage import TrialPage
from gateway.web.reasons import explained

if TYPE_CHECKING:
    from gateway.app.web import WebRole


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
    adoption = KeyAdoptionPage(
        role.shell,
        editing=base.editing,
    )
    return [*pages.routes(), *adoption.routes(), *room.routes(), *trial.routes(), *desk.routes()]
