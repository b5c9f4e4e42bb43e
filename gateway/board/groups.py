"""The first answer of the board: what needs a beheerder now, in groups, each with a number and what to do.

It promises that nothing of the patient is shown, that every item leads to where something can be done about
it, and that a group nobody is in is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from sqlmodel import Session

from gateway.board import attention as needs
from gateway.board.attention import DELIVERY, RELAY, Attention, AttentionItem, Failing
from gateway.board.rows import MOST
from gateway.domain.states import State
from gateway.store import takings
from gateway.store.takings import BEHEERDERS, Hands, Taking
from gateway.web.keywatch import Key
from gateway.web.pages import Pages
from gateway.web.reasons import explained
from gateway.web.words import time_words

FEW, MANY = 10, 200
"""So many items of a group are shown at first, and when the whole group is asked for."""

TITLES: Final = {
    "te-laat": "Te laat",
    "stil": "Levering staat stil",
    "berichten": "Berichten die iemand moet lezen",
    "quarantaine": "In quarantaine",
    "zonder": "Zonder organisatie",
    "afspraak": "Andere afspraak te laat",
    "sleutels": "Sleutels en certificaten",
    "verbindingen": "Verbindingen die niet lukken",
}
"""The groups, in the order in which they are shown."""

_DELIVERIES: Final = {
    "handover": "Aanmelding aan %(whom)s",
    "notice": "Bericht aan %(whom)s",
    "nudge": "Seintje aan %(whom)s",
    "reply": "Antwoord aan %(whom)s",
    "digest": "Overzicht voor de beheerders",
    "figures": "Cijfers van een kwartaal voor een praktijk",
    "alert": "Alarm aan de eigen webhook",
}


@dataclass(frozen=True, slots=True)
class WhomToCall:
    """Whom a beheerder calls, at which numbers; without any, `entry` is where one is filled in."""

    name: str
    numbers: tuple[str, ...]
    entry: str


@dataclass(frozen=True, slots=True)
class AttentionGroup:
    """One item as it is shown: a link with its text, what is the matter, and what to do.

    `taken` says which beheerder has it and since when; `take` is the case that one can take on; `call` is who
    may be called about it.
    """

    id: str
    href: str
    label: str
    told: str
    where: str = ""
    remedy: str = ""
    urgent: bool = False
    taken: str = ""
    take: str = ""
    call: WhomToCall | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One group as it is shown. `number` says `count` in words; `more` that not all is shown at first.

    `together` is what can be done with many of it at once: an address and what it does.
    """

    key: str
    title: str
    count: int
    number: str
    needs: tuple[AttentionGroup, ...]
    more: bool
    together: tuple[tuple[str, str], ...] = ()


class AttentionGroups:
    """Puts the groups together. The mappings give the names of organisations and practices, `phones` the
    telephone numbers of practices, `organisation_phones` those of organisations."""

    def __init__(
        self,
        *,
        pages: Pages,
        organisations: Mapping[str, str],
        practices: Mapping[str, str],
        phones: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        organisation_phones: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        self._pages, self._organisations, self._practices = pages, organisations, practices
        self._phones, self._organisation_phones = phones, organisation_phones

    def groups(
        self,
        session: Session,
        keys: tuple[Key, ...],
        now: datetime,
        everything: str | None,
        hands: Hands | None = None,
    ) -> tuple[Group, ...]:

        def limit(key: str) -> int:
            return MANY if key == everything else FEW

        cases = {
            "te-laat": needs.late(session, now, limit("te-laat"), hands),
            "stil": needs.held(session, limit("stil"), hands),
            "berichten": needs.letters(session, limit("berichten"), hands),
            "quarantaine": needs.quarantined(session, limit("quarantaine"), hands),
            "zonder": needs.unroutable(session, now, limit("zonder"), hands),
            "afspraak": needs.agreed(session, now, limit("afspraak"), hands),
        }
        ids = {item.case_id for found in cases.values() for item in found.items if item.case_id}
        taken = takings.of_cases(session, BEHEERDERS, ids)
        shown = {key: self._of_cases(key, found, now, taken) for key, found in cases.items() if found.number}
        # Keys and peers are nobody's: who looks for their own work sees that alone.
        own = hands is not None and hands.user_id is not None
        if keys and not own:
            lines = tuple(self._key(key) for key in keys[: limit("sleutels")])
            shown["sleutels"] = self._group("sleutels", len(keys), lines)
        if not own and (failing := needs.failing(session)):
            peers = tuple(self._peer(one, now) for one in failing[: limit("verbindingen")])
            shown["verbindingen"] = self._group("verbindingen", len(failing), peers)
        if "stil" in shown and not own:
            shown["stil"] = replace(shown["stil"], together=tuple(self._together(session)))
        return tuple(shown[key] for key in TITLES if key in shown)

    def _together(self, session: Session) -> Iterator[tuple[str, str]]:
        """What can be done at once with all that is held for one organisation."""
        say = self._pages.say
        for who, number in sorted(needs.held_by(session).items()):
            name = say("Onze mailserver") if who == RELAY else self._organisations.get(who)
            if name is None or number < 2:
                continue
            query = urlencode({"doen": "opnieuw", "organisatie": who})
            yield (
                f"/bord/samen?{query}",
                say("Alles opnieuw versturen: %(name)s (%(n)s)", name=name, n=number),
            )
            if who != RELAY:
                query = urlencode({"doen": "achtervang", "organisatie": who})
                yield f"/bord/samen?{query}", say("Alles aan de vervanger geven: %(name)s", name=name)

    def _of_cases(self, key: str, found: Attention, now: datetime, taken: Mapping[str, Taking]) -> Group:
        lines = tuple(self._need(key, item, now, taken.get(item.case_id or "")) for item in found.items)
        return self._group(key, found.number, lines)

    def _group(self, key: str, number: int, lines: tuple[AttentionGroup, ...]) -> Group:
        title, said = self._pages.say(TITLES[key]), counted(self._pages, number)
        return Group(key, title, number, said, lines, number > FEW)

    def _need(self, key: str, item: AttentionItem, now: datetime, taken: Taking | None) -> AttentionGroup:
        told, remedy = self._told(key, item, now)
        href = f"/zaken/{item.kenmerk}" if item.kenmerk else "/gezondheid"
        label = item.kenmerk or self._delivery(item)
        where = " · ".join(self._where(key, item))
        if key == "berichten":
            href = f"/quarantaine/berichten/{item.id.removeprefix(needs.LETTER)}"
            label = self._pages.say("bericht bij %(kenmerk)s", kenmerk=label)
        return AttentionGroup(
            item.id,
            f"/quarantaine/{item.kenmerk}" if key == "quarantaine" and item.kenmerk else href,
            label,
            told,
            where,
            remedy,
            item.urgent,
            self._pages.say(
                "bij %(naam)s sinds %(moment)s", naam=taken.name, moment=self._pages.moment(taken.since)
            )
            if taken
            else "",
            item.kenmerk if item.kenmerk and not taken else "",
            self._call(key, item),
        )

    def _call(self, key: str, item: AttentionItem) -> WhomToCall | None:
        """Who can do something about it: the organisation that is late or can't be reached, or the practice
        that nobody answered."""
        if key in ("te-laat", "afspraak") or (key == "stil" and item.kind != "reply"):
            return self._organisation(item.organisation_id)
        asked = key in ("stil", "berichten") or item.what in (State.DECLINED, State.RETURNED)
        practice = item.practice_id or ""
        if not asked or practice not in self._practices:
            return None
        numbers = self._phones.get(practice, ())
        return WhomToCall(self._practices[practice], numbers, f"/gids/praktijken/bewerken/{practice}")

    def _organisation(self, id_: str | None) -> WhomToCall | None:
        if id_ is None or id_ not in self._organisations:
            return None
        numbers = self._organisation_phones.get(id_, ())
        return WhomToCall(self._organisations[id_], numbers, f"/gids/organisaties/bewerken/{id_}")

    def _told(self, key: str, item: AttentionItem, now: datetime) -> tuple[str, str]:
        pages = self._pages
        match key:
            case "te-laat":
                return time_words(pages, item.at, now), ""
            case "afspraak":
                kind = item.what.replace("_", " ")
                return f"{kind}: {time_words(pages, item.at, now)}", ""
            case "berichten" | "quarantaine":
                return pages.say("ontvangen %(at)s", at=pages.moment(item.at)), ""
        what, remedy = explained(pages, item.what)
        if item.kenmerk is None:
            named = item.id.removeprefix(DELIVERY)[:8]
            remedy += " " + pages.say("Of laat het vervallen: inbeeld queue dismiss %(id)s.", id=named)
        return what, remedy

    def _where(self, key: str, item: AttentionItem) -> Iterator[str]:
        if key == "stil" and item.kenmerk:
            yield self._delivery(item)
        elif key != "quarantaine" and item.organisation_id:
            yield self._organisations.get(item.organisation_id, item.organisation_id)
        if item.practice_id and not (key == "stil" and item.kind == "reply"):
            yield self._practices.get(item.practice_id, item.practice_id)
        if item.wijk:
            yield item.wijk

    def _delivery(self, item: AttentionItem) -> str:
        if item.kind == "reply":
            whom = self._practices.get(item.practice_id or "", self._pages.say("de verwijzer"))
        else:
            whom = self._organisations.get(item.organisation_id or "", self._pages.say("de organisatie"))
        return self._pages.say(_DELIVERIES.get(item.kind, "Bericht aan %(whom)s"), whom=whom)

    def _key(self, key: Key) -> AttentionGroup:
        if key.problem:
            what, remedy = explained(self._pages, f"own_{key.problem}" if key.own else key.problem)
            return AttentionGroup(key.id, "/gezondheid", key.name, what, remedy=remedy)
        at = self._pages.moment(key.expires_at)
        return AttentionGroup(key.id, "/gezondheid", key.name, self._pages.say("verloopt op %(at)s", at=at))

    def _peer(self, one: Failing, now: datetime) -> AttentionGroup:
        pages = self._pages
        own = pages.say("Onze mailserver")
        name = own if one.peer == RELAY else self._organisations.get(one.peer, one.peer)
        what, remedy = explained(pages, one.reason)
        at = pages.moment(one.since)
        waiting = (
            pages.say("geeft geen antwoord op onze vragen sinds %(at)s", at=at)
            if not one.waiting
            else pages.say("1 bericht wacht sinds %(at)s", at=at)
            if one.waiting == 1
            else pages.say("%(n)s berichten wachten sinds %(at)s", n=one.waiting, at=at)
        )
        call = self._organisation(one.peer)
        return AttentionGroup(f"verbinding-{one.peer}", "/gezondheid", name, what, waiting, remedy, call=call)


def counted(pages: Pages, number: int) -> str:
    """A number as it is shown: exact until `MOST`."""
    return str(number) if number <= MOST else pages.say("meer dan %(n)s", n=MOST)
