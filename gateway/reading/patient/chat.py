"""A chat that somebody pasted: what was said, a sentence a line, without when and by whom.

Who asks for a number is answered below: a question that is nothing else says nothing of whose it is. Pure,
over text.
"""

import re

from gateway.reading.patient.labels import label_of
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import plain

_TIME = r"\d{1,2}:\d\d(?::\d\d)?"
_DAY = r"\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?"
# "[12-05-2025 10:34] Sanne: …", "12-05-2025 10:34 - Sanne: …", "[10:34] Sanne: …": who says a line of it.
_SAYS = re.compile(
    rf"(?m)^[ \t]*(?:\[(?:{_DAY},? )?{_TIME}(?:, {_DAY})?\]|{_DAY},? {_TIME})[ ]?(?:[-–][ ])?"
    r"(?P<speaker>[^:\n\d]{2,40}):[ ]"
)
# The hour alone before or behind the speaker, or both above what is said: plain only if there are more.
_SAYS_PLAINLY = re.compile(
    rf"(?m)^[ \t]*(?:{_TIME} (?P<speaker>[A-ZÀ-Þ][^:\n\d]{{1,40}}):[ ]"
    rf"|(?P<before>[A-ZÀ-Þ][^:\n\d]{{1,40}}) [(\[]{_TIME}[)\]]:[ ]"
    rf"|(?P<above>[A-ZÀ-Þ][^:\n\d]{{1,40}}?)(?:  |\t){_TIME}[ ]*\n)"
)
_ASKS = re.compile(r"(?:heb|hebt|hebben|weet|ken|wat|welke?|nummer|telefoon|tel|mobiel)\w*\b")
# Who will take somebody on, named behind a colon.
_ASKS_FOR = re.compile(
    r"(?m)^(?:Wie|Kan iemand|Kunnen jullie|Wil iemand) (?:[a-z]+ ){0,3}[a-z]+: (?=[A-ZÀ-Þ])"
)
_OURS = frozenset({Sense.OTHER, Sense.BODY, Sense.UNKNOWN, Sense.NEGATION})


def without_speakers(text: str) -> str:
    """The text, the lines of a chat as sentences of their own."""
    said = _SAYS
    begins = [each for each in _SAYS.finditer(text) if not _tells(each["speaker"])]
    if not begins:
        said = _SAYS_PLAINLY
        begins = [*_SAYS_PLAINLY.finditer(text)] if ":" in text else []
        speakers = {next(filter(None, each.groups())) for each in begins}
        if len(begins) < 2 or len(speakers) < 2 or any(map(_tells, speakers)):
            return text
    if any(map(_is_unsure, text[begins[0].start() :].split("\n"))):
        return text
    text = said.sub(lambda found: found[0] if _tells(_speaker(found)) else _MARK, text)
    if len(begins) < 2:
        return text.replace(_MARK, "")
    return _ASKS_FOR.sub("", "\n".join(_sentence(line) for line in text.split("\n")))


_MARK = "\x01"


def _is_unsure(line: str) -> bool:
    """ "Is dat van zijn zus?": what is answered by a word that says nothing."""
    words = re.findall(r"[^\W\d_]+", plain(line))
    return line.rstrip().endswith("?") and any(kind_of(word) in {Sense.OTHER, Sense.BODY} for word in words)


def _tells(speaker: str) -> bool:
    """Whether a word before a colon is a label, or says who somebody is: "Zus van Jan"."""
    words = re.findall(r"[^\W\d_]+", plain(speaker))
    return label_of(speaker) is not None or any(kind_of(word) is Sense.OTHER for word in words)


def _speaker(found: re.Match[str]) -> str:
    return str(next(filter(None, found.groups())))


def _sentence(line: str) -> str:
    if not line.startswith(_MARK):
        return line
    line = line.strip(f"{_MARK} ")
    words = re.findall(r"[^\W\d_]+", plain(line))
    if _ASKS.match(plain(line)) and not numbers(mask(line)) and not {kind_of(word) for word in words} & _OURS:
        return ""
    return f"{line[:1].upper()}{line[1:]}" + ("" if line[-1:] in ".!?:;," or not line else ".")
