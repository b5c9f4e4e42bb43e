"""What a team writes in a list of reports, in every spelling of Excel, and every row that is none."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.reportcsv import (
    LONGEST,
    MOST_ROWS,
    NoReportList,
    Reject,
    ReportRow,
    read_reports,
)
from adapters.told import Meaning

LIST = "kenmerk;status;datum;dagdeel\r\nIB-7K3F-9QXM;in_beeld;23-11-2026;ochtend\r\n"
SPELLINGS = [
    LIST.encode(),
    LIST.encode("utf-8-sig"),
    LIST.encode("utf-16"),
    LIST.replace(";", ",").encode(),
    LIST.replace(";", "\t").encode("utf-16"),
    ("sep=;\r\n" + LIST).encode(),
    LIST.replace("\r\n", "\r").encode(),
    LIST.replace("\r\n", "\n").rstrip().encode(),
    LIST.replace("kenmerk", '"Kenmerk "').replace("in_beeld", '"In beeld"').encode(),
    LIST.replace("23-11-2026", "2026-11-23").encode(),
    LIST.replace("23-11-2026", "23/11/2026 00:00").encode(),
    LIST.replace("kenmerk;", "naam;kenmerk;").replace("IB-", "José Ñandú;ib-").encode("cp1252"),
]


def one(row: str, header: str = "kenmerk;status;datum;dagdeel;reden;uitkomst") -> ReportRow:
    (read,) = read_reports(f"{header}\n{row}\n".encode())
    return read


@pytest.mark.parametrize("content", SPELLINGS)
def test_every_spelling_says_the_same(content: bytes) -> None:
    (row,) = read_reports(content)
    assert row.told is not None
    (fact,) = row.told.facts
    assert (row.told.kenmerk, fact.before, fact.after) == (
        "IB-7K3F-9QXM",
        Meaning("contacted"),
        Meaning("contacted"),
    )
    assert (fact.on, fact.day_part) == (date(2026, 11, 23), "ochtend")
    assert "José" not in repr(row)


@pytest.mark.parametrize(
    ("row", "reject"),
    [
        (";in_beeld;;;;", Reject.KENMERK),
        ("Roswitha Quintavalle;in_beeld;;;;", Reject.KENMERK),
        ("IB-7K3F-9QXM;bijna in beeld;;;;", Reject.STATUS),
        ("IB-7K3F-9QXM;niet in_beeld;;;;", Reject.STATUS),
        ("IB-7K3F-9QXM;niet_bereikt;;;;", Reject.DATE),
        ("IB-7K3F-9QXM;niet_bereikt;31-02-2026;;;", Reject.DATE),
        ("IB-7K3F-9QXM;niet_bereikt;23-11-26;;;", Reject.DATE),
        ("IB-7K3F-9QXM;in_beeld;gisteren;;;", Reject.DATE),
        ("IB-7K3F-9QXM;niet_bereikt;23-11-2026;nacht;;", Reject.DAY_PART),
        ("IB-7K3F-9QXM;geweigerd;;;;", Reject.REASON),
        ("IB-7K3F-9QXM;geweigerd;;;geen zin;", Reject.REASON),
        ("IB-7K3F-9QXM;gestopt;;;;zomaar", Reject.OUTCOME),
    ],
)
def test_a_row_that_is_no_report_is_explained(row: str, reject: Reject) -> None:
    read = one(row)
    assert (read.number, read.told, read.reject) == (2, None, reject)
    assert "Roswitha" not in repr(read)


@pytest.mark.parametrize(
    ("content", "reject"),
    [
        (b"x" * (LONGEST + 1), Reject.TOO_LARGE),
        (b"PK\x03\x04" + b"\x00" * 20, Reject.NOT_TEXT),
        (b"\xff\xfea", Reject.NOT_TEXT),
        (b"", Reject.NO_HEADER),
        (b"kenmerk\nIB-7K3F-9QXM\n", Reject.NO_HEADER),
        (b"kenmerk;toestand\n", Reject.NO_HEADER),
        (b"kenmerk;status;status\n", Reject.NO_HEADER),
        (b'"kenmerk;status\n', Reject.NO_HEADER),
    ],
)
def test_a_file_that_is_no_list_is_explained(content: bytes, reject: Reject) -> None:
    with pytest.raises(NoReportList) as caught:
        read_reports(content)
    assert caught.value.reject is reject


def test_it_has_an_end() -> None:
    rows = read_reports(b"kenmerk;status\n" + b"IB-7K3F-9QXM;in_beeld\n" * (MOST_ROWS + 5))
    assert len(rows) == MOST_ROWS + 1
    assert rows[-1].reject is Reject.TOO_MANY
    broken = read_reports(b'kenmerk;status\nIB-7K3F-9QXM;in_beeld\n"IB;x"y\nIB-7K3F-9QXM;gestart\n')
    assert [row.reject for row in broken] == [None, Reject.BROKEN]


def test_two_attempts_are_two_and_the_same_list_again_adds_none() -> None:
    row = "IB-7K3F-9QXM;niet_bereikt;23-11-2026;ochtend\n"
    other = "IB-9QXM-7K3F;niet_bereikt;23-11-2026;ochtend\n"
    names = [
        [
            fact.key
            for read in read_reports(f"kenmerk;status;datum;dagdeel\n{rows}".encode())
            for fact in read.told.facts  # type: ignore[union-attr]
        ]  # type: ignore[union-attr]
        for rows in (row + row + other, row + row + other)
    ]
    assert names[0] == names[1]
    assert names[0][0] != names[0][1]
    assert names[0][2] == names[0][0]


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@example(b"sep=;\n")
@example(b"kenmerk;status\n;;;;;;;\n")
def test_whatever_stands_there_it_is_read_or_refused(content: bytes) -> None:
    try:
        rows = read_reports(content)
    except NoReportList:
        return
    assert all((row.told is None) != (row.reject is None) for row in rows)
