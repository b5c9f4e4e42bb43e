"""Changes of the directory: whole or not at all, told in the trail, and no running promise touched."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from gateway.directory.book import AlarmEntry, EntryKind, PlaceEntry
from gateway.directory.editing import NEW, Edit, NotMeant, Removal
from gateway.directory.rows import Overtaken
from gateway.domain.pathway import Pathway
from gateway.domain.trail import AuditEvent
from gateway.errors import ConfigErrors
from gateway.sealing import openpgp
from gateway.settings.sections import OrganisationEntry, PracticeEntry
from gateway.store import clocks as rows_of_clocks
from gateway.store.audit import verify
from gateway.store.tables import EventRow
from tests.unit.pipeline.stage import Stage

WHO = "user:abc"


def entry(stage: Stage, kind: EntryKind, id_: str) -> Any:
    return stage.gateway.base.editing.book().by_id[kind, id_]


def organisation(stage: Stage, id_: str, **changes: Any) -> OrganisationEntry:
    found: OrganisationEntry = entry(stage, EntryKind.ORGANISATION, id_)
    return found.model_copy(update=changes)


def told(stage: Stage) -> list[dict[str, Any]]:
    with stage.store.read() as session:
        assert verify(session).faults == ()
        kinds = [AuditEvent.DIRECTORY_CHANGED, AuditEvent.DIRECTORY_IMPORTED]
        rows = session.exec(select(EventRow).order_by(col(EventRow.seq))).all()
    return [
        {"kind": row.kind, "actor": row.actor, **json.loads(row.data)} for row in rows if row.kind in kinds
    ]


def clocks(stage: Stage, case_id: str) -> list[Any]:
    with stage.store.read() as session:
        return [(row.kind, row.due_at, row.met_at) for row in rows_of_clocks.of_case(session, case_id)]


async def test_the_first_change_takes_the_files_in(stage: Stage) -> None:
    known, editing = stage.gateway.base.directory, stage.gateway.base.editing
    assert known.generation == 0
    before = known()
    renamed = organisation(stage, "de-schoor", name="De Schoor Welzijn")
    assert editing.change(WHO, Edit(renamed, 0)).altered == ((EntryKind.ORGANISATION, "de-schoor"),)
    assert known.generation == 1
    assert known().organisation_names["de-schoor"] == "De Schoor Welzijn"
    assert known().gazetteer.places == before.gazetteer.places
    assert known().practices == before.practices
    assert known().pathways == before.pathways
    first, second = told(stage)
    assert (first["kind"], first["place"]) == ("directory.imported", len(before.gazetteer.places))
    assert second == {
        "kind": "directory.changed",
        "actor": WHO,
        "entry": "organisation",
        "id": "de-schoor",
        "changes": {"name": ["De Schoor", "De Schoor Welzijn"]},
    }


async def test_the_second_of_two_is_told_and_loses_nothing(stage: Stage) -> None:
    editing = stage.gateway.base.editing
    practice: PracticeEntry = entry(stage, EntryKind.PRACTICE, "filmwijk")
    editing.change(WHO, Edit(practice.model_copy(update={"name": "Eerste"}), 0))
    with pytest.raises(Overtaken) as caught:
        editing.change("user:def", Edit(practice.model_copy(update={"name": "Tweede"}), 0))
    assert caught.value.edited is not None
    assert caught.value.edited.by == WHO
    assert entry(stage, EntryKind.PRACTICE, "filmwijk").name == "Eerste"
    with pytest.raises(Overtaken):
        editing.change("user:def", Edit(practice, NEW))
    with pytest.raises(Overtaken):
        editing.change("user:def", Removal(EntryKind.PRACTICE, "filmwijk", 1))
    version = caught.value.edited.version
    editing.change("user:def", Edit(practice.model_copy(update={"name": "Tweede"}), version))
    assert len(told(stage)) == 3


async def test_what_is_wrong_changes_nothing_and_is_told_as_of_a_file(stage: Stage) -> None:
    editing = stage.gateway.base.editing
    wrong = organisation(stage, "de-schoor", serves=("Nergenshuizen",), pathway="nergens", backup="niemand")
    with pytest.raises(ConfigErrors) as caught:
        editing.change(WHO, Edit(wrong, 0))
    said = str(caught.value)
    assert "organisation de-schoor.serves: 'Nergenshuizen' is not in the gazetteer" in said
    assert "organisation de-schoor.pathway: 'nergens' is not in config/pathways" in said
    assert "organisation de-schoor.backup: names no other organisation" in said
    assert told(stage) == []
    assert stage.gateway.base.directory.generation == 0


async def test_what_leaves_a_place_or_a_case_alone_must_be_meant(stage: Stage) -> None:
    case, editing = stage.referred(), stage.gateway.base.editing
    await stage.work()
    without = Removal(EntryKind.ORGANISATION, "de-schoor", 0)
    weighed = editing.weigh(without)
    with pytest.raises(NotMeant) as caught:
        editing.change(WHO, without)
    assert caught.value.effects == weighed.effects
    assert {effect.code for effect in caught.value.effects} == {"unserved", "running"}
    assert "1 running cases are with organisation de-schoor" in str(caught.value)
    assert stage.gateway.base.directory.generation == 0
    editing.change(WHO, without, meant=True)
    assert "de-schoor" not in stage.gateway.base.directory().organisations
    assert stage.case(case).organisation_id == "de-schoor"


async def test_a_place_that_nobody_served_needs_no_word(stage: Stage) -> None:
    editing = stage.gateway.base.editing
    editing.change(WHO, Edit(PlaceEntry(level="gemeente", name="Losser"), NEW))
    assert "Losser" in stage.gateway.base.directory().gazetteer.names
    with pytest.raises(ConfigErrors, match=r"place Nieuwland: the parent of Nieuwland must stand above it"):
        editing.change(WHO, Edit(PlaceEntry(level="wijk", name="Nieuwland", parent="Elders"), NEW))


async def test_no_change_rewrites_a_running_promise(stage: Stage) -> None:
    case, editing = stage.referred(), stage.gateway.base.editing
    await stage.work()
    before, due = stage.case(case).pathway, clocks(stage, case)
    almere: Pathway = entry(stage, EntryKind.PATHWAY, "almere")
    shorter = almere.model_copy(update={"contact": almere.contact.model_copy(update={"days": 1})})
    editing.change(WHO, Edit(shorter, 0))
    await stage.work()
    assert stage.case(case).pathway == before
    assert clocks(stage, case) == due
    # Also when its organisation gets a corrected referral, or the practice hears something else by now.
    practice = entry(stage, EntryKind.PRACTICE, "filmwijk")
    editing.change(WHO, Edit(practice.model_copy(update={"feedback": "uitkomst"})))
    with stage.store.write() as session:
        stage.gateway.worker.reroute.to(session, stage.case(case), "de-schoor", stage.now, "gateway")
    assert stage.case(case).pathway == before
    assert [row for row in clocks(stage, case) if row[0] == "contact"] == [
        row for row in due if row[0] == "contact"
    ]
    later = stage.referred()
    await stage.work()
    assert Pathway.from_json(stage.case(later).pathway or "").contact.days == 1


async def test_a_change_is_in_force_at_once_in_what_stands(stage: Stage) -> None:
    editing, base = stage.gateway.base.editing, stage.gateway.base
    new = PracticeEntry(id="nieuw", name="Nieuw", domains=("nieuw.example",))
    editing.change(WHO, Edit(new, NEW), Edit(AlarmEntry(to="wacht@handover.example"), NEW))
    assert base.senders.practice_of("dokter@nieuw.example") is not None
    assert base.directory().alarms == ("wacht@handover.example",)
    served = organisation(stage, "buurtteam", serves=("Stedenwijk", "Filmwijk"))
    editing.change(WHO, Edit(served))
    assert stage.gateway.worker.handover.route("Filmwijk").organisation.id == "buurtteam"
    before = stage.gateway.worker.adapters["buurtteam"]
    editing.change(WHO, Edit(organisation(stage, "buurtteam", team="anders@buurtteam.example")))
    assert stage.gateway.worker.adapters["buurtteam"] is before, "nothing that it is made of has changed"


async def test_another_process_follows_within_a_second(stage: Stage) -> None:
    other = type(stage.gateway).at(stage.place.directory)
    elapsed = [0.0]
    other.base.directory._tick = lambda: elapsed[0]
    assert other.base.directory().practice_names["filmwijk"] != "Anders"
    practice: PracticeEntry = entry(stage, EntryKind.PRACTICE, "filmwijk")
    stage.gateway.base.editing.change(WHO, Edit(practice.model_copy(update={"name": "Anders"})))
    elapsed[0] += 0.9
    assert other.base.practice_names["filmwijk"] == "Anders"
    await other.close()


async def test_a_secret_is_told_of_as_set(stage: Stage) -> None:
    practice: PracticeEntry = entry(stage, EntryKind.PRACTICE, "filmwijk")
    secret = practice.model_copy(update={"login": "film", "password_hash": "$argon2id$v=19$x"})
    stage.gateway.base.editing.change(WHO, Edit(secret))
    assert told(stage)[-1]["changes"] == {"login": [None, "film"], "password_hash": [None, "set"]}


async def test_one_desk_for_a_gemeente_is_seen_in_what_is_agreed(stage: Stage) -> None:
    editing, known = stage.gateway.base.editing, stage.gateway.base.directory
    desk = entry(stage, EntryKind.PATHWAY, "losser").model_copy(update={"needs": "gemeente"})
    places = [
        PlaceEntry(level="gemeente", name="Losser"),
        PlaceEntry(level="wijk", name="Zandhuizen", parent="Losser"),
    ]
    taker = organisation(stage, "buurtteam", serves=("Stedenwijk", "Losser"), pathway="losser")
    editing.change(WHO, *map(Edit, places), Edit(desk), Edit(taker))
    assert known().gazetteer.places["Losser"].level == "geheel"
    other = organisation(stage, "de-schoor", serves=("Almere", "Zandhuizen"))
    editing.change(WHO, Edit(other))
    assert known().gazetteer.places["Losser"].level == "gemeente", "two desks: the wijk must be named"


async def test_a_key_that_is_taken_in_counts_from_the_next_message_on(stage: Stage) -> None:
    editing, base = stage.gateway.base.editing, stage.gateway.base
    editing.change(WHO, Edit(AlarmEntry(to="wacht@handover.example"), NEW))
    sealer = stage.gateway.worker.sealers["de-schoor"]
    before = sealer.check(stage.now).fingerprint
    armour, _, fingerprint = openpgp.generate(
        stage.place.directory / "data" / "gpg", "Nieuw", "n@deschoor.example", stage.now + timedelta(days=90)
    )
    assert fingerprint != before
    new = organisation(stage, "de-schoor", fingerprint=fingerprint)
    editing.change(WHO, Edit(new, public_key=armour.encode()))
    assert sealer.check(stage.now).fingerprint == fingerprint
    assert base.entries["de-schoor"].key.parent.name == "organisation-keys"
    assert "public_key" in told(stage)[-1]["changes"]
    case = stage.referred()
    await stage.work()
    assert stage.rows(case)[0].sealed_for == fingerprint
