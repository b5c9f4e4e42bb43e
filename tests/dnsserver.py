"""A DNS server on loopback that knows what a test tells it, over UDP and, for long answers, over TCP."""

import socket
import struct
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[tuple[str, str], Iterable[str]]
"""By name (without its closing dot) and kind; one without records is answered SERVFAIL."""


class DnsServer:
    """Answers from `zone`, which a test may change meanwhile. With `validates` every answer but those of the
    names in `insecure` says that DNSSEC vouches for it, as a validating resolver's would."""

    def __init__(self, zone: Records, *, validates: bool = False, insecure: Iterable[str] = ()) -> None:
        self.zone = dict(zone)
        self.validates, self.insecure = validates, set(insecure)
        self.asked: list[tuple[str, str]] = []
        self._tcp, self._udp = _both()
        self.port: int = self._tcp.getsockname()[1]
        self._threads = [threading.Thread(target=self._datagrams), threading.Thread(target=self._streams)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"stop", ("127.0.0.1", self.port))
        with socket.create_connection(("127.0.0.1", self.port)) as other:
            other.sendall(b"\0\0")
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _datagrams(self) -> None:
        while (packet := self._udp.recvfrom(4096))[0] != b"stop":
            answer = self._answer(dns.message.from_wire(packet[0]))
            wire = answer.to_wire(max_size=65535)
            if len(wire) > 1200:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
                wire = answer.to_wire()
            self._udp.sendto(wire, packet[1])

    def _streams(self) -> None:
        while True:
            link, _ = self._tcp.accept()
            with link, link.makefile("rb") as lines:
                (size,) = struct.unpack("!H", lines.read(2))
                if not size:
                    return
                wire = self._answer(dns.message.from_wire(lines.read(size))).to_wire()
                link.sendall(struct.pack("!H", len(wire)) + wire)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        (question,) = query.question
        name, kind = question.name.to_text(True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if self.validates and name not in self.insecure:
            response.flags |= dns.flags.AD
        full = question.name.to_text()
        if (name, "CNAME") in self.zone and kind != "CNAME":
            (target,) = self.zone[name, "CNAME"]
            response.answer.append(dns.rrset.from_text(full, 60, "IN", "CNAME", target))
            name, full = target.rstrip("."), target
        if (name, kind) in self.zone:
            if records := [*self.zone[name, kind]]:
                response.answer.append(dns.rrset.from_text(full, 60, "IN", kind, *records))
            else:
                response.set_rcode(dns.rcode.SERVFAIL)
        elif name not in {known for known, _ in self.zone}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


def _both() -> tuple[socket.socket, socket.socket]:
    """A listener and a datagram socket with one number, which somebody else may have for one of the two."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return tcp, udp
        except OSError:
            tcp.close()
            udp.close()
