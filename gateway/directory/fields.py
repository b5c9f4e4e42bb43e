"""The forms of the directory: which fields an entry has on a page, and how an entry becomes a form and back.

It promises that what a form does not show stays as it was, and that the same checks decide as for a file.
"""

import copy
import json
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.directory.book import EntryKind
from gateway.errors import ConfigError

GENERAL = ""
"""Where a mistake is told that belongs to no single field."""


@dataclass(frozen=True, slots=True)
class EntryField:
    """One field. `name` is the key of the entry, with a dot in it one below another key; `shape` is text,
    number, lines (one value a line), tick, choice, or settings (name = value, a line each). `among` says of
    what there are the choices: pathway, backup or adapter."""

    name: str
    label: str
    hint: str = ""
    shape: str = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    among: str = ""

    def shown(self, document: Mapping[str, Any]) -> str:
        """What stands in the form for an entry."""
        value = _found(document, self.name)
        match self.shape:
            case "tick":
                return "ja" if value else ""
            case "lines":
                return "\n".join(map(str, value or ()))
            case "settings":
                hidden = {each.name.partition(".")[2] for each in FIELDS[EntryKind.ORGANISATION]}
                return "\n".join(
                    f"{name} = {_setting(one)}" for name, one in (value or {}).items() if name not in hidden
                )
        return "" if value is None else str(value)

    def taken(self, typed: str) -> Any:
        """What a form says, as an entry has it; None where it says nothing. Raises `ValueError`."""
        text = typed.replace("\r\n", "\n").strip()
        match self.shape:
            case "tick":
                return text == "ja"
            case "lines":
                return [line for each in text.split("\n") if (line := " ".join(each.split()))] or None
            case "number":
                return int(text) if text else None
            case "settings":
                return _settings(text) or None
        return " ".join(text.split()) or None


FEEDBACK = (
    ("in_beeld", "Dát de patiënt in beeld is"),
    ("dat_en_stop", "Ook dát de begeleiding stopt"),
    ("vervolgstap", "Ook de vervolgstap"),
    ("uitkomst", "Ook altijd een uitkomst"),
    ("geaggregeerd", "Niets per patiënt, alleen cijfers"),
)
COUNTS = (("calendar", "Gewone dagen"), ("working", "Werkdagen"))
ID = EntryField(
    "id", "Kort kenmerk", "Kleine letters, cijfers en streepjes. Dit blijft altijd zo.", required=True
)

CERTIFICATE = "De SHA-256-vingerafdruk, één per regel. Vergelijk hem eerst per telefoon."
REACH = (
    ("phone", "Met een eigen nummer"),
    ("parent", "Ook met het nummer van een ouder"),
    ("place", "Ook zonder nummer, op een vindplaats"),
)

FIELDS: dict[EntryKind, tuple[EntryField, ...]] = {
    EntryKind.PRACTICE: (
        ID,
        EntryField("name", "Naam", "Zoals organisaties de praktijk kennen.", required=True),
        EntryField("domains", "Maildomeinen", "Van de praktijk alleen, één per regel: praktijk.nl.", "lines"),
        EntryField(
            "addresses", "Losse mailadressen", "Bij een domein van meer mensen, één per regel.", "lines"
        ),
        EntryField("phones", "Telefoonnummers", "Van de praktijk zelf, één per regel.", "lines"),
        EntryField(
            "feedback",
            "Wat de praktijk hoort",
            "Leeg: zoals in het zorgpad staat.",
            "choice",
            choices=(("", "Zoals het zorgpad"), *FEEDBACK),
        ),
        EntryField(
            "figures_to",
            "Cijfers per kwartaal aan",
            "Een mailadres, of leeg: geen cijfers per mail. Kleine aantallen staan er niet in.",
        ),
        EntryField(
            "dkim",
            "Bewijs van mail",
            "Ondertekent de mailserver van de praktijk (DKIM)? Eis dat dan.",
            "choice",
            choices=(("", "Ook het adres van de server telt"), ("required", "Alleen een handtekening telt")),
        ),
        EntryField(
            "page", "Antwoorden alleen op een pagina lezen, na inloggen met twee factoren", "", "tick"
        ),
        EntryField("certificates", "Clientcertificaten", CERTIFICATE, "lines"),
    ),
    EntryKind.ORGANISATION: (
        ID,
        EntryField("name", "Naam", "Zoals de verwijzer de organisatie kent.", required=True),
        EntryField(
            "serves", "Werkgebied", "Plaatsen, één per regel. De kleinste plaats gaat voor.", "lines", True
        ),
        EntryField("pathway", "Zorgpad", "De afspraken die gelden.", "choice", True, among="pathway"),
        EntryField(
            "also",
            "Andere zorgpaden",
            "Het korte kenmerk van elk zorgpad van een ander onderwerp, één per regel.",
            "lines",
        ),
        EntryField(
            "backup",
            "Vervanger",
            "Krijgt nieuwe aanmeldingen als deze organisatie vol is, en wat te laat wordt.",
            "choice",
            among="backup",
        ),
        EntryField("phones", "Telefoonnummers", "Waarop u de organisatie belt, één per regel.", "lines"),
        EntryField(
            "public_phone", "Nummer voor patiënten", "Staat op de verwijskaart. Iedereen kan die kaart zien."
        ),
        EntryField("adapter", "Kanaal", "Hoe aanmeldingen aankomen.", "choice", True, among="adapter"),
        EntryField("options.to", "Mailadres voor aanmeldingen", "Nodig bij versleutelde mail."),
        EntryField(
            "options", "Meer instellingen van het kanaal", "Naam = waarde, één per regel.", "settings"
        ),
        EntryField("domains", "Maildomeinen", "Van waar de organisatie antwoordt, één per regel.", "lines"),
        EntryField("team", "Mailadres van het team", "Voor herinneringen, zonder iets van een patiënt."),
        EntryField("lead", "Mailadres van de leidinggevende", "Hoort het als het laat wordt."),
        EntryField("contact_persons", "Contactpersonen", "Plaats = naam, één per regel.", "settings"),
        EntryField(
            "absences",
            "Afwezige contactpersonen",
            "Naam = eerste dag/laatste dag waarnemer: Sanne = 2026-07-01/2026-07-21 Kim.",
            "settings",
        ),
        EntryField("waiting_weeks", "Wachtlijst in weken", "De praktijk hoort hoe lang het duurt.", "number"),
        EntryField("full", "Vol: nieuwe aanmeldingen gaan naar de vervanger", "", "tick"),
        EntryField("full_until", "Weer plek vanaf", "Leeg: tot u het vinkje weghaalt.", "date"),
        EntryField("client_certificates", "Clientcertificaten voor de koppeling", CERTIFICATE, "lines"),
        EntryField("closed", "Gesloten dagen", "Als jaar-maand-dag, één per regel.", "lines"),
    ),
    EntryKind.PLACE: (
        EntryField("name", "Naam", "De naam van de gemeente, het stadsdeel of de wijk.", required=True),
        EntryField(
            "level",
            "Soort plaats",
            "",
            "choice",
            choices=(("gemeente", "Gemeente"), ("stadsdeel", "Stadsdeel"), ("wijk", "Wijk")),
        ),
        EntryField("parent", "Ligt in", "De naam van het grotere gebied. Een gemeente ligt nergens in."),
        EntryField("aliases", "Andere namen", "Hoe mensen de plaats ook noemen, één per regel.", "lines"),
        EntryField("postcodes", "Postcodes", "Alleen de vier cijfers, één per regel.", "lines"),
    ),
    EntryKind.PATHWAY: (
        EntryField("name", "Kort kenmerk", "Kleine letters, cijfers en streepjes.", required=True),
        EntryField("title", "Titel", "Voor mensen: op het bord en in de cijfers.", required=True),
        EntryField("contact.days", "Contact binnen zoveel dagen", "De belofte aan de verwijzer.", "number"),
        EntryField("contact.count", "Hoe die dagen tellen", "", "choice", choices=COUNTS),
        EntryField(
            "contact.urgent.days", "Bij spoed binnen zoveel dagen", "Leeg: zoals alle andere.", "number"
        ),
        EntryField("contact.urgent.count", "Hoe die bij spoed tellen", "", "choice", choices=COUNTS),
        EntryField("collect.days", "Opgehaald binnen zoveel werkdagen", "", "number"),
        EntryField("backup.days", "Naar de vervanger na zoveel werkdagen te laat", "", "number"),
        EntryField("feedback", "Wat de verwijzer hoort", "", "choice", choices=FEEDBACK),
        EntryField(
            "needs",
            "Wat een mail moet noemen",
            "De gemeente is genoeg als één organisatie haar helemaal bedient.",
            "choice",
            choices=(("wijk", "De wijk"), ("gemeente", "De gemeente, of niets")),
        ),
        EntryField(
            "reach",
            "Hoe de patiënt bereikt wordt",
            "Anders dan met een eigen nummer alleen in mail over dit onderwerp.",
            "choice",
            choices=REACH,
        ),
        EntryField(
            "theme.name",
            "Onderwerp",
            "Kleine letters, zoals schulden of welzijn. Bij alles neemt één balie elk onderwerp aan.",
        ),
        EntryField("theme.title", "Naam van het onderwerp", "Zo vragen wij het aan de verwijzer."),
        EntryField(
            "theme.addresses",
            "Eigen mailadressen van het onderwerp",
            "Alleen het deel vóór de @, zoals welzijn, één per regel.",
            "lines",
        ),
        EntryField(
            "theme.words",
            "Woorden die het onderwerp noemen",
            "In een mail aan een adres zonder onderwerp, één per regel.",
            "lines",
        ),
        EntryField("by_hand", "Medewerkers melden zelf aan wie binnenloopt of belt", "", "tick"),
        EntryField("consent", "In de mail moet staan dat de patiënt toestemming gaf", "", "tick"),
        EntryField("contact_person", "De vaste contactpersoon van de wijk wordt genoemd", "", "tick"),
        EntryField(
            "urgent_words", "Woorden die spoed betekenen", "In kleine letters, één per regel.", "lines"
        ),
        EntryField("hours.opens", "Open vanaf", "Zoals 09:00. Herinneringen komen binnen deze tijden."),
        EntryField("hours.closes", "Open tot", "Zoals 17:00."),
        EntryField("closed.days", "Gesloten dagen", "Als jaar-maand-dag, één per regel.", "lines"),
        EntryField("unreachable.attempts", "Niet bereikt: na zoveel pogingen", "", "number"),
        EntryField("unreachable.days", "Niet bereikt: op zoveel dagen", "", "number"),
        EntryField("question.remind", "Vraag herhalen na zoveel werkdagen", "", "number"),
        EntryField("question.give_up", "Zonder antwoord stoppen na zoveel werkdagen", "", "number"),
        EntryField("retention.quarantine_days", "Mail in quarantaine bewaren, in dagen", "", "number"),
    ),
    EntryKind.ALARM: (EntryField("to", "Mailadres", "Van een beheerder die alarmen leest.", required=True),),
}

CHANNELS = {
    "mail": "Versleutelde mail",
    "mailbox": "Het postvak van InBeeld",
    "signaal": "Het postvak, met een signaal naar het eigen systeem",
    "file": "Een bestand op een server",
    "fhir": "FHIR",
    "klantinteracties": "Klantinteracties van de gemeente",
}
"""What the ways to hand over are called; another one that is installed by its own name."""

LOCKED = frozenset({"id", "to"})
"""What names an entry; another name is another entry."""

WORDS: dict[str, str] = {
    "is missing": "Vul dit in.",
    "is empty": "Vul dit in.",
    "names no address, and domains": "Vul een maildomein of een los mailadres in.",
    "is not a mail address": "Dit is geen mailadres, zoals naam@praktijk.nl.",
    "is not a domain name": "Dit is geen maildomein, zoals praktijk.nl.",
    "is not a telephone number": "Dit is geen telefoonnummer, zoals 036-5300000.",
    "is not of the right form": "Dit heeft niet de goede vorm. Lees de uitleg hierboven.",
    "is not in the gazetteer": "Deze plaats kennen we niet. Voeg hem eerst toe bij Plaatsen.",
    "is not in config/pathways": "Dit zorgpad is er niet. Kies er een uit de lijst Zorgpaden.",
    "must come before": "Herhalen moet eerder komen dan stoppen.",
    "opens must be earlier": "De tijd van openen moet vóór die van sluiten liggen.",
    "is not a date": "Dit is geen datum, zoals 2026-12-24.",
    "names no other organisation": "Deze organisatie is er niet. Vul het korte kenmerk van een andere in.",
    "is not installed": "Dit kanaal is er niet. Kies een ander.",
    "can't be sent so": "Dit kanaal kan niet met deze soort sleutel.",
    "stands there twice": "Dit hoort al bij een ander.",
    "is also of practice": "Dit hoort al bij een andere praktijk.",
    "anyone can have an address": "Bij dit domein kan iedereen een adres hebben. Vul losse mailadressen in.",
    "must stand above it": "Het gebied waarin deze plaats ligt, kennen we niet.",
    "has no parent": "Een gemeente ligt nergens in. Laat dat veld leeg.",
    "has two pathways of one theme": "Twee zorgpaden hebben hetzelfde onderwerp. Kies er één van.",
    "is of theme": "Dit hoort al bij een ander onderwerp.",
    "is for mail about the gateway itself": "Dit adres is voor mail over InBeeld zelf. Kies een ander.",
    "can't be seen": "Hier staat een teken dat u niet ziet. Maak het veld leeg en typ het opnieuw.",
    "should be greater": "Dit getal is te klein.",
    "should be less": "Dit getal is te groot.",
    "two names": "Deze postcode hoort al bij een andere plaats.",
}
"""What is said of a mistake, by a part of the words in which the files are told of it."""

TAKEN = WORDS["stands there twice"]
OTHERWISE = "Dit klopt niet. Lees de uitleg bij dit veld."

_TABLES = {
    "practice domain": "domains",
    "practice address": "addresses",
    "organisation certificate": "client_certificates",
}


def shown(kind: EntryKind, document: Mapping[str, Any]) -> dict[str, str]:
    """An entry as the values of its form."""
    return {field.name: field.shown(document) for field in FIELDS[kind]}


def taken(kind: EntryKind, given: Mapping[str, str], before: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    """A form as the document of an entry that was `before`, and what is said of each wrong field."""
    found, wrong = copy.deepcopy(dict(before)), {}
    for field in sorted(FIELDS[kind], key=lambda each: "." in each.name):
        if field.name in LOCKED and before:
            continue
        try:
            value = field.taken(given.get(field.name, ""))
        except ValueError:
            wrong[field.name] = OTHERWISE
            continue
        if value is None and field.required:
            wrong[field.name] = WORDS["is missing"]
        _put(found, field.name, value)
    return found, wrong


def wrong_fields(kind: EntryKind, errors: tuple[ConfigError, ...]) -> dict[str, str]:
    """What is said of each wrong field; of what belongs to no field of this form under `GENERAL`."""
    names = {field.name for field in FIELDS[kind]}
    found: dict[str, str] = {}
    for error in errors:
        said = next((text for part, text in WORDS.items() if part in error.problem), OTHERWISE)
        table = next((field for start, field in _TABLES.items() if error.key.startswith(start)), None)
        path = table or _path(error.key, names)
        if kind is EntryKind.PLACE and error.key.startswith("place "):
            path = "postcodes" if "two names" in error.problem else path or "parent"
        name = next((one for one in (path, path.partition(".")[0]) if one in names), GENERAL)
        found.setdefault(name, said if name else f"{error.key}: {error.problem}")
    return found


def _path(key: str, names: Container[str]) -> str:
    """The field that a mistake names, behind an id that may hold anything if it is itself what is wrong."""
    parts = [part.partition(" ")[0] for part in _behind(key)]
    known = (each for each in parts if each in names or each.partition(".")[0] in names)
    return next(known, parts[0] if parts else "")


def _behind(key: str) -> Iterator[str]:
    """What stands behind each of its dots."""
    while "." in key:
        key = key.partition(".")[2]
        yield key


def sentences() -> Iterator[str]:
    """Everything that is said here."""
    yield from WORDS.values()
    yield from CHANNELS.values()
    yield OTHERWISE
    for fields in FIELDS.values():
        for field in fields:
            yield from (
                field.label,
                *([field.hint] if field.hint else []),
                *(label for _, label in field.choices),
            )


def _settings(text: str) -> dict[str, Any]:
    """Names and their values, one a line; a value that is no number, list or truth is a text."""
    found: dict[str, Any] = {}
    for line in filter(str.strip, text.split("\n")):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name or not value:
            raise ValueError(line)
        try:
            found[name.strip('"')] = tomllib.loads(f"x = {value}")["x"]
        except tomllib.TOMLDecodeError:
            found[name.strip('"')] = value
    return found


def _setting(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _found(document: Mapping[str, Any], name: str) -> Any:
    above, dot, below = name.partition(".")
    return _found(document.get(above) or {}, below) if dot else document.get(name)


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    above, dot, below = name.partition(".")
    if dot:
        _put(document.setdefault(above, {}), below, value)
        # A term is all of it or none: what is left without its days was taken out.
        if not document[above] or (above == "urgent" and "days" not in document[above]):
            del document[above]
    elif value is None:
        document.pop(name, None)
    else:
        document[name] = value
