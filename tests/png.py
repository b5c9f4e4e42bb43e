"""PNG files of a browser, changed without a library for pictures."""

import struct
import zlib


def first_rows(png: bytes, rows: int) -> bytes:
    """The top of a PNG of a browser (8 bits a colour, not interlaced), compressed as well as it can be."""
    at, chunks = 8, []
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + size]))
        at += size + 12
    width, height, *rest = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    pixels = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    # A row is coded by the rows before it only, so that those below can be left out.
    kept = min(rows, height)
    body = zlib.compress(pixels[: len(pixels) // height * kept], 9)
    head = struct.pack(">IIBBBBB", width, kept, *rest)
    made = png[:8]
    for kind, content in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b"")):
        made += (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )
    return made
