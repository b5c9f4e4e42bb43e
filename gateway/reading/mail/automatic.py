"""Signs that a machine wrote a mail, and how far they go.

A sign alone decides nothing: practices send referrals through services that add list headers, from systems
that say "automatically generated", under subjects that begin as an absence note does. So `ignores` weighs
the sign against what was read: only a report by its structure, or a header's word that the text bears out,
goes without a look. Pure; the signs are closed codes, for counting.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from gateway.reading.mail.header import parameters
from gateway.reading.mail.message import Message
from gateway.reading.mail.mime import Part
from gateway.reading.mail.thread import passages


class Sign(StrEnum):
    """Why a mail looks like a machine's."""

    NULL_RETURN_PATH = "null-return-path"
    AUTO_SUBMITTED = "auto-submitted"
    REPORT = "report"
    DAEMON = "daemon"
    LOOP = "loop"
    AUTOREPLY = "autoreply-header"
    CALENDAR = "calendar"
    OUT_OF_OFFICE = "out-of-office"
    RECEIPT = "receipt"
    BOUNCE = "bounce"
    GENERATED = "generated"
    LIST = "list"


class Certainty(IntEnum):
    """How far a sign goes."""

    HINT = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Automatic:
    """A mail that looks like a machine's."""

    sign: Sign
    certainty: Certainty
    about_mail: bool = False
    """It speaks of absence, receipt or delivery: as an answer in a thread it says nothing of the patient."""

    def ignores(self, *, named: bool, numbered: bool) -> bool:
        """Whether it is no referral, given whether a patient's name and number were found in it.

        Where it only hints at a machine, one of the two is enough for a mail that must be asked about.
        """
        if self.certainty is Certainty.HINT:
            return not (named or numbered)
        return self.certainty is Certainty.SURE or not (named and numbered)


_REPORTS = frozenset(
    {"message/delivery-status", "message/disposition-notification", "message/feedback-report"}
)
_BULK = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
_LIST_HEADERS = ("list-id", "list-post", "list-help", "list-unsubscribe")
_LIST_SERVERS = ("x-mailing-list", "x-mlserver")
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-failed-recipients",
    "x-vacation",
)
_OUR_LOOP = "x-inbeeld-loop"
"""Stands in everything we send ourselves."""

_NO = frozenset({"", "no", "none", "false", "0", "off"})
_DAEMON = re.compile(
    r"(?:mailer-daemon|postmaster|double-bounce|mail-daemon)(?:[+=-][^@]*)?(?:@|$)", re.IGNORECASE
)
_SUBJECTS = (
    (
        Sign.OUT_OF_OFFICE,
        re.compile(
            r"(?:re: ?|antw: ?|aw: ?)?(?:automatisch(?:e)? (?:antwoord|beantwoording|reactie|bericht)\b"
            r"|auto(?:matic)?[- ]?(?:reply|response|antwoord)\b|auto: |autoreply"
            r"|afwezigheids(?:bericht|melding|assistent)|afwezig\b|out of (?:the )?office|ooo\b"
            r"|(?:ik ben )?(?:met|op) vakantie\b|buiten kantoor|niet aanwezig|abwesenheit"
            r"|automatische antwort|r[ée]ponse automatique|absence du bureau|vacation (?:reply|notice))",
            re.IGNORECASE,
        ),
    ),
    (
        Sign.RECEIPT,
        re.compile(
            r"(?:(?:gelezen|read|ontvangen|delivered|bezorgd|geleverd|lu)\s?: |leesbevestiging"
            r"|ontvangstbevestiging|bevestiging (?:van )?ontvangst|(?:not read|niet gelezen): "
            r"|(?:return|read) receipt|lesebestätigung|(?:wij hebben )?(?:uw|je) "
            r"(?:bericht|e-?mail|mail|melding|aanvraag|verzoek) (?:is )?(?:ontvangen|geregistreerd)"
            r"|.{0,80}\[?(?:ticket|zaak|case|melding)\s?(?:nummer|nr|number)?\.?\s?[#:]\s?\d{3})",
            re.IGNORECASE,
        ),
    ),
    (
        Sign.BOUNCE,
        re.compile(
            r"(?:undeliver(?:able|ed)|delivery (?:status notification|failure|has failed)|returned mail"
            r"|mail delivery (?:failed|failure)|failure notice|onbestelbaar|niet te be(?:stellen|zorgen)"
            r"|(?:bericht )?niet bezorgd|mislukte bezorging|delayed mail|warning: (?:message|could not)"
            r"|unzustellbar)",
            re.IGNORECASE,
        ),
    ),
    (
        Sign.CALENDAR,
        re.compile(
            r"(?:geaccepteerd|accepted|geweigerd|declined|voorlopig|tentative|geannuleerd|cancell?ed"
            r"|afgewezen|uitnodiging|invitation): ",
            re.IGNORECASE,
        ),
    ),
)
_MACHINE_SUBJECT = re.compile(
    r"\s*(?:automatisch(?:e)? (?:antwoord|beantwoording|reactie)|auto(?:matic)?[- ]?(?:reply|response)"
    r"|afwezigheids(?:bericht|melding|assistent)|(?:ik ben )?(?:afwezig|niet aanwezig)|out of (?:the )?office"
    r"|automatische antwort|abwesenheits(?:notiz|nachricht)|r[ée]ponse automatique)\s?(?::|(?:re|antw): ?|$)",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"(?:dit (?:is een|bericht is|e-?mail ?bericht is)|deze (?:e-?)?mail is) automatisch (?:gegenereerd"
    r"|verzonden|verstuurd|aangemaakt|bericht)|this is an automat(?:ed|ic(?:ally)?)"
    r"|this (?:message|e-?mail) (?:was|is) (?:sent )?automatically",
    re.IGNORECASE,
)
_ABOUT_MAIL = re.compile(
    # Absence.
    r"\b(?:ik|wij|we) (?:ben|zijn) (?:\w+ ){0,4}(?:afwezig|niet aanwezig|met vakantie|op vakantie|vrij\b"
    r"|buiten kantoor|niet bereikbaar)|\b(?:afwezig|met vakantie|gesloten) (?:van|tot|t/m|vanaf)\b"
    r"|praktijk is (?:\w+ ){0,3}gesloten|mail wordt (?:\w+ ){0,3}niet gelezen|weer (?:aanwezig|bereikbaar)"
    r"|out of (?:the )?office|\b(?:i am|i'm|we are) (?:\w+ ){0,3}(?:away|on leave|travell?ing|on vacation)"
    r"|be travell?ing|on (?:annual|parental|sick) leave|(?:limited|intermittent|no) access to (?:my )?e-?mail"
    r"|respond (?:\w+ ){0,6}(?:my|upon) return|nicht im (?:büro|hause)|bin (?:\w+ ){0,4}abwesend"
    r"|absent\(?e?\)? du bureau"
    # Receipt.
    r"|\b(?:uw|je|jouw|your) (?:e-?mail|mail|bericht|melding|aanvraag|vraag|message|request|ticket)"
    r"(?: #?\w+){0,3} (?:is|werd|wordt|has been|was)(?: \w+){0,3} (?:ontvangen|geregistreerd|gelezen|geopend"
    r"|doorgestuurd|received|registered|read|opened|logged)"
    r"|hebben (?:uw|je) (?:\S+ ){1,5}ontvangen|have received your"
    # Delivery.
    r"|(?:could not|cannot|can't|couldn't|unable to|wasn't able to) (?:be )?deliver"
    r"|(?:niet|kon|kan|kunnen|konden)(?: \w+){0,3} (?:af|be)(?:ge)?(?:leverd|zorgd)\w*|niet bezorgd"
    r"|delivery (?:\w+ ){0,3}(?:failed|delayed)|undeliverable|nicht zugestellt"
    # A list of mails, as of a quarantine.
    r"|^[^\n]{0,40}\b(?:van|afzender|from|sender|von)\b[^\n]{0,40}\b(?:onderwerp|subject|betreff)\b[^\n:]*$",
    re.IGNORECASE | re.MULTILINE,
)


def automatic(message: Message) -> Automatic | None:
    """What tells that a machine wrote it, None where nothing does. Also for the headers alone."""
    if sign := _structure(message):
        return Automatic(sign, Certainty.SURE, about_mail=True)
    header = _header(message)
    sign = header or _look(message)
    if sign is None:
        return None
    said = _ABOUT_MAIL.search(_own_beginning(message)) is not None
    # No person begins a subject so: an answer to such a mail has "Re:" before it.
    machine_subject = _MACHINE_SUBJECT.match(message.subject) is not None
    about_mail = said or machine_subject
    if said and (header or machine_subject):
        return Automatic(sign, Certainty.SURE, about_mail)
    likely = header or about_mail or (sign is Sign.LIST and _lists(message) >= 2)
    return Automatic(sign, Certainty.LIKELY if likely else Certainty.HINT, about_mail)


def why_automatic(message: Message) -> Sign | None:
    """The sign by which a machine surely wrote it, so that its text needs no look; None for other mail."""
    found = automatic(message)
    return found.sign if found and found.certainty is Certainty.SURE else None


def is_daemon(message: Message) -> bool:
    """Whether a mail server itself wrote it, by the address. Some of them write no whole one."""
    written = message.from_addresses or (message.header("from").strip("<> "),)
    return any(map(_DAEMON.match, written))


def is_bulk(message: Message) -> bool:
    """Whether headers ask that nobody answers it by itself: they hold an answer of ours back, no referral."""
    suppressed = {word.strip() for word in message.header("x-auto-response-suppress").lower().split(",")}
    return (
        _submitted(message) not in _NO
        or bool({"all", "autoreply"} & suppressed)
        or message.header("precedence").strip().lower() in _BULK
        or any(message.header(name) for name in ("list-id", "list-post", _OUR_LOOP))
        or any(message.header(name).strip().lower() not in _NO for name in _AUTOREPLY_HEADERS)
    )


def _submitted(message: Message) -> str:
    return message.header("auto-submitted").partition(";")[0].strip().lower()


def _structure(message: Message) -> Sign | None:
    """What only machines write, by the standards (RFC 3834, 3464, 8098, 5965) or by sender."""
    if message.return_path == "":
        return Sign.NULL_RETURN_PATH
    if _submitted(message) == "auto-replied":
        return Sign.AUTO_SUBMITTED
    # The report must be the mail itself: one may also be forwarded with a referral.
    if message.content_type == "multipart/report" or _REPORTS & set(message.part_types[:4]):
        return Sign.REPORT
    if is_daemon(message):
        return Sign.DAEMON
    if message.header(_OUR_LOOP):
        return Sign.LOOP
    return None


def _header(message: Message) -> Sign | None:
    if _submitted(message) not in _NO:
        return Sign.AUTO_SUBMITTED
    if any(message.header(name).strip().lower() not in _NO for name in _AUTOREPLY_HEADERS):
        return Sign.AUTOREPLY
    if message.header("x-auto-response-suppress").strip().lower() == "all":
        return Sign.AUTOREPLY
    return None


def _lists(message: Message) -> int:
    """How many headers of mailing lists it has; services that send single mails add one of them."""
    if any(message.header(name) for name in _LIST_SERVERS):
        return 2
    bulk = message.header("precedence").strip().lower() in _BULK
    return bulk + sum(bool(message.header(name)) for name in _LIST_HEADERS)


def _look(message: Message) -> Sign | None:
    if _is_meeting(message):
        return Sign.CALENDAR
    for sign, pattern in _SUBJECTS:
        if pattern.match(message.subject.strip()):
            return sign
    if _lists(message):
        return Sign.LIST
    if any(_GENERATED.search(text[:4000]) for text in message.texts[:2]):
        return Sign.GENERATED
    return None


def _is_meeting(message: Message) -> bool:
    """Whether a calendar entry is the mail itself and no file beside it."""
    if message.part is None:
        return message.content_type == "text/calendar"
    return bool(_meetings(message))


def answers_invitation(message: Message) -> bool:
    """Whether it says yes or no to an invitation (RFC 5546, 3.2.3): its subject is what the inviter wrote."""
    return any(
        parameters(part.header("content-type")).get("method", "").lower() == "reply"
        for part in _meetings(message)
    )


def _meetings(message: Message) -> list[Part]:
    parts = message.part.walk() if message.part else ()
    return [p for p in parts if p.content_type == "text/calendar" and p.disposition != "attachment"]


def _own_beginning(message: Message) -> str:
    """The first lines that the sender wrote: what a mail is about stands there."""
    lines = [line for text in message.texts[:2] for part in passages(text) if part.own for line in part.lines]
    return "\n".join(lines)[:2_000]
