"""Clusters are looked for by the worker: by whom, how often, how far it is, who may see it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import scenes
from tests.factories.hotspots import FIRST, HOT, PERIOD, SECOND, Heat, make_heat
from tests.factories.people import make_person, sign_in, token
from webapp.core import clock
from webapp.core.jobs import Job, JobState, add_job
from webapp.core.jobs_cli import work_one
from webapp.insight.hotspots import searching
from webapp.people.models import Duty, Role

SEARCH = "/insight/hotspots/clusters"
ENGLISH = {"Accept-Language": "en", "Accept": "application/json"}
scene = scenes.by(heat=make_heat)


@pytest.fixture
def heat(scene, session):
    return Heat(scene.on(session), session)


@pytest.fixture
def enter(app, session, heat):
    """A client of its own in which somebody has signed in: `enter(role, **facts)`."""

    def go(role=Role.LEADER, **facts):
        person = make_person(session, heat.office, role, **facts)
        session.commit()
        client = app.test_client()
        sign_in(client, person)
        return client

    return go


def ask(client, status=200, **args):
    form = {"csrf_token": token(client, "/me")}
    found = client.post(SEARCH, query_string=PERIOD | args, data=form, headers=ENGLISH)
    assert found.status_code == status, found.text
    return found.json


def look(client, told, status=200):
    found = client.get(told["url"], headers=ENGLISH)
    assert found.status_code == status, found.text
    return found.json


@pytest.fixture
def work(app, session):
    """Let the worker do what waits; answers how many jobs it did."""

    def go():
        session.commit()
        done = 0
        with app.app_context():
            while work_one():
                done += 1
        session.expire_all()
        return done

    return go


def jobs(session):
    session.rollback()
    return session.scalar(select(func.count(Job.id)))


def test_a_search_waits_and_is_then_answered(enter, heat, work):
    leader = enter()
    told = ask(leader)
    assert (told["state"], told["words"]) == ("waiting", "Waiting for the worker.")
    assert work() == 1
    told = look(leader, told)
    assert told["state"] == "done"
    assert len(told["found"]) == len(HOT)
    lon, lat = told["found"][0]["at"]
    assert (lon, lat) == pytest.approx((106.25, 38.28), abs=0.01)
    assert told["found"][0]["words"].startswith("13 cases")
    assert told["words"] == ""


def test_the_same_question_is_looked_for_once_until_something_changes(enter, heat, session, work):
    leader = enter()
    first = ask(leader)
    assert ask(leader)["url"] == first["url"]  # still waiting
    work()
    again = ask(leader, view="emerging", raw="1", by="square:150")  # looked at in another way
    assert again["url"] == first["url"]
    assert again["found"]
    assert ask(leader, group="K01")["url"] != first["url"]
    work()
    heat.report(HOT[0])
    session.commit()
    changed = ask(leader)
    assert changed["url"] != first["url"]
    work()
    assert look(leader, changed)["found"][0]["words"].startswith("14 cases")


def test_what_was_found_long_ago_is_looked_for_again_and_goes(enter, heat, session, work):
    leader = enter()
    first = ask(leader)
    work()
    session.execute(update(Job).values(finished_at=clock.now() - searching.GOOD_FOR))
    session.commit()
    assert ask(leader)["url"] != first["url"]
    assert jobs(session) == 2
    searching.clear_searches(session, clock.now() + searching.KEPT)
    assert jobs(session) == 1  # which waits
    searching.clear_searches(session, clock.now() + timedelta(days=2))
    assert jobs(session) == 0
    look(leader, first, 404)


def test_nobody_else_sees_a_search(enter, heat, session, work):
    told = ask(enter())
    work()
    other = enter()
    look(other, told, 404)
    assert ask(other)["url"] != told["url"]
    foreign = add_job(session, "check_boundaries", {}, clock.now())
    session.commit()
    look(other, {"url": f"{SEARCH}/{foreign.id}"}, 404)


def test_of_an_area_its_own_cases_alone_are_looked_at(enter, heat, work):
    inspector = enter(Role.INSPECTOR, area_path="/640121/001/002/")
    ask(inspector, 404, community=FIRST)
    told, second = ask(inspector), ask(inspector, community=SECOND)
    work()
    for one in (told, second):
        assert look(inspector, one)["found"] == []
        assert look(inspector, one)["words"] == "No 10 cases lie within 50 m."


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_has_lost_an_area_does_not_get_what_was_asked_of_it(enter, heat, session, work, when):
    inspector = enter(Role.INSPECTOR, area_path="/640121/001/001/")
    told = ask(inspector)
    if when == "after":
        work()
        assert look(inspector, told)["found"]
    moved = update(Duty).where(Duty.role == Role.INSPECTOR).values(area_path="/640121/001/002/")
    session.execute(moved)
    work()
    look(inspector, told, 404)


def test_too_many_cases_are_refused_in_a_sentence(enter, heat, work, monkeypatch):
    monkeypatch.setattr("webapp.insight.hotspots.pointlayers.MOST_POINTS", 100)
    leader = enter()
    told = ask(leader)
    work()
    told = look(leader, told)
    assert told["state"] == "failed"
    assert "108 cases are too many" in told["words"]


def test_a_search_that_broke_says_so_and_is_begun_anew_when_asked_again(enter, heat, session):
    leader = enter()
    told = ask(leader)
    broken = {"state": JobState.FAILED, "error": "no memory", "finished_at": clock.now()}
    session.execute(update(Job).values(**broken))
    session.commit()
    assert look(leader, told)["words"] == "The worker failed: no memory"
    assert ask(leader)["url"] != told["url"]


def test_the_waiting_says_what_it_waits_for(enter, heat, session):
    leader = enter()
    told = ask(leader)
    session.execute(update(Job).values(created_at=clock.now() - timedelta(seconds=30)))
    session.commit()
    assert look(leader, told)["words"].startswith("No worker seems to be running")
    soon = clock.now() + timedelta(minutes=1)
    other = add_job(session, "check_boundaries", {}, clock.now(), leased_until=soon)
    other.state = JobState.RUNNING
    session.commit()
    assert look(leader, told)["words"].startswith("The worker is busy")
    ours = update(Job).where(Job.kind == searching.KIND)
    session.execute(ours.values(state=JobState.RUNNING, leased_until=soon))
    session.commit()
    assert look(leader, told)["words"] == "Reading the cases."
    session.execute(ours.values(total=108))
    session.commit()
    assert look(leader, told)["words"] == "Looking at 108 cases."


def test_nobody_fills_the_queue(enter, heat, session):
    leader = enter()
    for day in range(1, searching.MOST_WAITING + 1):
        ask(leader, since=f"2026-10-0{day}")
    assert "are waiting" in ask(leader, 409, since="2026-10-20")["message"]
    assert ask(enter())["state"] == "waiting"


def test_of_one_persons_searches_the_newest_stay(enter, heat, session, monkeypatch, work):
    monkeypatch.setattr(searching, "MOST_KEPT", 3)
    leader = enter()
    for day in range(1, 7):
        ask(leader, since=f"2026-10-0{day}")
        work()
    assert jobs(session) == 3
