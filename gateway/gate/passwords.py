"""Passwords of practices (SMTP AUTH) and of people who log in: chosen, and kept as Argon2id (RFC 9106).

It promises that a wrong password, an unknown login and a damaged hash all give the same answer in about the
same time, and that checking costs a bounded 19 MiB, so that guessing can't exhaust the machine. Whoever
chooses one (NIST SP 800-63B) is asked for no kinds of character: it is long, and refused if zxcvbn expects it
to be guessed within `GUESSES` tries, by somebody who knows the login, the name and what Dutch care workers
think of first; they are told which of these it is.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_MAX_PASSWORD = 1_000


@cache
def _hasher(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """What the password of an unknown login is compared with."""
    return hasher.hash("")


class Passwords:
    """Hashes and checks. The costs default to OWASP's minimum for Argon2id: 19 MiB, two passes, one lane."""

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2) -> None:
        self._hasher = _hasher(memory_kib, passes)
        self._nobody = _nobodys(self._hasher)

    def hash(self, password: str) -> str:
        """The hash to keep, with its salt and costs; ValueError for a password that is empty or too long."""
        if not 0 < len(password) <= _MAX_PASSWORD:
            raise ValueError(f"a password has 1 to {_MAX_PASSWORD} characters")
        return self._hasher.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one; `kept` is None for an unknown login, which takes as long."""
        if len(password) > _MAX_PASSWORD:
            return False
        try:
            right = self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        return right and bool(kept)


SHORTEST = 12
LONGEST = 200
LONGEST_LOGIN = 254
LONGEST_NAME = 100

_GUESSES = """
wachtwoord wachtwoordwachtwoord welkom welkomwelkom geheim geheimgeheim inloggen toegang hallo
hallohallo password passwordpassword passw pass admin administrator beheerder beheer gebruiker user
login letmein welcome inbeeld inbeeldinbeeld inbeeldgateway huisarts huisartsenpraktijk
huisartsenpost gezondheid gezondheidscentrum zorggroep schuldhulp schuldhulpverlening welzijn
wijkteam buurtteam gemeente almere amsterdam rotterdam utrecht denhaag eindhoven maastricht
nederland holland januari februari maart april mei juni juli augustus september oktober november
december lente zomer herfst winter maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
feyenoord ajax psv voetbal qwerty qwertyuiop qwertyui qwertyqwerty asdfghjkl azerty azertyuiop
zxcvbnm qazwsxedc iloveyou ikhouvanjou ikhouvanje liefde prinses monkey dragon sunshine computer
internet test testtest testen temp tijdelijk changeme verander default secret superman batman
pokemon football baseball abcdefghijkl
"""
_FIRST_GUESSES = tuple(re.findall(r"\w+", _GUESSES))
"""Words beside those that zxcvbn knows, the likeliest first."""

GUESSES = 10**10
_LOOKED_AT = 72
"""So many characters are judged: that takes tens of milliseconds, and more only make it harder."""

_STANDS_FOR = str.maketrans("013457@$", "oieastas")


_LOGIN = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}")


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    LOGIN = "login"
    COMMON = "common"


def login_of(text: str) -> str | None:
    """The login somebody wrote: a mail address in small letters, or None."""
    found = text.strip()
    # Some signs have a small letter that is another's: the sign for kelvin would become a plain k.
    small = found.lower() if found.isascii() else ""
    return small if len(small) <= LONGEST_LOGIN and _LOGIN.fullmatch(small) else None


def name_of(text: str) -> str | None:
    """The name of a person, in one line, or None."""
    found = " ".join(text.split())
    return found if 0 < len(found) <= LONGEST_NAME and found.isprintable() else None


def weakness(password: str, *, login: str, name: str) -> Weakness | None:
    """Why this password is refused for somebody with this login and name, or None."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    plain = unicodedata.normalize("NFKC", password).casefold()
    letters = _letters(plain)
    own = {_letters(part) for part in (login, login.partition("@")[0], name)} - {""}
    if plain == login or letters in own:
        return Weakness.LOGIN
    # Its lists of words take twelve megabytes, and most processes let nobody choose.
    from zxcvbn import zxcvbn

    known = (*own, *re.findall(r"\w+", f"{login} {name}".casefold()), *_FIRST_GUESSES)
    judged = zxcvbn(plain[:_LOOKED_AT], user_inputs=known)
    return Weakness.COMMON if judged["guesses"] < GUESSES else None


def _letters(text: str) -> str:
    """Only the letters, with the digits and signs that stand for one read as it."""
    # At either end they are decoration, whatever they look like.
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text.casefold())
    return re.sub(r"[\W\d_]", "", stripped.translate(_STANDS_FOR))
