"""Who finds room when it is scarce: connections, networks, the disk, and what nobody has proven yet."""

from collections.abc import Callable

from gateway.intake.limits import MailRoom
from tests.wire.harness import GP, MAIL, Client, Post, post, until
from tests.wire.limited import hits, limited


class Still(MailRoom):
    """Room at which nobody looks but the test: a look forgets what came since the one before."""

    async def watch(self, failed: Callable[[str], None], every: float = 0) -> None:
        """As `MailRoom.watch`."""


@hits("connections", "connections_per_address")
async def test_400_idle_connections() -> None:
    async with post(trusted=False) as office:
        clients = [await office.connect() for _ in range(400)]
        greetings = [await client.reply() for client in clients]
        assert sum(greeting.startswith("220 ") for greeting in greetings) == 20
        assert sum(greeting.startswith("421 4.7.0 ") for greeting in greetings) == 380
        assert set(office.events.limits) == {"connections_per_address"}
        turned_away = clients[greetings.index(next(g for g in greetings if g.startswith("421")))]
        assert await turned_away.rest() == b""
        # One leaves, one may enter.
        first = clients[greetings.index(next(g for g in greetings if g.startswith("220")))]
        assert (await first.ask("QUIT")).startswith("221 ")
        await first.rest()
        assert (await (await office.connect()).reply()).startswith("220 ")
    async with post(limits=limited(connections=30)) as office:
        clients = [await office.connect() for _ in range(31)]
        greetings = [await client.reply() for client in clients]
        assert [greeting[:3] for greeting in greetings] == ["220"] * 30 + ["421"]
        assert office.events.limits == ["connections"]


async def greeted(office: Post, source: str) -> tuple[Client, bool]:
    """A client from an address of loopback, and whether it may come in."""
    client = await office.connect(source)
    return client, (await client.reply()).startswith("220 ")


@hits("connections_per_network")
async def test_a_network_with_many_addresses() -> None:
    limits = limited(connections_per_address=2, connections_per_network=5)
    async with post(trusted=False, limits=limits) as office:
        inside = [(await greeted(office, f"127.0.1.{n // 2}"))[1] for n in range(2, 12)]
        assert inside == [True] * 5 + [False] * 5
        assert office.events.limits == ["connections_per_network"] * 5
        assert office.events.abuses[0] == ("127.0.1.3", "connections_per_network")
        # A network beside it is another one.
        assert (await greeted(office, "127.0.2.1"))[1]


@hits("reserved_known", "reserved_fronts")
async def test_strangers_take_no_place_of_practices_and_fronts() -> None:
    limits = limited(connections=10, reserved_known=3, reserved_fronts=2)
    room = MailRoom(limits, known=lambda: {room.mark("127.0.7.1")})
    async with post(trusted=False, limits=limits, room=room, trusted_relays=["127.0.9.0/24"]) as office:
        assert sum([(await greeted(office, f"127.0.{n}.1"))[1] for n in range(20, 40)]) == 5
        assert sum([(await greeted(office, f"127.0.7.{n}"))[1] for n in range(1, 21)]) == 3
        assert sum([(await greeted(office, "127.0.9.1"))[1] for _ in range(20)]) == 2
        assert office.listener.reception.connections.total == 10
        # Fullness is nobody's fault.
        assert office.events.abuses == []


@hits("stress_idle_s")
async def test_silent_strangers_make_room_when_it_is_nearly_full() -> None:
    limits = limited(connections=10, reserved_known=4, reserved_fronts=2, stress_idle_s=0.1, linger_s=0.1)
    async with post(trusted=False, limits=limits, trusted_relays=["127.0.9.0/24"]) as office:
        front, _ = await greeted(office, "127.0.9.1")
        silent = [(await greeted(office, f"127.0.{n}.1"))[0] for n in range(20, 22)]
        # With the third of four there is stress, also for those who were there before.
        silent.append((await greeted(office, "127.0.30.1"))[0])
        assert (await silent[0].reply()).startswith("421 4.4.2 ")
        await until(lambda: not office.listener.reception.connections.stressed)
        assert office.events.abuses[0] == ("127.0.20.1", "stress_idle_s")
        assert set(office.events.limits) == {"stress_idle_s"}
        assert (await front.ask("NOOP")).startswith("250 ")


@hits("stress_session_s")
async def test_strangers_who_only_talk_make_room_when_it_is_nearly_full() -> None:
    limits = limited(connections=4, reserved_known=2, reserved_fronts=1, stress_session_s=0.1, strikes=10**6)
    async with post(trusted=False, limits=limits) as office:
        talker, _ = await greeted(office, "127.0.20.1")
        answer = "250"
        while answer.startswith("250"):
            answer = await talker.ask("NOOP")
        assert answer.startswith("421 4.4.2 ")
        assert office.events.limits == ["stress_session_s"]


@hits("free_disk_bytes")
async def test_a_disk_that_is_nearly_full_takes_no_mail_and_is_seen_before_the_store_fails() -> None:
    free = [100]
    limits = limited(free_disk_bytes=1000)
    room = MailRoom(limits, free=lambda: free[0])
    room.look()
    async with post(limits=limits, room=room) as office:
        client = await office.connect()
        await client.hello()
        assert (await client.ask(f"MAIL FROM:<{GP}>")).startswith("451 4.3.1 ")
        assert office.listener.room.disk_full
        assert office.events.limits == ["free_disk_bytes"]
        free[0] = 10_000
        room.look()
        assert (await client.mail()).startswith("250 ")
        assert not office.listener.room.disk_full


@hits(
    *("unproven_mails_per_network", "unproven_bytes_per_network", "unproven_mails", "unproven_bytes"),
    *("stranger_mails_per_network", "stranger_mails"),
)
async def test_unproven_mail_has_a_budget_and_practices_are_outside_it() -> None:
    for name, limit in (
        ("unproven_mails_per_network", 2),
        ("unproven_bytes_per_network", 100),
        ("unproven_mails", 2),
        ("unproven_bytes", 100),
        ("stranger_mails_per_network", 2),
        ("stranger_mails", 2),
    ):
        limits = limited(**{name: limit})
        room = Still(limits, known=lambda: {room.mark("127.0.7.1")})  # noqa: B023
        room.look()
        async with post(trusted=False, require_tls=False, limits=limits, room=room) as office:
            stranger = await office.connect("127.0.20.1")
            await stranger.hello()
            for n in range(2):
                assert (await stranger.mail(MAIL + b"%d\r\n" % n)).startswith("250 ")
            assert (await stranger.ask(f"MAIL FROM:<{GP}>")).startswith("451 4.7.1 ")
            assert office.events.limits == [name]
            other = await office.connect("127.0.21.1")
            await other.hello()
            fits = "250 " if name.endswith("network") else "451 "
            assert (await other.ask(f"MAIL FROM:<{GP}>")).startswith(fits)
            practice = await office.connect("127.0.7.9")
            await practice.hello()
            for n in range(5):
                assert (await practice.mail(MAIL + b"%d\r\n" % (n + 10))).startswith("250 ")
            marks = {kept.network for kept in office.inbox.rows.values()}
            assert marks == {room.mark("127.0.20.1"), room.mark("127.0.7.1")}
