"""Files as programs write them, made here: PDF, Word, OpenDocument, winmail.dat, and mails that hold them."""

import io
import struct
import zipfile
import zlib

LINES = ("Naam: Iris Blök", "Telefoon: 06-23456781", "Wijk: Filmwijk")


def pdf(*lines: str, packed: bool = False, raw: bytes | None = None) -> bytes:
    """A PDF of one page with a text layer, or with any content stream."""
    shown = b" ".join(b"(%s) Tj T*" % line.encode("cp1252") for line in lines)
    stream = b"BT /F1 12 Tf 50 800 Td 14 TL " + shown + b" ET" if raw is None else raw
    stream = zlib.compress(stream) if packed else stream
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< %s/Length %d >>\nstream\n%s\nendstream"
        % (b"/Filter /FlateDecode " if packed else b"", len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(out),
        )
    )


def zipped(**parts: bytes) -> bytes:
    """A packed file; in the names, `__` stands for "/" and the last `_` for the dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            folder, _, file = name.rpartition("__")
            packed.writestr(f"{folder}/{file}".lstrip("/").replace("_xml", ".xml"), content)
    return out.getvalue()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"


def docx() -> bytes:
    """A letter with a table, a text that was deleted, and a name that is cut into runs."""
    body = (
        "<w:p><w:r><w:t>Naam: Iris </w:t></w:r><w:r><w:t>Blök</w:t></w:r></w:p>"
        "<w:p><w:del><w:r><w:delText>Tel: 06-99999999</w:delText></w:r></w:del></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Telefoon</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>06-23456781</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>Wijk:</w:t><w:tab/><w:t>Filmwijk</w:t></w:r></w:p>"
    )
    xml = f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    return zipped(word__document_xml=xml.encode())


def odt() -> bytes:
    """The same as an OpenDocument text."""
    body = (
        "<t:p>Naam: <t:span>Iris</t:span> Blök</t:p><b:table><b:table-row><b:table-cell><t:p>Telefoon</t:p>"
        "</b:table-cell><b:table-cell><t:p>06-23456781</t:p></b:table-cell></b:table-row></b:table>"
        "<t:p>Wijk:<t:tab/>Filmwijk</t:p>"
    )
    return zipped(content_xml=f'<a xmlns:t="{_TEXT}" xmlns:b="{_TABLE}">{body}</a>'.encode())


RTF = (
    b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fnil\\fcharset0 Calibri;}}\\pard\\f0 "
    b"Naam: Iris Bl\\'f6k\\par {\\pict\\wmetafile8 0102}Telefoon: 06-23456781\\par Wijk: Filmwijk\\par}"
)
CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Blök;Iris;;;\r\nFN:Iris Blök\r\nTEL;TYPE=CELL:06-234\r\n 56781\r\n"
    "ADR;TYPE=HOME:;;Straat 1;Almere;;1325 AB;NL\r\nNOTE:Wijk: Filmwijk\r\nEND:VCARD\r\n"
).encode()


def _object(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _property(kind: int, name: int, value: bytes) -> bytes:
    head = struct.pack("<HH", kind, name)
    if kind not in {0x1F, 0x102}:
        return head + value
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def _properties(*written: bytes) -> bytes:
    return struct.pack("<I", len(written)) + b"".join(written)


def lzfu(rtf: bytes) -> bytes:
    """Compressed RTF that never points back."""
    out = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    return struct.pack("<II4sI", len(out) + 12, len(rtf), b"LZFu", 0) + out


def winmail_dat(*, html: bytes = b"", plain: str = "", rtf: bytes = b"", file: bytes = b"") -> bytes:
    """A winmail.dat with the texts given and one attachment."""
    told = [_property(0x03, 0x3FDE, struct.pack("<I", 65001)), _property(0x40, 0x0039, b"\0" * 8)]
    told += [_property(0x102, 0x1013, html)] if html else []
    told += [_property(0x1F, 0x1000, plain.encode("utf-16-le") + b"\0\0")] if plain else []
    told += [_property(0x102, 0x1009, lzfu(rtf))] if rtf else []
    name = _properties(_property(0x1F, 0x3707, "brief van de praktijk.pdf\0".encode("utf-16-le")))
    files = [(0x9002, b"\0" * 14), (0x8010, b"brief.pdf\0"), (0x800F, file), (0x9005, name)] if file else []
    objects = [_object(1, 0x9003, _properties(*told)), *(_object(2, name, data) for name, data in files)]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(objects)


def mail(body: str, *files: tuple[str, str, bytes], subject: str = "Aanmelding", rich: str = "") -> bytes:
    """A mail of a practice with a text, perhaps one in HTML, and files of a type and a name."""
    head = (
        f"From: Praktijk <balie@praktijk.example>\r\nTo: aanmelding@handover.example\r\n"
        f"Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    )
    parts = [
        f"Content-Type: text/{'html' if rich else 'plain'}; charset=utf-8\r\n\r\n{rich or body}".encode()
    ]
    for kind, name, content in files:
        shown = f'Content-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
        parts.append(shown.encode() + content)
    return head.encode() + b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


GENERAL = "application/octet-stream"
FILES_BY_KIND = {
    "pdf": ("application/pdf", "brief.pdf", pdf(*LINES)),
    "pdf-packed": (GENERAL, "x", pdf(*LINES, packed=True)),
    "docx": (GENERAL, "brief.docx", docx()),
    "odt": ("application/vnd.oasis.opendocument.text", "brief.odt", odt()),
    "rtf": ("application/rtf", "brief.doc", RTF),
    "vcard": ("text/vcard", "iris.vcf", CARD),
    "text": (GENERAL, "brief.txt", "\n".join(LINES).encode()),
    "plain": ("text/plain; charset=utf-8", "brief.txt", "\n".join(LINES).encode()),
    "html": ("text/html; charset=utf-8", "brief.html", "<br>".join(LINES).encode()),
    "html-general": (GENERAL, "brief.htm", "<br>".join(LINES).encode()),
    "eml": (GENERAL, "fw.eml", b"Subject: x\r\n\r\n" + "\n".join(LINES).encode()),
    "winmail-html": ("application/ms-tnef", "winmail.dat", winmail_dat(html="<br>".join(LINES).encode())),
    "winmail-plain": (GENERAL, "winmail.dat", winmail_dat(plain="\n".join(LINES))),
    "winmail-rtf": ("application/ms-tnef", "winmail.dat", winmail_dat(rtf=RTF)),
    "winmail-file": ("application/ms-tnef", "winmail.dat", winmail_dat(plain="Zie brief", file=pdf(*LINES))),
}
