"""`inbeeld users`: links, lists and goodbyes."""

from datetime import timedelta
from typing import Any

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.app import Gateway
from gateway.store import audit
from gateway.web import sessions
from gateway.web.sessions import SessionStage
from tests.unit.cli.terminal import Terminal

NOOR = ("noor@handover.example", "--name", "Noor Beheer", "--role", "beheerder")
SAM = ("Sam@haven.example", "--name", "Sam", "--role", "medewerker", "--organisation", "wijkteam-haven")


def told(terminal: Terminal, *words: str) -> Any:
    """What a command tells machines."""
    answer = terminal(*words, "--json")
    assert answer.code == 0, answer
    return answer.json


def done(terminal: Terminal, *words: str) -> str:
    answer = terminal(*words)
    assert answer.code == 0, answer
    return answer.out


def refused(terminal: Terminal, *words: str) -> str:
    answer = terminal(*words)
    assert answer.code == 1, answer
    return answer.err


def enrolled(gateway: Gateway) -> str:
    """Somebody with an account; gives the secret of their session."""
    now = gateway.base.wall()
    with gateway.store.write() as session:
        accounts.make(
            session,
            id_="u1",
            login="noor@handover.example",
            name="Noor Beheer",
            role="beheerder",
            organisation_id=None,
            now=now,
        )
        return sessions.start(session, now, user_id="u1", stage=SessionStage.FULL)


def lives(gateway: Gateway, token: str) -> bool:
    with gateway.store.read() as session:
        return sessions.find(session, token, gateway.base.wall()) is not None


def test_an_invitation_is_told_once_and_kept_as_a_digest(terminal: Terminal) -> None:
    link = told(terminal, "users", "invite", *SAM)["link"]
    assert link.startswith("https://localhost:")
    gateway = Gateway.at(terminal.directory)
    now, code = gateway.base.wall(), link.rpartition("/")[2]
    with gateway.store.read() as session:
        row = invitations.find(session, code, now)
        assert row is not None
        assert (row.login, row.organisation_id) == ("sam@haven.example", "wijkteam-haven")
        assert invitations.find(session, code, now + timedelta(hours=73)) is None
        assert [event.kind for event in audit.export(session)] == ["account.invited"]
        assert not any(code in event.data or "sam" in event.data for event in audit.export(session))
    gateway.store.close()
    (row,) = told(terminal, "users", "list")
    assert (row["login"], row["state"]) == ("sam@haven.example", "invited")
    assert "the invitation opens nothing" in done(terminal, "users", "revoke", "SAM@haven.example")
    assert told(terminal, "users", "list") == []


def test_who_can_not_be_invited_so(terminal: Terminal) -> None:
    for words, said in (
        (("noor", *NOOR[1:]), "not a mail address"),
        ((*NOOR[:2], "", *NOOR[3:]), "name is empty"),
        ((*NOOR, "--organisation", "wijkteam-haven"), "a beheerder has none"),
        (SAM[:5], "a medewerker has an organisation"),
        ((*SAM[:6], "elders"), "known are"),
    ):
        assert said in refused(terminal, "users", "invite", *words)


def test_an_account_is_reset_logged_out_and_removed(terminal: Terminal) -> None:
    gateway = Gateway.at(terminal.directory)
    assert told(terminal, "users", "list") == []
    token = enrolled(gateway)
    assert "reset" in refused(terminal, "users", "invite", *NOOR)
    done(terminal, "users", "logout", "noor@handover.example")
    assert not lives(gateway, token)
    assert "/uitnodiging/" in told(terminal, "users", "reset", "noor@handover.example")["link"]
    assert [row["state"] for row in told(terminal, "users", "list")] == ["active", "invited"]
    for changed, state in (
        ({"disabled_at": gateway.base.wall()}, "shut by the organisation"),
        ({"disabled_at": None, "organisation_id": "praktijk:filmwijk"}, "not in the directory"),
        ({"organisation_id": None}, "active"),
    ):
        with gateway.store.write() as session:
            (row,) = accounts.all_of(session)
            row.sqlmodel_update(changed)
        assert told(terminal, "users", "list")[0]["state"] == state
    gateway.web.people.invite(login="bo@b.nl", name="Bo", role="beheerder", organisation=None, by="b")
    # The last beheerder stays, also for whoever sits at the machine.
    assert "last beheerder" in refused(terminal, "users", "revoke", "noor@handover.example")
    with gateway.store.write() as session:
        accounts.make(
            session,
            id_="u2",
            login="kim@b.nl",
            name="Kim",
            role="beheerder",
            organisation_id=None,
            now=gateway.base.wall(),
        )
    done(terminal, "users", "revoke", "noor@handover.example")
    assert {row["login"] for row in told(terminal, "users", "list")} == {"kim@b.nl", "bo@b.nl"}
    assert "no account" in refused(terminal, "users", "revoke", "noor@handover.example")
    assert "no account" in refused(terminal, "users", "reset", "noor@handover.example")
    gateway.store.close()
