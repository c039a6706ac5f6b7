"""Steps on many cases of the dispatcher's desk, and what stands beside a case."""

from datetime import timedelta

import pytest

from tests import scenes
from tests.factories.cases import INSIDE, LITTER, OUTSIDE
from tests.factories.life import Town, make_town
from tests.factories.people import make_office, make_person, sign_in, token
from webapp.cases.models import Case
from webapp.cases.similar import history_of_place, similar_cases
from webapp.cases.vocabulary import Action, State
from webapp.desks.dispatch import bulk, views
from webapp.desks.frame import pages
from webapp.people.models import Role

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def at_desk(client, town, monkeypatch):
    """The dispatcher's browser; the clock stands at the town's time."""
    for module in (views, pages):
        monkeypatch.setattr(module, "now", lambda: town.now)
    town.session.commit()
    sign_in(client, town.people["dispatcher"])
    return client


def send(client, what: str, cases: list[Case] = (), **fields):
    """Post to the desk, the versions with the numbers as its script sends them."""
    numbers = " ".join(f"{case.number}.{case.version}" for case in cases)
    query = fields.pop("query", {})
    data = {"numbers": numbers, "csrf_token": token(client, "/me"), **fields}
    return client.post(f"/desk/dispatch/{what}.json", data=data, query_string=query)


def state(town: Town, case: Case) -> State:
    town.session.expire_all()
    return town.session.get_one(Case, case.id).state


def answered(town: Town) -> Case:
    case = town.handling()
    town.step(case, Action.ANSWER, "member", note="好了")
    return case


def verified(town: Town) -> Case:
    case = town.report()
    town.step(case, Action.ASK_VERIFICATION, "dispatcher")
    town.step(case, Action.VERIFY, "manager", found=True, note="看到了")
    return case


# --- preview --------------------------------------------------------------------------------------


def test_the_preview_says_how_many_go_where_and_which_stay(at_desk, town):
    going = [town.opened(), town.opened()]
    nobody = town.opened(draft={"condition_code": LITTER})
    handled = town.handling()
    town.session.commit()
    found = send(at_desk, "preview", [*going, nobody, handled], action="dispatch").json
    assert found["groups"] == [{"name": town.centre.name, "count": 2}]
    assert found["going"] == [case.number for case in going]
    assert [left["number"] for left in found["left"]] == [nobody.number, handled.number]
    assert state(town, going[0]) is State.OPENED


def test_a_returned_case_goes_where_the_return_says_and_never_back_by_itself(at_desk, town):
    facts = {"note": "归执法队", "department_id": town.helpers.id}
    named, unnamed = town.dispatched(), town.dispatched()
    town.step(named, Action.RETURN, "member", **facts)
    town.step(unnamed, Action.RETURN, "member", note="不是我们的")
    town.session.commit()
    found = send(at_desk, "preview", [named, unnamed], action="dispatch").json
    assert found["groups"] == [{"name": town.helpers.name, "count": 1}]
    assert [left["number"] for left in found["left"]] == [unnamed.number]


def test_a_department_that_was_closed_down_is_not_proposed(at_desk, town):
    case = town.opened()
    town.centre.active = False
    town.session.commit()
    found = send(at_desk, "preview", [case], action="dispatch").json
    assert (found["groups"], found["left"][0]["number"]) == ([], case.number)


def test_all_of_a_list_is_chosen_by_its_filters_up_to_a_limit(at_desk, town, monkeypatch):
    lamps = [town.opened() for _ in range(3)]
    town.opened(draft={"condition_code": LITTER})
    town.session.commit()
    query = {"tab": "dispatch", "group": "K01"}
    found = send(at_desk, "preview", action="dispatch", all="1", query=query).json
    assert (found["going"], found["all"]) == ([case.number for case in lamps], 3)
    monkeypatch.setattr("webapp.desks.dispatch.bulk.MOST", 2)
    found = send(at_desk, "preview", action="dispatch", all="1", query=query).json
    assert found["going"] == [case.number for case in lamps[:2]]


# --- steps ----------------------------------------------------------------------------------------


def test_many_are_dispatched_and_those_that_cannot_be_are_named(at_desk, town):
    going = [town.opened(), town.opened()]
    nobody, handled = town.opened(draft={"condition_code": LITTER}), town.handling()
    town.session.commit()
    answer = send(at_desk, "steps", [*going, nobody, handled], action="dispatch").json
    assert answer["done"] == [case.number for case in going]
    assert {left["number"] for left in answer["failed"]} == {nobody.number, handled.number}
    assert all(left["why"] for left in answer["failed"])
    assert answer["groups"] == [{"name": town.centre.name, "count": 2}]
    assert answer["undo"] == bulk.UNDO_S
    assert [state(town, case) for case in (*going, nobody)] == [
        State.DISPATCHED,
        State.DISPATCHED,
        State.OPENED,
    ]


def test_a_dispatch_is_taken_back_within_its_seconds_and_not_later(at_desk, town):
    early, late = town.opened(), town.opened()
    town.session.commit()
    due = early.due_at
    send(at_desk, "steps", [early, late], action="dispatch")
    town.now += timedelta(seconds=9)
    assert send(at_desk, "undo", numbers=early.number).json["done"] == [early.number]
    town.now += timedelta(seconds=9)
    answer = send(at_desk, "undo", numbers=late.number).json
    assert (answer["done"], len(answer["failed"])) == ([], 1)
    assert state(town, early) is State.OPENED
    assert town.session.get_one(Case, early.id).due_at == due
    assert state(town, late) is State.DISPATCHED


def test_only_who_dispatched_takes_it_back(at_desk, town):
    case = town.opened()
    colleague = make_person(town.session, town.ground.office, role=Role.DISPATCHER)
    town.session.commit()
    send(at_desk, "steps", [case], action="dispatch")
    sign_in(at_desk, colleague)
    answer = send(at_desk, "undo", numbers=case.number).json
    assert (answer["done"], len(answer["failed"])) == ([], 1)


def test_a_case_that_a_colleague_changed_meanwhile_stays_and_says_what_they_did(at_desk, town):
    case = town.opened()
    seen = [town.session.get_one(Case, case.id)]
    number = f"{case.number}.{case.version - 1}"
    town.session.commit()
    answer = send(at_desk, "steps", numbers=number, action="dispatch").json
    assert answer["done"] == []
    assert town.people["dispatcher"].name in answer["failed"][0]["why"]
    assert state(town, seen[0]) is State.OPENED


@pytest.mark.parametrize(
    ("action", "make", "becomes"),
    [
        ("ask_verification", lambda town: town.report(), State.VERIFYING),
        ("ask_check", answered, State.CHECKING),
        ("open", verified, State.OPENED),
    ],
    ids=["verify", "check", "open"],
)
def test_many_are_verified_checked_or_opened(at_desk, town, action, make, becomes):
    cases = [make(town), make(town)]
    town.session.commit()
    answer = send(at_desk, "steps", cases, action=action).json
    assert (answer["failed"], answer["undo"]) == ([], 0)
    assert [state(town, case) for case in cases] == [becomes, becomes]


def test_a_case_of_another_office_is_as_good_as_none(at_desk, town):
    facts = {"code": "640121002", "area_path": "/640121/002/", "number_prefix": "XX"}
    stranger = make_person(town.session, make_office(town.session, **facts), role=Role.DISPATCHER)
    case = town.opened()
    town.session.commit()
    sign_in(at_desk, stranger)
    answer = send(at_desk, "steps", [case], action="dispatch").json
    assert (answer["done"], answer["failed"][0]["number"]) == ([], case.number)
    assert state(town, case) is State.OPENED
    assert at_desk.get(f"/desk/dispatch/beside/{case.number}").status_code == 404


@pytest.mark.parametrize("what", ["preview", "steps", "undo"])
@pytest.mark.parametrize("name", ["member", "manager", "leader"])
def test_steps_on_many_are_for_dispatchers(client, town, name, what):
    case = town.opened()
    town.session.commit()
    sign_in(client, town.people[name])
    assert send(client, what, [case], action="dispatch").status_code == 403
    assert state(town, case) is State.OPENED


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "close"},
        {"action": "dispatch", "numbers": ""},
        {"action": "dispatch", "numbers": "T1.x"},
        {"action": "dispatch", "numbers": " ".join(f"T{n}" for n in range(bulk.MOST + 1))},
    ],
    ids=["a step with words", "none", "no version", "too many"],
)
def test_what_cannot_be_done_is_refused_in_words(at_desk, fields):
    answer = send(at_desk, "steps", **fields)
    assert (answer.status_code, bool(answer.json["message"])) == (400, True)


# --- beside a case --------------------------------------------------------------------------------


def near(town: Town, metres_east: float = 0, **facts) -> Case:
    lon = INSIDE[0] + metres_east / 87_500  # at this latitude, see gis.coordinates.distance_m
    draft = {"lon": lon, "lat": INSIDE[1]} | facts.pop("draft", {})
    return town.report(draft=draft, **facts)


def found_similar(town: Town, case: Case) -> list[str]:
    found = similar_cases(town.session, case, town.people["dispatcher"], town.ground.office)
    return [one.facts.number for one in found]


def test_similar_are_those_of_the_class_near_by_and_about_the_same_time(town):
    first = near(town)
    second = near(town, 30)
    near(town, 60)  # too far
    near(town, 10, draft={"condition_code": LITTER})  # another class
    town.now += timedelta(hours=23)
    third = near(town, 49)
    town.now += timedelta(hours=2)
    late = near(town, 5)
    assert found_similar(town, first) == [second.number, third.number]
    assert found_similar(town, late) == [third.number]


def test_how_near_is_the_offices_setting(town):
    first, second = near(town), near(town, 70)
    assert found_similar(town, first) == []
    town.ground.office.settings = {"similar_m": 100, "similar_hours": 1}
    assert found_similar(town, first) == [second.number]


def test_what_has_ended_takes_no_duplicate(town):
    first, second = near(town), near(town, 5)
    town.step(second, Action.REFUSE, "dispatcher", note="不属实")
    assert found_similar(town, first) == []


def test_the_history_of_a_place_has_what_ended_too_within_a_year(town):
    before = near(town, 10)
    before.reported_at = town.now - timedelta(days=300)
    town.step(before, Action.REFUSE, "dispatcher", note="不属实")
    old = near(town, 10)
    old.reported_at = town.now - timedelta(days=400)
    near(town, 40)
    town.session.flush()
    case = near(town)
    found = history_of_place(town.session, case, town.people["dispatcher"])
    assert [one.facts.number for one in found] == [before.number]
    assert found[0].distance_m == pytest.approx(10, abs=0.1)


def test_beside_a_case_stand_its_likes_with_a_button_to_merge(at_desk, town):
    case, like = near(town), near(town, 20)
    town.session.commit()
    page = at_desk.get(f"/desk/dispatch/beside/{case.number}").text
    assert f'data-merge="{like.number}"' in page
    assert "20" in page
    form = {
        "into_number": like.number,
        "version": case.version,
        "csrf_token": token(at_desk, "/me"),
    }
    merged = at_desk.post(
        f"/cases/{case.number}/steps/merge", data=form, headers={"Accept": "application/json"}
    )
    assert merged.status_code == 200, merged.text
    assert state(town, case) is State.MERGED


# --- what lies in no grid -------------------------------------------------------------------------


def test_the_old_address_of_what_lies_in_no_grid_leads_to_its_tab(at_desk):
    answer = at_desk.get("/unplaced?page=3")
    assert (answer.status_code, answer.location) == (301, "/desk/dispatch?tab=unplaced")


def test_what_lies_in_no_grid_is_listed_with_its_address_and_the_nearest_until_it_ends(
    at_desk, town
):
    outside = {"lon": OUTSIDE[0], "lat": OUTSIDE[1], "address": "胜利街 12 号"}
    case = town.dispatched(draft=outside)
    nowhere = town.report(draft={**outside, "condition_code": LITTER})
    nowhere.location = nowhere.nearest_grid_id = None  # as an import leaves what has no place
    town.session.commit()
    page = at_desk.get("/desk/dispatch?tab=unplaced", headers={"Accept-Language": "en"}).text
    assert case.number in page
    assert nowhere.number in page
    assert "胜利街 12 号" in page
    grid = case.nearest_grid
    near = f"nearest: {grid.area.parent.name} · {grid.name}, {case.edge_distance_m:,.0f} m"
    assert near in page
    assert "no coordinates" in page
    beside = at_desk.get(f"/desk/dispatch/beside/{case.number}").text
    assert f'href="/cases/{case.number}#place"' in beside
    town.step(case, Action.TAKE, "member")
    town.step(case, Action.ANSWER, "member", note="好了")
    town.step(case, Action.ASK_CHECK, "dispatcher")
    town.step(case, Action.PASS_CHECK, "manager", note="好了")
    town.session.commit()
    assert case.number not in at_desk.get("/desk/dispatch?tab=unplaced").text
