"""Delivery by pigeon: each parcel lands as one file in the loft.

It is a package of its own, which knows `adapters.base` and nothing else of InBeeld.
"""

import asyncio
from pathlib import Path
from typing import ClassVar

from adapters.base import Context, Options, Parcel, Receipt, Refused, TryLater


class PostduifOptions(Options):
    """`loft` is the folder where the pigeons land."""

    loft: Path


class PostduifAdapter:
    """Writes the ciphertext under the delivery id, once."""

    name: ClassVar[str] = "postduif"
    Options: ClassVar[type[PostduifOptions]] = PostduifOptions

    def __init__(self, options: PostduifOptions, context: Context) -> None:
        self._loft = context.directory / options.loft

    async def send(self, parcel: Parcel) -> Receipt:
        """See `Adapter.send`."""
        if parcel.urgent:
            raise Refused("postduif_too_slow")
        await self.probe()
        await asyncio.to_thread((self._loft / parcel.delivery_id).write_bytes, parcel.ciphertext)
        return Receipt(peer="postduif", text="landed")

    async def probe(self) -> None:
        """See `Adapter.probe`."""
        if not await asyncio.to_thread(self._loft.is_dir):
            raise TryLater("postduif_no_loft")

    async def close(self) -> None:
        """Pigeons come home by themselves."""
