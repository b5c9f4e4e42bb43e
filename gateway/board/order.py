"""The orders in which the list of running cases can stand, other than by when contact is due.

It promises the order of the alphabet for names, of organisations and practices as well as of wijken, whatever
the database thinks of capitals and accents, at a cost that does not grow with the number of names.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, case, func
from sqlmodel import Session, SQLModel

from gateway.web.words import alphabetical

_CASES = SQLModel.metadata.tables["cases"].c


class Sort(StrEnum):
    """By what the list is sorted, other than by when contact is due."""

    RECEIVED = "ontvangen"
    STATE = "status"
    ORGANISATION = "organisatie"
    PRACTICE = "praktijk"
    WIJK = "wijk"


SORTED = {
    Sort.RECEIVED: _CASES.received_at.desc(),
    Sort.STATE: _CASES.state,
    Sort.ORGANISATION: _CASES.organisation_id,
    Sort.PRACTICE: _CASES.practice_id,
    Sort.WIJK: _CASES.wijk,
}
NAMED: Final = frozenset({Sort.ORGANISATION, Sort.PRACTICE, Sort.WIJK})
"""What is sorted by name; a wijk is called what it is."""


def around(
    session: Session, query: Select[Any], by: Sort, names: Mapping[str, str], skip: int, most: int
) -> tuple[list[str], int]:
    """Whose cases stand on the page of `most` that begins after `skip`, in order, and how many of theirs come
    before it.

    A database that compared every case with every name would take too long.
    """
    whose = func.coalesce(SORTED[by], "")
    found = session.execute(query.with_only_columns(whose, func.count()).group_by(whose))
    counts: dict[str, int] = {id_: number for id_, number in found}  # noqa: C416 (a row is no pair to dict)
    few: list[str] = []
    for id_ in sorted(counts, key=lambda id_: _place(by, id_, names)):
        if not few and counts[id_] <= skip:
            skip -= counts[id_]
            continue
        few.append(id_)
        if sum(counts[each] for each in few) > skip + most:
            break
    return few, skip


def placed(by: Sort, few: list[str]) -> Any:
    """The places of these in the order that they have."""
    return case({id_: place for place, id_ in enumerate(few)}, value=func.coalesce(SORTED[by], ""))


def by_name(rows: list[Any], by: Sort, names: Mapping[str, str]) -> list[str]:
    """The ids of cases, from rows of ids with what they are sorted by beside them."""
    rows.sort(key=lambda row: (_place(by, row[1] or "", names), row[0]))
    return [row[0] for row in rows]


def _place(by: Sort, id_: str, names: Mapping[str, str]) -> tuple[bool, tuple[str, str], str]:
    """By what names are put in order; who is not known any more comes last."""
    name = id_ if by is Sort.WIJK else names.get(id_, "")
    return not name, alphabetical(name), id_
