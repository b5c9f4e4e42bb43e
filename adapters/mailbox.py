"""Delivery into the gateway's own secure mailbox, from which the organisation collects.

It promises a receipt only when the parcel is kept. Where it is kept is not its business: the gateway lends
it a `Shelf` as `context.parts["mailbox"]`.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Protocol

from pydantic import Field, model_validator

from adapters import base
from adapters.base import Context, Parcel, Receipt
from adapters.hosts import Https


class Shelf(Protocol):
    """What keeps parcels until they are collected."""

    async def put(self, parcel: Parcel) -> Receipt:
        """Keep a parcel, once per delivery id; raises `TryLater` or `Refused`."""
        ...

    async def probe(self) -> None:
        """Return if parcels can be kept now; raises `TryLater`."""
        ...


class MailboxOptions(base.Options):
    """Nothing must be set. `nudge_url` is told, by a signed webhook without content, that the queue changed;
    files are named from the working directory."""

    nudge_url: Https | None = Field(
        None, description="Write the https:// address that is told when its queue changed, or leave it out"
    )
    nudge_secret_file: Path | None = Field(
        None, description="Name a file (mode 0600) that holds whsec_… as Standard Webhooks has it"
    )
    nudge_ca_file: Path | None = Field(
        None, description="Name a PEM file with its certificate authority, where that is not a public one"
    )

    nudge_source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*:[!-~]{1,150}$")] | None = Field(
        None, description="Write the source (a URI) that CloudEvents are to name, or leave it out"
    )

    @model_validator(mode="after")
    def _signed(self) -> "MailboxOptions":
        if self.nudge_url and not self.nudge_secret_file:
            raise ValueError("nudge_secret_file: is missing beside nudge_url")
        if not self.nudge_url and (self.nudge_secret_file or self.nudge_ca_file or self.nudge_source):
            raise ValueError("nudge_url: is missing beside the other nudge keys")
        return self


class MailboxAdapter:
    """Puts ciphertext on the shelf, and nothing else."""

    name: ClassVar[str] = "mailbox"
    Options: ClassVar[type[MailboxOptions]] = MailboxOptions

    def __init__(self, options: MailboxOptions, context: Context) -> None:
        self._shelf: Shelf = context.parts["mailbox"]

    async def send(self, parcel: Parcel) -> Receipt:
        base.check_ciphertext(parcel.media_type, parcel.ciphertext)
        return await self._shelf.put(parcel)

    async def probe(self) -> None:
        await self._shelf.probe()

    async def close(self) -> None:
        """Nothing is held between two calls."""
