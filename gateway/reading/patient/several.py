"""Whether a passage speaks of more than one patient.

It promises to doubt in the direction of several: one merged record of two people is never made.
"""

import re
from itertools import pairwise

from gateway.reading.patient.alike import key_words, same_person
from gateway.reading.patient.evidence import ADDRESSED, ALONE, LABELLED
from gateway.reading.patient.labels import cells
from gateway.reading.patient.layout import Block
from gateway.reading.patient.mentions import stands_alone
from gateway.reading.patient.person import Everybody, Person
from gateway.reading.patient.speech import Line, Whose
from gateway.reading.patient.tokens import POSSESSIVES, Token
from gateway.reading.patient.values import value_name
from gateway.reading.patient.vocabulary import KIN, Sense
from gateway.reading.patient.wijken import Mention
from gateway.reading.patient.words import plain

_COUNTED = re.compile(
    r"\b(?:twee|drie|vier|vijf|zes|2|3|4|5|6|beide|meerdere|enkele|diverse)\s+(?:nieuwe\s+|verschillende\s+)?"
    r"(?:aanmeldingen|patient\w*|client\w*|verwijzingen|personen|mensen|gezinnen|referrals|patients"
    r"|dames|heren|broers|broeders|zussen|zusters|vrienden|vriendinnen|buren|nichten|neven)\b"
)

# "Twee aanmeldingen": whoever else is named, more than one patient is meant.
_ANNOUNCED = re.compile(
    r"\b(?:twee|drie|vier|2|3|4)\s+(?:nieuwe\s+)?(?:aanmeldingen|verwijzingen|pati[eë]nten|referrals)\b"
)
# "Zowel de heer als mevrouw wenst hulp, maar ieder apart"
_PARTED = re.compile(r"\b(?:ieder|elk|beiden?|allebei)\b[^.]{0,12}\b(?:apart|afzonderlijk|los van elkaar)\b")


def by_person(people_found: list[Person]) -> list[list[Person]]:
    """The people found, those who are one person together."""
    groups: list[list[Person]] = []
    for person in people_found:
        for group in groups:
            if any(same_person(person.name, other.name) for other in group):
                group.append(person)
                break
        else:
            groups.append([person])
    return groups


def several(
    found: list[Block],
    everybody: Everybody,
    called: list[Line],
    text: str,
    gazetteer_mentions: list[list[Mention]],
) -> bool:
    """Whether more than one patient is told of: each with a row, a label or a number of their own."""
    groups = by_person([person for person in everybody.patients if person.weight >= ALONE])
    homes = [
        {line.e164 for line in called if line.block == at and line.e164 and line.whose is not Whose.SENDER}
        for at, block in enumerate(found)
        if block.line >= 0
        and any(not m.ordinary or stands_alone(block.text, m) for m in gazetteer_mentions[at])
    ]
    if sum(bool(numbers_there) for numbers_there in homes) >= 2 and len(set().union(*homes)) >= 2:
        # Two lines with a number and a wijk each are two people's.
        return True
    records = {block.record for block in found if block.record and block.label in {"name", "phone", "last"}}
    if len(records) >= 2:
        return True
    rows = [row for b in found if b.label == "name" and len(row := cells(b.text)) >= 2]
    if any(len(list(filter(value_name, row))) >= 2 for row in rows):
        # "Naam | Jan Bos | Els Vos": each column is somebody's.
        return True
    if (
        _ANNOUNCED.search(plain(text))
        or _PARTED.search(plain(text))
        or _is_one_more(found, everybody)
        or _are_apart(found, everybody, called)
    ):
        return True
    if any(_is_two(p.name) for group in groups for p in group) or _joined(found, groups):
        return True
    counted = _COUNTED.search(plain(text)) is not None
    if len(groups) < 2:
        # "Twee broers: Ali Demir 06-… en Can Demir 06-…", of whom only one was taken for somebody.
        return counted and {Whose.PATIENT, Whose.OWNED} <= {line.whose for line in called if line.e164}
    if counted:
        return True
    labelled = [group for group in groups if any(person.weight == LABELLED for person in group)]
    if len(labelled) >= 2:
        return True
    bound = {line.whose for line in called if line.e164}
    candidates = {line.e164 for line in called if line.e164 and line.whose is Whose.CANDIDATE}
    if candidates and (Whose.PATIENT in bound or labelled or len(candidates) >= 2):
        return True
    strong = [group for group in groups if any(person.weight >= ADDRESSED for person in group)]
    return len(strong) >= 2 and _listed(found, strong)


def _are_apart(found: list[Block], everybody: Everybody, called: list[Line]) -> bool:
    """Whether two people have a paragraph or a short line each, with a number of their own in it."""
    others = {Whose.SENDER, Whose.OTHER, Whose.OLD}
    own = [(line, found[line.block]) for line in called if line.e164 and line.whose not in others]
    own = [(line, block) for line, block in own if block.line >= 0]
    theirs = {
        block.paragraph: line.e164
        for line, block in own
        if line.whose is not Whose.OWNED or not any(map(str.isalpha, block.text))
    }
    sure = [each for each in everybody.patients if each.weight >= ALONE and " " in each.name]
    named = {found[each.block].paragraph: each.name for each in reversed(sure)}
    apart = pairwise(sorted(theirs.keys() & named.keys()))
    short = {block.text.split(" ")[0] for _, block in own if _GIVEN_AND_NUMBER.fullmatch(block.text)}
    return len(short) > 1 or any(
        theirs[one] != theirs[other] and not same_person(named[one], named[other]) for one, other in apart
    )


_GIVEN_AND_NUMBER = re.compile(r"[A-ZÀ-Þ][^\W\d_]{1,15}:? [+(]?\d[\d ()./-]{7,20}\d")
_TOO = re.compile(
    r"(?:[^.!?]{0,50}\b)?ook\b[^.!?]{0,40}"
    r"\b(?:hulp|schuld\w*|geld\w*|aan(?:ge)?meld\w*|aan te melden|op de lijst)\b"
    r"|[^.!?]{0,30}\bmet hetzelfde\b|[ ,]*ook\b ?[:,]"
    r"|[^.!?]{0,20}\b(?:zelfde|dezelfde) (?:wijk|buurt|adres|probleem|problemen|verhaal)\b"
)
_ALSO = re.compile(r"(?:^|[.!?] |\ben )ook (?:nog )?(?:graag )?$")


def _is_one_more(found: list[Block], everybody: Everybody) -> bool:
    """ "Haar buurman Piet Vos wil ook hulp", "Piet Vos ook: 06-…": a second one, whom nobody may lose."""
    sure = [person.name for person in everybody.patients if person.weight >= ALONE]
    for at, spans in everybody.spans.items():
        text = plain(found[at].text)
        if len(text) != len(found[at].text) or not sure:
            continue
        for start, end in spans:
            name = found[at].text[start:end]
            if " " not in name or any(same_person(name, other) for other in sure[:1]):
                continue
            if _TOO.match(text, end) or _ALSO.search(text[max(0, start - 30) : start]):
                return True
    return False


def _joined(found: list[Block], groups: list[list[Person]]) -> bool:
    """ "Graag Jan Bos en Ria Moes helpen, beiden uit …": two whole names and nothing but "en" between.

    A couple of one surname may be one referral, unless each of the two has a number of their own.
    """
    people = sorted((p.block, p.start, p.end, p.name) for group in groups for p in group if " " in p.name)
    for block, _, end, _ in people:
        behind = found[block].text[end:]
        if (joined := _AND_THEIR.match(behind)) and (each := _EACH.search(plain(behind[joined.end() :]))):
            # "… en haar zoon …, allebei uit …": a couple may be one referral, unless each is told apart.
            return joined[1] not in _SPOUSES or each[0] not in {"beide", "beiden", "allebei"}
    for one, other in pairwise(people):
        text, between = found[one[0]].text, found[one[0]].text[one[2] : other[1]]
        if one[0] != other[0]:
            continue
        if between.strip() in {"en", "&", "+"} and key_words(one[3])[-1:] != key_words(other[3])[-1:]:
            return True
        if _NUMBER_AND.fullmatch(between) and _NUMBER_BEHIND.match(text, other[2]):
            return True
    return False


_AND_THEIR = re.compile(r" en (?:haar|zijn|hun) (?:[a-z]+ )?([a-z]+),? (?=[A-ZÀ-Þ])")
_EACH = re.compile(r"\b(?:allebei|beiden?|ieder|elk|apart|afzonderlijk)\b")
_SPOUSES = frozenset({"man", "vrouw", "partner", "echtgenoot", "echtgenote", "vriend", "vriendin"})
_A_NUMBER = r"\s*[(,:–-]?\s*(?:(?:tel|mob)\w*[.:]*\s*)?\+?\(?\d(?:[ ()/.–-]{0,3}\d){8,12}\s*\)?"
_NUMBER_AND = re.compile(
    rf"{_A_NUMBER}\s*,?\s*(?:en|and|&|\+)\s*(?:(?:dhr|de heer|mw|mevr|mevrouw)\.?\s*)?", re.IGNORECASE
)
_NUMBER_BEHIND = re.compile(_A_NUMBER, re.IGNORECASE)


def _is_two(name: str) -> bool:
    """Two whole names with "en" between; a couple of one surname may be one referral."""
    told = _TWO_WHOLE.fullmatch(name)
    return told is not None and key_words(told[1])[-1:] != key_words(told[2])[-1:]


def _listed(found: list[Block], groups: list[list[Person]]) -> bool:
    """Whether the names stand in a list: each at the beginning of a line of its own."""
    begins = [
        group for group in groups if any(len(found[p.block].text[: p.start].strip()) <= 12 for p in group)
    ]
    lines = {found[p.block].line for group in begins for p in group}
    return len(begins) >= 2 and len(lines) >= 2


_TWO_WHOLE = re.compile(r"([^\W\d_][^ ]* .*[^ .]) (?:en|and|&|\+) ([^\W\d_][^ ]* .+)")
_TWO = re.compile(r"[^\W\d_.] (?:en|and|&|\+) [^\W\d_]")
_BETWEEN = re.compile(r"(?:van|de|der|den|ter|ten|te|el|al|in|op|'t) ")
_SALUTED = re.compile(r"\b(mw|mevr|mevrouw|mvr|dhr|hr|mnr|de heer|meneer|mijnheer|heer)\b\.? ?(?:[a-z]\. ?)*")


def _begins(said: str, at: int, surname: str) -> bool:
    """Whether a surname stands there, behind up to three tussenvoegsels."""
    for _ in range(4):
        end = at + len(surname)
        if said.startswith(surname, at) and not (said[end : end + 1].isalnum() or said[end : end + 1] == "_"):
            return True
        if (between := _BETWEEN.match(said, at)) is None:
            return False
        at = between.end()
    return False


def are_two(name: str, text: str) -> bool:
    """ "Piet en Ria Bos", "Mevr. Stolk …; dhr. Stolk …": two people of one name."""
    if _TWO.search(name):
        return True
    surname = key_words(name)[-1:]
    said = plain(text)
    called = {
        each[1] in {"mw", "mevr", "mevrouw", "mvr"}
        for each in _SALUTED.finditer(said)
        if surname and _begins(said, each.end(), surname[0])
    }
    return len(called) == 2


_TOGETHER = re.compile(
    r"\b(?:samen|beiden|allebei|gezamenlijk)\b[^.]{0,30}\b(?:te bellen|bereik\w*|telefo\w+|nummer|mobiel"
    r"|te spreken|aan ?gemeld|aan ?melden|hulp|geholpen)\b|\b(?:hulp|aanmelden)\b[^.]{0,12}\bsamen\b"
)


def are_one_referral(name: str, text: str, phones: set[str]) -> bool:
    """ "Piet en Ria Bos, samen te bellen op 06-…": a couple with one number."""
    return _TWO.search(name) is not None and len(phones) == 1 and _TOGETHER.search(plain(text)) is not None


def turns_to_another(rows: list[list[Token]]) -> bool:
    """ "Gisteren meldde ik Jan Bos aan. Nu zijn dochter.": the patient is somebody else than who is named."""
    for row in rows:
        for n, token in enumerate(row):
            if _is_compared(row, n) or _is_about_kin(rows, row, n):
                return True
            if not (n and token.word in POSSESSIVES and row[n + 1 : n + 2]):
                continue
            if row[n + 1].kind != Sense.OTHER:
                continue
            begin = next((m + 1 for m in range(n - 1, -1, -1) if row[m].kind == "stop"), 0)
            words = [t.word for t in row[max(begin, n - 7) : n]]
            behind = next((t for t in row[n + 2 :] if t.kind not in {"stranger", "candidate"}), None)
            ended = behind is None or behind.kind in {"stop", "number"} or behind.text in ",(:"
            named = any(t.kind == "name" for t in row[:n]) or any(
                t.kind == "name" for other in rows[: rows.index(row)] for t in other
            )
            if named and "gaat" in words and words[-1] in {"om", "over"}:
                # "Mijn patiëntje Bo Vos. Het gaat om zijn moeder …"
                return True
            if {"keer", "ditmaal"} & set(words) and set(words) & {"dit", "deze", "ditmaal"}:
                return True
            if words[-1:] == ["om"] and named and _is_referred(row[n + 2 :]):
                return True
            if "nu" in words and (
                words[-1] == "ook" or (words[-1] in {"nu", "graag", "om", "voor"} and ended)
            ):
                return True
    return False


def _is_referred(behind: list[Token]) -> bool:
    """ "Handiger om haar zoon Koen aan te melden"."""
    said = [t.word for t in behind if t.word][:5]
    return "aanmelden" in said or ["te", "melden"] in (said[:2], said[1:3], said[2:4], said[3:5])


def _is_about_kin(rows: list[list[Token]], row: list[Token], n: int) -> bool:
    """ "Het gaat dus om moeder.": behind the name of her child."""
    if row[n].kind != Sense.OTHER or row[n].word not in KIN:
        return False
    lead = [t.word for t in row[max(0, n - 5) : n]]
    named = any(t.kind == "name" for t in row[:n]) or any(
        t.kind == "name" for other in rows[: rows.index(row)] for t in other
    )
    ended = (
        n + 1 == len(row) or row[n + 1].kind in {"stop", "stranger", "candidate"} or row[n + 1].text in ",(:"
    )
    return named and ended and "gaat" in lead and "het" in lead and lead[-1] in {"om", "over", "de"}


def _is_compared(row: list[Token], n: int) -> bool:
    """ "Net als Jan Bos (06-…)", "Weten jullie nog Jan Bos?"."""
    if row[n].kind != "name":
        return False
    lead = [t.word for t in row[max(0, n - 3) : n] if t.word]
    return (
        lead[-2:] == ["net", "als"] or lead[-1:] in (["evenals"], ["zoals"]) or lead[-2:] == ["vervolg", "op"]
    )
