"""Proof by a named server of ours in front of the gateway: what its Authentication-Results (RFC 8601) say.

Only the topmost field with its id counts, and only where the front itself puts it: above the second Received
field and above the sender's own fields. The front must remove fields that claim its name from what it accepts
(RFC 8601 section 5). As a second line, every claim of its name but that one field makes the mail unproven:
one more field below it, or the id in another spelling than the front's own. Lower fields right beside it that
tell of other methods are let be and count for nothing, because OpenDKIM and OpenDMARC each write one.

The fields are read as real servers mean them: addresses of IPv6 without quotes, a semicolon at the end,
comments anywhere, properties that no standard names. It takes as long as the field is long and raises
nothing; what it can't read whole is None. (The package authres takes square time, recurses once per comment
and refuses an unquoted colon, which Exim writes.)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.gate.authenticity import Envelope, Outcome, Proof
from gateway.gate.header import Field, aligned, domain_of, fields, fold_domain, sender_of
from gateway.gate.signatures import claimed, signers

NAME = "authentication-results"

# What servers put above the mail they were given; the first field of any other name is the sender's own.
_TRACE = frozenset(
    {NAME, "delivered-to", "dkim-filter", "dmarc-filter", "received", "received-spf", "return-path"}
)

LONGEST = 8_000

_ID = re.compile(r"\s*([^\s;=]+|\"[^\"]*\")\s*(?:\s[0-9]+\s*)?")
_PAIR = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9_.-]*)(?:\s*/\s*[0-9]+)?\s*=\s*(\"[^\"]*\"[^\s;\"]*|[^\s;\"]+)(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Result:
    """One result: its method and outcome in lower case, and its properties as written."""

    method: str
    outcome: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, *names: str) -> str:
        """The first property of one of these names, "" if there is none."""
        return next((value for name, value in self.properties if name in names), "")


@dataclass(frozen=True, slots=True)
class Results:
    """A field: the authserv-id as written, and its results ("none" says that there are none)."""

    id: str
    results: tuple[Result, ...] = ()

    def of(self, method: str) -> list[Result]:
        return [one for one in self.results if one.method == method]


def results(value: bytes) -> Results | None:
    """The value of a field, unfolded or not; None if it can't be read whole."""
    if len(value) > LONGEST:
        return None
    try:
        text = bare(value.decode("ascii"))
    except UnicodeDecodeError:
        return None
    if text is None or any(char < " " and char not in "\t\r\n" for char in text):
        return None
    first, *others = _pieces(text)
    name = _ID.fullmatch(first)
    if name is None:
        return None
    found: list[Result] = []
    for piece in others:
        if piece.strip().lower() in {"", "none"}:
            continue
        result = _result(piece)
        if result is None:
            return None
        found.append(result)
    return Results(name[1].strip('"'), tuple(found))


def bare(text: str) -> str | None:
    """The text with a blank for each comment; None if a comment or a quoted string is not closed."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in text:
        if escaped:
            escaped = False
            if not depth:
                kept.append("_" if char in '";' else char)
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
            kept.append("_" if char == ";" else char)
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif depth:
            depth -= char == ")"
        else:
            quoted = char == '"'
            kept.append(char)
    return None if depth or quoted or escaped else "".join(kept)


def _pieces(text: str) -> list[str]:
    # A semicolon inside quotes was taken away with the quoting, so each one that is left parts two results.
    return text.split(";")


def _result(piece: str) -> Result | None:
    pairs: list[tuple[str, str]] = []
    at = 0
    end = len(piece.rstrip())
    while at < end:
        found = _PAIR.match(piece, at, end)
        if found is None:
            return None
        pairs.append((found[1].lower(), found[2].replace('"', "")))
        at = found.end()
    if not pairs:
        return None
    (method, outcome), *properties = pairs
    return Result(method, outcome.lower(), tuple(properties))


class Front:
    """The strategy. `front_id` is the front's authserv-id as it writes it, `ours` our domain, and
    `signature_age` how old a DKIM signature may be on which alone the front's word rests.

    Codes: dmarc, dkim, spf (proven); from, not_trusted, unreadable, claimed, no_result, dmarc_fail,
    not_aligned, dkim_open, dkim_old, dkim_not_to_us, dkim_alone (see `SelfCheck`); temperror (temporary,
    though the same mail read again says the same).
    """

    def __init__(
        self,
        front_id: str,
        ours: str = "",
        signature_age: timedelta = timedelta(days=5),
        others: Sequence[str] = (),
    ) -> None:
        self._id, self._ours, self._age = front_id, (ours, *others), signature_age

    def prove(self, envelope: Envelope, raw: bytes, now: datetime) -> Proof:
        """Proven if the front says dmarc=pass for the From domain, or, where that domain has no DMARC policy,
        an aligned dkim=pass or spf=pass."""
        header = fields(raw) or []
        address = sender_of(header)
        if address is None:
            return Proof("unproven", "front", "from")
        if not envelope.trusted_relay:
            return Proof("unproven", "front", "not_trusted")
        ours = [field for field in header if field.name == NAME and self._claims(field)]
        if not ours:
            return Proof("unproven", "front", "no_result")
        top, *others = ours
        block = _block(header)
        if top not in block or not all(self._is_canonical(field, raw) for field in ours):
            return Proof("unproven", "front", "claimed")
        read = results(top.value)
        if read is None:
            return Proof("unproven", "front", "unreadable")
        if not all(field in block and _tells_of_others(field, read) for field in others):
            return Proof("unproven", "front", "claimed")
        outcome, code = _weigh(read, domain_of(address))
        told = [read, *(each for field in others if (each := results(field.value)) is not None)]
        if outcome == "proven" and (flaw := self._flaw(header, told, domain_of(address), now)):
            outcome, code = "unproven", flaw
        return Proof(outcome, "front", code, address if outcome == "proven" else None)

    def _claims(self, field: Field) -> bool:
        """Whether the field bears our front's id, however it is written."""
        text = field.value.decode("latin-1")
        plain = bare(text)
        where = text if plain is None else plain.partition(";")[0]
        return self._id.lower() in re.sub(r"[\s\"\\]", "", where).lower()

    def _is_canonical(self, field: Field, raw: bytes) -> bool:
        """Whether it begins as the front begins it, byte for byte."""
        begin = b"Authentication-Results: " + self._id.encode()
        written = raw[field.start : field.end]
        return written.startswith(begin) and written[len(begin) : len(begin) + 1] in {
            *(b";", b" ", b"\t", b"\r", b"\n", b"")
        }

    def _flaw(self, header: list[Field], told: list[Results], domain: str, now: datetime) -> str | None:
        """Why a pass that rests on DKIM alone does not count: whoever has a signed mail can send it again.

        OpenDMARC tells of DMARC in a field of its own, and what that rests on stands in those below. Where it
        stands nowhere, it may rest on any signature of the domain that the mail bears.
        """
        untold = not any(read.of("dkim") or read.of("spf") for read in told)
        signed = untold or any(
            _passes(one, domain, "header.d", "header.i") for read in told for one in read.of("dkim")
        )
        sent = any(
            _passes(one, domain, "smtp.mailfrom", "smtp.mail") for read in told for one in read.of("spf")
        )
        if sent or not signed:
            return None
        own = [one for _, one in claimed(header, now) if aligned(domain, one.domain)]
        bearing = [one for one in signers(header) if one is not None and aligned(domain, one)]
        # One that is of no kind that counts (of the start of the body, say) may be what passed.
        flaws: list[str | None] = ["dkim_open"] if len(bearing) > len(own) else []
        flaws += [one.flaw(header, self._ours, now, self._age) for one in own]
        # Which of them passed is not told, so that none may be open.
        flaws += [None if one.alone(header, self._ours) else "dkim_alone" for one in own]
        return next(filter(None, flaws), None)


def _block(header: list[Field]) -> list[Field]:
    """The Authentication-Results fields that stand where the front puts its own.

    Every server that relays adds a Received field (RFC 5321 section 4.4). In a mail without any, the trusted
    relay itself is the origin of the whole header, and the place of a field says nothing.
    """
    if not any(field.name == "received" for field in header):
        return [field for field in header if field.name == NAME]
    found: list[Field] = []
    received = 0
    for field in header:
        received += field.name == "received"
        if received > 1 or not (field.name in _TRACE or field.name.startswith("x-")):
            break
        if field.name == NAME:
            found.append(field)
    return found


def _tells_of_others(field: Field, top: Results) -> bool:
    """Whether a lower field only tells of methods that neither decide nor stand in the topmost one."""
    read = results(field.value)
    decided = {"dmarc", *(one.method for one in top.results)}
    return read is not None and bool(top.of("dmarc")) and not decided & {one.method for one in read.results}


def _weigh(read: Results, domain: str) -> tuple[Outcome, str]:
    """Weigh the front's results for a From domain."""
    if not read.results:
        return "unproven", "no_result"
    dmarc, dkim, spf = read.of("dmarc"), read.of("dkim"), read.of("spf")
    if any(one.outcome == "temperror" for one in dmarc):
        return "temporary", "temperror"
    # "none" is what a front says of a domain without a policy.
    if any(one.outcome != "none" for one in dmarc):
        agreed = all(
            one.outcome == "pass" and fold_domain(one.property("header.from")) == domain for one in dmarc
        )
        backed = not (dkim or spf) or any(one.outcome == "pass" for one in (*dkim, *spf))
        return ("proven", "dmarc") if agreed and backed else ("unproven", "dmarc_fail")
    if any(_passes(one, domain, "header.d", "header.i") for one in dkim):
        return "proven", "dkim"
    if spf and all(_passes(one, domain, "smtp.mailfrom", "smtp.mail") for one in spf):
        return "proven", "spf"
    if any(one.outcome == "temperror" for one in (*dkim, *spf)):
        return "temporary", "temperror"
    return "unproven", "not_aligned"


def _passes(one: Result, domain: str, *names: str) -> bool:
    """Whether a result is a pass of a name that is aligned with the From domain."""
    value = next((found for name in names if (found := one.property(name))), "")
    folded = fold_domain(value.rpartition("@")[2])
    return one.outcome == "pass" and folded is not None and aligned(domain, folded)
