"""Who gets a connection, and the shared counters."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.limits import Connections, Limits, Memory, Standing, network, origin

STRANGER, KNOWN, FRONT = Standing.STRANGER, Standing.KNOWN, Standing.FRONT
ADDRESSES = ["192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1", "2001:db8:0:1::1"]


def connections(**limits: int) -> Connections:
    free = {"reserved_known": 0, "reserved_fronts": 0}
    return Connections(replace(Limits(), **{**free, **limits}))  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(Standing), st.booleans())))
def test_counts_never_pass_their_limits_and_return_to_nothing(
    moves: list[tuple[str, Standing, bool]],
) -> None:
    counted = connections(
        connections=8,
        connections_per_address=2,
        connections_per_network=3,
        reserved_known=2,
        reserved_fronts=1,
    )
    inside: list[tuple[str, Standing]] = []
    for address, standing, enters in moves:
        if enters:
            refused = counted.enter(address, standing)
            strangers = sum(other is STRANGER for _, other in inside)
            others = [other for other, its in inside if its is not FRONT]
            if len(inside) >= {STRANGER: 8, KNOWN: 7, FRONT: 8}[standing] or (
                standing is STRANGER and strangers == 5
            ):
                assert refused == "connections"
            elif standing is FRONT:
                assert refused is None
            elif sum(origin(other) == origin(address) for other in others) == 2:
                assert refused == "connections_per_address"
            elif sum(network(other) == network(address) for other in others) == 3:
                assert refused == "connections_per_network"
            else:
                assert refused is None
            if refused is None:
                inside.append((address, standing))
        elif (address, standing) in inside:
            inside.remove((address, standing))
            counted.leave(address, standing)
        assert counted.total == len(inside)
    for address, standing in inside:
        counted.leave(address, standing)
    assert (counted.total, counted._strangers) == (0, 0)
    assert not counted._per_address
    assert not counted._per_network


def test_strangers_leave_room_for_who_is_known_and_those_for_our_fronts() -> None:
    """Five strangers' addresses filled every connection there was."""
    counted = Connections(Limits())
    strangers = [f"198.51.{n // 20}.{n % 20}" for n in range(200)]
    refused = [counted.enter(address, STRANGER) for address in strangers]
    assert refused == [None] * 60 + ["connections"] * 140
    assert counted.stressed
    known = [counted.enter(f"203.0.{n // 20}.{n % 20}", KNOWN) for n in range(40)]
    assert known == [None] * 30 + ["connections"] * 10
    fronts = [counted.enter("192.0.2.1", FRONT) for _ in range(20)]
    assert fronts == [None] * 10 + ["connections"] * 10
    counted.leave(strangers[0], STRANGER)
    assert counted.enter("192.0.2.1", FRONT) is None


def test_only_strangers_make_stress() -> None:
    counted = connections(connections=40)
    for n in range(29):
        assert counted.enter(f"198.51.{n}.1", STRANGER) is None
    assert not counted.stressed
    counted.enter("198.51.100.1", FRONT)
    counted.enter("203.0.113.1", KNOWN)
    assert not counted.stressed
    counted.enter("198.51.101.1", STRANGER)
    assert counted.stressed
    counted.leave("198.51.101.1", STRANGER)
    assert not counted.stressed


def test_addresses_count_as_what_one_customer_has() -> None:
    assert origin("2001:db8::1") == origin("2001:db8::2:3") != origin("2001:db8:0:1::1")
    assert network("2001:db8::1") == network("2001:db8:0:1::1") != network("2001:db8:1::1")
    assert origin("192.0.2.1") == origin("::ffff:192.0.2.1") != origin("::ffff:192.0.2.2")
    assert network("192.0.2.1") == network("::ffff:192.0.2.2") != network("192.0.3.1")
    # No IPv4 network can be taken for one of IPv6.
    assert {origin("32.1.13.184"), network("32.1.13.184")} & {
        origin("2001:db8::"),
        network("2001:db8::"),
    } == set()


def test_memory_is_taken_whole_or_not_at_all() -> None:
    memory = Memory(10)
    assert memory.take(10)
    assert not memory.take(1)
    memory.give(10)
    assert not memory.take(11)
    assert memory.take(0)
