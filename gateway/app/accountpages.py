"""Logging in and accounts, put together from the parts of the web role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute

from gateway.accounts.account import AccountPages, Own
from gateway.accounts.appsetup import AppSetup
from gateway.accounts.enrolment import Enrolment
from gateway.accounts.hashing import Room
from gateway.accounts.login import LoginPages
from gateway.accounts.oidc_binding import Binding
from gateway.accounts.oidc_login import Elsewhere
from gateway.accounts.oidc_logout import Leaving
from gateway.accounts.ownfactors import OwnFactors
from gateway.accounts.proof import LoginProof
from gateway.accounts.users import LOG_OUT, REMOVE, RESET, Users
from gateway.app.network import oidc_provider
from gateway.gate.passwords import Passwords
from gateway.web.auth import Role
from gateway.web.help import HelpPage

if TYPE_CHECKING:
    from gateway.app.web import WebRole


def account_routes(role: WebRole) -> list[BaseRoute]:
    """Logging in, and the accounts of those who may."""
    base, auth, pages = role.base, role.auth, role.pages
    elsewhere = base.settings.oidc.name if base.settings.oidc.issuer else ""
    passwords, room = Passwords(), Room()
    shared: dict[str, Any] = {
        "pages": pages,
        "tries": role.tries,
        "public_url": base.settings.web.public_url,
    }
    clocks: dict[str, Any] = {"wall": base.wall, "now": base.now}
    own = Own(base.store, base.wall, base.now)
    proof = LoginProof(store=base.store, passwords=passwords, secret=role.secret, log=base.log, **clocks)
    setup = AppSetup(secret=role.secret, passwords=passwords, room=room, pages=pages)
    provider = oidc_provider(base.settings, base.wall)
    binding = Binding(provider=provider, name=elsewhere, own=own, auth=auth, pages=pages, log=base.log)

    def users(path: str, who: Role, *acts: str) -> list[BaseRoute]:
        made = Users(
            path=path,
            role=who,
            acts=acts,
            store=base.store,
            people=role.people,
            organisations=base.parties,
            practices=base.practice_names,
            auth=auth,
            pages=pages,
            wall=base.wall,
        )
        return [*made.routes()]

    return [
        *LoginPages(entrance=role.entrance, proof=proof, room=room, elsewhere=elsewhere, **shared).routes(),
        *Elsewhere(
            provider=provider,
            binding=binding,
            store=base.store,
            auth=auth,
            entrance=role.entrance,
            pages=pages,
            tries=role.tries,
            log=base.log,
            secret=role.secret,
            **clocks,
        ).routes(),
        *Leaving(
            provider=provider,
            name=elsewhere,
            base=base.settings.web.public_url,
            store=base.store,
            entrance=role.entrance,
            pages=pages,
            tries=role.tries,
            log=base.log,
            secret=role.secret,
            **clocks,
        ).routes(),
        *binding.routes(),
        *Enrolment(store=base.store, setup=setup, entrance=role.entrance, **shared, **clocks).routes(),
        *AccountPages(own=own, auth=auth, proof=proof, room=room, offered=binding.offered, **shared).routes(),
        *OwnFactors(own=own, auth=auth, setup=setup, **shared).routes(),
        *HelpPage(auth=auth, pages=pages).routes(),
        *users("/gebruikers", Role.BEHEERDER, REMOVE, RESET, LOG_OUT),
        *users("/collegas", Role.MEDEWERKER, REMOVE),
    ]
