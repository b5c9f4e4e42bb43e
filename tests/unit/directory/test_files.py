"""`inbeeld directory`: files in, files out, and nothing of a broken set."""

import shutil
from pathlib import Path

from tests.unit.cli.terminal import Terminal


def test_what_was_exported_changes_nothing_when_it_comes_in(terminal: Terminal, tmp_path: Path) -> None:
    there = tmp_path / "there"
    assert terminal("directory", "diff").out == "nothing differs\n"
    assert "nothing had changed" in terminal("directory", "import").out
    assert terminal("directory", "export", str(there)).code == 0
    assert terminal("directory", "diff", str(there)).out == "nothing differs\n"
    assert terminal("directory", "import", str(there)).out == "nothing had changed\n"
    assert terminal("check", "--offline").code == 0
    assert "is not empty" in terminal("directory", "export", str(there)).err


def test_afterwards_the_database_is_what_counts(terminal: Terminal) -> None:
    terminal("directory", "import")
    config = terminal.directory / "config"
    practices = config / "practices.toml"
    practices.write_text(practices.read_text().replace("Gezondheidscentrum Filmwijk", "Anders"))
    assert "Anders" not in terminal("practices", "list").out
    found = terminal("directory", "diff")
    assert (found.code, found.out.splitlines()) == (
        1,
        ["~ practice filmwijk", "    name: Gezondheidscentrum Filmwijk -> Anders"],
    )
    assert "directory: config/ differs from it" in terminal("check", "--offline").out
    practices.write_text("this is no TOML")
    assert terminal("check", "--offline").code == 0, "nobody needs that file any more"
    shutil.rmtree(config / "wijken")
    assert "De Schoor" in terminal("route", "Filmwijk").out


def test_a_broken_set_changes_nothing_and_names_every_mistake(terminal: Terminal, tmp_path: Path) -> None:
    there = tmp_path / "there"
    terminal("directory", "export", str(there))
    for file, before, after in (
        ("practices.toml", 'id = "filmwijk"', 'id = "Filmwijk!"'),
        # What is wrong with an entry beside its first mistake is told with it.
        ("practices.toml", 'domains = ["huisartsenpraktijk-filmwijk.example"]', 'domains = ["gmail.com"]'),
        ("organisations.toml", 'serves = ["Stedenwijk"]', 'serves = ["Lemuria"]\nclosed = ["ooit"]'),
        ("organisations.toml", 'adapter = "mail"', 'adapter = "mail"\nkleur = "rood"'),
        ("organisations.toml", 'serves = ["Almere"]', 'serves = ["Atlantis", "Tussendijk"]'),
        ("organisations.toml", 'backup = "de-schoor"', 'backup = "niemand"'),
        ("pathways/oss.toml", 'name = "oss"', 'name = "maas"'),
        # What is wrong of a place is told of that place alone: also Tussendijk is known.
        (
            "wijken/wijken-directory.csv",
            "gemeente,",
            "dorp,Tussendijk,,,hand,\nwijk,,Almere,,hand,\ngemeente,",
        ),
        ("wijken/postcodes-directory.csv", "pc4,name\n", "pc4,name\n12,Almere\n9999,Nergens\n"),
    ):
        path = there / "config" / file
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after, 1))
    (there / "keys" / "organisations" / "de-schoor.asc").unlink()
    own = terminal.directory / "keys" / "organisations" / "de-schoor.asc"
    key = own.read_bytes()
    own.unlink()
    said = terminal("directory", "import", str(there)).err
    assert "config/practices.toml: practice Filmwijk!.id: is not of the right form" in said
    assert "practice Filmwijk!: anyone can have an address at gmail.com" in said
    assert "kleur: is not known" in said
    assert "organisation buurtteam.serves: 'Lemuria' is not in the gazetteer" in said
    assert "organisation buurtteam.closed: 'ooit' is not a date" in said
    assert "config/pathways/oss.toml: name: is 'maas'" in said
    assert "serves: 'Atlantis' is not in the gazetteer" in said
    assert "backup: names no other organisation" in said
    assert "config/wijken/wijken-directory.csv: line 2: level is one of" in said
    assert "config/wijken/wijken-directory.csv: line 3: the name is empty" in said
    assert "config/wijken/postcodes-directory.csv: line 2: a pc4 is four digits" in said
    assert "config/wijken/postcodes-directory.csv: line 3: Nergens is not in the gazetteer" in said
    assert "organisation de-schoor.key: organisations/de-schoor.asc is not there" in said
    assert len(said.splitlines()) == 13
    own.write_bytes(key)
    assert terminal("directory", "diff").out == "nothing differs\n"


def test_what_may_not_be_meant_wants_a_word(terminal: Terminal, tmp_path: Path) -> None:
    there = tmp_path / "there"
    terminal("directory", "export", str(there))
    path = there / "config" / "organisations.toml"
    path.write_text(path.read_text().replace('serves = ["Almere"]', 'serves = ["Almere Buiten"]'))
    refused = terminal("directory", "import", str(there))
    assert "Almere would no longer be served by anybody" in refused.err
    assert terminal("directory", "import", str(there), "--force").code == 0
    assert terminal("route", "Filmwijk").code == 1
