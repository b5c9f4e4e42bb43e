"""What a mail server says of a mail of ours that it could not deliver, in whatever shape it says so.

The standard shape first (RFC 3464: one state a recipient), then the sentences of servers that write text.
The returned headers, the returned mail and the text are searched for our own marks, also in parts that are
encoded. It promises that a failure is found only by its own words or codes: a report of delay or of success
is none, and without a mark of ours nothing is said of any mail. What came back without a word that is known
is told to be just that, so that a person looks; only an answering machine that speaks of nothing is passed
over.
"""

import re
from collections.abc import Iterator

from gateway.reading.letters.record import Bounce, BounceKind, BounceReason
from gateway.reading.mail.automatic import Sign, automatic, is_daemon
from gateway.reading.mail.header import characters
from gateway.reading.mail.message import parse_head
from gateway.reading.mail.mime import Part, tree

SEARCHED = 256 * 1024
"""How many bytes of a part are searched: the returned headers stand well within them."""

PARTS = 40
MOST = 20

_ACTION = re.compile(r"^action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^status:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_CODE = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.:/-])(5[05]\d)[ -](?=[A-Za-z#<\[(5])")
_FAILED = re.compile(
    r"could ?n[o']t be delivered|(?:not|cannot|can't|could not) be delivered|delivery (?:has )?failed"
    r"|failed permanently"
    r"|permanent (?:fatal )?(?:error|failure)|undeliver|returned to sender|unrouteable|user unknown"
    r"|unknown user"
    r"|did not reach|not recogni[sz]ed|unknown recipient|no such (?:user|address|recipient|mailbox)"
    r"|(?:address|recipient|mailbox) (?:was )?(?:not found"
    r"|rejected|unavailable)"
    r"|(?:message|was|has) (?:was )?(?:not (?:been )?delivered|rejected|refused)"
    r"|wasn.t able to deliver|unable to deliver|giving up"
    r"|i'm sorry to have to inform you|this is a permanent error|does(?: not|n't) (?:exist|like)"
    r"|address(?:es)? failed"
    r"|mailbox (?:is )?full|over quota|couldn't be found|fatal errors"
    r"|niet (?:worden )?(?:bezorgd|afgeleverd|besteld)|onbestelbaar|kan(?:[a-z]"
    r"| ){0,40}niet (?:worden )?(?:bezorg|aflever)"
    r"|bezorg\w+ (?:is )?mislukt|(?:bestaat|bestaan) niet|niet gevonden|is niet bezorgd|postvak (?:is )?vol"
    r"|geweigerd|niet bereikt|konnte nicht|nicht zugestellt|unzustellbar|n'a pas pu|non remis",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"delayed|still (?:trying|being retried)|will (?:keep trying|continue to try|be retried|retry)"
    r"|not yet been delivered"
    r"|warning message only|do not need to (?:do anything|resend)|temporar(?:y|ily)|vertraagd"
    r"|nog niet (?:bezorgd|afgeleverd)"
    r"|opnieuw (?:geprobeerd|proberen)|wordt later|no action is required on your part",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"bestaat niet|(?:does not|doesn't) exist|no longer (?:exists?|valid|(?:in|being) use|works?|employed)"
    r"|(?:werkt|werkzaam|actief|in gebruik|in dienst)\b.{0,40} niet meer|niet (?:meer|langer) (?:werkzaam"
    r"|actief|in gebruik"
    r"|in dienst|gelezen)|uit dienst|has left|niet (?:worden )?(?:bezorgd|afgeleverd)|not (?:be )?delivered",
    re.IGNORECASE,
)
"""What an answering machine says where nobody will ever read the mail."""
_GAVE_UP = re.compile(
    r"(?:will|wordt|worden) (?:not|niet) (?:be |meer |opnieuw )*(?:retried|tried|geprobeerd|aangeboden)"
    r"|has (?:now )?expired|(?:have|has|i've) given up|\bgave up\b|\bdefinitief\b",
    re.IGNORECASE,
)
"""What comes after a delay, and ends it."""
_DELIVERED = re.compile(
    r"successfully delivered|was delivered|has been delivered|delivery (?:was )?successful|is bezorgd"
    r"|relayed to|afgeleverd bij",
    re.IGNORECASE,
)
_BY_WORDS: tuple[tuple[BounceReason, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(words, re.IGNORECASE))
    for reason, words in (
        (
            BounceReason.MAILBOX_FULL,
            r"mailbox (?:is )?full|over ?(?:the allowed )?quota|quota exceeded"
            r"|(?:postvak|mailbox|postbus|inbox)\b.{0,40} vol\b"
            r"|insufficient storage",
        ),
        (BounceReason.TOO_LARGE, r"too large|too big|size limit|exceeds? .{0,30}size|te groot"),
        (BounceReason.LOOP, r"too many hops|mail loop|loops? back"),
        (BounceReason.EXPIRED, r"timed? out|time-?out|expired|too old|retry time|queue too long|verlopen"),
        (
            BounceReason.NO_MAILBOX,
            r"user unknown|unknown user|no such (?:user|address|recipient|mailbox)|does(?: not"
            r"|n't) exist|bestaat niet|niet bestaat"
            r"|couldn't be found|not recogni[sz]ed|mailbox unavailable|recipient (?:address )?rejected"
            r"|invalid recipient"
            r"|niet gevonden|unknown recipient|user not found|not listed|gebruiker onbekend|no mailbox here"
            r"|address (?:was )?not found|wasn't found",
        ),
        (
            BounceReason.NO_HOST,
            r"unrouteable|host (?:or domain name )?not found|no route|domain .{0,40}not (?:exist|found)"
            r"|couldn't find any host",
        ),
        (
            BounceReason.REFUSED,
            r"spam|blocked|blacklist|policy|rejected|denied|refused|not allowed|geweigerd|geblokkeerd",
        ),
    )
)
_SAID = ("text/", "multipart/", "subject", "headers")
_OTHER_REPORTS = frozenset({"message/disposition-notification", "message/feedback-report"})
_NO_BOUNCE = frozenset({Sign.OUT_OF_OFFICE, Sign.RECEIPT, Sign.CALENDAR})
_MIXED = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})


def bounce_of(raw: bytes, *domains: str, addressed: bool = False) -> Bounce | None:
    """What this mail says of mails of ours; None if it names none, or says nothing of what became of them.

    `domains` are those of our Message-IDs and addresses, now and before. `addressed` says that it came to one
    of our return addresses, so that it is about a mail of ours whatever it names.
    """
    texts = list(_texts(raw))
    marks = "\n".join(text for text, _ in texts)
    ours = f"(?:{'|'.join(map(re.escape, domains))})"
    deliveries, returns = _deliveries(marks, ours), _returns(marks, ours)
    if not (deliveries or returns or addressed):
        return None
    message = parse_head(raw)
    if any(kind in _OTHER_REPORTS for _, kind in texts):
        return None
    # Answering machines write to return addresses too, and name nothing of what they answer (RFC 3834).
    named = bool(deliveries or any(_returns(text, ours) for text, kind in texts if kind != "to"))
    returned = named or is_daemon(message) or message.content_type == "multipart/report"
    machine = automatic(message)
    if not returned or (machine and machine.sign in _NO_BOUNCE):
        gone = any(_GONE.search(text) for text, _ in texts)
        return Bounce(BounceKind.UNCLEAR, None, deliveries, returns) if gone else None
    kind, about = _kind(texts)
    kind = kind or BounceKind.UNCLEAR
    reason = _reason(about) if kind is BounceKind.FAILED else None
    return Bounce(kind, reason, deliveries, returns)


def _texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """The characters of every part, decoded, with its type; the headers of the mail itself come first.

    A mail returned as an attachment is taken as it stands: its own headers are what is looked for.
    """
    part, _ = tree(raw)
    failed = "\n".join(part.headers.get("x-failed-recipients", ()))
    yield ("x-failed-recipients: " + failed if failed else ""), "headers"
    yield "\n".join(part.headers.get("to", ())), "to"
    yield "\n".join(part.headers.get("subject", ())), "subject"
    for each in list(_below(part))[:PARTS]:
        text = characters(each.content(SEARCHED), each.parameter("charset"), cut=True)
        yield text, each.content_type


def _below(part: Part) -> Iterator[Part]:
    """The parts that hold bytes of their own, and the returned mails whole."""
    if part.content_type == "message/rfc822" or not part.children:
        yield part
        return
    for child in part.children:
        yield from _below(child)


def _deliveries(text: str, domains: str) -> tuple[str, ...]:
    """The delivery ids in our Message-IDs, whoever names them and wherever: nobody else makes such."""
    ours = re.compile(
        r"(?<![0-9a-z.])(?:t\.[a-z0-9-]{1,40}\.)?([0-9a-f]{32})(?:\.[a-z2-7]{24})?(?:@|=40|%40)"
        + domains
        + r"(?![\w.-])",
        re.IGNORECASE,
    )
    return tuple(dict.fromkeys(found.lower() for found in ours.findall(text)))[:MOST]


def _returns(text: str, domains: str) -> tuple[str, ...]:
    """The local parts of our return addresses (see `gate.tokens`)."""
    ours = re.compile(
        r"(?<![\w.+-])([a-z0-9._-]{1,32}\+b\.[a-z2-7]{26}\.[a-z2-7]{16})@" + domains + r"(?![\w.-])",
        re.IGNORECASE,
    )
    return tuple(dict.fromkeys(found.lower() for found in ours.findall(text)))[:MOST]


def _kind(texts: list[tuple[str, str]]) -> tuple[BounceKind | None, str]:
    """What it says, and the text that says it. One recipient who failed makes a failure."""
    said = "\n".join(_without_original(text) for text, kind in texts if kind.startswith(_SAID))
    # Where a program lost the boundaries, the fields stand in one text with all the rest.
    status = "\n".join(text for text, kind in texts if kind.endswith("delivery-status")) or said
    actions = {action.lower() for action in _ACTION.findall(status)} & _MIXED
    if "failed" in actions or (not actions and any(code[0] == "5" for code in _STATUS.findall(status))):
        return BounceKind.FAILED, f"{status}\n{said}"
    if "delayed" in actions:
        return BounceKind.DELAYED, status
    if actions:
        return BounceKind.DELIVERED, status
    permanent = _permanent(said) or _GAVE_UP.search(said) is not None
    if not permanent and _DELAYED.search(said):
        return BounceKind.DELAYED, said
    if permanent or _FAILED.search(said):
        return BounceKind.FAILED, said
    return (BounceKind.DELIVERED, said) if _DELIVERED.search(said) else (None, "")


def _permanent(text: str) -> bool:
    """Whether a code says that it failed for good."""
    return (
        any(found[1] == "5" for found in _CODE.finditer(text))
        or _REPLY.search(text) is not None
        or ("x-failed-recipients:" in text and not _DELAYED.search(text))
    )


def _without_original(text: str) -> str:
    """The part of a text bounce that the server wrote: above the copy of our mail, whose words are ours."""
    copy = re.search(
        r"^(?:-{2,}.{0,120}(?:copy|original|below|kopie|bericht|message|headers).{0,120}$|return-path:"
        r"|received:|message-id:)",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return text[: copy.start()] if copy else text


def _reason(text: str) -> BounceReason:
    for found in _CODE.finditer(text):
        reason = _by_code(found[1], int(found[2]), int(found[3]))
        if reason is not BounceReason.OTHER:
            return reason
    return next((reason for reason, words in _BY_WORDS if words.search(text)), BounceReason.OTHER)


def _by_code(kind: str, subject: int, detail: int) -> BounceReason:
    """RFC 3463."""
    if subject == 1 and detail in (1, 2, 3, 6, 10):
        return BounceReason.NO_HOST if detail in (2, 10) else BounceReason.NO_MAILBOX
    table = {
        (2, 1): BounceReason.NO_MAILBOX,
        (2, 2): BounceReason.MAILBOX_FULL,
        (2, 3): BounceReason.TOO_LARGE,
        (3, 4): BounceReason.TOO_LARGE,
        (4, 4): BounceReason.NO_HOST,
        (4, 6): BounceReason.LOOP,
        (4, 7): BounceReason.EXPIRED,
    }
    if (subject, detail) in table:
        return table[subject, detail]
    if kind == "4":
        return BounceReason.EXPIRED if subject == 4 else BounceReason.OTHER
    return BounceReason.REFUSED if subject == 7 else BounceReason.OTHER
