"""What a relay's answers and failures mean to us.

It promises that nothing the peer wrote gets further than here, save its numbers (reply code, enhanced status
code) and a queue id that looks like one: free text may repeat an address or a subject. Every failure becomes
`TryLater` or `Refused` with a reason that starts with a code of `Reason`.
"""

import re
import ssl
from enum import StrEnum

from aiosmtplib import errors

from adapters.base import Refused, TryLater


class Reason(StrEnum):
    """Closed codes; reply codes may follow: `relay_refused 550 5.1.1`."""

    UNREACHABLE = "relay_unreachable"
    TIMEOUT = "relay_timeout"
    LOST = "relay_connection_lost"
    # The content was sent and no answer came: the relay may or may not have it.
    ANSWER_LOST = "relay_answer_lost"
    UNAVAILABLE = "relay_unavailable"
    BUSY = "relay_busy"
    REFUSED = "relay_refused"
    PROTOCOL = "relay_protocol"
    # The next five are about our own configuration, or somebody in between: a beheerder must look.
    TLS_MISSING = "relay_tls_missing"
    TLS_FAILED = "relay_tls_failed"
    UNTRUSTED = "relay_untrusted"
    CA_FILE = "relay_ca_file"
    LOGIN = "relay_login"
    ADDRESS = "relay_address"
    NO_8BIT = "relay_no_8bitmime"
    NO_UTF8 = "relay_no_smtputf8"
    UNEXPECTED = "relay_unexpected"


class Progress(StrEnum):
    """How far a delivery had come when it failed."""

    CONNECT = "connect"
    TLS = "tls"
    LOGIN = "login"
    ENVELOPE = "envelope"
    CONTENT = "content"


# RFC 4954 section 6: authentication required, too weak, failed, encryption needed.
_LOGIN_CODES = frozenset({530, 534, 535, 538})
# Too large, or a parameter (RFC 1870, RFC 5321 section 3.3); or it may fit later.
_OF_THIS_MAIL = frozenset({452, 552, 555})
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")
_QUEUE_ID = re.compile(
    r"(?:queued as|id=|InternalId=)\s*((?=[A-Za-z-]*\d)[A-Za-z0-9-]{6,40})(?![\w.@+-])", re.I
)


def translate(error: Exception, step: Progress) -> TryLater | Refused:
    """Our word for whatever went wrong at `step`."""
    if isinstance(error, TryLater | Refused):
        return error
    if isinstance(error, errors.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, errors.SMTPResponseException):
        if isinstance(error, errors.SMTPSenderRefused) and error.code not in _OF_THIS_MAIL:
            # Our own address is refused, so that no mail of ours would be taken, whoever it is for.
            step = Progress.CONNECT
        return _answered(error.code, error.message, step)
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return TryLater(Reason.UNTRUSTED.value)
    if any(isinstance(cause, ssl.SSLError) for cause in causes) and step is not Progress.CONTENT:
        return TryLater(Reason.TLS_FAILED.value)
    if isinstance(error, OSError):
        return TryLater(_lost(error, step).value)
    if isinstance(error, errors.SMTPException):
        return TryLater((Reason.LOGIN if step is Progress.LOGIN else Reason.PROTOCOL).value)
    # A class name is safe to tell; the text of an error may not be.
    return TryLater(f"{Reason.UNEXPECTED} {type(error).__name__}")


def is_loss(error: Exception) -> bool:
    """Whether the connection is gone or of no more use, rather than answered (421 is a goodbye)."""
    if isinstance(error, errors.SMTPResponseException):
        return error.code == 421
    return isinstance(error, OSError)


def receipt_text(code: int, message: str, tls: str) -> str:
    """`250 2.0.0 queued as 4F2A1B TLSv1.3`: the numbers, the queue id if there is one, the TLS version."""
    queue_id = _QUEUE_ID.search(message)
    return " ".join(filter(None, [_numbers(code, message), queue_id and f"queued as {queue_id[1]}", tls]))


def _answered(code: int, message: str, step: Progress) -> TryLater | Refused:
    if not 200 <= code <= 599:
        return TryLater(Reason.PROTOCOL.value)
    numbers = _numbers(code, message)
    if step is Progress.LOGIN or code in _LOGIN_CODES:
        return TryLater(f"{Reason.LOGIN} {numbers}")
    if step is Progress.CONNECT:
        return TryLater(f"{Reason.UNAVAILABLE} {numbers}")
    if step is Progress.TLS:
        return TryLater(f"{Reason.TLS_MISSING} {numbers}")
    if code >= 500:
        return Refused(f"{Reason.REFUSED} {numbers}")
    return TryLater(f"{Reason.BUSY if code >= 400 else Reason.PROTOCOL} {numbers}")


def _numbers(code: int, message: str) -> str:
    enhanced = _ENHANCED.match(message)
    return f"{code} {enhanced[1]}" if enhanced else str(code)


def _lost(error: OSError, step: Progress) -> Reason:
    if step is Progress.CONTENT:
        return Reason.ANSWER_LOST
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT
    if step is Progress.TLS:
        # A server that wants another TLS than ours often just hangs up.
        return Reason.TLS_FAILED
    return Reason.UNREACHABLE if step is Progress.CONNECT else Reason.LOST


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what caused it, outermost first."""
    found: list[BaseException] = []
    while error not in found:
        found.append(error)
        if error.__cause__ is None:
            break
        error = error.__cause__
    return found
