"""Seals a mail that was set aside a second time, for the beheerders' own key: they read it in the browser.

It promises that nothing of the mail but ciphertext for that key leaves this step, that a mail which can't be
read by our reader is still shown by its headers, that without a usable key nothing is sealed, the mail stays
and somebody is told, and that whatever happens a copy is made once for a key. The process that reads is the
readers' own: hostile mail is parsed nowhere else.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from gateway.errors import KeyUnusable, OpenError, SealError
from gateway.gate.authenticity import unpack
from gateway.gate.senders import Senders
from gateway.log import Log
from gateway.reading.mail.display import NAME, Display, clipped
from gateway.sandbox.examiner import Opener, Unwrapper
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import MailJob, to_display, to_display_head, to_find_sender
from gateway.sealing.box import Keychain
from gateway.sealing.keyfacts import KeyFacts, Sealer
from gateway.store import alarms, cases, setaside
from gateway.store.engine import Store
from gateway.store.tables import InboxRow

ACTOR = "gateway"
OWNER = "beheerders"
"""Whose key it is, as the alarms name it."""

BATCH = 50
NO_KEY, CANNOT_OPEN, FAILED = "no_key", "cannot_open", "failed"
"""Why there is no copy, beside what is wrong with the key itself (`gateway.sealing.keyfacts.KeyFlaw`)."""

RESEMBLES = 5

T = TypeVar("T")


class SetAside:
    """The step; `key` gives the sealer for the beheerders as it is bound now, or None."""

    def __init__(
        self,
        *,
        store: Store,
        keychain: Keychain,
        openers: Sequence[Opener],
        readers: Readers,
        senders: Senders,
        key: Callable[[], Sealer | None],
        log: Log,
    ) -> None:
        self._store, self._keychain, self._openers = store, keychain, openers
        self._readers, self._senders, self._key, self._log = readers, senders, key, log

    def run(self, now: datetime) -> int:
        """Seal what is new, or sealed for a key that is bound no more; gives how many copies were made."""
        sealer, made = self._key(), 0
        if sealer is None:
            self._explain(NO_KEY, now)
            return 0
        try:
            facts = sealer.check(now)
        except KeyUnusable as error:
            self._explain(error.code, now)
            return 0
        while True:
            with self._store.read() as session:
                due = setaside.due(session, facts.fingerprint, BATCH)
            try:
                for mail_id in due:
                    made += self._seal(mail_id, sealer, facts, now)
            except Unreadable:
                # The readers were closed, or stand still: we stop, and go on here another time.
                return made
            if len(due) < BATCH:
                return made

    def sweep(self, now: datetime) -> None:
        """Note the mails that nobody noted, and let what could not be opened be tried again."""
        while True:
            with self._store.read() as session:
                missing = setaside.missing(session, BATCH)
                stuck = setaside.stuck(session)
            if stuck:
                with self._store.write() as session:
                    setaside.again(session)
            if missing:
                with self._store.write() as session:
                    for mail_id, case_id in missing:
                        setaside.note(session, mail_id, case_id, now)
            if len(missing) < BATCH:
                return

    def _seal(self, mail_id: str, sealer: Sealer, facts: KeyFacts, now: datetime) -> bool:
        """Make one copy; whatever goes wrong is told on the page, and the mail stays."""
        try:
            with self._store.read() as session:
                row = setaside.mail(session, mail_id)
                case = cases.by_id(session, row.case_id or "") if row else None
            if row is None or case is None:
                with self._store.write() as session:
                    setaside.tidy(session, mail_id)
                return False
            with self._store.read() as session:
                letter = setaside.letter(session, mail_id)
            code = letter.code if letter else case.reason
            content = json.dumps(self._content(row) | {"kenmerk": case.kenmerk, "code": code})
            sealed = sealer.seal(content.encode(), now).ciphertext
        except Unreadable:
            raise
        except OpenError:
            return self._fail(mail_id, CANNOT_OPEN, facts, now)
        except SealError as error:
            return self._fail(mail_id, error.code, facts, now)
        except Exception as error:  # noqa: BLE001 - one mail must not keep the others from being read
            self._log.failed("set_aside", error, mail=mail_id)
            return self._fail(mail_id, FAILED, facts, now)
        with self._store.write() as session:
            setaside.keep(session, mail_id, sealed, facts.fingerprint, now)
        return True

    def _content(self, row: InboxRow) -> dict[str, Any]:
        """What is shown of a mail: see `docs/quarantine.md`."""
        envelope, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
        address, _ = self._told(to_find_sender(raw))
        practice = self._senders.practice_of(address) if address else None
        plain, unread = self._plain(raw)
        asked = to_display(plain)
        whole, failed = self._told(asked)
        if whole is None:
            unread = failed
            whole, _ = self._told(to_display_head(raw))
        shown = Display() if whole is None else whole
        return asdict(shown) | {
            "v": 1,
            "envelope": clipped(envelope.mail_from, NAME)[0],
            "address": clipped(address or "", NAME)[0],
            "practice": practice.id if practice else "",
            "resembles": list(self._senders.near_misses(address)[:RESEMBLES]) if address else [],
            "unread": unread,
        }

    def _plain(self, raw: bytes) -> tuple[bytes, str]:
        """The mail as it is read, and why it is still wrapped."""
        try:
            return Unwrapper(self._readers, self._openers).unwrap(raw), ""
        except OpenError:
            return raw, "encrypted"
        except Unreadable as error:
            if error.later:
                raise
            return raw, error.code

    def _told(self, job: MailJob[T]) -> tuple[T | None, str]:
        """What a reading process tells, or why it tells nothing."""
        try:
            return self._readers.one(job), ""
        except Unreadable as error:
            if error.later:
                raise
            return None, error.code

    def _fail(self, mail_id: str, problem: str, facts: KeyFacts, now: datetime) -> bool:
        with self._store.write() as session:
            setaside.fail(session, mail_id, problem, facts.fingerprint, now)
        return False

    def _explain(self, problem: str, now: datetime) -> None:
        """Say on every page why there is no copy; that a key went wrong is told to administrators daily.

        That none is bound is told by 'inbeeld check', and each mail that is set aside by its own alarm.
        """
        with self._store.read() as session:
            if not setaside.unexplained(session, problem):
                return
        alarm = {"code": "board_key", "organisation": OWNER, "reason": problem, "day": now.date().isoformat()}
        with self._store.write() as session:
            setaside.explain(session, problem)
            if problem != NO_KEY:
                alarms.alarm_once(session, now=now, actor=ACTOR, **alarm)
        if problem != NO_KEY:
            self._log.alarm("board_key", reason=problem)
