"""Words on the way from a number back to its owner: what they let through, and what cuts the way off.

Pure, over a row of tokens and the place of the number in it.
"""

import re
from itertools import pairwise

from gateway.reading.patient.opening import may_be_somebody
from gateway.reading.patient.passing import is_of_claim
from gateway.reading.patient.pointing import falls_back, is_repeated
from gateway.reading.patient.speech import PREPOSITIONS, Whose
from gateway.reading.patient.times import is_time
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token, begun, sentences
from gateway.reading.patient.vocabulary import Sense, kind_of
from gateway.reading.patient.words import is_national, plain, words_of

_VERBS = words_of(
    """
    is kan wil heeft belt zit staat woont mag zou
    """
)
_RENEWS = ("nieuw", "juist", "correct", "goed", "huidig", "moet", "wordt")

_LEADING = words_of(
    """
    is op via onder nr zijn zelf eigen wordt namelijk nl hoe wel nu volgt moet naar aan nummer nieuw
    vergeten nieuwe juiste goede huidige te weten maar en of nogmaals gebruik probeer proberen dus voluit
    kies toets draai
    """
)


_SLIPS = words_of(
    """
    bedoel bedoelde fout foutje fouten tikfout typefout schrijffout vergissing slordig slordigheid excuus
    excuses vergeten vergat
    """
)


def _is_when(said: list[Token]) -> bool:
    """ "…, tussen half een en een: 06-…": when to call stands between, and nothing else."""
    return all(not t.word or is_time(t.word) or t.word in _WHEN for t in said)


_WHEN = words_of("tussen voor na vanaf tot om rond half kwart over en of de het een pas liefst wel bij")
_NEEDS = ("schuld", "schulden", "achterstand", "achterstanden", "beslag", "zorgen", "problemen", "ontruiming")


def _is_need(row: list[Token], place: int) -> bool:
    """ "jan smit muziekwijk schulden bij zorgverzekering 06-…": of whom it is told, without a mark."""
    begin = place
    while begin > 0 and row[begin - 1].kind in {Sense.THING, Sense.NOUN, Sense.LINK}:
        begin -= 1
    told = begin > 0 and row[begin - 1].kind in {"name", "place"}
    return told and row[begin].word.endswith(_NEEDS)


_OWN = frozenset({"mark", "stop", "name", "place", Sense.PATIENT, Sense.LINK, Sense.THING, Sense.NEGATION})


def is_things(row: list[Token], place: int) -> bool:
    """ "administratie: 06-…", "gemaild vanaf 06-…": what doesn't lead to a number may own it."""
    before = row[place - 1] if place else None
    marked = before is not None and before.kind == "mark" and before.text in ":(=-–"
    while before is not None and before.kind == "mark" and before.text in ":(=-–":
        place -= 1
        before = row[place - 1] if place else None
    if _is_behind_abbreviation(row, place):
        return True
    if _is_given(row, place) or _is_asked_to_call(row, place):
        return False
    if before is not None and before.kind == Sense.THING and _is_need(row, place):
        return False
    lead = row[: max(0, place - 1)]
    alone = not lead or lead[-1].kind != Sense.LINK
    if before is not None and is_national(before.word) and alone and {t.kind for t in lead} <= _OWN:
        # As in: Jan Bos, Filmwijk. Belg: 0032 …
        return False
    if before is None or before.kind == Sense.THING:
        # In "wil gebeld worden over schulden: 06-…" it is only what about.
        return before is not None and not _is_about(row, place - 1)
    if before.kind != Sense.LINK or before.word in _LEADING or (not marked and before.word[:1].isdigit()):
        return False
    begin = place
    while begin > 0 and row[begin - 1].kind not in {"stop", "number"}:
        if row[begin - 1].text in ",;" and not _is_when(row[begin:place]):
            break
        begin -= 1
    number = next((n for n in range(place - 1, -1, -1) if row[n].kind == "number"), None)
    if (number is not None and is_repeated(row[number + 1 : place])) or falls_back(row[begin:place]):
        return False
    leads = {Sense.PHONE, Sense.CALL, Sense.PATIENT, Sense.PRONOUN, "name"}
    # As in: this is Jan Bos, Parkwijk, who has 06-…; mother, Ria Bos, is the one who asks for help: 06-…
    told = row[begin].word == "die" or [t.word for t in row[begin : begin + 2]] == ["is", "degene"]
    if begin > 1 and told and row[begin - 2].kind in {"name", "place"}:
        return False
    if [t.word for t in row[begin : begin + 2]] == ["zijn", "gegevens"]:
        return False
    return not any(token.kind in leads for token in row[begin:place])


_BECAUSE = re.compile(r"\b(?:over|wegens|vanwege|ivm|in verband met)$")


def _is_about(row: list[Token], n: int) -> bool:
    """ "over schulden", "heeft hulp nodig met haar geldzaken": what somebody is called or helped for."""
    lead = row[n - 1].word if n else ""
    if lead in {"over", "wegens", "vanwege", "geen"}:
        return True
    said = begun(row, n)
    because = said[:-1] if lead in DETERMINERS | POSSESSIVES else said
    calls = any(t.kind == Sense.CALL for t in because)
    if calls and _BECAUSE.search(" ".join(t.word for t in because[-3:])):
        # As in: please call in connection with her rent: 06-…
        return True
    wants = {t.word for t in said} & {"hulp", "ondersteuning", "begeleiding", "geholpen", "vragen"}
    owned = lead in {"haar", "zijn", "hun"} and n > 1 and row[n - 2].word in {"met", "bij", "over", "voor"}
    told = any(t.kind in {"name", Sense.PATIENT} or t.word in {"hij", "zij", "ze"} for t in said)
    return owned and bool(wants) and told


def _is_given(row: list[Token], place: int) -> bool:
    """ "toestemming om 06-… aan jullie te geven": the number of whoever allowed it."""
    begin = next((n + 1 for n in range(place - 1, -1, -1) if row[n].kind == "stop"), 0)
    allowed = {t.word for t in row[begin:place]} & {"toestemming", "akkoord", "goed"}
    return bool(allowed) and bool(
        {t.word for t in row[place + 1 : place + 7]} & {"geven", "doorgeven", "doorgeef"}
    )


def _is_behind_abbreviation(row: list[Token], place: int) -> bool:
    """ "Filmwijk, bew. 06-…": an unknown short word with a full stop may be whose telephone it is."""
    if place < 3 or row[place - 1].text != "." or row[place - 3].kind != "mark":
        return False
    short = row[place - 2]
    return short.kind == Sense.UNKNOWN and len(short.word) <= 5 and not short.capital


def _is_asked_to_call(row: list[Token], place: int) -> bool:
    """ "dan kunt u 06-… bellen": the words of "bellen op 06-…", in the other order."""
    lead = [t.word for t in row[max(0, place - 2) : place]]
    return (
        lead in (["kunt", "u"], ["kun", "je"], ["kunnen", "jullie"], ["mag", "u"], ["mogen", "jullie"])
        and row[place + 1 : place + 2] != []
        and row[place + 1].word in {"bellen", "appen", "proberen"}
    )


def is_reached(row: list[Token], i: int) -> bool:
    """Whether a pronoun is who is called, or whose number it is; not whose post or son ("haar post")."""
    if row[i].word == "zijn" and i and row[i - 1].word in {"wij", "we", "jullie"}:
        return False
    begin = next((n + 1 for n in range(i - 1, -1, -1) if row[n].kind == "stop"), 0)
    if is_pointed_at(row, begin):
        # As in: he looks for a guide. That one he has now: 06-…
        return False
    if i and row[i - 1].word == "van" and row[i + 1 : i + 2] and row[i + 1].text in ",;":
        # "Er belde een zoon van haar, terugbellen op 06-…"
        return False
    if row[i].word not in POSSESSIVES:
        # "De praktijk waar hij vandaan komt: 06-…": that tells of the practice.
        return not (i and row[i - 1].word in {"waar", "die", "wie", "dat"} and not _leads(row, i))
    for token in row[i + 1 : i + 5]:
        if token.kind in {Sense.PHONE, Sense.CALL, "number"} or token.word in {
            "op",
            "via",
            "onder",
            "zelf",
        }:
            return True
        if token.kind not in {Sense.LINK, "mark"} or row[i].word == "zijn":
            return False
    return row[i].word != "zijn"


def _leads(row: list[Token], i: int) -> bool:
    """Whether a word behind token `i` says that a number is called or belongs to somebody."""
    for token in row[i + 1 :]:
        if token.kind in {"number", "stop"}:
            return False
        if token.kind in {Sense.PHONE, Sense.CALL}:
            return True
    return False


def denies_thing(row: list[Token], i: int, place: int) -> bool:
    """ "… heeft geen geld voor boodschappen faunabuurt 06-…": where one lives begins a record anew."""
    return place > 0 and row[place - 1].kind == "place" and row[i].word in {"geen", "niet"} and place - i > 3


def next_word(row: list[Token], i: int) -> str:
    return next((t.word for t in row[i + 1 : i + 3] if t.word), "")


def renews(between: list[Token]) -> bool:
    return any(t.word.startswith(_RENEWS) or t.word in {"maar", "nu", "wel"} for t in between)


def aside(row: list[Token], i: int) -> tuple[int, Whose | None] | None:
    """What a bracket that ends at token `i` says: the token before it, and an owner if it names one."""
    opening = next((n for n in range(i - 1, -1, -1) if row[n].text == "("), None)
    if opening is None or any(t.kind == "number" for t in row[opening:i]):
        return None
    inside = row[opening + 1 : i]
    if any(t.kind in {Sense.OTHER, Sense.BODY} for t in inside):
        return opening - 1, Whose.OTHER
    noun = opening > 0 and row[opening - 1].kind not in {"name", Sense.PATIENT}
    if any(t.word in {"wie", "wiens"} for t in inside):
        return opening - 1, Whose.UNKNOWN
    if any(
        t.kind in {"stranger", Sense.UNKNOWN} or (noun and t.kind in {Sense.NOUN, Sense.PREMISES})
        for t in inside
    ):
        return opening - 1, Whose.UNKNOWN
    return opening - 1, None


def candidate(lead: list[Token]) -> Whose:
    """Who a second person is whom the words before don't call a patient: another one, or a helper."""
    for token in reversed(lead):
        if token.kind in {"name", "number"}:
            break
        if token.kind in {Sense.OTHER, Sense.BODY} or (
            token.kind == Sense.SENDER and token.word not in {"ik", "wij", "we", "ons", "onze", "mijn", "i"}
        ):
            return Whose.OTHER
        if token.kind in {"stranger", Sense.UNKNOWN}:
            return Whose.OWNED
    return Whose.CANDIDATE


def in_passing(row: list[Token], i: int, place: int) -> bool:
    """ "woont met haar man in de Verzetswijk en is bereikbaar op": the sentence's subject goes on."""
    begin = next((n + 1 for n in range(i - 1, -1, -1) if row[n].kind == "stop"), 0)
    lead = {t.word for t in row[max(begin, i - 5) : i]}
    words = [t.word for t in row[i + 1 : place] if t.word or t.kind == "stranger"]
    goes_on = any(a == "en" and b in _VERBS for a, b in pairwise(words))
    between = row[i + 1 : place]
    if is_of_claim(row, i) and between[:1] and between[0].word == "en" and between[-1].kind == Sense.PHONE:
        # "brieven van de gemeente en schulden telefoon 06-…"
        return len(between) > 2 and between[1].kind == Sense.THING
    if is_of_claim(row, i) and words[:1] and words[0] in _VERBS and row[i + 1].word:
        # "heeft schulden bij de zorgverzekeraar wil geholpen worden": without a mark
        return True
    return goes_on and bool(PREPOSITIONS & lead) and "" not in words


_TOLD_US = words_of("heeft had gaf geeft vertelde noemde mailde appte stuurde zei liet")


_CORRECTS = words_of("correctie rectificatie herstel verbetering aanvulling")


def is_correction(row: list[Token], i: int) -> bool:
    """ "Correctie: 06-…": what a sender calls a number, and nobody's."""
    if row[i].word == "nee":
        # "O nee wacht, …"
        return (i > 0 and row[i - 1].word in {"o", "oh"}) or next_word(row, i) in {"wacht", "sorry"}
    return (
        row[i].word in _CORRECTS
        and row[i + 1].text in ":,"
        and not (i and row[i - 1].kind not in {"stop", "mark"})
    )


def _turned_round(behind: list[Token]) -> bool:
    """ "(ik zie dat ik) de laatste cijfers heb omgedraaid"."""
    end = next(
        (n for n, t in enumerate(behind) if t.kind in {"stop", "number"} or t.text == ":"), len(behind)
    )
    words = [t.word for t in behind[:end]]
    seen = words[:2] in (["zie", "dat"], ["zie", "nu"], ["merk", "dat"])
    turned = bool(
        {"cijfer", "cijfers"} & set(words) and {"omgedraaid", "omgewisseld", "verwisseld"} & set(words)
    )
    return seen or turned


def is_own_slip(row: list[Token], i: int) -> bool:
    """ "Foutje van mij", "mijn fout", "dat was ik vergeten": the sender, but not as whose number it is."""
    before, behind = [t.word for t in row[max(0, i - 2) : i]], [t.word for t in row[i + 1 : i + 3]]
    if row[i].word in {"mij", "me", "ons"} and before[-1:] != [] and before[-1] in _TOLD_US:
        # "Ze heeft me beloofd op te nemen", "hij gaf me het nummer"
        return True
    if row[i].word in {"mij", "ons"}:
        return len(before) == 2 and before[0] in _SLIPS and before[1] == "van"
    if row[i].word in {"mijn", "onze"}:
        return behind[:1] != [] and behind[0] in _SLIPS
    if row[i].word in {"ik", "wij", "we"} and _turned_round(row[i + 1 : i + 9]):
        return True
    return row[i].word in {"ik", "wij", "we"} and bool(
        behind and (behind[0] in _SLIPS or (behind[0] and behind[-1] in _SLIPS))
    )


_BROUGHT: frozenset[str] = frozenset(
    {Sense.NOUN, Sense.PREMISES, Sense.UNKNOWN, Sense.OTHER, Sense.BODY, "stranger", "candidate"}
)


def is_pointed_at(row: list[Token], i: int) -> bool:
    """ "Zij heeft een wijkmaat. Deze is bereikbaar op": whoever or whatever was brought in last."""
    if row[i].word not in {"deze", "die"} or not i or row[i - 1].kind != "stop":
        return False
    follows = row[i + 1].word if i + 1 < len(row) else ""
    if follows in {"patient", "patiente", "client", "cliente"}:
        return False
    brought = (
        _BROUGHT - {Sense.NOUN, Sense.PREMISES} if follows in {"man", "vrouw", "dame", "heer"} else _BROUGHT
    )
    return any(t.kind in brought for t in next(sentences(row[:i]), []))


def is_listed(row: list[Token], i: int, place: int) -> bool:
    """ "Jan Bos – lasser – Filmwijk – 06-…": an entry of its own in a list of what the patient is."""
    if i < 2 or i + 2 >= place or row[i].capital or row[i - 2].kind not in {"name", "place"}:
        return False
    between = row[i + 1 : place]
    return (
        row[i - 1].kind == row[i + 1].kind == "mark"
        and row[i - 1].text == row[i + 1].text in "–-,/|;"
        and any(t.kind == "place" for t in between)
    )


def is_left(row: list[Token], i: int, place: int) -> bool:
    """ "heeft geen auto en is bereikbaar op", "na het middageten bellen op": not what leads to a number."""
    follows = [t.word or t.text for t in row[i + 1 : i + 3]]
    if may_be_somebody(row[i]) and follows in ([",", "die"], ["van", "hem"], ["van", "haar"]):
        # "Haar boldereling, die haar post doet, is te bereiken op", "een prakenboei van hem"
        return False
    begins = next((n for n in range(i - 1, -1, -1) if row[n].word not in DETERMINERS), -1)
    if row[i].kind == Sense.PREMISES and (begins < 0 or row[begins].kind == "stop"):
        # "Kemgarhaven is betrokken, tel 06-…": theirs, of whom the sentence tells.
        return False
    before = [t.word for t in row[max(0, i - 3) : i] if t.word not in DETERMINERS]
    if before and before[-1] in _WHEN:
        return True
    comma = next((n for n in range(i + 1, place) if row[n].text in ",;"), None)
    if comma is not None and any(t.kind in {Sense.PHONE, Sense.CALL} for t in row[comma:place]):
        # "een toestel met een draaischijf, het nummer is"
        return True
    return any(t.word in {"en", "maar", "want", "dus"} for t in row[i + 1 : place])


def is_there(row: list[Token], place: int) -> bool:
    """ "Hij slaapt bij een vriendin. Daar is hij te bellen: 06-…": theirs, who live there."""
    begin = place - len(begun(row, place))
    theirs: set[str] = {Sense.OTHER, Sense.BODY}
    if {t.word for t in row[:place]} & {"bij", "in", "van", "met"}:
        theirs |= {Sense.UNKNOWN, Sense.PREMISES, "stranger"}
    said = next((n for n in range(begin, place) if row[n].word in {"daar", "aldaar", "there"}), None)
    return said is not None and any(token.kind in theirs for token in row[:said])


_WHEN = words_of("na rond tijdens onder vanaf omstreeks gedurende tussen")


def stopped(row: list[Token], i: int, place: int) -> Whose:
    """What is known of a number whose path an unknown word cuts off."""
    begin = i
    while begin > 0 and row[begin - 1].kind not in {"stop", "number"}:
        begin -= 1
    kinds = [t.kind for t in row[begin : i + 1]]
    last = max((n for n, k in enumerate(kinds) if k in {"name", Sense.PATIENT}), default=-1)
    if {Sense.OTHER, Sense.BODY} & set(kinds[last + 1 :]):
        return Whose.OTHER
    near = row[max(begin, place - 6) : place]
    if any(t.kind == Sense.NEGATION and t.word not in {"geen", "zonder"} for t in near) or renews(near):
        return Whose.UNKNOWN
    if Sense.SENDER in kinds and last < 0:
        return Whose.SENDER
    token, before = row[i], row[i - 1] if i > begin else None
    if before is not None and before.word in {"het", "dit", "dat"}:
        return Whose.UNKNOWN
    owned = (
        token.kind == "stranger"
        or before is None
        or token.capital
        or before.word in DETERMINERS
        or before.kind == "mark"
    )
    return Whose.OWNED if owned else Whose.UNKNOWN


def names_patient(phrase: str) -> bool:
    words = re.findall(r"[^\W_]+", plain(phrase))
    return any(kind_of(word) is Sense.PATIENT or word in {"eigen", "zelf"} for word in words)
