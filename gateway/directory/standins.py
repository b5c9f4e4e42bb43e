"""What stands in the fields that nobody filled in: in a new form, and in place of what is wrong.

It promises that a stand-in is right by itself, so that what else is wrong with an entry can be told at once.
"""

from typing import Any

from pydantic import ValidationError

from gateway.directory.book import MODELS, EntryKind

FIRST: dict[EntryKind, dict[str, Any]] = {
    EntryKind.ORGANISATION: {"pathway": "almere", "adapter": "mail"},
    EntryKind.PLACE: {"level": "wijk"},
    EntryKind.PATHWAY: {
        "contact": {"days": 3, "count": "calendar"},
        "collect": {"days": 1},
        "backup": {"days": 1},
        "feedback": "in_beeld",
        "hours": {"opens": "09:00", "closes": "17:00"},
        "unreachable": {"attempts": 3, "days": 2},
        "question": {"remind": 2, "give_up": 5},
        "retention": {"quarantine_days": 14},
        "urgent_words": ["spoed", "crisis", "huisuitzetting", "afsluiting"],
    },
}
"""What stands in a new form."""

STAND_INS: dict[EntryKind, dict[str, Any]] = {
    EntryKind.ORGANISATION: {
        "id": "x",
        "name": "x",
        "adapter": "mail",
        "format": "openpgp",
        "key": "x",
        "fingerprint": "0" * 40,
    },
    EntryKind.PRACTICE: {"id": "x", "name": "x", "domains": ["x.invalid"]},
    EntryKind.PLACE: {"name": "x", "level": "wijk"},
    EntryKind.PATHWAY: {"name": "x", "title": "x"},
}
"""What stands in a wrong field while the others are looked at."""


def mended(kind: EntryKind, row: Any, place: str, number: int) -> tuple[Any, frozenset[str]] | None:
    """An entry of a file that is wrong, with stand-ins for what is wrong in it, and the names of these.

    `place` is one that there is, and `number` tells it from the other stand-ins. None where nothing is wrong,
    or where no more can be told.
    """
    if not isinstance(row, dict):
        return None
    model = MODELS[kind]
    stand_in = {"serves": [place]} if kind is EntryKind.ORGANISATION and place else {}
    stand_in |= STAND_INS[kind] | {"id": f"x-{number}"}
    if kind is EntryKind.PRACTICE:
        stand_in["domains"] = [f"x-{number}.invalid"]
    try:
        model.model_validate(row)
    except ValidationError as error:
        about = [each["loc"] for each in error.errors()]
    else:
        return None
    wrong = {str(loc[0]) for loc in about if loc}
    if not all(about):
        # What no single field is wrong about may be what none of them says.
        wrong |= stand_in.keys() - row.keys()
    right = {name: value for name, value in row.items() if name not in wrong}
    try:
        entry = model.model_validate({name: stand_in[name] for name in wrong & stand_in.keys()} | right)
    except ValidationError:
        return None
    # It is told of by its own name, also where that is wrong.
    return entry.model_copy(update={"id": str(row.get("id", f"number {number}"))}), frozenset(wrong)
