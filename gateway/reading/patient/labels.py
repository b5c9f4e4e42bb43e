"""Which field a phrase asks for: a label is a short phrase made of known words only."""

import re
from functools import cache, lru_cache

from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import FILLER, LABEL_ORDER, LABELS, PATIENT, RELATIVES, SENDERS, plain

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# "(06) 1234 5678" begins with no bullet.
BULLET = re.compile(
    r"\A[ \t]*(?!\(?06[.)][ \t]+\d)(?:[-*•·▪◦–+\u2190-\u2bff\U0001f300-\U0001faff\ufe0f]+|\(?\d{1,2}[.)])"
    r"[ \t]+(?=\S)"
)

# The ending in "Naam patiënt(e)".
_FEMININE = re.compile(r"(?<=[a-z])[(/](?:e|en|s|n)\b\)?")
_ORDINALS = frozenset({"1e", "2e", "3e", "1ste", "2de"})

_LABEL_WORDS: frozenset[str] = frozenset().union(*LABELS.values(), RELATIVES, SENDERS)


def label_of(phrase: str) -> str | None:
    """Which field a phrase asks for, None if it is no label."""
    if len(phrase) > 45:
        return None
    words = _WORD.findall(_FEMININE.sub("", plain(phrase)))
    ordinal = bool(_ORDINALS & set(words))
    # "TEL1"
    words = [_spelt(re.sub(r"(?<=[a-z]{3})[12]$", "", word)) for word in words if word not in _ORDINALS]
    if not 0 < len(words) <= 6:
        return None
    if "is" in words[1:-1]:
        # "Dat nummer is van haar nicht": a sentence, and it says whose the number is.
        return None
    if (
        words[0] in {"uw", "jouw"}
        and not PATIENT & set(words)
        and len(words) > 1
        and label_of(" ".join(words[1:]))
    ):
        # A form asks whoever fills it in.
        return "sender"
    strong = [word for word in words if word not in FILLER and word not in PATIENT]
    if not strong and set(words) <= {"werk", "prive"}:
        return "phone"
    if not strong:
        return "name" if any(word in PATIENT for word in words) and len(words) <= 3 else None
    if any(word in RELATIVES for word in words):
        return "relative" if _known(strong) else None
    if any(word in SENDERS for word in words):
        return "sender" if _known(strong) else None
    if not _known(strong):
        return None
    fields = [field for field in LABEL_ORDER if any(word in LABELS[field] for word in strong)]
    if len(strong) == 1 and strong[0] in {"f", "mail", "e", "med", "dat"} and len(words) > 1:
        return None
    if "contact" in words and ordinal:
        # A "1e contact" and a "2e contact" are people.
        return "relative"
    if "name" in fields and "contact" in words:
        # "Contact naam": somebody is named through whom to reach the patient.
        return "relative"
    if "name" in fields and "ids" not in fields:
        # "Naam en telefoonnummer": the name comes first in the value.
        return "name"
    return fields[0] if fields else None


def _without_one(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


@cache
def _nearly() -> dict[str, str]:
    """The long words of labels, by what is left of them without one letter."""
    long = sorted(word for word in _LABEL_WORDS if len(word) > 6)
    return {short: word for word in long for short in (word, *_without_one(word))}


@lru_cache(maxsize=1024)
def _spelt(word: str) -> str:
    """ "telefoonnumer": the label's word that is one letter away, else the word itself."""
    if len(word) < 6 or word in _LABEL_WORDS or word in FILLER or word in PATIENT:
        return word
    if kind_of(word) is not Sense.UNKNOWN or is_thing(word):
        # "contract" is no "contact".
        return word
    near = _nearly()
    return next((near[each] for each in (word, *sorted(_without_one(word))) if each in near), word)


def _known(words: list[str]) -> bool:
    return all(word in _LABEL_WORDS for word in words)


def is_bare_label(text: str) -> bool:
    """Whether a line is a label and nothing else."""
    text = BULLET.sub("", text, count=1).strip()
    if text.startswith("(") or re.search(r"[:=\t].", text):
        return False
    return 0 < len(text) <= 45 and label_of(text.strip(" :.*")) is not None and not re.search(r"\d{4}", text)
