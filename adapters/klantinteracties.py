"""Delivery as a task in a municipality's customer contact system (Klantinteracties, Open Klant 2).

It promises that the task says a kenmerk and a deadline and nothing of the patient: the referral itself,
sealed to the team's key, waits in the gateway's own mailbox, where the team opens it. Where the municipality
asked for it in clear (`adapters.inclear`) it stands in the contact, and not in the mailbox. A delivery makes
one contact and one task however often it is tried; the parcel is put on the shelf when the task is there.
What the team writes in the task is read for codes in square brackets and kept nowhere.

Built after the published OpenAPI of klantinteracties 0.5.0 (Open Klant 2.x, looked up in November 2026).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx2
from pydantic import Field, StringConstraints

from adapters import base
from adapters.base import Context, Parcel, Receipt, Refused, utc_now, utc_text
from adapters.hosts import Https
from adapters.httpspeer import HttpReason, HttpsPeer
from adapters.inclear import IN_CLEAR, ClearOptions, ClearReferral, InClear
from adapters.mailbox import Shelf
from adapters.reportcsv import day_of
from adapters.told import NEXT_STEPS, OUTCOMES, REASONS, STATUSES, Fact, Meaning, Polled, ToldBack, word_of

WORD = "klantinteracties"
ANSWER_LIMIT = 1024 * 1024
MOST_PAGES = 50
JSON = "application/json"

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_KENMERK = re.compile(r"(?:IB-)?([0-9A-Z]{4})-([0-9A-Z]{4})")
# The small letters tell ours from the numbers that Open Klant gives by itself, which are ten digits.
_NUMBER = re.compile(r"([0-9A-Z]{4})([0-9A-Z]{4})[a-p]{2}")
_BRACKETS = re.compile(r"\[([^\[\]]{1,60})\]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SEALED: Final = "De gegevens staan versleuteld in het postvak van uw team bij InBeeld."
TO_DO: Final = "te_verwerken"
DONE: Final = "verwerkt"
CODES: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        **{word: Meaning(event) for word, event in STATUSES.items() if event not in ("declined", "stopped")},
        **{f"geweigerd_{word}": Meaning("declined", code) for word, code in REASONS.items()},
        **{f"gestopt_{word}": Meaning("stopped", code) for word, code in OUTCOMES.items()},
        **{f"gestart_{word}": Meaning("in_support", next_step=code) for word, code in NEXT_STEPS.items()},
    }
)
"""What stands between brackets, and what it means."""

LONGEST: Final = 1000
"""So many letters a contact holds."""

_LABELS: Final = MappingProxyType(
    {
        "telefoonVan": "Telefoon van",
        "beltZelfVoor": "De patiënt belt zelf, voor",
        "gecorrigeerd": "Verbeterd (dit vervangt de vorige)",
        "proef": "Proef (er is geen patiënt; bel niemand)",
    }
)

Uuid = Annotated[str, StringConstraints(to_lower=True, pattern=_UUID.pattern)]


class KlantinteractiesOptions(ClearOptions):
    """`actor` is the department or group that gets the tasks. Files are named from the working directory."""

    url: Https = Field(description="Write the address of the klantinteracties API, which ends with /api/v1")
    token_file: Path = Field(description="Name the file with the API's token (mode 0600)")
    actor: Uuid = Field(description="Write the uuid of the actor (department or group) that gets the tasks")
    ca_file: Path | None = Field(
        None, description="Name the PEM file of the authority that issued its certificate"
    )
    kanaal: Annotated[str, Field(min_length=1, max_length=50)] = Field(
        "InBeeld", description="Write the channel as the municipality's reference list has it"
    )
    done: Literal["collected", "contacted"] = Field(
        "collected",
        description='Write what a task that is done without a code means: "collected" or "contacted"',
    )
    timeout: Annotated[float, Field(gt=0, le=60)] = Field(20.0, description="Use at most 60 seconds")
    status_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(15, description="Use 1 to 1440 minutes")


class KlantinteractiesAdapter:
    """Makes tasks for one actor, and reads them back."""

    name: ClassVar[str] = "klantinteracties"
    channel: ClassVar[str] = "klantinteracties"
    Options: ClassVar[type[KlantinteractiesOptions]] = KlantinteractiesOptions

    def __init__(
        self, options: KlantinteractiesOptions, context: Context, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._options, self._now = options, now
        self._base = options.url.rstrip("/")
        self._shelf: Shelf | None = context.parts.get("mailbox")
        directory = context.directory
        self._peer = HttpsPeer(
            ca_file=directory / options.ca_file if options.ca_file else None,
            token_file=directory / options.token_file,
            scheme="Token",
            timeout=options.timeout,
            word=WORD,
        )
        self._clear = InClear(options, options.url, context, WORD, now)

    @property
    def poll_every(self) -> timedelta:
        """How often the tasks are read."""
        return timedelta(minutes=self._options.status_minutes)

    async def send(self, parcel: Parcel) -> Receipt:
        """Make the contact and the task, unless they are there, then keep the parcel for the team."""
        base.check_ciphertext(parcel.media_type, parcel.ciphertext)
        shown = self._clear.opened(parcel)
        number = _number(parcel, "" if shown is None else IN_CLEAR)
        if shown is None and self._shelf is None:
            raise Refused("klantinteracties_no_mailbox")
        contact = await self._made("klantcontacten", number, self._contact(parcel, number, shown))
        task = await self._made("internetaken", number, self._task(parcel, number, contact))
        if shown is None and self._shelf is not None:
            await self._shelf.put(parcel)
        said = ["internetaak", task, self._peer.tls, IN_CLEAR if shown else ""]
        return Receipt(urlsplit(self._base).hostname or "", " ".join(filter(None, said)))

    async def probe(self) -> None:
        """Whether the API is there, trusted, and knows the actor."""
        self._clear.ready()
        if self._shelf is not None:
            await self._shelf.probe()
        await self._get(f"{self._base}/actoren/{self._options.actor}")

    async def close(self) -> None:
        await self._peer.close()

    async def poll(self, since: datetime | None) -> Polled:
        """What stands in the actor's tasks that are ours."""
        query = {"toegewezenAanActor__uuid": self._options.actor, "pageSize": "100"}
        url = str(httpx2.URL(f"{self._base}/internetaken").copy_merge_params(query))
        told: list[ToldBack] = []
        not_understood = 0
        for _ in range(MOST_PAGES):
            page = await self._get(url)
            results = page.get("results")
            if not isinstance(results, list):
                raise self._peer.trouble(HttpReason.PROTOCOL)
            for task in results:
                found = told_by(task, self._options.done)
                if found is None:
                    # A task of somebody else's at the same department.
                    not_understood += not isinstance(task, dict)
                else:
                    told.append(found)
            following = page.get("next")
            if not isinstance(following, str):
                return Polled(tuple(told), not_understood)
            url = self._peer.following(url, following)
        # Somebody hears that there was more.
        return Polled(tuple(told), not_understood + 1)

    def _contact(self, parcel: Parcel, number: str, shown: ClearReferral | None) -> dict[str, Any]:
        return {
            "nummer": number,
            "kanaal": self._options.kanaal,
            "onderwerp": f"Aanmelding {parcel.kenmerk} van een huisartsenpraktijk",
            "inhoud": SEALED if shown is None else _text(shown),
            "indicatieContactGelukt": None,
            "taal": "nld",
            # Others at the municipality need not know that somebody was referred for help with debts.
            "vertrouwelijk": True,
            "plaatsgevondenOp": utc_text(parcel.made_at or self._now()),
        }

    def _task(self, parcel: Parcel, number: str, contact: str) -> dict[str, Any]:
        due = _local(parcel.due_at)
        hurry = "SPOED. " if parcel.urgent else ""
        return {
            "nummer": number,
            "gevraagdeHandeling": f"{hurry}Neem uiterlijk {due} contact op, kenmerk {parcel.kenmerk}",
            "aanleidinggevendKlantcontact": {"uuid": contact},
            "toegewezenAanActoren": [{"uuid": self._options.actor}],
            # It names the codes without brackets: what we write ourselves is no report.
            "toelichting": "Meld hier hoe het ging met een code tussen rechte haken: in_beeld, niet_bereikt "
            "met de datum, afspraak, gestart, gestopt afgerond of geweigerd vol. Schrijf geen namen.",
            "status": TO_DO,
        }

    async def _made(self, kind: str, number: str, body: dict[str, Any]) -> str:
        """The uuid of the one with this number; it is made if there is none."""
        found = (await self._get(f"{self._base}/{kind}?nummer={number}")).get("results")
        # A server that does not know the filter shows those of others.
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict) and one.get("nummer") == number:
                return self._uuid(one)
        content = json.dumps(body).encode()
        headers = {"Content-Type": JSON, "Accept": JSON}
        response, answer, _ = await self._peer.ask(
            "POST", f"{self._base}/{kind}", headers, content, limit=ANSWER_LIMIT
        )
        if response.status_code == 409:
            raise self._peer.trouble(HttpReason.PROTOCOL)
        self._peer.check(response, self._now())
        return self._uuid(self._peer.object_in(answer))

    async def _get(self, url: str) -> dict[str, Any]:
        return await self._peer.get(url, JSON, self._now(), ANSWER_LIMIT)

    def _uuid(self, found: Any) -> str:
        uuid = found.get("uuid") if isinstance(found, dict) else None
        if not isinstance(uuid, str) or not _UUID.fullmatch(uuid):
            raise self._peer.trouble(HttpReason.PROTOCOL)
        return uuid


def _number(parcel: Parcel, how: str) -> str:
    """At most ten characters, as the API has it: the kenmerk's eight, and two of the delivery's. One that
    went sealed and one in clear are two: the first says that the mailbox has it."""
    found = _KENMERK.fullmatch(parcel.kenmerk)
    if found is None:
        raise Refused("parcel_malformed")
    first = hashlib.sha256(f"{parcel.delivery_id}{how}".encode()).digest()[0]
    return f"{found[1]}{found[2]}{chr(ord('a') + first // 16)}{chr(ord('a') + first % 16)}"


def _local(moment: datetime) -> str:
    return moment.astimezone(_AMSTERDAM).strftime("%d-%m-%Y om %H.%M uur")


def _text(shown: ClearReferral) -> str:
    """What a colleague reads in the contact, a line each; raises `Refused` where it does not fit."""
    lines = [f"Naam: {shown.name}", f"Telefoon: {', '.join(shown.phones) or 'geen'}"]
    for name, value in shown.facts.items():
        said = _local(datetime.fromisoformat(value)) if name == "beltZelfVoor" else value
        lines.append(f"{_LABELS.get(name, name.capitalize())}: {said}")
    text = "\n".join(lines)
    if len(text) > LONGEST:
        raise Refused("klantinteracties_clear_too_long")
    return text


def told_by(task: Any, done: str) -> ToldBack | None:
    """What a task says; None if it is none of ours."""
    number = task.get("nummer") if isinstance(task, dict) else None
    found = _NUMBER.fullmatch(number) if isinstance(number, str) else None
    if found is None:
        return None
    text, status = task.get("toelichting"), task.get("status")
    facts: list[Fact] = []
    unknown: list[str] = []
    for said in _BRACKETS.findall(text if isinstance(text, str) else ""):
        fact = _fact(said)
        if fact is None:
            unknown.append("internetaak.toelichting")
            continue
        back = sum(map(_takes_back, facts))
        if back and not (_takes_back(facts[-1]) and _takes_back(fact)):
            # What is said after a correction is said anew.
            fact = replace(fact, key=f"{fact.key}/{back}")
        if all(fact.key != one.key for one in facts):
            facts.append(fact)
    if status == DONE and not facts:
        meaning = Meaning(done)
        facts.append(Fact(f"klantinteracties/{DONE}", meaning, meaning))
    elif status not in (TO_DO, DONE):
        unknown.append("internetaak.status")
    kenmerk = f"IB-{found[1]}-{found[2]}"
    return ToldBack("", tuple(facts), tuple(dict.fromkeys(unknown)), kenmerk)


def _takes_back(fact: Fact) -> bool:
    return fact.after is not None and fact.after.event == "corrected"


def _fact(said: str) -> Fact | None:
    """What a code means; an attempt needs a day, by which it is told from the next."""
    words = said.split()
    on: date | None = day_of(words[-1]) if len(words) > 1 else None
    code = word_of(" ".join(words[:-1] if on else words))
    meaning = CODES.get(code)
    if meaning is None or (meaning.event == "attempted" and on is None):
        return None
    return Fact(f"klantinteracties/{code}/{on or ''}", meaning, meaning, on)
