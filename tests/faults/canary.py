"""Searches bytes for something that must not be there, in every form in which it could hide."""

import base64
import quopri
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote


def forms(text: str) -> set[bytes]:
    """A text as it looks in UTF-8, UTF-16, base64 at each of its three offsets, quoted-printable, URL, JSON
    and hexadecimal."""
    plain = text.encode()
    found = {
        plain,
        text.upper().encode(),
        text.lower().encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        quopri.encodestring(plain, quotetabs=True).rstrip(b"=\n"),
        quote(text).encode(),
        quote(text, safe="").replace("%20", "+").encode(),
        text.encode("unicode_escape"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }
    for content in (plain, text.encode("utf-16-le")):
        for offset in range(3):
            encoded = base64.b64encode(bytes(offset) + content)
            # The first and the last characters also hold bits of what stands beside the text.
            found.add(encoded[(0, 2, 3)[offset] :].rstrip(b"=")[:-1])
    return found


class Canaries:
    """Texts of which no trace may be found."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._forms = [(form, text) for text in texts for form in forms(text)]

    def in_bytes(self, content: bytes) -> set[str]:
        """Which of them stand in these bytes."""
        return {text for form, text in self._forms if form in content}

    def in_files(self, folders: Iterable[Path]) -> dict[str, set[str]]:
        """Which of them stand in which file below these folders; also in the names of the files."""
        found = {
            str(path): self.in_bytes(path.read_bytes()) | self.in_bytes(path.name.encode())
            for path in files(folders)
        }
        return {path: texts for path, texts in found.items() if texts}


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """Every ordinary file below these folders."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
