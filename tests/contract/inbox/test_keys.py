"""What the gateway takes and gives of keys: public points and wraps, each to whose it is."""

import json
from datetime import timedelta
from typing import Any

from sqlmodel import select

from gateway.demo.config import keep_pair
from gateway.mailbox.oldkeys import SPARE, OldKeys
from gateway.store import pairs
from gateway.store.pagetables import PairRow, WrapRow
from gateway.store.pairs import HANDING, PairKind
from tests.contract.inbox.office import (
    CODE,
    FEWEST,
    PASSPHRASE,
    MadePair,
    Office,
    Person,
    adding,
    base64url,
    beside_the_curve,
    noise,
)
from tests.contract.mailbox.harbour import HAVEN, POORT

PAIRS, WRAPS = "/sleutel/paren", "/sleutel/wikkels"


async def made(person: Person) -> MadePair:
    """Somebody's first pair."""
    pair = MadePair.make()
    answer = await person.send(PAIRS, pair.body(person))
    assert answer.status_code == 201, answer.text
    return pair


def lay(office: Office, *people: Person) -> MadePair:
    """The pair that De Haven's referrals are sealed for, which these people open."""
    private = office.harbour.key(HAVEN).read_bytes()
    phrases = {person.user.id: PASSPHRASE for person in people}
    gateway = office.harbour.town.gateway
    with gateway.store.write() as session:
        by = people[0].user.id
        pair = keep_pair(session, HAVEN, private, phrases, now=gateway.base.wall(), by=by, iterations=FEWEST)
        return MadePair(private, pair.id)


async def hand(person: Person, pair: MadePair, to: Person) -> int:
    """Hand a pair to a colleague; gives the status of the answer."""
    wrap = {**pair.wrap(PairKind.HANDING, to.user.id, CODE), "voor": to.user.id}
    return (await person.send(WRAPS, await adding(person, pair, wrap))).status_code


async def kinds(person: Person) -> list[str]:
    """The wraps somebody gets."""
    found = (await person.client.get(WRAPS)).json()
    return [wrap["soort"] for pair in found["paren"] for wrap in pair["wikkels"]]


async def test_a_pair_is_kept_with_its_wraps_and_told(office: Office) -> None:
    sam = office.person()
    pair = await made(sam)
    found = (await sam.client.get(WRAPS)).json()
    assert (found["gebruiker"], found["eigenaar"]) == (sam.user.id, HAVEN)
    assert [(each["id"], each["openbaar"], each["gebonden"]) for each in found["paren"]] == [
        (pair.id, pair.jwk, False)
    ]
    assert sorted(await kinds(sam)) == ["passphrase", "recovery"]
    assert [row.actor for row in office.events("key.made")] == [f"user:{sam.user.id}"]
    assert len(office.events("key.wrapped")) == 2
    page = await sam.get("/sleutel")
    assert " ".join(pair.id[at : at + 4] for at in range(0, 43, 4)) in page.text
    assert "require-trusted-types-for 'script'" in page.headers["content-security-policy"]


async def test_nobody_else_gets_the_wraps_or_adds_any(office: Office) -> None:
    sam, stranger, beheerder = office.person(), office.person("Pol", POORT), office.person("Noor", None)
    pair = await made(sam)
    for other in (stranger, beheerder):
        assert await kinds(other) == []
        more = await adding(other, pair, pair.wrap(PairKind.PASSPHRASE, other.user.id))
        assert (await other.send(WRAPS, more)).status_code == 404
        assert pair.id[:4] not in (await other.get("/sleutel")).text
    assert await hand(sam, pair, stranger) == 404
    assert await kinds(stranger) == []


async def test_a_colleague_joins_with_what_they_were_handed(office: Office) -> None:
    sam, bo, col = office.person(), office.person("Bo"), office.person("Col")
    pair = await made(sam)
    assert await kinds(bo) == ["recovery"]
    assert await hand(bo, pair, col) == 404, "who has no key hands none on"
    assert await hand(sam, pair, bo) == 201
    assert (sorted(await kinds(bo)), await kinds(col)) == (["handing", "recovery"], ["recovery"])
    assert "Een collega gaf u toegang" in (await bo.get("/sleutel")).text
    own = await adding(bo, pair, pair.wrap(PairKind.PASSPHRASE, bo.user.id))
    assert (await bo.send(WRAPS, own)).status_code == 201
    assert sorted(await kinds(bo)) == ["passphrase", "recovery"], "the code is used once"


async def test_who_has_no_key_changes_nothing_of_it(office: Office) -> None:
    sam, bo = office.person(), office.person("Bo")
    pair, other = await made(sam), MadePair.make()
    before = (await sam.client.get(WRAPS)).json()["paren"][0]["wikkels"]
    own, printed = pair.wrap(PairKind.PASSPHRASE, bo.user.id), pair.wrap(PairKind.RECOVERY, HAVEN)
    (sams,) = (await adding(sam, pair, printed))["paren"]
    for body in (
        {"paren": [{"paar": pair.id, "wikkels": [own]}]},
        {"paren": [{"paar": pair.id, "bewijs": "0" * 64, "wikkels": [own]}]},
        # What Sam's browser said counts for Sam's session alone.
        {"paren": [{**sams, "wikkels": [own]}]},
        {"paren": [{**sams, "wikkels": [printed]}]},
        {"paren": [{**sams, "paar": other.id, "wikkels": [own]}]},
    ):
        assert (await bo.send(WRAPS, body)).status_code in (404, 422)
    assert await kinds(bo) == ["recovery"]
    assert (await sam.client.get(WRAPS)).json()["paren"][0]["wikkels"] == before
    assert len(office.events("key.wrapped")) == 2


async def test_what_was_handed_ends_after_a_week(office: Office) -> None:
    sam, bo = office.person(), office.person("Bo")
    pair = await made(sam)
    await hand(sam, pair, bo)
    gateway = office.harbour.town.gateway
    later = gateway.base.wall() + HANDING
    with gateway.store.read() as session:
        assert not [wrap for wrap in pairs.wraps(session, [pair.id], later) if wrap.kind == PairKind.HANDING]
        assert pairs.has_expired(session, later)
    with gateway.store.write() as session:
        pairs.expire(session, later)
    assert await kinds(bo) == ["recovery"]


async def test_two_colleagues_at_once_make_one_pair(office: Office) -> None:
    sam, bo = office.person(), office.person("Bo")
    first = await made(sam)
    assert (await bo.send(PAIRS, MadePair.make().body(bo))).status_code == 409
    assert (await sam.send(PAIRS, first.body(sam))).status_code == 409
    second = MadePair.make()
    assert (await sam.send(PAIRS, {**second.body(sam), "vervangt": first.id})).status_code == 201
    assert (await sam.send(PAIRS, {**MadePair.make().body(sam), "vervangt": first.id})).status_code == 409


async def test_there_are_not_endless_pairs(office: Office) -> None:
    sam = office.person()
    newest = await made(sam)
    for _ in range(pairs.MOST - 1):
        pair = MadePair.make()
        assert (await sam.send(PAIRS, {**pair.body(sam), "vervangt": newest.id})).status_code == 201
        newest = pair
    last = {**MadePair.make().body(sam), "vervangt": newest.id}
    assert (await sam.send(PAIRS, last)).status_code == 409


async def test_who_has_no_key_takes_none_from_who_has(office: Office) -> None:
    sam, ann, bo = office.person(), office.person("Ann"), office.person("Bo")
    first = lay(office, sam, ann)
    newest = first.id
    for _ in range(pairs.MOST):
        pair = MadePair.make()
        assert (await bo.send(PAIRS, {**pair.body(bo), "vervangt": newest})).status_code == 201
        newest = pair.id
    assert (await bo.send(PAIRS, {**MadePair.make().body(bo), "vervangt": newest})).status_code == 409
    page = (await sam.get("/sleutel")).text
    for name in ("geven", "veranderen", "herstelsleutel", "wisselen", "maken"):
        assert f'data-werk="{name}"' in page, name
    assert "Vraag een collega die dat wel heeft" not in page
    # A new key of Sam's comes with a code for who has the key that Sam has.
    assert f'<option value="{ann.user.id}" data-heeft="ja">' in page
    assert page.count('"tag">niet vastgelegd<') == pairs.MOST - 1
    assert (await sam.send(PAIRS, {**MadePair.make().body(sam), "vervangt": newest})).status_code == 201
    assert "Vraag een collega die dat wel heeft" in (await bo.get("/sleutel")).text


async def test_what_nobody_bound_is_cleared_away_after_a_week(office: Office) -> None:
    sam = office.person()
    bound = lay(office, sam)
    made_here = [bound.id]
    for _ in range(3):
        pair = MadePair.make()
        await sam.send(PAIRS, {**pair.body(sam), "vervangt": made_here[-1]})
        made_here.append(pair.id)
    gateway = office.harbour.town.gateway
    found = gateway.base.wall()

    def left(bound_now: str | None, after: timedelta) -> list[str]:
        step = OldKeys(store=gateway.store, bound=lambda _: bound_now, wall=lambda: found + after)
        step.run(office.harbour.town.now)
        with gateway.store.read() as session:
            return [pair.id for pair in pairs.in_use(session, HAVEN)]

    assert left(None, SPARE) == made_here, "which one is bound can't be read"
    assert left(bound.id, SPARE - timedelta(hours=1)) == made_here
    assert left(bound.id, SPARE) == [bound.id, made_here[-1]]
    assert [json.loads(row.data)["pair"] for row in office.events("key.retired")] == made_here[1:3]


def wrong_bodies(pair: MadePair, person: Person) -> dict[str, dict[str, Any]]:
    """Bodies that must be refused, by what is wrong with them."""
    good = pair.body(person)
    inside = good["wikkels"][0]["inhoud"]

    def wrapped(**changes: Any) -> dict[str, Any]:
        return {
            **good,
            "wikkels": [{**good["wikkels"][0], "inhoud": {**inside, **changes}}, good["wikkels"][1]],
        }

    return {
        "the private part": {**good, "openbaar": json.loads(pair.private)},
        "a member d": {**good, "openbaar": {**pair.jwk, "d": noise(32)}},
        "beside the curve": {**good, "openbaar": beside_the_curve()},
        "another curve": {**good, "openbaar": {**pair.jwk, "crv": "P-384"}},
        "an x too long": {**good, "openbaar": {**pair.jwk, "x": noise(33)}},
        "another thumbprint": {**good, "id": noise(32)},
        "too few iterations": wrapped(iterations=599_999),
        "too many iterations": wrapped(iterations=10_000_001),
        "iterations as text": wrapped(iterations="600000"),
        "another derivation": wrapped(kdf="PBKDF2-SHA-1"),
        "a short salt": wrapped(salt=noise(8)),
        "a long iv": wrapped(iv=noise(16)),
        "the key itself": wrapped(ciphertext=base64url(bytes(138))),
        "a longer ciphertext": wrapped(ciphertext=noise(155)),
        "no base64url": wrapped(salt="=" * 43),
        "more than there is": wrapped(passphrase="x"),
        "one wrap": {**good, "wikkels": good["wikkels"][:1]},
        "no recovery": {**good, "wikkels": [good["wikkels"][0]] * 2},
        "a list": {**good, "wikkels": {}},
    }


async def test_only_exactly_the_right_shape_is_taken(office: Office) -> None:
    sam = office.person()
    pair = MadePair.make()
    for wrong, body in wrong_bodies(pair, sam).items():
        answer = await sam.send(PAIRS, body)
        assert answer.status_code == 422, wrong
        # Nothing of what was sent comes back.
        assert pair.jwk["x"] not in answer.text, wrong
    big = await sam.client.post(
        PAIRS, content=b'{"id": "' + b"x" * 20_000, headers={"Content-Type": "application/json"}
    )
    assert big.status_code == 413
    assert (await sam.client.post(PAIRS, data={"id": "x"})).status_code == 415
    with office.harbour.town.gateway.store.read() as session:
        assert not session.exec(select(PairRow)).all()
        assert not session.exec(select(WrapRow)).all()


async def test_who_leaves_takes_their_wraps_along(office: Office) -> None:
    sam, bo = office.person(), office.person("Bo")
    pair = await made(sam)
    await hand(sam, pair, bo)
    with office.harbour.town.gateway.store.write() as session:
        pairs.forget(session, bo.user.id)
        pairs.forget(session, sam.user.id)
        assert [wrap.kind for wrap in session.exec(select(WrapRow))] == [PairKind.RECOVERY]
