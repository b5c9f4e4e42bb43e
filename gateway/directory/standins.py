"""What stands in the fields that nobody filled in: in a new form, and in place of what is wrong.

It promises that a stand-in is right by itself, so that what else is wrong with an entry can be told at once.
"""

from typing import Any

from gateway.directory.book import EntryKind

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
