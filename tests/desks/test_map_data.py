"""The JSON doors of the map: what they count, how they refuse, what the public never sees."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.factories.people import make_office, make_person, sign_in
from tests.factories.places import MADE_AT, SOUTH, WEST, make_area
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State
from webapp.cases.words import lamp_of
from webapp.core import clock
from webapp.desks.map.queries import TALLY
from webapp.people.models import Role
from webapp.places.models import Area, Community

BOX = f"{WEST - 0.001},{SOUTH - 0.001},{WEST + 0.005},{SOUTH + 0.003}"
CLOSE, FAR = 18, 9
RED, AMBER, GREEN, PAUSED, NONE = range(5)


@pytest.fixture
def cases_json(client, town):
    def get(zoom=CLOSE, bbox=BOX, **filters):
        answer = client.get("/map/cases.json", query_string={"zoom": zoom, "bbox": bbox} | filters)
        assert answer.status_code == 200, answer.text
        return answer.json

    return get


@pytest.fixture
def staff(session, client, town):
    person = make_person(session, town.office, Role.DISPATCHER)
    session.commit()
    sign_in(client, person)
    return person


def counts(rows) -> dict[int, list[int]]:
    return {row[0]: row[1:] for row in rows}


def test_boundaries_come_as_geojson_simplified_by_zoom(client, town):
    communities = client.get("/map/areas.json?layer=communities&zoom=12").json
    assert [f["properties"]["code"] for f in communities["features"]] == [
        "640121001001",
        "640121001002",
    ]
    grids = client.get(f"/map/areas.json?layer=grids&zoom=18&bbox={BOX}").json
    assert len(grids["features"]) == 8
    one = grids["features"][0]
    assert one["id"] == town.grids[0].area_id
    assert one["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert one["properties"]["community"] == town.grids[0].community.area_id


def test_only_grids_that_meet_the_box_come(client, town):
    west = f"{WEST + 0.0002},{SOUTH + 0.0002},{WEST + 0.0004},{SOUTH + 0.0004}"
    grids = client.get(f"/map/areas.json?layer=grids&zoom=18&bbox={west}").json
    assert [f["properties"]["code"] for f in grids["features"]] == ["640121001001003"]


def test_boundaries_are_kept_by_the_browser_while_their_revision_stands(client, session, town):
    address = f"/map/areas.json?layer=communities&zoom=12&revision={town.office.revision}"
    first = client.get(address)
    assert first.cache_control.max_age == 86400
    for encoding in ("identity", "gzip", "zstd"):
        got = client.get(address, headers={"Accept-Encoding": encoding})
        ask = {"Accept-Encoding": encoding, "If-None-Match": got.headers["ETag"]}
        assert client.get(address, headers=ask).status_code == 304
    session.get_one(Community, town.grids[0].community_id).name = "Another name"
    town.office.revision += 1
    session.commit()
    changed = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.cache_control.no_cache
    assert "Another name" in changed.text


def test_far_away_communities_are_counted_and_near_by_grids(cases_json, put, town):
    put(0)
    put(1)
    put(7)
    far, close = cases_json(FAR), cases_json(CLOSE)
    assert far["level"] == "communities"
    assert [sum(row[1:]) for row in far["areas"]] == [2, 1]
    assert close["level"] == "grids"
    assert counts(close["areas"])[town.grids[7].area_id] == [0, 0, 1, 0, 0]
    assert close["total"] == [0, 0, 3, 0, 0]


def test_lamps_are_counted_as_the_rules_say(cases_json, put, town):
    put(0, due_in=-1)
    put(0, due_in=5)
    put(0, due_in=48)
    put(0, due_in=-1, state=State.SUSPENDED)
    put(0, due_in=-1, state=State.CLOSED, closed_at=clock.now())
    assert counts(cases_json()["areas"])[town.grids[0].area_id] == [1, 1, 1, 1, 0]
    assert counts(cases_json(state="all")["areas"])[town.grids[0].area_id] == [1, 1, 1, 1, 1]


def test_the_lamps_in_sql_are_the_lamps_of_the_rules(cases_json, put, town):
    """Every state at every moment of its limit, its clock running or stopped hours ago."""
    now = clock.now()
    moments = [-5, -0.01, 0.01, 5, 9.99, 10.01, 40]
    cases = []
    for state in State:
        closed = now if state is State.CLOSED else None
        cases += [put(0, due_in=hours, state=state, closed_at=closed) for hours in moments]
    for state in (State.RETURNED, State.SUSPENDED, State.CANCELLED):
        for hours, ago in [(-5, 1), (-5, 5), (-5, 6), (5, 1), (40, 1)]:
            stopped = now - timedelta(hours=ago)
            cases.append(put(0, due_in=hours, state=state, clock_stopped_at=stopped))
    expected = [0] * len(TALLY)
    for case in cases:
        expected[TALLY.index(lamp_of(case, now))] += 1
    assert cases_json(state="all")["total"] == expected
    for shown in (Lamp.RED, Lamp.AMBER, Lamp.GREEN, Lamp.PAUSED):
        alone = cases_json(state="all", lamp=shown)["total"]
        assert alone == [n if TALLY[i] == shown else 0 for i, n in enumerate(expected)]


def test_a_case_in_no_grid_is_counted_apart(cases_json, put):
    put(None)
    put(0)
    seen = cases_json()
    assert seen["elsewhere"] == 1
    assert sum(seen["total"]) == 2


def test_few_cases_come_one_by_one_and_many_as_clusters(cases_json, put):
    for _n in range(21):
        put(2)
    put(7)
    many = cases_json(15)
    assert many["cases"] == []
    assert sum(sum(sign[2:]) for sign in many["clusters"]) == 22
    few = cases_json(19)
    assert few["clusters"] == []
    assert len(few["cases"]) == 22


def test_clusters_within_one_wide_grid_follow_the_points(cases_json, put, town, session):
    for n in range(21):
        lon = WEST + 0.0001 + 0.0008 * (n % 2)
        put(2, location=f"SRID=4326;POINT({lon} {SOUTH + 0.0005})")
    inside = f"{WEST},{SOUTH},{WEST + 0.001},{SOUTH + 0.001}"
    signs = cases_json(18.9, inside)["clusters"]
    assert sorted(sum(sign[2:]) for sign in signs) == [10, 11]


def test_each_filter_narrows(cases_json, put, town, session):
    late = put(0, due_in=-1)
    put(5, state=State.REPORTED, reported_at=clock.now() - timedelta(days=20))
    day = (clock.now() - timedelta(days=10)).date().isoformat()
    for filters, total in [
        ({}, 2),
        ({"state": "reported"}, 1),
        ({"state": "ended"}, 0),
        ({"group": "K01"}, 2),
        ({"community": "640121001002"}, 1),
        ({"lamp": "red"}, 1),
        ({"lamp": "red,green"}, 2),
        ({"since": day}, 1),
        ({"until": day}, 1),
        ({"since": "2001-01-01", "until": "2001-01-02"}, 0),
    ]:
        assert sum(cases_json(**filters)["total"]) == total, filters
    assert late.state is State.DISPATCHED


@pytest.mark.parametrize(
    ("door", "args", "named"),
    [
        ("cases", {"zoom": "x", "bbox": BOX}, "zoom"),
        ("cases", {"zoom": "nan", "bbox": BOX}, "zoom"),
        ("cases", {"zoom": "-1", "bbox": BOX}, "zoom"),
        ("cases", {"zoom": "1e9", "bbox": BOX}, "zoom"),
        ("cases", {"bbox": BOX}, "zoom"),
        ("cases", {"zoom": "9"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "1,2,3"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "1,2,nan,4"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "1,2,inf,4"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "3,2,1,4"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "1,2,3,99"}, "bbox"),
        ("cases", {"zoom": "9", "bbox": "'; drop table cases; --"}, "bbox"),
        ("areas", {"zoom": "9", "layer": "grids"}, "bbox"),
        ("areas", {"layer": "communities"}, "zoom"),
        ("cases", {"zoom": "9", "bbox": BOX, "state": "<script>"}, "<script>"),
        ("cases", {"zoom": "9", "bbox": BOX, "lamp": "blue"}, "red, amber, green, paused"),
        ("cases", {"zoom": "9", "bbox": BOX, "lamp": "none"}, "red, amber, green, paused"),
        ("cases", {"zoom": "9", "bbox": BOX, "since": "yesterday"}, "2026-11-24"),
        (
            "cases",
            {"zoom": "9", "bbox": BOX, "since": "2026-02-01", "until": "2026-01-01"},
            "after",
        ),
        ("cases", {"zoom": "9", "bbox": BOX, "group": "X99"}, "X99"),
        ("cases", {"zoom": "9", "bbox": BOX, "community": "%"}, "%"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(client, town, door, args, named):
    answer = client.get(f"/map/{door}.json", query_string=args, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert named in answer.json["message"]


@pytest.mark.parametrize(
    "door", ["/map", "/map/areas.json?zoom=9", f"/map/cases.json?zoom=9&bbox={BOX}"]
)
def test_an_unknown_office_is_not_found(client, town, door):
    answer = client.get(door + ("&" if "?" in door else "?") + "office=nowhere")
    assert answer.status_code == 404


def test_the_public_sees_class_and_state_and_no_words(client, cases_json, put, town, session):
    case = put(0, description="secret words", address="secret address")
    town.grids[0].area.manager = make_person(session, town.office, name="secret name")
    session.commit()
    area = town.grids[0].area_id
    [seen] = cases_json()["cases"]
    assert seen[2:] == ["green", case.condition.class_id, "dispatched"]
    card = client.get(f"/map/grids/{area}.json").json
    assert set(card) == {"code", "name", "community", "counts"}
    everything = [
        client.get("/map").text,
        json.dumps(cases_json()),
        json.dumps(card),
        client.get(f"/map/search.json?q={case.number}").text,
    ]
    assert not any("secret" in text or case.number in text for text in everything)
    assert client.get(f"/map/cases/{case.number}.json").status_code == 404
    assert client.get(f"/map/cases.json?zoom=9&bbox={BOX}&department=x").status_code == 403


def test_staff_get_the_cards_whole(client, staff, put, town, session):
    case = put(0, due_in=-3)
    town.grids[0].area.manager = make_person(
        session, town.office, name="马建国", phone="13800000000"
    )
    session.commit()
    card = client.get(f"/map/grids/{town.grids[0].area_id}.json").json
    assert card["manager"] == {"name": "马建国", "phone": "13800000000"}
    assert card["departments"] == [[case.lead_department.name, 1]]
    assert card["counts"] == [1, 0, 0, 0, 0]
    seen = client.get(f"/map/cases/{case.number}.json").json
    assert seen["number"] == case.number
    assert seen["lamp"] == "red"
    assert seen["department"] == case.lead_department.name


def test_a_grid_without_a_manager_says_so(client, staff, town):
    assert client.get(f"/map/grids/{town.grids[3].area_id}.json").json["manager"] is None


def test_a_person_counts_their_own_areas_alone(client, session, town, put):
    mine, other = put(0), put(7)
    own = session.get_one(Area, town.grids[0].community.area_id).path
    sign_in_as = make_person(session, town.office, Role.GRID_MANAGER, area_path=own)
    session.commit()
    sign_in(client, sign_in_as)
    seen = client.get(f"/map/cases.json?zoom={CLOSE}&bbox={BOX}").json
    assert [row[-1] for row in seen["cases"]] == [mine.number]
    assert sum(seen["total"]) == 1
    assert client.get(f"/map/cases/{other.number}.json").status_code == 404
    assert client.get(f"/map/search.json?q={other.number}").json["finds"] == []
    elsewhere = client.get(f"/map/grids/{town.grids[7].area_id}.json").json
    assert "manager" not in elsewhere
    assert sum(elsewhere["counts"]) == 0


def test_people_of_another_office_look_like_the_public(client, session, town, put):
    case = put(0)
    stranger = make_person(session, make_office(session, area_path="/other/"), Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, stranger)
    address = f"office={town.office.code}"
    seen = client.get(f"/map/cases.json?zoom={CLOSE}&bbox={BOX}&{address}").json
    assert len(seen["cases"][0]) == 5
    assert client.get(f"/map/cases/{case.number}.json?{address}").status_code == 404


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("640121001002", ["community", "grid", "grid", "grid", "grid"]),
        ("640121001002003", ["grid"]),
        ("Community 2", ["community"]),
        ("grid 003", ["grid", "grid"]),
        ("  ", []),
        ("%", []),
        ("<script>alert(1)</script>", []),
        ("x" * 5000, []),
    ],
)
def test_search_finds_areas_by_code_and_name(client, town, words, kinds):
    finds = client.get("/map/search.json", query_string={"q": words}).json["finds"]
    assert [find["kind"] for find in finds] == kinds


def test_staff_find_a_case_by_the_beginning_of_its_number(client, staff, put):
    put(0)
    case = put(4)
    finds = client.get(f"/map/search.json?q={case.number.lower()}").json["finds"]
    assert [find["number"] for find in finds if find["kind"] == "case"] == [case.number]
    assert finds[0]["at"] == pytest.approx([WEST + 0.0025, SOUTH + 0.0015], abs=1e-3)


def test_the_map_may_be_closed_to_the_public(app, client, town, session):
    object.__setattr__(app.config["WANGGE"], "public_map", False)
    page = client.get("/map?state=all")
    assert page.status_code == 302
    assert "/sign-in?next=" in page.location
    assert client.get(f"/map/cases.json?zoom=9&bbox={BOX}").status_code == 401
    outlines = client.get("/map/areas.json?layer=communities&zoom=13")
    assert len(outlines.json["features"]) == 2  # by which one places a report
    person = make_person(session, town.office)
    session.commit()
    sign_in(client, person)
    assert client.get("/map").status_code == 200


def test_without_an_office_or_boundaries_the_page_says_what_to_do(client, session):
    assert client.get("/map").status_code == 200
    office = make_office(session)
    make_area(session, office)
    session.commit()
    page = client.get("/map", headers={"Accept-Language": "en"})
    assert "There is nothing on the map yet" in page.text
    assert MADE_AT.year == 2026


def test_few_queries_answer_a_view(app, client, database, put, staff):
    put(0)
    client.get(f"/map/cases.json?zoom={CLOSE}&bbox={BOX}")
    asked = []
    event.listen(database, "before_cursor_execute", lambda *args: asked.append(args[2]))
    client.get(f"/map/cases.json?zoom={CLOSE}&bbox={BOX}")
    assert len(asked) <= 6, asked
    asked.clear()
    client.get("/map")
    assert len(asked) <= 8, asked


def test_the_page_is_small(client, town):
    answer = client.get("/map", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 30_000
