"""Mails composed from independent parts: what nobody thought of, by the thousand.

Each part is drawn for itself: how a mail opens, how the record is laid out, what its labels are called, who
else has a number and by which (invented) word, who signs, what banner or disclaimer stands around it. The
composer knows which numbers are the patient's, so that a reading can be judged: any other number is wrong,
and a question about a mail that told everything plainly is needless. All people and words are invented.
"""

from dataclasses import dataclass
from email.message import EmailMessage
from random import Random

from gateway.reading.patient.wijken import Gazetteer

INVENTED = """level,name,parent,aliases
gemeente,Losser,,
stadsdeel,Losser Dorp,Losser,Dorp
stadsdeel,Overdinkel,Losser,
wijk,Losser,Losser Dorp,
wijk,Centrum,Losser Dorp,
wijk,Noord,Losser Dorp,
wijk,De Kamp,Losser Dorp,Kamp
wijk,Hoge Esch,Losser Dorp,
wijk,Zoekerveld,Overdinkel,
wijk,Pelinckbuurt,Overdinkel,
wijk,'t Spik,Overdinkel,
""".replace("wijk,Losser,Losser Dorp,\n", "")
"""A gemeente whose wijken are called as ordinary words and surnames are."""

_GIVEN = [
    "Amina",
    "Hendrik",
    "Sjoukje",
    "Mehmet",
    "Roelof",
    "Fadoua",
    "Ilse",
    "Tesfay",
    "Wiebe",
    "Soraya",
    "Jolanda",
    "Marek",
    "Ngozi",
    "Bram",
    "Thirza",
    "Luciana",
    "Yara",
    "Gijs",
    "Hatice",
    "Dirk",
    "Femke",
    "Oksana",
    "Ruben",
    "Shanti",
    "Klaas",
    "Zainab",
    "Joost",
    "Mirjam",
    "Tamas",
    "Lieke",
]
_SURNAMES = """Brinkhorst;van der Laan;Yildirim;El Idrissi;de Haas;Kowalska;ter Braak;Osei;Visscher;van 't Hek;Ramdin;Wolters
Tadesse;op den Berg;Nagtegaal;Haddou;de Vries-Bakker;Sital;Terpstra;Abdi;Kuipers;Zandstra;Lim;Dijkhuis;Novak;in 't Veld
Achterberg;Mulder;Santos;Oude Elferink""".replace("\n", ";").split(";")
_ROOT = [
    "bol",
    "dra",
    "mor",
    "wend",
    "kem",
    "zil",
    "fro",
    "gar",
    "lun",
    "tov",
    "hes",
    "pra",
    "nim",
    "vel",
    "rus",
    "dop",
]
_MIDDLE = ["der", "sel", "ken", "mer", "ven", "tel", "gar", "no", "ri", "la"]
_END = [
    "aar",
    "ster",
    "vrouw",
    "man",
    "loods",
    "wacht",
    "gids",
    "ist",
    "boei",
    "leider",
    "trice",
    "eling",
    "houder",
    "meester",
]
_ORGANISATION = ["rijk", "hof", "kring", "wende", "brug", "haven", "steun", "lijn", "punt", "kompas"]
_RELATIVES = [
    "dochter",
    "zoon",
    "zus",
    "broer",
    "moeder",
    "vader",
    "buurvrouw",
    "nicht",
    "schoonzoon",
    "bewindvoerder",
    "begeleider",
    "mantelzorger",
]
_PROBLEMS = [
    "Er zijn schulden bij de energie en de zorgverzekering.",
    "Huurachterstand van drie maanden.",
    "Heeft veel stress door geldzorgen.",
    "De post blijft ongeopend liggen.",
    "Kan de vaste lasten niet meer betalen.",
    "Heeft loonbeslag en komt niet rond.",
    "",
]
_OPENINGS = [
    "Beste collega,\n\n",
    "Hallo,\n\n",
    "Geachte heer/mevrouw,\n\n",
    "Goedemorgen,\n\nHierbij een nieuwe aanmelding.\n\n",
    "L.S.,\n\n",
    "",
    "Dag allemaal,\n\nGraag jullie hulp bij het volgende.\n\n",
    "Hoi,\n\nZie hieronder.\n\n",
]
_NAME_LABELS = ["Naam", "Naam patiënt", "Patiënt", "Cliënt", "Pt", "Betreft", "NAAM", "naam"]
_PHONE_LABELS = [
    "Telefoon",
    "Tel",
    "Tel.",
    "Telefoonnummer",
    "Mobiel",
    "Tel.nr.",
    "Telefoon patiënt",
    "06-nummer",
    "tel",
    "TEL",
]
_WIJK_LABELS = ["Wijk", "Buurt", "Woonwijk", "Wijk/buurt", "wijk", "WIJK"]
_OTHER_LABELS = [
    "Geb.datum: 12-03-1961",
    "BSN: 999990019",
    "Geslacht: V",
    "Reden: schulden",
    "Postcode volgt",
    "Toestemming: ja",
]
_SEPARATORS = [": ", ":  ", " : ", ":\t", " = ", "........: "]
_CLOSINGS = [
    "Met vriendelijke groet,",
    "Groet,",
    "Mvg,",
    "Hartelijke groeten,",
    "Vriendelijke groeten,",
    "Gr.",
]
_ROLES = [
    "huisarts",
    "doktersassistente",
    "POH-GGZ",
    "praktijkondersteuner",
    "assistente",
    "waarnemend huisarts",
]
_BANNERS = [
    "LET OP: deze e-mail komt van buiten de organisatie.\n\n",
    "Dit bericht is beveiligd verzonden. Hulp nodig? Bel {x}.\n\n",
]
_DISCLAIMERS = [
    "\n\nDit bericht is uitsluitend bestemd voor de geadresseerde. Bent u dat niet, bel dan {x}.",
    "\n\nDisclaimer: de informatie in deze e-mail is vertrouwelijk.",
]
_PROSE = [
    "Graag contact met {s} {n}, {w}. Telefoon {p}.",
    "Ik meld {s} {n} bij u aan. {S} woont in {w} en is bereikbaar op {p}.",
    "{n} uit {w} wil graag geholpen worden. {H} nummer is {p}.",
    "Zou u {s} {n} willen bellen op {p}? {S} woont in {w}.",
    "{n}, {p}, {w}.",
    "{s} {n} / {p} / {w}",
    "{n}\n{p}\n{w}",
    "{n} ({p}) woont in {w} en heeft schulden.",
    "Betreft {s} {n}, wonend in {w}, te bereiken op {p}.",
    "Vandaag zag ik {s} {n} op het spreekuur. {S} woont in {w}. U kunt {o} bellen op {p}.",
]
_PROSE_WITHOUT = [
    "Naam: {n}\nWijk: {w}",
    "Patiënt: {s} {n}\nBuurt: {w}\nReden: schulden",
    "{n}\n{w}",
    "Graag contact met {s} {n}, {w}.",
    "Ik meld {s} {n} bij u aan. {S} woont in {w}.",
    "{n} uit {w} wil graag geholpen worden.",
    "{n}, {w}.",
]
# {r}: who it is, {f}: their given name, {l}: theirs with a capital.
_BESIDE = [
    "{H} {r} {f} is te bereiken op {x}.",
    "{R}: {f}, {x}",
    "{R} {f} ({x}) is op de hoogte.",
    "Bij geen gehoor kunt u {f} bellen, {h} {r}: {x}.",
    "{H} {r} heeft nummer {x}.",
    "Contact mag ook via {h} {r} {f}, {x}.",
    "{R}: {x}",
    "Er is een {r} betrokken ({x}).",
    "{f} ({r}) {x}",
]
_ALONE = [
    *_BESIDE,
    "{H} {r} doet alles. Die is bereikbaar op {x}.",
    "{H} {r} helpt met de post. Telefoon: {x}",
    "{R} {f} komt wekelijks. Te bellen op {x}.",
    "{R} {f}\n{x}",
    "{x} ({r})",
    "{x} is van {h} {r}.",
    "{x}, dat is de {r}.",
    "De {r} neemt op: {x}",
    "Mailen kan naar {f}, bellen naar {x}.",
    "{f} {x}",
    "Contact loopt via {o_org}, {x}.",
    "{o_org} is betrokken, tel {x}.",
    "{o_org}: {x}",
    "Mijn nummer is {x}.",
    "Voor overleg ben ik bereikbaar op {x}.",
    "Bel mij gerust op {x}.",
    "Het oude nummer {x} is afgesloten.",
    "{S} heeft een {r}. {S} is bereikbaar op {x}.",
    "{S} heeft een {r}. Nummer: {x}",
    "{S} woont samen met {h} {r} {f}. Te bereiken op {x}.",
    "{S} belt liever niet zelf. {H} {r} wel: {x}.",
    "Bel {o} via de {r}, {x}.",
    "Bel {o} via {o_org} op {x}.",
    "{R} is {f}. {S} weet overal van. Tel. {x}",
    "De {r} weet overal van. Tel. {x}",
    "Met {h} {r} overlegd. Telefoon {x}",
    "Overleg met {f} van {o_org} kan op {x}.",
    "Afgesproken met {f}: {x}.",
    "{S} verblijft nu bij {o_org}, telefoon {x}.",
    "{S} verblijft nu bij {f}. Tel {x}",
    "Telefoon {r}: {x}",
    "Naam {r}: {f}\nTelefoon: {x}",
    "{R}: {f}\nTelefoon: {x}",
    "{R}\nNaam: {f}\nTel: {x}",
    "{o_org}\nTel: {x}",
    "tel. {x} ({f})",
    "tel. {x} t.a.v. {f}",
    "{x} - {r}",
    "{x}, {r} {f}",
    "Op {x} krijgt u {h} {r}.",
    "Onder {x} neemt {h} {r} op.",
    "{H} {r}, die {h} post doet, is te bereiken op {x}.",
    "Samen met {h} {r} bereikbaar via {x}.",
    "Nummer: {x}. Dat is van {h} {r}.",
    "Nummer: {x}. Dit nummer is van de {r}.",
    "Mobiel: {x}\n(van {h} {r})",
    "Mobiel: {x}\nLet op, dit is het nummer van {h} {r}.",
]


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail, and what is true of it. `phones` are the patient's; a complete one tells everything plainly."""

    raw: bytes
    text: str
    kind: str
    name: str
    phones: frozenset[str]
    wijk: str
    complete: bool


class Composer:
    """Composes mails about invented people in the wijken of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer, seed: int) -> None:
        self._dice = Random(seed)
        self._wijken = sorted(
            place.name
            for place in gazetteer.places.values()
            if place.level == "wijk"
            and len((gazetteer.exact(place.name) or gazetteer.find(place.name)[0]).names) == 1
        )

    def mail(self) -> Composed:
        """The next mail, of a kind drawn by lot."""
        dice = self._dice
        kind = dice.choice(
            ["plain", "plain", "moderate", "moderate", "stranger", "stranger", "correction", "thread"]
        )
        given, surname = dice.choice(_GIVEN), dice.choice(_SURNAMES)
        name = dice.choice(
            [f"{given} {surname}", f"{given[0]}. {surname}", f"{given[0]}.{dice.choice('ABJKM')}. {surname}"]
        )
        woman = dice.random() < 0.5
        words = {
            "n": name,
            "s": dice.choice(["mw.", "mevrouw", "mevr."] if woman else ["dhr.", "de heer"]),
            "S": "Zij" if woman else "Hij",
            "H": "Haar" if woman else "Zijn",
            "h": "haar" if woman else "zijn",
            "o": "haar" if woman else "hem",
            "w": dice.choice(self._wijken),
        }
        digits = self._number()
        text, phones, complete = getattr(self, f"_{kind}")(words, digits)
        text = dice.choice(_OPENINGS) + text
        if dice.random() < 0.15:
            text = dice.choice(_BANNERS).format(x=self._written(self._landline())) + text
        signer, signed = self._signature(surname)
        text += signed
        if dice.random() < 0.2:
            text += dice.choice(_DISCLAIMERS).format(x=self._written(self._landline()))
        if kind == "thread":
            text += self._history(words, digits)
        return Composed(_raw(text, signer), text, kind, name, phones, words["w"], complete)

    def _plain(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return self._record(words, self._written(digits)), frozenset({_e164(digits)}), True

    def _moderate(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        record = self._record(words, self._written(digits))
        return f"{record}\n\n{self._beside(_BESIDE, words)}", frozenset({_e164(digits)}), True

    def _stranger(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        told = self._dice.choice(_PROSE_WITHOUT).format(**words)
        between = self._dice.choice([" ", "\n", "\n\n", " " + self._dice.choice(_PROBLEMS) + " "])
        beside = self._beside(_ALONE, words)
        if "\n" in told + beside:
            between = self._dice.choice(["\n", "\n\n"])
        return told + between + beside, frozenset(), False

    def _correction(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        wrong = list(digits)
        at = self._dice.randrange(4, 10)
        wrong[at] = str((int(wrong[at]) + self._dice.randrange(1, 9)) % 10)
        old = "".join(wrong)
        told = self._dice.choice(_PROSE).format(p=self._written(old), **words)
        fixed = self._dice.choice(
            [
                "Sorry, het nummer klopt niet, het moet {p} zijn.",
                "Correctie: het juiste nummer is {p}.",
                "Excuus, ik vergis me: niet op ..{a} maar ..{b} op het eind.",
                "Let op: het nummer eindigt op {b}.",
                "Het nummer hierboven is verkeerd.",
            ]
        )
        numbers = frozenset({_e164(digits)})
        return (
            f"{told}\n\n" + fixed.format(p=self._written(digits), a=old[-2:], b=digits[-2:]),
            numbers,
            False,
        )

    def _thread(self, words: dict[str, str], digits: str) -> tuple[str, frozenset[str], bool]:
        return self._record(words, self._written(digits)), frozenset({_e164(digits)}), True

    def _history(self, words: dict[str, str], digits: str) -> str:
        """An older mail about somebody else below the new one."""
        other = f"{self._dice.choice(_GIVEN)} {self._dice.choice(_SURNAMES)}"
        return (
            "\n\nOp ma 3 feb. 2025 om 10:00 schreef Zaal <zaal@elders.example>:\n\n"
            f"> Naam: {other}\n> Tel: {self._written(self._number())}\n> Wijk: {self._dice.choice(self._wijken)}\n"
        )

    def _record(self, words: dict[str, str], number: str) -> str:
        dice = self._dice
        if dice.random() < 0.45:
            prose = dice.choice(_PROSE).format(p=number, **words)
            problem = dice.choice(_PROBLEMS)
            prose += "" if prose.endswith(".") or "\n" in prose else "."
            return f"{prose} {problem}".strip() if "\n" not in prose else f"{prose}\n\n{problem}".strip()
        fields = [
            (dice.choice(_NAME_LABELS), dice.choice([words["n"], f"{words['s']} {words['n']}"])),
            (dice.choice(_PHONE_LABELS), number),
            (dice.choice(_WIJK_LABELS), words["w"]),
        ]
        if dice.random() < 0.3:
            dice.shuffle(fields)
        layout = dice.choice(["lines", "lines", "lines", "below", "inline", "table", "pipes"])
        separator = dice.choice(_SEPARATORS)
        lines = [f"{label}{separator}{value}" for label, value in fields]
        if layout == "lines":
            for extra in dice.sample(_OTHER_LABELS, dice.randrange(3)):
                lines.insert(dice.randrange(len(lines) + 1), extra)
            return "\n".join(lines)
        if layout == "below":
            return "\n".join(f"{label}\n{value}\n" for label, value in fields).strip()
        if layout == "inline":
            return ", ".join(f"{label}: {value}" for label, value in fields)
        between = "\t" if layout == "table" else " | "
        return between.join(label for label, _ in fields) + "\n" + between.join(value for _, value in fields)

    def _beside(self, templates: list[str], words: dict[str, str]) -> str:
        dice = self._dice
        given = dice.choice([each for each in _GIVEN if each not in words["n"]])
        role = dice.choice(_RELATIVES) if dice.random() < 0.4 else self._invented()
        organisation = dice.choice(["Stichting ", "", "De ", ""]) + self._invented(_ORGANISATION).capitalize()
        template = dice.choice(templates)
        if template.startswith("{S} heeft een"):
            # "Hij heeft een zus. Hij …" can only be the patient: here the word must not tell.
            role = self._invented()
        return template.format(
            r=role,
            R=role.capitalize(),
            f=given,
            x=self._written(self._number()),
            o_org=organisation,
            H=words["H"],
            h=words["h"],
            S=words["S"],
            o=words["o"],
        )

    def _invented(self, ends: list[str] = _END) -> str:
        return self._dice.choice(_ROOT) + self._dice.choice(_MIDDLE) + self._dice.choice(ends)

    def _signature(self, surname: str) -> tuple[str, str]:
        dice = self._dice
        signer = f"{dice.choice(_GIVEN)} {dice.choice([each for each in _SURNAMES if each != surname])}"
        practice = f"Huisartsenpraktijk {self._invented(_ORGANISATION).capitalize()}"
        number = self._written(self._landline())
        shown = signer if dice.random() < 0.7 else practice
        form = dice.choice(["full", "short", "given", "bare", "none"])
        closing = dice.choice(_CLOSINGS)
        if form == "full":
            signed = f"\n\n{closing}\n\n{signer}\n{dice.choice(_ROLES)}\n{practice}\nT {number}"
        elif form == "short":
            signed = f"\n\n{closing} {signer.split()[0]}"
        elif form == "given":
            signed = f"\n\n{closing}\n{signer.split()[0]}\n{number}"
        elif form == "bare":
            signed = (
                f"\n\n{signer}\n{number}"
                if shown == signer
                else f"\n\n{signer}, {dice.choice(_ROLES)}\n{number}"
            )
        else:
            signed = ""
        return f'"{shown}" <post@praktijk.example>', signed

    def _number(self) -> str:
        dice = self._dice
        if dice.random() < 0.8:
            return "06" + dice.choice("12345") + "".join(dice.choice("0123456789") for _ in range(7))
        return self._landline()

    def _landline(self) -> str:
        return "036" + self._dice.choice("58") + "".join(self._dice.choice("0123456789") for _ in range(6))

    def _written(self, digits: str) -> str:
        dice = self._dice
        head, rest = (digits[:2], digits[2:]) if digits.startswith("06") else (digits[:3], digits[3:])
        pairs = " ".join(rest[at : at + 2] for at in range(0, len(rest), 2))
        return dice.choice(
            [
                digits,
                f"{head}-{rest}",
                f"{head} {pairs}",
                f"{head}-{pairs}",
                f"{head} - {rest}",
                f"({head}) {rest}" if head != "06" else f"{head}.{pairs.replace(' ', '.')}",
                f"+31 {head[1:]} {rest}",
                f"+31{head[1:]}{rest}",
                f"0031 {head[1:]} {rest}",
            ]
        )


def _e164(digits: str) -> str:
    return "+31" + digits[1:]


def _raw(text: str, sender: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "aanmelding@handover.example", "aanmelding"
    mail.set_content(text, cte="base64")
    return mail.as_bytes()
