"""The nudge: tells an organisation, which asked for that, that something was put into its mailbox.

It promises to say nothing else (no kenmerk, no number, always the same length), that one nudge waits for an
organisation however much comes in, and to give up after some hours, or when nothing waits any more: the
mailbox and the clock of collecting are the promise, the nudge is a courtesy.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from adapters.base import Receipt, Refused
from adapters.webhook import Webhook
from gateway.domain.outgoing import Nudge
from gateway.store import mailbox, outbox
from gateway.store.engine import Store
from gateway.store.tables import OutboxRow

KIND = "nudge"
TYPE = "wachtrij.gewijzigd"
LASTS = timedelta(hours=4)
"""How long it is tried; after that it is dropped."""

SIZE = 128
"""Every body has this many bytes: blanks follow the JSON."""

CLOUD_EVENTS = "application/cloudevents+json"
CLOUD_TYPE = "nl.inbeeld.wachtrij.gewijzigd"
CLOUD_SIZE = 512


class Nudges:
    """Sends them. `webhooks` are those of the organisations that want to be told."""

    def __init__(self, *, store: Store, webhooks: Mapping[str, Webhook]) -> None:
        self._store, self._webhooks = store, webhooks

    async def send(self, row: OutboxRow, now: datetime) -> Receipt:
        """Tell the organisation of this row; its id is the same at every try."""
        organisation_id = row.organisation_id or ""
        webhook = self._webhooks.get(organisation_id)
        if webhook is None:
            raise Refused("nudge_not_configured")
        if not await asyncio.to_thread(self._is_needed, organisation_id, now):
            raise Refused("nudge_not_needed")
        id = f"msg_{row.id}"
        if webhook.source is None:
            return Receipt("webhook", await webhook.post(id, compose(row.created_at), now))
        event = cloud_event(id, webhook.source, row.created_at)
        return Receipt("webhook", await webhook.post(id, event, now, CLOUD_EVENTS))

    def _is_needed(self, organisation_id: str, now: datetime) -> bool:
        with self._store.read() as session:
            return mailbox.is_waiting(session, organisation_id, now)


def put(session: Session, organisation_id: str, now: datetime) -> None:
    """Let an organisation be nudged, unless a nudge waits already that nobody is sending."""
    if outbox.waits(session, KIND, organisation_id):
        return
    nudge = Nudge(organisation_id=organisation_id, number=uuid.uuid4().hex)
    outbox.put(session, outbox.row(nudge, now))


def compose(at: datetime) -> bytes:
    """What is said: that the queue changed, and when."""
    text = json.dumps({"type": TYPE, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"})
    return text.encode().ljust(SIZE)


def cloud_event(id: str, source: str, at: datetime) -> bytes:
    """The same as a CloudEvent (1.0, structured, without data), as the NL GOV profile of it wants one."""
    event = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": CLOUD_TYPE,
        "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    return json.dumps(event).encode().ljust(CLOUD_SIZE)
