"""The words that may stand beside a report without changing what it says.

It promises that no list of words beside a report of contact holds a plan, a doubt, a condition, a denial or
another person: those are not known there, and what is not known makes a letter unclear.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.reading.letters.closing import words_of
from gateway.reading.letters.record import ReportCode
from gateway.reading.letters.sentences import AMOUNT, GEMEENTE, PATIENT, WIJK

R = ReportCode

OPENERS: Final = words_of(
    f"""{PATIENT} ja de het deze dit een patient patiente pt client cliente mevrouw meneer mw mevr dhr
    heer hem haar zij ze hij is ik we wij heb hebben heeft hebt status melding aanmelding kenmerk
    bericht inmiddels nu helaas zojuist net er van update terugkoppeling rapportage betreft inzake
    hierbij dank bedankt wel en goedemorgen goedemiddag"""
)
"""Words that may stand anywhere: who, and that it is a report."""

ASKING: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("is", "zijn", "was", "wordt", "heeft", "hebt"),
            words_of(
                f"""{PATIENT} patient patiente pt client cliente mevrouw meneer mw mevr dhr de deze het dit
                zij ze hij u je jullie er al iemand"""
            ),
        ),
        **dict.fromkeys(("heb", "hebben"), words_of("ik we wij u je jullie zij ze")),
    }
)
"""A verb that comes first, and the words behind it that make a question of it, with or without its mark."""

SPOKEN_OF: Final = words_of(
    f"{PATIENT} patient patiente pt client cliente mevrouw meneer mw mevr dhr heer hem haar zij ze hij"
)
"""Who may have been seen where a mail was."""

_DATES: Final = words_of(f"""{AMOUNT} uur maandag dinsdag woensdag donderdag vrijdag zaterdag zondag""")
_PAST: Final = words_of(
    "vandaag gisteren eergisteren zojuist net vanochtend vanmorgen afgelopen vorige op om"
)
_CONTACT: Final = _PAST | words_of(
    "met telefonisch telefoon gebracht kort uitgebreid goed rond persoonlijk vervolg dus thuis bezocht sinds"
)
_STARTED: Final = (
    _PAST
    | _DATES
    | words_of(
        """met per begeleiding traject hulp hulpverlening ondersteuning gesprekken eerste vervolg door
        bij ons sinds zijn"""
    )
)
BESIDE: Final[Mapping[ReportCode, frozenset[str]]] = MappingProxyType(
    {
        R.CONTACTED: _CONTACT,
        R.SELF_CONTACT: _CONTACT | words_of("vanmiddag naar ons kantoor spreekuur inloop"),
        R.INTAKE_PLANNED: _PAST
        | _DATES
        | words_of(
            """met voor volgende morgen overmorgen week weken dagen over bij thuis kantoor ons gemaakt
            gepland staat kennismaking intake huisbezoek telefonische eerste gesprek locatie aan in
            vervolg stap middag ochtend vanmiddag begin eind"""
        ),
        R.NO_SHOW: _PAST
        | _DATES
        | words_of("bij op afspraak intake kennismaking zonder bericht nieuwe gemaakt"),
        R.IN_SUPPORT: _STARTED,
        R.STOPPED: _STARTED
        | words_of("omdat want wegens reden uitkomst na naar andere gemeente toe dossier gesloten"),
        R.DECLINED: _PAST
        | _DATES
        | words_of(
            f"""{WIJK} {GEMEENTE} week wachtlijst wachttijd weken maanden dagen tot momenteel dit moment nu
            team agenda vanwege drukte vakantie te lang woont wonen gemeente stad andere in bij hoort valt
            onder zegt geeft aan aangegeven zelf meer hulp aan nu sinds collega traject begeleiding ander
            organisatie graag terug teruggeven zijn hulpvraag vraag deze ons onze voor met maatschappelijk
            daarom dus"""
        ),
        R.SEEN: words_of("mail bericht intrekking dat vandaag genoteerd verwerkt akkoord niet meer bellen"),
        R.CORRECTED: words_of(
            """sorry excuses excuus vorige melding klopte was een mijn onze in beeld verkeerde patient per
            ongeluk te snel fout dat verkeerd dossier zijn ons"""
        ),
        R.COLLECTED: _PAST
        | words_of(
            "goede orde door collega team in we zijn het dit en genomen behandeling planning mail bericht op"
        ),
        R.WRONG_NUMBER: _PAST
        | words_of(
            """blijkt bleek volgens graag nieuw nieuwe juiste ander het een svp aub ontvangen wij jullie
            zijn ons
            kunt sturen doorgeven nummer telefoonnummer gebeld opgenomen iemand anders nam op iets kan
            kunt weet weten krijg kreeg"""
        ),
    }
)
"""Report -> the words that may stand beside it."""

PAST_PHRASES: Final = words_of("gesproken bereikt gehad gelegd geweest gemaakt gevoerd")
SPOKEN_WHEN: Final = _DATES | words_of("vanmiddag vanavond middag ochtend avond s")
"""Beside words that can only be said of what has happened, a day or a part of it is no plan."""

PLAN: Final = _DATES | words_of(
    f"""{AMOUNT} ik we wij nemen neem bellen bel gaan ga zullen zal morgen vandaag vanmiddag vanavond
    overmorgen deze volgende week contact op met de patient client mevrouw meneer hem haar zo snel
    mogelijk spoedig binnenkort plannen plan een afspraak in en wordt worden gebeld benaderd door collega
    team uur dagen binnen het dit verder mee aan slag voor ermee komt langs terug"""
)
"""Words of a plan: beside a receipt it is no doubt, beside anything else it is."""

CALLING: Final = words_of("bellen bel gebeld benaderd contact nemen neem plannen plan afspraak")
"""The words of a plan to reach somebody: who was spoken with is reached."""

AGAIN: Final = words_of(
    """probeer proberen bel bellen gaan ga zal zullen weer opnieuw nogmaals eens nog morgen later volgende
    plan plannen wil willen"""
)
"""From here on a sentence tells of the next try, not of this one."""

WHEN: Final = words_of(f"{AMOUNT} s in op om de het tijd rond uur vandaag gisteren geprobeerd gebeld en")

CONTACT_WORDS: Final = words_of(
    """beeld inbeeld gesproken spreken bereikt contact teruggebeld terugbelt belde gebeld gestart gesprek
    afspraak dochter zoon partner man vrouw moeder vader broer zus buurman buurvrouw bewindvoerder
    mantelzorger begeleider toch wel uiteindelijk later daarna"""
)
"""Beside a try these words could turn it into something else."""

COURTESY: Final = words_of(
    """dank bedankt dankjewel dankuwel je u wel voor de het deze dit uw jullie aanmelding verwijzing mail
    bericht vertrouwen info informatie alvast hartelijk vriendelijk fijn fijne dag weekend ok oke okay
    prima akkoord goed top helder duidelijk graag gedaan groet groeten sorry excuses late laat reactie
    mijn onze even ter"""
)
