"""Delivery into the gateway's own secure mailbox, from which the organisation collects.

It promises a receipt only when the parcel is kept. Where it is kept is not its business: the gateway lends
it a `Shelf` as `context.parts["mailbox"]`.
"""

from typing import ClassVar, Protocol

from adapters import base, ciphertext
from adapters.base import Context, Parcel, Receipt


class Shelf(Protocol):
    """What keeps parcels until they are collected."""

    async def put(self, parcel: Parcel) -> Receipt:
        """Keep a parcel, once per delivery id; raises `TryLater` or `Refused`."""
        ...

    async def probe(self) -> None:
        """Return if parcels can be kept now; raises `TryLater`."""
        ...


class MailboxOptions(base.Options):
    """There is nothing to set: the key and the format stand at the organisation itself."""


class MailboxAdapter:
    """Puts ciphertext on the shelf, and nothing else."""

    name: ClassVar[str] = "mailbox"
    Options: ClassVar[type[MailboxOptions]] = MailboxOptions

    def __init__(self, options: MailboxOptions, context: Context) -> None:
        self._shelf: Shelf = context.parts["mailbox"]

    async def send(self, parcel: Parcel) -> Receipt:
        """See `Adapter.send`."""
        ciphertext.check(parcel.media_type, parcel.ciphertext)
        return await self._shelf.put(parcel)

    async def probe(self) -> None:
        """See `Adapter.probe`."""
        await self._shelf.probe()

    async def close(self) -> None:
        """Nothing is held between two calls."""
