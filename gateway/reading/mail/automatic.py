"""Mail that no person wrote: it gets no case and no answer.

The word of the standards first (RFC 3834, RFC 3464, RFC 8098, RFC 2919), then the headers that mail
programs add on their own, last the subject lines of programs that set no header at all. Mail from a
person must never end here, so a subject alone counts only where it begins as such programs write it.
"""

import re

from gateway.reading.mail.message import Message

_BULK = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
_LIST_HEADERS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "x-mlserver",
    "x-mailing-list",
    "feedback-id",
    "x-feedback-id",
)
_AUTOREPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-failed-recipients",
    "x-vacation",
)
# The last one stands in everything we send ourselves.
_LOOP_HEADERS = ("x-ms-exchange-inbox-rules-loop", "x-loop", "x-inbeeld-loop")
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|double-bounce|mail-daemon|bounces?)(?:[+=-][^@]*)?@")
_REPORT = re.compile(r"multipart/report\b")
_OUT_OF_OFFICE = re.compile(
    r"(?:re: ?|antw: ?|aw: ?)?(?:"
    r"automatisch(?:e)? (?:antwoord|beantwoording|reactie|bericht)|auto(?:matic)?[- ]?(?:reply"
    r"|response|antwoord)"
    r"|auto:|autoreply|afwezigheids(?:bericht|melding|assistent)|afwezig\b|out of (?:the )?office|ooo\b"
    r"|(?:ik ben )?(?:met|op) vakantie\b|buiten kantoor|niet aanwezig|abwesenheit|automatische antwort"
    r"|r[ée]ponse automatique|vacation (?:reply|notice)"
    r")",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"(?:(?:gelezen|read|ontvangen|delivered|bezorgd|geleverd|lu)\s?: |leesbevestiging|ontvangstbevestiging"
    r"|bevestiging (?:van )?ontvangst|not read: |niet gelezen: |(?:return|read) receipt|lesebestätigung"
    r"|(?:wij hebben )?uw (?:bericht|e-?mail|mail) (?:is )?ontvangen)",
    re.IGNORECASE,
)
_BOUNCE = re.compile(
    r"(?:undeliver(?:able|ed)|delivery (?:status notification|failure|has failed)"
    r"|mail delivery (?:failed|failure)"
    r"|returned mail|failure notice|onbestelbaar|niet (?:te bestellen|bezorgd)|bericht niet bezorgd"
    r"|mislukte bezorging|delayed mail|warning: (?:message|could not))",
    re.IGNORECASE,
)
_MEETING = re.compile(
    r"(?:geaccepteerd|accepted|geweigerd|declined|voorlopig|tentative|geannuleerd|cancell?ed|afgewezen"
    r"|uitnodiging|invitation): ",
    re.IGNORECASE,
)
_MACHINE_WROTE = re.compile(
    r"dit (?:is een|bericht is|e-?mail ?bericht is) automatisch (?:gegenereerd|verzonden|verstuurd"
    r"|aangemaakt|bericht)"
    r"|this is an automat(?:ed|ic(?:ally)?)|deze (?:e-?)?mail is automatisch (?:gegenereerd|verzonden"
    r"|verstuurd)",
    re.IGNORECASE,
)


def why_automatic(message: Message) -> str | None:
    """A closed code for why a machine must have sent it, None for a person's mail."""
    return _by_standard(message) or _by_header(message) or _by_subject(message)


def _by_standard(message: Message) -> str | None:
    submitted = message.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted and not submitted.startswith("no"):
        return "auto-submitted"
    if message.return_path == "":
        return "null-return-path"
    if _REPORT.match(message.content_type) or {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
    } & set(message.part_types):
        return "report"
    if "text/calendar" in message.part_types:
        return "calendar"
    if any(message.header(name) for name in _LIST_HEADERS):
        return "list"
    return None


def _by_header(message: Message) -> str | None:
    if message.header("precedence").strip().lower() in _BULK:
        return "precedence"
    if any(name in message.headers for name in _AUTOREPLY_HEADERS):
        return "autoreply-header"
    suppress = message.header("x-auto-response-suppress").strip().lower()
    if suppress in {"all"} and not message.header("x-ms-exchange-organization-authas"):
        # Outlook's own people set no such header; programs that answer set "All".
        return "auto-response-suppress"
    if any(message.header(name) for name in _LOOP_HEADERS):
        return "loop"
    if any(_DAEMON.match(address) for address in message.from_addresses):
        return "daemon"
    if (
        _DAEMON.match(message.return_path or "")
        and message.return_path
        and message.return_path.startswith("mailer")
    ):
        return "daemon"
    return None


def _by_subject(message: Message) -> str | None:
    subject = message.subject.strip()
    for pattern, code in (
        (_OUT_OF_OFFICE, "out-of-office"),
        (_RECEIPT, "receipt"),
        (_BOUNCE, "bounce"),
        (_MEETING, "calendar"),
    ):
        if pattern.match(subject):
            return code
    if any(_MACHINE_WROTE.search(text[:1000]) for text in message.texts[:2]):
        return "machine-wrote"
    return None
