"""`inbeeld check` finds what is wrong, says why and what mends it, and changes nothing."""

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from gateway.app import Gateway
from gateway.app.findings import MEANINGS
from gateway.domain.states import State
from gateway.store.engine import Store
from gateway.store.migrate import migrate
from tests.store.rows import make_case
from tests.unit.cli.terminal import Terminal

ROOT = Path(__file__).parents[3]
DAY = timedelta(days=1)
NOW = datetime.now(UTC)
"""`check` judges by the machine's clock, so that what it judges is made around it."""


def found(terminal: Terminal, code: int = 0) -> dict[str, list[tuple[str, str]]]:
    """What `check --offline` tells, by code: levels and words."""
    answer = terminal("check", "--offline", "--json")
    assert answer.code == code, answer.out
    by_code: dict[str, list[tuple[str, str]]] = {}
    for one in answer.json:
        by_code.setdefault(one["code"], []).append((one["level"], f"{one['what']}: {one['told']}"))
    return by_code


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder, with its bytes and when it was changed."""
    return {
        str(path): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


def test_the_table_in_the_documents_is_the_list_of_findings() -> None:
    text = (ROOT / "docs" / "check.md").read_text()
    rows = re.findall(r"^\| `(.+?)` \| (.+) \| (.+) \|$", text, re.M)
    assert rows == [(code, meaning.why, meaning.mend) for code, meaning in MEANINGS.items()]


def test_every_finding_is_made_somewhere() -> None:
    sources = "".join(
        path.read_text()
        for folder in ("app", "cli")
        for path in (ROOT / "gateway" / folder).glob("*.py")
        if path.name != "findings.py"
    )
    for code in MEANINGS:
        assert f'"{code}"' in sources, code


@pytest.mark.parametrize("made", [False, True], ids=["without a database", "with one"])
def test_nothing_is_changed(terminal: Terminal, made: bool) -> None:
    if made:
        gateway = Gateway.at(terminal.directory)
        migrate(gateway.store)
        make_case(gateway.store, organisation_id="de-schoor")
        gateway.store.close()
    else:
        (terminal.directory / "data" / "inbeeld.db").unlink()
    before = tree(terminal.directory)
    assert ("database" in found(terminal, 0 if made else 1)) is made
    assert tree(terminal.directory) == before


def test_a_database_that_somebody_works_on_is_read_as_it_is(terminal: Terminal) -> None:
    gateway = Gateway.at(terminal.directory)
    migrate(gateway.store)
    # Not in the file yet: it stands in the log beside it.
    make_case(gateway.store, organisation_id="weg", state=State.ROUTED)
    ((level, told),) = found(terminal, 1)["removed"]
    assert (level, told.startswith("organisation weg: ")) == ("error", True)
    gateway.store.close()


def test_another_shape_is_told_and_left(terminal: Terminal) -> None:
    gateway = Gateway.at(terminal.directory)
    migrate(gateway.store)
    with gateway.store.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    gateway.store.close()
    ((level, told),) = found(terminal, 1)["database"]
    assert (level, "this version needs" in told) == ("error", True)
    with Store.at(terminal.directory / "data").read() as session:
        shape = session.connection().exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert shape == "0001"


def test_a_database_that_is_lost_is_restored_and_not_migrated(terminal: Terminal) -> None:
    file = terminal.directory / "data" / "inbeeld.db"
    for content, code in ((b"", "database-lost"), (b"no database " * 1000, "database-broken")):
        file.write_bytes(content)
        told = {one["code"]: one for one in terminal("check", "--offline", "--json").json}
        assert told[code]["level"] == "error"
        assert "inbeeld restore" in told[code]["mend"]
        # It makes one only where none is.
        assert ("migrate --new" in told[code]["mend"]) is (not content)
        assert "database" not in told
        assert file.read_bytes() == content
    file.unlink()
    file.mkdir()
    assert [level for level, _ in found(terminal, 1)["database-broken"]] == ["error"]
    file.rmdir()
    with sqlite3.connect(file) as foreign:
        foreign.execute("CREATE TABLE alembic_version (something TEXT)")
    foreign.close()
    assert [level for level, _ in found(terminal, 1)["database-broken"]] == ["error"]


def test_keys_and_certificates_that_can_not_be_used(terminal: Terminal) -> None:
    keys = terminal.directory / "keys"
    authority = trustme.CA()
    ended = authority.issue_cert("peer.example", not_before=NOW - 40 * DAY, not_after=NOW - 2 * DAY)
    (keys / "signaal" / "client.pem").write_bytes(ended.cert_chain_pems[0].bytes())
    ours = authority.issue_cert("handover.example", not_before=NOW + 5 * DAY, not_after=NOW + 90 * DAY)
    (keys / "tls" / "server.pem").write_bytes(ours.cert_chain_pems[0].bytes())
    (keys / "tls" / "server.key").write_bytes(ours.private_key_pem.bytes())
    for name in ("heads.private.pem", "heads.pem"):
        (keys / "gateway" / name).unlink()
    (keys / "intake" / "intake.key").chmod(0o644)
    answer = terminal("check", "--offline", "--json")
    assert answer.code == 1
    told = {one["what"]: one for one in answer.json}
    assert told["gemeente-poort.client_cert"]["level"] == "error"
    assert "expired on" in told["gemeente-poort.client_cert"]["told"]
    assert told["gemeente-poort.ca_file"]["level"] == "ok"
    assert told["gemeente-poort.client_key"]["told"].startswith("is not the key of the certificate in")
    assert told["TLS certificate server.pem"]["level"] == "error"
    assert "begins later" in told["TLS certificate server.pem"]["told"]
    assert told["key for heads"]["level"] == "warning"
    assert "chmod 600" in told["intake key"]["mend"]
    rows = {row["owner"]: row for row in terminal("keys", "list", "--json").json}
    assert rows["gemeente-poort.client_cert"]["problem"] == "expired"


def test_a_data_directory_that_is_gone_is_not_made(terminal: Terminal) -> None:
    (terminal.directory / "data").rename(terminal.directory / "elders")
    assert found(terminal, 1)["data"][0][0] == "error"
    assert not (terminal.directory / "data").exists()


def test_what_the_configuration_leaves_open(terminal: Terminal) -> None:
    config = terminal.directory / "config"
    organisations, main = config / "organisations.toml", config / "inbeeld.toml"
    text = organisations.read_text()
    organisations.write_text(re.sub(r'serves = \["Almere"\]', 'serves = ["Filmwijk"]', text))
    port = re.search(r'\[smtp\].*?listen = "127.0.0.1:(\d+)"', main.read_text(), re.S)
    assert port
    main.write_text(
        main.read_text()
        .replace(f'listen = "127.0.0.1:{port[1]}"', 'listen = "127.0.0.1:2525"', 1)
        .replace('relay = "localhost:587"', 'relay = "localhost:2525"')
        .replace('domain = "handover.example"', 'domain = "overdracht.example"')
        .replace('address = "aanmelding@handover', 'address = "aanmelding@overdracht')
    )
    told = found(terminal, 1)
    assert told["unserved"][0][0] == "warning"
    assert "nobody serves" in told["unserved"][0][1]
    assert told["relay-self"][0][0] == "error"
    assert told["front-id"][0][0] == "error"
    assert told["public-url"][0][0] == "warning"


def test_a_page_that_nobody_of_a_practice_can_open_is_told(terminal: Terminal) -> None:
    config = terminal.directory / "config"
    practices, main = config / "practices.toml", config / "inbeeld.toml"
    more = 'id = "nobelhorst"\nname = "Praktijk Nobelhorst"\ndomains = ["nobelhorst.example"]\npage = true\n'
    practices.write_text(f"{practices.read_text()}\n[[practice]]\n{more}")
    main.write_text(re.sub(r'public_url = ".*"', 'public_url = "https://handover.example"', main.read_text()))
    invite = ("users", "invite", "lena@x.example", "--name", "Lena", "--role", "verwijzer", "--practice")
    assert "'elders' with page = true; known are nobelhorst" in terminal(*invite, "elders").err
    assert found(terminal)["no-reader"][0][0] == "warning"
    assert terminal(*invite, "nobelhorst").code == 0
    main.write_text(re.sub(r'public_url = ".*"', 'public_url = ""', main.read_text()))
    told = found(terminal, 1)
    assert "no-reader" not in told
    assert told["public-url"][0][0] == "error"


def test_dns_prints_what_check_compares(terminal: Terminal) -> None:
    answer = terminal("dns")
    assert 'handover.example. 3600 IN TXT "v=spf1 mx -all"' in answer.out
    records = json.loads(terminal("dns", "--json").out)
    assert {"MX", "A", "TXT", "TLSA", "CAA"} == {record["kind"] for record in records}
    assert all({"name", "kind", "value", "about", "left"} == set(record) for record in records)
