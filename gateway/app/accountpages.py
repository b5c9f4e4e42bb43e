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
    base, shell = role.base, role.shell
    elsewhere = base.settings.oidc.name if base.settings.oidc.issuer else ""
    passwords, room = Passwords(), Room()
    shared: dict[str, Any] = {"tries": role.tries, "public_url": base.settings.web.public_url}
    own = Own(shell)
    proof = LoginProof(
        store=base.store,
        passwords=passwords,
        secret=role.secret,
        log=base.log,
        wall=base.wall,
        now=base.now,
    )
    setup = AppSetup(secret=role.secret, passwords=passwords, room=room, pages=role.pages)
    provider = oidc_provider(base.settings, base.wall)
    binding = Binding(shell, provider=provider, name=elsewhere, own=own, log=base.log)

    def users(path: str, who: Role, *acts: str) -> list[BaseRoute]:
        made = Users(
            shell,
            path=path,
            role=who,
            acts=acts,
            people=role.people,
            organisations=base.parties,
            practices=base.practice_names,
        )
        return [*made.routes()]

    return [
        *LoginPages(
            shell, entrance=role.entrance, proof=proof, room=room, elsewhere=elsewhere, **shared
        ).routes(),
        *Elsewhere(
            shell,
            provider=provider,
            binding=binding,
            entrance=role.entrance,
            tries=role.tries,
            log=base.log,
            secret=role.secret,
        ).routes(),
        *Leaving(
            shell,
            provider=provider,
            name=elsewhere,
            base=base.settings.web.public_url,
            entrance=role.entrance,
            tries=role.tries,
            log=base.log,
            secret=role.secret,
        ).routes(),
        *binding.routes(),
        *Enrolment(shell, setup=setup, entrance=role.entrance, **shared).routes(),
        *AccountPages(shell, own=own, proof=proof, room=room, offered=binding.offered, **shared).routes(),
        *OwnFactors(shell, own=own, setup=setup, **shared).routes(),
        *HelpPage(shell).routes(),
        *users("/gebruikers", Role.BEHEERDER, REMOVE, RESET, LOG_OUT),
        *users("/collegas", Role.MEDEWERKER, REMOVE),
    ]
