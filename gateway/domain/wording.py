"""Every sentence the gateway says to people, made from closed codes.

It promises that a message consists of the catalogue's words, names from the configuration, the kenmerk,
dates and the words for codes: nothing that came from a mail has a way in.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.catalogue import EXAMPLES, Catalogue
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome
from gateway.domain.messages import PLACEHOLDERS, Ask, Code, ItemKind
from gateway.domain.states import State
from gateway.errors import NotFound


@dataclass(frozen=True, slots=True)
class Text:
    """A finished message. `subject_hint` is for messages that start a thread; answers keep their thread's."""

    subject_hint: str
    body: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an administrator's digest."""

    kind: ItemKind
    date: datetime
    kenmerk: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Params:
    """What a message is made with. Names come from configuration; moments are aware; the rest are codes."""

    kenmerk: str = ""
    organisation: str = ""
    backup: str = ""
    practice: str = ""
    contact_person: str = ""
    link: str = ""
    hint: str = ""
    date: datetime | None = None
    state: State | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None
    reason: DeclineReason | None = None
    problems: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


_ABOUT_A_LINK = re.compile(r"\n?\n[^\n]*\{link\}[^\n]*(?=\n|$)")
_NAMES = ("kenmerk", "organisation", "backup", "practice", "contact_person", "link", "hint")
_FIELDS = {
    Ask.MISSING_NAME: "name",
    Ask.AMBIGUOUS_NAME: "name",
    Ask.MISSING_PHONE: "phone",
    Ask.INVALID_PHONE: "phone",
    Ask.AMBIGUOUS_PHONE: "phone",
    Ask.MISSING_WIJK: "wijk",
    Ask.UNKNOWN_WIJK: "wijk",
    Ask.AMBIGUOUS_WIJK: "wijk",
    Ask.MISSING_CONSENT: "consent",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """The catalogues by language, and the time zone in which dates are written."""

    catalogues: Mapping[str, Catalogue]
    timezone: str = "Europe/Amsterdam"

    def render(self, code: Code | str, language: str, params: Params, *, more: tuple[Code, ...] = ()) -> Text:
        """The message for a code, with the bodies of `more` below it, above the signature.

        A line about a link is left out where there is none. Raises `NotFound` for a code or language there is
        no text for, and `ValueError` if `params` lacks what the text says (naming the placeholder, not its
        value).
        """
        catalogue = self.catalogue(language)
        try:
            code = Code(code)
        except ValueError:
            raise NotFound(f"there is no text for {code!r}") from None
        template = catalogue.texts[code]
        values = _Values(self._values(code, catalogue, params))
        body = "\n\n".join(self._body(each, catalogue, params) for each in (code, *more))
        signature = catalogue.signature.strip("\n")
        return Text(
            template.subject.format_map(values), f"{body}\n\n{signature}\n" if signature else f"{body}\n"
        )

    def _body(self, code: Code, catalogue: Catalogue, params: Params) -> str:
        body = catalogue.texts[code].body.strip("\n")
        if not params.link:
            # With the line goes the empty one before it.
            body = _ABOUT_A_LINK.sub("", body)
        return body.format_map(_Values(self._values(code, catalogue, params)))

    def catalogue(self, language: str) -> Catalogue:
        """The texts of a language; raises `NotFound`."""
        try:
            return self.catalogues[language]
        except KeyError:
            raise NotFound(f"there is no catalogue for the language {language!r}") from None

    def date(self, moment: datetime, language: str) -> str:
        """A moment as people write it, such as "maandag 30 maart om 16.30 uur"."""
        return self._date(moment, self.catalogue(language))

    def word(self, value: State | StopOutcome | NextStep | DeclineReason, language: str) -> str:
        """The words for a code, such as "de patiënt is in beeld"."""
        words = self.catalogue(language).words
        match value:
            case State():
                return words.state[value]
            case StopOutcome():
                return words.outcome[value]
            case NextStep():
                return words.next_step[value]
            case DeclineReason():
                return words.reason[value]

    def neutral_subject(self, kenmerk: str, language: str) -> str:
        """What stands for a subject that may hold patient data (see `subject.reply_subject`)."""
        return self.catalogue(language).neutral_subject.format(kenmerk=kenmerk)

    def _date(self, moment: datetime, catalogue: Catalogue) -> str:
        local = moment.astimezone(ZoneInfo(self.timezone))
        return catalogue.dates.pattern.format(
            weekday=catalogue.dates.weekdays[local.weekday()],
            day=local.day,
            month=catalogue.dates.months[local.month - 1],
            year=local.year,
            hour=local.hour,
            minute=f"{local.minute:02d}",
        )

    def _values(self, code: Code, catalogue: Catalogue, params: Params) -> dict[str, str]:
        """What the code's placeholders stand for; what is empty is left out."""
        values = {name: " ".join(getattr(params, name).split()) for name in _NAMES} | {
            "date": self._date(params.date, catalogue) if params.date else "",
            "questions": _questions(params.problems, catalogue),
            "example": _example(params.problems, catalogue),
            "items": "\n".join(self._item(item, catalogue) for item in params.items),
            "count": str(len(params.items)),
        }
        for name in ("state", "outcome", "next_step", "reason"):
            value = getattr(params, name)
            values[name] = self.word(value, catalogue.language) if value is not None else ""
        return {name: value for name, value in values.items() if value and name in PLACEHOLDERS[code]}

    def _item(self, item: Item, catalogue: Catalogue) -> str:
        return catalogue.items[item.kind].format(
            kenmerk=item.kenmerk, organisation=item.organisation, date=self._date(item.date, catalogue)
        )


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise ValueError(f"the text needs {name}, which was not given")


def _asks(problems: Iterable[str]) -> tuple[Ask, ...]:
    """The problems as questions, once each, in the order in which `Ask` lists them.

    A problem without a question of its own is asked about in general: it is better to ask for everything
    again than to say nothing.
    """
    known = {ask.value for ask in Ask}
    found = {Ask(problem) if problem in known else Ask.UNREADABLE for problem in problems}
    return tuple(ask for ask in Ask if ask in found)


def _questions(problems: Iterable[str], catalogue: Catalogue) -> str:
    """The questions as lines; a remark that asks nothing (a BSN) follows after an empty line."""
    asks = _asks(problems)
    lines = [f"- {catalogue.asks[ask]}" for ask in asks if ask is not Ask.BSN_PRESENT]
    if lines and Ask.BSN_PRESENT in asks:
        lines += ["", catalogue.asks[Ask.BSN_PRESENT]]
    return "\n".join(lines)


def _example(problems: Iterable[str], catalogue: Catalogue) -> str:
    """An answer to the questions, made of the catalogue's own invented patient."""
    fields = {_FIELDS[ask] for ask in _asks(problems) if ask in _FIELDS}
    shown = [name for name in EXAMPLES if name in fields] or [*EXAMPLES[:3]]
    return "\n".join(f"  {catalogue.examples[name]}" for name in shown)
