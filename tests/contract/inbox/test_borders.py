"""What of an organisation is its own: nobody elsewhere sees it, and every look at it is written down."""

from collections.abc import AsyncIterator

from gateway.accounts import invitations
from gateway.mailbox.keypage import PROOF
from gateway.sealing.keyfacts import grouped
from gateway.store.pairs import PairKind
from gateway.web import sessions
from gateway.web.auth import COOKIE, GuardedRoute, Role
from tests.contract.inbox.office import MadePair, Office, Person
from tests.contract.inbox.test_keys import made
from tests.contract.mailbox.harbour import HAVEN, POORT


async def test_every_look_at_a_case_is_written_down(office: Office) -> None:
    sam, kenmerk = office.person(), await office.refer()
    looks = (
        sam.get(f"/postvak/{kenmerk}"),
        sam.report(kenmerk, "gesproken"),
        sam.report(kenmerk, "onzin"),
    )
    # A button that shows nothing is no look: the page after it is.
    for number, look in zip((1, 2, 2), looks, strict=True):
        await look
        assert [row.actor for row in office.events("inbox.shown")] == [f"user:{sam.user.id}"] * number


def invite(office: Office, name: str, organisation: str) -> str:
    """Invite a colleague; gives the id of the invitation."""
    gateway, login = office.harbour.town.gateway, f"{name.lower()}@{organisation}.example"
    gateway.web.people.invite(login=login, name=name, role="medewerker", organisation=organisation, by="test")
    with gateway.store.read() as session:
        (row,) = [each for each in invitations.waiting(session, gateway.base.wall()) if each.name == name]
    return row.id


async def seen(office: Office, person: Person, **ids: tuple[str, ...]) -> AsyncIterator[tuple[str, int, str]]:
    """Every page that a medewerker may look at, with each id in its place: path, status and text."""
    for route in office.harbour.town.gateway.web.routes():
        if not isinstance(route, GuardedRoute) or Role.MEDEWERKER not in route.roles:
            continue
        if "GET" not in (route.methods or ()):
            continue
        hole = next(iter(route.param_convertors), "")
        for id_ in ids[hole] if hole else ("",):
            path = route.path.replace(f"{{{hole}}}", id_).replace("{act}", "verwijderen")
            answer = await person.get(path)
            yield path, answer.status_code, answer.text


async def test_nothing_of_another_organisation_stands_on_any_page(office: Office) -> None:
    sam, kept, passed = office.person("Zonneschijn"), await office.refer(), await office.refer()
    pair, waiting = await made(sam), invite(office, "Maanlicht", HAVEN)
    # De Haven read one of its cases and passed it on: De Poort has that one now.
    await sam.send(f"/postvak/{passed}/openen", {})
    assert (await sam.report(passed, "vol", zeker="ja")).status_code == 303
    await office.harbour.town.work()
    ids = {"kenmerk": (kept, passed), "id": (sam.user.id, waiting)}
    theirs = ("onneschijn", "aanlicht", kept, waiting, pair.id, grouped(pair.id))

    pol, shown = office.person("Pol", POORT), set()
    await made(pol)
    async for path, status, text in seen(office, pol, **ids):
        shown |= {path} if status == 200 else set()
        for canary in theirs:
            assert canary not in text, path
    assert {"/postvak", f"/postvak/{passed}", "/collegas", "/sleutel", "/account"} <= shown
    assert not shown & {f"/postvak/{kept}", f"/collegas/uitnodiging/{waiting}"}
    # Whoever is there themselves does see all of it, so that what was looked for is what is shown.
    own = "".join([text async for _, _, text in seen(office, sam, **ids)])
    assert not [canary for canary in theirs if canary not in own]


async def test_who_passed_a_case_on_sees_nothing_of_what_became_of_it(office: Office) -> None:
    sam, pol, kenmerk = office.person(), office.person("Pol", POORT), await office.refer()
    assert (await sam.report(kenmerk, "vol", zeker="ja")).status_code == 303
    await office.harbour.town.work()
    page, text = f"/postvak/{kenmerk}", f"/postvak/{kenmerk}/openen"
    before = (await sam.get(page)).text
    assert (await sam.send(text, {})).status_code == 409, "what lies there now is theirs"
    await office.harbour.settle(await office.harbour.leased(POORT), "ontvangstbevestigingen", who=POORT)
    assert "opgehaald door uw systeem" in (await pol.get(page)).text
    assert (await pol.send(text, {})).status_code == 200
    assert (await pol.report(kenmerk, "niet-bereikt")).status_code == 303
    # A try of theirs is a new version, and nothing else.
    assert without_version((await sam.get(page)).text) == without_version(before)
    assert (await sam.send(text, {})).status_code == 409
    asked = without_version((await sam.report(kenmerk, "gesproken")).text)
    assert (await pol.report(kenmerk, "gesproken", zeker="ja")).status_code == 303
    # That somebody reached the patient is not told either; that they did so themselves still counts.
    assert without_version((await sam.get(page)).text) == without_version(before)
    assert without_version((await sam.report(kenmerk, "gesproken")).text) == asked
    told = await sam.report(kenmerk, "gesproken", zeker="ja")
    assert told.headers["location"].endswith("?gemeld=gesproken")


def without_version(page: str) -> str:
    """A page without the versions of its case."""
    return "".join(line for line in page.splitlines(True) if 'name="versie"' not in line)


def answer_of(office: Office, person: Person, pair: MadePair) -> str:
    """What a browser with the pair's private key would say, had this person been asked."""
    gateway = office.harbour.town.gateway
    token = person.client.headers["Cookie"].removeprefix(f"{COOKIE}=")
    with gateway.store.read() as session:
        found = sessions.find(session, token, gateway.base.wall())
    assert found is not None
    return gateway.web.secret.mark(PROOF, found.session.id, pair.id)


async def test_a_pair_takes_nothing_from_elsewhere_whoever_has_its_key(office: Office) -> None:
    sam, bo, pol, noor = (
        office.person(),
        office.person("Bo"),
        office.person("Pol", POORT),
        office.person("Noor", None),
    )
    pair = await made(sam)
    for person, status in ((pol, 404), (noor, 404), (bo, 201)):
        wrap = pair.wrap(PairKind.PASSPHRASE, person.user.id)
        body = {"paar": pair.id, "bewijs": answer_of(office, person, pair), "wikkels": [wrap]}
        assert (await person.send("/sleutel/wikkels", {"paren": [body]})).status_code == status
