"""Every look at a case stands in the audit trail, with the name of who looked."""

from gateway.board.case_choices import Act
from gateway.domain.states import State
from gateway.web.auth import GuardedRoute, Role
from tests.contract.quarantine.office import Office

LOOKS = ("board.case_shown", "quarantine.shown")


async def test_no_page_shows_a_case_unseen(office: Office) -> None:
    case, shown = office.case(office.first), 0
    for route in office.gateway.web.routes():
        if not isinstance(route, GuardedRoute) or Role.BEHEERDER not in route.roles:
            continue
        if "{kenmerk}" not in route.path or "GET" not in (route.methods or ()):
            continue
        for act in list(Act) if "{doen}" in route.path else [""]:
            path = route.path.replace("{kenmerk}", case.kenmerk).replace("{doen}", act)
            before = looks(office)
            if case.kenmerk in office.client.get(path).text:
                shown += 1
                assert looks(office) == [*before, "user:noor"], path
    assert shown > 2


async def test_a_question_about_a_mail_is_a_look_at_its_case(office: Office) -> None:
    case = office.case(office.first)
    asked = office.press(f"/quarantaine/{case.kenmerk}/weigeren", versie=str(case.version))
    assert case.kenmerk in asked
    assert looks(office) == ["user:noor"]
    assert office.case(office.first).state == State.QUARANTINED


def looks(office: Office) -> list[str]:
    return [row.actor for row in office.events(office.first) if row.kind in LOOKS]
