"""The shared counters."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.limits import Connections, Limits, Memory


@given(st.lists(st.tuples(st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"]), st.booleans())))
def test_counts_never_pass_their_limits_and_return_to_nothing(moves: list[tuple[str, bool]]) -> None:
    connections = Connections(replace(Limits(), connections=4, connections_per_address=2))
    inside: list[str] = []
    for address, enters in moves:
        if enters:
            refused = connections.enter(address, trusted=False)
            if len(inside) == 4:
                assert refused == "connections"
            elif inside.count(address) == 2:
                assert refused == "connections_per_address"
            else:
                assert refused is None
                inside.append(address)
        elif address in inside:
            inside.remove(address)
            connections.leave(address)
        assert connections.total == len(inside)
    for address in inside:
        connections.leave(address)
    assert connections._per_address == {}


def test_an_ipv6_network_is_one_client_and_a_mapped_ipv4_address_is_not() -> None:
    connections = Connections(replace(Limits(), connections_per_address=1))
    assert connections.enter("2001:db8::1", trusted=False) is None
    assert connections.enter("2001:db8::2:3", trusted=False) == "connections_per_address"
    assert connections.enter("2001:db8:0:1::1", trusted=False) is None
    assert connections.enter("::ffff:192.0.2.1", trusted=False) is None
    assert connections.enter("::ffff:192.0.2.2", trusted=False) is None


def test_a_trusted_relay_has_only_the_total() -> None:
    connections = Connections(replace(Limits(), connections=3, connections_per_address=1))
    assert [connections.enter("192.0.2.1", trusted=True) for _ in range(4)] == [
        None,
        None,
        None,
        "connections",
    ]


def test_memory_is_taken_whole_or_not_at_all() -> None:
    memory = Memory(10)
    assert memory.take(10)
    assert not memory.take(1)
    memory.give(10)
    assert not memory.take(11)
    assert memory.take(0)
