"""The patient as somebody's relative: "moeder, Ria Bos", "haar zoon Jan Bos".

Such a word tells the patient's sex, and where a parent is referred, "moeder" alone is the patient from there
on. Pure, over lines.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.vocabulary import KIN, MEN, WOMEN
from gateway.reading.patient.words import plain, words_of

_BESIDE = re.compile(
    rf"(?P<lead>[a-z]+ |[.!?:] |^)(?P<kin>{'|'.join(sorted(KIN, key=len, reverse=True))})(?P<comma>,?) "
    r"(?:(?:mw|mevr|mevrouw|dhr|de heer|meneer)\.? )?$"
)
_ENDS = re.compile(r"\s*(?:[,.(]|$)")
_OWNED = words_of("haar zijn hun mijn onze uw de een der geen")


def relation(name: str | None, lines: Iterable[str]) -> str | None:
    """The word for a relative that stands right before the patient's name, None if there is none.

    Behind a comma only where "haar zoon, Jan Bos" or "Moeder, Ria Bos," can be nobody else.
    """
    for line in lines if name else ():
        at = line.find(name or "")
        told = _BESIDE.search(plain(line[:at])) if at > 0 else None
        if told is None or (told["lead"] == "namens "):
            continue
        owned = not told["lead"].strip(" .!?:") or told["lead"] in {"haar ", "zijn ", "hun "}
        if not told["comma"] or (owned and _ENDS.match(line[at + len(name or "") :])):
            return told["kin"]
    return None


def sex_of(kin: str | None) -> set[str]:
    """Of which sex somebody is who is called so, empty if the word doesn't tell."""
    return {"m"} if kin in MEN else {"v"} if kin in WOMEN else set()


def as_patient(lines: list[str], kin: str | None) -> list[str]:
    """The lines, a parent who is the patient as such wherever only the word for them stands.

    Not where the patient's own parents may be told of as well.
    """
    if kin not in {"moeder", "vader"}:
        return lines
    said = plain("\n".join(lines))
    if len(re.findall(rf"\b(?:haar|zijn|hun) {kin}\b|\bouders\b", said)) > 1:
        return lines
    bare = re.compile(rf"(?<![\w-])(?i:{kin})\b(?!-| van\b|,? [A-ZÀ-Þ])")
    told = "patiënte" if kin == "moeder" else "patiënt"

    def meant(found: re.Match[str]) -> str:
        before = plain(found.string[: found.start()]).split()[-1:]
        return found[0] if before and before[0] in _OWNED else told

    return [bare.sub(meant, line) for line in lines]
