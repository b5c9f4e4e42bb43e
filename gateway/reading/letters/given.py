"""What the clauses of a letter give and deny, and what is known with it."""

from dataclasses import replace
from itertools import dropwhile

from gateway.reading.letters.sentences import NUMBER, Written
from gateway.reading.letters.stops import denied, said_of_when
from gateway.reading.record import Reading, Verdict

REMARKS = frozenset({"bsn_present"})
"""Problems that nothing is asked about."""

_REPLACES = frozenset({"zijn", "wordt", "worden", "ipv"})


def numbers_given(text: Written) -> tuple[list[str], set[str]]:
    """The numbers that clauses name, and those that clauses deny."""
    given: list[str] = []
    denials: set[str] = set()
    for sentence in text.sentences:
        numbers = iter(sentence.numbers)
        for clause in sentence.clauses:
            here = [next(numbers, "") for word in clause if word == NUMBER]
            if denied(clause):
                denials.update(here)
            elif len(here) == 2 and _REPLACES.intersection(clause):
                # The one stands in the place of the other.
                given.append(here[0] if "ipv" in clause else here[1])
                denials.add(here[1] if "ipv" in clause else here[0])
            else:
                given += [each for each in here if each not in given]
    return given, denials


_NO = (("nee",), ("geen", "van", "beide"), ("geen", "van", "beiden"), ("geen", "van", "de", "tweeen"))


def without_no(text: Written, shown: tuple[str, ...]) -> Written:
    """An answer that begins with a no to the numbers `shown`, without that no where it gives another one
    ("nee 06-…"); where it gives one of them, the no reaches it also over a comma ("nee, 06-…")."""
    first = text.sentences[0] if text.sentences else None
    said = next((no for no in _NO if first and first.words[: len(no)] == no), ())
    told = {number for each in text.sentences for number in each.numbers}
    if first is None or not (said and shown and told):
        return text
    if told & set(shown):
        return replace(text, sentences=(replace(first, clauses=(first.words,)), *text.sentences[1:]))
    clauses = list(dropwhile(lambda clause: clause == said, first.clauses))
    if clauses and clauses[0][: len(said)] == said:
        clauses[0] = clauses[0][len(said) :]
    rest = [replace(first, clauses=tuple(clauses))] if clauses else []
    return replace(text, sentences=(*rest, *text.sentences[1:]))


def with_phone(known: Reading | None, phone: str, others: tuple[str, ...]) -> Reading:
    """What is known with these numbers, and no question left about them."""
    base = known or Reading(Verdict.INCOMPLETE)
    problems = tuple(code for code in base.problems if not code.endswith("_phone"))
    return judged(replace(base, phone=phone, other_phones=others, problems=problems, choices=()))


def judged(reading: Reading) -> Reading:
    """The reading with the verdict that its fields and problems come to."""
    whole = reading.name and reading.phone and reading.wijk and not set(reading.problems) - REMARKS
    return replace(reading, verdict=Verdict.REFERRAL if whole else Verdict.INCOMPLETE)


_DAY_PARTS = {
    **dict.fromkeys(("ochtend", "ochtends", "vanochtend", "morgens"), "ochtend"),
    **dict.fromkeys(("middag", "middags", "vanmiddag"), "middag"),
    **dict.fromkeys(("avond", "avonds", "vanavond"), "avond"),
}


def day_part_given(text: Written) -> str | None:
    """The one part of the day that a letter names, if there is one: ochtend, middag or avond."""
    words = {word for each in text.sentences for word in said_of_when(each).split()}
    parts = {_DAY_PARTS[word] for word in words & _DAY_PARTS.keys()}
    return parts.pop() if len(parts) == 1 else None
