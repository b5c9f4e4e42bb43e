"""What each passage of a mail says, newest first.

The gateway's own questions are left out: nothing in a question is an answer. Where a practice forwards what
a patient wrote, the writer is the patient and their signature is theirs.
"""

import re
from dataclasses import replace
from itertools import pairwise

from gateway.reading.mail.message import Message
from gateway.reading.mail.thread import Passage, clean
from gateway.reading.patient.alike import fuller, same_person
from gateway.reading.patient.asked import asks_of_number, confirms, question
from gateway.reading.patient.below import without_older
from gateway.reading.patient.evidence import ADDRESSED, ALONE, TOLD, is_street
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.fields import facts
from gateway.reading.patient.figures import mended
from gateway.reading.patient.lexicon import is_thing
from gateway.reading.patient.names import is_greeting, name_at
from gateway.reading.patient.phones import mask, numbers
from gateway.reading.patient.relative import is_in_own_hands, of_one_relative, only_number
from gateway.reading.patient.signature import name_words
from gateway.reading.patient.values import value_name
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.patient.words import ORGANISATIONS, PROFESSIONS, RELATIVES, plain, words_of

_OLDER_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:(?:re|antw|aw|sv|fw|fwd|wg|doorst|doorgest|doorgestuurd|tr"
    r"|vs)\s?(?:\[\d\])?\s?\.?:\s*)+",
    re.IGNORECASE,
)

# "Beste collega, onderstaande mail kregen wij …"
_GREETING = re.compile(r"[^\n,.!?:]{2,45}[,!.:\n]")
_FIRST_PERSON = re.compile(r"\b(?:ik|mijn|mij|i|my)\b")

_NEED = re.compile(r"\b(?:schuld|debt|hulp|help|geholpen|geld|aanmeld)\w*")
_ANYBODYS = words_of("post school team sociaal station")
_OURS = frozenset({"mijn", "m'n", "onze", "ons"})
_ON_BEHALF = frozenset({"om", "over", "voor", "betreft", "inzake"})
_SOMEBODY = frozenset({Sense.OTHER, Sense.PATIENT, Sense.UNKNOWN})


def told(message: Message, gazetteer: Gazetteer, practice_phones: frozenset[str]) -> list[Facts]:
    """The facts of every passage, newest first."""
    older_subject = _OLDER_SUBJECT.match(message.subject)
    subject = clean(message.subject[older_subject.end() :] if older_subject else message.subject)
    sender = name_words(message.from_names) | {
        label for address in message.from_addresses for label in address.rpartition("@")[2].split(".")[:-1]
    }
    # A mail's later texts (after an attachment, or a list's footer) are its own as well.
    own = [part for part in message.passages if part.own]
    older = [part for part in message.passages if not part.own]
    older += [_from_inside(inner, part) for inner in message.inside for part in inner.passages]
    own_lines = [line for part in own for line in (*part.lines, "")]
    below = any(numbers(mask(line)) for part in older for line in part.lines)
    own_lines, dropped = without_older(own_lines) if below else (own_lines, False)
    gathered = [
        facts(own_lines, sender, gazetteer, practice_phones, subject="" if older_subject else subject)
    ]
    if writer := _presented(own_lines):
        own_facts = facts(own_lines, frozenset(), gazetteer, practice_phones, patient_speaks=True)
        gathered = [_renamed(own_facts, writer)]
    subjects = [subject] if older_subject else []
    questioned = False
    for part in older:
        if _is_ours(part, message):
            own_words, quoted = question(part)
            questioned = questioned or asks_of_number(own_words, quoted)
            if quoted is None:
                continue
            part = quoted
        gathered.append(_older(part, message, sender, gazetteer, practice_phones, gathered[0]))
        patient = gathered[0].name
        gathered[-1].by_patient = bool(patient and part.author and same_person(patient, part.author))
        subjects.append(_OLDER_SUBJECT.sub("", clean(part.subject), count=1))
    for each in dict.fromkeys(s for s in subjects if s):
        gathered.append(facts([], sender, gazetteer, practice_phones, subject=each))
    named = next((each.name for each in gathered[1:] if each.name), None)
    if gathered[0].name is None and named:
        # The newest passage may speak of the patient by the name that an older one or the subject gives.
        gathered[0] = facts(
            own_lines,
            sender,
            gazetteer,
            practice_phones,
            subject="" if older_subject else subject,
            patient=named,
        )
    below_lines = (line for part in message.passages if not part.own for line in part.lines)
    if told_right := mended(own_lines, below_lines):
        _set_right(gathered[0], *told_right)
    if questioned and not gathered[0].phones:
        _await_answer(gathered, subject)
    gathered[0].dropped = dropped
    gathered[0].doubted = gathered[0].doubted or dropped
    if next((line.strip(" .!").lower() for line in own_lines if line.strip()), "") == "nee":
        # To whatever was asked about what stands below.
        gathered[0].doubted = True
    return gathered


def _await_answer(gathered: list[Facts], subject: str) -> None:
    """Leaves older numbers in doubt, about which the gateway asked, unless the newest text confirms them."""
    names = {word for each in gathered if each.name for word in _words(each.name)}
    if confirms(gathered[0].text.removeprefix(subject), names):
        return
    for each in gathered[1:]:
        if each.phones:
            each.choices, each.phones, each.phone_problem = tuple(each.phones), [], "ambiguous_phone"


def _set_right(newest: Facts, phone: str, right: bool) -> None:
    """The newest passage's number, which is an older one's but for a slip: right, or one to ask about."""
    if right:
        newest.phones, newest.phone_problem, newest.choices, newest.doubted = [phone], None, (), True
    elif not newest.phones:
        newest.phone_problem, newest.choices = "ambiguous_phone", newest.choices or (phone,)


# "Ik ben Jan Bos", "u spreekt met Jan Bos", and what only a patient says of themself.
_INTRODUCES = re.compile(r"(?i:\b(?:ik ben|mijn naam is|ik heet|spreekt met)) (?=[A-ZÀ-Þ])")
_OWN_NEED = re.compile(r"\bik woon\b|\bmijn (?:schuld|geld|huur|rekening|betaling|administratie|post)")


def _presented(lines: list[str]) -> str | None:
    """Who wrote or spoke the mail's own text, where that is the patient: they tell it of nobody else."""
    text = "\n".join(lines)
    introduced = _INTRODUCES.search(text)
    found = name_at(text, introduced.end()) if introduced else None
    if found is None or found.words < 2 or not _OWN_NEED.search(plain(text)):
        return None
    behind = _words(text[found.end : found.end + 60].partition(".")[0])
    others = (PROFESSIONS | ORGANISATIONS | RELATIVES) & set(behind) or {"zij", "hij"} & set(_words(text))
    return None if others or _tells_of_another(Passage(lines, found.text)) else found.text


def _from_inside(inner: Message, part: Passage) -> Passage:
    if not part.own:
        return part
    name = inner.from_names[0] if inner.from_names else ""
    address = inner.from_addresses[0] if inner.from_addresses else ""
    return Passage(part.lines, name, address, inner.subject)


def _older(
    part: Passage,
    message: Message,
    sender: frozenset[str],
    gazetteer: Gazetteer,
    practice_phones: frozenset[str],
    newest: Facts,
) -> Facts:
    part = _signed(part)
    author = name_words([part.author]) | (sender if not part.author else frozenset())
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    outsider = bool(part.address) and part.address.rpartition("@")[2] not in domains
    found = facts(part.lines, author, gazetteer, practice_phones, outsider=outsider)
    wrote = _patient_wrote(part, found, message, sender)
    if not wrote or _of_a_writer_for_another(part, newest):
        stranger = outsider or not (part.address or name_words([part.author]) & sender)
        if stranger and part.author and (theirs := of_one_relative(part.lines)):
            found = facts(theirs, author, gazetteer, practice_phones, outsider=True)
            writers = only_number(part.lines)
            unsure = not (found.phones and found.name) or is_in_own_hands(theirs)
            if writers and unsure and not (found.phone_problem or found.several):
                found.phones, found.phone_problem, found.choices = [], "ambiguous_phone", (writers,)
        return _without_writer(part, found, message)
    lines = [_TO_WHOM.sub("", line) for line in part.lines]
    own = facts(lines, frozenset(), gazetteer, practice_phones, patient_speaks=True)
    if (own.phone_problem and not own.phones) or any(map(_is_of_a_third, part.lines)):
        # Their number isn't surely their own, so it may be somebody else whom they write about.
        return _without_writer(part, found, message)
    if any(not same_person(person.name, part.author) for person in own.names):
        return _without_writer(part, found, message)
    written = name_at(part.author) or value_name(part.author)
    named = own.name if own.name and written and same_person(own.name, written.text) else None
    return _renamed(
        own, fuller(written.text, named) if written and named else written.text if written else None
    )


# As in: you can give my number to the people, 06-…
_TO_WHOM = re.compile(r"(?i)(?<=my number|jn nummer) (?:aan|to) [^.:;,\d]{1,40}(?=:? ?[+0]\d)")


def _signed(part: Passage) -> Passage:
    """The passage under the name that its last line gives, where its header gives only an address' name."""
    last = next((line.strip() for line in reversed(part.lines) if line.strip()), "")
    found = name_at(last) if part.author and " " not in part.author.strip() else None
    whole = found is not None and found.words > 1 and found.text == last.strip(" .,")
    return replace(part, author=found.text) if found and whole else part


def _without_writer(part: Passage, found: Facts, message: Message) -> Facts:
    """The facts without a name that is the outsider's own, who signs as "Mevr. Bos"."""
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    outside = part.address.rpartition("@")[2] not in domains
    if outside and found.name and part.author and same_person(found.name, part.author):
        found.name, found.weight = None, 0
    return found


def _renamed(found: Facts, name: str | None) -> Facts:
    """The same facts under the writer's own name."""
    found.name, found.weight, found.name_conflict = name, ADDRESSED, False
    found.several = False
    return found


def _patient_wrote(part: Passage, found: Facts, message: Message, sender: frozenset[str]) -> bool:
    """Whether the patient is the author: an outsider who speaks of themself and signs for nobody."""
    if not part.author or found.weight >= TOLD or name_words([part.author]) & sender:
        return False
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    if part.address.rpartition("@")[2] in domains:
        return False
    text = plain("\n".join(part.lines))
    words = set(re.findall(r"[^\W\d_]+", text))
    tail = set(re.findall(r"[^\W\d_]+", plain("\n".join([line for line in part.lines if line.strip()][-6:]))))
    if tail & (PROFESSIONS | ORGANISATIONS) - _ANYBODYS:
        return False
    written = name_at(part.author) or value_name(part.author)
    return written is not None and bool(_FIRST_PERSON.search(text)) and len(words) >= 3


def _of_a_writer_for_another(part: Passage, newest: Facts) -> bool:
    """Whether somebody else is spoken of: by the writer, in their subject, or by who passes the mail on.

    "namens mijn broer", "om onze buurvrouw", "mijn neef Sem", "hij": whoever it is about, the writer may only
    be who calls for them.
    """
    greeted = _GREETING.match(newest.text)
    passed_on = newest.text[greeted.end() :] if greeted and is_greeting(greeted[0]) else newest.text
    about = _words(clean(part.subject)) + _words(passed_on)
    if any(kind_of(word) is Sense.OTHER for word in about):
        return True
    if not _is_in_need(part, newest):
        return True
    if newest.names and (author := name_at(part.author) or value_name(part.author)):
        named = [person.name for person in newest.names if person.weight >= ALONE]
        if named and not any(same_person(author.text, name) for name in named):
            return True
    return _tells_of_another(part)


_THIRD = frozenset({"hij", "hem", "diens", "haar", "hen", "him", "her", "she", "namens"})
_DOES = words_of(
    """uit heeft is wil kan durft zit woont komt moet redt krijgt weet vraagt zoekt leeft belt betaalt was had
    kon zou"""
)


_THEIRS = frozenset({"zijn", "haar", "diens", "z'n", "d'r", "his", "her", "hun"})


def _is_of_a_third(line: str) -> bool:
    """ "Zijn nummer is", "bel haar": whoever speaks of themself doesn't say so of their own."""
    words = _words(line)
    for at, word in enumerate(words):
        if word in _THEIRS and any(kind_of(each) is Sense.PHONE for each in words[at + 1 : at + 3]):
            return True
        near = {kind_of(each) for each in words[max(0, at - 1) : at + 2]}
        if word in {"hem", "haar", "him", "her"} and Sense.CALL in near:
            return True
    return False


def _tells_of_another(part: Passage) -> bool:
    """Whether the writer names somebody, or says "hij" or "haar": whoever writes of another may only help.

    A subject that is a name and not the writer's names whom it is about.
    """
    author = set(_words(part.author))
    subject = _OLDER_SUBJECT.sub("", clean(part.subject), count=1)
    named = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", subject)
    if named and len(named) <= 3 and all(_is_somebody(word, author) for word in named):
        return True
    text = "\n".join(part.lines)
    if any(_names_another(line, part.author) for line in part.lines if not is_greeting(line)):
        return True
    written = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[.!?,\n]", text)
    kin = False
    for at, (word, following) in enumerate(pairwise(written)):
        kind = kind_of(plain(following))
        if plain(word) in _OURS and kind in _SOMEBODY and not is_thing(plain(following)):
            # "Om mijn broer", "onze pleegzoon heeft schulden": but a patient may tell of a husband.
            behind = plain(" ".join(written[at + 2 : at + 12])).partition(" .")[0]
            asked = at and plain(written[at - 1]) in _ON_BEHALF
            needs = _NEED.search(behind) or _is_told_alone(written, at, behind)
            if asked or kind is not Sense.OTHER or needs:
                return True
            kin = True
        if (plain(word) in _THIRD and not kin) or (_is_somebody(word, author) and plain(following) in _DOES):
            return True
    return False


def _is_told_alone(written: list[str], at: int, behind: str) -> bool:
    """ "Mijn vader kan de huur niet betalen", without a word of the writer's own in the sentence."""
    begin = next((n for n in range(at, 0, -1) if written[n - 1] in ".!?\n"), 0)
    own = {plain(word) for word in written[begin:at]} | set(behind.split())
    return not own & {"ik", "wij", "we", "i"} and any(kind_of(word) is Sense.THING for word in behind.split())


def _names_another(line: str, author: str) -> bool:
    """Whether a line holds a name of two words or more that isn't the writer's."""
    for begin in _CAPITAL.finditer(line):
        found = name_at(line, begin.start())
        if found and found.words >= 2 and not same_person(found.text, author):
            return not is_street(line, found)
    return False


_CAPITAL = re.compile(r"(?<![\w'’.-])[A-ZÀ-Þ]")


def _is_somebody(word: str, author: set[str]) -> bool:
    """Whether a word is written as a name and isn't the writer's."""
    return word[:1].isupper() and plain(word) not in author and kind_of(plain(word)) is Sense.UNKNOWN


def _is_in_need(part: Passage, newest: Facts) -> bool:
    """Whether the writer is shown to need help: by their words or subject, or by who passes it on."""
    subject = plain(clean(part.subject))
    if _NEED.search(subject) or any(kind_of(word) is Sense.THING for word in _words(subject)):
        return True
    if any(kind_of(word) in {Sense.PATIENT, Sense.PRONOUN} for word in _words(newest.text)):
        return True
    said = plain("\n".join(part.lines))
    return any(
        _FIRST_PERSON.search(each)
        and (_NEED.search(each) or any(kind_of(word) is Sense.THING for word in _words(each)))
        for each in re.split(r"[.!?\n]+(?=\s|$)", said)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", plain(text))


def _is_ours(part: Passage, message: Message) -> bool:
    """Whether the gateway itself wrote a passage: nothing in a question is an answer."""
    domains = {address.rpartition("@")[2] for address in message.from_addresses}
    ours = {address for address in message.to_addresses if address.rpartition("@")[2] not in domains}
    if part.address:
        return part.address in ours
    names = {plain(name) for name in message.to_names} | {address.partition("@")[0] for address in ours}
    return bool(part.author) and plain(part.author) in names
