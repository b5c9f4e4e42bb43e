"""The figures over HTTP: filtered, refused in words, taken away, hidden where that was agreed."""

import csv
import io
import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from starlette.testclient import TestClient

from gateway.app import Gateway
from gateway.domain.pathway import Contact, Pathway
from gateway.domain.states import Event
from gateway.statistics.filters import filters
from gateway.statistics.sheet import Agreed, sheet
from gateway.statistics.tallies import Answer
from gateway.web.auth import Role
from tests.contract.statistics.conftest import visitor
from tests.moments import MONDAY
from tests.postgres import ON_BOTH
from tests.store.trail import HANDED, make_trail
from tests.story.place import Place
from tests.unit.cli.terminal import Terminal

ALL = "?periode=alles"


def numbers(client: TestClient, query: str = ALL) -> dict[str, Any]:
    """The figures as programs get them."""
    answer = client.get(f"/cijfers.json{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@ON_BOTH
def test_the_parts_add_up_to_the_whole(engine: str, beheerder: TestClient) -> None:
    for per in ("organisatie", "wijk", "praktijk", "zorgpad", "gemeente", "onderwerp"):
        found = numbers(beheerder, f"{ALL}&per={per}&stap=week")
        assert found["total"]["received"] == 20
        for rows in (found["rows"], found["over_time"]["rows"]):
            for name in ("received", "collected", "contacted", "met", "on_time", "late", "waiting"):
                assert sum(row[name] for row in rows) == found["total"][name], (per, name)
    assert numbers(beheerder, f"{ALL}&zorgpad=almere")["total"]["received"] == 20
    (theme,) = numbers(beheerder, f"{ALL}&per=onderwerp")["rows"]
    assert (theme["kind"], theme["name"]) == ("onderwerp", "schulden")
    for only, received in (("gemeente=Almere", 20), ("onderwerp=schulden", 20)):
        assert numbers(beheerder, f"{ALL}&{only}&per=wijk")["total"]["received"] == received
    assert {row["name"] for row in numbers(beheerder, f"{ALL}&per=praktijk")["rows"]} == {
        "filmwijk",
        "stedenwijk",
    }


def test_the_page_says_what_the_command_says(gateway: Gateway, place: Place, beheerder: TestClient) -> None:
    make_trail(gateway.store, "new", MONDAY - timedelta(hours=9), *HANDED)
    told = Terminal(place.directory)("report", "--json", "--now", MONDAY.isoformat()).json["rows"]
    text = beheerder.get("/cijfers" + ALL).text
    cards = re.findall(r'<strong class="figure">([^<]+)</strong>', text)
    for total in (numbers(beheerder)["total"], next(row for row in told if row["name"] == "all")):
        hours = f"{total['p50_hours']:.1f}".replace(".", ",")
        assert cards == [
            str(total["received"]),
            f"{total['share_on_time']:.0%}",
            hours,
            str(total["waiting"]),
        ]
    assert len(set(cards)) == len(cards), "no figure stands in the place of another"
    assert "style=" not in text
    assert "IB-" not in text.replace('placeholder="IB-7K3F-9QXM"', ""), "no kenmerk stands among figures"


def judged(client: TestClient, query: str = ALL) -> tuple[list[str], dict[str, list[str]]]:
    """The table of what was on time: its columns, and the cells of each row."""
    text = client.get(f"/cijfers{query}").text
    _, _, table = text.partition("Zaken en het deel dat op tijd is gesproken")
    head, _, body = table.partition("</table>")[0].partition("<tbody>")
    cells = re.compile(r"<t[hd][^>]*>([^<]*)</t[hd]>")
    rows = [cells.findall(row) for row in body.split("</tr>") if "<td" in row]
    return cells.findall(head)[1:], {name: values for name, *values in rows}


def test_who_has_no_term_is_neither_on_time_nor_late_nor_waiting(
    gateway: Gateway, beheerder: TestClient
) -> None:
    begun, there = MONDAY - timedelta(days=9), {"wijk": "Literatuurwijk"}
    make_trail(gateway.store, "back", begun, *HANDED, (Event.WITHDRAWN, 5.0), **there)
    make_trail(gateway.store, "asked", begun, (Event.NEEDS_INFO, 0.1), **there)
    make_trail(gateway.store, "late", begun, *HANDED, (Event.CONTACTED, 80.0), **there)
    make_trail(gateway.store, "waits", MONDAY - timedelta(hours=9), *HANDED, **there)
    columns, rows = judged(beheerder, f"{ALL}&per=wijk")
    assert columns == ["Ontvangen", "Op tijd", "Te laat", "Wacht nog", "Zonder termijn", "Deel op tijd"]
    assert rows["Literatuurwijk"] == ["4", "0", "1", "1", "2", "0%"]
    for received, on_time, late, waiting, without in (map(int, row[:5]) for row in rows.values()):
        assert received == on_time + late + waiting + without
    assert "Zonder termijn zijn de andere zaken:" in beheerder.get(f"/cijfers{ALL}").text
    # Where small numbers are hidden it would tell what they are.
    assert "Zonder termijn" not in judged(beheerder, f"{ALL}&per=wijk&klein=1")[0]


def test_what_happens_later_counts_at_the_next_look(gateway: Gateway, beheerder: TestClient) -> None:
    before = numbers(beheerder)["total"]
    make_trail(gateway.store, "new", MONDAY - timedelta(hours=9), *HANDED, (Event.CONTACTED, 2.0))
    after = numbers(beheerder)["total"]
    assert after["received"] == before["received"] + 1
    assert after["contacted"] == before["contacted"] + 1
    assert after["on_time"] == before["on_time"] + 1


def test_a_period_has_all_of_its_last_day(gateway: Gateway, beheerder: TestClient) -> None:
    day = "2031-06-30"
    for name, hour in (("before", -2.1), ("first", -1.9), ("last", 21.9), ("after", 22.1)):
        # Midnight in Amsterdam is 22:00 of the day before in UTC, in summer.
        at = MONDAY.replace(year=2031, month=6, day=30, hour=0, minute=0) + timedelta(hours=hour)
        make_trail(gateway.store, name, at, *HANDED)
    assert numbers(beheerder, f"?van={day}&tot={day}")["total"]["received"] == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?van=31-12-2026&tot=", "van"),
        ("?van=2026-12-31&tot=2026-01-01", "tot"),
        ("?van=&tot=9999-12-31", "tot"),
        ("?van=%3Cscript%3Ealert(1)%3C/script%3E", "van"),
        ("?periode=eeuw", "periode"),
        ("?per=patient", "per"),
        ("?stap=uur", "stap"),
        ("?praktijk=onbekend", "praktijk"),
        (f"?wijk={'x' * 300}", "wijk"),
        ("?gemeente=Nergenshuizen", "gemeente"),
        ("?onderwerp=onbekend", "onderwerp"),
    ],
)
def test_a_question_that_is_not_right_is_told_in_words(beheerder: TestClient, query: str, field: str) -> None:
    answer = beheerder.get("/cijfers" + query)
    assert answer.status_code == 422
    assert "klopt niet helemaal" in answer.text
    assert "<script>alert" not in answer.text
    told = beheerder.get("/cijfers.json" + query, headers={"Accept": "application/json"})
    assert told.status_code == 422
    assert [each["veld"] for each in told.json()["fouten"]] == [field]
    assert beheerder.get("/cijfers/afdruk" + query).status_code == 422


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("9999-12-31", 'value="9999-12-31"'), ("99991231", 'value="9999-12-31"'), ("morgen", ""), ("", "")],
)
def test_a_field_for_a_date_shows_what_was_typed_when_it_is_a_date(
    beheerder: TestClient, typed: str, shown: str
) -> None:
    page = beheerder.get("/cijfers", params={"van": "vandaag", "tot": typed}).text
    (field,) = re.findall(r'<input type="date" id="tot"[^>]*', page)
    assert re.findall("value=[^ ]*", field) == ([shown] if shown else [])


def test_a_spreadsheet_gets_dutch_cells_and_no_formula(gateway: Gateway, beheerder: TestClient) -> None:
    for number in range(2):
        evil = {"wijk": "=1+1", "practice_id": "@filmwijk"}
        make_trail(gateway.store, f"x{number}", MONDAY - timedelta(days=1), *HANDED, **evil)
    answer = beheerder.get(f"/cijfers.csv{ALL}&per=wijk")
    assert answer.headers["content-disposition"] == 'attachment; filename="inbeeld-cijfers.csv"'
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeffSoort;Naam;Ontvangen;")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert "'=1+1" in [row[1] for row in rows]
    assert not [cell for row in rows[1:] for cell in row if cell[:1] in ("=", "+", "@")]
    share = rows[1][rows[0].index("Deel op tijd")]
    assert share.startswith("0,")


def test_small_numbers_are_hidden_wherever_they_would_stand(gateway: Gateway, beheerder: TestClient) -> None:
    for number in range(2):
        make_trail(gateway.store, f"few{number}", MONDAY - timedelta(days=2), *HANDED, wijk="Literatuurwijk")
    shown = numbers(beheerder, f"{ALL}&per=wijk")
    few = next(row for row in shown["rows"] if row["name"] == "Literatuurwijk")
    assert few["received"] == 2
    hidden = numbers(beheerder, f"{ALL}&per=wijk&klein=1")
    assert hidden["suppressed_below"] == 5
    row = next(row for row in hidden["rows"] if row["name"] == "Literatuurwijk")
    assert row["received"] == "<5"
    assert (row["share_on_time"], row["p50_hours"], row["hours_gateway"]) == (None, None, None)
    column = [hidden["total"]["received"], *(row["received"] for row in hidden["rows"])]
    assert sum(isinstance(cell, str) for cell in column) > 1, "one hidden number follows by subtraction"
    text = beheerder.get(f"/cijfers{ALL}&per=wijk&klein=1").text
    assert "het verschil kan een klein aantal zijn" in text, "each overview hides its own small numbers"
    assert "&lt;5" in text
    assert "kleiner dan 5" in text


def test_a_practice_that_agreed_to_overall_figures_gets_no_small_ones(
    overall: Gateway, beheerder_of_overall: TestClient
) -> None:
    found = numbers(beheerder_of_overall, f"{ALL}&praktijk=filmwijk&per=wijk")
    assert found["suppressed_below"] == 5
    assert "over het geheel" in beheerder_of_overall.get(f"/cijfers{ALL}&praktijk=filmwijk").text
    assert numbers(beheerder_of_overall, f"{ALL}&praktijk=stedenwijk")["suppressed_below"] is None


@pytest.mark.parametrize("more", ["", "&wijk=Filmwijk", "&organisatie=wijkteam-haven"])
def test_nor_does_it_where_practices_stand_beside_each_other(
    overall: Gateway, beheerder_of_overall: TestClient, more: str
) -> None:
    found = numbers(beheerder_of_overall, f"{ALL}&per=praktijk{more}")
    assert found["suppressed_below"] == 5
    assert "over het geheel" in beheerder_of_overall.get(f"/cijfers{ALL}&per=praktijk{more}").text
    whole = numbers(beheerder_of_overall, f"{ALL}&per=wijk{more}")
    assert whole["suppressed_below"] is None, "without practices there is nothing of one of them to hide"


def test_the_command_hides_the_same(overall: Gateway, place: Place) -> None:
    report = Terminal(place.directory)
    for words, below in (
        (("--by", "practice"), 5),
        (("--practice", "filmwijk"), 5),
        (("--by", "wijk"), None),
    ):
        assert report("report", *words, "--json").json["suppressed_below"] == below
    assert "no practice 'onbekend'" in report("report", "--practice", "onbekend").err
    told = report("report", "--gemeente", "Almere", "--theme", "schulden", "--by", "theme", "--json").json
    assert [(row["kind"], row["name"], row["received"]) for row in told["rows"]] == [
        ("total", "all", 20),
        ("theme", "schulden", 20),
    ]
    wrong = report("report", "--practice", "wijkteam-haven")
    assert "that is one for --organisation" in wrong.err


def test_where_few_were_reached_nobody_is_told_how_long_it_took(
    gateway: Gateway, beheerder: TestClient
) -> None:
    for number in range(7):
        reached = ((Event.CONTACTED, 100.0),) if number == 0 else ()
        old = MONDAY - timedelta(days=9)
        make_trail(gateway.store, f"few{number}", old, *HANDED, *reached, wijk="Literatuurwijk")
    rows = numbers(beheerder, f"{ALL}&per=wijk&klein=1")["rows"]
    row = next(row for row in rows if row["name"] == "Literatuurwijk")
    assert (row["received"], row["on_time"], row["late"]) == (7, 0, 7)
    assert isinstance(row["contacted"], str), "hidden"
    assert (row["p50_hours"], row["p90_hours"]) == (None, None)


def test_weeks_that_are_too_many_are_called_the_months_they_become(
    gateway: Gateway, beheerder: TestClient
) -> None:
    asked = f"{ALL}&stap=week"
    assert numbers(beheerder, asked)["over_time"]["step"] == "week"
    assert "te veel weken" not in beheerder.get(f"/cijfers{asked}").text
    make_trail(gateway.store, "old", MONDAY - timedelta(days=900), *HANDED)
    assert numbers(beheerder, asked)["over_time"]["step"] == "maand"
    assert "\r\nmaand;" in beheerder.get(f"/cijfers.csv{asked}").content.decode()
    for path in ("/cijfers", "/cijfers/afdruk"):
        page = beheerder.get(path + asked).text
        assert "te veel weken" in page
        assert "week van" not in page


def test_a_colleague_of_an_organisation_sees_neither_figures_nor_health(gateway: Gateway) -> None:
    with visitor(gateway, Role.MEDEWERKER) as client:
        for path in ("/cijfers", "/cijfers.csv", "/cijfers.json", "/cijfers/afdruk", "/gezondheid"):
            assert client.get(path).status_code == 404


def test_nothing_is_no_mistake(beheerder: TestClient) -> None:
    for path in ("/cijfers", "/cijfers/afdruk", "/cijfers.csv", "/cijfers.json"):
        assert beheerder.get(f"{path}?van=2001-01-01&tot=2001-01-31").status_code == 200


def test_on_paper_it_says_in_sentences_what_was_asked(beheerder: TestClient) -> None:
    asked = "?periode=eigen&van=2026-01-01&tot=2026-12-31&wijk=Filmwijk"
    page = html.fromstring(beheerder.get("/cijfers/afdruk" + asked).text)
    told = " ".join(page.xpath("string(//main/p)").split())
    assert told.startswith(
        "Ontvangen vanaf 01-01-2026. Tot en met 31-12-2026. Alleen wijk: Filmwijk. Stand van "
    )


@pytest.mark.parametrize(
    ("terms", "norm"),
    [
        ([{"days": 3}, {"days": 3}], (72.0, None)),
        ([{"days": 3, "count": "working"}], (None, 3)),
        ([{"days": 3}, {"days": 3, "count": "working"}], (None, None)),
        ([{"days": 3}, {"days": 2}], (None, None)),
    ],
)
def test_what_was_agreed_is_drawn_or_said_where_it_is_one(
    terms: list[dict[str, object]], norm: tuple[float | None, int | None]
) -> None:
    made = [Contact.model_validate(each) for each in terms]
    pathways = {f"p{at}": Pathway(name=f"p{at}", title="p", contact=each) for at, each in enumerate(made)}
    asked, wrong = filters({}, date(2026, 3, 1), {}, lambda sentence, **_: sentence)
    assert not wrong
    zone = ZoneInfo("Europe/Amsterdam")
    found = sheet(lambda _: Answer(pathways=set(pathways)), asked, Agreed(pathways, pathways["p0"], {}), zone)
    assert (found.norm_hours, found.norm_days) == norm
