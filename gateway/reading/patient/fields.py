"""What one passage says of the patient: name, phone numbers, wijk, and what is doubtful about each."""

import re
from dataclasses import replace
from itertools import pairwise

from gateway.reading.patient.afar import afterwords, is_against, is_against_below
from gateway.reading.patient.against import denied, doubted, without_doubted
from gateway.reading.patient.alike import fuller, is_swapped, key_words, same_person
from gateway.reading.patient.answerer import as_answered, is_called_anothers, told_of
from gateway.reading.patient.binding import Bindings
from gateway.reading.patient.choice import choose_phone
from gateway.reading.patient.columns import without_other_columns
from gateway.reading.patient.corrections import retraction
from gateway.reading.patient.dictated import written
from gateway.reading.patient.evidence import ADDRESSED, ALONE, LABELLED, TOLD, tells_of_namesake
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.forms import left_open, of_relative, patients_role_told, without_card
from gateway.reading.patient.kin import as_patient, relation, sex_of
from gateway.reading.patient.layout import Block, blocks, joined
from gateway.reading.patient.mentions import ends_record, places_in, stands_alone
from gateway.reading.patient.people import is_title, people
from gateway.reading.patient.person import Everybody, Person
from gateway.reading.patient.phones import identified, mask, numbers
from gateway.reading.patient.places import Where, where
from gateway.reading.patient.pronouns import sex_told
from gateway.reading.patient.records import parted
from gateway.reading.patient.rows import row_of
from gateway.reading.patient.several import are_one_referral, are_two, by_person, several, turns_to_another
from gateway.reading.patient.sexes import both_want_help, each_their_own, sexes
from gateway.reading.patient.signature import body, is_signed_by_kin, signed_numbers, without_signer
from gateway.reading.patient.speech import Line, Whose, names_another
from gateway.reading.patient.tokens import Token, sentences
from gateway.reading.patient.vocabulary import Sense
from gateway.reading.patient.wijken import Gazetteer, Mention
from gateway.reading.patient.words import plain


def facts(
    lines: list[str],
    sender: frozenset[str],
    gazetteer: Gazetteer,
    not_patients: frozenset[str] = frozenset(),
    *,
    subject: str = "",
    patient_speaks: bool = False,
    patient: str | None = None,
    whole_mail: bool = True,
    outsider: bool = False,
) -> Facts:
    """The facts of a passage. `sender`: its author's name words; `not_patients`: known practice numbers.

    `patient` is the patient's name as other passages give it. An `outsider` may leave their number without
    a word: it is the patient's only where its own label or sentence tells of the patient, or where the
    outsider signs with another.
    """
    if tells_of_namesake(lines):
        sender = frozenset()
    whole = joined(without_other_columns(written(lines)), sender)
    spoken = whole if patient_speaks else without_signer(whole, body(whole, sender))
    found = [
        *([Block("", subject, -1, "", 0, -1)] if subject else []),
        *map(of_relative, without_card(blocks(patients_role_told(spoken)))),
    ]
    unfilled = left_open(spoken, found)
    masked = [mask(block.text) for block in found]
    signed = frozenset() if patient_speaks else signed_numbers(whole, spoken)
    runs = [
        [] if block.label == "ids" and _counts(block, text) else numbers(text)
        for block, text in zip(found, masked, strict=True)
    ]
    mentions = [places_in(block, gazetteer) if block.label not in _NO_PLACES else [] for block in found]
    veiled = [
        _veiled(block, text, run, named, gazetteer)
        for block, text, run, named in zip(found, masked, runs, mentions, strict=True)
    ]
    everybody = people(found, veiled, frozenset() if patient_speaks else sender)
    result = Facts(names=everybody.patients, text="\n".join(block.text for block in found))
    placed = _with_wijk(found, mentions, everybody)
    dialled = {e164 for run in runs for e164, _, _ in run if e164} - signed - not_patients
    _choose_name(result, everybody, placed, veiled, 1 if subject else 0, dialled)
    kin = relation(result.name, lines)
    if kin and (named := as_patient(lines, kin)) != lines:
        return facts(
            named,
            sender,
            gazetteer,
            not_patients,
            subject=subject,
            patient_speaks=patient_speaks,
            patient=patient,
            whole_mail=whole_mail,
            outsider=outsider,
        )
    if "name" in unfilled and result.weight < ADDRESSED:
        # Below a form that nobody filled in stands who sent it.
        result.name = None
    rows = [
        row_of(at, found, text, run, named, everybody, result.name or patient, placed, sender, patient_speaks)
        for at, (text, run, named) in enumerate(zip(masked, runs, mentions, strict=True))
    ]
    filed = frozenset[str]().union(*(identified(f"{block.phrase} {block.text}") for block in found))
    sex = sex_of(kin) or sexes(found)
    passage = Bindings(found, rows, runs, signed | not_patients | filed, sex)
    called = passage.lines()
    theirs_is, others = sex or sex_told(rows), told_of(rows)
    rows = [as_answered(row, theirs_is, others) for row in rows]
    if outsider and not signed:
        called = [_as_outsiders(line, found[line.block], rows[line.block]) for line in called]
    if "phone" in unfilled:
        called = [_as_outsiders(line, found[line.block], rows[line.block]) for line in called]
    doubts = doubted(called, found, rows)
    result.denied = denied(called, doubts)
    result.old = frozenset(line.e164 for line in called if line.e164 and line.whose is Whose.OLD)
    below = list(afterwords(whole, spoken, result.name or patient or ""))
    called = without_doubted(called, doubts, found, rows, below)
    theirs_told = any(is_called_anothers(row, sex) for row in rows)
    if not patient_speaks and (theirs_told or is_signed_by_kin(whole, spoken)):
        called = [
            replace(line, whose=Whose.UNKNOWN) if line.whose is Whose.PATIENT else line for line in called
        ]
    if turns_to_another(rows):
        result.name, result.name_conflict = None, True
        called = [
            replace(line, whose=Whose.UNKNOWN) if line.whose is Whose.PATIENT else line for line in called
        ]
    result.names_another = any(names_another(row) for row in rows)
    choose_phone(result, called, retraction(rows), rows, found)
    if not any(line.e164 for line in called) and any(
        is_against(sentence) or is_against_below(sentence)
        for row in [*rows, *below]
        for sentence in sentences(row)
    ):
        # It speaks against a number that stands in an older passage.
        result.doubted = True
    if any(is_swapped(number, result.phones) for number in signed | not_patients):
        # The sender's own number with two figures turned round is a slip of the sender's.
        result.phones, result.phone_problem = [], "ambiguous_phone"
    theirs = frozenset((each.block, each.start) for each in everybody.patients)
    result.wijk = where(found, mentions, gazetteer, everybody.spans, theirs)
    if {"name", "wijk"} <= unfilled and result.name is None:
        result.wijk = Where()
    result.several = (
        several(found, everybody, called, result.text, mentions)
        or each_their_own(result.phones, found, rows, called, both_named=_two_named(found, everybody))
        or both_want_help(rows, called)
    )
    if result.several and whole_mail:
        told = {line.e164 for line in called if line.e164 and line.whose is not Whose.SENDER}
        result.records = _records(spoken, sender, gazetteer, not_patients | signed, told)
    return result


# "Polisnr", "BSN", "Kenmerk": what gives a number that isn't dialled.
_COUNTS = re.compile(r"(?:nr|nummer|no|kenmerk|code|bsn|id|datum|geb\w*|leeftijd|jaar|ref\w*)$")


def _counts(block: Block, text: str) -> bool:
    """Whether a file's figures stand there: "Kenmerk: …", "Dossier: 0612345678"; not "Geb. 1980, 06-…"."""
    return _COUNTS.search(plain(block.phrase)) is not None or text.lstrip()[:1].isdigit()


def _two_named(found: list[Block], everybody: Everybody) -> bool:
    named = {found[at].text[start:end] for at, spans in everybody.spans.items() for start, end in spans}
    whole = [name for name in named if " " in name]
    return any(not same_person(one, other) for one, other in pairwise(whole))


def _as_outsiders(line: Line, block: Block, row: list[Token]) -> Line:
    own = next(sentences(row[: line.place]), []) if line.place and row[line.place - 1].kind != "stop" else []
    told = block.label == "phone" or any(t.kind in {"name", Sense.PATIENT, Sense.PRONOUN} for t in own)
    return line if told or line.whose is not Whose.PATIENT else replace(line, whose=Whose.UNKNOWN)


def _records(
    lines: list[str],
    sender: frozenset[str],
    gazetteer: Gazetteer,
    not_patients: frozenset[str],
    told: set[str],
) -> list[Facts]:
    """The facts of each of several patients, where all are whole, apart, and no number is left over."""
    for groups in parted(lines):
        found = [facts(group, sender, gazetteer, not_patients, whole_mail=False) for group in groups]
        whole = all(each.name and each.phones and each.wijk.name and not each.several for each in found)
        apart = (
            len({each.name for each in found})
            == len(found)
            == len({each.phones[0] for each in found if each.phones})
        )
        if whole and apart and told == {phone for each in found for phone in each.phones}:
            return found
    return []


_NO_PLACES = frozenset({"ids", "remarks", "sender", "relative"})
_FROM = re.compile(r"\b(?:uit|(?:woont|wonend|woonachtig)(?: in)?|te|wijk) $")


def _veiled(
    block: Block,
    text: str,
    run: list[tuple[str | None, int, int]],
    named: list[Mention],
    gazetteer: Gazetteer,
) -> str:
    """The text with numbers and sure wijken blanked out, so that no name runs into them."""
    veiled = list(text)
    for _, start, end in run:
        veiled[start:end] = "·" * (end - start)
    for mention in named:
        wide = len(mention.names) == 1 and gazetteer.is_gemeente(mention.names[0])
        lives = _FROM.search(text[: mention.start]) is not None or (
            # "mw. Bos in de Wierden": the wijk's own article, and no tussenvoegsel of hers.
            text[mention.start : mention.end].startswith(_ARTICLES) and text[: mention.start].endswith(" in ")
        )
        # A label's "Hoven, Jan" begins with a surname; in "Ans Bos, Hoven" no given name stands behind.
        inside = block.label != "name" or text[: mention.start].strip()
        apart = inside and stands_alone(text, mention)
        if (
            wide
            or lives
            or apart
            or (not mention.ordinary and not (mention.misspelt and block.label == "name"))
            or (not block.label and ends_record(text, mention))
            # A subject ends with it: "mw. Bakker De Hoven".
            or (block.line < 0 and " " in text[mention.start : mention.end] and mention.end == len(text))
        ):
            veiled[mention.start : mention.end] = "◊" * (mention.end - mention.start)
    return "".join(veiled)


_ARTICLES = ("de ", "De ", "het ", "Het ")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def _choose_name(
    result: Facts,
    everybody: Everybody,
    placed: set[tuple[int, int]],
    veiled: list[str],
    above: int,
    dialled: set[str],
) -> None:
    """The patient's name: the surest, and of two as sure the one that stands with a wijk.

    The first `above` blocks are the subject.
    """
    best = max((person.weight for person in everybody.patients), default=0)
    if best < ALONE:
        return
    result.weight = best
    least = best if best == LABELLED else TOLD if best == ADDRESSED else ALONE
    groups = by_person([person for person in everybody.patients if person.weight >= least])
    if any(
        " " in p.name and (p.weight >= TOLD or (p.block, p.start) in placed)
        for group in groups
        for p in group
    ):
        # "Roelof 06-…" in a mail about "D. Visscher" is somebody else.
        groups = [group for group in groups if any(" " in p.name or p.weight > TOLD for p in group)]
    if best in {LABELLED, ADDRESSED}:
        # A form's name that stands apart from the wijk, where somebody else stands with it, is a helper's.
        at_home = [
            p
            for p in everybody.patients
            if p.weight >= ALONE and (p.block, p.start) in placed and " " in p.name
        ]
        labelled = [p for group in groups for p in group]
        if at_home and not any(same_person(p.name, q.name) for p in at_home for q in labelled):
            result.name_conflict = not any((p.block, p.start) in placed for p in labelled)
            if result.name_conflict:
                return
    if len(groups) > 1:
        groups = _without_signer(groups, veiled)
    if len(groups) > 1:
        homes = [group for group in groups if any((each.block, each.start) in placed for each in group)]
        # "Noor Vos, Filmwijk. Of haar achterwacht, mw. Bal": no salutation outdoes who is at home.
        settled = any(len(key_words(each.name)) > 1 for group in homes for each in group)
        most = max(each.weight for group in groups for each in group)
        if most >= ADDRESSED:
            homes = [group for group in homes if any(each.weight == most for each in group)]
        sure = [group for group in groups if any(each.weight >= ADDRESSED for each in group)]
        if homes or not settled:
            groups = homes if len(homes) == 1 else sure if len(sure) == 1 and not homes else groups
    if len(groups) > 1:
        result.name_conflict = True
        return
    name = groups[0][0].name
    if any(
        p.block < above
        and p.weight >= ALONE
        and not same_person(name, p.name)
        and not (is_title(p.name) and not veiled[p.block][: p.start].strip())
        for p in everybody.patients
    ):
        # The subject names one, and the text another.
        result.name_conflict = True
        return
    for person in everybody.patients:
        if person.weight >= ALONE and same_person(name, person.name):
            name = fuller(name, person.name)
    if are_two(name, " ".join(veiled)) and not are_one_referral(name, " ".join(veiled), dialled):
        # "Piet en Ria Bos" are two people: nobody knows whose number, and who is referred.
        result.name_conflict = True
        return
    result.name, result.weight = name, max(each.weight for each in groups[0])


def _without_signer(groups: list[list[Person]], veiled: list[str]) -> list[list[Person]]:
    """The people without one who is named alone in the last line, where a mail is signed."""
    last = max((at for at, text in enumerate(veiled) if text.strip()), default=0)
    signs = veiled[last].strip(" .,")
    kept = [group for group in groups if not all(p.block == last and p.name == signs for p in group)]
    return kept or groups


_ENDS = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=\d)|(?<=\)))[.!?](?= |$)")


def _sentence_end(text: str, start: int) -> int:
    found = _ENDS.search(text, start)
    return found.start() if found else len(text)


_LIVES = re.compile(r"\W*(?:hij|zij|ze|woont|mevrouw|meneer)\b")


def _with_wijk(
    found: list[Block], mentions: list[list[Mention]], everybody: Everybody
) -> set[tuple[int, int]]:
    """Where (block, start) a person stands with a wijk: in one sentence, or in lines of one paragraph.

    Of two, a line that says where "he" lives may tell of either.
    """
    placed: set[tuple[int, int]] = set()
    either = len(by_person(everybody.patients)) > 1
    for person in everybody.patients:
        block = found[person.block]
        others = [start for start, _ in everybody.spans.get(person.block, []) if start > person.start]
        until = min(others, default=len(block.text))
        until = min(until, _sentence_end(block.text, person.end))
        if any(person.start <= mention.start < until for mention in mentions[person.block]):
            placed.add((person.block, person.start))
        elif len(re.sub(r"\W", "", block.text[: person.start] + block.text[person.end :])) <= 16:
            near = (
                at
                for at, other in enumerate(found)
                if other.paragraph == block.paragraph
                and at != person.block
                and mentions[at]
                and len(re.sub(r"\W", "", other.text)) <= 40
                and not (either and _LIVES.match(plain(other.text)))
            )
            if any(abs(at - person.block) <= 3 for at in near):
                placed.add((person.block, person.start))
    return placed
