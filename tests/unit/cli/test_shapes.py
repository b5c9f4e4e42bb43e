"""What each command shows: help for everybody, JSON for machines, a sentence when something is wrong."""

import sqlite3
from collections.abc import Iterator

import click
import pytest
import typer

from gateway import __version__
from gateway.cli.app import app
from tests.unit.cli.terminal import Terminal

Busy = tuple[Terminal, dict[str, str]]


def commands(group: click.Command, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    if isinstance(group, click.Group) or hasattr(group, "commands"):
        for name, command in group.commands.items():  # type: ignore[union-attr]
            yield from commands(command, *before, name)
    else:
        yield before, group


ALL = dict(commands(typer.main.get_command(app)))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", sorted(ALL), ids=" ".join)
def test_every_command_explains_itself(nowhere: Terminal, words: tuple[str, ...]) -> None:
    answer = nowhere(*words, "--help")
    assert answer.code == 0
    assert (ALL[words].help or "").split(".")[0].split()[0] in answer.out
    for parameter in ALL[words].params:
        if isinstance(parameter, click.Option) or hasattr(parameter, "help"):
            assert getattr(parameter, "help", "x"), f"{parameter.name} is not explained"


def test_help_names_every_command_and_nothing_alone_shows_help(nowhere: Terminal) -> None:
    shown = nowhere("--help")
    assert shown.code == 0
    for words in ALL:
        assert f"\n  {words[0]} " in shown.out
    alone = nowhere()
    assert "inbeeld --help" in alone.out + alone.err


def test_the_version_is_shown(nowhere: Terminal) -> None:
    assert nowhere("--version").out == f"inbeeld {__version__}\n"


def test_an_unknown_command_is_a_wrong_call(nowhere: Terminal) -> None:
    answer = nowhere("inbeld")
    assert answer.code == 2
    assert "inbeld" in answer.err


@pytest.mark.parametrize(
    "words",
    [
        "cases list",
        "queue list",
        "quarantine list",
        "audit verify",
        "audit export",
        "check --offline",
        "tick",
    ],
)
def test_outside_a_working_directory_it_says_where_to_begin(nowhere: Terminal, words: str) -> None:
    answer = nowhere(*words.split())
    assert answer.code == 1
    assert "inbeeld init" in answer.err
    assert "Traceback" not in answer.err
    assert list(nowhere.directory.iterdir()) == [], "nothing was made by looking"


def test_nothing_there_is_said_so(terminal: Terminal) -> None:
    for words in ("cases list", "queue list", "quarantine list"):
        assert terminal(*words.split()).out == "nothing there\n"
        assert terminal(*words.split(), "--json").json == []


def test_cases_are_listed_for_machines(busy: Busy) -> None:
    terminal, known = busy
    rows = {row["kenmerk"]: row for row in terminal("cases", "list", "--now", known["now"], "--json").json}
    assert set(rows) == {known["delivered"], known["held"], known["quarantined"]}
    assert {"state": "delivered", "organisation": "de-schoor", "wijk": "Filmwijk"}.items() <= rows[
        known["delivered"]
    ].items()
    assert rows[known["held"]]["held"] == ["memory_refused"]
    assert [row["kenmerk"] for row in terminal("cases", "list", "--state", "quarantined", "--json").json] == [
        known["quarantined"]
    ]


def test_overdue_follows_from_the_moment_that_is_asked_about(busy: Busy) -> None:
    terminal, known = busy
    (row,) = [r for r in terminal("cases", "list", "--json").json if r["kenmerk"] == known["delivered"]]
    after = terminal("cases", "list", "--now", row["due"].replace(":00+", ":01+"), "--json").json
    assert next(r for r in after if r["kenmerk"] == known["delivered"])["overdue"]
    before = terminal("cases", "list", "--now", row["due"], "--json").json
    assert not next(r for r in before if r["kenmerk"] == known["delivered"])["overdue"]


def test_a_case_is_shown_whole_and_without_the_patient(busy: Busy) -> None:
    terminal, known = busy
    found = terminal("cases", "show", known["delivered"], "--json").json
    assert {"events", "clocks", "deliveries", "time", "allowed"} <= set(found)
    assert "contacted" in found["allowed"]
    people = terminal("cases", "show", known["delivered"].lower()).out
    assert known["delivered"] in people
    for word in ("Quintavalle", "611223344", "11223344"):
        assert word not in people + str(found)


@pytest.mark.parametrize(
    "words", ["cases show", "quarantine show", "quarantine release", "quarantine refuse"]
)
def test_an_unknown_kenmerk_says_what_to_do(terminal: Terminal, words: str) -> None:
    answer = terminal(*words.split(), "IB-0000-0000")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "inbeeld: There is no case with that kenmerk; 'inbeeld cases list' shows them all\n"
    )


def test_a_report_moves_once_and_says_so(busy: Busy) -> None:
    terminal, known = busy
    words = ("cases", "report", known["delivered"], "contacted", "--now", known["now"])
    assert terminal(*words).out == f"{known['delivered']} is now contacted\n"
    assert "nothing changed" in terminal(*words).out
    assert terminal(*words, "--json").json == {
        "kenmerk": known["delivered"],
        "moved": False,
        "state": "contacted",
    }


def test_a_report_that_is_not_possible_says_what_is(busy: Busy) -> None:
    terminal, known = busy
    answer = terminal("cases", "report", known["delivered"], "no_show")
    assert answer.code == 1
    assert "possible now: " in answer.err
    assert "contacted" in answer.err
    assert terminal("cases", "report", known["delivered"], "nonsense").code == 2
    assert "needs a reason: " in terminal("cases", "report", known["delivered"], "declined").err


@pytest.mark.parametrize("moment", ["tomorrow", "2026-13-01", ""])
def test_a_moment_that_is_none_is_a_wrong_call(terminal: Terminal, moment: str) -> None:
    answer = terminal("cases", "list", "--now", moment)
    assert answer.code == 2
    assert "2026-04-02T16:30" in answer.err


def test_the_queue_tells_why_and_how_to_go_on(busy: Busy) -> None:
    terminal, known = busy
    (row,) = [row for row in terminal("queue", "list", "--json").json if row["status"] == "held"]
    assert {"kenmerk": known["held"], "kind": "handover", "reason": "memory_refused"}.items() <= row.items()
    assert "inbeeld queue retry KENMERK" in terminal("queue", "list").out
    assert "will be sent" in terminal("queue", "retry", known["held"], "--now", known["now"]).out
    assert terminal("queue", "retry", "--all").out == "nothing is held\n"
    assert terminal("queue", "hold", row["id"][:8]).out == f"{row['id'][:8]} held\n"
    refused = terminal("queue", "dismiss", row["id"][:8])
    assert (refused.code, refused.out) == (1, "a referral is never let go: 'inbeeld cases return'\n")
    assert terminal("queue", "retry", "ab").code == 1


def test_a_quarantined_mail_is_shown_without_what_steers_a_terminal(busy: Busy) -> None:
    terminal, known = busy
    shown = terminal("quarantine", "show", known["quarantined"])
    assert "hallo" in shown.out
    assert "\x1b" not in shown.out
    assert "\x1b" not in terminal("quarantine", "show", known["quarantined"], "--raw").out
    refused = terminal("quarantine", "refuse", known["quarantined"])
    assert refused.out == f"{known['quarantined']} is closed, its content destroyed\n"
    again = terminal("quarantine", "show", known["quarantined"])
    assert again.code == 1
    assert "closed, not quarantined" in again.err


def test_the_audit_trail_is_verified_and_exported(busy: Busy) -> None:
    terminal, _ = busy
    found = terminal("audit", "verify", "--json").json
    assert found["ok"]
    assert found["cases"] == 3
    assert "all is well" in terminal("audit", "verify").out
    lines = terminal("audit", "export").out.splitlines()
    assert len(lines) == found["events"]


def test_a_damaged_trail_is_an_error(busy: Busy) -> None:
    terminal, _ = busy
    with sqlite3.connect(terminal.directory / "data" / "inbeeld.db") as connection:
        connection.execute("UPDATE events SET actor = 'nobody' WHERE seq = 1")
    connection.close()
    answer = terminal("audit", "verify")
    assert answer.code == 1
    assert "FAULT event 1" in answer.out
    assert not terminal("audit", "verify", "--json").json["ok"]


def test_a_route_is_shown_with_every_date(terminal: Terminal) -> None:
    found = terminal("route", "Filmwijk", "--now", "2026-04-01T10:00", "--json").json
    assert (found["wijk"], found["organisation"]) == ("Filmwijk", "de-schoor")
    assert {"collect", "warn", "urge", "contact"} <= {clock["kind"] for clock in found["clocks"]}
    assert "De Schoor, which serves Almere" in terminal("route", "filmwyk").out
    assert terminal("route", "1325 AB", "--json").json["organisation"] == "de-schoor"
    lost = terminal("route", "Nergenshuizen")
    assert lost.code == 1
    assert "config/wijken" in lost.err


def test_tick_with_nothing_to_do(terminal: Terminal) -> None:
    assert terminal("tick", "--json").json == {"received": 0, "fired": 0, "dispatched": 0}


def test_check_tells_what_it_found(terminal: Terminal) -> None:
    answer = terminal("check", "--offline", "--json")
    assert answer.code == 0, answer.out
    assert {"code", "level", "what", "told"} == set(answer.json[0])
    assert all(one["why"] and one["mend"] for one in answer.json if one["level"] != "ok")
    assert {finding["level"] for finding in answer.json} <= {"ok", "warning"}


def test_check_tells_who_would_not_read_a_notice(terminal: Terminal) -> None:
    def unread() -> set[str]:
        found = terminal("check", "--offline", "--json").json
        return {one["what"] for one in found if one["what"].endswith(".team")}

    config = terminal.directory / "config"
    file, mine = config / "organisations.toml", "organisation de-schoor.team"
    assert mine not in unread()
    file.write_text(file.read_text().replace('\nteam = "aanmeldingen@deschoor.example"', "\n"))
    assert mine in unread()
    clocks = ("contact", "collect", "warn", "urge", "backup")
    nobody = "".join(f"[{clock}]\ntell = []\n" for clock in clocks)
    (config / "pathways" / "stil.toml").write_text(f'name = "stil"\ntitle = "Stil"\n{nobody}')
    file.write_text(file.read_text().replace('pathway = "almere"', 'pathway = "stil"'))
    assert mine not in unread()
