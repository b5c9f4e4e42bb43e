"""Places from CBS's own tables: names, towns named like their gemeente, postcodes, what people changed."""

import io
import os
import re
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from gateway.cli.directory import text_of
from gateway.directory import cbs
from gateway.directory.book import PlaceEntry
from gateway.directory.placefiles import gazetteer_of, postcodes_text, wijken_text
from gateway.errors import ConfigError, ConfigErrors
from tests.unit.cli.terminal import Terminal

# As `kwb-2024.xlsx` has it, saved as CSV: many columns follow, of which none is needed.
KWB = """gwb_code_10;gwb_code_8;regio;gm_naam;recs;gwb_code;ind_wbz;a_inw
NL00;0;Nederland;Nederland;Land;NL00;.;17942942
GM0168;168;Losser;Losser;Gemeente;GM0168;.;23313
WK016800;16800;Wijk 00 Losser;Losser;Wijk;WK016800;1;13000
BU01680000;1680000;Losser;Losser;Buurt;BU01680000;1;7000
BU01680001;1680001;Zandbergen;Losser;Buurt;BU01680001;1;3000
WK016801;16801;Wijk 01 Overdinkel;Losser;Wijk;WK016801;1;4000
BU01680100;1680100;Overdinkel;Losser;Buurt;BU01680100;1;4000
WK016802;16802;Wijk 02 De Lutte;Losser;Wijk;WK016802;1;3700
BU01680200;1680200;De Lutte-Kern;Losser;Buurt;BU01680200;1;2000
GM0828;828;Oss;Oss;Gemeente;GM0828;.;95000
WK082801;82801;Wijk 01 Centrum;Oss;Wijk;WK082801;1;9000
BU08280100;8280100;Centrum;Oss;Buurt;BU08280100;1;5000
BU08280101;8280101;Ruwaard;Oss;Buurt;BU08280101;1;5000
"""
# As StatLine exports the same: the name of a column has a number, and values are padded.
STATLINE = """"ID";"WijkenEnBuurten";"Gemeentenaam_1";"SoortRegio_2";"Codering_3";"AantalInwoners_5"
"1";"Losser";"Losser                                  ";"Gemeente  ";"GM0168    ";"23313"
"2";"Wijk 01 Overdinkel";"Losser";"Wijk      ";"WK016801  ";"4000"
"""
PC6 = "PC6;Huisnummer;Buurt2024;Wijk2024;Gemeente2024\n" + "".join(
    f"{code};{number};{buurt};{buurt[:-2]};168\n"
    for code, buurt, many in (
        ("7581AA", "1680000", 60),
        ("7581AB", "1680001", 40),
        ("7586XL", "1680100", 200),
        ("7586XM", "1680000", 1),
        ("7587AA", "1680200", 30),
    )
    for number in range(many)
)


def places(*gemeenten: str, known: Any = (), table: str = KWB) -> dict[str, PlaceEntry]:
    found, _ = cbs.imported(cbs.read({"kwb.csv": table, "pc6.csv": PC6}), gemeenten, known)
    return {place.name: place for place in found}


def test_the_places_of_a_gemeente() -> None:
    found = places("losser")
    assert {(one.level, name, one.parent) for name, one in found.items()} == {
        ("gemeente", "Losser", None),
        ("stadsdeel", "Losser (plaats)", "Losser"),
        ("wijk", "Zandbergen", "Losser (plaats)"),
        ("stadsdeel", "Overdinkel", "Losser"),
        ("stadsdeel", "De Lutte", "Losser"),
        ("wijk", "De Lutte-Kern", "De Lutte"),
    }
    assert {code: name for name, one in found.items() for code in one.postcodes} == {
        "7581": "Losser (plaats)",
        "7586": "Overdinkel",
        "7587": "De Lutte-Kern",
    }


def test_a_town_named_like_its_gemeente() -> None:
    known = tuple(places("Losser").values())
    gazetteer = gazetteer_of(known, wijken_text(known), postcodes_text(known))
    for text, meant in (
        ("woont in Losser", "Losser (plaats)"),
        ("woont in de gemeente Losser", "Losser"),
        ("woont in Overdinkel, gemeente Losser", "Overdinkel"),
    ):
        assert gazetteer.find(text)[0].names == (meant,)
    assert gazetteer.exact("losser").names == ("Losser (plaats)",)  # type: ignore[union-attr]


# Two gemeenten of one name, each with a town of it, and names that occur in both.
BERGEN = """gwb_code_10,regio,recs
GM0373,Bergen (NH.),Gemeente
WK037300,Wijk 00 Bergen,Wijk
BU03730000,Bergen,Buurt
WK037301,Wijk 01 Buitengebied,Wijk
BU03730100,Verspreide huizen,Buurt
GM0893,Bergen (L.),Gemeente
WK089300,Wijk 00 Bergen,Wijk
WK089301,Wijk 01 Buitengebied,Wijk
BU08930100,Verspreide huizen,Buurt
BU08930101,Verspreide huizen,Buurt
GM0518,'s-Gravenhage,Gemeente
"""


def test_gemeenten_of_one_name_and_a_town_in_each() -> None:
    both = places("Bergen (NH.)", "Bergen (L.)", table=BERGEN)
    assert both["Bergen (NH., plaats)"].aliases == ("Bergen", "Bergen (NH.)")
    assert {name for name in both if "huizen" in name} == {
        "Verspreide huizen (Buitengebied)",
        "Verspreide huizen (Bergen L.)",
        "Verspreide huizen (Buitengebied, Bergen L.)",
    }
    known = tuple(both.values())
    gazetteer = gazetteer_of(known, wijken_text(known), "pc4,name\n")
    for text, meant in (
        ("woont in Bergen", ("Bergen (L., plaats)", "Bergen (NH., plaats)")),
        ("woont in Bergen (NH)", ("Bergen (NH., plaats)",)),
        ("woont in de gemeente Bergen (NH)", ("Bergen (NH.)",)),
        ("woont in de gemeente Bergen", ("Bergen (L.)", "Bergen (NH.)")),
    ):
        assert gazetteer.find(text)[0].names == meant
    assert places("Bergen (L.)", "Bergen (NH.)", table=BERGEN, known=known).keys() == both.keys()
    assert places("den haag", table=BERGEN)["'s-Gravenhage"].aliases == ("Den Haag",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_as_programs_save_it(tmp_path: Path, encoding: str, end: str) -> None:
    file = tmp_path / "kwb.csv"
    table = KWB.replace("Zandbergen", "Súdwest").replace(";", "\t")
    file.write_bytes(table.replace("\n", end).encode(encoding))
    assert "Súdwest" in places("Losser", table=text_of(file))


def test_names_without_postcodes_leave_these_as_they_are() -> None:
    known = [*places("Losser").values()]
    found, _ = cbs.imported(cbs.read({"kwb.csv": KWB}), ["Losser"], known)
    assert found == known


def test_what_somebody_made_before_cbs_had_it_is_that_place() -> None:
    hand = [
        PlaceEntry(level="gemeente", name="Losser"),
        PlaceEntry(level="wijk", name="Overdinkel", parent="Losser", aliases=("Het Dorp",)),
    ]
    found = places("Losser", known=hand)
    assert {"Losser", "Overdinkel"}.isdisjoint(found)
    assert found["Losser (plaats)"].parent == "Losser"


def test_several_gemeenten_and_a_name_that_both_have() -> None:
    by_hand = PlaceEntry(level="gemeente", name="Centrum")
    found = places("Losser", "Oss", known=[by_hand])
    assert found["Centrum (Oss)"].aliases == ("Centrum",)
    assert found["Ruwaard"].parent == "Centrum (Oss)"
    assert set(places("Losser", table=STATLINE)) == {"Losser", "Overdinkel"}


def test_what_people_made_and_named_survives_the_next_import() -> None:
    first = places("Losser")
    lutte = first["De Lutte"].model_copy(update={"aliases": ("Lutte",)})
    by_hand = PlaceEntry(level="wijk", name="Recreatiepark", parent="De Lutte", postcodes=("7587",))
    known = [*(first | {"De Lutte": lutte}).values(), by_hand]
    renamed = KWB.replace("Wijk 02 De Lutte", "Wijk 02 Lutterhoek").replace(
        "BU01680001;1680001;Zandbergen;Losser;Buurt;BU01680001;1;3000\n", ""
    )
    found, gone = cbs.imported(cbs.read({"kwb": renamed, "pc6": PC6}), ["Losser"], known)
    again = {place.name: place for place in found}
    assert again["De Lutte"].aliases == ("Lutte", "Lutterhoek")
    assert again["De Lutte-Kern"].postcodes == (), "somebody gave that one away by hand"
    assert "Recreatiepark" not in again
    assert gone == ["Zandbergen"]
    assert places("Losser", known=[*first.values()]) == first, "twice is once"


def test_what_is_no_table_of_cbs_is_told() -> None:
    with pytest.raises(ConfigError, match=r"x\.csv: line 1: has not the columns of a table of CBS"):
        cbs.read({"x.csv": "naam,plaats\n"})
    with pytest.raises(ConfigError, match=r"x\.csv: line 2: is no table: field larger"):
        cbs.read({"x.csv": f"gwb_code_10;regio;recs\nGM0168;{'x' * 200_000};Gemeente\n"})
    with pytest.raises(ConfigError, match=r"line 1: .* \(it lacks recs\): see docs/directory\.md"):
        cbs.read({"x.csv": KWB.replace("recs", "soort")})
    with pytest.raises(ConfigError, match="WK016800: has a name that no place can have"):
        places("Losser", table=KWB.replace("Wijk 00 Losser", "x" * 81))
    with pytest.raises(
        ConfigError, match=r"is not a gemeente of these tables\. Write it as CBS does: Losser"
    ):
        places("Lossen")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("BU0168030X;0;Gek;Losser;Buurt", "'BU0168030X' is no code of a buurt"),
        ("BU016803001234;0;Lang;Losser;Buurt", "'BU016803001234' is no code of a buurt"),
        ("WK016803;0;Wijk 03;Losser;Buurt", "'WK016803' is no code of a buurt"),
        (";0;Zonder;Losser;Buurt", "'' is no code of a buurt"),
        ("BU01680300;0;Iets;Losser;Buurtje", "'buurtje' is no gemeente, wijk or buurt"),
        ("BU01680300;0;;Losser;Buurt", "BU01680300 has no name"),
        ("BU01680300;0;Kort", "ends too early"),
        ("BU01680100;0;Overdinkel-Oost;Losser;Buurt", "BU01680100 stands there twice, with two names"),
        ('BU01680300;0;"Open;Losser;Buurt', "is no table: unexpected end of data"),
    ],
)
def test_no_line_is_passed_over_in_silence(line: str, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"kwb.csv: line 15: {told}")):
        cbs.read({"kwb.csv": KWB + line + "\n"})


def test_every_wrong_line_of_every_table_is_told_at_once() -> None:
    wrong = {
        "kwb.csv": KWB + "BU1;;;;Buurt\n;;;;Wijk\n",
        "pc6.csv": PC6 + "7581A\n75;1;1680000\n7581AA;1;x\n",
    }
    with pytest.raises(ConfigErrors) as told:
        cbs.read(wrong)
    assert [(each.file, each.problem) for each in told.value.errors] == [
        ("kwb.csv", "BU00000001 has no name"),
        ("kwb.csv", "'' is no code of a wijk"),
        ("pc6.csv", "has no postcode with a buurt"),
        ("pc6.csv", "has no postcode with a buurt"),
        ("pc6.csv", "'x' is no code of a buurt"),
    ]
    with pytest.raises(ConfigErrors, match=f"more than {cbs.MANY} lines are wrong") as told:
        cbs.read({"kwb.csv": KWB + "BU01680300;;;;Buurt\n" * 1000})
    assert len(told.value.errors) == cbs.MANY + 1
    # What is about no region, and lines without anything, are no mistakes.
    cbs.read({"kwb.csv": KWB + "\nBron: CBS\nPV23;;Overijssel;;Provincie\n"})


@pytest.mark.parametrize("damage", ["cut", "spoilt", "encrypted", "encoding"])
def test_a_workbook_that_came_down_damaged_is_told(tmp_path: Path, damage: str) -> None:
    out = io.BytesIO()
    words = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(300))
    name = "foo" if damage == "encoding" else "utf-8"
    with ZipFile(out, "w", ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", f"<?xml version='1.0' encoding='{name}'?><a>{words}</a>")
    book = bytearray(out.getvalue())
    if damage == "spoilt":
        book[60:90] = b"\xff" * 30
    elif damage == "encrypted":
        book[6] |= 1
        book[book.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "kwb.xlsx").write_bytes(book[:200] if damage == "cut" else book)
    with pytest.raises(ConfigError, match="is no workbook that can be read"):
        text_of(tmp_path / "kwb.xlsx")


def test_what_is_no_file_or_no_folder_is_told(tmp_path: Path, terminal: Terminal) -> None:
    for table in (tmp_path, "/dev/zero", tmp_path / "none.csv"):
        with pytest.raises(ConfigError, match="is not a file that is there"):
            text_of(Path(table))
    # As <(unzip -p …) gives it.
    reads, writes = os.pipe()
    os.write(writes, KWB.encode())
    os.close(writes)
    assert text_of(Path(f"/dev/fd/{reads}")) == KWB
    os.close(reads)
    (tmp_path / "file").write_text("")
    for words in (("directory", "export"), ("init",)):
        assert "is not empty" in terminal(*words, str(tmp_path / "file")).err


def test_a_working_directory_for_a_gemeente(tmp_path: Path) -> None:
    for name, text in (("kwb.csv", KWB), ("pc6.csv", PC6)):
        (tmp_path / name).write_text(text)
    tables = [str(tmp_path / "kwb.csv"), str(tmp_path / "pc6.csv")]
    directory = tmp_path / "losser"
    assert Terminal(tmp_path)("init", str(directory), *tables, "--gemeente", "Losser").code == 0
    terminal = Terminal(directory)
    assert terminal("check", "--offline").code == 0
    assert terminal("route", "7587").out.startswith("De Lutte-Kern: De Schoor, which serves Losser")
    assert "added: place Oss" in terminal("directory", "places", "import", *tables, "--gemeente", "Oss").out
    again = terminal("directory", "places", "import", *tables, "--gemeente", "Oss", "--gemeente", "Losser")
    assert again.out == "nothing had changed\n"
    (tmp_path / "half.csv").write_text("".join(KWB.splitlines(keepends=True)[:3]))
    half = str(tmp_path / "half.csv")
    assert "has only 1 places" in terminal("directory", "places", "import", half, "--gemeente", "Losser").err
    assert "is missing" in Terminal(tmp_path)("init", str(tmp_path / "x"), "--gemeente", "Losser").err


# The tables of names that lie beside the postcodes, as those of 2022.
NAMES = {
    "gem2022.csv": "Gemeente2022;Gemeentenaam2022\n168;Losser\n",
    "brt2022.csv": "buurtcode2022;buurtnaam2022;GM_2022;GM_NAAM;WK_2022;WK_NAAM\n"
    "01680100;Overdinkel;GM0168;Losser;WK016801;Wijk 01 Overdinkel\n"
    "01680001;Zandbergen;GM0168;Losser;WK016800;Wijk 00 Losser\n",
}


@pytest.mark.parametrize("files", [("gem2022.csv", "brt2022.csv"), ("brt2022.csv",)])
def test_names_may_come_from_beside_the_postcodes(files: tuple[str, ...]) -> None:
    pc6 = PC6.replace("2024", "2022").replace(";", ",")
    found, _ = cbs.imported(
        cbs.read({name: NAMES[name] for name in files} | {"pc6.csv": pc6}), ["Losser"], ()
    )
    names = {place.name: place for place in found}
    assert names.keys() == {"Losser", "Losser (plaats)", "Zandbergen", "Overdinkel"}
    assert names["Overdinkel"].postcodes == ("7586",)


def workbook(table: str) -> bytes:
    """A workbook as Excel writes it: texts are shared, numbers are not, empty cells are left out."""
    shared: list[str] = []
    lines = []
    for at, row in enumerate(table.splitlines(), 1):
        cells = ""
        for column, value in enumerate(row.split(";")):
            reference = f"{chr(65 + column)}{at}"
            if value.isdigit():
                cells += f'<c r="{reference}"><v>{value}</v></c>'
            elif value != ".":
                shared.append(value)
                cells += f'<c r="{reference}" t="s"><v>{len(shared) - 1}</v></c>'
        lines.append(f'<row r="{at}">{cells}</row>')
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    out = io.BytesIO()
    with ZipFile(out, "w") as parts:
        texts = "".join(f"<si><t>{each}</t></si>" for each in shared)
        parts.writestr("xl/sharedStrings.xml", f"<sst {space}>{texts}</sst>")
        parts.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {space}><sheetData>{''.join(lines)}</sheetData></worksheet>",
        )
    return out.getvalue()


def test_a_workbook_is_read_as_it_was_published(tmp_path: Path) -> None:
    file = tmp_path / "kwb-2024.xlsx"
    file.write_bytes(workbook(KWB))
    assert places("losser", table=text_of(file)).keys() == places("losser").keys()
    file.write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(ConfigError, match="no workbook"):
        text_of(file)
