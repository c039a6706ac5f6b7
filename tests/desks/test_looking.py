"""The area switcher of the top bar: it narrows what one looks at, everywhere alike, and no more."""

import re

import pytest
from werkzeug.datastructures import MultiDict

from tests import scenes
from tests.factories.life import Town, make_town
from tests.factories.people import make_person, sign_in, token
from tests.factories.places import middle_of
from webapp.cases.models import Case
from webapp.core import clock
from webapp.core.database import begin_write
from webapp.core.errors import NotFound
from webapp.core.jobs import Job
from webapp.desks.ledger.asking import read_address
from webapp.desks.ledger.job import order_file, write_job
from webapp.desks.map.queries import View
from webapp.people.areas import AreaChoice
from webapp.people.models import Duty, Person, Role

NUMBER = re.compile(r"TJ\d{6}-\d+")
ENGLISH = {"Accept-Language": "en"}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def communities(town) -> tuple[AreaChoice, AreaChoice]:
    """The two of the town: that of its first grid and that of its last."""
    areas = [town.ground.grids[at].area.parent for at in (0, -1)]
    return tuple(AreaChoice(area.code, area.name, area.path) for area in areas)


@pytest.fixture
def both(town) -> tuple[Case, Case]:
    """A case reported in each community."""
    points = [middle_of(town.ground.grids[at]) for at in (0, -1)]
    cases = tuple(town.report(draft={"lon": lon, "lat": lat}) for lon, lat in points)
    town.session.commit()
    return cases


@pytest.fixture
def at_desk(client, town, both):
    sign_in(client, town.people["dispatcher"])
    return client


def choose(client, path: str, back: str = "/desk/dispatch"):
    given = {"path": path, "next": back, "csrf_token": token(client, "/me")}
    return client.post("/area", data=given)


def shown(client, address: str) -> set[str]:
    return set(NUMBER.findall(client.get(address).text))


@pytest.mark.parametrize("page", ["/desk/dispatch", "/ledger", "/cases"])
def test_a_chosen_area_narrows_every_list_and_is_taken_back(at_desk, communities, both, page):
    first, last = (case.number for case in both)
    assert shown(at_desk, page) == {first, last}
    assert choose(at_desk, communities[0].path).status_code == 303
    assert shown(at_desk, page) == {first}
    choose(at_desk, communities[1].path)
    assert shown(at_desk, page) == {last}
    choose(at_desk, "")
    assert shown(at_desk, page) == {first, last}


def test_the_numbers_on_tabs_and_in_the_rail_follow(at_desk, town, communities):
    lon, lat = middle_of(town.ground.grids[0])
    town.report(draft={"lon": lon, "lat": lat})
    town.session.commit()
    numbers = []
    for area in (None, *communities):
        choose(at_desk, area.path if area else "")
        rail = at_desk.get("/desk/waiting.json").json["/desk/dispatch"]
        numbers.append((at_desk.get("/desk/dispatch/news.json").json["counts"]["new"], rail))
    assert numbers == [(3, 3), (2, 2), (1, 1)]


def test_a_browser_that_kept_the_numbers_of_one_area_is_not_told_that_they_hold(
    at_desk, communities
):
    for address in ("/desk/waiting.json", "/desk/dispatch/news.json"):
        choose(at_desk, communities[0].path)
        tag = {"If-None-Match": at_desk.get(address).headers["ETag"]}
        assert at_desk.get(address, headers=tag).status_code == 304
        choose(at_desk, communities[1].path)
        assert at_desk.get(address, headers=tag).status_code == 200


def test_the_map_counts_and_opens_at_the_area_alone(at_desk, communities):
    where = {"zoom": 12, "bbox": "100,30,110,45"}
    whole = at_desk.get("/map/cases.json", query_string=where).json
    bounds = re.compile(r'"bounds": (\[\[.+?\]\])')
    around = bounds.search(at_desk.get("/map").text)[1]
    choose(at_desk, communities[0].path)
    part = at_desk.get("/map/cases.json", query_string=where).json
    assert (sum(whole["total"]), sum(part["total"])) == (2, 1)
    assert bounds.search(at_desk.get("/map").text)[1] != around


def test_the_top_bar_shows_the_choice_on_every_page(at_desk, communities):
    choose(at_desk, communities[1].path)
    for page in ("/desk/dispatch", "/inbox", "/me"):
        text = at_desk.get(page).text
        assert f'<option value="{communities[1].path}" selected>' in text
        assert f'<option value="{communities[0].path}">' in text


def test_what_the_address_said_of_another_area_is_dropped_on_the_way_back(at_desk, communities):
    back = "/desk/dispatch?tab=new&community=1&after=3-4&lamp=red"
    assert choose(at_desk, communities[0].path, back).location == "/desk/dispatch?tab=new&lamp=red"
    assert choose(at_desk, communities[0].path, "//elsewhere.example/").location == "/"


def test_an_area_of_somebody_else_is_not_there(client, town, communities, both):
    person = make_person(
        town.session, town.ground.office, role=Role.DISPATCHER, area_path=communities[0].path
    )
    town.session.commit()
    sign_in(client, person)
    for path in (communities[1].path, town.ground.office.area_path, "/640121/002/", "x"):
        assert choose(client, path).status_code == 404
    assert shown(client, "/desk/dispatch") == {both[0].number}


def test_a_choice_never_outlives_the_right_to_it(client, town, communities, both):
    person = two_duties(town, communities)
    sign_in(client, person)
    choose(client, communities[1].path)
    assert shown(client, "/desk/dispatch") == {both[1].number}
    person.duties.pop()
    town.session.commit()
    assert shown(client, "/desk/dispatch") == {both[0].number}


def two_duties(town: Town, communities) -> Person:
    person = make_person(
        town.session, town.ground.office, role=Role.DISPATCHER, area_path=communities[0].path
    )
    person.duties.append(Duty(role=Role.DISPATCHER, area_path=communities[1].path))
    town.session.commit()
    return person


def test_who_looks_after_several_areas_may_choose_who_has_one_is_shown_no_switcher(
    client, town, communities, both
):
    sign_in(client, two_duties(town, communities))
    page = client.get("/desk/dispatch", headers=ENGLISH).text
    assert "all my areas" in page
    assert page.count('<option value="/640121/001/') == 2
    grid = town.ground.grids[0].area.path
    walker = make_person(town.session, town.ground.office, role=Role.GRID_MANAGER, area_path=grid)
    town.session.commit()
    sign_in(client, walker)
    assert "top-place" not in client.get("/desk/grid").text


def test_signing_in_begins_with_all_that_is_ones_own(at_desk, town, communities, both):
    choose(at_desk, communities[0].path)
    at_desk.post("/sign-out", data={"csrf_token": token(at_desk, "/me")})
    with at_desk.session_transaction() as session:
        session.clear()
    sign_in(at_desk, town.people["dispatcher"])
    assert len(shown(at_desk, "/desk/dispatch")) == 2


def test_the_leaders_numbers_are_of_the_area_chosen(client, town, communities, both):
    sign_in(client, town.people["leader"])
    first = re.compile(r"<dt>not ended</dt><dd><a [^>]+>(\d+)</a>")
    assert first.search(client.get("/desk/leader", headers=ENGLISH).text)[1] == "2"
    choose(client, communities[0].path)
    assert first.search(client.get("/desk/leader", headers=ENGLISH).text)[1] == "1"


def test_all_of_a_tab_are_all_that_are_shown(at_desk, town, communities, both):
    choose(at_desk, communities[0].path)
    sent = {"action": "open", "all": "1", "csrf_token": token(at_desk, "/me")}
    found = at_desk.post("/desk/dispatch/preview.json?tab=new", data=sent).json
    assert found["all"] == 1
    left = [one["number"] for one in found["left"]]
    assert found["going"] + left == [both[0].number]


def test_a_ledger_of_the_worker_is_of_the_area_that_was_looked_at(app, town, communities, both):
    person = two_duties(town, communities)
    asked = read_address(MultiDict({}))
    with app.test_request_context():
        view = View(person.office, person, asked.filters, clock.now(), communities[1])
        job = order_file(town.session, view, asked, "csv", photos=False, now=view.now)
        town.session.commit()
        job = town.session.get_one(Job, job.id)
        assert write_job(town.session, job)["rows"] == 1
        town.session.rollback()  # the next statement is to begin a transaction that writes
        begin_write(town.session)
        person.duties.pop()
        town.session.commit()
        with pytest.raises(NotFound):
            write_job(town.session, job)


def test_an_empty_list_says_that_only_an_area_is_shown(at_desk, communities, town, both):
    choose(at_desk, communities[0].path)
    words = f"Only {communities[0].name} is shown"
    assert words in at_desk.get("/desk/dispatch?tab=returned", headers=ENGLISH).text
    choose(at_desk, "")
    assert words not in at_desk.get("/desk/dispatch?tab=returned", headers=ENGLISH).text
