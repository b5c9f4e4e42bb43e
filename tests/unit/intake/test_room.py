"""Whether there is room: what is counted, between looks and when a look fails."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.intake.limits import Limits, MailRoom
from gateway.store.inbox import Share
from tests.patience import PATIENCE_S

LIMITS = replace(
    Limits(),
    free_disk_bytes=1000,
    unproven_mails_per_network=3,
    unproven_bytes_per_network=500,
    unproven_mails=5,
    unproven_bytes=900,
)
HERE, NEAR, THERE = "192.0.2.1", "192.0.2.200", "198.51.100.1"


class World:
    """What disk and database say."""

    def __init__(self) -> None:
        self.free: int | OSError = 10_000
        self.unproven: dict[str, Share] = {}
        self.known: set[str] = set()
        self.room = MailRoom(
            LIMITS, key=b"k" * 32, free=self._free, unproven=lambda: self.unproven, known=lambda: self.known
        )

    def _free(self) -> int:
        if isinstance(self.free, OSError):
            raise self.free
        return self.free


@pytest.mark.parametrize(
    ("free", "full"), [(1000, None), (999, "free_disk_bytes"), (OSError(), "free_disk_bytes")]
)
def test_a_disk_that_fills_or_can_not_be_asked_takes_no_mail_of_anybody(
    free: int | OSError, full: str | None
) -> None:
    world = World()
    world.free = free
    world.room.look()
    assert world.room.full(None) == world.room.full(world.room.mark(HERE)) == full
    assert world.room.disk_full == (full is not None)


def test_where_everybody_comes_from_one_network_a_stranger_uses_up_no_share_of_it() -> None:
    """Of a mailbox that is fetched: after 200 unproven mails no practice's was taken any more."""
    world = World()
    fetched = world.room.mark(HERE)
    world.unproven = {fetched: Share(4, 600)}
    world.room.look()
    assert world.room.full(fetched) == "unproven_mails_per_network"
    assert world.room.full(fetched, everybody=True) is None
    world.room.took(fetched, 300)
    assert world.room.full(fetched, everybody=True) == "unproven_mails"


def test_what_strangers_send_in_a_day_is_bounded_whatever_becomes_of_it() -> None:
    """A mail that a machine wrote is decided at once, and takes no room of what is unproven: 40 a second from
    each network for ever, each a row and an event that stay."""
    now = [0.0]
    limits = replace(LIMITS, stranger_mails_per_network=2, stranger_mails=4)
    room = MailRoom(limits, tick=lambda: now[0])
    for network, full in ((HERE, "stranger_mails_per_network"), (THERE, "stranger_mails_per_network")):
        for _ in range(2):
            room.look()
            assert room.full(room.mark(network)) is None
            room.took(room.mark(network), 10)
            now[0] += 1
        room.look()
        assert room.full(room.mark(network)) == full
        assert room.full(None) is None
    assert room.full(room.mark("203.0.113.1")) == "stranger_mails"
    now[0] += 43_200
    assert room.full(room.mark(HERE)) is None


def test_what_is_kept_between_two_looks_counts_for_the_disk() -> None:
    world = World()
    world.room.look()
    world.room.took(None, 9001)
    assert world.room.disk_full
    world.room.look()
    assert not world.room.disk_full


def test_a_network_has_its_share_and_others_have_theirs() -> None:
    world = World()
    room = world.room
    room.look()
    for _ in range(3):
        assert room.full(room.mark(HERE)) is None
        room.took(room.mark(HERE), 10)
    assert room.full(room.mark(NEAR)) == "unproven_mails_per_network"
    assert room.full(room.mark(THERE)) is None
    # Who is vouched for by more than an address has no share.
    assert room.full(None) is None
    room.took(room.mark(THERE), 500)
    assert room.full(room.mark(THERE)) == "unproven_bytes_per_network"
    # A look knows better: some were decided meanwhile.
    room.look()
    assert room.full(room.mark(HERE)) is None


@pytest.mark.parametrize(
    ("share", "full"),
    [(Share(2, 1), "unproven_mails"), (Share(1, 300), "unproven_bytes"), (Share(1, 299), None)],
)
def test_all_networks_together_have_a_share(share: Share, full: str | None) -> None:
    world = World()
    world.unproven = {f"m{n}": share for n in range(3)}
    world.room.look()
    assert world.room.full(world.room.mark(HERE)) == full


def test_a_network_that_brought_proven_mail_is_not_refused_for_what_others_send() -> None:
    world = World()
    room = world.room
    world.known = {room.mark(HERE)}
    world.unproven = {room.mark(HERE): Share(100, 100_000), room.mark(THERE): Share(3, 10)}
    room.look()
    assert room.knows(NEAR)
    assert not room.knows(THERE)
    assert room.full(room.mark(NEAR)) is None
    assert room.full(room.mark(THERE)) == "unproven_mails_per_network"
    # Nor does it use up what strangers may have.
    assert room.full(room.mark("203.0.113.1")) is None


def test_a_mark_tells_no_address_and_depends_on_the_key() -> None:
    mark = MailRoom(LIMITS, key=b"k" * 32).mark
    assert mark(HERE) == mark(NEAR) != mark(THERE)
    assert mark(HERE) != MailRoom(LIMITS, key=b"l" * 32).mark(HERE)
    assert len(bytes.fromhex(mark(HERE))) == 16


async def test_a_look_that_fails_is_told_once_and_what_was_seen_before_holds() -> None:
    world, told, looks = World(), list[Any](), list[Any]()
    world.unproven = {world.room.mark(HERE): Share(3, 10)}
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def unproven() -> dict[str, Share]:
        looks.append(None)
        if len(looks) == 8:
            loop.call_soon_threadsafe(enough.set)
        if len(looks) in {2, 3, 4, 6}:
            raise ConnectionError("postgresql://inbeeld:geheim@db")
        return world.unproven

    world.room._read_unproven = unproven
    watching = asyncio.create_task(world.room.watch(told.append, every=0))
    await asyncio.wait_for(enough.wait(), PATIENCE_S)
    watching.cancel()
    await asyncio.wait([watching])
    assert told == ["ConnectionError"] * 2
    assert world.room.full(world.room.mark(HERE)) == "unproven_mails_per_network"


def test_without_anything_to_ask_there_is_room() -> None:
    room = MailRoom(Limits())
    room.look()
    assert room.full(room.mark(HERE)) is None
    assert not room.disk_full
