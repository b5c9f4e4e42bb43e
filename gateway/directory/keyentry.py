"""An organisation's key, pasted or chosen on a page, with the fingerprint that was read out by telephone.

It promises that the page never tells the fingerprint of what was pasted, so that nobody types it over: what
is typed comes from the organisation's own screen, twice, and must be that of the key.
"""

import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from gateway.directory.keyshelf import ENDINGS
from gateway.errors import KeyUnusable
from gateway.sealing.keyfacts import plain
from gateway.sealing.keyring import Format, admit
from gateway.settings.sections import COLLECTED

KEY, TYPED, AGAIN, FORMAT = "sleutel", "vingerafdruk", "nogmaals", "soort"
MISSING = "Plak de openbare sleutel van de organisatie, of kies het bestand."
DIFFERENT = "U typte twee verschillende vingerafdrukken. Bel opnieuw en laat hem voorlezen."
NOT_THIS = "Dit is niet de vingerafdruk van deze sleutel. Gebruik de sleutel niet; bel de organisatie."
UNTYPED = "Typ de vingerafdruk die de organisatie u door de telefoon voorleest."
UNUSABLE = "Deze sleutel is niet te gebruiken: %(why)s"
UNKNOWN = "Kies de soort sleutel."


class KeyEntry:
    """Takes keys. `why(code)` says in words why one can't be used."""

    def __init__(
        self,
        *,
        gpg_home: Path,
        now: Callable[[], datetime],
        why: Callable[[str], str],
        say: Callable[..., str],
    ) -> None:
        self._gpg_home, self._now, self._why, self._say = gpg_home, now, why, say

    def taken(
        self, given: Mapping[str, str], values: dict[str, Any], *, new: bool
    ) -> tuple[bytes | None, dict[str, str]]:
        """The content of a key that a form gives, and what is wrong; `values` get what belongs to it."""
        text = given.get(KEY, "").replace("\r\n", "\n").strip()
        if not text and new and values.get("adapter") in COLLECTED:
            # They make it in the browser; `OrganisationEntry` says what holds until then.
            return None, {}
        if not text:
            return None, {KEY: MISSING} if new else {}
        format = given.get(FORMAT, "")
        if format not in get_args(Format):
            return None, {FORMAT: UNKNOWN}
        content = text.encode() + b"\n"
        typed, again = plain(given.get(TYPED, "")), plain(given.get(AGAIN, ""))
        if not typed:
            return None, {TYPED: UNTYPED}
        if typed != again:
            return None, {AGAIN: DIFFERENT}
        try:
            fingerprint = self._fingerprint(format, content)
        except KeyUnusable as error:
            return None, {KEY: self._say(UNUSABLE, why=self._why(error.code))}
        if plain(fingerprint) != typed:
            return None, {TYPED: NOT_THIS}
        name = values.get("id") or "x"
        values |= {
            "format": format,
            "fingerprint": fingerprint,
            "key": f"organisations/{name}{ENDINGS[format]}",
        }
        return content, {}

    def _fingerprint(self, format: str, content: bytes) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"key{ENDINGS[format]}")
            file.write_bytes(content)
            return admit(format, file, self._now(), gpg_home_root=self._gpg_home).fingerprint  # type: ignore[arg-type]


def sentences() -> tuple[str, ...]:
    """Everything that is said here."""
    return (MISSING, DIFFERENT, NOT_THIS, UNTYPED, UNUSABLE, UNKNOWN)
