"""Words that their neighbours settle.

A word that only looks unknown is settled here: the patient's own given name, a street with its house number,
a town behind "woont in", an adjective before a known thing.
"""

import re
from dataclasses import replace

from gateway.reading.patient.deeds import is_compatriot, is_no_kin, is_predicate
from gateway.reading.patient.lexicon import AGENTS, is_listed, is_prefixed_verb, is_premises, is_thing
from gateway.reading.patient.opening import is_introduced, is_put_beside
from gateway.reading.patient.pronouns import is_sex
from gateway.reading.patient.times import is_time
from gateway.reading.patient.tokens import DETERMINERS, POSSESSIVES, Token
from gateway.reading.patient.vocabulary import Sense, is_said_of_somebody, kind_of
from gateway.reading.patient.words import COURTESY_TITLES, is_national, plain, words_of

_NAMED: frozenset[str] = frozenset({"name", "candidate", "stranger", Sense.UNKNOWN})
_STREET = re.compile(
    r"[^\W\d_]{2,}(?:straat|laan|weg|plein|dreef|gracht|kade|singel|pad|hof|park|dijk|steeg|hoek|plantsoen)"
)
_PARENTS = frozenset(["moeder", "vader", "man", "vrouw", "oma", "opa", "ouder", "partner"])
_SINGLE = frozenset(
    ["alleenstaand", "alleenstaande", "jonge", "zelfstandig", "gescheiden", "werkende", "single"]
)
_COUNTS = words_of(
    """
    een twee drie vier vijf zes meerdere meer jonge kleine kleinen
    """
)


_MEANT = words_of("deze die bovenstaande bovengenoemde genoemde voornoemde onderstaande betreffende")


def settled(row: list[Token], own: frozenset[str]) -> list[Token]:
    for n, token in enumerate(row):
        kind: str | None = None
        before = row[n - 1] if n else None
        following = row[n + 1] if n + 1 < len(row) else None
        if is_no_kin(row, n):
            kind = Sense.LINK
        elif token.capital and is_compatriot(row, n):
            kind = Sense.OTHER
        elif token.text == "M" and following is not None and following.kind == "number":
            kind = Sense.PHONE
        elif _is_titled(row, n) and _whose(token.word) not in own:
            kind = "stranger"
        elif token.kind == Sense.LINK and is_said_of_somebody(token.word) and _stands_for_somebody(row, n):
            somebody = Sense.UNKNOWN if token.capital or not is_thing(token.word) else None
            kind = "place" if _is_place(row, n) else somebody
        elif token.kind == Sense.UNKNOWN and _is_thing(row, n) and not _is_place(row, n):
            kind = Sense.NOUN
        elif token.kind == Sense.PATIENT and following and following.word in _THERE:
            # "Mevrouw daar is erg betrokken."
            kind = Sense.OTHER
        elif token.kind == Sense.UNKNOWN and (_is_verb(row, n) or _is_the_one(row, n)):
            kind = Sense.LINK
        elif token.kind == Sense.UNKNOWN and is_premises(token.word) and not (token.capital and before):
            kind = Sense.PREMISES
        elif (token.kind in {Sense.UNKNOWN, Sense.OTHER} and is_predicate(row, n)) or (
            token.word == "ma" and _is_weekday(row, n)
        ):
            kind = Sense.LINK
        elif (
            (token.capital or token.kind == Sense.UNKNOWN)
            and (_whose(token.word) in own or _is_genitive(row, n, own))
            and not (_names(before) or _names(following))
        ):
            kind = "name"
        elif token.kind in {Sense.UNKNOWN, "stranger", "candidate"}:
            if _is_place(row, n) or _is_street(row, n):
                kind = "place"
            elif token.word and not token.capital and _is_trade(row, n):
                kind = Sense.THING
            elif (
                before is not None
                and token.capital
                and (_word_before(row, n) in _CALLED or _is_called(row, n))
            ) or _is_nickname(row, n):
                kind = "name"
            elif (
                token.text[:1].islower()
                and token.word.endswith("e")
                and following is not None
                and following.kind in {Sense.THING, Sense.OTHER}
            ):
                # "forse schulden", "een gehandicapte zoon"
                kind = Sense.THING
        elif token.word in {"familie", "fam"} and not (
            following is not None and (following.text == "." or following.kind in _NAMED)
        ):
            # "de groep van de familie"; "familie Bos" may be who is referred.
            kind = Sense.OTHER
        elif token.word == "gezin" and _is_another_family(row, n):
            kind = Sense.OTHER
        elif token.word == "vragen" and _is_asking(row, n):
            kind = Sense.LINK
        elif token.kind == Sense.OTHER:
            if token.word in {"man", "vrouw"} and (
                (before is not None and before.word in _MEANT) or is_introduced(row, n)
            ):
                kind = Sense.PATIENT
            elif (
                (before is not None and (before.word == "als" or is_sex(row, n) or is_put_beside(row, n)))
                or (
                    token.word in {"kinderen", "kids"}
                    and before is not None
                    and _is_count(_word_before(row, n))
                )
                or (
                    token.word in _PARENTS
                    and (
                        (before is not None and before.word in _SINGLE)
                        or (following is not None and following.word == "van" and _counted(row, n + 2))
                    )
                )
            ):
                kind = Sense.THING
        if kind is not None:
            row[n] = replace(token, kind=kind)
    return row


def _is_titled(row: list[Token], n: int) -> bool:
    """ "De mobiel van dhr. Hart": a word with a capital behind a title is a surname, whatever it means."""
    if not row[n].capital or row[n].kind not in {Sense.NOUN, Sense.LINK, Sense.UNKNOWN, Sense.PREMISES}:
        return False
    dotted = n > 1 and row[n - 1].text == "."
    ends = n + 1 == len(row) or row[n + 1].kind != "name"
    return (
        ends
        and n > 0
        and row[n - 2 if dotted else n - 1].word in COURTESY_TITLES
        and not (dotted and row[n].kind == Sense.LINK)
    )


def _is_another_family(row: list[Token], n: int) -> bool:
    """ "Een kamer bij een gezin. Het gezin belt u zo": with whom the patient stays."""
    begins = n > 1 and row[n - 1].word == "een" and row[n - 2].word in {"bij", "van", "door", "via"}
    return begins or any(t.word == "gezin" and t.kind == Sense.OTHER for t in row[:n])


def _whose(word: str) -> str:
    """ "Theo's mobiel": the name without what makes it a possessive."""
    return word.removesuffix("'s")


def _is_genitive(row: list[Token], n: int, own: frozenset[str]) -> bool:
    """ "Mohameds eigen nummer"."""
    following = row[n + 1] if n + 1 < len(row) else None
    theirs = following is not None and (following.word == "eigen" or following.kind == Sense.PHONE)
    return theirs and len(row[n].word) > 4 and row[n].word[-1] == "s" and row[n].word[:-1] in own


def _is_thing(row: list[Token], n: int) -> bool:
    """Whether a word is a noun for a thing, or an adjective before one, and no name."""
    token, before = row[n], row[n - 1] if n else None
    following = row[n + 1] if n + 1 < len(row) else None
    if token.word.endswith("isch") or _is_language(row, n):
        # "Somalisch", "psychisch"
        return True
    if (
        following is not None
        and (token.word.endswith("e") or (before is not None and before.word == "een"))
        and (
            following.kind == Sense.THING
            or (following.kind == Sense.UNKNOWN and is_thing(following.word))
            or (following.kind == Sense.LINK and following.word.endswith(("ing", "heid", "tie", "iteit")))
        )
        and not following.capital
    ):
        # "een onverzekerde inboedel", "Armeense achtergrond"
        return True
    acronym = "-" in token.text and token.text.rpartition("-")[2].islower()
    if token.capital and before is not None and before.kind != "stop" and not acronym:
        return False
    if not is_listed(token.word) and _may_be_spoken_with(row, n):
        # A made-up word that ends as a thing does may still be somebody: "sprak met haar vellaster".
        return False
    return is_thing(token.word)


_WITH = frozenset({"met", "via", "namens"})


_PEOPLE_DO = words_of(
    """
    kent weet regelt doet helpt belt begeleidt neemt zegt vraagt vertelt meldt ondersteunt zorgt beheert
    luistert denkt vindt wil kan heeft leest schrijft komt
    """
)


def _may_be_spoken_with(row: list[Token], n: int) -> bool:
    following = row[n + 1].word if n + 1 < len(row) else ""
    if n and row[n - 1].word in POSSESSIVES and following in _PEOPLE_DO:
        return True
    at = n - 1
    while at > 0 and row[at].word.endswith("e") and row[at].word not in DETERMINERS:
        at -= 1
    if not at > 0 or row[at].word not in DETERMINERS:
        return False
    if "langs" in {t.word for t in row[n + 1 : n + 4]} and {t.word for t in row[:n]} & {"komt", "kwam"}:
        # "Er komt wekelijks een vellaster langs."
        return True
    if "geholpen" in {t.word for t in row[:at]} and not row[n].word.endswith(AGENTS):
        # "zou geholpen zijn met een budgetplan"
        return False
    # "door een bedrijfsongeval" tells why, "door haar vellaster" may tell by whom.
    return row[at - 1].word in _WITH | {"door", "bij"}


def _is_the_one(row: list[Token], n: int) -> bool:
    """ "Noor Bos is degene die hulp vraagt": nobody new."""
    said = [t.word for t in row[max(0, n - 1) : n + 2]] == ["is", "degene", "die"]
    who = next((t.kind for t in reversed(row[: n - 1]) if t.kind != "mark"), "") if said else ""
    return who in {"name", Sense.PATIENT, Sense.PRONOUN}


def _is_language(row: list[Token], n: int) -> bool:
    """ "Zij spreekt Urdu en een beetje Engels"."""
    lead = [t.word for t in row[max(0, n - 4) : n]]
    ends = n + 1 == len(row) or row[n + 1].kind in {"stop", "mark"} or row[n + 1].word in {"en", "maar"}
    return (
        ends
        and "spreekt" in lead
        and all(word in _SPOKEN or is_national(word) for word in lead[lead.index("spreekt") + 1 :])
    )


_SPOKEN = frozenset(
    {"alleen", "goed", "slecht", "matig", "een", "beetje", "enkel", "vooral", "en", "geen", "redelijk"}
)


def _is_verb(row: list[Token], n: int) -> bool:
    """ "De toeslagen zijn teruggevorderd", "haar ouders kunnen niet bijspringen"."""
    token, before = row[n], row[n - 1] if n else None
    if token.capital and before is not None and before.kind != "stop":
        return False
    if before is not None and before.word == "het" and token.word.endswith("en"):
        # "het saneren van": only a verb is so, for plurals have another article.
        return True
    if before is not None and before.word in DETERMINERS and before.word != "zijn":
        return False
    return (
        is_prefixed_verb(token.word)
        or _is_asked_for(row, n)
        or _PARTICIPLE.fullmatch(token.word) is not None
        # "ik lees", "typ ik"
        or ("ik" in {t.word for t in row[max(0, n - 1) : n + 2]} and kind_of(f"{token.word}t") is Sense.LINK)
    )


_THERE = frozenset({"daar", "aldaar", "ernaast", "hiernaast"})


def _is_asked_for(row: list[Token], n: int) -> bool:
    """ "Blijf proberen", "meld haar": what a sentence asks, by a verb that the lexicon knows with its "t"."""
    begins = not n or row[n - 1].kind == "stop" or row[n - 1].word in {"dus", "en", "maar"}
    follows = row[n + 1].word if n + 1 < len(row) else ""
    asked = follows in _ASKED or (follows.endswith("en") and row[n + 1].kind in {Sense.LINK, Sense.CALL})
    return begins and asked and kind_of(f"{row[n].word}t") is Sense.LINK


_ASKED = frozenset({"haar", "hem", "u", "dan", "eerst", "even", "gerust", "niet", "maar", "ik"})


_PARTICIPLE = re.compile(
    r"(?:aan|achter|af|bij|binnen|dicht|door|in|langs|los|mee|na|neer|om|onder|op|open|over|stil|terug|toe|uit"
    r"|vast|vol|voor|weg)?ge[a-z]{3,}(?<!genoo)(?<!gezan)(?<!gerech)(?<!gebie)(?:[td]|en)"
)


def _is_weekday(row: list[Token], n: int) -> bool:
    """ "vr/ma niet", "ma t/m do": a day, not a mother."""
    near = {t.word for t in row[max(0, n - 3) : n + 5] if t is not row[n]}
    return bool(near & {"ma", "di", "wo", "do", "vr", "za", "zo"})


def _is_trade(row: list[Token], n: int) -> bool:
    """ "werkt als vrachtwagenchauffeur": what the patient does."""
    lead = [t.word for t in row[max(0, n - 3) : n]]
    return lead[-1:] == ["als"] and any(word.startswith("werk") for word in lead)


def _is_asking(row: list[Token], n: int) -> bool:
    """ "Mag ik uw aandacht vragen voor …", not "bij vragen", where whoever asks calls the sender."""
    follows = row[n + 1].word if n + 1 < len(row) else ""
    before = {t.word for t in row[max(0, n - 2) : n]}
    return (follows in {"voor", "om", "aan", "naar", "of"} and not before & {"bij", "met"}) or bool(
        before & {"aandacht", "hulp", "laten", "te", "durft"}
    )


def _stands_for_somebody(row: list[Token], n: int) -> bool:
    """ "De Wilde", "haar vaste 06-…": an adjective or verb form that is written as a name, or as somebody."""
    token, before = row[n], row[n - 1] if n else None
    if token.capital and before is not None and before.kind != "stop":
        return True
    if before is None or before.word not in DETERMINERS or not token.word.endswith("e"):
        return False
    following = row[n + 1] if n + 1 < len(row) else None
    if following is not None and (is_thing(following.word) or is_time(following.word)):
        return False
    return following is None or not following.word or following.kind in {Sense.LINK, Sense.CALL}


_CALLED = words_of(
    "geb geboren roepnaam alias voornaam meisjesnaam geboortenaam familienaam bijnaam aanspreeknaam ev"
)


def _is_called(row: list[Token], n: int) -> bool:
    """ "Zijn voornaam is Arie."."""
    lead = [t.word for t in row[max(0, n - 4) : n] if t.word]
    return lead[-1:] in (["is"], ["luidt"]) and lead[-2:-1] in (["voornaam"], ["roepnaam"], ["achternaam"])


def _word_before(row: list[Token], n: int) -> str:
    return next((t.word for t in reversed(row[max(0, n - 2) : n]) if t.word), "")


def _names(token: Token | None) -> bool:
    return token is not None and token.kind in {Sense.UNKNOWN, "stranger", "candidate"} and token.capital


def _counted(row: list[Token], n: int) -> bool:
    return n < len(row) and _is_count(row[n].word)


def _is_count(word: str) -> bool:
    return word in _COUNTS or word.isdigit()


def _is_place(row: list[Token], n: int) -> bool:
    """ "woont in Lelystad", "wijk de Laak": an unknown name where only a place can stand."""
    lead = [t.word for t in row[max(0, n - 2) : n]]
    if not row[n].text[:1].isupper() or not lead:
        return False
    where = {"in", "te", "uit", "vanuit", "wijk", "buurt", "omgeving", "kwartier"}
    if lead[0] in {"boven", "naast", "achter", "tegenover"} and lead[-1] in {"de", "het"}:
        # "woont boven de Albert Heijn"
        return True
    if any(t.word == "woont" for t in row[max(0, n - 4) : n]):
        # "woont op de Bergmolen in Parkwijk"
        where |= {"op", "aan"}
    if _STREET.fullmatch(row[n].word) and {"aan", "op", "in"} & set(lead):
        # "aan de Bachweg"
        return True
    part = lead[0] in {"wijk", "kwartier"} or any(t.word.startswith("woon") for t in row[max(0, n - 4) : n])
    if row[n - 1].text in {"De", "Het", "'t"} and not part:
        # "verblijft in De Toevlucht": a house with a name, not a town.
        return False
    return lead[-1] in where or (lead[-1] in {"de", "het", "wijk", "nabij"} and lead[0] in where)


def _is_street(row: list[Token], n: int) -> bool:
    """ "Spinetpad 4", "Johan Cruijffstraat 12"."""
    if row[n].capital and n + 1 < len(row) and _STREET.fullmatch(row[n + 1].word) and row[n + 1].capital:
        # "woonachtig aan de Audrey Hepburnlaan"
        return True
    for ahead in (n, n + 1):
        number = row[ahead + 1] if ahead + 1 < len(row) else None
        if number is None or not row[ahead].text[:1].isupper():
            return False
        if re.fullmatch(r"\d{1,4}[a-z]?(?:-\d{1,3})?", number.word or number.text):
            return ahead == n or _STREET.fullmatch(row[ahead].word) is not None
        words = re.findall(r"[^\W\d_]+", plain(row[n].text))
        if (
            row[n].kind in {"stranger", "candidate"}
            and _STREET.fullmatch(words[-1])
            and number.text[:1].isdigit()
        ):
            return True
    return False


def _is_nickname(row: list[Token], n: int) -> bool:
    """ "M. Bakker (Miep)"."""
    if not 1 < n < len(row) - 1 or not row[n].capital:
        return False
    return row[n - 1].text == "(" and row[n + 1].text == ")" and row[n - 2].kind == "name"
