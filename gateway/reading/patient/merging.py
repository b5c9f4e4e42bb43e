"""The facts of a thread's passages as one patient's: per field the newest passage that speaks of it.

A passage about somebody else fills nothing in, a number that was taken back stays away, and a newer number
that is nearly the older one must be called a correction.
"""

import re
from dataclasses import replace

from gateway.reading.patient.alike import fuller, same_person, twins
from gateway.reading.patient.evidence import TOLD
from gateway.reading.patient.facts import Facts
from gateway.reading.patient.places import Where
from gateway.reading.patient.words import RELATIVES, plain

_CORRECTS = re.compile(
    r"\b(?:sorry|excuus|excuses|oeps|juist\w*|correct\w*|nieuwe?|moet|goede?|foute?|vergis\w*|verkeerd\w*"
    r"|wijzig\w*|gewijzigd|vergeten|klopt|kloppen|nummer is|naam|niet op|eerdere?|vorige?|oude?)\b"
)


# Of which figures were wrong, or of what isn't sure.
_HALF_TAKEN_BACK = re.compile(
    r"\d|\bcijfer|\b(?:misschien|volgens|denk|twijfel|geloof|vraag|weet niet of)\b|\?"
)


def corrects(text: str) -> bool:
    """Whether a text says that something of what was told is corrected."""
    return _CORRECTS.search(plain(text)) is not None


def merged(gathered: list[Facts]) -> Facts:
    """One patient's facts from those of every passage, newest first; or those of several."""
    if not gathered:
        return Facts()
    newest = gathered[0]
    settled = bool(newest.name and newest.phones and newest.wijk.name)
    if newest.several or (any(each.several for each in gathered) and not settled):
        told = next(each for each in gathered if each.several)
        return told if told is newest else replace(told, records=[])
    spoken = _of_one_patient([each for each in gathered if _speaks(each)])
    done = Facts(text=newest.text)
    for each in sorted(spoken, key=lambda facts: facts.weight < TOLD):
        if done.name is None and each.name:
            done.name = each.name
        elif done.name and each.name and same_person(done.name, each.name):
            done.name = fuller(done.name, each.name)
    if newest.name_conflict:
        done.name = None
    done.wijk = next((each.wijk for each in spoken if each.wijk != Where()), Where())
    if (
        newest.wijk == Where()
        and done.wijk.name
        and _takes_back_wijk(plain(newest.text), plain(done.wijk.name))
    ):
        done.wijk = Where()
    done = _with_phones(done, spoken)
    if newest.names_another and not newest.name and done.phones != newest.phones:
        # "Zie onder, Piet wil ook hulp": the record below is somebody else's.
        return replace(done, name=None, phones=[], phone_problem="ambiguous_phone", choices=())
    return _unless_denied(done, gathered[1:], newest)


_WIJK_WRONG = re.compile(
    r"\b(?:wijk|buurt|adres)\b[^.?!]{0,20}\b(?:klopt|is|was)\b[^.?!]{0,12}\b(?:niet|fout|onjuist|verkeerd)\b"
)


def _takes_back_wijk(text: str, wijk: str) -> bool:
    """ "Hij woont niet meer in de Danswijk": a wijk that is told of, and isn't the patient's any more."""
    return wijk in text or _WIJK_WRONG.search(text) is not None


def _unless_denied(done: Facts, older: list[Facts], newest: Facts) -> Facts:
    """What is told, unless what is quoted below speaks against the number and nothing above corrects that."""
    if not done.phones or newest.doubted or corrects(newest.text):
        return done
    taken_back = any(each.by_patient and each.doubted for each in older)
    denied = frozenset[str]().union(*(each.denied for each in older))
    if not (taken_back or denied & set(done.phones)):
        return done
    return replace(done, phones=[], phone_problem="ambiguous_phone", choices=tuple(done.phones))


def _speaks(facts: Facts) -> bool:
    return bool(facts.name or facts.phones or facts.phone_problem or facts.wijk != Where() or facts.doubted)


def _of_one_patient(spoken: list[Facts]) -> list[Facts]:
    """Without what older passages tell of somebody else."""
    kept: list[Facts] = []
    for each in spoken:
        if not any(_of_another(newer, each) for newer in kept):
            kept.append(each)
    return kept


def _of_another(newer: Facts, older: Facts) -> bool:
    """Whether an older passage tells of somebody else: by its name, or by a number and a wijk of its own."""
    corrected = corrects(newer.text)
    sure = newer.weight >= TOLD or bool(newer.phones or newer.wijk.name)
    if (
        newer.name
        and older.name
        and sure
        and older.weight >= TOLD
        and not same_person(newer.name, older.name)
    ):
        given = newer.name.partition(" ")[0] == older.name.partition(" ")[0]
        return not (given and corrected)
    apart = bool(newer.phones and older.phones and not set(newer.phones) & set(older.phones))
    moved = bool(newer.wijk.name and older.wijk.name and newer.wijk.name != older.wijk.name)
    return apart and moved and not corrected


def _with_phones(done: Facts, spoken: list[Facts]) -> Facts:
    doubtful = False
    choices: tuple[str, ...] = ()
    for at, each in enumerate(spoken):
        if each.phones or each.phone_problem == "invalid_phone":
            older = [phone for other in spoken[at + 1 :] for phone in other.phones]
            alike = [phone for phone in older if phone not in each.phones and twins([*each.phones, phone])]
            if alike and not each.doubted and not corrects(each.text):
                return replace(
                    done,
                    phone_problem="ambiguous_phone",
                    choices=tuple(dict.fromkeys([*each.phones, *alike])),
                )
            return replace(done, phones=each.phones, phone_problem=each.phone_problem)
        if each.dropped and not each.phone_problem:
            return replace(done, phone_problem=None)
        doubtful = doubtful or each.phone_problem is not None
        choices = tuple(dict.fromkeys([*choices, *each.choices])) if len(choices) < 2 else choices
        known = {phone for other in spoken[at + 1 :] for phone in other.phones}
        if each.old and known and not each.old & known:
            # What it calls old isn't what stands below: which of the two is, nobody can tell.
            choices = tuple(dict.fromkeys([*each.old, *known]))
            return replace(done, phone_problem="ambiguous_phone", choices=choices)
        older_too = bool(each.choices) and any(other.phones for other in spoken[at + 1 :])
        if each.doubted or len(each.choices) > 1 or older_too:
            # What is plainly taken back is no choice, unless it is a relative's, who may be called.
            said = plain(each.text)
            kin = RELATIVES.intersection(re.findall(r"[^\W\d_]+", said))
            away = each.doubted and not (each.choices or kin or _HALF_TAKEN_BACK.search(said))
            doubtful = (doubtful and not away) or (not away and any(other.phones for other in spoken))
            break
    return replace(done, phone_problem="ambiguous_phone" if doubtful else None, choices=choices)
