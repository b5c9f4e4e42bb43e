"""Whatever bytes come: no exception, no guess, little time and little memory."""

import os
import random
import re
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.reading.mail.message import parse, parse_head
from gateway.reading.patient import columns
from gateway.reading.patient.labels import cells
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, forget, read
from gateway.reading.record import Reading, Verdict
from tests.unit.reading.cases import CASES

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "corpus"
CORPUS = ROOT / "tests" / "corpus" / "referrals"
CODES = {
    "missing_name",
    "missing_phone",
    "missing_wijk",
    "invalid_phone",
    "ambiguous_phone",
    "unknown_wijk",
    "ambiguous_wijk",
    "several_patients",
    "bsn_present",
}
EMPTY = Reading(Verdict.INCOMPLETE, problems=("missing_name", "missing_phone", "missing_wijk"))


def sane(reading: Reading, gazetteer: Gazetteer) -> None:
    """What must hold of every reading, whatever the mail."""
    assert set(reading.problems) <= CODES
    doubts = set(reading.problems) - {"bsn_present"}
    assert (reading.verdict is Verdict.INCOMPLETE) == bool(doubts)
    if reading.verdict is Verdict.REFERRAL:
        assert reading.name
        assert reading.phone
        assert reading.wijk
    if reading.name is not None:
        assert 2 <= len(reading.name) <= 60
        assert not any(c.isdigit() or c in "@<>\n\r\t\x00:;/\\" for c in reading.name)
    if reading.wijk is not None:
        assert reading.wijk in gazetteer.names
    for phone in filter(None, (reading.phone, *reading.other_phones)):
        assert phone.startswith("+")
        assert phone[1:].isascii()
        assert phone[1:].isdigit()
        assert 8 <= len(phone) <= 16
    assert len({reading.phone, *reading.other_phones}) == 1 + len(reading.other_phones)


def test_no_pattern_is_made_of_a_patients_name(almere: Gazetteer) -> None:
    re.purge()
    read(b"\r\nNaam: Zephyrine Quaxel\r\nTel: 06-11112222\r\nzephyrine QUAXEL is vaak thuis\r\n", almere)
    # Python keeps the patterns that it compiled last, by their text.
    kept = " ".join(str(key) for key in vars(re)["_cache"])
    assert kept
    assert "quaxel" not in kept.lower()


def test_no_word_of_a_mail_is_kept(almere: Gazetteer) -> None:
    read(b"\r\nNaam: Zephyrine Quaxel\r\nTel: 06-11112222\r\nquaxel is vaak thuis, fin. hulp\r\n", almere)
    rooms = [vars(module) for name, module in sys.modules.items() if name.startswith("gateway.reading")]
    remembered = {id(each): each for room in rooms for each in room.values() if hasattr(each, "cache_info")}
    assert any(each.cache_info().currsize > 1 for each in remembered.values())
    forget()
    # What has no argument, or a file's name, keeps what every mail needs.
    kept = {each.__name__ for each in remembered.values() if each.cache_info().currsize}
    assert kept <= {"_words_in", "_doubtful", "_cut_short"}


def survives(raw: bytes, gazetteer: Gazetteer) -> Reading:
    reading = read(raw, gazetteer)
    sane(reading, gazetteer)
    answered = complete(raw, gazetteer, frozenset(), EMPTY)
    sane(answered, gazetteer)
    return reading


def third_party(folder: str) -> list[Path]:
    found = sorted(path for path in (SHARED / folder).glob("*") if path.is_file() and path.suffix != ".md")
    return [path for path in found if not path.name.startswith("LICENSE")]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the third-party corpora don't stand beside this checkout")
def test_torture_mails(almere: Gazetteer) -> None:
    mails = third_party("torture")
    assert len(mails) >= 60
    for mail in mails:
        survives(mail.read_bytes(), almere)


def test_the_mails_of_cpython(almere: Gazetteer) -> None:
    email_tests = pytest.importorskip("test.test_email", reason="Debian package libpython3-testsuite")
    mails = sorted((Path(email_tests.__file__).parent / "data").glob("msg_*.txt"))
    assert len(mails) >= 40
    for mail in mails:
        survives(mail.read_bytes(), almere)


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(depth)
    )
    return b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + opening + b"--b%d\r\n\r\nhallo" % depth


def mails_inside(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: x\r\n\r\nhallo"


HOSTILE = {
    "nothing": b"",
    "nul": b"\x00" * 1000,
    "no-header": b"\r\n\r\nhallo",
    "message-id-empty": b"Message-ID: <>\r\nFrom: a@b.example\r\n\r\nhallo",
    "address-newline": b"From: =?utf-8?q?a=0d=0aBcc:_x?= <a@b.example>\r\n\r\nhallo",
    "address-broken": b'From: <<a@b>, "x, ((((\r\nTo: @@@;;;:\r\n\r\nhallo',
    "charset-unknown": b"Content-Type: text/plain; charset=klingon\r\n\r\nhallo",
    "charset-odd": b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\u0041",
    "charset-idna": b"Content-Type: text/plain; charset=idna\r\n\r\nxn--a" + b"-" * 5000,
    "base64-broken": b"Content-Transfer-Encoding: base64\r\n\r\n====A=B%%%",
    "qp-broken": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=\r\n=",
    "uuencode": b"\r\nbegin 644 x\r\n#0V%T\r\n`\r\nend\r\n",
    "tnef": b"Content-Type: application/ms-tnef; name=winmail.dat\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\neJ8+Ig==",
    "boundary-none": b"Content-Type: multipart/mixed\r\n\r\nhallo",
    "boundary-missing": b"Content-Type: multipart/mixed; boundary=x\r\n\r\nhallo",
    "boundary-double": b"Content-Type: multipart/mixed; boundary=x; boundary=y\r\n\r\n"
    b"--x\r\n\r\na\r\n--y\r\n\r\nb",
    "boundary-long": b"Content-Type: multipart/mixed; boundary=" + b"x" * 5000 + b"\r\n\r\nhallo",
    "deep": nested(3000),
    "inside": mails_inside(3000),
    "parts": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nhallo\r\n" * 20000,
    "headers-many": b"X-A: b\r\n" * 100_000 + b"\r\nhallo",
    "header-long": b"Subject: " + b"=?utf-8?b?YWFh?= " * 50_000 + b"\r\n\r\nhallo",
    "references": b"References: " + b"<a@b> " * 100_000 + b"\r\n\r\nhallo",
    "from-many": b"From: " + b"a@b.example, " * 50_000 + b"\r\n\r\nhallo",
    "comments": b"From: " + b"(" * 20_000 + b"\r\n\r\nhallo",
    "lines-empty": b"Subject: x\r\n\r\n" + b"\r\n" * 2_000_000,
    "line-long": b"Subject: x\r\n\r\n" + b"a" * 4_000_000,
    "quotes": b"Subject: x\r\n\r\n" + b">" * 200_000 + b"\r\n" + b"> " * 200_000,
    "digits": b"Subject: x\r\n\r\n" + b"06 " * 100_000,
    "digits-run": b"Subject: x\r\n\r\n" + b"0612345678" * 20_000,
    "names": b"Subject: x\r\n\r\n" + b"Van " * 60_000,
    "initials": b"Subject: x\r\n\r\n" + b"A." * 60_000,
    "salutations": b"Subject: x\r\n\r\n" + b"mw. " * 60_000,
    "colons": b"Subject: x\r\n\r\n" + b"naam: " * 60_000,
    "cells": b"Subject: x\r\n\r\n" + b"naam\ttel\twijk\r\n" * 20_000,
    "wijken": b"Subject: x\r\n\r\n" + b"Filmwijk of " * 20_000,
    "hyphens": b"Subject: x\r\n\r\nmw. A" + b"-b" * 100_000,
    "spaces": b"Subject: x\r\n\r\nNaam" + b" " * 200_000 + b"x",
    "dots": b"Subject: x\r\n\r\nNaam" + b"." * 200_000 + b"x",
    "html-deep": b"Content-Type: text/html\r\n\r\n" + b"<div><table><tr><td>" * 20_000,
    "html-comment": b"Content-Type: text/html\r\n\r\n<!--" + b"<" * 200_000,
    "html-nul": b"Content-Type: text/html\r\n\r\n<p>\x00hallo",
    "html-empty": b"Content-Type: text/html\r\n\r\n<!-- -->",
    "html-entity": b"Content-Type: text/html\r\n\r\n" + b"&#99999999999;&amp" * 10_000,
    "html-colspan": b"Content-Type: text/html\r\n\r\n"
    b'<table><tr><td colspan="999999999" rowspan="999999999">x</table>',
    "html-padding": b"Content-Type: text/html\r\n\r\n"
    b'<p style="padding-left:99999999em;margin:9999999em">x</p>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails(name: str, almere: Gazetteer) -> None:
    # That reading ends in time is for the processes it happens in to see (`test_readers`);
    # here a mail that takes quadratic time would keep the whole run waiting.
    survives(HOSTILE[name], almere)


def test_a_table_of_no_people_is_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    parted = list[str]()

    def counted(row: str) -> list[str]:
        parted.append(row)
        return cells(row)

    monkeypatch.setattr(columns, "cells", counted)
    rows = ["naam\ttel\twijk"] * 300
    assert columns.without_other_columns(rows) == rows
    assert len(parted) <= 10 * len(rows)


@pytest.mark.parametrize("name", ["lines-empty", "line-long", "parts", "headers-many", "from-many", "deep"])
def test_parsing_takes_little_memory(name: str) -> None:
    raw = HOSTILE[name]
    tracemalloc.start()
    try:
        parse(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * 1024 * 1024


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=2000))
def test_any_bytes(raw: bytes, almere: Gazetteer) -> None:
    survives(raw, almere)


LINES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "Naam: mw. A. Jansen",
            "Tel: 06-23456781",
            "Wijk: Filmwijk",
            "Naam",
            "Telefoon",
            "> Naam: B. Bos",
            "Van: x <x@y.example>",
            "Verzonden: vandaag",
            "Onderwerp: hulp",
            "Op 3 mrt schreef X <x@y.example>:",
            "-- ",
            "Groet,",
            "Naam | Tel | Wijk",
            "mw. De Vries, 06-2345678, Danswijk of Parkwijk",
            "BSN 999990019",
            "zoon: 06-23456782",
            "",
        ]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=14), subtype=st.sampled_from(["plain", "html"]))
def test_any_lines(lines: list[str], subtype: str, almere: Gazetteer) -> None:
    head = f"From: P <p@q.example>\r\nContent-Type: text/{subtype}; charset=utf-8\r\n\r\n"
    survives(head.encode() + "\r\n".join(lines).encode("utf-8", "replace"), almere)


def test_mutated_mails(almere: Gazetteer) -> None:
    dice = random.Random(20251122)
    mails = [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))] + [case.raw() for case in CASES[::9]]
    for raw in mails:
        for _ in range(2):
            survives(mutated(raw, dice), almere)


def mutated(raw: bytes, dice: random.Random) -> bytes:
    content = bytearray(raw)
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(content)) if content else 0
        kind = dice.randrange(5)
        if kind == 0:
            content[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            del content[at : at + dice.randint(1, 40)]
        elif kind == 2:
            content[at:at] = content[at : at + dice.randint(1, 200)]
        elif kind == 3:
            content[at:at] = dice.choice(
                [b"\r\n\r\n", b"--", b"\x00", b"=", b"<", b"Content-Type: text/html\r\n", b"\xff\xfe"]
            )
        else:
            del content[at:]
    return bytes(content)


def test_a_lost_digit_never_gives_a_number(almere: Gazetteer) -> None:
    """Every digit of a number left out or doubled: asked back, never another number."""
    digits = "0623456781"
    for at in range(len(digits)):
        for broken in (digits[:at] + digits[at + 1 :], digits[:at] + digits[at] + digits[at:]):
            raw = f"Subject: x\r\n\r\nNaam: A. Jansen\r\nTel: {broken}\r\nWijk: Filmwijk\r\n".encode()
            reading = read(raw, almere)
            assert reading.phone is None or (at == 0 and reading.phone == "+31623456781"), broken


def test_headers_alone(almere: Gazetteer) -> None:
    raw = (CORPUS / "001-dubbel-doorgestuurd.eml").read_bytes()
    head, whole = parse_head(raw), parse(raw)
    assert head.from_addresses == whole.from_addresses == ("balie@havenzicht.example",)
    assert head.subject == whole.subject
    assert head.texts == ()
    assert os.fspath(CORPUS)
