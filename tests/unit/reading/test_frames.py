"""Every ordinary way to fill a sentence is read, and no way to speak of somebody else's telephone is."""

import pytest

from gateway.reading.patient.wijken import Gazetteer
from gateway.reading.reader import read
from tests.corpus.frames import Frame, frames

ALL = [frame for frame in frames() if frame.kind != "open"]


def test_there_are_frames_of_both_kinds() -> None:
    assert {frame.kind for frame in ALL} == {"read", "ask"}
    assert all(frame.fillings for frame in ALL)
    assert len({frame.name for frame in ALL}) == len(ALL)


@pytest.mark.parametrize("frame", ALL, ids=lambda frame: frame.name)
def test_whatever_fills_a_sentence(frame: Frame, almere: Gazetteer) -> None:
    wrong = [filling for filling in frame.fillings if not frame.is_right(read(frame.mail(filling), almere))]
    assert wrong == []
