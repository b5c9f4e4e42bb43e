"""How the headers of our mails are written on the wire.

It promises that a Message-ID in `In-Reply-To` or `References` stands there as it is, however long: the
standard library encodes what is longer than a line (RFC 2047), which takes the answer out of its thread, and
Exchange and we ourselves make such long ones.
"""

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import SMTP, Policy


class MessageIds(UnstructuredHeader, BaseHeader):
    """A header of Message-IDs, one a line (RFC 5322 section 3.6.4)."""

    def fold(self, *, policy: Policy) -> str:
        """The header's lines, unencoded."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.split())}{policy.linesep}"


def _registry() -> HeaderRegistry:
    registry = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        registry.map_to_type(name, MessageIds)
    return registry


WIRE = SMTP.clone(header_factory=_registry())
"""The policy of every mail that stands in a thread."""
