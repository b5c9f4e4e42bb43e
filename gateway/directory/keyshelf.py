"""Public keys of organisations that are kept in the database, laid out as files for what reads keys.

It promises that a file is what its name says (the digest of its content is in it), that it appears whole, and
that one which is in use is never written over. There is nothing secret in it.
"""

import hashlib
from pathlib import Path

from gateway.directory.book import Book
from gateway.files import FileTooLargeError, read_limited, replace_public
from gateway.settings import Settings

ENDINGS = {"openpgp": ".asc", "smime": ".pem", "jwe": ".jwk"}


class KeyShelf:
    """The folder of these files, below `data_dir`."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data_dir.absolute() / "organisation-keys"
        self._lists = settings.key_path(Path("organisations")).absolute()

    def laid_out(self, book: Book) -> Book:
        """The book, in which every organisation whose key is in the database names the file of it."""
        named = []
        for entry in book.organisations:
            content = book.keys.get(entry.id)
            if content is not None:
                path = self.path(entry.id, entry.format, content)
                named.append(entry.model_copy(update={"key": path}))
        return book.with_(*named)

    def path(self, id_: str, format: str, content: bytes) -> Path:
        """The file with this content, written if it is not there."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        path = self._folder / f"{id_}-{digest}{ENDINGS[format]}"
        revoked = self._lists / f"{id_}.crl"
        if format == "smime" and not path.with_suffix(".crl").is_symlink():
            # Its authority's list of what was revoked is a file that comes anew again and again.
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.with_suffix(".crl").symlink_to(revoked)
        if not path.exists() or path.read_bytes() != content:
            replace_public(path, content)
        return path


def content_of(path: Path) -> bytes | None:
    """What stands in a public key file; None where there is none that can be read."""
    try:
        return read_limited(path)
    except (OSError, FileTooLargeError):
        return None


def taken_from_files(book: Book, settings: Settings) -> Book:
    """The book with the keys that its organisations have in files."""
    found = {entry.id: content_of(settings.key_path(entry.key)) for entry in book.organisations}
    return book.with_keys({id_: content for id_, content in found.items() if content is not None})
