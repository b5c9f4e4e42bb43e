"""Forms: what one leaves open, whose card stands in it, and whose the fields are that name a relative."""

import re
from dataclasses import replace

from gateway.reading.patient.labels import begun
from gateway.reading.patient.layout import Block
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import ORGANISATIONS, PROFESSIONS, RELATIVES, SENDERS, plain

_FUNCTION = re.compile(r"\s*(?:functie|rol|hoedanigheid)\s*[:=]\s*([a-z-]+)")


def left_open(lines: list[str], found: list[Block]) -> frozenset[str]:
    """The labels to which no line of a form gives a value: "Naam patiënt: ........"."""
    asked = {label for line in lines if (label := _asked_by(line))}
    return frozenset(asked - {block.label for block in found if re.search(r"\w", block.text)})


def _asked_by(line: str) -> str | None:
    label = begun(line)
    return label[0] if label and not re.search(r"\w", line[label[2] :]) else None


def without_card(found: list[Block]) -> list[Block]:
    """The blocks, those around a line that gives a sender's function as the sender's: a card."""
    done = list(found)
    for at, block in enumerate(found):
        told = _FUNCTION.match(plain(block.text))
        if not told or told[1] not in SENDERS | PROFESSIONS:
            continue
        first, last = at, at + 1
        while first and found[first - 1].paragraph == block.paragraph and found[first].label != "name":
            first -= 1
        while last < len(found) and found[last].paragraph == block.paragraph and found[last].label != "name":
            last += 1
        done[first:last] = [replace(each, label=each.label and "sender") for each in done[first:last]]
    return done


_ANNOUNCED = re.compile(
    r"\s*(?P<role>[^\W\d_]+) \((?:aan te melden|aangemelde?|pati[eë]nte?|cli[eë]nte?|pt)\)(?=\s*[:\t])",
    re.IGNORECASE,
)


def patients_role_told(lines: list[str]) -> list[str]:
    """ "Vader (aan te melden): …": a relative's word that is the patient's in this form, in each label."""
    told = [each["role"] for line in lines if "(" in line and (each := _ANNOUNCED.match(line))]
    if not {plain(role) for role in told} & RELATIVES:
        return lines
    label = re.compile(rf"\b(?:{'|'.join(told)})\b(?: \([^)]*\))?(?=[^:\t]*[:\t])", re.IGNORECASE)
    return [label.sub("patiënt", line, count=1) for line in lines]


_RELATIVE_OF = re.compile(
    rf"(?:(?i:de|een|haar|zijn) )?(?i:{'|'.join(sorted(RELATIVES, key=len, reverse=True))}) van "
    r"(?:(?i:de heer|mevrouw|mevr|mw|meneer|dhr|patient|patiënt|client|cliënt)|[A-ZÀ-Þ])"
)


def of_relative(block: Block) -> Block:
    """ "Naam: zus van mevrouw Hof" names somebody else; "Naam: Zus van 't Hof" is a name."""
    if block.label == "name" and plain(block.phrase) == "wie" and "," in block.text:
        # "Wie: Coby, wijkverpleging" below "Cliënt: …"
        behind = set(re.findall(r"[^\W\d_]+", plain(block.text.partition(",")[2])))
        if behind & (PROFESSIONS | ORGANISATIONS | RELATIVES) or any(
            kind_of(word) in {Sense.OTHER, Sense.BODY} for word in behind
        ):
            return replace(block, label="relative" if behind & RELATIVES else "sender")
    told = block.label == "name" and _RELATIVE_OF.match(block.text.strip())
    return replace(block, label="relative") if told else block
