"""Understands a batch of mails: opens them in memory, finds out who sent them and which case they are about,
and has them read.

It promises that nothing is parsed here: what stands in a mail is found out in reading processes, and comes
back as closed records; and that a mail which can't be understood leaves the batch with an outcome of its own.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from gateway.domain.case import kenmerk_of
from gateway.domain.messages import Code
from gateway.domain.outgoing import Reply
from gateway.domain.states import State
from gateway.errors import NotFound, OpenError
from gateway.gate.authenticity import unpack
from gateway.gate.senders import TRIAL, Senders
from gateway.gate.tokens import Marks, Tokens
from gateway.pipeline.admit import Admit
from gateway.pipeline.batch import ATTEMPTS, Batch, Decision, Mail, Outcomes, end
from gateway.pipeline.incoming import Incoming
from gateway.pipeline.notify import policy
from gateway.pipeline.reports import Reports
from gateway.pipeline.themes import Themes, agreed, answered
from gateway.pipeline.weighing import name_words, number_asked, weighed
from gateway.reading.letters.record import PARENT, PracticeKind, PracticeLetter, Topic
from gateway.reading.letters.tlsreport import TlsReport
from gateway.sandbox.examiner import Arrived, Examiner, Opener, Unwrapper
from gateway.sandbox.pool import Readers, Unreadable
from gateway.sandbox.tasks import (
    MailJob,
    to_find_consent,
    to_find_themes,
    to_judge_bounce,
    to_look_inside,
    to_read,
    to_read_letter,
    to_read_report,
    to_read_tls_report,
)
from gateway.sealing.box import Keychain
from gateway.store import audit, cases, inbox, outbox, threads
from gateway.store.engine import Store
from gateway.store.moves import Move
from gateway.store.tables import InboxRow


class Understanding:
    """Adds to the mails of a batch what is found out about them. `domains` are ours, now or before.

    `tls_reports` is the address to which others report on TLS, and `tls_reported` is told what they do.
    """

    def __init__(
        self,
        *,
        store: Store,
        keychain: Keychain,
        senders: Senders,
        alarmed: Callable[[], Collection[str]],
        examiner: Examiner,
        readers: Readers,
        tokens: Tokens,
        marks: Marks,
        admit: Admit,
        openers: Sequence[Opener],
        incoming: Incoming,
        reports: Reports,
        domains: tuple[str, ...],
        outcomes: Outcomes,
        themes: Themes,
        tls_reports: str = "",
        tls_reported: Callable[[TlsReport], None] = lambda report: None,
    ) -> None:
        self._store, self._keychain = store, keychain
        self._senders, self._examiner, self._readers = senders, examiner, readers
        self._alarmed = alarmed
        self._tokens, self._marks, self._domains = tokens, marks, domains
        self._admit, self._incoming, self._reports = admit, incoming, reports
        self._unwrapper = Unwrapper(readers, openers)
        self._outcomes, self._themes = outcomes, themes
        self._tls_reports, self._tls_reported = tls_reports, tls_reported

    def understand(self, batch: Batch, rows: Sequence[InboxRow]) -> None:
        """What can be found out about these rows; those with an outcome are in `batch.decisions`."""
        self._open(batch, rows)
        batch.each(self._sort)
        self._look_inside(batch)
        self._look_up(batch)
        self._read(batch)

    def _open(self, batch: Batch, rows: Sequence[InboxRow]) -> None:
        """Open the mails, and have them examined."""
        opened: list[tuple[InboxRow, Arrived]] = []
        for row in rows:
            if row.attempt > ATTEMPTS:
                # The worker died over it each time, so that nobody could say why.
                batch.decisions.append(self._outcomes.quarantine(row, "step_failed", batch))
                continue
            try:
                envelope, raw = unpack(self._keychain.open(row.sealed or b"", f"inbox:{row.id}"))
            except OpenError:
                batch.decisions.append(self._outcomes.quarantine(row, "cannot_open", batch))
                continue
            if row.case_id is None and envelope.mail_from and self._reports.made_up(envelope.rcpt_tos):
                # Nobody has such an address of us: not even its header is worth reading.
                batch.decisions.append(self._outcomes.quarantine(row, "report_token", batch))
                continue
            opened.append((row, Arrived(envelope, raw, row.received_at)))
        opened = self._without_reports(batch, opened)
        examined = self._examiner.examine([arrived for _, arrived in opened])
        for (row, arrived), head in zip(opened, examined, strict=True):
            if isinstance(head, Unreadable):
                batch.decisions.append(self._outcomes.unreadable(row, head, "", batch))
            else:
                batch.mails.append(Mail(row, arrived.envelope, arrived.raw, head))

    def _without_reports(
        self, batch: Batch, opened: list[tuple[InboxRow, Arrived]]
    ) -> list[tuple[InboxRow, Arrived]]:
        """The mails but those that report on TLS, which are counted; who sent one is asked of nobody."""
        ours = [at for at, (_, one) in enumerate(opened) if self._reports_only(one)]
        if not ours:
            return opened
        found = self._readers.run([to_read_tls_report(opened[at][1].raw) for at in ours])
        counted = {
            at: report
            for at, report in zip(ours, found, strict=True)
            if report is not None and not isinstance(report, Unreadable)
        }
        for at, report in counted.items():
            decision = end(opened[at][0], "ignored", batch.now, "tls_report")
            decision.then.append(partial(self._tls_reported, report))
            batch.decisions.append(decision)
        return [one for at, one in enumerate(opened) if at not in counted]

    def _reports_only(self, arrived: Arrived) -> bool:
        """Whether a mail came to the address for reports about TLS, and to no other."""
        to = {address.lower() for address in arrived.envelope.rcpt_tos}
        return bool(self._tls_reports) and to == {self._tls_reports}

    def _sort(self, mail: Mail, batch: Batch) -> Decision | None:
        """Whose mail it is; a decision if it can't be anybody's."""
        row, head, proof = mail.row, mail.head, mail.head.proof
        if mail.machine_made:
            mail.returned = self._incoming.addressed(mail)
            return None
        if mail.released:
            return None
        if proof.result == "temporary":
            return self._outcomes.later(row, proof.code, batch)
        mail.report = self._reports.claim(mail.envelope.rcpt_tos)
        if mail.report is not None:
            return None
        claims = self._tokens.thread_claims(" ".join((*head.references, head.in_reply_to or "")))
        practice = self._senders.practice_of(proof.address) if proof.address else None
        if practice is None and (proof.address or "@") in map(self._senders.folded, self._alarmed()):
            # Who is asked about a test referral may answer, in its thread and nowhere else.
            practice = next((TRIAL for claim in claims if self._tokens.confirms(claim, TRIAL.id)), None)
        if practice is None:
            return (
                self._stranger(mail, batch)
                if proof.address
                else self._outcomes.quarantine(row, proof.code, batch)
            )
        if not proof.satisfies(practice):
            return self._outcomes.quarantine(row, "spf_alone", batch)
        mail.practice = practice
        own = next((claim for claim in claims if self._tokens.confirms(claim, practice.id)), None)
        if own is not None:
            mail.thread = kenmerk_of(own.case)
        elif claims:
            # A token of another practice's thread proves that this one should not be there.
            return self._outcomes.quarantine(row, "other_thread", batch)
        else:
            ids = [one for one in (head.in_reply_to, *reversed(head.references)) if one]
            mail.originals = tuple(self._marks.original(practice.id, one) for one in ids)
        return None

    def _look_inside(self, batch: Batch) -> None:
        """What the whole of those mails says whose sender is known, or which a beheerder let in."""
        failures = self._ask(
            (mail, {"inside": to_look_inside(mail.raw, mail.head.proof.signature)})
            for mail in batch.mails
            if not mail.machine_made
        )

        def keep(mail: Mail, batch: Batch) -> Decision | None:
            if failure := failures.get(mail.row.id):
                return self._outcomes.unreadable(mail.row, failure, mail.prefix, batch)
            practice, name = mail.practice, mail.head.message_id or mail.head.proof.signature
            if practice is not None and name:
                # Without a Message-ID its signature tells of a copy.
                mail.key = self._marks.message(practice.id, name, mail.inside.digest)
            return None

        batch.each(keep)

    def _look_up(self, batch: Batch) -> None:
        """What is known of the cases that the mails are about."""
        mails = batch.mails
        with self._store.read() as session:
            named = {found for mail in mails for found in self._named(mail)}
            by_kenmerk = cases.by_kenmerken(session, named)
            closed = {case.id for case in by_kenmerk.values() if case.state == State.CLOSED}
            into = audit.joined(session, closed)
            now_in = cases.by_ids(session, set(into.values()))
            # What is said of a case that joined another is said of that one.
            by_kenmerk |= {
                kenmerk: now_in[into[case.id]] for kenmerk, case in by_kenmerk.items() if case.id in into
            }
            further = threads.of_cases(session, [case.id for case in by_kenmerk.values()])
            originals = cases.by_originals(session, {mark for mail in mails for mark in mail.originals})
            copies = cases.by_messages(session, {mail.key for mail in mails if mail.key})
            released = cases.by_ids(session, {mail.row.case_id for mail in mails if mail.row.case_id})
            self._incoming.count(session, [mail for mail in mails if mail.practice], batch.now)

        def place(mail: Mail, batch: Batch) -> Decision | None:
            if mail.released:
                mail.case = released[mail.row.case_id or ""]
                mail.practice = TRIAL if mail.case.trial else self._senders.by_id(mail.case.practice_id or "")
                if mail.practice is None or mail.head.sender is None:
                    raise NotFound("The practice or the sender of a released mail is not known any more")
            elif mail.key in copies:
                # The same mail in other bytes, as some servers send it after a fault.
                return end(mail.row, "addition", batch.now, "repeated", copies[mail.key])
            elif mail.thread is not None:
                mail.case = by_kenmerk.get(mail.thread)
                if mail.case is None:
                    # Our token on a case that is not there any more: a person must look.
                    return self._outcomes.quarantine(mail.row, "other_thread", batch)
            elif mail.report is not None:
                mail.case = next((by_kenmerk[one] for one in self._named(mail) if one in by_kenmerk), None)
            elif mail.practice is not None:
                # No token of ours: an answer to their own mail, or a mail that names the kenmerk.
                about = [each for mark in mail.originals for each in originals.get(mark, ())] or [
                    by_kenmerk[one]
                    for one in self._named(mail)
                    if one in by_kenmerk
                    and mail.practice.id
                    in {
                        by_kenmerk[one].practice_id,
                        *(row.practice_id for row in further.get(by_kenmerk[one].id, ())),
                    }
                ]
                mail.case = about[0] if about else None
                mail.several = len({case.id for case in about}) > 1
            if mail.case is not None:
                mail.formerly = tuple(k for k, case in by_kenmerk.items() if case is mail.case)
            if mail.case is not None and mail.case.fields_key is not None and not mail.released:
                mail.known = self._admit.known(mail.case)
            return self._read_in_part(mail, batch) if mail.inside.partial and not mail.released else None

        batch.each(place)

    def _read_in_part(self, mail: Mail, batch: Batch) -> Decision | None:
        """A mail of which not all is read is for a person: in the thread of a case as a letter there."""
        if mail.practice is None or not mail.in_thread:
            return self._outcomes.quarantine(mail.row, f"{mail.prefix}partial", batch)
        mail.letter = PracticeLetter(PracticeKind.UNCLEAR, topic=Topic.OTHER)
        return None

    @staticmethod
    def _named(mail: Mail) -> tuple[str, ...]:
        """The kenmerken of the cases that a mail may be about."""
        if mail.practice is None and mail.report is None:
            return ()
        if mail.report is not None:
            claimed = kenmerk_of(mail.report.case)
            return (claimed,) if claimed else ()
        if mail.thread is not None:
            return (mail.thread,)
        found = map(kenmerk_of, mail.inside.kenmerken)
        return tuple(dict.fromkeys(one for one in found if one))

    def _read(self, batch: Batch) -> None:
        """Have everything read that must be read, in the reading processes."""
        found: list[tuple[Mail, bytes]] = []
        shut: list[Mail] = []

        def open_(mail: Mail, batch: Batch) -> Decision | None:
            if mail.letter is not None:
                return None
            try:
                wrapped = mail.inside.wrapped and not mail.machine_made
                raw = self._unwrapper.unwrap(mail.raw) if wrapped else mail.raw
                if wrapped and not mail.released and self._readers.one(to_look_inside(raw, None)).partial:
                    return self._read_in_part(mail, batch)
            except OpenError:
                # What it shows of itself is read all the same, so that a practice is told why.
                raw = mail.raw
                shut.append(mail)
            except Unreadable as failure:
                return self._outcomes.unreadable(mail.row, failure, mail.prefix, batch)
            found.append((mail, raw))
            return None

        batch.each(open_)
        failures = self._ask((mail, self._jobs(mail, raw)) for mail, raw in found)
        # Its own words may say that its patient is reached otherwise than its address does.
        failures |= self._ask((mail, self._again(mail, raw)) for mail, raw in found)

        def judge(mail: Mail, batch: Batch) -> Decision | None:
            failure = failures.get(mail.row.id)
            mail.theme = self._theme(mail, mail.themes)
            if mail.reading is not None:
                mail.reading = self._themes.placed(mail.reading, mail.theme)
            if failure is None and mail.letter is not None:
                mail.letter = answered(weighed(mail, mail.letter, self._marks), mail.known, mail.theme)
                mail.letter = agreed(mail.letter, mail.consent)
                mail.reading, mail.consent = mail.letter.reading, mail.letter.consent
                mail.answer = mail.answer and not mail.letter.automatic
            said = mail.letter or mail.reading
            if mail in shut and (mail.released or said is None or said.unopened is None):
                return self._outcomes.quarantine(mail.row, f"{mail.prefix}cannot_decrypt", batch)
            return self._outcomes.unreadable(mail.row, failure, mail.prefix, batch) if failure else None

        batch.each(judge)

    def _ask(self, wanted: Iterable[tuple[Mail, dict[str, MailJob[Any]]]]) -> dict[str, Unreadable]:
        """Have it found out, and written at each mail; gives what could not be read, by the row."""
        asked = [(mail, name, job) for mail, jobs in wanted for name, job in jobs.items()]
        failures: dict[str, Unreadable] = {}
        answers = self._readers.run([job for _, _, job in asked])
        for (mail, name, _), answer in zip(asked, answers, strict=True):
            if isinstance(answer, Unreadable):
                failures.setdefault(mail.row.id, answer)
            else:
                setattr(mail, name, answer)
        return failures

    def _theme(self, mail: Mail, words: Iterable[str]) -> str | None:
        """What a mail with words of these themes is about; a test is about what was chosen for it."""
        if mail.case is not None and mail.case.trial and mail.case.theme is not None:
            return mail.case.theme
        return self._themes.said(mail.envelope.rcpt_tos, words)

    def _jobs(self, mail: Mail, raw: bytes) -> dict[str, MailJob[Any]]:
        """What is to be found out about a mail, by the name of what it will be."""
        if mail.machine_made:
            return {"bounce": to_judge_bounce(raw, *self._domains, addressed=bool(mail.returned))}
        if mail.report is not None:
            agreed = policy(mail.case).next_step if mail.case is not None else ()
            steps = {word: step.code for step in agreed for word in step.words}
            between = (mail.case.received_at, mail.row.received_at) if mail.case is not None else None
            return {"told": to_read_report(raw, name_words(mail.known), steps, between)}
        phones = mail.practice.phones if mail.practice else frozenset()
        words = self._themes.words(mail.known)
        about: dict[str, MailJob[Any]] = {"themes": to_find_themes(raw, words)} if words else {}
        if mail.in_thread and mail.case is not None:
            unreachable = number_asked(mail.case, mail.known)
            reach = self._themes.reach(mail.case.theme)
            read = to_read_letter(raw, phones, mail.known, unreachable=unreachable, reach=reach)
            if reach == PARENT and mail.known is not None and "missing_consent" in mail.known.problems:
                about["consent"] = to_find_consent(raw, asked=True, parents=True)
            return {"letter": read, **about}
        return self._read_so(mail, raw, self._themes.reach(self._theme(mail, ()))) | about

    def _again(self, mail: Mail, raw: bytes) -> dict[str, MailJob[Any]]:
        """What is to be found out once more of a referral, because of the theme that its words name."""
        if mail.reading is None or mail.letter is not None:
            return {}
        reach = self._themes.reach(self._theme(mail, mail.themes))
        before = self._themes.reach(self._theme(mail, ()))
        return self._read_so(mail, raw, reach) if reach != before else {}

    def _read_so(self, mail: Mail, raw: bytes, reach: str) -> dict[str, MailJob[Any]]:
        """How a referral is read whose patient is reached so."""
        phones = mail.practice.phones if mail.practice else frozenset()
        jobs: dict[str, MailJob[Any]] = {"reading": to_read(raw, phones, reach=reach)}
        if self._admit.asks_consent():
            jobs["consent"] = to_find_consent(raw, asked=False, parents=reach == PARENT)
        return jobs

    def _stranger(self, mail: Mail, batch: Batch) -> Decision:
        """A proven sender of no practice here, such as a colleague's other address: told once a day that a
        person must look, and why; a machine never."""
        row, head, now = mail.row, mail.head, batch.now
        row.sender_mac = self._marks.sender(head.sender or "")
        decision = self._outcomes.quarantine(row, "unknown_sender", batch)
        with self._store.read() as session:
            before = inbox.counts(session, [row.sender_mac], [], now - timedelta(days=1))
        told = row.sender_mac in batch.strangers or before.get(row.sender_mac, 0)
        if head.automatic or head.bulk or head.sender is None or told or decision.case is None:
            return decision
        batch.strangers.add(row.sender_mac)
        case, move = decision.case, decision.move or Move()
        move.change(case, self._admit.thread_of_stranger(case, head))
        move.put(outbox.row(Reply(case_id=case.id, code=Code.SENDER_UNKNOWN), now))
        return decision
