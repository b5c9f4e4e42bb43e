"""The beheerders' first screen and a case page, with very many cases in the store.

Asked for over one kept connection with TLS, login check included, in turns with two things to compare with: a
ready page of the same size from the same kind of server, and the same screen of a store with a hundred cases.
"""

import contextlib
import secrets
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from gateway.app import Gateway
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from gateway.store.pagetables import UserRow
from gateway.web import sessions
from gateway.web.auth import COOKIE, Role
from gateway.web.sessions import SessionStage
from tests.bench.crowd import fill
from tests.bench.place import make, serving, stop

FEW = 100
WARM = 5
WIJKEN = ("Filmwijk", "Muziekwijk", "Stedenwijk", "Parkwijk", "Literatuurwijk", "Danswijk", "Verzetswijk")


def measure(directory: Path, number: int, rounds: int) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, by what was asked for; ratios to what is comparable."""
    with contextlib.ExitStack() as stack:
        many, kenmerken = _client(stack, directory / "many", number)
        few = _client(stack, directory / "few", FEW)[0] if number > FEW else many
        screen = many.get("/bord")
        size = len(screen.content)
        bare = stack.enter_context(_bare(directory / "many", size))
        asked: dict[str, Callable[[int], httpx2.Response]] = {
            "screen": lambda _: many.get("/bord"),
            "next_page": lambda _: many.get("/bord/lijst?te_laat=ja"),
            "one_organisation": lambda _: many.get("/bord/lijst?organisatie=de-schoor"),
            "sorted": lambda _: many.get("/bord/lijst?sorteer=wijk"),
            "search": lambda at: many.get(f"/bord?kenmerk={kenmerken[at % len(kenmerken)][3:5]}"),
            "case": lambda at: many.get(f"/zaken/{kenmerken[at % len(kenmerken)]}"),
            "screen_of_few": lambda _: few.get("/bord"),
            "ready_page": lambda _: bare.get("/"),
        }
        if many.get(f"/zaken/{kenmerken[0]}").status_code != 200:
            del asked["case"]
        took = _in_turns(asked, rounds)
    found: dict[str, float] = {"cases": number, "screen_bytes": size}
    for name, times in took.items():
        found[f"{name}_median_ms"] = statistics.median(times)
        found[f"{name}_p95_ms"] = statistics.quantiles(times, n=20)[-1]
    for other in ("screen_of_few", "ready_page"):
        found[f"screen_to_{other}"] = found["screen_median_ms"] / found[f"{other}_median_ms"]
    return found


def _in_turns(asked: dict[str, Callable[[int], httpx2.Response]], rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in asked}
    for at in range(-WARM, rounds):
        for name, ask in asked.items():
            began = time.perf_counter()
            answer = ask(at)
            seconds = time.perf_counter() - began
            if answer.status_code != 200:
                raise RuntimeError(f"{name} was answered with {answer.status_code}")
            if at >= 0:
                took[name].append(seconds * 1000)
    return took


def _client(stack: contextlib.ExitStack, directory: Path, number: int) -> tuple[httpx2.Client, list[str]]:
    """A beheerder who is logged in at a gateway with so many cases, and kenmerken of some that run."""
    place = make(directory)
    gateway = Gateway.at(place)
    try:
        migrate(gateway.store)
        organisations = [entry.id for entry in gateway.settings.organisations]
        practices = [entry.id for entry in gateway.settings.practices]
        now = datetime.now(UTC)
        kenmerken = fill(gateway.store, number, now, organisations, practices, list(WIJKEN))
        cookie = logged_in(gateway.store, now)
    finally:
        gateway.store.close()
    served = stack.enter_context(serving(place, "web"))
    return stack.enter_context(connection(place, served.web, cookie)), kenmerken


def logged_in(store: Store, now: datetime) -> str:
    """The cookie of a beheerder."""
    with store.write() as session:
        user = secrets.token_hex(8)
        session.add(
            UserRow(id=user, login="bench@handover.example", name="B", role=Role.BEHEERDER, created_at=now)
        )
        return sessions.start(session, now, user_id=user, stage=SessionStage.FULL)


def connection(place: Path, url: str, cookie: str = "") -> httpx2.Client:
    """A browser of whoever has this cookie."""
    trust = ssl.create_default_context(cafile=str(place / "keys" / "tls" / "ca.pem"))
    # The certificate is for localhost; the address is told as numbers.
    base = url.replace("127.0.0.1", "localhost")
    headers = {"Accept": "text/html", "Cookie": f"{COOKIE}={cookie}"}
    return httpx2.Client(base_url=base, verify=trust, headers=headers, timeout=60)


@contextlib.contextmanager
def _bare(place: Path, size: int) -> Iterator[httpx2.Client]:
    """A page of this size that is ready, from the same server with the same certificate."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tls = place / "keys" / "tls"
    words = [str(size), str(port), str(tls / "server.pem"), str(tls / "server.key")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.readypage", *words], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        with connection(place, f"https://127.0.0.1:{port}") as client:
            yield client
    finally:
        stop(process)


def table(found: dict[str, float]) -> str:
    """The figures as text."""
    lines = [f"\nboard, {found['cases']:,.0f} cases (ms over TLS, login check included)"]
    for name in [key.removesuffix("_median_ms") for key in found if key.endswith("_median_ms")]:
        middle, high = found[f"{name}_median_ms"], found[f"{name}_p95_ms"]
        lines.append(f"  {name.replace('_', ' '):<20}{middle:>8.1f} median{high:>8.1f} p95")
    few, ready = found["screen_to_screen_of_few"], found["screen_to_ready_page"]
    lines.append(f"  the screen takes {few:.2f}× that of {FEW} cases, {ready:.1f}× a ready page of its size")
    return "\n".join(lines)
