"""The words of DDAS, what they mean to us, and who signed them."""

import json
from enum import StrEnum
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import ValidationError

from adapters import told
from adapters.ddas import LONGEST_WORD, Statusbericht, facts
from adapters.ddaswords import (
    CONTACT,
    RESULTS,
    STATUSES,
    Contactsoort,
    Dagdeel,
    Eindresultaat,
    Signaalstatus,
)
from adapters.signature import BadSignature, digest_fits, digests, read_key, sign, verify
from adapters.told import Meaning, word_of
from gateway.domain.codes import REROUTES, DeclineReason, StopOutcome
from gateway.domain.states import CONTACT as CONTACT_EVENTS
from gateway.domain.states import REPORTS, Event
from tests.peers.municipality.desk import SCHEMA

PUBLISHED = json.loads(SCHEMA.read_bytes())
STATUS = jsonschema.Draft202012Validator(
    PUBLISHED["$defs"]["statusbericht"]
    | {
        "$defs": PUBLISHED["$defs"],
        "properties": {
            **PUBLISHED["$defs"]["statusbericht"]["properties"],
            "ID": PUBLISHED["properties"]["ID"],
        },
    }
)
BODY = b'{"ID":"0193-d1"}'
KEY, OTHER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)

VOCABULARY = SCHEMA.parents[2] / "shared" / "ddas" / "vocabulary-v1.2.json"
OLDER = {
    "Verwijzing zonder contact",
    "Verwijzing zonder toestemming",
    "Inwoner hoeft geen hulp vanuit vroegsignalering",
}
"""The words that were gone by 1.2."""

strange = st.text(max_size=LONGEST_WORD)


def words(kind: type[StrEnum]) -> st.SearchStrategy[str]:
    return st.sampled_from([*map(str, kind)]) | strange


attempts = st.fixed_dictionaries(
    {},
    optional={
        "soort": words(Contactsoort),
        "bereikt": st.booleans(),
        "datum": st.dates().map(str),
        "dagdeel": words(Dagdeel),
    },
)
reports = st.fixed_dictionaries(
    {"melding": st.sampled_from(sorted(told.STATUSES)) | strange},
    optional={
        "datum": st.dates().map(str),
        "dagdeel": words(Dagdeel),
        "reden": st.sampled_from(sorted(told.REASONS)) | strange,
        "uitkomst": st.sampled_from(sorted(told.OUTCOMES)) | strange,
        "vervolgstap": st.sampled_from(sorted(told.NEXT_STEPS)) | strange,
    },
)
statuses = st.fixed_dictionaries(
    {"ID": st.just("0193-d1")},
    optional={
        "datum_opgepakt": st.dates().map(str),
        "datumOpgepakt": st.dates().map(str),
        "contactpogingen": st.lists(attempts, min_size=1, max_size=6),
        "meldingen": st.lists(reports, min_size=1, max_size=3),
        "status": words(Signaalstatus),
        "resultaat": words(Eindresultaat),
        "laterVeld": st.integers(),
    },
)


def test_every_word_has_a_meaning_that_the_gateway_knows() -> None:
    assert CONTACT.keys() == set(Contactsoort)
    assert RESULTS.keys() == set(Eindresultaat)
    assert STATUSES.keys() == set(Signaalstatus)
    assert [status for status, pair in STATUSES.items() if pair is None] == [Signaalstatus.NOG_NIET]
    pairs = (*CONTACT.values(), *RESULTS.values(), *(pair for pair in STATUSES.values() if pair))
    meanings = [meaning for pair in pairs for meaning in pair if meaning]
    for meaning in meanings:
        assert Event(meaning.event) in REPORTS
        if meaning.event == Event.DECLINED:
            assert DeclineReason(meaning.code or "")
        elif meaning.event == Event.STOPPED:
            assert StopOutcome(meaning.code or "")
        else:
            assert meaning.code is None


def test_only_reaching_the_patient_is_contact() -> None:
    reached = {meaning for meaning, _ in CONTACT.values() if meaning}
    assert {meaning.event for meaning in reached} == {Event.CONTACTED}
    others = [missed for _, missed in CONTACT.values()] + [
        one for pair in RESULTS.values() for one in pair if one
    ]
    assert not {meaning.event for meaning in others} & CONTACT_EVENTS
    for soort in (Contactsoort.BRIEF, Contactsoort.KAARTJE, Contactsoort.ADMINISTRATIEF):
        assert CONTACT[soort][0] is None


def test_nobody_else_is_sent_to_somebody_who_died() -> None:
    before, _ = RESULTS[Eindresultaat.OVERLEDEN]
    assert before is not None
    assert before.code not in REROUTES


def test_the_words_are_those_of_the_newest_version_and_what_went_before() -> None:
    if not VOCABULARY.exists():
        pytest.skip("the public DDAS vocabulary is not at hand")
    published = json.loads(VOCABULARY.read_bytes())
    for kind, name in (
        (Contactsoort, "contactsoort"),
        (Dagdeel, "dagdeel"),
        (Signaalstatus, "signaalstatus"),
        (Eindresultaat, "eindresultaat"),
    ):
        assert set(map(str, kind)) - OLDER == set(published[name]), name
    assert "datumOpgepakt" in published["vroegsignaalzaak"]


@given(statuses)
def test_the_model_and_the_published_schema_agree(status: dict[str, Any]) -> None:
    STATUS.is_valid(status)
    if status.keys() <= {"ID", "laterVeld"}:
        assert not STATUS.is_valid(status)
        assert Statusbericht.model_validate(status).silent
    else:
        STATUS.validate(status)
        assert Statusbericht.model_validate(status).ID == "0193-d1"


@given(statuses)
def test_facts_have_names_of_their_own_and_come_in_order(status: dict[str, Any]) -> None:
    try:
        read = Statusbericht.model_validate(status)
    except ValidationError:
        return
    told = list(facts(read))
    assert len({fact.key for fact in told}) == len(told)
    tried = [fact for fact in told if "/" in fact.key and fact.on and not fact.key.startswith("melding/")]
    assert [fact.on for fact in tried] == sorted(one.datum for one in read.contactpogingen if one.datum)  # type: ignore[type-var]
    if read.contactpogingen:
        shorter = read.model_copy(update={"contactpogingen": read.contactpogingen[:-1]})
        assert {fact.key for fact in facts(shorter)} <= {fact.key for fact in told}


@given(statuses)
def test_no_contact_is_lost_and_none_is_made_up(status: dict[str, Any]) -> None:
    try:
        read = Statusbericht.model_validate(status)
    except ValidationError:
        return
    paper = {"brief", "kaartje", "administratief"}
    reached = [
        one
        for one in status.get("contactpogingen", ())
        if one.get("bereikt") and " ".join(one.get("soort", "").split()).casefold() not in paper
    ]
    told = [fact for fact in facts(read) if fact.before and fact.before.event == "contacted"]
    ours = {"in_beeld", "contacted"}
    said = [one for one in status.get("meldingen", ()) if word_of(one["melding"]) in ours]
    assert len(told) == len(reached) + len(said)


@given(st.lists(strange.filter(lambda word: len(word) > 3), min_size=4, max_size=4, unique=True))
def test_of_an_unknown_word_its_place_is_told_and_never_the_word(said: list[str]) -> None:
    attempt = {"soort": said[0], "bereikt": True, "datum": "2026-11-23", "dagdeel": said[1]}
    status = {"ID": "a", "contactpogingen": [attempt], "status": said[2], "resultaat": said[3], "nieuw": 1}
    told = Statusbericht.model_validate(status).told
    known = {" ".join(one.split()).casefold() for kind in (Contactsoort, Dagdeel) for one in kind}
    if not any(" ".join(one.split()).casefold() in known for one in said[:2]):
        assert told.unknown[:2] == ("contactpogingen.soort", "contactpogingen.dagdeel")
    assert told.unknown[-1] == ""
    unknown = Statusbericht.model_validate({"ID": "a", "resultaat": "Mevrouw Fatima Voorbeeld belde"})
    assert "Fatima" not in repr(unknown) + repr(unknown.told)


@pytest.mark.parametrize(
    ("status", "unknown", "events"),
    [
        (
            {"contactpogingen": [{"soort": "Videobellen", "bereikt": True}]},
            ("contactpogingen.soort",),
            ["contacted"],
        ),
        ({"contactpogingen": [{"bereikt": True}]}, ("contactpogingen.soort",), ["contacted"]),
        ({"contactpogingen": [{"soort": "Onbekend", "bereikt": True}]}, (), ["contacted"]),
        ({"contactpogingen": [{"soort": "telefoon ", "bereikt": True}]}, (), ["contacted"]),
        (
            {"contactpogingen": [{"soort": "Videobellen", "bereikt": False}]},
            ("contactpogingen.soort",),
            ["attempted"],
        ),
        (
            {"contactpogingen": [{"soort": "Brief", "bereikt": True}]},
            ("contactpogingen.bereikt",),
            ["attempted"],
        ),
        ({"contactpogingen": [{"soort": "Telefoon"}]}, ("contactpogingen.bereikt",), ["attempted"]),
        ({"status": "Opgepakt"}, (), ["collected"]),
        ({"status": "Opgepakt", "datumOpgepakt": "2026-11-23"}, (), ["collected"]),
        ({"datum_opgepakt": "2026-11-23", "vroegsignalen": [], "matchingsdatum": None}, (), ["collected"]),
        ({"resultaat": "Verwijzing zonder toestemming"}, (), ["declined"]),
        ({"resultaat": "Alles komt goed"}, ("resultaat",), []),
        ({"status": "Doorgezet", "datumOpgepakt": "2026-11-23"}, ("status",), ["collected"]),
        # As programs write it that were not made for this.
        ({"contactpogingen": {"soort": "Telefoon", "bereikt": True}}, (), ["contacted"]),
        ({"contactpogingen": [{"soort": "Telefoon", "bereikt": "True", "datum": None}]}, (), ["contacted"]),
        ({"Contactpogingen": [{"Soort": "Telefoon", "Bereikt": True}]}, (), ["contacted"]),
        ({"contact_pogingen": [{"bereikt": True, "soort": None}]}, ("contactpogingen.soort",), ["contacted"]),
        (
            {"contactpogingen": [{"soort": 3, "bereikt": True, "datum": "gisteren", "dagdeel": 2}]},
            ("contactpogingen.soort", "contactpogingen.datum", "contactpogingen.dagdeel"),
            ["contacted"],
        ),
        (
            {"contactpogingen": [{"soort": "Telefoon", "bereikt": "ja"}]},
            ("contactpogingen.bereikt",),
            ["attempted"],
        ),
        (
            {"contactpogingen": ["?", {"soort": "Telefoon", "bereikt": True}], "meldingen": "in_beeld"},
            ("contactpogingen", "meldingen"),
            ["contacted"],
        ),
        ({"datumOpgepakt": 20261123, "resultaat": "x" * 300}, ("datumOpgepakt", "resultaat"), ["collected"]),
        ({"status": None, "resultaat": ["Inwoner is overleden"], "meldingen": None}, (), ["declined"]),
    ],
)
def test_versions_side_by_side(status: dict[str, Any], unknown: tuple[str, ...], events: list[str]) -> None:
    told = Statusbericht.model_validate({"ID": "a", **status}).told
    assert told.unknown == unknown
    assert [fact.before.event for fact in told.facts if fact.before] == events


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026-11-23T23:30:00Z", "2026-11-24"),
        ("2026-11-24T00:30:00+01:00", "2026-11-24"),
        ("2026-11-24T09:00:00", "2026-11-24"),
        ("24-11-2026", "None"),
        ("0001-01-01T00:00:00+14:00", "None"),
    ],
)
def test_a_moment_is_a_day_here(said: str, day: str) -> None:
    attempt = {"soort": "Telefoon", "bereikt": True, "datum": said}
    (fact,) = Statusbericht.model_validate({"ID": "a", "contactpogingen": [attempt]}).told.facts
    assert str(fact.on) == day


def test_what_ddas_has_no_word_for_is_said_in_ours() -> None:
    said = [
        {"melding": "verkeerd_nummer"},
        {"melding": "Deskundigengesprek", "datum": "2026-11-24"},
        {"melding": "gestart", "vervolgstap": "welzijn"},
        # An attempt without a day, a refusal without a reason and a word of nobody's: a person asks.
        {"melding": "niet_bereikt"},
        {"melding": "geweigerd"},
        {"melding": "Mevrouw Voorbeeld belde"},
    ]
    told = Statusbericht.model_validate({"ID": "0193-d1", "meldingen": said}).told
    assert [(fact.before, str(fact.on)) for fact in told.facts] == [
        (Meaning("wrong_number"), "None"),
        (Meaning("expert_talk"), "2026-11-24"),
        (Meaning("in_support", next_step="welfare"), "None"),
    ]
    assert told.unknown == ("meldingen.datum", "meldingen.reden", "meldingen.melding")


def test_the_same_attempt_twice_in_one_list_is_two() -> None:
    attempt = {"soort": "Telefoon", "bereikt": False, "datum": "2026-11-23"}
    read = Statusbericht.model_validate({"ID": "a", "contactpogingen": [attempt, attempt]})
    assert [fact.before for fact in facts(read)] == [Meaning("attempted")] * 2
    assert len({fact.key for fact in facts(read)}) == 2


@given(st.binary(min_size=1, max_size=200))
def test_what_was_signed_is_believed_and_nothing_else(body: bytes) -> None:
    value = sign(body, KEY)
    verify(body, value, KEY)
    for other, key in ((body + b" ", KEY), (b"", KEY), (body, OTHER)):
        with pytest.raises(BadSignature):
            verify(other, value, key)


def test_a_signature_over_something_else_is_none() -> None:
    own = jws.serialize_compact({"alg": "PS256"}, b'{"ID":"another"}', KEY, algorithms=["PS256"])
    weaker = jws.detach_content(jws.serialize_compact({"alg": "RS256"}, BODY, KEY, algorithms=["RS256"]))
    secret = OctKey.import_key(b"k" * 32)
    symmetric = jws.detach_content(
        jws.serialize_compact({"alg": "HS256"}, BODY, secret, algorithms=["HS256"])
    )
    unsigned = "eyJhbGciOiJub25lIn0.."
    # A whole JWS over other content is valid by itself: it must not speak for ours.
    for value in (own, weaker, symmetric, unsigned, None, "", "a.b", "....", "é..é"):
        with pytest.raises(BadSignature):
            verify(BODY, value, KEY)


def test_keys_that_do_not_do() -> None:
    public = json.dumps(KEY.as_dict(private=False)).encode()
    assert read_key(public, private=False).thumbprint() == KEY.thumbprint()
    assert read_key(KEY.as_pem(private=True), private=True).is_private
    with pytest.warns(SecurityWarning):
        small = RSAKey.generate_key(1024)
    with pytest.warns(SecurityWarning), pytest.raises(ValueError, match="bits"):
        read_key(json.dumps(small.as_dict(private=True)).encode(), private=True)
    elliptic = json.dumps(ECKey.generate_key("P-256").as_dict(private=True)).encode()
    for content in (b"", b"{", b"[]", elliptic, b"-----BEGIN PRIVATE KEY-----\n", b"\xff"):
        with pytest.raises(ValueError, match="holds no RSA key"):
            read_key(content, private=False)
    with pytest.raises(ValueError, match="no private key"):
        read_key(public, private=True)


def test_digests() -> None:
    # RFC 9530 appendix A and RFC 3230 have the same digest in two spellings.
    content = b'{"hello": "world"}\n'
    told = digests(content)
    assert told["Content-Digest"] == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert told["Digest"] == "SHA-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="
    assert digest_fits(content, {name.lower(): value for name, value in told.items()})
    assert digest_fits(content, {"Accept": "*/*"})
    for wrong in ({"Digest": told["Digest"][:-2]}, {"Content-Digest": "sha-512=:AAAA:"}, {"digest": "é"}):
        assert not digest_fits(content, {**told, **wrong} if "digest" not in wrong else wrong)


def test_the_table_stands_in_the_manual() -> None:
    manual = (SCHEMA.parents[1] / "docs" / "signaal.md").read_text()
    for table in (CONTACT, RESULTS):
        for word, pair in table.items():
            said = [
                f"`{one.event}`{f' ({one.code})' if one.code else ''}" if one else "not possible"
                for one in pair
            ]
            assert f"\n| {word} | {said[0]} | {said[1]} |\n" in manual, word
