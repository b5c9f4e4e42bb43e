"""The adapter contract: what a way of delivery is given, what it gives back, and how it may fail.

It promises nothing itself. An adapter promises:

- `send` returns a receipt only after the peer took responsibility for the parcel;
- it raises nothing but `TryLater` (the gateway tries again, with the same `delivery_id`) and `Refused` (the
  parcel is held, a person must look); the gateway counts anything else as `TryLater`;
- a reason starts with a closed code of its own (`relay_busy`, `mailbox_full`), and neither reasons nor
  receipts repeat what a peer wrote in words, or anything of the ciphertext;
- many `send`s may run at once in one event loop, each may be cancelled, and after `close` it works again;
- it never sends a parcel that isn't ciphertext (`adapters.ciphertext.check` tells).

A third party ships an adapter as its own package, which needs only this module. With the class

    class PostduifOptions(Options):
        loft: str

    class PostduifAdapter:
        name: ClassVar[str] = "postduif"
        Options: ClassVar[type[PostduifOptions]] = PostduifOptions

        def __init__(self, options: PostduifOptions, context: Context) -> None: ...
        async def send(self, parcel: Parcel) -> Receipt: ...
        async def probe(self) -> None: ...
        async def close(self) -> None: ...

in its module `postduif`, and in its pyproject.toml

    [project.entry-points."inbeeld.adapters"]
    postduif = "postduif:PostduifAdapter"

`pip install inbeeld-postduif` beside the gateway is enough: organisations.toml may then say
`adapter = "postduif"`, and `[organisation.options]` holds what `PostduifOptions` asks for. An adapter that
can't carry every format says which it can: `formats: ClassVar[frozenset[str]] = frozenset({"jwe"})`.
Nothing may happen at import. `tests/contract/adapters/test_contract.py` is the suite to hold it to.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class TryLater(Exception):
    """The peer cannot take the parcel now; `after` is how long it asked us to wait, if it said so."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Refused(Exception):
    """The peer will not take this parcel, now or later; a person must look (the parcel is held)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Options(BaseModel):
    """Base of an adapter's own settings: `[organisation.options]` in organisations.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Ciphertext with the non-personal facts an adapter needs; it never holds personal data.

    `delivery_id` is the idempotency key: the same at every try. `ciphertext` is ASCII armour for
    `application/pgp-encrypted`, DER for `application/pkcs7-mime`, and a compact or JSON serialisation
    for `application/jose`. `reply_to` is the address at which the organisation's report is accepted.
    `made_at` is when the parcel was made: the same at every try, too. `corrected` says that it takes the
    place of an earlier one with this kenmerk, `late` that `due_at` has passed, `trial` that nobody is meant.
    """

    delivery_id: str
    kenmerk: str
    organisation_id: str
    media_type: str
    ciphertext: bytes
    due_at: datetime
    reply_to: str | None = None
    urgent: bool = False
    made_at: datetime | None = None
    corrected: bool = False
    late: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the peer said when it took the parcel, as proof: no personal data, at most 500 characters."""

    peer: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What the gateway lends to an adapter: who we are, where files of the working directory are, and
    shared parts (`parts["relay"]` is an `adapters.relay.Relay`, `parts["mailbox"]` an
    `adapters.mailbox.Shelf`)."""

    domain: str
    sender: str
    directory: Path
    parts: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Adapter(Protocol):
    """One way to deliver a parcel, made as `Class(options, context)`."""

    name: ClassVar[str]
    Options: ClassVar[type[Any]]
    """A subclass of `Options`."""

    async def send(self, parcel: Parcel) -> Receipt:
        """Deliver the parcel; raise `TryLater` or `Refused`, nothing else."""
        ...

    async def probe(self) -> None:
        """Return if the peer is reachable and trusted; raise as `send` does, without sending anything."""
        ...

    async def close(self) -> None:
        """Give back connections; the adapter may be used again after it."""
        ...
