"""A catalogue: all texts of one language, parsed from a file in `config/wording/`.

It promises that a text can use only the placeholders its code is given, that no placeholder for anything of
the patient exists, and that a catalogue which lacks a text, or has one too many, is refused.
"""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.messages import PLACEHOLDERS, Ask, Code, ItemKind
from gateway.domain.pathway import Recipient
from gateway.domain.refusal import refusal
from gateway.domain.states import REPORTS, Event, State
from gateway.errors import ConfigError, ConfigErrors

EXAMPLES: Final = ("name", "phone", "wijk", "place", "consent", "choice", "confirm")
"""The fields a question shows an example of."""

_SHOWN: Final = (*EXAMPLES, "theme")

_EXAMPLE: Final = "config/wording/nl.toml"
_DATE: Final = frozenset({"weekday", "day", "month", "year", "hour", "minute"})
_ITEM: Final = frozenset({"kenmerk", "place", "organisation", "date"})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\r\n\x00]+$")]


class Template(_Part):
    """Subject and body of one message, with placeholders in braces."""

    subject: Line
    body: Annotated[str, Field(min_length=1, max_length=5000)]


class Dates(_Part):
    """How a moment is written."""

    weekdays: Annotated[tuple[Line, ...], Field(min_length=7, max_length=7)]
    months: Annotated[tuple[Line, ...], Field(min_length=12, max_length=12)]
    pattern: Line


class Words(_Part):
    """The words for codes that stand inside a message."""

    state: dict[State, Line]
    outcome: dict[StopOutcome, Line]
    next_step: dict[NextStep, Line]
    reason: dict[DeclineReason, Line]
    stop: dict[StopReason, Line]
    told: dict[Recipient, Line]
    keyword: dict[Event, Line]
    """The words by which an organisation reports."""
    talk: dict[Event, Line]
    """What the words for the conversations say that a place may have agreed on."""
    also: Line
    """Stands between the last two of a list."""
    either: Line
    """Stands between the last two of a choice."""
    again: Line
    """What is said first where it was said before and nothing was heard."""
    by: Line
    """A moment that is still to come."""
    soon: Line
    """What is said in its place when it has passed."""
    term_is: Line
    term_was: Line
    report_mail: Line
    """How to report, before the word for it: by answering the mail with the referral."""
    report_inbox: Line
    """The same where the referral did not come by mail."""
    step: Line
    """What a pathway's own clock waits for, where it has no name."""


class Catalogue(_Part):
    """All texts of one language."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    signature: Annotated[str, Field(max_length=1000)]
    neutral_subject: Line
    corrected_marker: Line
    """Stands above a referral that takes the place of an earlier one."""
    trial_marker: Line
    """Stands above whatever is said of a test referral."""
    choice: Line
    """One of the numbers to choose from."""
    dates: Dates
    texts: dict[Code, Template]
    asks: dict[Ask, Line]
    examples: dict[str, Line]
    words: Words
    items: dict[ItemKind, Line]

    @classmethod
    def parse(cls, file: str, table: Mapping[str, Any]) -> "Catalogue":
        """The catalogue in a parsed TOML table; raises `ConfigErrors` with every fault: file, key, remedy."""
        try:
            catalogue = cls.model_validate(dict(table))
        except ValidationError as error:
            raise refusal(file, error, _EXAMPLE) from None
        faults = [ConfigError(file, key, what, remedy) for key, what, remedy in _faults(catalogue)]
        if faults:
            raise ConfigErrors(faults)
        return catalogue


def _faults(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Key, problem and remedy of everything the types can't tell: gaps and placeholders."""
    complete: tuple[tuple[str, Mapping[Any, object], tuple[str, ...]], ...] = (
        ("texts", catalogue.texts, tuple(Code)),
        ("asks", catalogue.asks, tuple(Ask)),
        ("examples", catalogue.examples, _SHOWN),
        ("words.state", catalogue.words.state, tuple(State)),
        ("words.outcome", catalogue.words.outcome, tuple(StopOutcome)),
        ("words.next_step", catalogue.words.next_step, tuple(NextStep)),
        ("words.reason", catalogue.words.reason, tuple(DeclineReason)),
        ("words.stop", catalogue.words.stop, tuple(StopReason)),
        ("words.told", catalogue.words.told, tuple(Recipient)),
        ("words.keyword", catalogue.words.keyword, tuple(event for event in Event if event in REPORTS)),
        ("words.talk", catalogue.words.talk, (Event.EXPERT_TALK, Event.THREE_WAY_TALK)),
        ("items", catalogue.items, tuple(ItemKind)),
    )
    for table, found, wanted in complete:
        for name in wanted:
            if name not in found:
                yield f"{table}.{name}", "is missing", f"Add it as in {_EXAMPLE}"
        for name in found:
            if name not in wanted:
                yield f"{table}.{name}", "is not known", "Correct its spelling or remove it"
    for key, text, names in _templates(catalogue):
        yield from ((key, *fault) for fault in _wrong_placeholders(text, names))


def _templates(catalogue: Catalogue) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every text with its key and the placeholders it may use."""
    nothing: frozenset[str] = frozenset()
    yield "signature", catalogue.signature, nothing
    yield "neutral_subject", catalogue.neutral_subject, frozenset({"kenmerk"})
    yield "corrected_marker", catalogue.corrected_marker, nothing
    yield "trial_marker", catalogue.trial_marker, nothing
    yield "choice", catalogue.choice, frozenset({"number", "digits"})
    for name in ("also", "again", "either", "soon", "step", "report_mail", "report_inbox"):
        yield f"words.{name}", getattr(catalogue.words, name), nothing
    for name in ("by", "term_is", "term_was"):
        yield f"words.{name}", getattr(catalogue.words, name), frozenset({"date"})
    yield "dates.pattern", catalogue.dates.pattern, _DATE
    for code, text in catalogue.texts.items():
        # Subjects are seen on lock screens and in logs of mail servers: a number and a name at most.
        yield f"texts.{code}.subject", text.subject, PLACEHOLDERS[code] & {"kenmerk", "organisation", "count"}
        yield f"texts.{code}.body", text.body, PLACEHOLDERS[code]
    for kind, line in catalogue.items.items():
        yield f"items.{kind}", line, _ITEM
    for ask, line in catalogue.asks.items():
        yield f"asks.{ask}", line, nothing
    for name, line in catalogue.examples.items():
        yield f"examples.{name}", line, nothing
    words = catalogue.words
    tables: tuple[tuple[str, Mapping[Any, str]], ...] = (
        ("state", words.state),
        ("outcome", words.outcome),
        ("next_step", words.next_step),
        ("reason", words.reason),
        ("stop", words.stop),
        ("told", words.told),
        ("keyword", words.keyword),
        ("talk", words.talk),
    )
    for table, lines in tables:
        for name, line in lines.items():
            yield f"words.{table}.{name}", line, nothing


def _wrong_placeholders(text: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Problem and remedy of each placeholder that is not simply a name from `names`."""
    may = f"It may use {', '.join(sorted(names))}" if names else "It can't use any placeholder"
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        yield f"has a brace too many or too few ({error})", "Write {{ or }} for a brace itself"
        return
    for _, name, form, conversion in parsed:
        if name is None:
            continue
        if name not in names or form or conversion:
            yield f"uses {{{name}}}, which this text is not given in that form", may
