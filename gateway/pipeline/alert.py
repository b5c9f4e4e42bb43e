"""The alert: what needs a person, told to the administrators' own systems by a signed webhook.

It promises to hold closed codes, references, names of the configuration and moments, nothing about a patient;
and to need nothing of the way by which mail leaves, so that a relay which is dead can't keep it back.
"""

import json
from datetime import datetime
from typing import Any

from adapters.base import Receipt
from adapters.webhook import Webhook
from gateway.domain.outgoing import Alert, HeadAlert
from gateway.pipeline.reply import Links
from gateway.store.tables import OutboxRow

TYPE = "alarm"
HEAD = "audit_head"
"""The type of the message that holds the signed end of the audit trail (`inbeeld audit verify --head`)."""


class Alerts:
    """Sends them; `links` are those of our pages."""

    def __init__(self, *, webhook: Webhook, links: Links) -> None:
        self._webhook, self._links = webhook, links

    async def send(self, alert: Alert | HeadAlert, row: OutboxRow, now: datetime) -> Receipt:
        """Tell it; the id of the message is the same at every try."""
        if isinstance(alert, Alert):
            body = compose(alert, row.created_at, self._links)
        else:
            body = _message(HEAD, row.created_at, {"number": alert.seq, "head": alert.text})
        return Receipt("webhook", await self._webhook.post(f"msg_{row.id}", body, now))


def compose(alert: Alert, at: datetime, links: Links) -> bytes:
    """The message as JSON, by the form of Standard Webhooks: `type`, `timestamp`, `data`."""
    items = [
        {
            "kind": str(item.kind),
            "date": item.date.isoformat(),
            "kenmerk": item.kenmerk or None,
            "organisation": item.organisation or None,
            "url": links.of(item) or None,
        }
        for item in alert.items
    ]
    codes, board = list(alert.codes), links.board() or None
    data = {"number": alert.serial, "items": items, "codes": codes, "board": board}
    return _message(TYPE, at, data)


def _message(type_: str, at: datetime, data: dict[str, Any]) -> bytes:
    return json.dumps({"type": type_, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "data": data}).encode()
