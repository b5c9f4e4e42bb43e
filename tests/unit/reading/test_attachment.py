"""A referral that stands in a file beside an empty mail, and files that are out to do harm."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from gateway.reading.mail import office
from gateway.reading.mail.attachment import FILES, opened
from gateway.reading.mail.message import ViewKind, parse
from gateway.reading.mail.office import Locked, card_text, packed_text, pdf_text, rtf_text
from gateway.reading.mail.winmail import decompressed, winmail
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import complete, read
from gateway.reading.record import Verdict
from tests.patience import PATIENCE_S
from tests.unit.reading.files import (
    CARD,
    FILES_BY_KIND,
    LINES,
    RTF,
    docx,
    mail,
    odt,
    pdf,
    winmail_dat,
    zipped,
)

READERS = (pdf_text, packed_text, rtf_text, card_text)


def test_a_file_of_somebody_from_elsewhere_is_asked_about(almere: Gazetteer) -> None:
    reading = read(
        mail("Graag contact met iemand uit Danswijk. Zie de bijlage.", FILES_BY_KIND["rtf"]), almere
    )
    assert (reading.verdict, reading.name, reading.phone) == (Verdict.INCOMPLETE, None, None)


@pytest.mark.parametrize("kind", FILES_BY_KIND)
@pytest.mark.parametrize("body", ["", "Zie de bijlage.\r\n\r\nGroet, de praktijk"])
def test_a_referral_in_a_file_is_read(kind: str, body: str, almere: Gazetteer) -> None:
    reading = read(mail(body, FILES_BY_KIND[kind]), almere)
    assert (reading.verdict, reading.name, reading.phone, reading.wijk, reading.unopened) == (
        Verdict.REFERRAL,
        "Iris Blök",
        "+31623456781",
        "Filmwijk",
        None,
    )


def with_file(told: str) -> bytes:
    text = "Naam: Dirk Bos\r\nTel: 06-23456792\r\nWijk: Danswijk"
    return mail(text, ("application/pdf", "brief.pdf", pdf(told)))


def test_a_referral_in_the_text_needs_no_file(almere: Gazetteer) -> None:
    for told in ("Brief", "Uitslag van Iris Blok, tel 06-48151623", "Apotheek: 036-5391919"):
        reading = read(with_file(told), almere)
        assert (reading.name, reading.phone) == ("Dirk Bos", "+31623456792")


def test_a_file_that_gives_the_number_otherwise_makes_it_ask(almere: Gazetteer) -> None:
    turned = read(with_file("Tel. 06-23456729"), almere)
    assert (turned.phone, turned.problems) == (None, ("ambiguous_phone",))
    assert turned.choices == ("+31623456792", "+31623456729")
    other = read(with_file("Patient: Dirk Bos, tel 06-48151623, Danswijk"), almere)
    assert (other.phone, other.problems) == (None, ("ambiguous_phone",))


def test_an_answer_in_a_file_is_read(almere: Gazetteer) -> None:
    known = read(mail("Naam: Iris Blök\r\nWijk: Filmwijk"), almere)
    assert known.problems == ("missing_phone",)
    answer = mail("Zie de bijlage", ("application/pdf", "a.pdf", pdf("Telefoon patiënt: 06-23456781")))
    done = complete(answer, almere, frozenset(), known)
    assert (done.verdict, done.name, done.phone) == (Verdict.REFERRAL, "Iris Blök", "+31623456781")
    other = complete(mail("Dank u", FILES_BY_KIND["text"]), almere, frozenset(), known)
    assert other.phone == "+31623456781"


def test_two_patients_in_two_files_are_two(almere: Gazetteer) -> None:
    other = ("text/plain", "b.txt", b"Naam: Dirk Bos\nTel: 06-23456792\nWijk: Danswijk")
    assert read(mail("Zie bijlagen", FILES_BY_KIND["pdf"], other), almere).problems == ("several_patients",)


def test_what_a_file_holds_is_a_view_of_its_own() -> None:
    message = opened(parse(mail("Zie de bijlage", FILES_BY_KIND["docx"])))
    kinds = [view.kind for view in message.views]
    assert kinds == [ViewKind.SUBJECT, ViewKind.PLAIN, ViewKind.ATTACHMENT]
    assert message.views[-1].text == "Naam: Iris Blök\n\nTelefoon\t06-23456781\t\nWijk:\tFilmwijk\n"
    assert message.texts == ("Zie de bijlage",)


def test_pictures_in_a_signature_hide_no_letter() -> None:
    logos = [("image/png", "logo.png", b"\x89PNG" + b"x" * 500)] * (FILES + 3)
    assert "Iris" in opened(parse(mail("", *logos, FILES_BY_KIND["pdf"]))).views[-1].text


def test_what_was_deleted_from_a_letter_is_not_read() -> None:
    assert "99999999" not in packed_text(docx())


@pytest.mark.parametrize(
    "extra", [b"ORG:Praktijk\r\n", b"TITLE:Huisarts\r\n", b"EMAIL:a@praktijk.example\r\n"]
)
def test_the_card_of_somebody_at_work_is_no_patients(extra: bytes) -> None:
    card = CARD.replace(b"END:", extra + b"END:")
    message = opened(parse(mail("", ("text/vcard", "a.vcf", card))))
    assert [view for view in message.views if view.kind is ViewKind.ATTACHMENT] == []


def test_the_senders_own_card_is_no_patients() -> None:
    raw = mail("", FILES_BY_KIND["vcard"])
    own = re.sub(rb"(?m)^From: .*?(?=\r?\n)", "From: Iris Blök <iris@praktijk.example>".encode(), raw)
    assert own != raw
    assert [view for view in opened(parse(own)).views if view.kind is ViewKind.ATTACHMENT] == []


def test_an_older_card_is_read() -> None:
    card = b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Bl=C3=B6k;=\nIris;de\n"
    card += b"TEL:06 1\n"
    assert card_text(card) == "Naam: Iris de Blök\nTelefoon: 06 1"


def test_the_fields_of_a_form_are_read() -> None:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf("Formulier"))))
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("Telefoon"),
            NameObject("/V"): TextStringObject("06-23456781"),
        }
    )
    fields = ArrayObject([writer._add_object(field)])
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    out = io.BytesIO()
    writer.write(out)
    assert "Telefoon: 06-23456781" in pdf_text(out.getvalue())


@pytest.mark.parametrize("algorithm", ["AES-256", "RC4-128"])
@pytest.mark.parametrize("password", ["geheim", ""])
def test_a_locked_pdf(algorithm: str, password: str) -> None:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf(*LINES))))
    writer.encrypt(password, "eigenaar", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    if password:
        with pytest.raises(Locked):
            pdf_text(out.getvalue())
    else:
        # Only what may be done with it is locked.
        assert "Iris" in pdf_text(out.getvalue())


def _locked_zip() -> bytes:
    content = bytearray(zipped(brief_xml=b"x"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        _locked_zip(),
        zipped(content_xml=b"x", **{"META-INF__manifest_xml": b"<m:encryption-data/>"}),
    ],
)
def test_a_locked_packed_file(content: bytes) -> None:
    with pytest.raises(Locked):
        packed_text(content)


def test_a_winmail_file_points_back() -> None:
    # The two examples of [MS-OXRTFCP], 4.1 and 4.2.
    first = (
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    second = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert decompressed(bytes.fromhex(first)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompressed(bytes.fromhex(second)) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


HOSTILE: dict[str, tuple[Callable[[bytes], str], Callable[[], bytes]]] = {
    "pdf-bomb": (pdf_text, lambda: pdf(raw=b"BT " * 5_000_000, packed=True)),
    "pdf-work": (pdf_text, lambda: pdf(raw=b"(a) Tj " * 50_000, packed=True)),
    "pdf-objects": (pdf_text, lambda: b"%PDF-1.4\n" + b"1 0 obj " * 100_000),
    "pdf-large": (pdf_text, lambda: b"%PDF-1.4\n" + b"x" * office.FILE_BYTES),
    "docx-bomb": (packed_text, lambda: zipped(word__document_xml=b"<a>" + b" " * 30_000_000 + b"</a>")),
    "docx-deep": (packed_text, lambda: zipped(word__document_xml=b"<a>" * 100_000)),
    "docx-entities": (
        packed_text,
        lambda: zipped(word__document_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ),
    "docx-utf16": (packed_text, lambda: zipped(word__document_xml="<!DOCTYPE a []><a/>".encode("utf-16"))),
    "zip-other": (packed_text, lambda: zipped(xl__workbook_xml=b"<a/>")),
    "zip-cut": (packed_text, lambda: docx()[:-30]),
    "rtf-large": (rtf_text, lambda: b"{\\rtf1 " + b"a" * office.RTF_CHARACTERS),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_beyond_what_is_read_is_refused(name: str) -> None:
    reader, make = HOSTILE[name]
    content = make()
    with pytest.raises(ValueError, match=r"^[a-zA-Z ]+$"):
        reader(content)


def test_a_packed_file_that_lies_about_its_size_unpacks_to_what_it_said() -> None:
    content = bytearray(zipped(word__document_xml=b"<a>" + b" " * 30_000_000 + b"</a>"))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        size = packed.infolist()[0].file_size.to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"packed|XML"):
        packed_text(bytes(content).replace(size, (100).to_bytes(4, "little")))


@pytest.mark.parametrize(
    "rtf",
    [
        b"{\\rtf1 " + b"{\\field{\\*\\fldinst{HYPERLINK" * 10_000,
        b"{\\rtf1 {\\fonttbl " + b"\\f1" * 100_000,
        b"{\\rtf1 " + b"{\\pict " * 50_000,
        b"{\\rtf1 {\\pict\\bin9999999999}" * 1_000,
        b"{" * 100_000,
    ],
)
def test_hostile_rtf_is_read_in_time(rtf: bytes) -> None:
    # Quadratic time would keep the whole run waiting.
    assert len(rtf_text(rtf)) <= office.CHARACTERS


def test_no_more_files_than_a_few_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    read_files: list[bytes] = []
    monkeypatch.setattr(
        "gateway.reading.mail.attachment._READERS",
        ((bool, lambda content: (read_files.append(content), "x")[1]),),  # type: ignore[func-returns-value]
    )
    inner = ("message/rfc822", "fw.eml", mail("", *[FILES_BY_KIND["rtf"]] * 5))
    opened(parse(mail("", *[FILES_BY_KIND["rtf"]] * 5, inner)))
    assert len(read_files) == FILES


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_broken_files_say_so(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([pdf(*LINES), docx(), odt(), RTF, CARD]))
    content = bytearray(kind)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(kind) - 1), st.integers(0, 255)), max_size=8)
    ):
        content[at] = byte
    for reader in READERS:
        try:
            text = reader(bytes(content))
        except (ValueError, Locked):
            continue
        assert len(text) <= office.CHARACTERS


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_broken_winmail_says_so(data: st.DataObject) -> None:
    whole = winmail_dat(html=b"<p>x", plain="x", rtf=RTF, file=b"x")
    content = bytearray(whole)
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=8)
    ):
        content[at] = byte
    try:
        found = winmail(bytes(content[: data.draw(st.integers(0, len(content)))]))
    except ValueError:
        return
    assert len(found.html) + len(found.plain) <= 4 * len(whole)


def test_a_winmail_that_says_it_is_endless_is_refused() -> None:
    content = bytearray(winmail_dat(plain="x"))
    # The number of its properties, and that of its values.
    content[15:19] = b"\xff\xff\xff\xff"
    with pytest.raises(ValueError, match=r"broken|cut|odd"):
        winmail(bytes(content))


_LOADED = """
import encodings, importlib, pkgutil, sys
from gateway.reading.mail.attachment import opened
from gateway.reading.mail.message import parse
from gateway.reading.mail.office import load
from tests.unit.reading.files import FILES_BY_KIND, mail

for module in pkgutil.iter_modules(encodings.__path__):
    if module.name not in {"mbcs", "oem"}:
        importlib.import_module(f"encodings.{module.name}")
load()
sys.meta_path.clear()
for kind, file in FILES_BY_KIND.items():
    assert "06-23456781" in opened(parse(mail("", file))).views[-1].text, kind
"""


def test_a_process_that_may_open_no_file_reads_them_all() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, timeout=PATIENCE_S, check=False
    )
    assert ended.stderr == b""
    assert ended.returncode == 0


def test_nothing_of_a_broken_file_is_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = pdf(*LINES).replace(b"/Type /Page ", b"/Type /Iris ").replace(b"xref", b"xxxx")
    opened(parse(mail("", ("application/pdf", "a.pdf", broken), FILES_BY_KIND["winmail-rtf"])))
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
