"""A DNS server for the campaign: every name of a practice lets this machine send; or it says nothing."""

import asyncio

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Names(asyncio.DatagramProtocol):
    """`silent` makes it take questions and answer none."""

    silent = False

    async def start(self) -> int:
        """Listen; gives the port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        return int(self._transport.get_extra_info("sockname")[1])

    def stop(self) -> None:
        """Listen no more."""
        self._transport.close()

    def datagram_received(self, data: bytes, address: object) -> None:
        """One question."""
        if self.silent:
            return
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        name = query.question[0].name.to_text().lower()
        if name.startswith(("praktijk", "_dmarc.praktijk")) and query.question[0].rdtype == dns.rdatatype.TXT:
            text = '"v=DMARC1; p=reject"' if name.startswith("_dmarc") else '"v=spf1 ip4:127.0.0.1 -all"'
            # A second, so that answers of before the fault are soon forgotten.
            response.answer.append(dns.rrset.from_text(name, 1, "IN", "TXT", text))
        elif not name.startswith("praktijk"):
            response.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(response.to_wire(), address)  # type: ignore[arg-type]
