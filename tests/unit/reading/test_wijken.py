"""The gazetteer: what it reads, what it finds, what it can't know."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.reading.patient.wijken import Gazetteer, key

HEAD = "level,name,parent,aliases\n"
SMALL = HEAD + "gemeente,Oss,,\nstadsdeel,Ruwaard,Oss,\nwijk,Kortfoort,Ruwaard,Kortfort|KF\n"


def parse(wijken: str, postcodes: str = "pc4,name\n") -> Gazetteer:
    return Gazetteer.parse([wijken], [postcodes])


def test_ancestry_goes_up_to_the_gemeente(almere: Gazetteer) -> None:
    assert almere.ancestry("Muziekwijk Noord") == ("Muziekwijk Noord", "Muziekwijk", "Almere Stad", "Almere")
    assert almere.ancestry("Almere") == ("Almere",)
    with pytest.raises(KeyError):
        almere.ancestry("Nergenshuizen")


def test_every_place_lies_in_almere(almere: Gazetteer) -> None:
    assert all(almere.ancestry(name)[-1] == "Almere" for name in almere.names)


def test_postcodes(almere: Gazetteer) -> None:
    assert almere.postcode("1353") == "Almere Haven"
    assert almere.postcode("1000") is None


def test_several_gemeenten(almere: Gazetteer) -> None:
    from tests.unit.reading.conftest import almere_texts

    wijken, postcodes = almere_texts()
    both = Gazetteer.parse([*wijken, SMALL], [*postcodes, "pc4,name\n5344,Ruwaard\n"])
    assert both.ancestry("Kortfoort")[-1] == "Oss"
    assert both.postcode("5344") == "Ruwaard"
    assert both.names > almere.names


@pytest.mark.parametrize(
    ("wijken", "told"),
    [
        ("naam\n", "file 1, line 1"),
        (HEAD + "wijk,X,Y,\n", "file 1, line 2: the parent of X"),
        (HEAD + "land,X,,\n", "level is one of"),
        (HEAD + "gemeente,,,\n", "the name is empty"),
        (HEAD + "gemeente,X,,\ngemeente,X,,\n", "line 3: X stands there twice"),
        (HEAD + "gemeente,X\n", "4 columns expected"),
        (HEAD + "gemeente,X,,,,\n", "4 columns expected"),
        (HEAD + "gemeente,X,Y,\n", "a gemeente has no parent"),
        (HEAD + 'gemeente,"X,,\n', "file 1, line"),
    ],
)
def test_broken_wijken(wijken: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(wijken)


@pytest.mark.parametrize(
    ("postcodes", "told"),
    [
        ("pc4,name\n53,Oss\n", "a pc4 is four digits"),
        ("pc4,name\n5344,Elders\n", "not in the gazetteer"),
        ("pc4,name\n5344,Oss\n5344,Ruwaard\n", "has two names"),
    ],
)
def test_broken_postcodes(postcodes: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(SMALL, postcodes)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Filmwyk", "Filmwijk"),
        ("filmwijck", "Filmwijk"),
        ("Flimwijk", "Filmwijk"),
        ("Striphelden buurd", "Stripheldenbuurt"),
        ("bloemebuurt", "Bloemenbuurt"),
        ("columbus kwatier", "Columbuskwartier"),
        ("Overgooy", "Overgooi"),
        ("Noorderplasse", "Noorderplassen"),
        ("Molenwijk", "Molenbuurt"),
        ("Tussen-de-Vaarten", "Tussen de Vaarten"),
        ("indische buurt", "Indischebuurt"),
        ("ALMERE-HAVEN", "Almere Haven"),
    ],
)
def test_one_meaning(written: str, name: str, almere: Gazetteer) -> None:
    found = almere.find(written)
    assert [mention.names for mention in found] == [(name,)]


@pytest.mark.parametrize(
    "written",
    ["Rivierenbuurt", "Bomenbuurt", "Merenwijk", "Schilderswijk", "Zeeheldenkwartier", "wijkverpleegkundige"],
)
def test_no_meaning(written: str, almere: Gazetteer) -> None:
    assert almere.find(written) == []
    assert almere.misspelt(written) is None


def test_several_meanings(almere: Gazetteer) -> None:
    (mention,) = almere.find("centrum")
    assert mention.names == ("Centrum Almere Haven", "Centrum Almere Stad")
    assert mention.ordinary


def test_longest_name_first(almere: Gazetteer) -> None:
    assert [m.names[0] for m in almere.find("Tussen de Vaarten Zuid, Muziekwijk (Noord)")] == [
        "Tussen de Vaarten Zuid",
        "Muziekwijk Noord",
    ]


def test_ordinary_words_are_marked(almere: Gazetteer) -> None:
    marked = {
        word: almere.find(word)[0].ordinary for word in ("Haven", "de velden", "Duin", "Filmwijk", "TDV")
    }
    assert marked == {"Haven": True, "de velden": True, "Duin": True, "Filmwijk": False, "TDV": False}


def test_every_spelling_means_its_place(almere: Gazetteer) -> None:
    for name in almere.names:
        for written in (name, name.upper(), name.lower(), name.replace(" ", "-")):
            exact = almere.exact(written)
            assert exact is not None
            assert exact.names == (name,), written


@given(text=st.text(max_size=200))
def test_mentions_lie_in_the_text_and_apart(text: str) -> None:
    places = parse(SMALL)
    end = 0
    for mention in places.find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert set(mention.names) <= places.names
        end = mention.end


@example("\N{DOUBLE-STRUCK CAPITAL P}").via("a letter that gets its case only when it is taken apart")
@given(text=st.text(max_size=40))
def test_key_is_stable(text: str) -> None:
    assert key(key(text)) == key(text)
