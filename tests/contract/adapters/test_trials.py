"""The trials of `inbeeld init --with`: each is a configuration that is read, with all of its keys."""

from gateway.app import Gateway
from gateway.cli.trial import TrialWay
from gateway.errors import SealError
from gateway.sealing.keyfacts import KeyFlaw
from tests.contract.adapters.ways import add
from tests.moments import MONDAY
from tests.story.place import Place

MADE = {
    *("wijkteam-buiten", "wijkteam-vaarten", "wijkteam-hout", "gemeente-pampus", "buurthuis-nobelhorst"),
}


def test_all_of_them_stand_side_by_side(place: Place) -> None:
    for way in TrialWay:
        add(place, way)
    gateway = Gateway.at(place.directory)
    known = gateway.base.directory()
    assert known.entries.keys() >= MADE
    flaws = {}
    for id_ in MADE:
        try:
            gateway.checkers[id_].check(MONDAY)
        except SealError as error:
            flaws[id_] = error.code
    assert flaws == {"buurthuis-nobelhorst": KeyFlaw.AWAITED}
    assert known.readers == {"praktijk:nobelhorst": "Huisartsenpraktijk Nobelhorst"}
    assert gateway.settings.imap.server == "localhost:9993"
    assert gateway.settings.delivery.relay == "localhost:2587"
    assert gateway.settings.web.public_url == "https://localhost:8443"
    gateway.store.close()
