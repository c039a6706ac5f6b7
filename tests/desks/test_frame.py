"""The frame of the desks: tabs and numbers against brute force, pages by key, news, saved views."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import scenes
from tests.factories.cases import LITTER, OUTSIDE
from tests.factories.life import Town, make_town
from tests.factories.people import make_office, make_person, sign_in, token
from tests.factories.places import middle_of
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.vocabulary import Action, State
from webapp.desks.dispatch import views
from webapp.desks.dispatch.tabs import BEFORE_DISPATCH, CLOCK_RUNS, DESK
from webapp.desks.frame import pages, rows
from webapp.desks.frame.counts import count_tabs
from webapp.desks.frame.rows import read_key, read_page, write_key
from webapp.desks.map.filters import MapFilters
from webapp.desks.map.queries import View
from webapp.people.models import Role, SavedView

MEMBERS = {
    "new": lambda case, now: case.state is State.REPORTED,
    "verify": lambda case, now: case.state is State.VERIFYING,
    "dispatch": lambda case, now: case.state is State.OPENED,
    "returned": lambda case, now: case.state is State.RETURNED,
    "reopened": lambda case, now: case.state is State.REOPENED,
    "answered": lambda case, now: case.state is State.ANSWERED,
    "unplaced": lambda case, now: case.grid_id is None,
    "unrouted": lambda case, now: case.state in BEFORE_DISPATCH and not case.lead_department_id,
    "overdue": lambda case, now: (
        case.state in CLOCK_RUNS and case.due_at < now and case.clock_stopped_at is None
    ),
}


def make_busy(session) -> Town:
    """Cases in every state of a dispatcher's desk, some late, some without lead or place."""
    town = make_town(session)
    for _ in range(3):
        town.report()
        town.opened()
    town.report(draft={"condition_code": LITTER})
    town.report(draft={"lon": OUTSIDE[0], "lat": OUTSIDE[1]})
    town.step(town.report(), Action.ASK_VERIFICATION, "dispatcher")
    town.step(town.dispatched(), Action.RETURN, "member", note="不是我们的")
    town.step(town.handling(), Action.ANSWER, "member", note="好了")
    town.step(town.closed(), Action.REOPEN, "dispatcher", note="还是不亮")
    town.step(town.handling(), Action.ASK_EXTENSION, "head", note="要等零件")
    town.step(town.handling(), Action.ASK_EXTENSION, "member", note="人手不够")
    town.step(town.handling(), Action.ASK_HELP, "member", note="要交警")
    late = town.handling()
    late.due_at = town.now - timedelta(hours=1)
    return town


scene = scenes.by(busy=make_busy, town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def busy(town) -> Town:
    """A town made by `make_busy`."""
    return town


def looking(town: Town, name: str = "dispatcher", **filters) -> View:
    return View(town.ground.office, town.people[name], MapFilters(**filters), town.now)


def numbers(town: Town, tab: str, view: View) -> list[str]:
    page = read_page(town.session, DESK, DESK.tab(tab), view, "")
    return [row.number for row in page.rows]


@pytest.mark.parametrize("tab", MEMBERS)
def test_a_tab_holds_the_cases_that_belong_in_it_the_next_due_first(busy, tab):
    cases = busy.session.scalars(select(Case)).all()
    open_ones = [case for case in cases if case.state not in FINAL_STATES]
    expected = [case for case in open_ones if MEMBERS[tab](case, busy.now)]
    expected.sort(key=lambda case: (case.stage_due_at or case.due_at, case.id))
    assert expected
    assert numbers(busy, tab, looking(busy)) == [case.number for case in expected]


def test_the_number_on_each_tab_is_the_length_of_its_list(busy):
    view = looking(busy)
    counts = count_tabs(busy.session, DESK, view)
    assert counts == {tab.name: len(numbers(busy, tab.name, view)) for tab in DESK.tabs}
    assert min(counts.values()) > 0


def test_pages_by_key_show_every_case_once(busy, monkeypatch):
    monkeypatch.setattr(rows, "PAGE_ROWS", 3)
    view, seen, after = looking(busy), [], ""
    while True:
        page = read_page(busy.session, DESK, DESK.tab("overdue"), view, after)
        seen += [row.number for row in page.rows]
        if not (after := page.after):
            break
    for tab in ("new", "dispatch", "unplaced"):
        monkeypatch.setattr(rows, "PAGE_ROWS", 3)
        few, after = [], ""
        while True:
            page = read_page(busy.session, DESK, DESK.tab(tab), view, after)
            assert len(page.rows) <= 3
            few += [row.number for row in page.rows]
            if not (after := page.after):
                break
        monkeypatch.undo()
        assert few == numbers(busy, tab, view)
    assert seen == numbers(busy, "overdue", view)


def test_a_key_is_read_as_it_was_written(town):
    key = (town.now, 12345678901234)
    assert read_key(write_key(key)) == key


def test_the_filters_of_the_map_narrow_lists_and_numbers_alike(busy):
    view = looking(busy, group="E01")
    assert count_tabs(busy.session, DESK, view)["new"] == len(numbers(busy, "new", view)) == 1
    assert count_tabs(busy.session, DESK, looking(busy))["new"] == 5


def test_cases_of_another_office_are_never_on_the_desk(busy):
    other = make_office(
        busy.session, code="640121002", area_path="/640121/002/", number_prefix="XX"
    )
    stranger = make_person(busy.session, other, role=Role.DISPATCHER)
    view = View(other, stranger, MapFilters(), busy.now)
    assert set(count_tabs(busy.session, DESK, view).values()) == {0}


def test_a_dispatcher_of_a_part_sees_that_part(busy):
    community = busy.ground.grids[-1].area.path.rsplit("/", 2)[0] + "/"
    person = make_person(
        busy.session, busy.ground.office, role=Role.DISPATCHER, area_path=community
    )
    view = View(busy.ground.office, person, MapFilters(), busy.now)
    assert numbers(busy, "new", view) == []
    lon, lat = middle_of(busy.ground.grids[-1])
    inside = busy.report(draft={"lon": lon, "lat": lat})
    assert numbers(busy, "new", view) == [inside.number]


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.fixture
def at_desk(client, town, monkeypatch):
    """The dispatcher's browser; the clock stands at the town's time."""
    for module in (views, pages):
        monkeypatch.setattr(module, "now", lambda: town.now)
    town.session.commit()
    sign_in(client, town.people["dispatcher"])
    return client


def news(client, **args):
    return client.get("/desk/dispatch/news.json", query_string=args)


def test_the_page_shows_tabs_rows_and_where_they_are(at_desk, town):
    case = town.report()
    town.session.commit()
    page = at_desk.get("/desk/dispatch").get_data(as_text=True)
    assert case.number in page
    assert 'data-tab="unrouted"' in page
    assert f'data-lon="{case.lonlat[0]}"' in page


def test_an_empty_tab_says_what_would_come_there(at_desk):
    page = at_desk.get("/desk/dispatch?tab=returned", headers={"Accept-Language": "en"})
    assert "What a department gives back comes here, with its reason." in page.text


def test_news_count_what_others_brought_since_the_list_was_read(at_desk, town):
    first = news(at_desk, tab="new").json
    assert (first["arrived"], first["counts"]["new"]) == (0, 0)
    town.report()
    town.report()
    town.session.commit()
    after = news(at_desk, tab="new", seen=first["newest"])
    assert after.status_code == 200, after.text
    assert (after.json["arrived"], after.json["counts"]["new"]) == (2, 2)


def test_ones_own_steps_are_no_news(at_desk, town):
    case = town.opened()
    town.session.commit()
    before = news(at_desk, tab="verify").json["newest"]
    town.step(town.report(), Action.ASK_VERIFICATION, "dispatcher")
    town.session.commit()
    assert news(at_desk, tab="verify", seen=before).json["arrived"] == 0
    assert news(at_desk, tab="dispatch").json["counts"]["dispatch"] == 1
    assert case.state is State.OPENED


def test_news_are_not_sent_again_while_nothing_happens(at_desk, town):
    town.report()
    town.session.commit()
    first = news(at_desk)
    again = at_desk.get(
        "/desk/dispatch/news.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_row_is_given_anew_while_the_case_is_in_the_tab(at_desk, town):
    case = town.report()
    town.session.commit()
    address = f"/desk/dispatch/rows/{case.number}"
    assert case.number in at_desk.get(f"{address}?tab=new").text
    assert at_desk.get(f"{address}?tab=returned").status_code == 204


def test_a_view_is_saved_under_a_name_and_removed(at_desk, town):
    facts = {"page": "/desk/dispatch", "name": "路灯", "query": "tab=new&group=K01"}
    page = at_desk.get("/desk/dispatch")
    facts["csrf_token"] = token(at_desk, "/desk/dispatch")
    answer = at_desk.post("/views", data=facts)
    assert answer.location == "/desk/dispatch?tab=new&group=K01"
    page = at_desk.get("/desk/dispatch").text
    assert "/desk/dispatch?tab=new&amp;group=K01" in page
    view = town.session.scalars(select(SavedView)).one()
    sign_in(at_desk, town.people["manager"])
    gone = {"csrf_token": token(at_desk, "/me")}
    assert at_desk.post(f"/views/{view.id}/remove", data=gone).status_code == 404
    sign_in(at_desk, town.people["dispatcher"])
    gone = {"csrf_token": token(at_desk, "/me")}
    assert at_desk.post(f"/views/{view.id}/remove", data=gone).status_code == 302
    at_desk.get("/me")  # says that it is removed
    assert "路灯" not in at_desk.get("/desk/dispatch").text


def test_a_key_that_is_none_is_refused_in_words(at_desk):
    assert at_desk.get("/desk/dispatch?after=yesterday").status_code == 400


@pytest.mark.parametrize("name", ["member", "manager", "leader"])
def test_the_desk_is_for_dispatchers(client, town, name):
    town.session.commit()
    sign_in(client, town.people[name])
    assert client.get("/desk/dispatch").status_code == 403


def test_a_page_of_the_desk_takes_few_statements(at_desk, busy, statements):
    at_desk.get("/desk/dispatch")
    statements.clear()
    at_desk.get("/desk/dispatch")
    assert len(statements) <= 9, "\n".join(statements)


def test_a_list_is_read_in_the_order_of_an_index(busy, database):
    """No sort of all that waits, however much it is."""
    view = looking(busy)
    query = rows.in_order(busy.session, DESK, DESK.tab("new"), view, None, 41)
    words = query.compile(database, compile_kwargs={"literal_binds": True})
    with database.connect() as connection:
        if database.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all()
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
            connection.exec_driver_sql("SET enable_sort = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {words}").all()
    told = str(plan)
    assert "ix_cases_next_due" in told
    assert not re.search("B-TREE FOR ORDER BY|Sort", told), told


def test_the_rail_says_what_waits_on_ones_own_desks_alone(at_desk, town):
    town.report()
    town.opened()
    town.session.commit()
    first = at_desk.get("/desk/waiting.json")
    assert first.json == {"/desk/dispatch": 2}
    again = at_desk.get("/desk/waiting.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    sign_in(at_desk, town.people["member"])
    assert at_desk.get("/desk/waiting.json").json == {"/desk/department": 0}


def test_a_row_that_was_kept_is_written_anew_once_its_case_changes(at_desk, town):
    case = town.report()
    town.session.commit()
    first = at_desk.get("/desk/dispatch").text
    assert at_desk.get("/desk/dispatch").text.count(case.number) == first.count(case.number)
    case.description, case.near_edge = "灯杆歪了", True
    town.session.commit()
    page = at_desk.get("/desk/dispatch").text
    assert "灯杆歪了" in page
    english = at_desk.get("/desk/dispatch", headers={"Accept-Language": "en"}).text
    assert ("near an edge" in page, "near an edge" in english) == (False, True)
