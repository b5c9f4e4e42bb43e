"""The most specific organisation wins; doubt is no route."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.route import NoRoute, Organisation, backup_of, choose, contact_person, theme_of, themes_at

PLACE = ("Muziekwijk Noord", "Muziekwijk", "Almere Stad", "Almere")


def organisation(id: str, *serves: str, **more: object) -> Organisation:
    return Organisation(id, id.title(), serves, **more)  # type: ignore[arg-type]


def test_the_most_specific_wins_in_any_order() -> None:
    known = [
        organisation("stad", "Almere"),
        organisation("wijk", "Muziekwijk"),
        organisation("haven", "Haven"),
    ]
    for order in permutations(known):
        route = choose(PLACE, order)
        assert (route.organisation.id, route.level) == ("wijk", "Muziekwijk")


def test_case_and_spaces_do_not_matter() -> None:
    assert choose(PLACE, [organisation("a", "almere  STAD")]).organisation.id == "a"


def test_two_equal_claims_are_no_route() -> None:
    with pytest.raises(NoRoute) as caught:
        choose(PLACE, [organisation("b", "Almere"), organisation("a", "Almere"), organisation("c", "Haven")])
    assert caught.value.code == "ambiguous_route"
    assert caught.value.organisations == ("a", "b")


def test_a_tie_further_up_does_not_matter() -> None:
    known = [organisation("a", "Almere"), organisation("b", "Almere"), organisation("c", "Muziekwijk")]
    assert choose(PLACE, known).organisation.id == "c"


@pytest.mark.parametrize("place", [PLACE, ()])
def test_nobody_is_no_route_and_names_no_place(place: tuple[str, ...]) -> None:
    with pytest.raises(NoRoute) as caught:
        choose(place, [organisation("haven", "Almere Haven")])
    assert str(caught.value) == caught.value.code == "no_route"


def test_the_backup_comes_along() -> None:
    backup = organisation("humanitas")
    route = choose(PLACE, [organisation("a", "Almere", backup="humanitas"), backup])
    assert route.backup is backup


def test_nobody_is_its_own_backup() -> None:
    alone = organisation("a", "Almere", backup="a")
    assert backup_of(alone, [alone]) is None
    assert backup_of(organisation("b", backup="unknown"), [alone]) is None


def test_each_wijk_has_its_person() -> None:
    persons = {"Almere": "K. de Bruin", "muziekwijk": "S. Özkan"}
    known = organisation("a", "Almere", contact_persons=persons)
    assert contact_person(known, PLACE) == "S. Özkan"
    assert contact_person(known, ("Almere Haven", "Almere")) == "K. de Bruin"
    assert contact_person(known, ("Maastricht",)) is None
    assert choose(PLACE, [known]).contact_person == "S. Özkan"


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from(PLACE), max_size=3, unique=True)))
def test_a_route_is_never_less_specific_than_another_claim(claims: dict[str, list[str]]) -> None:
    known = [organisation(id, *serves) for id, serves in claims.items()]
    try:
        route = choose(PLACE, known)
    except NoRoute:
        return
    better = PLACE[: PLACE.index(route.level)]
    assert not any(set(each.serves) & set(better) for each in known)
    assert [each for each in known if route.level in each.serves] == [route.organisation]


DEBTS = organisation("debts", "Almere", themes={"schulden": "almere"})
WELFARE = organisation("welfare", "Muziekwijk", themes={"welzijn": "recept"})
DESK = organisation("desk", "Almere", themes={"alles": "balie"})


def taker(theme: str | None, *known: Organisation) -> str:
    """Who gets it, or why nobody does."""
    try:
        return choose(PLACE, known, theme=theme).organisation.id
    except NoRoute as error:
        return error.code


def test_the_theme_decides_before_the_smallest_place() -> None:
    assert taker("schulden", DEBTS, WELFARE) == "debts"
    assert taker("welzijn", DEBTS, WELFARE) == "welfare"
    assert taker("jeugd", DEBTS, WELFARE) == "no_route"


def test_a_theme_is_asked_for_where_there_are_several_and_nobody_guesses() -> None:
    assert taker(None, DEBTS, WELFARE) == "missing_theme"
    assert taker(None, WELFARE) == "welfare"
    assert taker(None, organisation("old", "Almere")) == "old", "who names none takes debts"
    assert themes_at(PLACE, [DEBTS, WELFARE]) == {"schulden", "welzijn"}
    assert themes_at(("Haven",), [DEBTS, WELFARE]) == frozenset()


def test_a_desk_for_everything_takes_what_is_left() -> None:
    assert taker(None, DEBTS, WELFARE, DESK) == "desk"
    assert taker("jeugd", DEBTS, WELFARE, DESK) == "desk"
    assert taker("schulden", DEBTS, DESK) == "debts", "at one place its own theme goes first"
    wide = organisation("wide", "Almere", themes={"welzijn": "recept"})
    near = organisation("near", "Muziekwijk", themes={"alles": "balie"})
    assert taker("welzijn", wide, near) == "near", "the smaller place goes first"


def test_an_organisation_with_two_themes_has_an_agreement_for_each() -> None:
    both = organisation("both", "Almere", themes={"schulden": "almere", "welzijn": "recept"})
    assert [both.agreed(theme) for theme in ("schulden", "welzijn", "jeugd")] == [
        "almere",
        "recept",
        "almere",
    ]
    assert DESK.agreed("jeugd") == "balie"
    assert theme_of(PLACE, [both], "welzijn") == "welzijn"
