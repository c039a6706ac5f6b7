"""The desk of who walks the grids: tasks nearest first, mended on the spot, my week."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from gis.coordinates import distance_m
from tests import scenes
from tests.factories.cases import LITTER, OUTSIDE, picture
from tests.factories.desks import in_order, looking, numbers
from tests.factories.life import Town, make_town
from tests.factories.people import make_office, make_person, sign_in, token
from tests.factories.places import middle_of
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.vocabulary import Action, PhotoKind, Source, State
from webapp.core import clock
from webapp.desks.frame.counts import count_tabs
from webapp.desks.frame.rows import read_page
from webapp.desks.grid.views import DESK
from webapp.desks.grid.week import monday_of, week_of
from webapp.people.models import Role

CEILING = 20  # statements for a page, whatever lies on the desk
JSON = {"Accept": "application/json"}


@pytest.fixture
def west(town):
    """The path of the western community, and somebody who walks it alone."""
    path = town.ground.grids[0].area.path.rsplit("/", 2)[0] + "/"
    manager = make_person(town.session, town.ground.office, role=Role.GRID_MANAGER, area_path=path)
    town.session.commit()
    return manager


def at(town: Town, grid: int) -> dict:
    lon, lat = middle_of(town.ground.grids[grid])
    return {"draft": {"lon": lon, "lat": lat}}


def make_busy(session) -> Town:
    """To verify and to check in every grid, and others."""
    town = make_town(session)
    for grid in range(8):
        town.step(town.report(**at(town, grid)), Action.ASK_VERIFICATION, "dispatcher")
        town.checking(**at(town, grid))
    town.report()
    town.closed()
    return town


scene = scenes.by(busy=make_busy, town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def busy(town) -> Town:
    """A town made by `make_busy`."""
    return town


def test_tabs_hold_what_is_to_verify_to_check_and_open_in_ones_area(busy, west):
    everywhere = busy.people["inspector"]
    path = west.duties[0].area_path
    for person, inside in ((everywhere, ""), (west, path)):
        cases = [c for c in busy.session.scalars(select(Case)) if c.area.path.startswith(inside)]
        for tab, states in (("verify", {State.VERIFYING}), ("check", {State.CHECKING})):
            expected = [case for case in cases if case.state in states]
            assert numbers(busy, DESK, tab, person) == in_order(expected)
            assert expected
        still_open = [case for case in cases if case.state is not State.CLOSED]
        assert numbers(busy, DESK, "open", person) == in_order(still_open)


def test_another_offices_manager_sees_nothing(busy):
    stranger = make_person(busy.session, make_office(busy.session), role=Role.GRID_MANAGER)
    assert set(count_tabs(busy.session, DESK, looking(busy, stranger)).values()) == {0}


def test_with_a_position_the_nearest_comes_first(busy):
    person, here = busy.people["inspector"], middle_of(busy.ground.grids[5])
    view = looking(busy, person)
    page = read_page(busy.session, DESK, DESK.tab("verify"), view, "", here)

    away = [distance_m(here, (row.facts.lon, row.facts.lat)) for row in page.rows]
    assert [round(metres) for metres in away] == sorted(round(metres) for metres in away)
    assert {row.number for row in page.rows} == set(numbers(busy, DESK, "verify", person))
    assert page.rows[0].notes[0].words == "0 m away"
    assert len({row.notes[0].words for row in page.rows}) > 2


def test_what_has_no_place_comes_last(busy):
    lost = busy.report()
    lost.location = None
    busy.session.flush()
    here = middle_of(busy.ground.grids[0])
    page = read_page(busy.session, DESK, DESK.tab("open"), looking(busy, busy.people["inspector"]),
                     "", here)  # fmt: skip
    assert page.rows[-1].number == lost.number


@pytest.mark.parametrize("near", ["north", "1", "200,95", "nan,nan", "1,2,3", "inf,0"])
def test_a_position_that_is_none_is_refused_in_words(client, busy, near):
    sign_in(client, busy.people["manager"])
    assert client.get(DESK.path, query_string={"near": near}).status_code == 400


def test_the_page_asks_the_database_the_same_few_times_however_much_there_is(
    client, busy, statements
):
    sign_in(client, busy.people["manager"])
    client.get(DESK.path)
    asked = []
    for more in (1, 11):
        for _ in range(more):
            busy.step(busy.report(), Action.ASK_VERIFICATION, "dispatcher")
        busy.session.commit()
        statements.clear()
        assert client.get(f"{DESK.path}?near=106.25,38.28").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= CEILING


# --- mended on the spot -------------------------------------------------------------------------


def mended(client, place, **facts):
    data = {
        "csrf_token": token(client, "/desk/grid/mended"),
        "submission_uuid": str(uuid.uuid4()),
        "lon": place[0],
        "lat": place[1],
        "accuracy_m": "6.0",
        "placed_by": "device",
        "condition": LITTER,
        "done": "垃圾已装袋清走",
        "photos": (BytesIO(picture(colour="brown")), "before.jpg"),
        "after": (BytesIO(picture(colour="green")), "after.jpg"),
    }
    sent = {name: value for name, value in (data | facts).items() if value is not None}
    return client.post("/desk/grid/mended", data=sent, headers=JSON)


def test_what_was_mended_is_reported_and_done_in_one_commit(client, town, west, session):
    sign_in(client, west)
    answer = mended(client, middle_of(town.ground.grids[0]))
    assert answer.status_code == 200, answer.text
    session.rollback()
    case = session.scalars(select(Case)).one()
    assert answer.json["location"] == f"/cases/{case.number}"
    assert (case.state, case.source, case.self_handled) == (
        State.REPORTED, Source.GRID_MANAGER, True,
    )  # fmt: skip
    assert case.result == "垃圾已装袋清走"
    kinds = set(session.scalars(select(Photo.kind).where(Photo.case_id == case.id)))
    assert kinds == {PhotoKind.BEFORE, PhotoKind.AFTER}
    events = [(e.action, e.actor_id) for e in case.events]
    assert events == [(Action.REPORTED, west.id), (Action.SELF_HANDLE, west.id)]
    town.now = clock.now()
    town.step(case, Action.CLOSE, "dispatcher", note="照片已看")
    assert case.state is State.CLOSED


def test_the_same_form_sent_twice_is_one_case(client, town, west, session):
    sign_in(client, west)
    once = {"submission_uuid": str(uuid.uuid4())}
    place = middle_of(town.ground.grids[0])
    assert mended(client, place, **once).json == mended(client, place, **once).json
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 1
    assert session.scalar(select(func.count()).select_from(CaseEvent)) == 2


@pytest.mark.parametrize(
    ("left_out", "field"),
    [({"photos": None}, "photos"), ({"after": None}, "after"), ({"done": " "}, "done"),
     ({"condition": "X9"}, "condition"), ({"lon": None, "lat": None}, "position")],
)  # fmt: skip
def test_what_is_missing_is_said_beside_its_field_and_nothing_is_kept(
    client, town, west, session, left_out, field
):
    sign_in(client, west)
    answer = mended(client, middle_of(town.ground.grids[0]), **left_out)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_outside_ones_own_area_it_is_to_be_reported_instead(client, town, west, session):
    sign_in(client, west)
    for place in (middle_of(town.ground.grids[-1]), OUTSIDE):
        answer = mended(client, place)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["position"]
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_a_photo_that_is_none_is_refused_beside_the_photos(client, town, west):
    sign_in(client, west)
    broken = {"after": (BytesIO(b"no picture"), "after.jpg")}
    answer = mended(client, middle_of(town.ground.grids[0]), **broken)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["photos"])


# --- my week ------------------------------------------------------------------------------------


def test_a_week_counts_what_one_did_day_by_day(busy, west):
    manager = busy.people["manager"]
    monday = monday_of(manager, "", busy.now)
    week = week_of(busy.session, manager, monday)
    own = [e for e in busy.session.scalars(select(CaseEvent)) if e.actor_id == manager.id]
    verified = [e for e in own if e.action is Action.VERIFY]
    assert week.total(Action.VERIFY) == len(verified) > 0
    assert week.total(Action.PASS_CHECK) == 1
    assert sum(week.of_day(day, Action.VERIFY) for day in week.days) == len(verified)
    assert {row.id for row in week.cases} == {e.case_id for e in own}
    assert week_of(busy.session, west, monday).cases == []
    assert week_of(busy.session, manager, monday - timedelta(days=7)).counts == {}


def test_a_week_says_what_became_of_ones_reports(town, west):
    for _ in range(2):
        town.report(draft={"person_id": west.id, "source": Source.GRID_MANAGER})
    town.step(town.cases[0], Action.SELF_HANDLE, "manager", note="好了")
    town.step(town.cases[0], Action.CLOSE, "dispatcher", note="好")
    week = week_of(town.session, west, monday_of(west, "", town.now))
    assert week.outcomes == {State.CLOSED: 1, State.REPORTED: 1}
    assert week.total(Action.REPORTED) == 2


@pytest.mark.parametrize("week", ["", "2026-11-24", "yesterday", "0001-01-01", "9999-12-31", "1"])
def test_any_week_can_be_asked_for(client, busy, week):
    sign_in(client, busy.people["manager"])
    assert client.get("/desk/grid/week", query_string={"week": week}).status_code == 200


def test_a_week_begins_on_its_monday_in_the_offices_zone(town):
    person = town.people["manager"]
    assert monday_of(person, "2026-11-29", town.now).isoformat() == "2026-11-23"
    sunday_night = town.now.replace(day=22, hour=20)  # in China it is Monday by then
    assert monday_of(person, "", sunday_night).isoformat() == "2026-11-23"
