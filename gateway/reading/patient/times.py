"""Words for when somebody is called: "14u", "avonduren", "smorgens", "na drieën"."""

import re

from gateway.reading.patient.words import NUMERALS, words_of

# "14u", "avonduren", "dinsdagmiddag", "lunchtijd".
_TIMES = re.compile(
    r"\d\w*|(?:(?:maan|dins|woens|donder|vrij|zater|zon|week|werk|mid|na|voor|feest)?dag|ochtend|middag|avond"
    r"|nacht|week|weekend|weekeinde|kantoor|lunch|werk|school|vakantie|eten|etens|uur){1,2}"
    r"(?:s|en|uur|uren|tijd|tijden|pauze)?"
)

_HOURS = words_of("enen tweeen drieen vieren vijven zessen zevenen achten negenen tienen elven twaalven")
_PARTS_OF_DAY = words_of("morgens ochtends middags avonds nachts")


def is_time(word: str) -> bool:
    return (
        word in _HOURS
        or word in NUMERALS
        or word.removeprefix("s") in _PARTS_OF_DAY
        or _TIMES.fullmatch(word) is not None
    )
