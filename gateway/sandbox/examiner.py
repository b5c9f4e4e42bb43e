"""Examines a batch of mails and takes their wrapping off: parses in reading processes, looks up names here,
and gives ciphertext to whoever holds keys.

It promises one answer a mail, in order; that the names of a whole batch are looked up together, each once;
that no mail makes more than `ROUNDS` rounds of look-ups; and that what could not be looked up in time leaves
a proof "temporary", never given. Whoever holds a key gets the ciphertext and nothing else of the mail, what
it opens goes back to a reading process unlooked at, and what does not open is an `OpenError` without content.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.errors import OpenError
from gateway.gate.authenticity import Client, Envelope, Examined, Question, Record, Rules
from gateway.gate.dns import LooksUp
from gateway.reading.mail.wrapping import DEEPEST
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import to_examine, to_unwrap, unwrapped_bytes

ROUNDS = 12
"""SPF may ask ten names, one after another (RFC 7208 section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it came."""

    envelope: Envelope
    raw: bytes
    received_at: datetime


class Examiner:
    """Examines mails by `rules`. `client` proves by login or certificate, for the method "client" only;
    `seconds` bounds the look-ups of one batch, `clock` counts them (monotonic)."""

    def __init__(
        self,
        readers: Readers,
        rules: Rules,
        *,
        dns: LooksUp | None = None,
        client: Client | None = None,
        seconds: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._readers, self._rules, self._dns, self._client = readers, rules, dns, client
        self._seconds, self._clock = seconds, clock

    def examine(self, mails: Sequence[Arrived]) -> list[Examined | Unreadable]:
        """Examine them all. It blocks while it looks up: call it from a thread. Raises nothing."""
        found: dict[int, Examined | Unreadable] = {}
        asked: dict[int, set[Question]] = {index: set() for index in range(len(mails))}
        known: dict[Question, tuple[Record, ...] | None] = {}
        ends = self._clock() + self._seconds
        for turn in range(ROUNDS + 1):
            found |= self._round(mails, asked, known)
            asked = {
                index: asked[index] | set(examined.wanted)
                for index in asked
                if not isinstance(examined := found[index], Unreadable) and examined.wanted
            }
            if not asked:
                break
            # What another mail of the batch asked for before is there already.
            fresh = {question for each in asked.values() for question in each} - known.keys()
            if self._dns is None or turn >= ROUNDS - 1:
                # What is still unknown can't be had now.
                known |= dict.fromkeys(fresh)
            elif fresh:
                known |= self._dns.look_up_all(fresh, max(0.0, ends - self._clock()))
        return [self._proven(mail, found[index]) for index, mail in enumerate(mails)]

    def _round(
        self,
        mails: Sequence[Arrived],
        asked: Mapping[int, set[Question]],
        known: Mapping[Question, tuple[Record, ...] | None],
    ) -> dict[int, Examined | Unreadable]:
        """Examine those mails again that asked for something, each with the answers to its own questions."""
        jobs = [
            to_examine(
                mail.raw,
                mail.envelope,
                self._rules,
                mail.received_at,
                {question: known[question] for question in questions},
            )
            for mail, questions in ((mails[index], questions) for index, questions in asked.items())
        ]
        answers = self._readers.run(jobs)
        return dict(zip(asked, answers, strict=True))

    def _proven(self, mail: Arrived, examined: Examined | Unreadable) -> Examined | Unreadable:
        if isinstance(examined, Unreadable) or examined.problem or self._client is None:
            return examined
        return replace(examined, proof=self._client.prove_address(mail.envelope, examined.sender))


class Opener(Protocol):
    """One private key of the gateway, as `gpg.PgpOpener` and `smime.SmimeOpener`. Safe in threads."""

    kind: str

    def open(self, ciphertext: bytes) -> bytes:
        """The MIME entity inside; raises `OpenError`."""
        ...

    def close(self) -> None: ...


class Unwrapper:
    """Unwraps with these keys."""

    def __init__(self, readers: Readers, openers: Sequence[Opener]) -> None:
        self._readers, self._openers = readers, openers

    def unwrap(self, raw: bytes) -> bytes:
        """The mail with its encryption and opaque signatures taken off; `raw` itself if there are none.

        Raises `OpenError` if no key opens it or it is damaged, and `Unreadable`.
        """
        layer = unwrapped_bytes(self._readers.one(to_unwrap(raw)))
        for _ in range(DEEPEST):
            if layer is None:
                raise OpenError("a wrapped mail is damaged")
            if not layer.kind:
                return layer.content
            inner = self._opened(layer.kind, layer.content)
            layer = unwrapped_bytes(self._readers.one(to_unwrap(layer.outer, inner)))
        raise OpenError("a mail is wrapped too deep")

    def _opened(self, kind: str, ciphertext: bytes) -> bytes:
        for opener in self._openers:
            if opener.kind == kind:
                try:
                    return opener.open(ciphertext)
                except OpenError:
                    # It may be sealed for another of our keys, as during a rotation.
                    continue
        raise OpenError(f"no key here opens this {kind} mail")
