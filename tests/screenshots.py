"""`make screenshots`: every page of the demo's town, wide and narrow, in build/screenshots.

The clock stands still on the demo's last morning, so that two runs differ in the dates and references only.
With --pictures four of them are written small into docs/pictures, for the README.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as PlaywrightError
from sqlmodel import col, select

from gateway.cli.init import lay_out
from gateway.demo.config import HAVEN, configure
from gateway.demo.town import Town
from gateway.store.tables import CaseRow
from tests.browser.conftest import DUTCH, NARROW, WIDE, arguments, chromium
from tests.peers.mail import MailPeer
from tests.png import first_rows

OUT = Path("build/screenshots")
PICTURES = Path("docs/pictures")
CHOSEN = {
    "bord-breed": "bord",
    "zaak-breed": "zaak",
    "aanmelding-smal": "aanmelding",
    "cijfers-breed": "cijfers",
}
"""Which pictures stand in the README, and under which name."""

ROWS = {"breed": 900, "smal": 1500}
"""How much of the top of a page a picture in the README shows, in pixels."""


@dataclass
class Camera:
    """A browser of one width. `complaints` are what the browser wrote on its console."""

    town: Town
    context: BrowserContext
    width: str
    complaints: list[str]

    async def page(self) -> Page:
        """A new page."""
        page = await self.context.new_page()
        page.on("console", lambda message: self.complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    async def visit(self, path: str, name: str, user: str | None = None) -> None:
        """A picture of a page, as somebody sees it."""
        page = await self.enter(user)
        await page.goto(f"{self.town.url}{path}")
        await self.take(page, name)
        await page.close()

    async def enter(self, user: str | None) -> Page:
        """A page of somebody who is logged in, or of nobody."""
        await self.context.clear_cookies()
        page = await self.page()
        if user:
            await page.goto(self.town.link(user))
        return page

    async def take(self, page: Page, name: str) -> None:
        """The whole page as it is now."""
        await page.evaluate("document.activeElement?.blur()")
        await page.screenshot(path=OUT / f"{name}-{self.width}.png", full_page=True)

    async def unlock(self, page: Page) -> None:
        """Type the passphrase of the mailbox."""
        await page.get_by_label("Uw wachtzin").fill(self.town.cast.passphrase)
        await page.get_by_role("button", name="Ontgrendelen").click()
        await page.get_by_role("button", name="Nu op slot doen").wait_for()

    async def quarantine(self) -> None:
        """The list, and a mail that is opened."""
        await self.visit("/quarantaine", "quarantaine", self.town.cast.beheerder)
        page = await self.enter(self.town.cast.beheerder)
        await page.goto(f"{self.town.url}/quarantaine/{a_case(self.town, 'quarantined').kenmerk}")
        await self.take(page, "quarantaine-dicht")
        await self.unlock(page)
        await page.get_by_label("Beoordelen").check()
        await page.get_by_role("button", name="Bekijk de mail").click()
        await page.locator("#mail").wait_for()
        await self.take(page, "quarantaine-open")
        await page.close()

    async def inbox(self) -> None:
        """The list, and a referral that is opened."""
        await self.visit("/postvak", "postvak", self.town.cast.medewerker)
        page = await self.enter(self.town.cast.medewerker)
        await page.goto(f"{self.town.url}/postvak")
        await self.unlock(page)
        await page.locator("a[data-aanmelding]").first.click()
        await page.locator('a[href^="tel:"]').first.wait_for()
        await self.take(page, "aanmelding")
        await page.get_by_role("button", name="Gesproken").click()
        await page.get_by_role("button", name="Ja, melden").wait_for()
        await self.take(page, "aanmelding-bevestigen")
        await page.close()

    async def invited(self) -> None:
        """Everything between an invitation and the second login."""
        login, password = f"robin.{self.width}@handover.example", "vier paarden in het bad"
        invite = self.town.gateway.web.people.invite
        link = await asyncio.to_thread(
            invite, login=login, name="Robin Beheer", role="beheerder", organisation=None, by="beheerder"
        )
        page = await self.enter(None)
        await page.goto(link)
        await self.take(page, "uitnodiging")
        await page.get_by_role("link", name="Wachtwoord kiezen").click()
        await self.take(page, "uitnodiging-wachtwoord")
        await page.get_by_label("Nieuw wachtwoord").fill(password)
        await page.get_by_label("Nog een keer hetzelfde wachtwoord").fill(password)
        await page.get_by_role("button", name="Verder").click()
        await page.get_by_text("Scannen lukt niet").click()
        await self.take(page, "uitnodiging-app")
        app = pyotp.TOTP((await page.inner_text("#sleutel")).replace(" ", ""))
        await page.get_by_label("Code uit de app").fill(app.now())
        await page.get_by_role("button", name="Controleren").click()
        await page.locator(".codes code").nth(9).wait_for()
        await self.take(page, "uitnodiging-herstelcodes")
        await page.get_by_role("button", name="Uitloggen").click()
        await page.get_by_label("E-mailadres").fill(login)
        await page.get_by_label("Wachtwoord").fill(password)
        await page.get_by_role("button", name="Verder").click()
        await page.get_by_label("Code").wait_for()
        await self.take(page, "inloggen-code")
        await page.close()

    async def everything(self) -> None:
        """All the pictures of this width."""
        town, boss, colleague = self.town, self.town.cast.beheerder, self.town.cast.medewerker
        await self.visit("/bord", "bord", boss)
        await self.visit("/bord/samen?doen=achtervang&organisatie=de-schoor", "bord-samen", boss)
        await self.visit("/overleg", "overleg", boss)
        await self.visit("/hulp", "hulp", boss)
        await self.visit("/hulp", "hulp-medewerker", colleague)
        await self.visit(f"/zaken/{a_case(town, 'attempted').kenmerk}", "zaak", boss)
        await self.visit(f"/zaken/{a_case(town, 'routed').kenmerk}", "zaak-vastgelopen", boss)
        await self.visit(f"/zaken/{a_case(town, 'attempted').kenmerk}/melden", "zaak-melden", boss)
        await self.visit(f"/zaken/{a_case(town, 'attempted').kenmerk}/overdragen", "zaak-overdragen", boss)
        await self.visit("/quarantaine/toegestaan", "quarantaine-toegestaan", boss)
        await self.visit("/cijfers", "cijfers", boss)
        await self.visit("/cijfers/afdruk", "cijfers-afdruk", boss)
        await self.visit("/gezondheid", "gezondheid", boss)
        await self.visit("/gids?plaats=Filmwijk", "gids", boss)
        await self.visit("/gids/organisaties", "gids-organisaties", boss)
        await self.visit("/gids/organisaties/nieuw", "gids-organisatie-nieuw", boss)
        await self.visit("/gids/zorgpaden/nieuw", "gids-zorgpad-nieuw", boss)
        await self.visit("/proberen", "proberen", boss)
        await self.visit("/ruimte", "plek", colleague)
        await self.visit("/gebruikers", "gebruikers", boss)
        await self.visit("/gebruikers/uitnodigen", "gebruikers-uitnodigen", boss)
        await self.visit("/account", "account", boss)
        await self.visit("/sleutel", "sleutel-beheerder", boss)
        await self.visit("/sleutel", "sleutel", colleague)
        await self.visit("/collegas", "collegas", colleague)
        await self.visit("/inloggen", "inloggen")
        await self.visit("/verwijzen", "verwijzen")
        await self.visit("/verwijskaart/beeld/Almere%20Stad", "verwijskaart-plaatjes")
        await self.visit("/niets-hier", "onbekend")
        links, now = town.gateway.worker.links, town.clock()
        case = a_case(town, "delivered", HAVEN)
        await self.visit(links.report(case, HAVEN, now).removeprefix(town.url), "melden")
        case = a_case(town, "in_support")
        await self.visit(links.status(case, case.practice_id or "", now).removeprefix(town.url), "status")
        for story in (self.quarantine, self.inbox, self.invited):
            try:
                await story()
            except PlaywrightError as error:
                self.complaints.append(f"{story.__name__}: {error}")


def a_case(town: Town, state: str, organisation: str | None = None) -> CaseRow:
    """The first case that came to this state."""
    with town.gateway.store.read() as session:
        query = select(CaseRow).where(CaseRow.state == state).order_by(col(CaseRow.received_at))
        found = [case for case in session.exec(query) if organisation in (None, case.organisation_id)]
        return found[0]


@asynccontextmanager
async def townscape(folder: Path) -> AsyncIterator[Town]:
    """The demo's town on its last morning, its clock standing still."""
    directory = folder / "gateway"
    lay_out(directory)
    tls = directory / "keys" / "tls"
    async with MailPeer(tls / "server.pem", tls / "server.key", hostname="localhost") as peer:
        configure(directory, peer)
        with (folder / "log").open("w") as log:
            async with Town(directory, peer, log) as town:
                await town.live(print)
                yield town


async def picture(browser: Browser, town: Town) -> list[str]:
    """Take every picture; gives what the browser complained about."""
    complaints: list[str] = []
    for width, options in (("breed", WIDE), ("smal", {**NARROW, "device_scale_factor": 1})):
        context = await browser.new_context(**dict[str, Any](options | DUTCH))
        context.set_default_timeout(10_000)
        await Camera(town, context, width, complaints).everything()
        await context.close()
    return complaints


async def shoot(folder: Path) -> list[str]:
    """Let the town live and take its pictures; gives what the browser complained about."""
    async with townscape(folder) as town, async_playwright() as playwright:
        certificate = town.directory / "keys" / "tls" / "server.pem"
        browser = await playwright.chromium.launch(executable_path=chromium(), args=arguments(certificate))
        complaints = await picture(browser, town)
        await browser.close()
    return complaints


def main() -> None:
    """Make the pictures."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="inbeeld-pictures-") as folder:
        complaints = asyncio.run(shoot(Path(folder)))
        failed = [line for line in (Path(folder) / "log").read_text().splitlines() if "step.failed" in line]
    print(f"{len(list(OUT.iterdir()))} pictures in {OUT}")
    for line in (*complaints, *failed):
        print(line)
    if "--pictures" in sys.argv:
        PICTURES.mkdir(exist_ok=True)
        for name, shown in CHOSEN.items():
            rows = ROWS[name.rpartition("-")[2]]
            (PICTURES / f"{shown}.png").write_bytes(first_rows((OUT / f"{name}.png").read_bytes(), rows))


if __name__ == "__main__":
    main()
