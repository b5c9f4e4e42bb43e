"""A gateway with two organisations that collect themselves, over real HTTPS, on a clock a test sets."""

import json
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlmodel import select

from gateway.sealing import jwe
from gateway.sealing.payload import Aanmelding
from gateway.store import audit, tokens
from gateway.store.tables import MailboxRow
from gateway.web.server import WebServer
from tests.invented import Patient, make_mail
from tests.sealed import opened
from tests.story.place import Place, Town

HAVEN, POORT = "de-haven", "de-poort"
_ORGANISATION = """
[[organisation]]
id = "{id}"
name = "{id}"
serves = ["{serves}"]
adapter = "mailbox"
format = "jwe"
key = "organisations/{id}.jwk"
fingerprint = "{fingerprint}"
pathway = "almere"
team = "team@{id}.example"
client_certificates = {certificates}
{more}
"""


def add_organisation(
    place: Place, id: str, serves: str, *, certificates: tuple[str, ...] = (), more: str = ""
) -> None:
    """An organisation with a mailbox, and its key pair."""
    public, private, fingerprint = jwe.generate()
    keys = place.directory / "keys"
    (keys / "organisations" / f"{id}.jwk").write_bytes(public)
    secret = keys / "trial" / f"{id}.private.jwk"
    secret.touch(0o600)
    secret.write_bytes(private)
    place.append(
        "organisations.toml",
        _ORGANISATION.format(
            id=id, serves=serves, fingerprint=fingerprint, certificates=json.dumps(certificates), more=more
        ),
    )


@dataclass
class Harbour:
    """The town, its web server, and who calls it."""

    town: Town
    tokens: dict[str, str] = field(default_factory=dict)
    _server: WebServer | None = None
    url: str = ""
    _patients: int = 0

    async def open(self) -> None:
        """Serve, and make a token for each organisation."""
        self._server = self.town.gateway.web.server()
        self.url = await self._server.start()
        with self.town.gateway.store.write() as session:
            for id_ in (HAVEN, POORT):
                _, self.tokens[id_] = tokens.make(session, id_, self.town.now)

    async def close(self) -> None:
        """Stop serving."""
        if self._server:
            await self._server.stop()

    @property
    def ca(self) -> Path:
        """Who vouches for the gateway."""
        return self.town.place.directory / "keys" / "tls" / "ca.pem"

    def key(self, organisation: str) -> Path:
        """An organisation's private key."""
        return self.town.place.directory / "keys" / "trial" / f"{organisation}.private.jwk"

    def client(self, token: str | None = None, certificate: Path | None = None) -> httpx2.AsyncClient:
        """A caller over real TLS."""
        trust = ssl.create_default_context(cafile=self.ca)
        if certificate:
            trust.load_cert_chain(certificate)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.AsyncClient(base_url=self.url, verify=trust, headers=headers, trust_env=False)

    async def ask(
        self, path: str, body: Any = None, *, who: str = HAVEN, method: str = "POST"
    ) -> httpx2.Response:
        """One request of an organisation."""
        async with self.client(self.tokens.get(who, who)) as client:
            return await client.request(method, path, **({} if body is None else {"json": body}))

    async def collect(self, *, who: str = HAVEN, **body: int) -> list[dict[str, Any]]:
        """What an organisation collects."""
        answer = await self.ask("/v1/afhalingen", body, who=who)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    async def settle(
        self, item: dict[str, Any], what: str, *, who: str = HAVEN, **more: Any
    ) -> httpx2.Response:
        """Do something with a leased item."""
        body = {"leaseToken": item["leaseToken"], **more}
        return await self.ask(f"/v1/berichten/{item['berichtId']}/{what}", body, who=who)

    async def acknowledge(self, items: list[dict[str, Any]], *, who: str = HAVEN) -> Any:
        """Say that leased items are kept, together; gives what is answered of each."""
        kept = [{name: item[name] for name in ("berichtId", "leaseToken")} for item in items]
        answer = await self.ask("/v1/ontvangstbevestigingen", {"berichten": kept}, who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def report(self, kenmerk: str, *, who: str = HAVEN, **body: Any) -> httpx2.Response:
        """Report on a case."""
        return await self.ask(f"/v1/aanmeldingen/{kenmerk}/statussen", body, who=who)

    async def refer(self, wijk: str = "De Werven") -> Patient:
        """A general practitioner refers somebody who lives in a wijk."""
        self._patients += 1
        patient = Patient(name="Ansje Vrolijkstra", number=f"6311040{self._patients:02}", wijk=wijk)
        await self.town.post(make_mail(patient))
        return patient

    async def leased(self, who: str = HAVEN) -> dict[str, Any]:
        """The one item that waits, leased."""
        (item,) = await self.collect(who=who)
        return item

    def open_item(self, item: dict[str, Any], who: str = HAVEN) -> Aanmelding:
        """What an organisation reads in an item."""
        private = self.key(who).read_bytes()
        return Aanmelding.from_json(opened(self.town.place.directory, item["jwe"].encode(), private))

    def later(self, **time: float) -> None:
        """Let time pass, without anything being done meanwhile."""
        self.town.now += timedelta(**time)

    def rows(self) -> list[MailboxRow]:
        """Every item there is, as it is kept."""
        with self.town.gateway.store.read() as session:
            return list(session.exec(select(MailboxRow)))

    def kinds(self) -> list[str]:
        """Every event of the audit trail."""
        with self.town.gateway.store.read() as session:
            return [row.kind for row in audit.export(session)]
