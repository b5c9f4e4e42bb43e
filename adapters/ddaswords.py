"""The closed words of DDAS, of all versions from 0.9 to 1.2, and what each means to us: the one table.

It promises that "in beeld" follows from an attempt in which the patient was reached, never from a result.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from adapters.told import Meaning


class Contactsoort(StrEnum):
    """How contact was tried."""

    MAIL = "Mail"
    BRIEF = "Brief"
    SMS = "SMS/Whatsapp"
    TELEFOON = "Telefoon"
    HUISBEZOEK = "Huisbezoek"
    KAARTJE = "Kaartje"
    OVERIGE = "Overige"
    ADMINISTRATIEF = "Administratief"
    # Since 1.1.
    AFSPRAAK = "Afspraak op locatie"
    # Since 1.2.
    ONBEKEND = "Onbekend"


class Dagdeel(StrEnum):
    """When it was tried."""

    OCHTEND = "Ochtend"
    MIDDAG = "Middag"
    AVOND = "Avond"


class Eindresultaat(StrEnum):
    """How a case at the municipality ended; some are also a signaal's own status."""

    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"
    AL_BEKEND = "Inwoner al bekend bij schuldhulpverlening"
    ANDER_TRAJECT = "Inwoner heeft al een ander lopend traject"
    GEEN_CONTACT = "Definitief geen contact kunnen krijgen"
    GEEN_REACTIE = "Geen reactie na eerder contact"
    ZELF_BETAALD = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"
    ADVIES = "(Budget)advies en/of quick fix"
    FINANCIEEL = "Vervolghulp en/of verwijzing financieel"
    NIET_FINANCIEEL = "Vervolghulp en/of verwijzing niet financieel"
    # 0.9; since 1.1 the longer one.
    GEEN_HULP = "Inwoner hoeft geen hulp vanuit vroegsignalering"
    REGELT_ZELF = "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering"
    # One idea under three names: 0.9, 1.1 and 1.2.
    ZONDER_CONTACT = "Verwijzing zonder contact"
    ZONDER_TOESTEMMING = "Verwijzing zonder toestemming"
    ZONDER_TUSSENKOMST = "Verwijzing zonder tussenkomst inwoner"
    # Since 1.2.
    VERVOLGHULP = "Vervolghulp en/of verwijzing"


class Signaalstatus(StrEnum):
    """Where a signaal stands, apart from the case it may be part of."""

    NOG_NIET = "Nog niet opgepakt"
    # Since 1.1.
    OPGEPAKT = "Opgepakt"
    HERHAALD = "Niet opgepakt: herhaalde melding"
    ONTERECHT = "Niet opgepakt: onterecht signaal"
    OVERLEDEN = "Inwoner is overleden"
    GEEN_INWONER = "Persoon is geen inwoner (meer) in de gemeente"
    ANDERE_REDEN = "Niet opgepakt: andere reden"
    # Since 1.2.
    AL_BEKEND = "Inwoner al bekend bij schuldhulpverlening"


_CONTACT, _TRIED, BUSY = Meaning("contacted"), Meaning("attempted"), Meaning("collected")
_NO_MORE = Meaning("stopped", "no_need")
_REFERRED = Meaning("stopped", "referred_on")
_NEEDS_NONE = (Meaning("declined", "patient_declined"), _NO_MORE)
# Nobody spoke with the patient, so somebody still must.
_UNSPOKEN = (Meaning("declined", "not_appropriate"), _REFERRED)

Pair = tuple[Meaning | None, Meaning | None]

# The table, first part: what an attempt means when the patient was reached, and when not.
CONTACT: Final[Mapping[Contactsoort, tuple[Meaning | None, Meaning]]] = MappingProxyType(
    {
        Contactsoort.TELEFOON: (_CONTACT, _TRIED),
        Contactsoort.HUISBEZOEK: (_CONTACT, _TRIED),
        Contactsoort.AFSPRAAK: (_CONTACT, _TRIED),
        Contactsoort.SMS: (_CONTACT, _TRIED),
        Contactsoort.MAIL: (_CONTACT, _TRIED),
        Contactsoort.OVERIGE: (_CONTACT, _TRIED),
        Contactsoort.ONBEKEND: (_CONTACT, _TRIED),
        # Paper reaches a letter box: that somebody answered is an attempt of another kind.
        Contactsoort.BRIEF: (None, _TRIED),
        Contactsoort.KAARTJE: (None, _TRIED),
        Contactsoort.ADMINISTRATIEF: (None, BUSY),
    }
)
ANY_CONTACT: Final = (_CONTACT, _TRIED)
"""What an attempt of a kind means that no version has."""

# The table, second part: what a result means before there was contact, and after it. None: it can't be.
RESULTS: Final[Mapping[Eindresultaat, Pair]] = MappingProxyType(
    {
        Eindresultaat.HERHAALD: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.ONTERECHT: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        # No code of ours says it, and nobody may call that number again: this one hands over to nobody.
        Eindresultaat.OVERLEDEN: (Meaning("declined", "duplicate"), Meaning("stopped", "other")),
        Eindresultaat.GEEN_INWONER: (Meaning("declined", "area"), Meaning("stopped", "moved")),
        Eindresultaat.ANDERE_REDEN: (Meaning("declined", "not_appropriate"), Meaning("stopped", "other")),
        Eindresultaat.AL_BEKEND: (Meaning("declined", "duplicate"), _REFERRED),
        Eindresultaat.ANDER_TRAJECT: (Meaning("declined", "duplicate"), _REFERRED),
        Eindresultaat.GEEN_CONTACT: (Meaning("unreachable"), Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_REACTIE: (None, Meaning("stopped", "lost_contact")),
        Eindresultaat.GEEN_HULP: _NEEDS_NONE,
        Eindresultaat.REGELT_ZELF: _NEEDS_NONE,
        Eindresultaat.ZELF_BETAALD: _NEEDS_NONE,
        Eindresultaat.ADVIES: (None, Meaning("stopped", "completed")),
        Eindresultaat.FINANCIEEL: (None, _REFERRED),
        Eindresultaat.NIET_FINANCIEEL: (None, _REFERRED),
        Eindresultaat.VERVOLGHULP: (None, _REFERRED),
        Eindresultaat.ZONDER_CONTACT: _UNSPOKEN,
        Eindresultaat.ZONDER_TOESTEMMING: _UNSPOKEN,
        Eindresultaat.ZONDER_TUSSENKOMST: _UNSPOKEN,
    }
)

# The table, third part: a signaal's own status. None: it says nothing that we didn't know.
STATUSES: Final[Mapping[Signaalstatus, Pair | None]] = MappingProxyType(
    {
        Signaalstatus.NOG_NIET: None,
        Signaalstatus.OPGEPAKT: (BUSY, BUSY),
        **{
            status: RESULTS[Eindresultaat(status)]
            for status in Signaalstatus
            if status not in (Signaalstatus.NOG_NIET, Signaalstatus.OPGEPAKT)
        },
    }
)
