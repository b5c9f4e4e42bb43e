"""The gateway's own question in a thread: what it repeats of the sender's mail, and whether its own words ask
about the number. A number that was asked about counts only once the answer plainly confirms it.
"""

import re

from gateway.reading.mail.thread import Passage
from gateway.reading.patient.manner import is_harmless
from gateway.reading.patient.names import is_greeting
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.tokens import DETERMINERS, sentences, words_in
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.words import plain, words_of

_QUOTES = re.compile(
    r"\b(?:uw|je|jullie|het) (?:eerdere |oorspronkelijke )?(?:bericht|mail|e-mail|aanmelding|verwijzing)\b"
    r"[^:.?!]{0,40}:|\b(?:u|je|jij|jullie) schre(?:ef|ven)\b[^:.?!]{0,30}:"
)
_QUOTED = re.compile(r"\s*[\"“”„«»](?P<said>[^\"“”„«»]*)[\"“”„«»]")
_YES = words_of("ja jazeker klopt inderdaad correct juist yes")
_NOT_ASKED = words_of("of wel maar zover ik wij we")


def question(part: Passage) -> tuple[str, Passage | None]:
    """A question's own words, and what it repeats below "Uw bericht was:" or "U schreef:"."""
    for at, line in enumerate(part.lines):
        if told := _QUOTES.search(plain(line)):
            colons = told.string.count(":", 0, told.end())
            said = "\n".join([line.split(":", colons)[-1], *part.lines[at + 1 :]])
            # Where it stands in quotation marks the question goes on behind them.
            marked = _QUOTED.match(said)
            own = "\n".join([*part.lines[:at], told.string[: told.end()]])
            return own, Passage((marked["said"] if marked else said).split("\n"))
    return "\n".join(part.lines), None


def asks_of_number(own: str, quoted: Passage | None) -> bool:
    """Whether a question's own words speak of a number, or repeat the one that was sent."""
    shown = _numbers_in(own)
    return any(t.kind == Sense.PHONE for t in words_in(own, 0, len(own))) or bool(
        quoted and shown & _numbers_in("\n".join(quoted.lines))
    )


def confirms(text: str, names: set[str]) -> bool:
    """Whether an answer says yes, or that the number is the patient's own, and nothing that is not plain.

    `names` are the words of the patient's name.
    """
    said = False
    lines = [line for line in text.split("\n") if line.strip() and not is_greeting(line)]
    for sentence in sentences([*words_in(text := "\n".join(lines), 0, len(text))]):
        told = [
            t
            for t, behind in zip(sentence, [*sentence[1:], None], strict=True)
            if t.word not in names
            and not (t.word in DETERMINERS and behind and (behind.kind == Sense.PATIENT))
        ]
        words = {t.word for t in told}
        own = words & {"zelf", "hemzelf", "haarzelf", "eigen"} or (
            words & {"zijn", "haar"} and any(t.kind == Sense.PHONE for t in told)
        )
        if words & _YES or own:
            said = True
            if words & _NOT_ASKED:
                return False
        if any(t.text == "?" for t in told) or not is_harmless(told or sentence):
            return False
    return said and "?" not in text


def _numbers_in(text: str) -> set[str]:
    return {e164 for line in text.split("\n") for e164, _, _ in numbers(mask(line)) if e164}
