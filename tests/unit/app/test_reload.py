"""A certificate is read anew when its files change, and a pair that does not fit changes nothing."""

import io
import json
import os
import ssl
from datetime import timedelta

import pytest

from gateway.app.network import server_tls
from gateway.app.reload import Reload, changes
from gateway.cli.trial import Authority
from gateway.log import Log
from gateway.pipeline.schedule import utc_now
from gateway.settings import load
from tests.story.place import Place


@pytest.fixture
def said() -> io.StringIO:
    """What the log says."""
    return io.StringIO()


def shown(context: ssl.SSLContext) -> bytes:
    """The certificate that a client sees."""
    mine, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    client, server = trust.wrap_bio(mine, theirs), context.wrap_bio(theirs, mine, server_side=True)
    ends = [client, server]
    while ends:
        for end in [*ends]:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
    return client.getpeercert(binary_form=True) or b""


def renew(place: Place, *, key: bool = True) -> None:
    """As a program that renews certificates does: a file takes the place of another."""
    certificate, private = Authority.generate(utc_now(), timedelta(days=30)).issue(["localhost"])
    for path, content in zip(place.tls, (certificate, private if key else None), strict=True):
        if content is not None:
            draft = path.with_suffix(".new")
            draft.write_bytes(content)
            draft.chmod(0o600)
            draft.replace(path)


def events(said: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in said.getvalue().splitlines()]


def test_a_renewed_certificate_is_shown_without_a_restart(place: Place, said: io.StringIO) -> None:
    settings = load(place.directory)
    context = server_tls(settings)
    reload = Reload(settings, [context], Log(said))
    before = shown(context)
    assert not reload.look()
    renew(place)
    assert reload.look()
    assert shown(context) != before
    assert not reload.look()
    assert events(said) == ["certificate.loaded"]


def test_half_a_renewal_changes_nothing_until_the_other_half_is_there(
    place: Place, said: io.StringIO
) -> None:
    settings = load(place.directory)
    context = server_tls(settings)
    reload = Reload(settings, [context], Log(said))
    before = shown(context)
    renew(place, key=False)
    assert reload.look()
    assert shown(context) == before
    place.tls[1].unlink()
    assert reload.look()
    renew(place)
    assert reload.look()
    assert shown(context) != before
    assert events(said) == ["reload.failed", "reload.failed", "certificate.loaded"]


def test_a_signal_puts_limits_in_force_and_names_the_rest(place: Place, said: io.StringIO) -> None:
    settings, given = load(place.directory), []
    reload = Reload(settings, [], Log(said), given.append)
    place.replace("inbeeld.toml", 'language = "nl"', 'language = "en"')
    place.replace("inbeeld.toml", "[limits]", "[limits]\nrecipients = 3")
    place.replace("practices.toml", 'name = "Huisartsen Stedenwijk"', 'name = "Anders"')
    reload.now()
    assert changes(settings, load(place.directory)) == ["gateway.language", "limits.recipients", "practices"]
    reload.now()
    place.replace("inbeeld.toml", "recipients = 3", "recipients = 0")
    reload.now()
    os.truncate(place.directory / "config" / "inbeeld.toml", 0)
    reload.now()
    told = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [one.get("in_force") for one in told] == [["limits.recipients"], [], None, None]
    assert [limits.recipients for limits in given] == [3]
    assert (told[1]["needs_restart"], told[1]["needs_import"]) == (["gateway.language"], ["practices"])
    assert "limits.recipients" in told[2]["error"]
    assert told[3]["event"] == "reload.failed"
    assert "gateway" in told[3]["error"]
