"""What in a mail could not be opened, so that its sender is told that and not asked for what it holds.

Recognised by what it is: an encrypted message by its type or armour, a portal's notice by what such notices
say (a protected message waits behind a link) and not by its brand. It is for a mail in which no referral was
read: one with a referral and a portal's footer is a referral. Pure; the codes are closed.
"""

import re
from enum import StrEnum

from gateway.reading.mail.mime import Part
from gateway.reading.mail.signed import is_pkcs7
from gateway.reading.mail.unpacked import is_winmail

NOTICE = 1_500
"""A portal says what it is about in its first lines; footers stand below."""


class Unopened(StrEnum):
    """Why what a mail holds can't be read."""

    RPMSG = "rpmsg"
    SMIME_OTHER_KEY = "smime_other_key"
    PGP_OTHER_KEY = "pgp_other_key"
    PASSWORD = "password"  # noqa: S105 (no secret, a code)
    PORTAL = "portal"
    TNEF = "tnef"
    SCAN = "scan"
    ATTACHMENT_KIND = "attachment_kind"


FILES_ALONE = frozenset({Unopened.SCAN, Unopened.ATTACHMENT_KIND})
"""They may stand beside any mail: one in which somebody is named is asked about as every other."""

_SAFE = (
    r"(?:(?:zeer )?(?:beveiligd|versleuteld|vertrouwelijk|veilig|beschermd|afgeschermd|secure|encrypted"
    r"|confidential|protected|sicher|verschlüsselt|vertraulich|sécuris|chiffr|confidentiel)\w{0,4})"
)
_THING = (
    r"(?:e-?mail\w*|mail\w*|bericht\w*|bestand\w*|bijlage\w*|document\w*|messages?|attachments?|files?|transfer|overdracht|nachricht\w*"
    r"|dateien?|fichiers?|dossier)"
)
_WAITS = (
    r"(?:hebt|heeft|heb|ontvangen|ontving|staat|staan|stuurde|gestuurd|verzonden|klaar|wacht\w*|voor u"
    r"|voor je|received|sent|waiting|for you|from|erhalten|gesendet|liegt|reçu|envoyé\w*|attend)"
)
_OPEN = (
    r"(?:lees|lezen|open|openen|bekijk|bekijken|ophalen|haal|download\w*|inloggen|log ?in|aanmelden|klik\w*"
    r"|read|view|click|access|retrieve|öffnen|lesen|abrufen|lire|ouvrir|consulter)"
)
_CODE = (
    r"(?:toegangscode|sms-?code|pincode|verificatiecode|wachtwoord|eenmalige code|password|passcode|one-time"
    r"|passwort|mot de passe)"
)
_GAP = r"[^\w.!?]+"
_PROTECTED_WAITS = re.compile(
    rf"\b{_WAITS}{_GAP}(?:\w+{_GAP}){{0,14}}(?:{_SAFE}{_GAP}(?:\w+{_GAP}){{0,2}}{_THING}"
    rf"|{_THING}{_GAP}(?:\w+{_GAP}){{0,4}}{_SAFE})\b"
    rf"|\b{_SAFE}{_GAP}(?:\w+{_GAP}){{0,2}}{_THING}{_GAP}(?:\w+{_GAP}){{0,12}}(?:{_WAITS}|van)\b"
    rf"|\b{_THING}{_GAP}(?:\w+{_GAP}){{0,12}}{_SAFE}{_GAP}(?:\w+{_GAP}){{0,6}}{_WAITS}\b",
    re.IGNORECASE,
)
_THING_WAITS = re.compile(rf"\b{_WAITS}{_GAP}(?:\w+{_GAP}){{0,12}}{_THING}\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]*[.!?]?")
# "Dit bericht is vertrouwelijk en alleen bestemd voor u": what stands below any mail.
_DISCLAIMS = re.compile(
    r"\b(?:bestemd|onrechte|abusievelijk|vergissing|geadresseerde|in error|by mistake|intended"
    r"|addressee|irrtümlich|par erreur)\b",
    re.IGNORECASE,
)
_TO_OPEN = re.compile(rf"\b{_OPEN}\b", re.IGNORECASE)
_WITH_CODE = re.compile(rf"\b{_CODE}\b", re.IGNORECASE)
_LINK = re.compile(rb"https?://|<form\b", re.IGNORECASE)
_ARMOUR = b"-----BEGIN PGP MESSAGE-----"


def is_portal(text: str, parts: list[Part]) -> bool:
    """Whether a mail only says that a message waits elsewhere. `text` is its subject and own words."""
    linked = any(
        part.content_type.startswith("text/") and _LINK.search(part.content(64 * 1024))
        for part in parts
        if not part.children
    )
    if not linked:
        return False
    sentences = _SENTENCE.findall(" ".join(text[:NOTICE].split()))
    beginning = "".join(each for each in sentences if not _DISCLAIMS.search(each))
    if not _TO_OPEN.search(beginning):
        return False
    if _PROTECTED_WAITS.search(beginning):
        return True
    return bool(_THING_WAITS.search(beginning) and _WITH_CODE.search(beginning))


def encrypted(part: Part) -> Unopened | None:
    """Whether a part is encrypted, and in which way: it is for another key if it gets here."""
    kind, name = part.content_type, part.file_name.lower()
    if kind == "application/x-microsoft-rpmsg-message" or name.endswith(".rpmsg"):
        return Unopened.RPMSG
    if is_pkcs7(part) and not part.children:
        # A signature that could not be taken off is no more readable.
        return Unopened.SMIME_OTHER_KEY
    if kind in {"multipart/encrypted", "application/pgp-encrypted"} or name.endswith((".pgp", ".gpg")):
        return Unopened.PGP_OTHER_KEY
    if not part.children and _ARMOUR in part.content(4096):
        return Unopened.PGP_OTHER_KEY
    if is_winmail(part) and not part.children:
        return Unopened.TNEF
    return None
