"""Every sentence the gateway says to people, made from closed codes.

It promises that a message consists of the catalogue's words, names from the configuration, the kenmerk,
dates and the words for codes; of what came from a mail nothing has a way in but the last figures of a number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from gateway.domain.catalogue import EXAMPLES, Catalogue
from gateway.domain.codes import DeclineReason, NextStep, StopOutcome, StopReason
from gateway.domain.messages import OPTIONAL, PLACEHOLDERS, Ask, Code, ItemKind
from gateway.domain.pathway import Recipient
from gateway.domain.states import Event, State
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
    place: str = ""
    """The wijk, or else the pathway."""
    link: str = ""
    """Where it is dealt with, given when it is written."""


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
    weeks: str = ""
    public_phone: str = ""
    """Where patients call the organisation."""
    until: datetime | None = None
    date: datetime | None = None
    now: datetime | None = None
    """When it is read, as far as we know: what is said of `date` is right then."""
    step: str = ""
    """What a pathway's own clock waits for."""
    by_mail: bool = True
    """Whether the organisation has a mail with the referral that it can answer."""
    answers: tuple[Event, ...] = ()
    """What can be reported of it."""
    talks: tuple[Event, ...] = ()
    """The conversations that were agreed on, beside what can be reported everywhere."""
    state: State | None = None
    outcome: StopOutcome | None = None
    next_step: NextStep | None = None
    reason: DeclineReason | None = None
    stop: StopReason | None = None
    again: bool = False
    """Whether it was said before."""
    told: tuple[Recipient, ...] = ()
    finding: bool = False
    """Whether the patient may be found at a place."""
    digits: str = ""
    """The last figures of the number that was read."""
    choices: tuple[str, ...] = ()
    """The last figures of the numbers to choose from, in their order."""
    themes: tuple[str, ...] = ()
    """The titles of the themes to choose from."""
    problems: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    head: str = ""
    """The signed end of the audit trail, line by line."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """Figures of a practice, each by its placeholder."""


_OPTIONAL = {name: re.compile(rf"\n?\n[^\n]*\{{{name}\}}[^\n]*(?=\n|$)") for name in OPTIONAL}
_FIRST = re.compile(r"(?m)(?:^|(?<=[.!?] ))\{(organisation|backup|contact_person)\}")
"""A name at the beginning of a sentence: every line of a text begins one."""

_NAMES = (
    "kenmerk",
    "organisation",
    "backup",
    "practice",
    "contact_person",
    "link",
    "hint",
    "digits",
    "weeks",
    "public_phone",
)
_FIELDS = {
    Ask.MISSING_NAME: "name",
    Ask.AMBIGUOUS_NAME: "name",
    Ask.MISSING_PHONE: "phone",
    Ask.INVALID_PHONE: "phone",
    Ask.CHOOSE_PHONE: "choice",
    Ask.CONFIRM_PHONE: "confirm",
    Ask.AMBIGUOUS_PHONE: "phone",
    Ask.MISSING_PLACE: "place",
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

    def render(
        self,
        code: Code | str,
        language: str,
        params: Params,
        *,
        more: tuple[Code, ...] = (),
        theme: str | None = None,
    ) -> Text:
        """The message for a code, with the bodies of `more` below it, above the signature. A theme may have
        texts of its own.

        A line with one of `OPTIONAL` is left out where there is nothing for it. Raises `NotFound` for a code
        or language there is no text for, and `ValueError` if `params` lacks what the text says (naming the
        placeholder, not its value).
        """
        catalogue = self.catalogues.get(f"{language}.{theme}") or self.catalogue(language)
        try:
            code = Code(code)
        except ValueError:
            raise NotFound(f"there is no text for {code!r}") from None
        template = catalogue.texts[code]
        values = _Values(self._values(code, catalogue, params))
        bodies = [self._body(code, catalogue, params, values)]
        bodies += [
            self._body(each, catalogue, params, self._values(each, catalogue, params)) for each in more
        ]
        body = "\n\n".join(bodies)
        signature = catalogue.signature.strip("\n")
        return Text(
            template.subject.format_map(values), f"{body}\n\n{signature}\n" if signature else f"{body}\n"
        )

    @staticmethod
    def _body(code: Code, catalogue: Catalogue, params: Params, given: Mapping[str, str]) -> str:
        body = catalogue.texts[code].body.strip("\n")
        for name, about in _OPTIONAL.items():
            if not getattr(params, name):
                # With the line goes the empty one before it.
                body = about.sub("", body)
        values = _Values(given)
        begun = _FIRST.sub(lambda found: _braced(_capital(values[found[1]])), body)
        return begun.format_map(values)

    def catalogue(self, language: str) -> Catalogue:
        """The texts of a language; raises `NotFound`."""
        try:
            return self.catalogues[language]
        except KeyError:
            raise NotFound(f"there is no catalogue for the language {language!r}") from None

    def date(self, moment: datetime, language: str) -> str:
        """A moment as people write it, such as "maandag 30 maart om 16.30 uur"."""
        return self._date(moment, self.catalogue(language))

    def word(self, value: State | StopOutcome | NextStep | DeclineReason | StopReason, language: str) -> str:
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
            case StopReason():
                return words.stop[value]

    def questions(self, problems: Sequence[str], language: str) -> tuple[str, ...]:
        """What is asked where these are the problems, each in a sentence."""
        catalogue = self.catalogue(language)
        asked = _asks(Params(problems=tuple(problems)))
        return tuple(catalogue.asks[each] for each in asked if each is not Ask.BSN_PRESENT)

    def corrected_marker(self, language: str) -> str:
        """What stands above a referral that takes the place of an earlier one with its kenmerk."""
        return self.catalogue(language).corrected_marker

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
            "until": self._date(params.until, catalogue) if params.until else "",
            "when": self._when(params, catalogue),
            "term": self._term(params, catalogue),
            "report": catalogue.words.report_mail if params.by_mail else catalogue.words.report_inbox,
            "again": catalogue.words.again if params.again else "",
            "step": params.step or catalogue.words.step,
            "answer": _listed(
                list(dict.fromkeys(catalogue.words.keyword[event] for event in params.answers)),
                catalogue.words.either,
            ),
            "talks": "\n  ".join(
                f"{catalogue.words.keyword[talk]:<19}{catalogue.words.talk[talk]}" for talk in params.talks
            ),
            "questions": _questions(params, catalogue),
            "example": _example(params, catalogue),
            "told": _listed([catalogue.words.told[each] for each in params.told], catalogue.words.also),
            "items": "\n".join(self._item(item, catalogue) for item in params.items),
            "count": str(len(params.items)),
            "head": params.head,
            "finding": catalogue.examples["place"] if params.finding else "",
            **params.figures,
        }
        for name in ("state", "outcome", "next_step", "reason", "stop"):
            value = getattr(params, name)
            values[name] = self.word(value, catalogue.language) if value is not None else ""
        return {name: value for name, value in values.items() if value and name in PLACEHOLDERS[code]}

    def _when(self, params: Params, catalogue: Catalogue) -> str:
        """By when, as long as that is to come: nobody is promised a date that has passed."""
        if params.date is None or (params.now is not None and params.date <= params.now):
            return catalogue.words.soon
        return catalogue.words.by.format(date=self._date(params.date, catalogue))

    def _term(self, params: Params, catalogue: Catalogue) -> str:
        """What date was agreed, in a sentence that is right when it is read."""
        if params.date is None:
            return ""
        over = params.now is not None and params.date <= params.now
        sentence = catalogue.words.term_was if over else catalogue.words.term_is
        return sentence.format(date=self._date(params.date, catalogue))

    def _item(self, item: Item, catalogue: Catalogue) -> str:
        values = {
            "kenmerk": item.kenmerk,
            "place": " ".join(item.place.split()),
            "organisation": item.organisation,
            "date": self._date(item.date, catalogue),
        }
        begun = _FIRST.sub(lambda found: _braced(_capital(values[found[1]])), catalogue.items[item.kind])
        line = begun.format_map(values)
        return f"{line} {item.link}" if item.link else line


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        raise ValueError(f"the text needs {name}, which was not given")


def _capital(name: str) -> str:
    """A name as it begins a sentence: "De gemeente Losser"; "'t Hoekje" stays as it is."""
    return f"IJ{name[2:]}" if name.startswith("ij") else name[:1].upper() + name[1:]


def _braced(text: str) -> str:
    """A text that `str.format` gives back as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def _asks(params: Params) -> tuple[Ask, ...]:
    """The problems as questions, once each, in the order in which `Ask` lists them.

    A problem without a question of its own is asked about in general: it is better to ask for everything
    again than to say nothing. Numbers that can be shown are offered for a choice.
    """
    if not params.problems:
        return ()
    known = {ask.value for ask in Ask}
    found = {Ask(problem) if problem in known else Ask.UNREADABLE for problem in params.problems}
    if Ask.AMBIGUOUS_PHONE in found and len(params.choices) > 1:
        found = found - {Ask.AMBIGUOUS_PHONE} | {Ask.CHOOSE_PHONE}
    elif params.choices and found - {Ask.BSN_PRESENT} == {Ask.AMBIGUOUS_PHONE}:
        # Where more is asked a "ja" could answer either.
        found = found - {Ask.AMBIGUOUS_PHONE} | {Ask.CONFIRM_PHONE}
    return tuple(ask for ask in Ask if ask in found)


def _questions(params: Params, catalogue: Catalogue) -> str:
    """The questions as lines; a remark that asks nothing (a BSN) follows after an empty line."""
    asks = _asks(params)
    lines: list[str] = []
    for ask in asks:
        if ask is Ask.BSN_PRESENT:
            continue
        lines.append(f"- {catalogue.asks[ask]}")
        if ask in {Ask.CHOOSE_PHONE, Ask.CONFIRM_PHONE}:
            answers = [catalogue.examples["confirm"]] if ask is Ask.CONFIRM_PHONE else count(1)
            lines += [
                f"  {catalogue.choice.format(number=answer, digits=digits)}"
                for answer, digits in zip(answers, params.choices, strict=False)
            ]
        if ask is Ask.MISSING_THEME:
            lines += [f"  - {title}" for title in params.themes]
    if lines and Ask.BSN_PRESENT in asks:
        lines += ["", catalogue.asks[Ask.BSN_PRESENT]]
    return "\n".join(lines)


def _example(params: Params, catalogue: Catalogue) -> str:
    """An answer to the questions, made of the catalogue's own invented patient."""
    fields = {_FIELDS[ask] for ask in _asks(params) if ask in _FIELDS}
    shown = [name for name in EXAMPLES if name in fields] or [*EXAMPLES[:3]]
    lines = [catalogue.examples[name] for name in shown]
    if Ask.MISSING_THEME in _asks(params) and params.themes:
        # What is chosen from is shown above: the first of it is the example.
        lines = [catalogue.examples[name] for name in EXAMPLES if name in fields]
        lines.append(f"{catalogue.examples['theme']} {params.themes[0]}")
    return "\n".join(f"  {line}" for line in lines)


def _listed(words: list[str], joint: str) -> str:
    """ "de verwijzer, de teamleider en de beheerder"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"
