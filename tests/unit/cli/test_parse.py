"""`parse`: files and standard input, one line each, whatever one of them is."""

import json
from pathlib import Path

from tests.unit.cli.terminal import Terminal

CORPUS = Path(__file__).parents[2] / "corpus" / "referrals"
ONE = CORPUS / "028-eenregel-iphone.eml"


def test_files_give_a_line_each_in_order(nowhere: Terminal) -> None:
    files = [str(path) for path in sorted(CORPUS.glob("*.eml"))[:3]]
    lines = [json.loads(line) for line in nowhere("parse", *files).out.splitlines()]
    assert [line["file"] for line in lines] == files
    assert list(lines[0]) == ["file", "verdict", "name", "phone", "other_phones", "wijk", "problems"]


def test_standard_input_is_a_dash(nowhere: Terminal) -> None:
    answer = nowhere("parse", "-", given=ONE.read_bytes())
    found, same = json.loads(answer.out), json.loads(nowhere("parse", str(ONE)).out)
    assert found.pop("file") == "-"
    assert same.pop("file") == str(ONE)
    assert found == same


def test_a_missing_file_is_told_and_the_others_are_read(nowhere: Terminal) -> None:
    answer = nowhere("parse", "nothing.eml", str(ONE))
    assert answer.code == 1
    assert answer.err == "inbeeld: nothing.eml: can't be read (No such file or directory)\n"
    assert json.loads(answer.out)["file"] == str(ONE)


def test_a_folder_is_no_mail(nowhere: Terminal) -> None:
    answer = nowhere("parse", str(CORPUS))
    assert answer.code == 1
    assert "can't be read" in answer.err


def test_in_a_working_directory_the_practices_own_numbers_count(
    terminal: Terminal, nowhere: Terminal
) -> None:
    mail = b"From: a@b.example\r\n\r\nPatient Jan de Vries, 036-5300000, Filmwijk\r\n"
    assert json.loads(nowhere("parse", "-", given=mail).out)["phone"] == "+31365300000"
    assert json.loads(terminal("parse", "-", given=mail).out)["phone"] is None
