"""What one passage says of the patient, as a value: the name, the numbers, the wijk, and what is doubtful."""

from dataclasses import dataclass, field

from gateway.reading.patient.person import Person
from gateway.reading.patient.places import Where


@dataclass(slots=True)
class Facts:
    """One passage's facts. `phone_state` says what the passage knows of a number; see `Reading.problems`."""

    name: str | None = None
    weight: int = 0
    names: list[Person] = field(default_factory=list)
    name_conflict: bool = False
    phones: list[str] = field(default_factory=list)
    phone_problem: str | None = None
    choices: tuple[str, ...] = ()
    wijk: Where = field(default_factory=Where)
    several: bool = False
    records: list["Facts"] = field(default_factory=list)
    """The facts of each of several patients, where each stands plainly apart."""
    text: str = ""
    doubted: bool = False
    """Whether it takes back a number, so that older ones count no more."""
    dropped: bool = False
    """Whether it says no more of them than that they are out of use, or wrong."""
    denied: frozenset[str] = frozenset()
    """The numbers that it says are somebody else's, or old."""
    old: frozenset[str] = frozenset()
    """Those that it says are out of use."""
    names_another: bool = False
    """Whether somebody else is said to want help, or to be or have something."""
    by_patient: bool = False
    """Whether it is quoted from the patient."""
