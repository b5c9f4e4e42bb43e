"""The shelf on which the adapter `mailbox` puts parcels: see `adapters.mailbox.Shelf`.

It promises that a parcel is kept once per delivery id, and not at all when its case ended meanwhile.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from adapters.base import Parcel, Receipt, Refused, TryLater
from gateway.errors import LostRace
from gateway.mailbox.bell import Bell
from gateway.pipeline import nudge
from gateway.store import mailbox
from gateway.store.engine import Store

LONG_AGO = datetime.fromtimestamp(0, UTC)


class StoreShelf:
    """Keeps parcels in the store, and rings the organisation's bell; the `nudged` are told elsewhere too."""

    def __init__(
        self, *, store: Store, bell: Bell, now: Callable[[], datetime], nudged: Collection[str] = ()
    ) -> None:
        self._store, self._bell, self._now, self._nudged = store, bell, now, nudged

    async def put(self, parcel: Parcel) -> Receipt:
        """Keep a parcel until it is collected."""
        try:
            new = await asyncio.to_thread(self._put, parcel)
        except LostRace:
            raise Refused("mailbox_not_wanted") from None
        except SQLAlchemyError:
            # The statement's parameters hold the sealed parcel: its text must go no further.
            raise TryLater("mailbox_away") from None
        self._bell.ring(parcel.organisation_id)
        return Receipt(peer="mailbox", text="kept" if new else "kept before")

    async def probe(self) -> None:
        """Whether parcels can be kept."""
        try:
            await asyncio.to_thread(self._look)
        except SQLAlchemyError:
            raise TryLater("mailbox_away") from None

    def _put(self, parcel: Parcel) -> bool:
        now = self._now()
        with self._store.write() as session:
            new = mailbox.put(
                session,
                parcel.delivery_id,
                parcel.organisation_id,
                parcel.kenmerk,
                now,
                media_type=parcel.media_type,
                sealed=parcel.ciphertext,
                due_at=parcel.due_at,
                urgent=parcel.urgent,
            )
            if new and parcel.organisation_id in self._nudged:
                nudge.put(session, parcel.organisation_id, now)
        return new

    def _look(self) -> None:
        with self._store.read() as session:
            mailbox.has_lapsed(session, LONG_AGO)
