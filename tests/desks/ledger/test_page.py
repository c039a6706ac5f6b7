"""The page of the ledger: what stands in it, who sees what, and that its address holds all."""

import re

import pytest

from tests.factories.cases import make_case
from tests.factories.life import Town
from tests.factories.people import make_office, make_person, sign_in, token
from webapp.cases.ledger.columns import COLUMNS, SHOWN
from webapp.cases.vocabulary import State
from webapp.desks.ledger import paging
from webapp.people.models import Role


def numbers(page) -> list[str]:
    return re.findall(r'<a class="mono" href="/cases/([^"]+)"', page.text)


def test_it_shows_all_cases_the_newest_first(client, dispatcher, ledger):
    page = client.get("/ledger")
    cases = sorted(ledger.cases.values(), key=lambda c: (c.reported_at, c.id), reverse=True)
    assert numbers(page) == [case.number for case in cases]
    assert f"of {len(cases)}" in page.text
    for column in SHOWN:
        assert f'data-label="{column.name_en}"' in page.text


def test_all_columns_stand_on_the_page_when_asked_for(client, dispatcher, ledger):
    page = client.get("/ledger", query_string={"columns": ",".join(c.key for c in COLUMNS)})
    for column in COLUMNS:
        assert f'data-label="{column.name_en}"' in page.text
    assert "综合执法队" in page.text
    few = client.get("/ledger?columns=remark")
    assert 'data-label="Address"' not in few.text
    assert "@all" in few.text


def test_words_of_people_are_escaped(client, dispatcher, ledger, session):
    ledger.cases["opened"].remark = "<script>alert(1)</script>"
    session.commit()
    page = client.get("/ledger?columns=remark").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_filters_are_those_of_the_map(client, dispatcher, ledger):
    cases = ledger.cases
    closed = numbers(client.get("/ledger?state=closed"))
    assert closed == [cases["closed"].number]
    department = numbers(client.get(f"/ledger?department={ledger.town.centre.code}"))
    assert cases["late"].number in department
    assert cases["formula"].number in department, "routed there, though not yet dispatched"
    assert cases["long"].number not in department
    assert numbers(client.get("/ledger?since=2031-01-01")) == []


def test_pages_follow_each_other_and_the_serial_goes_on(client, dispatcher, ledger, monkeypatch):
    monkeypatch.setattr(paging.read_page, "__defaults__", (4,))
    seen, address = [], "/ledger?sort=due"
    while address:
        page = client.get(address)
        seen += numbers(page)
        found = re.search(r'rel="next nofollow" href="([^"]+)"', page.text)
        address = found[1].replace("&amp;", "&") if found else None
    cases = sorted(ledger.cases.values(), key=lambda c: (c.due_at, c.id))
    assert seen == [case.number for case in cases]
    assert f"rows 9 to {len(cases)} of {len(cases)}" in page.text
    back = re.search(r'rel="prev nofollow" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert numbers(client.get(back)) == seen[4:8]


def test_more_than_ten_thousand_are_not_counted(client, dispatcher, ledger, monkeypatch):
    monkeypatch.setattr(paging.count_up_to, "__defaults__", (5,))
    monkeypatch.setattr("webapp.desks.ledger.views.COUNTED", 5)
    assert "of more than 5" in client.get("/ledger").text


@pytest.mark.parametrize(
    "address", ["/ledger?sort=colour", "/ledger?columns=x", "/ledger?after=~", "/ledger?state=x"]
)
def test_what_cannot_be_asked_for_is_told_in_words(client, dispatcher, address):
    page = client.get(address)
    assert page.status_code == 400
    assert "x" in page.text


def test_an_empty_ledger_says_what_it_is(client, session):
    person = make_person(session, make_office(session), Role.DISPATCHER)
    session.commit()
    sign_in(client, person)
    assert "台账还是空的" in client.get("/ledger").text


def test_a_page_takes_few_statements(client, dispatcher, ledger, statements):
    client.get("/ledger")
    statements.clear()
    client.get("/ledger")
    assert sum(s.lstrip().startswith("SELECT") for s in statements) <= 14


@pytest.fixture
def seen_by(client, session, ledger):
    def look(role: Role, **facts) -> set[str]:
        person = make_person(session, ledger.town.ground.office, role, **facts)
        session.commit()
        sign_in(client, person)
        return set(numbers(client.get("/ledger")))

    return look


def elsewhere(town: Town) -> str:
    """The path of the other community, in which none of the cases lies."""
    return town.ground.grids[-1].area.parent.path


def test_each_role_sees_what_is_theirs(seen_by, ledger):
    everything = {case.number for case in ledger.cases.values()}
    for role in (Role.DISPATCHER, Role.LEADER, Role.INSPECTOR, Role.ADMINISTRATOR):
        assert seen_by(role) == everything
    away = elsewhere(ledger.town)
    assert seen_by(Role.GRID_MANAGER, area_path=away) == set()
    own = ledger.cases["opened"].area.path
    placed = {case.number for case in ledger.cases.values() if case.grid_id}
    assert seen_by(Role.GRID_MANAGER, area_path=own) == placed


def test_a_department_elsewhere_sees_its_own_cases(seen_by, ledger):
    town = ledger.town
    facts = {"department": town.centre, "area_path": elsewhere(town)}
    own = {c.number for c in ledger.cases.values() if c.lead_department_id == town.centre.id}
    assert seen_by(Role.DEPARTMENT_MEMBER, **facts) == own
    assert own


def test_another_office_sees_nothing_of_it(client, session, ledger):
    other = make_office(session, area_path="/640122/001/")
    person = make_person(session, other, Role.LEADER)
    session.commit()
    sign_in(client, person)
    assert numbers(client.get("/ledger")) == []


def test_who_has_not_signed_in_is_asked_to(client, ledger):
    assert client.get("/ledger").status_code == 302
    assert client.get("/ledger/files").status_code == 302
    assert client.get("/ledger/import").status_code == 302


def test_a_view_is_kept_with_its_whole_address(client, dispatcher, ledger):
    form = {"csrf_token": token(client, "/ledger?sort=due&state=open"), "page": "/ledger",
            "query": "state=open&sort=due", "name": "急件"}  # fmt: skip
    client.post("/views", data=form)
    page = client.get("/ledger").text
    assert "急件" in page
    assert 'href="/ledger?state=open&amp;sort=due"' in page


def test_final_states_stay_in_the_ledger(client, dispatcher, ledger, session):
    case = make_case(session, ledger.town.ground.office, state=State.CANCELLED)
    session.commit()
    assert case.number in numbers(client.get("/ledger"))
