"""Why something is held or can't be sent yet, in a sentence, and what to do about it.

It promises a sentence and a next step for every code, also for one that nobody foresaw, and that nothing of
what a peer wrote is repeated: a code, perhaps with the number of an answer.
"""

from typing import NamedTuple

from gateway.web.pages import Pages


class Explained(NamedTuple):
    """What is wrong, and what to do."""

    what: str
    remedy: str


_ASK_KEY = "Vraag de organisatie om een nieuwe sleutel en voer die in bij de organisatie, in de gids."
_ASK_WHOLE = "Vraag de organisatie om de sleutel uit haar eigen programma te exporteren, met naam en adres."
_ASK_V4 = "Vraag de organisatie om een gewone sleutel: OpenPGP 4 (Curve25519, RSA) of een JWK (P-256)."
_ASK_EXTENDED = "Vraag de organisatie om de sleutel met een nieuw programma te verlengen en te sturen."
_ASK_RSA = "Vraag de organisatie om een certificaat met een gewone RSA-sleutel van 3072 bits."
_ASK_OWN = "Vraag de organisatie om het certificaat van haar eigen mailbox."
_COMPARE = "Vraag de sleutel opnieuw en vergelijk de vingerafdruk per telefoon."
_AGAIN = "Probeer het daarna opnieuw."
_WAIT = "De gateway probeert het vanzelf opnieuw. Duurt het lang? Bel de beheerder van de andere kant."
_FILES = "Controleer de bestanden en instellingen met: inbeeld check."
_RENEW = "Vernieuw het bestand; zie keys/README.md."
_ADDRESS = "Bel de ontvanger en controleer het adres. Probeer het daarna opnieuw."
_CALL = "Bel de ontvanger. Probeer het daarna opnieuw."
_RELAY = "Controleer de mailserver in config/inbeeld.toml met: inbeeld check."
_FOLDER = "Laat de rechten van de map nakijken. " + _AGAIN

_KNOWN: dict[str, Explained] = {
    "missing": Explained("De sleutel van de organisatie ontbreekt.", _ASK_KEY),
    "awaited": Explained(
        "De organisatie heeft nog geen sleutel gemaakt.",
        "Nodig een collega van de organisatie uit; die maakt hem op de pagina Sleutel. Leg hem daarna vast "
        "met: inbeeld keys adopt.",
    ),
    "unreadable": Explained("De sleutel van de organisatie is niet leesbaar.", _ASK_KEY),
    "expired": Explained("De sleutel van de organisatie is verlopen.", _ASK_KEY),
    "revoked": Explained("De organisatie heeft haar sleutel ingetrokken.", _ASK_KEY),
    "sign_only": Explained("Met deze sleutel kan niet worden versleuteld.", _ASK_KEY),
    "weak": Explained("De sleutel van de organisatie is te kort om veilig te zijn.", _ASK_KEY),
    "too_large": Explained("Het bestand met de sleutel is te groot.", _ASK_KEY),
    "no_user_id": Explained("In de sleutel staat geen naam en adres.", _ASK_WHOLE),
    "key_version": Explained("De sleutel is van een OpenPGP-versie die wij niet lezen.", _ASK_V4),
    "algorithm": Explained("De sleutel is van een soort die wij niet kennen.", _ASK_V4),
    "post_quantum": Explained("De sleutel is alleen voor post-quantumversleuteling.", _ASK_V4),
    "old_signature": Explained("De sleutel is met een verouderde methode (SHA-1) vastgelegd.", _ASK_EXTENDED),
    "rsa_pss": Explained("Met dit certificaat (RSASSA-PSS) kan alleen worden ondertekend.", _ASK_RSA),
    "ec_certificate": Explained("Het certificaat heeft een elliptische-krommesleutel.", _ASK_RSA),
    "authority": Explained("Het certificaat is van een uitgever en niet van de organisatie zelf.", _ASK_OWN),
    "private_key_present": Explained("In het bestand staat een geheime sleutel.", _ASK_KEY),
    "wrong_fingerprint": Explained("Dit is niet de sleutel die is afgesproken.", _COMPARE),
    "several_keys": Explained("In het bestand staat meer dan één sleutel.", _COMPARE),
    "not_yet_valid": Explained(
        "De sleutel van de organisatie is nog niet geldig.", "Controleer de klok en de datums van de sleutel."
    ),
    "clock_behind": Explained(
        "De klok van de gateway loopt waarschijnlijk achter: de sleutel gaat volgens die klok nog in.",
        "Zet de klok van de server goed. Daarna gaat het vanzelf verder.",
    ),
    "dns_away": Explained(
        "Geen enkele naam is op te zoeken (DNS). Mail wacht: geen afzender kan worden nagegaan.",
        "Controleer de DNS-servers (gate.dns_servers) met: inbeeld check.",
    ),
    "clock_leapt": Explained(
        "De klok sprong ver vooruit. Termijnen lopen even niet af en er wordt niets vernietigd.",
        "Controleer de klok van de server (NTP). Klopt hij? Dan gaat alles binnen tien minuten verder.",
    ),
    "engine_error": Explained("Het versleutelen is niet gelukt.", _FILES),
    "signer": Explained("De sleutel waarmee de gateway ondertekent ontbreekt of is niet geldig.", _FILES),
    "content": Explained(
        "De aanmelding past niet in het bericht aan de organisatie.",
        "Bel de praktijk en geef de aanmelding terug.",
    ),
    "no_route": Explained(
        "Geen organisatie werkt in deze wijk.",
        "Kies zelf een organisatie, of zet de wijk in de gids bij wie hem bedient.",
    ),
    "ambiguous_route": Explained(
        "Meer dan één organisatie werkt in deze wijk.",
        "Kies zelf een organisatie, en haal de wijk in de gids bij een van de twee weg.",
    ),
    "by_hand": Explained(
        "Een beheerder heeft de levering stilgezet.", "Probeer het opnieuw als het weer mag."
    ),
    "leases_lost": Explained(
        "De organisatie haalde de aanmelding vaak op, maar bevestigde dat nooit.",
        "Bel de organisatie: haar programma loopt vast. " + _AGAIN,
    ),
    "organisation_not_configured": Explained(
        "De organisatie staat niet meer in de configuratie.", "Geef de aanmelding aan een andere organisatie."
    ),
    "no_figures_address": Explained(
        "De praktijk heeft geen adres meer voor cijfers per kwartaal.",
        "Vul dat in bij de praktijk in de gids, of laat het bericht vervallen.",
    ),
    "no_alarm_address": Explained(
        "Er is geen adres voor meldingen aan beheerders.", "Voeg in de gids een alarmadres toe."
    ),
    "no_notice_address": Explained(
        "De organisatie heeft geen adres voor berichten.", "Vul team in bij de organisatie. " + _AGAIN
    ),
    "declined": Explained(
        "De organisatie neemt de aanmelding niet aan en er is geen vervanger.",
        "Kies een andere organisatie, of geef de aanmelding terug.",
    ),
    "returned": Explained(
        "De aanmelding is teruggegeven aan de verwijzer.",
        "Bel de praktijk als u wilt weten wie de patiënt nu helpt.",
    ),
    "restored": Explained(
        "Na het terugzetten van een back-up is niet bekend of dit bericht al vertrokken was.",
        "Vraag de ontvanger of hij het heeft. Zo niet, probeer het dan opnieuw.",
    ),
    "unexpected": Explained("Het versturen is niet gelukt.", _WAIT),
}
_FAMILIES: tuple[tuple[str, Explained], ...] = (
    ("bounced_no_mailbox", Explained("De mail kwam terug: dit mailadres bestaat niet.", _ADDRESS)),
    ("bounced_no_host", Explained("De mail kwam terug: de mailserver van dit adres bestaat niet.", _ADDRESS)),
    ("bounced_mailbox_full", Explained("De mail kwam terug: de postbus is vol.", _CALL)),
    ("bounced_too_large", Explained("De mail kwam terug: hij was te groot.", _CALL)),
    ("bounced_refused", Explained("De mail kwam terug: de andere mailserver weigert hem.", _CALL)),
    ("bounced_expired", Explained("De mail kwam terug: hij kon dagenlang niet worden bezorgd.", _CALL)),
    ("bounced_loop", Explained("De mail kwam terug: hij werd rondgestuurd.", _CALL)),
    ("bounced", Explained("De mail kwam onbestelbaar terug.", _ADDRESS)),
    ("own_expired", Explained("Dit certificaat of deze sleutel is verlopen.", _RENEW)),
    ("own_", Explained("Dit certificaat of deze sleutel kan niet worden gebruikt.", _FILES)),
    (
        "direct_untrusted",
        Explained("De mailserver van de ontvanger is niet die van zijn eigen MTA-STS-beleid.", _CALL),
    ),
    (
        "direct_no_trusted_way",
        Explained("De mailserver van de ontvanger kan niet bewijzen wie hij is (DANE, MTA-STS).", _RELAY),
    ),
    ("direct_no_mail", Explained("Dit domein neemt geen mail aan.", _ADDRESS)),
    ("direct_", Explained("De DNS-server bevestigt geen DNSSEC.", _RELAY)),
    ("dns_trouble", Explained("De mailserver van de ontvanger is niet op te zoeken (DNS).", _WAIT)),
    (
        "no_alarm_webhook",
        Explained("Er is geen webhook voor alarmen meer.", "Vul alarm.webhook in config/inbeeld.toml in."),
    ),
    ("relay_unreachable", Explained("De mailserver is niet bereikbaar.", _WAIT)),
    ("relay_timeout", Explained("De mailserver antwoordt te langzaam.", _WAIT)),
    ("relay_refused", Explained("De mailserver weigert het bericht.", _RELAY)),
    ("relay_login", Explained("De mailserver weigert onze aanmelding.", _RELAY)),
    ("relay_tls", Explained("De mailserver biedt geen veilige verbinding.", _RELAY)),
    ("relay_untrusted", Explained("Het certificaat van de mailserver is niet te vertrouwen.", _RELAY)),
    ("relay_ca_file", Explained("Het bestand met certificaten voor de mailserver is niet leesbaar.", _RELAY)),
    ("relay_address", Explained("De mailserver neemt dit adres niet aan.", _RELAY)),
    ("relay_no_", Explained("De mailserver kan dit bericht niet doorgeven.", _RELAY)),
    ("relay_", Explained("De mailserver neemt het bericht nu niet aan.", _WAIT)),
    ("signaal_unreachable", Explained("De ontvanger is niet bereikbaar.", _WAIT)),
    ("signaal_timeout", Explained("De ontvanger antwoordt te langzaam.", _WAIT)),
    ("signaal_files", Explained("Een certificaat of sleutel voor deze ontvanger is niet leesbaar.", _FILES)),
    ("signaal_untrusted", Explained("Het certificaat van de ontvanger is niet te vertrouwen.", _FILES)),
    ("signaal_certificate", Explained("De ontvanger weigert ons certificaat.", _FILES)),
    (
        "signaal_refused",
        Explained("De ontvanger weigert het bericht.", "Bel de beheerder van de ontvanger. " + _AGAIN),
    ),
    (
        "signaal_clear_too_long",
        Explained("De aanmelding past niet in een contact bij de ontvanger.", "Geef hem door per telefoon."),
    ),
    (
        "signaal_clear_",
        Explained(
            "De aanmelding mag hier niet leesbaar heen: sleutel, dag of adres van de afspraak klopt niet.",
            "Controleer clear_key, clear_agreed en url bij de organisatie. " + _AGAIN,
        ),
    ),
    ("signaal_", Explained("De ontvanger neemt het bericht nu niet aan.", _WAIT)),
    ("file_open", Explained("In de map van de organisatie kan iedereen op de machine schrijven.", _FOLDER)),
    ("file_denied", Explained("In de map van de organisatie mag de gateway niet schrijven.", _FOLDER)),
    ("file_full", Explained("De schijf van de organisatie is vol.", _WAIT)),
    ("file_files", Explained("Een sleutel voor de server van de organisatie is niet leesbaar.", _FILES)),
    ("file_untrusted", Explained("De server van de organisatie toont een andere sleutel.", _FILES)),
    ("file_login", Explained("De server van de organisatie laat ons niet binnen.", _FILES)),
    (
        "file_no_library",
        Explained("Voor SFTP ontbreekt een bibliotheek.", "Installeer inbeeld[sftp]. " + _AGAIN),
    ),
    ("file_", Explained("De map van de organisatie is nu niet te bereiken.", _WAIT)),
    ("nudge_", Explained("Het seintje aan het postvak van de organisatie komt niet aan.", _WAIT)),
    (
        "parcel_",
        Explained("Het bericht is niet geschikt om zo te versturen.", _FILES),
    ),
)
_LIKE_SIGNAAL = ("fhir_", "klantinteracties_")
_UNFORESEEN = Explained("De levering is niet gelukt.", "Bekijk de aanmelding en probeer het opnieuw.")


def explain(reason: str | None) -> Explained:
    """The Dutch sentences for a code, such as `relay_refused 550`."""
    code = (reason or "").partition(" ")[0]
    for word in _LIKE_SIGNAAL:
        # The same can go wrong with every receiver that is spoken to over HTTPS.
        if code.startswith(word):
            code = f"signaal_{code.removeprefix(word)}"
    if code in _KNOWN:
        return _KNOWN[code]
    return next((told for begin, told in _FAMILIES if code.startswith(begin)), _UNFORESEEN)


def explained(pages: Pages, reason: str | None) -> Explained:
    """The same in the language of the pages."""
    what, remedy = explain(reason)
    return Explained(pages.say(what), pages.say(remedy))


def sentences() -> frozenset[str]:
    """Every sentence there is, for whoever checks that each is translated."""
    told = (*_KNOWN.values(), *(each for _, each in _FAMILIES), _UNFORESEEN)
    return frozenset(sentence for each in told for sentence in each)
