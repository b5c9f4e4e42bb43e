"""Whether a citizen service number (BSN) stands in a text: told as a fact, never kept as a value."""

import re

from stdnum.nl import bsn

from gateway.reading.patient.phones import mask, numbers

_BSN = re.compile(r"(?<![\w+.,-])(?<!\d )\d(?:[ .-]?\d){7,8}(?![\d]|[.,-]\d)")

_BSN_LABEL = re.compile(r"(?:bsn|burgerservice\w*|sofi\w*)\W*(?:nummer|nr)?\W*(?:is)?\W*$", re.IGNORECASE)

_NOT_BSN = re.compile(
    r"(?:tel\w*|mob\w*|nummer|nr|kvk|agb|iban|btw|polis\w*|fax|uzovi|\+|00)[\W]*(?:is)?\W*$", re.IGNORECASE
)


def has_bsn(text: str) -> bool:
    """Whether a citizen service number stands there: labelled or nine digits, and the 11-proef holds."""
    for found in _BSN.finditer(text):
        digits = "".join(c for c in found[0] if c.isdigit())
        lead = text[max(0, found.start() - 24) : found.start()]
        labelled = _BSN_LABEL.search(lead) is not None
        if not labelled and (len(digits) != 9 or _NOT_BSN.search(lead)):
            continue
        if bsn.is_valid(digits.zfill(9)) and (labelled or not _is_dialled(text, found)):
            return True
    return False


def _is_dialled(text: str, found: re.Match[str]) -> bool:
    """Whether the digits are (part of) a phone number as somebody writes one: with blanks or marks in it."""
    return any(
        start < found.end() and found.start() < end
        for e164, start, end in numbers(mask(text))
        if e164 and (end - start > 9 or text[start] in "0+")
    )
