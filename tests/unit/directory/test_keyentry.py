"""A key pasted on a page, of each kind: it counts with its own fingerprint, typed twice, and no other."""

from typing import Any

import pytest

from gateway.directory.book import EntryKind, document, parse
from gateway.directory.editing import NEW, Edit
from gateway.directory.keyentry import AGAIN, DIFFERENT, FORMAT, KEY, NOT_THIS, TYPED, KeyEntry
from tests.unit.pipeline.stage import Stage
from tests.unit.sealing.trial_keys import MAKERS, NOW


@pytest.mark.parametrize("format", ["openpgp", "smime", "jwe"])
async def test_an_organisation_with_a_new_key_is_sealed_for_at_once(stage: Stage, format: str) -> None:
    base, trial, other = stage.gateway.base, MAKERS[format](""), MAKERS[format]("")
    stage.now = NOW
    entry = KeyEntry(
        gpg_home=base.settings.data_dir / "gpg", now=lambda: NOW, why=str, say=lambda text, **_: text
    )
    given = {FORMAT: format, KEY: trial.public.decode().replace("\n", "\r\n")}

    def taken(typed: str, again: str) -> tuple[bytes | None, dict[str, str], dict[str, Any]]:
        values = {**document(base.editing.book().by_id[EntryKind.ORGANISATION, "buurtteam"]), "id": "nieuw"}
        content, wrong = entry.taken(given | {TYPED: typed, AGAIN: again}, values, new=True)
        return content, wrong, values

    spaced = " ".join(trial.fingerprint[at : at + 4] for at in range(0, len(trial.fingerprint), 4))
    assert taken(other.fingerprint, other.fingerprint)[:2] == (None, {TYPED: NOT_THIS})
    assert taken(spaced, other.fingerprint)[:2] == (None, {AGAIN: DIFFERENT})
    content, wrong, values = taken(spaced, trial.fingerprint)
    assert wrong == {}
    new = parse(EntryKind.ORGANISATION, values | {"serves": ["Duin"]})
    base.editing.change("user:x", Edit(new, NEW, content))
    found = stage.gateway.worker.handover.route("Duin").organisation
    assert (found.id, found.format) == ("nieuw", format)
    key = stage.gateway.worker.handover.key_of("nieuw", NOW)
    assert key.casefold() == trial.fingerprint.casefold()
