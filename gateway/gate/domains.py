"""Domains of mail addresses: folded to one spelling, and compared by who owns them.

It promises that two spellings of one domain fold to the same text, that nothing malformed folds to anything,
and that alignment never crosses a public suffix: `praktijk.nl` and `evil.nl` share an owner with nobody.
"""

import re
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def fold_domain(domain: str) -> str | None:
    """The domain in lower case and in its ASCII form (IDNA 2008, RFC 5891), or None if it is no domain.

    Address literals, single labels, empty labels and a closing dot are no domain of a mail address here.
    """
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    domain = domain.lower()
    labels = domain.split(".")
    if len(domain) > 253 or len(labels) < 2 or labels[-1].isdigit():
        return None
    return domain if all(_LABEL.fullmatch(label) for label in labels) else None


@cache
def _suffixes() -> PublicSuffixList:
    """The public suffix list, which is read from its package once and never changes."""
    return PublicSuffixList()


def organisational(domain: str) -> str | None:
    """The domain that somebody registered (RFC 7489 section 3.2), or None for a public suffix itself.

    `domain` is folded: `post.praktijk.nl` gives `praktijk.nl`.
    """
    return _suffixes().privatesuffix(domain)


def aligned(header_from: str, identifier: str, *, strict: bool = False) -> bool:
    """Whether an authenticated identifier speaks for the From domain (RFC 7489 section 3.1); both folded.

    The `dmarc` package's own comparison lets `nl` speak for `praktijk.nl`, so this is ours.
    """
    if header_from == identifier:
        return True
    owner = organisational(header_from)
    return not strict and owner is not None and owner == organisational(identifier)
