"""Thanks, apologies and wishes of a practice: a sentence says nothing if every word of it says nothing.

It promises that one word which is not known here is enough for a sentence to say something.
"""

import re

from gateway.reading.letters.sentences import PATIENT, words_of

_COURTESY = words_of(
    """prettig prettige wat op zijn gauw spoedig dank bedankt dankjewel dankuwel dankje merci thanks
       thank you thx je u jullie jou wel voor uw de het deze dit dat die bericht berichtje mail email
       reactie antwoord update terugkoppeling informatie info snelle snel inzet moeite medewerking alvast
       nogmaals heel erg hartelijk veel zeer ontzettend weer zo fijn fijne prima super mooi top goed goede
       oke ok okay okidoki akkoord helder duidelijk genoteerd gezien gelezen ontvangen begrepen perfect
       geweldig uitstekend goedzo dag weekend avond middag week vakantie wens ik we wij wens allemaal
       samenwerking opgepakt oppakken opvolging bevestiging ontvangst in orde en is te horen weten lezen
       om even zie hiervan kennisgenomen noted great received welkom graag gedaan hoi groet groeten
       groetjes mvg tot ziens succes kenmerk ja hoor van aanmelding blij nieuws wachten af wacht we horen
       hoor het dossier dat ze zij hij haar hem mevrouw meneer patient patiente beeld gesproken contact hebben
       heeft zijn nu gelukt"""
) | {PATIENT}
_MUST_COURTESY = re.compile(
    r"\b(?:dank\w*|bedankt|merci|than\w*|thx|ok|oke|okay|prima|fijn|fijne|top|super|mooi|helder"
    r"|duidelijk|genoteerd"
    r"|gezien|gelezen|ontvangen|begrepen|perfect|geweldig|uitstekend|goed|akkoord|in orde|noted|great"
    r"|received"
    r"|graag gedaan|groet\w*|mvg|hoi|dag|prettig\w*|succes|tot ziens|blij|sorry|excuses|excuus|wacht\w*)\b"
)
_FOR_HELP = re.compile(r"\bvoor (?:(?:de|uw|je|jullie|alle|goede) ){1,2}(?:hulp|zorg|werk)\b")
_APOLOGY = words_of("sorry excuses excuus mijn onze voor het de ongemak vergissing verwarring fout late")


def is_courtesy(text: str) -> bool:
    """Whether the words of a sentence are nothing but thanks, an apology or a wish."""
    words = set(_FOR_HELP.sub(" ", text).split())
    return words <= _COURTESY | _APOLOGY and _MUST_COURTESY.search(text) is not None
