"""What every page is made of, handed on as one thing; and the page that keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.store.engine import Store
from gateway.web.auth import Auth
from gateway.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Shell:
    """The store, who looks, the templates; `now` is the clock of the cases, `wall` that of sessions."""

    store: Store
    auth: Auth
    pages: Pages
    now: Callable[[], datetime]
    wall: Callable[[], datetime]


class ShellPage:
    """A page, or a few that belong together."""

    def __init__(self, shell: Shell) -> None:
        self._store, self._auth, self._pages = shell.store, shell.auth, shell.pages
        self._now, self._wall = shell.now, shell.wall
