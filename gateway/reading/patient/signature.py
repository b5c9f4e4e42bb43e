"""Which lines of a passage speak about the sender: signature, letterhead, disclaimer.

Numbers, names and wijken in those lines are never the patient's. A line is set aside when it stands below
a closing formula, a "-- " line or the sender's own name, or in a paragraph that reads as an
organisation's letterhead. Something labelled as the patient's below the closing is still read.
"""

import re
from collections.abc import Iterable

from gateway.reading.patient.labels import BULLET, begun, heads, label_of
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.vocabulary import KIN
from gateway.reading.patient.words import (
    COMMON,
    GREETINGS,
    ORGANISATIONS,
    PARTICLES,
    PROFESSIONS,
    SALUTATIONS,
    SENDERS,
    TITLES,
    plain,
)

_CLOSING = re.compile(
    r"(?:(?:alvast )?(?:(?:hartelijk |vriendelijk |heel erg )?dank(?:jewel| ?je| ?u)?(?: wel| u| je)?"
    r"|bedankt|thanks)[\w ]{0,25}[,.!]?[ ]+(?:en )?)?"
    r"(?:met (?:\w+ )?(?:vriendelijke|hartelijke|collegiale|warme|beste|vr\.?|vriendlijke|vriendelijk"
    r"|hoogachting)\b"
    r"|met (?:\w+ )?groet|(?:de )?(?:vriendelijke|hartelijke|collegiale|warme)[ ,en]+(?:\w+ )?groet"
    r"|hoogachtend|m\.?v\.?g\.?\b"
    r"|v\.?r\.? ?gr\b|vr\.? gr|mvrgr|mvgr|vriendelijke? gr|groet(?:en|jes)?\b|gr\.?(?=$|[ ,.])|grtjs"
    r"|grtn|grt\b|grz\b"
    r"|kind(?:est)? regards|(?:with )?(?:best|warm) regards|regards\b|sincerely|yours (?:truly"
    r"|sincerely)|best wishes|cheers\b|liefs\b|namens\b|mede namens)",
    re.IGNORECASE,
)
_INLINE_CLOSING = re.compile(
    r"(?:(?<=[.!?;)])|(?<=[.!?;)] )|(?<=, )|(?<= [-–] )"
    # Without a mark before it: a closing and at most four words of whoever signs.
    r"|(?<=[\w+] )(?=(?:gr|grt|mvg|m\.v\.g|groet(?:en|jes)?|grtjs|(?:met )?vriendelijke groet(?:en)?)\b"
    r"[.,]?(?: (?!(?:van|zijn|haar|hun|aan)\b)[^\W\d_][\w'’.-]*,?){1,4}\s*$))[ ]*"
    r"(?:gr|groet(?:en|jes)?|grtjs|grt|mvg|m\.v\.g|vr\.? ?gr|met vriendelijke groet(?:en)?"
    r"|vriendelijke groet(?:en)?|dank en groet)\b[.,]?(?: [\w'’.,()/-]+){0,8}\s*$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?:verstuurd|verzonden|sent|envoy\S|gesendet|send|get outlook|outlook voor|download)\b"
    r"(?: (?:via|vanaf|vanuit|met|from|by|with|von|depuis|de)\b"
    r"|.{0,80}(?:iphone|ipad|android|outlook|phone|app\b))",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:dit|deze|de) (?:e-?mail|bericht|informatie|mail|inhoud)\S*.{0,60}(?:bestemd|vertrouwelijk"
    r"|geadresseerde)|disclaimer|this (?:e-?mail|message).{0,60}(?:confidential|intended)|denk aan het milieu"
    r"|please consider the environment"
    r"|(?:bericht|mail) is beveiligd|beveiligd (?:verzonden|verstuurd|bericht|mailen)|zivver|zorgmail",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\d{4} ?[A-Z]{2}\b|(?:\+31|\b0)[\d \-()./]{8,}|\b(?:www|https?|agb|kvk|iban|btw)\b|@[\w-]+\."
    r"|\bpostbus\b",
    re.IGNORECASE,
)
# "T 036-…", "M: 06-… | E: …": how whoever signs is reached.
_REACHED = re.compile(
    r"\s*(?:[|/·,]?\s*[TMFEWI]\b[.:]?\s?(?:[+(]?\d[\d ()./-]{7,20}\d|\S+@\S+|(?:www|https?)\S+)\s*){1,4}"
)
# Who has one is no patient.
_FAX = re.compile(r"\s*(?:f|fax)\b[.: ]{1,4}[+(]?\d[\d ()/.-]{7}", re.IGNORECASE)
# "Spoed? 036-…": the reader is asked, and no form.
_OFFERED = re.compile(
    r"(?:^|[.!] )(?P<asked>[A-Z](?!aar\b|elk\b)[^\W\d_]+(?: [^\W\d_]+)?)\? "
    r"(?:[^\W\d_]+ ){0,3}[+(]?\d[\d ()/.-]{7}"
)
_PROSE = re.compile(
    r"\b(?:is|zijn|heeft|hebben|woont|wonen|meld|meldt|wil|graag|kunt|kan|belt|bellen|ik|wij|we|hij"
    r"|zij|ze|u|jullie|wordt|worden|niet|geen|sinds|voor|patient\w*|krijgt|komt|zit|moet|durft|zoekt|kampt|loopt|vraagt|haar|hem)\b"
)
_REOPENS = re.compile(
    r"(?:p\.?s\.?|n\.?b\.?|naschrift|toevoeging|(?:nog )?vergeten|oh? ?ja)\b", re.IGNORECASE
)
_RULER = re.compile(r"[-=_*~ ]{3,}")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def name_words(names: Iterable[str]) -> frozenset[str]:
    """The words of people's names that tell them apart (three letters or more), and initials as "j."."""
    found = [_NAME_WORD.findall(plain(name)) for name in names]
    people = [
        words
        for words in found
        if words and not any(w in PROFESSIONS | SENDERS | ORGANISATIONS for w in words)
    ]
    initials = {f"{words[0][0]}." for words in people if len(words) > 1}
    return frozenset(word for words in found for word in words if len(word) >= 3) | initials


def body(lines: list[str], sender: frozenset[str]) -> list[str]:
    """The lines that can speak about the patient; lines set aside become empty, so that places stay."""
    kept = [_without_closing(line) for line in lines]
    end = _end(kept, sender)
    below = list(kept)
    for at in range(end, len(kept)):
        kept[at] = below[at] if _speaks_of_patient(below, at, end, sender) else ""
    for first, last in _paragraphs(kept):
        first += _above_letterhead(kept[first:last], sender) if not any(kept[:first]) else 0
        said = kept[first:last]
        offered = first > 0 and any(map(_is_offered, said)) and not any(map(_patient_label, said))
        if offered or _is_letterhead(said, sender) or all(map(_REACHED.fullmatch, said)):
            kept[first:last] = [""] * (last - first)
    for at, line in enumerate(kept):
        if line and (_DISCLAIMER.search(line) or _DEVICE.match(line.strip())):
            kept[at] = ""
    return kept


def without_signer(whole: list[str], kept: list[str]) -> list[str]:
    """The lines without a last paragraph that is somebody's name and number and nothing else.

    Where nothing else signs a mail, that is who signs it: what was told of the patient stands above.
    """
    dropped = [
        at
        for at, (line, left) in enumerate(zip(whole, kept, strict=True))
        if line.strip() and not left.strip() and not (_DISCLAIMER.search(line) or _DEVICE.match(line.strip()))
    ]
    first = next((at for at, left in enumerate(kept) if left.strip()), 0)
    if any(at > first for at in dropped):
        return kept
    parts = _paragraphs(kept)
    if len(parts) < 2:
        return kept
    first, last = parts[-1]
    lines = [line.strip() for line in kept[first:last]]
    above = " ".join(kept[:first]).split()
    told = len(above) >= 6 and not " ".join(above).endswith(":")
    if (
        not told
        or len(lines) > 4
        or not _NAME_ALONE.fullmatch(lines[0])
        or plain(lines[0]).split()[0] in COMMON - TITLES
        or _patient_words(plain(lines[0]).split())
    ):
        return kept
    if not all(_NUMBER_ALONE.fullmatch(line) or _is_role_line(line) for line in lines[1:]):
        return kept
    return [*kept[:first], *[""] * (len(kept) - first)]


_NAME_ALONE = re.compile(
    r"(?:(?:[A-ZÀ-Þ][^\W\d_]*(?:['’-][^\W\d_]+)*\.?|van|de|der|den|ter|ten|op|in|'t|el|al|te)[ .]?){1,6}"
)
_NUMBER_ALONE = re.compile(r"[^\W\d_]{0,10}[.:]? ?[+(\d][\d ()/.+-]{7,20}\d[^\w]*(?:\([^)]{1,30}\))?")


def _is_role_line(line: str) -> bool:
    words = _NAME_WORD.findall(plain(line))
    return any(word in PROFESSIONS | SENDERS | ORGANISATIONS or word.startswith("praktijk") for word in words)


def _without_closing(line: str) -> str:
    found = _INLINE_CLOSING.search(line, max(0, len(line) - 120))
    return line[: found.start()] if found and found.start() > 0 else line


def _end(lines: list[str], sender: frozenset[str]) -> int:
    """Where the signature begins, the number of lines if there is none."""
    seen = False
    for at, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        if text in {"--", "-- ", "–"}:
            return at
        if (
            len(text) <= 90
            and (_CLOSING.match(text) or (seen and _DEVICE.match(text)))
            and not _has_data(text)
        ):
            return at
        if seen and _THANKS.fullmatch(text) and _is_signed_below(lines, at + 1):
            return at
        if seen and is_senders(text, sender) and not _labels_below(lines, at + 1):
            return at - 1 if _is_name_above(lines, at) else at
        if seen and _begins_with_sender(text, sender):
            return at
        seen = True
    return len(lines)


def _begins_with_sender(text: str, sender: frozenset[str]) -> bool:
    """ "Jip Maas, huisarts, Almere Stad, 036-…", where Jip Maas sent the mail."""
    words = _NAME_WORD.findall(plain(text.partition(",")[0]))
    told = [word for word in words if word not in PARTICLES]
    role = _NAME_WORD.findall(plain(text.partition(",")[2]))[:1]
    named = len(told) > 1 and all(word in sender for word in told)
    reached = _CONTACT.search(text) is not None and not _PROSE.search(plain(text.partition(",")[2]))
    return named and bool(role) and (set(role) <= PROFESSIONS or reached)


def _is_name_above(lines: list[str], at: int) -> bool:
    """A name alone, right above a profession, as the last paragraph: both sign."""
    if at < 2 or lines[at - 2].strip() or not _NAME_ALONE.fullmatch(lines[at - 1].strip()):
        return False
    words = _NAME_WORD.findall(plain(lines[at]))
    return bool(words) and all(word in PROFESSIONS | SENDERS for word in words)


_THANKS = re.compile(
    r"(?:alvast )?(?:(?:hartelijk|vriendelijk|heel erg|veel|met) )?(?:dank|bedankt|thanks|dankjewel)"
    r"(?: je| jullie| u)?(?: wel)?(?: alvast)?[,.!]*",
    re.IGNORECASE,
)


def _is_signed_below(lines: list[str], start: int) -> bool:
    """Whether a name and nothing else stands on the next line, and no record below it."""
    following = next((line.strip() for line in lines[start : start + 3] if line.strip()), "")
    return _NAME_ALONE.fullmatch(following) is not None and not _labels_below(lines, start)


def _has_data(text: str) -> bool:
    """A closing line that carries more than a closing: "Groet, mw. Jansen 06-… Filmwijk" is not one."""
    words = _NAME_WORD.findall(plain(text))
    if words[:1] == ["namens"] and (any(c.isdigit() for c in text) or _PROSE.search(plain(text))):
        # "Namens dokter Smit meld ik aan:" opens a mail.
        return True
    return any(word in SALUTATIONS for word in words[2:]) and any(c.isdigit() for c in text)


def is_senders(text: str, sender: frozenset[str]) -> bool:
    """Whether a short line is the sender's name, or a name with a profession behind it."""
    if len(text) > 70 or any(c.isdigit() or c in "?!:" for c in text):
        return False
    words = _NAME_WORD.findall(plain(text))
    if not words or len(words) > 9:
        return False
    professional = [word for word in words if word in PROFESSIONS or word in SENDERS or word in ORGANISATIONS]
    hits = [word for word in words if word in sender]
    initials = {mark[0] for mark in sender if mark.endswith(".")}
    if hits and len(words) == 1 and not initials and not professional:
        # "Filmwijk" isn't how "Praktijk Filmwijk" signs: there the patient lives.
        return False
    if (
        hits
        and initials
        and len(words) > 1
        and words[0] not in hits
        and words[0][0] not in initials
        and not professional
    ):
        # "A. Jansen" isn't how J. Jansen signs.
        return False
    rest = [
        word
        for word in words
        if word not in sender and word not in professional and len(word) > 2 and word not in PARTICLES
    ]
    if hits and (not rest or (professional and len(rest) <= 4)):
        return words[0] not in GREETINGS
    after_comma = re.split(r"[,|/(–]| - ", plain(text), maxsplit=1)
    if len(after_comma) == 2 and not _PROSE.search(plain(text)) and not _patient_words(words):
        second = _NAME_WORD.findall(after_comma[1])
        return bool(second) and second[0] in PROFESSIONS
    return bool(professional) and len(professional) == len(words)


def _patient_words(words: list[str]) -> bool:
    return any(
        word in SALUTATIONS or word in {"pat", "pt", "pte"} or word.startswith(("patient", "client"))
        for word in words
    )


def _labels_below(lines: list[str], start: int) -> bool:
    return any(_patient_label(line) for line in lines[start : start + 40])


_OF_PATIENT = frozenset({"name", "wijk", "last"})


def _patient_label(line: str) -> bool:
    text = BULLET.sub("", line, count=1).strip()
    told = begun(text)
    return told is not None and told[0] in _OF_PATIENT and bool(text[told[2] :].strip())


def _speaks_of_patient(lines: list[str], at: int, end: int, sender: frozenset[str]) -> bool:
    """Below the closing: a postscript, or a paragraph with the patient's own labels."""
    first = at
    while first > end and lines[first - 1].strip():
        first -= 1
    if _REOPENS.match(lines[first].strip()):
        return True
    last = at
    while last < len(lines) and lines[last].strip():
        last += 1
    labels = [_patient_label(line) for line in lines[first:last]]
    return (
        first > end and sum(labels) >= 1 and not any(is_senders(line, sender) for line in lines[first:last])
    )


def _paragraphs(lines: list[str]) -> list[tuple[int, int]]:
    found = []
    start = None
    for at, line in enumerate([*lines, ""]):
        blank = not line.strip() or _RULER.fullmatch(line.strip()) is not None
        if not blank and start is None:
            start = at
        elif blank and start is not None:
            found.append((start, at))
            start = None
    return found


def _is_offered(line: str) -> bool:
    """A number offered to whoever reads it, as whoever signs does."""
    told = _OFFERED.search(line)
    return told is not None and label_of(told["asked"]) is None


_NAMED = re.compile(
    r"\s*(?:[A-ZÀ-Þ][^\W\d_]*[.'’-]? ?(?:[a-z']{1,4} ){0,3}){2,5}[^\n\d]{0,25}[+(0]\d[\d ()/.+-]{7,20}"
)


def _above_letterhead(lines: list[str], sender: frozenset[str]) -> int:
    """How many lines of a paragraph are somebody's name and number, above a sender's card."""
    for at, line in enumerate(lines):
        words = _NAME_WORD.findall(plain(line))
        signs = is_senders(line, sender) or any(word in PROFESSIONS for word in words)
        if signs or any(word in ORGANISATIONS | SENDERS for word in words):
            own = at > 0 and signs and words[0] not in ORGANISATIONS | SENDERS and not _compound(words[0])
            return at if own and _CONTACT.search(line) and all(map(_NAMED.match, lines[:at])) else 0
    return 0


def _is_letterhead(lines: list[str], sender: frozenset[str]) -> bool:
    """A paragraph naming an organisation with its address or numbers, and nothing a person would say."""
    text = plain("\n".join(lines))
    if len(text) > 700 or not _CONTACT.search(text) or _PROSE.search(text):
        return False
    words = _NAME_WORD.findall(text)
    if _patient_words(words) or "eigen" in words or heads(lines[0]):
        return False
    if any(
        _patient_label(line) or label_of(re.split(r"[:\t|]| {2,}", line)[0].strip(" .-*•")) == "name"
        for line in lines
    ):
        return False
    organisation = any(word in ORGANISATIONS or word in SENDERS or _compound(word) for word in words)
    organisation = organisation or any(map(_FAX.match, lines))
    own = any(is_senders(line.strip(), sender) for line in lines[:3])
    return (organisation or own) and not any(map(_is_sentence, lines))


def _is_sentence(line: str) -> bool:
    """Six words or more, most of them in lower case: somebody is telling something."""
    words = _NAME_WORD.findall(line)
    lower = sum(word[0].islower() for word in words)
    return len(words) >= 6 and (lower * 2 > len(words) or (line.rstrip()[-1:] in ".!?" and lower >= 2))


def _compound(word: str) -> bool:
    if word in {"centrum", "stadscentrum", "havencentrum"}:
        return False
    return word.endswith(("praktijk", "centrum", "huisartsen", "apotheek", "zorggroep")) or word.startswith(
        "huisarts"
    )


def signed_numbers(whole: list[str], spoken: list[str]) -> frozenset[str]:
    """The numbers in lines set aside: wherever they stand again, they are the sender's."""
    aside = [line for line, kept in zip(whole, spoken, strict=True) if line and line != kept]
    found = [
        numbers(mask(line.removeprefix(kept) if kept else line))
        for line, kept in zip(whole, spoken, strict=True)
        if line != kept
    ]
    return frozenset(e164 for run in found for e164, _, _ in run if e164) if aside else frozenset()


_KIN_SIGNS = re.compile(rf"\((?:{'|'.join(sorted(KIN, key=len, reverse=True))})\b[^)]*\)\s*$", re.IGNORECASE)


def is_signed_by_kin(whole: list[str], spoken: list[str]) -> bool:
    """ "Groet, C. (dochter)": then a number without a word of whose it is may be the daughter's."""
    return any(
        line != kept and _KIN_SIGNS.search(plain(line)) for line, kept in zip(whole, spoken, strict=True)
    )
