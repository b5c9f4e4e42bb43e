"""The examination of a mail: what the gateway needs from it before it is read, as closed and bounded values.

It runs in a reading process, over bytes that anybody may have sent, and promises that what comes out of it
can be handled beside keys: codes from closed lists, addresses in their one spelling, ids that are printable
ASCII without blanks, texts of bounded length. Nothing is decided here but the proof of the sender. A mail
is examined by its header alone, as often as there is something to look up; its body is hashed for a
signature whose key is there, and `look_inside` is for mails of somebody we know. Pure.
"""

import base64
import re
import unicodedata
from datetime import datetime, timedelta

from gateway.gate.authenticity import Answers, Envelope, Examined, Inside, Known, Problem, Proof, Rules
from gateway.gate.front import Front
from gateway.gate.header import addresses, doubled, fields, sender_of
from gateway.gate.selfcheck import SelfCheck
from gateway.reading.letters.answer import kenmerken
from gateway.reading.letters.digest import content_digest
from gateway.reading.mail.automatic import is_bulk, why_automatic
from gateway.reading.mail.message import left_out, parse, parse_head
from gateway.reading.mail.mime import tree
from gateway.reading.mail.wrapping import wrapping

SUBJECT = 1_000
ID = 400
REFERENCES = 100
ADDRESSED = 20
"""So many of our own addresses in To and Cc are told; more stand in no honest mail."""

_ID = re.compile(r"<[!-;=?-~]{1,398}>")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,400}={0,2}")


def examine(raw: bytes, envelope: Envelope, rules: Rules, now: datetime, known: Known) -> Examined:
    """Examine a mail that was received at `now`, given what has been looked up so far."""
    header = fields(raw)
    if header is None:
        return Examined(Proof("unproven", rules.method, "broken_header"), "broken_header")
    answers = Answers(known)
    sender = sender_of(header)
    problem: Problem = "from" if sender is None else "doubled_header" if doubled(header) else ""
    proof = (
        Proof("unproven", rules.method, problem) if problem else _proof(raw, envelope, rules, now, answers)
    )
    if answers.wanted:
        return Examined(proof, wanted=answers.wanted)
    signed = [name for name in ("to", "cc") if name in proof.covers]
    recipients = addresses(header, *(signed or ("to", "cc")))
    message = parse_head(raw)
    return Examined(
        proof=proof,
        problem=problem,
        sender=sender,
        automatic=why_automatic(message) if envelope.mail_from else "null-return-path",
        bulk=is_bulk(message),
        subject=_line(message.subject)[:SUBJECT],
        message_id=_id(message.message_id),
        in_reply_to=_id(message.in_reply_to),
        references=tuple(one for one in map(_id, message.references[-REFERENCES:]) if one),
        thread_index=_thread_index(message.header("thread-index")),
        addressed=tuple(one for one in recipients if one.rpartition("@")[2] in rules.ours)[:ADDRESSED],
    )


def look_inside(raw: bytes, signature: str | None) -> Inside:
    """What the whole of a mail says; `signature` is that of its proof."""
    message = parse(raw)
    return Inside(
        kenmerken(message),
        wrapping(tree(raw)[0]),
        signature or content_digest(raw),
        partial=left_out(message),
    )


def _proof(raw: bytes, envelope: Envelope, rules: Rules, now: datetime, answers: Answers) -> Proof:
    age = timedelta(days=rules.signature_days)
    match rules.method:
        case "front":
            return Front(rules.front_id, rules.domain, age, rules.others).prove(envelope, raw, now)
        case "self":
            return SelfCheck(
                answers, rules.domain, age, rules.others, waits=lambda: bool(answers.wanted)
            ).prove(envelope, raw, now)
        case "client":
            # Who may log in is known where the practices are; see `Examiner`.
            return Proof("unproven", "client", "no_credentials")


def _id(value: str | None) -> str | None:
    return value if value is not None and _ID.fullmatch(value) else None


def _line(text: str) -> str:
    """One line of printable characters; surrogates and formatting characters could break what it enters."""
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")


def _thread_index(value: str) -> str | None:
    bare = "".join(value.split())
    if not _BASE64.fullmatch(bare):
        return None
    try:
        base64.b64decode(bare, validate=True)
    except ValueError:
        return None
    return bare
