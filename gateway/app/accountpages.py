"""Logging in and accounts, put together from the parts of the web role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute

from gateway.accounts.account import AccountPages
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
    passwords, room = Passwords(), Room()
    setup = AppSetup(secret=role.secret, passwords=passwords, room=room, pages=role.pages)
    proof = LoginProof(
        store=base.store, passwords=passwords, secret=role.secret, log=base.log, wall=base.wall, now=base.now
    )
    name = base.settings.oidc.name if base.settings.oidc.issuer else ""
    provider = oidc_provider(base.settings, base.wall)
    binding = Binding(shell, provider=provider, name=name, log=base.log)
    public: dict[str, Any] = {"tries": role.tries, "public_url": base.settings.web.public_url}
    outside: dict[str, Any] = {
        "provider": provider,
        "entrance": role.entrance,
        "tries": role.tries,
        "log": base.log,
        "secret": role.secret,
    }

    def users(path: str, who: Role, *acts: str) -> Users:
        return Users(
            shell,
            path=path,
            role=who,
            acts=acts,
            people=role.people,
            organisations=base.parties,
            practices=base.practice_names,
        )

    pages = (
        LoginPages(shell, entrance=role.entrance, proof=proof, room=room, elsewhere=name, **public),
        Elsewhere(shell, binding=binding, **outside),
        Leaving(shell, name=name, base=base.settings.web.public_url, **outside),
        binding,
        Enrolment(shell, setup=setup, entrance=role.entrance, **public),
        AccountPages(shell, proof=proof, room=room, offered=binding.offered, **public),
        OwnFactors(shell, setup=setup, **public),
        HelpPage(shell),
        users("/gebruikers", Role.BEHEERDER, REMOVE, RESET, LOG_OUT),
        users("/collegas", Role.MEDEWERKER, REMOVE),
    )
    return [route for page in pages for route in page.routes()]
