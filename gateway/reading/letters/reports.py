"""The words in which organisations report; `beside` has those that may stand beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.reading.letters.record import ReportCode
from gateway.reading.letters.sentences import PATIENT

R = ReportCode


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase says: an event with its reason, or a detail of one."""

    report: ReportCode | None = None
    reason: str | None = None
    outcome: str | None = None
    next_step: str | None = None


_WHO: Final = (
    PATIENT,
    "patient",
    "patiente",
    "client",
    "cliente",
    "mevrouw",
    "mw",
    "mevr",
    "meneer",
    "dhr",
    "hij",
    "zij",
    "ze",
)
_CALLED: Final = (
    "belde; belde zelf; belde ons; belde ons zelf; belde zelf op; belde terug; heeft gebeld;"
    " heeft zelf gebeld;"
    " heeft zelf teruggebeld; heeft ons zelf teruggebeld; heeft mij zelf teruggebeld; belde ons terug;"
    " belde mij terug;"
    " heeft ons gebeld; heeft ons zelf gebeld; heeft zelf al gebeld; heeft al zelf gebeld; heeft mij gebeld;"
    " heeft mij zelf gebeld; heeft teruggebeld; heeft ons teruggebeld; heeft mij teruggebeld;"
    " heeft zelf contact opgenomen;"
    " heeft zelf contact gezocht; heeft contact opgenomen; nam zelf contact op; nam contact op;"
    " is zelf langsgekomen;"
    " kwam zelf langs; heeft zich zelf gemeld; heeft zichzelf gemeld; meldde zich zelf; belde gisteren zelf;"
    " heeft gisteren zelf gebeld; heeft vandaag zelf gebeld; heeft vanochtend zelf gebeld; called; called us"
)
_TABLE: Final[tuple[tuple[Phrase, str], ...]] = (
    (Phrase(R.CONTACTED), "in beeld; inbeeld; in beeld gebracht; in beeld gekomen"),
    (
        Phrase(R.CONTACTED),
        "contact gehad; contact gelegd; contact geweest; contact gemaakt; wel bereikt; wel gesproken;"
        " gesproken;"
        " bereikt; contact is gelegd; contact is geweest; contact is gemaakt; aan de lijn gehad;"
        " aan de telefoon gesproken; gesproken aan de telefoon; aan de telefoon gehad;"
        " telefonisch gesproken; telefonisch bereikt; gesprek gehad;"
        " telefonisch contact gehad; reached;"
        " gesprek gevoerd; spoke with patient; wel contact gehad; al gesproken; al contact gehad",
    ),
    (
        Phrase(R.ATTEMPTED),
        "niet bereikt; nog niet bereikt; niet bereikbaar; geen gehoor; geen contact; niet opgenomen;"
        " neemt niet op;"
        " nam niet op; voicemail; voicemail ingesproken; niet gesproken; nog niet gesproken;"
        " nog geen contact;"
        " niet kunnen bereiken; nog niet kunnen bereiken; niet te bereiken; krijg geen gehoor;"
        " kreeg geen gehoor;"
        " onbereikbaar; not reached; geen contact gehad; nog geen contact gehad;"
        " niet te pakken gekregen; no answer;"
        " geen reactie; telefoon staat uit; geen contact kunnen krijgen; geen contact gekregen; niet thuis",
    ),
    (
        Phrase(R.INTAKE_PLANNED),
        "afspraak; afspraak gemaakt; afspraak gepland; afspraak staat; intake gepland;"
        " intake afgesproken; kennismaking gepland;"
        " kennismaking afgesproken; kennismakingsgesprek gepland; intakegesprek gepland;"
        " een afspraak gemaakt; intake staat gepland; afspraak staat gepland; kennismaking staat gepland;"
        " huisbezoek gepland; huisbezoek afgesproken; appointment; intake ingepland; afspraak ingepland",
    ),
    (
        Phrase(R.NO_SHOW),
        "niet verschenen; niet verschenen op afspraak; niet verschenen op de afspraak; niet gekomen;"
        " no show; noshow; niet op afspraak; niet komen opdagen; kwam niet opdagen;"
        " niet op komen dagen;"
        " niet op afspraak verschenen; niet op de afspraak verschenen; niet op de afspraak gekomen;"
        " afspraak gemist",
    ),
    (
        Phrase(R.APPOINTMENT_HELD),
        "gekomen; verschenen; wel gekomen; wel verschenen; op de afspraak gekomen; op de afspraak verschenen;"
        " op afspraak verschenen; kennismaking gevoerd; intake gevoerd; intake gehad; kennismaking gehad;"
        " afspraak gehad",
    ),
    (
        Phrase(R.EXPERT_TALK),
        "deskundigen; deskundigengesprek; deskundigengesprek gevoerd; gesprek met de deskundigen gevoerd;"
        " gesprek met deskundigen gevoerd; gesprek met de deskundigen gehad;"
        " gesprek met deskundigen gehad",
    ),
    (
        Phrase(R.THREE_WAY_TALK),
        "driegesprek; driegesprek gevoerd; driegesprek gehad; driegesprek is gevoerd; driegesprek is geweest",
    ),
    (
        Phrase(R.IN_SUPPORT),
        "gestart; begeleiding gestart; hulp gestart; traject gestart; ondersteuning gestart;"
        " hulpverlening gestart;"
        " begeleiding is gestart; traject is gestart; hulp is gestart; ondersteuning is gestart; started",
    ),
    (
        Phrase(R.STOPPED),
        "gestopt; beeindigd; afgesloten; begeleiding gestopt; traject gestopt; hulp gestopt;"
        " ondersteuning gestopt; stopped;"
        " begeleiding is gestopt; traject is gestopt; begeleiding beeindigd; traject beeindigd;"
        " traject afgesloten",
    ),
    (
        Phrase(R.STOPPED, outcome="completed"),
        "afgerond; begeleiding afgerond; traject afgerond; hulp afgerond; ondersteuning afgerond;"
        " begeleiding is afgerond;"
        " traject is afgerond; traject succesvol afgerond; begeleiding succesvol afgerond",
    ),
    (
        Phrase(R.DECLINED, "capacity"),
        "vol; wij zitten vol; we zitten vol; zitten vol; geen capaciteit; geen plek; geen plaats;"
        " nu geen plek; full;"
        " geen ruimte",
    ),
    (
        Phrase(R.DECLINED, "area"),
        "verkeerd gebied; verkeerde wijk; ander gebied; andere wijk; niet ons gebied; niet onze wijk;"
        " buiten gebied;"
        " buiten ons gebied; buiten onze wijk; wrong area; woont buiten ons gebied; niet in ons gebied",
    ),
    (
        Phrase(R.DECLINED, "patient_declined"),
        "geen behoefte; wil geen hulp; geen hulp nodig; patient wil niet; client wil niet;"
        " heeft geen behoefte; no need;"
        " geen behoefte aan hulp; geen hulpvraag; heeft geen hulpvraag; wil geen ondersteuning;"
        " wil geen begeleiding;"
        " wil niet geholpen worden; ziet af van hulp",
    ),
    (
        Phrase(R.DECLINED, "duplicate"),
        "dubbel; al bekend; reeds bekend; al in traject; reeds in traject; al bij ons bekend;"
        " al in begeleiding; al in zorg",
    ),
    (Phrase(R.DECLINED, "not_appropriate"), "niet passend; niet geschikt; past niet bij ons"),
    (
        Phrase(R.SEEN),
        "gezien; gelezen; intrekking gezien; bericht gezien; bericht gelezen; mail gezien;"
        " mail gelezen; seen; read",
    ),
    (
        Phrase(R.CORRECTED),
        "vergissing; foutje; correctie; rechtzetting; toch niet in beeld; mistake;"
        " vorige melding klopte niet",
    ),
    (
        Phrase(R.COLLECTED),
        "ontvangen; opgehaald; geopend; aanmelding ontvangen; in goede orde ontvangen; goed ontvangen;"
        " received; opgepakt;"
        " in behandeling; in behandeling genomen; pakken het op; pakken dit op; pakken we op;"
        " pakken wij op; pak het op;"
        " pak dit op; opgenomen in onze planning; in goede orde; wordt opgepakt;"
        " wordt in behandeling genomen; ingepland; mail ontvangen",
    ),
    (
        Phrase(R.WRONG_NUMBER),
        "verkeerd nummer; fout nummer; foutief nummer; foutief telefoonnummer;"
        " onjuist nummer; verkeerd telefoonnummer; fout telefoonnummer;"
        " nummer klopt niet;"
        " nummer klopt niet meer; nummer is niet juist; nummer niet juist; nummer onjuist;"
        " nummer is onjuist; nummer is fout;"
        " nummer niet in gebruik; nummer is niet in gebruik; nummer niet meer in gebruik;"
        " nummer is niet meer in gebruik;"
        " nummer bestaat niet; nummer is afgesloten; nummer afgesloten; nummer buiten gebruik;"
        " nummer is buiten gebruik;"
        " nummer is van iemand anders; nummer van iemand anders; nummer is niet van patient;"
        " verkeerd verbonden;"
        " telefoonnummer klopt niet; telefoonnummer klopt niet meer; telefoonnummer is onjuist;"
        " telefoonnummer niet juist;"
        " telefoonnummer is niet juist; telefoonnummer is niet in gebruik;"
        " telefoonnummer niet in gebruik; telefoonnummer bestaat niet;"
        " telefoonnummer is niet meer in gebruik; telefoonnummer is van iemand anders; iemand anders nam op;"
        " iemand anders aan de lijn; wrong number",
    ),
    (
        Phrase(outcome="moved"),
        "verhuisd; patient is verhuisd; client is verhuisd; buiten de gemeente gaan wonen;"
        " naar een andere gemeente",
    ),
    (
        Phrase(outcome="referred_on"),
        "doorverwezen; is doorverwezen; overgedragen; warm overgedragen; verwezen naar andere hulp;"
        " naar andere hulp",
    ),
    (
        Phrase(outcome="patient_stopped"),
        "zelf gestopt; is zelf gestopt; op eigen verzoek; wil niet meer; wilde niet meer; afgehaakt;"
        " is afgehaakt; patient wil niet meer; client wil niet meer;"
        " heeft zich teruggetrokken; wil geen hulp meer; wilde geen hulp meer; wil stoppen; wilde stoppen",
    ),
    (
        Phrase(outcome="lost_contact"),
        "contact verloren; geen contact meer; reageert niet meer; niet meer bereikbaar; uit beeld;"
        " uit beeld geraakt;"
        " uit contact; contact verbroken; niet meer te bereiken",
    ),
    (
        Phrase(outcome="no_need"),
        "geen hulp meer nodig; geen begeleiding nodig; geen ondersteuning nodig; niet meer nodig; niet nodig;"
        " hulp niet meer nodig; hulp niet nodig",
    ),
    (
        Phrase(outcome="completed"),
        "doel bereikt; doelen bereikt; schulden opgelost; schuldenvrij; succesvol; met goed gevolg;"
        " met succes; naar tevredenheid;"
        " succesvol afgerond; volgens plan",
    ),
    (Phrase(), "geen afspraak; nog geen afspraak; nog geen afspraak gemaakt; geen afspraak gemaakt"),
    # Together they tell of the past or of what follows; apart "deze week" and "volgende week" are plans.
    (Phrase(), "vorige week; afgelopen week; volgende stap; vervolgstap; ja hoor"),
    # "Bij ons" says where; "wij zijn in beeld" and "wij hebben ons gesproken" tell of nobody's patient.
    (Phrase(), "bij ons; bij ons team; door ons; door ons team"),
    (Phrase(outcome="other"), "overleden; is overleden; andere reden; om andere redenen; anders"),
)

NEXT_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        phrase: code
        for code, phrases in (
            (
                "intake",
                "intake; intakegesprek; kennismaking; kennismakingsgesprek; een intake;"
                " een kennismakingsgesprek",
            ),
            (
                "budget_help",
                "budgethulp; budgetcoach; budgetcoaching; budgetbeheer; hulp bij de administratie;"
                " hulp bij administratie;"
                " administratieve hulp; thuisadministratie; formulierenhulp;"
                " hulp bij de administratie en het budget",
            ),
            (
                "debt_counselling",
                "schuldhulpverlening; schuldhulp; schuldregeling; schuldsanering; schuldbemiddeling",
            ),
            (
                "welfare",
                "welzijnswerk; maatschappelijk werk; welzijn; begeleiding door het welzijnswerk; wijkteam",
            ),
            ("activity", "activiteit; een activiteit"),
            ("call_round", "belronde; een belronde"),
            ("buddy", "maatje; een maatje; buddy"),
            ("course", "cursus; een cursus; training; een training"),
            ("self_reliant", "zelfstandig verder; zelf verder"),
            ("local_team", "hulp van het wijkteam"),
            ("protection", "bewind; bewindvoering; beschermingsbewind"),
            ("no_offer", "geen passend aanbod"),
            ("no_follow_up", "geen vervolg; geen vervolg nodig; er is geen vervolg nodig; zonder vervolg"),
        )
        for phrase in (each.strip() for each in phrases.split(";"))
    }
)
"""Words for a next step -> its code; a pathway may bring its own."""

DAY_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("ochtend", "ochtends", "vanochtend", "vanmorgen", "morgens"), "ochtend"),
        **dict.fromkeys(("middag", "middags", "vanmiddag"), "middag"),
        **dict.fromkeys(("avond", "avonds", "vanavond"), "avond"),
    }
)


def phrases() -> Iterator[tuple[tuple[str, ...], Phrase]]:
    """Every phrase as its words, with what it says."""
    for said, listed in _TABLE:
        for phrase in listed.split(";"):
            yield tuple(phrase.split()), said
    for who in _WHO:
        for called in _CALLED.split(";"):
            yield (who, *called.split()), Phrase(R.SELF_CONTACT)


PHRASES: Final[Mapping[tuple[str, ...], Phrase]] = MappingProxyType(dict(phrases()))
LONGEST: Final = max(map(len, PHRASES))

AGREED: Final = frozenset({("in", "beeld"), ("inbeeld",), ("in", "beeld", "gebracht")})
"""The words for contact in which slips of the pen are forgiven."""

IMPLY_CONTACT: Final = frozenset(
    {R.CONTACTED, R.SELF_CONTACT, R.INTAKE_PLANNED, R.NO_SHOW, R.IN_SUPPORT, R.STOPPED}
)
