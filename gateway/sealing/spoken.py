"""A key's fingerprint as digits that two people read to each other: eight groups of five.

They are made as the safety numbers of Signal are: five bytes of a SHA-512 digest, as one number modulo
100,000, give a group. What is hashed names the owner beside the RFC 7638 thumbprint, so that the digits of
one organisation's key are not those of another's. It promises forty digits, 132 bits, and the same ones as
`static/keys/spoken.js` makes of the private key in a browser.
"""

import hashlib
import hmac
import unicodedata

GROUPS = 8
DIGITS = 5


def spoken(owner: str, thumbprint: str) -> str:
    """The groups, with a space between them."""
    digest = hashlib.sha512("\n".join(("inbeeld spoken 1", owner, thumbprint)).encode()).digest()
    numbers = (int.from_bytes(digest[at : at + DIGITS]) for at in range(0, GROUPS * DIGITS, DIGITS))
    return " ".join(f"{number % 10**DIGITS:0{DIGITS}d}" for number in numbers)


def digits_of(typed: str) -> str:
    """The digits of what somebody typed, whatever stands between them; "" if it is not forty digits.

    What is pasted brings blanks that aren't " ", dashes that aren't "-", and letters that nobody sees.
    """
    left = "".join(letter for letter in typed if unicodedata.category(letter)[0] not in "ZPC")
    return left if len(left) == GROUPS * DIGITS and left.isascii() and left.isdigit() else ""


def same(typed: str, owner: str, thumbprint: str) -> bool:
    """Whether somebody typed the digits of this key."""
    return hmac.compare_digest(digits_of(typed), spoken(owner, thumbprint).replace(" ", ""))
