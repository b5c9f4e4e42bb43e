"""What the agreements leave open, and where they no longer fit what is under way, for `inbeeld check`."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import col, func, select

from gateway.accounts import invitations
from gateway.accounts import rows as accounts
from gateway.app.findings import Finding
from gateway.directory.snapshot import Directory
from gateway.domain.pathway import DEBTS
from gateway.domain.route import NoRoute, choose, themes_at
from gateway.domain.states import State
from gateway.gate.senders import practice_of
from gateway.store.engine import Store
from gateway.store.tables import CaseRow, EventRow, WorkerRow

SHOWN = 5
ONE = "take it out of serves = […] of all but one in config/organisations.toml, or give each another theme"
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.RETURNED, State.STOPPED, State.DECLINED})
"""States in which an organisation has nothing to do any more."""


def unserved(known: Directory) -> Iterator[Finding]:
    """The wijken from which no organisation, or more than one, would get a referral about some theme."""
    gazetteer, organisations = known.gazetteer, known.organisations.values()
    orphans: list[str] = []
    contested: list[str] = []
    for name, place in sorted(gazetteer.places.items()):
        if place.level != "wijk":
            continue
        ancestry = gazetteer.ancestry(name)
        for theme in sorted(themes_at(ancestry, organisations)) or [DEBTS]:
            try:
                choose(ancestry, organisations, theme=theme)
            except NoRoute as error:
                (contested if error.organisations else orphans).append(name)
    for names, told, mend in (
        (orphans, "nobody serves", ""),
        (contested, "more than one organisation serves", ONE),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            shown = ", ".join(names[:SHOWN])
            yield Finding("unserved", "warning", "wijken", f"{told} {shown}{more}", mend)


def removed(store: Store, known: Directory) -> Iterator[Finding]:
    """Organisations that the configuration no longer names while cases of theirs run."""
    query = (
        select(CaseRow.organisation_id, func.count())
        .where(col(CaseRow.organisation_id).is_not(None), col(CaseRow.state).not_in(sorted(OVER)))
        .group_by(col(CaseRow.organisation_id))
    )
    with store.read() as session:
        running = session.exec(query).all()
    for id_, number in sorted(running):
        if id_ not in known.organisations:
            told = f"is not in the configuration any more, and {number} of its cases run"
            yield Finding("removed", "error", f"organisation {id_}", told)


def unread(store: Store, known: Directory, now: datetime) -> Iterator[Finding]:
    """Practices whose answers stand on a page, where nobody has an account or an invitation."""
    with store.read() as session:
        for party in sorted(known.readers):
            if not accounts.all_of(session, party) and not invitations.waiting(session, now, party):
                told = "reads its answers on a page, and nobody there has an account"
                yield Finding("no-reader", "warning", f"practice {practice_of(party)}", told)


def moments(store: Store) -> Iterator[tuple[str, datetime]]:
    """What was written last, by whichever clock it was: none of it can lie ahead."""
    with store.read() as session:
        beat = session.exec(select(func.max(WorkerRow.seen_at))).one()
        event = session.exec(select(EventRow.at).order_by(col(EventRow.seq).desc()).limit(1)).first()
    if beat:
        yield "the last heartbeat of a worker", beat
    if event:
        yield "the last event of the trail", event
