"""The text of a file as it is written: PDF, Word (.docx), OpenDocument (.odt), RTF and vCard.

Each gives the lines a person sees, table cells parted by tabs, within bounds on bytes, pages and
characters. Of a packed file one part alone is unpacked, and no more of it than it may hold. `Locked` says
that a password is needed, `ValueError` that the file is broken or beyond a bound; neither has any content.
The libraries are loaded with the first file that needs them (`load` does so beforehand).
"""

import binascii
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from gateway.reading.mail.header import characters, fields
from gateway.reading.mail.text import html_text

FILE_BYTES = 8 * 1024 * 1024
XML_BYTES = 2 * 1024 * 1024
STREAM_BYTES = 1024 * 1024
RTF_CHARACTERS = 400_000
PAGES = 8
CHARACTERS = 60_000
FIELDS = 200
CARDS = 5

_PICTURE = re.compile(
    r"\{(?:\\\*)?\\(?:pict|shppict|nonshppict|object|datastore|themedata|colorschememapping)\b"
)
_BRACE = re.compile(r"[{}]|\\[{}\\]")
_FONTS = re.compile(r"\{\\fonttbl")


class Locked(Exception):
    """A password is needed."""


def load() -> None:
    """Load what reading a mail and its files needs, for a process that may open no file later."""
    import lxml.etree  # type: ignore[import-untyped]  # noqa: F401
    import pypdf._codecs._codecs
    import pypdf.filters  # noqa: F401
    import striprtf.striprtf  # noqa: F401

    html_text("<table><tr><td>x</td></tr></table>")


def pdf_text(content: bytes) -> str:
    """The text layer and the filled-in fields of a PDF's first pages, "" where it has none (a scan)."""
    from pypdf import apply_configuration
    from pypdf.errors import PyPdfError

    _bound(content)
    # It logs what it finds odd, and that may be the patient's.
    quiet = logging.getLogger("pypdf")
    quiet.propagate = False
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())
    try:
        with apply_configuration(**_PDF_BOUNDS):
            return _pdf_text(content)[:CHARACTERS]
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, OSError, ArithmeticError):
        raise ValueError("a broken PDF") from None
    except (NotImplementedError, RecursionError, AssertionError, zlib.error):
        raise ValueError("a PDF beyond what is read") from None


# Streams unpack to no more than this in all, and no other program is started for their pictures.
_PDF_BOUNDS: dict[str, Any] = {
    "maximum_declared_stream_length": FILE_BYTES,
    "array_based_stream_maximum_output_length": STREAM_BYTES,
    "array_maximum_element_count": 20_000,
    "dictionary_maximum_element_count": 20_000,
    "lzw_maximum_output_length": STREAM_BYTES,
    "run_length_maximum_output_length": STREAM_BYTES,
    "zlib_maximum_output_length": STREAM_BYTES,
    "zlib_maximum_recovery_input_length": STREAM_BYTES,
    "stream_filters_maximum_length": 4,
    "stream_decoding_work_maximum_length": 4 * STREAM_BYTES,
    "stream_parsing_work_maximum_count": 40_000,
    "page_tree_maximum_entries": 1_000,
    "page_tree_maximum_depth": 20,
    "page_tree_maximum_page_entries": 20_000,
    "form_fields_maximum_entries": 1_000,
    "form_fields_maximum_depth": 20,
    "xform_maximum_invocations_per_extraction": 100,
    "jbig2dec_binary": None,
    "disable_legacy_handling": True,
}


def _pdf_text(content: bytes) -> str:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Locked
    filled = reader.get_form_text_fields() or {}
    lines = [f"{name}: {value}" for name, value in list(filled.items())[:FIELDS] if value]
    for number, page in enumerate(reader.pages):
        if number >= PAGES or sum(map(len, lines)) >= CHARACTERS:
            break
        lines.append(page.extract_text())
    return "\n".join(lines)


def packed_text(content: bytes) -> str:
    """The text of a .docx or an .odt. Raises ValueError for other packed files, Locked for locked ones."""
    _bound(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()[:5_000]
            if any(entry.flag_bits & 1 for entry in entries):
                raise Locked
            names = {entry.filename: entry for entry in entries}
            entry = names.get("word/document.xml") or names.get("content.xml")
            if entry is None or entry.file_size > XML_BYTES:
                raise ValueError("no text in a packed file")
            # More than it says it holds is never unpacked.
            with packed.open(entry) as part:
                xml = part.read(XML_BYTES)
            manifest = names.get("META-INF/manifest.xml")
            if manifest is not None and manifest.file_size <= STREAM_BYTES:
                with packed.open(manifest) as part:
                    if b"encryption-data" in part.read(STREAM_BYTES):
                        raise Locked
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, KeyError):
        raise ValueError("a broken packed file") from None
    return _xml_text(xml)


_CELL = frozenset({"tc", "table-cell", "covered-table-cell"})
_LINE = frozenset({"p", "h"})
_BREAK = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "s": " ", "noBreakHyphen": "-"}
_UNSEEN = frozenset({"Fallback", "tracked-changes", "annotation", "note"})


def _xml_text(xml: bytes) -> str:
    """The paragraphs and tables of either format: their elements mean the same under other names."""
    from lxml import etree

    if b"<!DOCTYPE" in xml or xml[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        # Neither format has a document type; what one declares could expand without end.
        raise ValueError("no office XML")
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.LxmlError:
        raise ValueError("broken XML") from None
    word = "wordprocessingml" in str(root.tag)
    out: list[str] = []
    cells: list[int] = []
    lines = unseen = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = str(element.tag).rpartition("}")[2]
        begins = event == "start"
        unseen += (1 if begins else -1) if name in _UNSEEN else 0
        lines += (1 if begins else -1) if name in _LINE else 0
        if unseen:
            continue
        if begins and name in _CELL:
            cells.append(len(out))
        elif begins and (name == "t" if word else lines):
            out.append(element.text or "")
        if begins and name in _BREAK:
            out.append(_BREAK[name])
        if begins:
            continue
        if name in _CELL and cells:
            # A cell is one value, however many paragraphs it has.
            start = cells.pop()
            out[start:] = [" ".join("".join(out[start:]).split()), "\t"]
        elif name in _LINE or name in {"tr", "table-row"}:
            out.append("\n")
        if not word and lines:
            out.append(element.tail or "")
    return "".join(out)[:CHARACTERS]


def rtf_text(content: bytes) -> str:
    """The text of an RTF file, without its pictures."""
    from striprtf.striprtf import rtf_to_text

    _bound(content)
    rtf = _without(content.decode("cp1252", "replace"), _PICTURE)
    if len(rtf) > RTF_CHARACTERS:
        raise ValueError("an RTF file beyond what is read")
    fonts = _FONTS.search(rtf)
    if fonts and len(rtf) - len(_without(rtf, _FONTS)) > 8_000:
        # What looks up the fonts takes quadratic time; without them the code page of the file counts.
        rtf = _without(rtf, _FONTS)
    # So does what looks for links; their words stand in the text in any case.
    rtf = rtf.replace("{\\field", "{\\fieldx")
    try:
        return str(rtf_to_text(rtf, errors="replace"))[:CHARACTERS]  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, LookupError, OverflowError):
        raise ValueError("a broken RTF file") from None


def _without(rtf: str, opening: re.Pattern[str]) -> str:
    """RTF without the groups that begin so."""
    kept, at = [], 0
    while found := opening.search(rtf, at):
        kept.append(rtf[at : found.start()])
        depth, at = 1, len(rtf)
        for brace in _BRACE.finditer(rtf, found.end()):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 0:
                at = brace.end()
                break
    return "".join([*kept, rtf[at:]])


def card_text(content: bytes) -> str:
    """A vCard's name, numbers, address and note as labelled lines; "" for the card of somebody at work."""
    return "\n".join(filter(None, (_card(card) for card in _cards(content))))


def _cards(content: bytes) -> Iterator[dict[str, list[str]]]:
    for card in re.split(rb"(?i)begin:vcard", content[:RTF_CHARACTERS])[1 : CARDS + 1]:
        # Long lines are folded as in no mail: the blank goes with the line end. Quoted-printable has its own.
        told: dict[str, list[str]] = {}
        for name, values in fields(re.sub(rb"=\r?\n|\r?\n[ \t]", b"", card)).items():
            label, _, parameters = name.partition(";")
            for value in values:
                if "quoted-printable" in parameters:
                    value = characters(binascii.a2b_qp(value.encode("utf-8", "surrogateescape")), "utf-8")
                told.setdefault(label.rpartition(".")[2], []).append(value)
        yield told


def _card(told: dict[str, list[str]]) -> str:
    if any("".join(told.get(label, ())).strip("; ") for label in ("org", "title", "role")):
        return ""
    surname, given, middle = ([*_split(told.get("n", [""])[0]), "", "", ""])[:3]
    name = _plain(told.get("fn", [""])[0]) or " ".join(filter(None, (given, middle, surname)))
    lines = [f"Naam: {name}"] if name else []
    lines += [f"Telefoon: {value.lower().removeprefix('tel:')}" for value in told.get("tel", ())]
    lines += ["Adres: " + ", ".join(filter(None, _split(value))) for value in told.get("adr", ())]
    return "\n".join([*lines, *map(_plain, told.get("note", ()))])


def _split(value: str) -> list[str]:
    return [_plain(part) for part in re.split(r"(?<!\\);", value)]


def _plain(value: str) -> str:
    return re.sub(r"\\([nN,;\\])", lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _bound(content: bytes) -> None:
    if len(content) > FILE_BYTES:
        raise ValueError("a file beyond what is read")
