"""The real resolver against a real server on a loopback socket."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from gateway.gate.authenticity import Question
from gateway.gate.dns import Dns

ZONE = {
    ("praktijk.example.", "TXT"): ['"v=spf1 " "-all"'],
    ("praktijk.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("praktijk.example.", "AAAA"): ["2001:db8::1"],
    ("praktijk.example.", "MX"): ["10 mx.praktijk.example."],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["mail.praktijk.example."],
    ("alias.example.", "CNAME"): ["praktijk.example."],
}


class Server:
    """Answers from ZONE over UDP, keeping the questions; `kapot.example` is SERVFAIL, `stil` says nothing."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.questions = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while (packet := self.socket.recvfrom(4096))[0] != b"stop":
            query = dns.message.from_wire(packet[0])
            name, kind = (
                query.question[0].name.to_text().lower(),
                dns.rdatatype.to_text(query.question[0].rdtype),
            )
            self.questions.append((name, kind))
            if name != "stil.example.":
                self.socket.sendto(self.answer(query, name, kind).to_wire(), packet[1])

    def answer(self, query, name, kind):
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if (name, "CNAME") in ZONE:
            target = ZONE[name, "CNAME"][0]
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", target))
            name = target
        if name == "kapot.example.":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        elif name not in {known for known, _ in ZONE}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"stop", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def resolver(server):
    made = Dns((("127.0.0.1", server.port),))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "kind", "records"),
    [
        ("praktijk.example", "TXT", (b"v=spf1 -all",)),
        ("PRAKTIJK.example.", "A", ("192.0.2.1", "192.0.2.2")),
        ("praktijk.example", "AAAA", ("2001:db8::1",)),
        ("praktijk.example", "MX", ((10, "mx.praktijk.example"),)),
        ("1.2.0.192.in-addr.arpa", "PTR", ("mail.praktijk.example",)),
        ("alias.example", "TXT", (b"v=spf1 -all",)),
        ("mail.praktijk.example", "A", ()),
        ("alias.example", "PTR", ()),
        ("a..example", "A", ()),
        ("a" * 64 + ".example", "A", ()),
        ("a." * 200, "A", ()),
    ],
)
def test_gives_records_in_plain_form_or_none(resolver, name, kind, records):
    # A server may turn the order of its records at will.
    assert sorted(resolver.look_up(name, kind)) == sorted(records)


@pytest.mark.parametrize("name", ["kapot.example", "stil.example"])
def test_trouble_is_not_an_empty_answer(resolver, name):
    asked = ("TXT", name)
    assert resolver.look_up_all([asked], 0.2) == {asked: None}


def test_a_server_that_is_not_there_is_trouble():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    resolver = Dns((("127.0.0.1", port),))
    asked: Question = ("TXT", "praktijk.example")
    assert resolver.look_up_all([asked], 0.2) == {asked: None}
    resolver.close()
    resolver.close()


def test_an_answer_is_kept_for_its_time_to_live(server, resolver):
    for _ in range(3):
        resolver.look_up("praktijk.example", "TXT")
    assert server.questions == [("praktijk.example.", "TXT")]


def test_a_slow_name_keeps_the_others_from_nothing(server, resolver):
    slow, quick = ("TXT", "stil.example"), ("TXT", "praktijk.example")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: resolver.look_up_all([slow, quick], 1.0), range(4)))
    assert found == [{slow: None, quick: (b"v=spf1 -all",)}] * 4
    # It is under way still, and asked once for all of them.
    assert slow in resolver._under_way
    assert server.questions.count(("praktijk.example.", "TXT")) == 1


def test_nothing_is_asked_for_nothing(resolver):
    assert resolver.look_up_all([], 1) == {}


def test_servers_are_away_when_nothing_at_all_is_answered(server, monkeypatch):
    """One silent name is that name's own affair; no answer to anything is the servers'."""
    monkeypatch.setattr("gateway.gate.dns.LIFETIME", 0.2)
    monkeypatch.setattr("gateway.gate.dns.SILENT_S", 0.0)
    dns = Dns((("127.0.0.1", server.port),))
    try:
        silent: list[Question] = [("TXT", "stil.example")]
        for _ in range(2):
            assert dns.look_up_all(silent, 5.0) == {silent[0]: None}
        assert not dns.away
        assert dns.look_up_all([("A", "praktijk.example")], 5.0)["A", "praktijk.example"]
        for _ in range(2):
            dns.look_up_all(silent, 5.0)
        assert not dns.away, "an answer came between"
        dns.look_up_all(silent, 5.0)
        assert dns.away
        assert dns.look_up_all([("TXT", "geen.example")], 5.0) == {("TXT", "geen.example"): ()}
        assert not dns.away, "no such name is an answer"
    finally:
        dns.close()
