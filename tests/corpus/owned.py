"""Sentences in which a number is another's though the patient is named beside it, and the other way round.

{who} is another person with their role, {f} another given name, {i} an initial and {l} a surname of another,
{x} their number; the rest is as in `prose`. `TURNED` are the same words about the patient, with their number.
"""

from random import Random

WHO = ["{f} {l}", "{H} {r}", "{H} {r} {f}", "De {r} van {s} {n}", "Mevrouw {l}", "De heer {l}", "De {r}"]
DEEDS = [
    "begeleidt {s} {n} uit {w}",
    "helpt {n} ({w})",
    "doet het woord voor {s} {n}, {w}",
    "regelt alles voor {n} uit {w}",
    "maakt zich zorgen over {s} {n} uit {w}",
    "kent {n} uit {w} goed",
    "woont samen met {n} in {w}",
    "zoekt hulp voor {s} {n}, {w}",
    "meldt {s} {n} uit {w} aan",
    "ondersteunt {n}, woonachtig in {w},",
]
REACHED = [
    "en is bereikbaar op {x}.",
    "en is te bellen op {x}.",
    "en neemt op: {x}.",
    "en heeft als nummer {x}.",
    "en kan gebeld worden op {x}.",
    "en wil graag gebeld worden op {x}.",
    "- {x}.",
    "en gaf {x} door.",
]
# How a line of its own, or a sentence, gives another's number beside the patient's record.
GIVEN = [
    "Ik heb {o} jullie nummer gegeven, {x}.",
    "{S} heeft uw nummer al, {x}.",
    "Bereikbaar op het nummer van die {r}, {x}.",
    "Het gaat via het toestel van {h} {r}, {x}.",
    "Contact: {i}. {l}, {x}",
    "ICE: {x}",
    "Tel volgens {h} verzekering: {x}",
    "Tel.nr. (van wie weet ik niet): {x}",
    "Op de groep hebben ze één telefoon, {x}.",
    "{H} {r} zit hier bij mij, {n} zelf niet. Bellen op {x}.",
    "{S} slaapt bij een gezin. Het gezin belt u zo: {x}.",
    "Zie vorige mail, daarin stond {x}.",
    "Er belde nog een {r} van {o}, terugbellen op {x}.",
    "Mevrouw {l} belde ook nog: {x}.",
    "Graag de {r} van {h} ex {x} laten bellen.",
    "Anders weet {f} waar {S} is: {x}.",
    "Voor overleg over deze casus: {x}",
    "De {r} van {h} {r}, die {o} ook wil helpen maar waar {s} niet op zit te wachten, is te bereiken op {x}.",
]
# What makes the patient's own number, {p}, one to ask about.
TAILS = [
    "{p}, dan leest {h} {r} mee.",
    "{p}, {f} reageert altijd snel.",
    "{p}, daar woont {S} dus niet meer.",
    "{p}, maar dat gebruikt {h} {r} om de winkel te bellen.",
    "{p}, {r} {f}.",
    "{p}. Het {r}nummer heeft {S} moeten inleveren.",
    "{p}. Dat is {h} {r}.",
    "{p}. NB: dat is {h} {r}.",
    "{p}. Let op: dat is {h} {r}.",
    "{p} (van {h} {r})",
]
TURNED = [
    "{s} {n} uit {w} wordt geholpen door {h} {k} {f}. {s} {n} is zelf bereikbaar op {p}.",
    "{n} uit {w} krijgt hulp van {h} {k} en is zelf bereikbaar op {p}.",
    "{n}, {w}. {S} heeft mij {h} nummer gegeven: {p}.",
    "{n} ({w}) wil hulp. {H} {k} weet van de aanmelding. Telefoonnummer van {s} {n}: {p}.",
    "{n} woont in {w}. {S} zit hier bij mij. {S} is te bellen op {p}.",
    "Mijn collega vroeg mij om {s} {n} uit {w} aan te melden. {H} nummer is {p}.",
    "{n}, {w}, {p}. Er belde ook nog een {k} over {o}, die heb ik niets verteld.",
    "Patiënt: {n}, {p}\nWijk: {w}",
]


def anothers(dice: Random, words: dict[str, str]) -> str:
    """A mail's text with another's number, or with the patient's own and something against it."""
    form = dice.choice(["deed", "deed", "given", "tail"])
    if form == "deed":
        who = dice.choice(WHO).format(**words)
        # "De broer van mevrouw Bos …": then the patient was named.
        deed = dice.choice(DEEDS if words["n"] not in who else ["woont in {w}", "kent {o} goed"])
        return f"{who} {deed} {dice.choice(REACHED)}".format(**words)
    told = dice.choice(["{n}, {w}", "Het gaat om {s} {n} uit {w}", "{s} {n}, wijk {w}"])
    if form == "given":
        between = dice.choice([". ", ".\n", "\n"])
        return f"{told}{between}{dice.choice(GIVEN)}".format(**words)
    leads = dice.choice([", ", ". Tel. ", ".\nTelefoon: ", "\nMobiel "])
    return f"{told}{leads}{dice.choice(TAILS)}".format(**words)
