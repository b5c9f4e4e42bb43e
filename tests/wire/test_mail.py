"""The way of one mail over a real socket, from the greeting to the committed row."""

from tests.wire.harness import GP, MAIL, NOW, OURS, Certificates, post


async def test_a_mail_over_starttls_is_kept_before_250(tls: Certificates) -> None:
    async with post(trusted=False, tls=tls.server) as office:
        client = await office.connect()
        assert "STARTTLS" in await client.hello()
        await client.starttls(tls.client)
        offers = await client.ask("EHLO client.example")
        assert "STARTTLS" not in offers
        answer = await client.mail()
        (row,) = office.inbox.rows.values()
        assert answer == f"250 2.0.0 kept {row.id}"
        assert row.received_at == NOW
        assert row.size == len(MAIL)
        ((envelope, raw),) = office.inbox.mails()
        assert raw == MAIL
        assert (envelope.mail_from, envelope.rcpt_tos) == (GP, (OURS,))
        assert (envelope.peer_ip, envelope.helo) == ("127.0.0.1", "client.example")
        assert envelope.tls in {"TLSv1.2", "TLSv1.3"}
        assert envelope.client_certificate is None
        assert not envelope.trusted_relay
        await office.keeper.settled()
        assert office.events.accepted_ids == [row.id]
        assert office.woken == [None]
        assert (await client.ask("QUIT")).startswith("221 ")
        assert await client.rest() == b""
