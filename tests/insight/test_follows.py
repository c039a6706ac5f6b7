"""Who follows hot spots is told of each that is new or getting hotter, once, and nobody else."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests import scenes
from tests.at_once import at_once
from tests.factories.cases import LAMP_OUT, LITTER, NOW
from tests.factories.hotspots import FIRST, Heat, make_heat
from tests.factories.people import make_department, make_office, make_person, sign_in, token
from webapp.cases.notices.models import Delivery, Notice, Robot
from webapp.cases.notices.service import choose
from webapp.cases.notices.spreading import spread
from webapp.cases.notices.vocabulary import NoticeKind, RobotKind
from webapp.core.settings import settings_from
from webapp.insight.follows.models import HotspotFollow, HotspotSweep
from webapp.insight.follows.service import follow
from webapp.insight.follows.sweep import sweep_hotspots
from webapp.people.models import Duty, Role

scene = scenes.by(heat=make_heat)
WEEK = timedelta(days=7)
MONDAY = date(2026, 11, 23)
NEWLY = (53, 54, 58, 59)  # in the south-eastern corner of the third community
THIRD = "640121001003"


@pytest.fixture
def heat(scene, session, app):
    """Much litter, all of a sudden, in the last whole week."""
    heat = Heat(scene.on(session), session)
    for grid in NEWLY:
        for number in range(8):
            heat.report(grid, days=3 + number % 4, condition_code=LITTER)
    session.commit()
    with app.app_context():
        yield heat


def leader(heat, area="", group="", role=Role.LEADER, **facts):
    """Somebody who follows something."""
    person = make_person(heat.session, heat.office, role, **facts)
    heat.session.commit()
    follow(heat.session, person, area, group, NOW)
    heat.session.commit()
    return person


def told(heat, person):
    """The notices of hot spots that a person has: grid and pattern."""
    heat.session.rollback()
    mine = Notice.person_id == person.id, Notice.kind == NoticeKind.HOTSPOT
    rows = heat.session.scalars(select(Notice).where(*mine)).all()
    assert all(row.case_id is None for row in rows)
    return [(row.data["place"], row.data["pattern"]) for row in rows]


def name_of(heat, grid):
    return f"Community {grid // 20 + 1} {heat.ground.grids[grid].area.name}"


def test_each_new_place_is_told_once(heat):
    person = leader(heat)
    sweep_hotspots(heat.session, NOW)
    first = told(heat, person)
    names = {name_of(heat, grid) for grid in NEWLY}
    assert {pattern for _place, pattern in first} == {"new"}
    assert len(first) == len(set(first))
    assert names <= {place for place, _pattern in first}
    sweep_hotspots(heat.session, NOW + timedelta(days=3))
    sweep_hotspots(heat.session, NOW + WEEK)
    assert told(heat, person) == first
    assert heat.session.scalars(select(HotspotSweep.week)).all() == [MONDAY + WEEK]


def test_a_place_that_grows_hotter_for_weeks_is_told_once_until_it_has_rested(heat):
    person = leader(heat, group=LAMP_OUT[:7])
    for week in range(24):
        for number in range(6 + 2 * week):
            heat.report(0, days=84 - 7 * week - number % 5, condition_code=LAMP_OUT)
    heat.session.commit()
    for week in range(12):
        sweep_hotspots(heat.session, NOW + week * WEEK)
    assert told(heat, person).count((name_of(heat, 0), "intensifying")) == 1


def test_without_a_follower_or_a_hot_spot_nobody_is_told(heat):
    person = leader(heat, group="E99")
    sweep_hotspots(heat.session, NOW)
    assert told(heat, person) == []
    assert heat.session.scalar(select(HotspotSweep.week)) == MONDAY


def test_who_follows_one_area_hears_of_that_area_alone(heat):
    grid = heat.ground.grids[NEWLY[0]]
    one, third, elsewhere = (leader(heat, area) for area in (grid.code, THIRD, FIRST))
    sweep_hotspots(heat.session, NOW)
    assert told(heat, one) == [(name_of(heat, NEWLY[0]), "new")]
    assert len(told(heat, third)) >= len(NEWLY)
    assert told(heat, elsewhere) == []


def test_who_follows_a_class_hears_of_its_cases_alone(heat):
    litter, lamps = (leader(heat, group=code) for code in ("E01", "K01"))
    sweep_hotspots(heat.session, NOW)
    assert len(told(heat, litter)) >= len(NEWLY)
    assert told(heat, lamps) == []
    notice = heat.session.scalars(select(Notice).where(Notice.person_id == litter.id)).first()
    assert notice.data["class"] == {"zh": "市容环境", "en": "streetscape"}
    assert "group=E01" in notice.data["link"]


def test_a_class_that_is_no_more_keeps_nobody_else_from_hearing(heat):
    person = leader(heat)
    gone = HotspotFollow(person_id=person.id, area_path="", case_group="Z99", since=NOW)
    heat.session.add(gone)
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert len(told(heat, person)) >= len(NEWLY)


def test_two_follows_that_overlap_tell_of_a_place_once(heat):
    person = leader(heat)
    follow(heat.session, person, THIRD, "", NOW)
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    found = told(heat, person)
    assert len(found) == len(set(found)) >= len(NEWLY)


def test_two_workers_at_once_tell_once(heat, app, database):
    person = leader(heat)
    heat.session.close()

    def one():
        with app.app_context(), Session(database, expire_on_commit=False) as session:
            sweep_hotspots(session, NOW)

    at_once(one, 3)
    found = told(heat, person)
    assert len(found) == len(set(found)) >= len(NEWLY)


def test_a_worker_that_dies_before_its_commit_has_told_nothing_and_the_next_tells_all(
    heat, app, database
):
    person = leader(heat)
    with Session(database, expire_on_commit=False) as dying:

        def die(_session):
            if dying.scalar(select(Notice.id).where(Notice.kind == NoticeKind.HOTSPOT)):
                raise KeyboardInterrupt

        event.listen(dying, "before_commit", die)
        with pytest.raises(KeyboardInterrupt):
            sweep_hotspots(dying, NOW)
    assert told(heat, person) == []
    sweep_hotspots(heat.session, NOW)
    assert len(told(heat, person)) >= len(NEWLY)


def test_a_worker_that_was_away_sweeps_when_it_is_back(heat):
    person = leader(heat)
    sweep_hotspots(heat.session, NOW - WEEK)  # the week before, when nothing was new
    assert told(heat, person) == []
    sweep_hotspots(heat.session, NOW + timedelta(days=5))
    assert len(told(heat, person)) >= len(NEWLY)


def test_the_week_begins_at_midnight_of_the_office_on_the_day_it_says(heat):
    sunday = NOW.replace(day=22, hour=15, minute=59)  # 23:59 at the office
    sweep_hotspots(heat.session, sunday)
    assert heat.session.scalar(select(HotspotSweep.week)) == MONDAY - WEEK
    heat.session.rollback()
    sweep_hotspots(heat.session, sunday + timedelta(minutes=2))
    assert heat.session.scalar(select(HotspotSweep.week)) == MONDAY
    heat.session.rollback()
    heat.office.settings = {"hotspot_weekday": 1}
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert heat.session.scalar(select(HotspotSweep.week)) == MONDAY + timedelta(days=1)


@pytest.mark.parametrize("back", [timedelta(days=3), timedelta(days=40)])
def test_a_clock_set_back_tells_nothing_again(heat, back):
    person = leader(heat)
    sweep_hotspots(heat.session, NOW)
    first = told(heat, person)
    for now in (NOW - back, NOW, NOW + timedelta(days=1)):
        sweep_hotspots(heat.session, now)
    assert told(heat, person) == first


def test_a_clock_that_ran_ahead_does_not_silence_the_weeks_before(heat):
    sweep_hotspots(heat.session, NOW + 52 * WEEK)
    person = leader(heat)
    sweep_hotspots(heat.session, NOW)
    assert len(told(heat, person)) >= len(NEWLY)


def moved(person):
    person.duties[0].area_path = "/640121/001/001/"


def demoted(person):
    person.duties = [Duty(role=Role.GRID_MANAGER, area_path="/640121/001/")]


def left(person):
    person.active = False


@pytest.mark.parametrize("loses", [moved, demoted, left])
def test_who_lost_the_right_is_told_nothing(heat, loses):
    person = leader(heat)
    loses(person)
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert told(heat, person) == []


def test_a_community_is_tested_as_one_area(heat):
    """Of the third community alone its corner stands out, too; nothing of others is said."""
    person = leader(heat, role=Role.INSPECTOR, area_path="/640121/001/003/")
    sweep_hotspots(heat.session, NOW)
    mine = select(Notice).where(Notice.person_id == person.id)
    rows = heat.session.scalars(mine).all()
    assert rows
    inside = {heat.area(grid) for grid in range(40, 60)}
    assert {int(row.data["link"].rpartition("place=")[2]) for row in rows} <= inside


def member(heat):
    """Somebody of the department of lamps, of which many went out at once in the third community;
    their own area is the second."""
    for number in range(32):
        lamp = heat.report(NEWLY[number % 4], days=3 + number % 4, condition_code=LAMP_OUT)
    there = {"area_path": "/640121/001/002/", "department": lamp.lead_department}
    person = make_person(heat.session, heat.office, Role.DEPARTMENT_MEMBER, **there)
    heat.session.commit()
    return person, lamp.lead_department


def test_a_department_may_follow_the_cases_it_leads_everywhere(heat):
    person, department = member(heat)
    follow(heat.session, person, "", "", NOW, department.code)
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert {name_of(heat, grid) for grid in NEWLY} <= {place for place, _p in told(heat, person)}
    notice = heat.session.scalars(select(Notice).where(Notice.person_id == person.id)).first()
    assert notice.data["department"] == department.name
    assert f"whose={department.code}" in notice.data["link"]


def test_without_that_choice_a_department_hears_of_its_own_area_alone(heat):
    person, _department = member(heat)
    follow(heat.session, person, "", "", NOW)
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert told(heat, person) == []


def test_who_left_the_department_hears_no_more_of_its_cases(heat):
    person, department = member(heat)
    follow(heat.session, person, "", "", NOW, department.code)
    person.duties = [Duty(role=Role.INSPECTOR, area_path="/640121/001/002/")]
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    assert told(heat, person) == []


# --- what a notice says, and where it goes ------------------------------------------------------


def test_the_inbox_says_it_and_leads_to_the_place(heat, client):
    person = leader(heat, group="E01")
    sweep_hotspots(heat.session, NOW)
    sign_in(client, person)
    page = client.get("/inbox", headers={"Accept-Language": "en"}).text
    assert "new hot spot" in page
    assert "streetscape · " in page
    assert "8 cases in the week of 16 Nov; with its neighbours 32, where chance would" in page
    notice = heat.session.scalars(
        select(Notice).where(Notice.key.contains(f":{heat.area(NEWLY[0])}:"))
    ).one()
    opened = client.get(f"/inbox/{notice.id}")
    assert opened.location == notice.data["link"]
    shown = client.get(opened.location)
    assert shown.status_code == 200
    heat.session.rollback()
    heat.session.refresh(notice)
    assert notice.read_at is not None
    data = client.get(opened.location.replace("hotspots?", "hotspots/data.json?")).json
    assert heat.area(NEWLY[0]) in data["places"]["ids"]


def test_mail_and_the_offices_robot_say_it_with_the_link(heat):
    person = leader(heat, heat.ground.grids[NEWLY[0]].code, email="li@example.cn", language="en")
    choose(heat.session, person, ["hotspot"], ["hotspot"])
    heat.session.add(Robot(office_id=heat.office.id, kind=RobotKind.WECOM, name="ALL"))
    heat.session.commit()
    sweep_hotspots(heat.session, NOW)
    settings = settings_from(secret_key="x", smtp_url="smtp://localhost:1",
                             public_url="https://wangge.example.cn")  # fmt: skip
    spread(heat.session, settings, NOW)
    mail, robot = heat.session.scalars(select(Delivery).order_by(Delivery.channel)).all()
    assert mail.subject.endswith(": new hot spot")
    assert "8 cases in the week of 16 Nov" in mail.body
    assert "https://wangge.example.cn/insight/hotspots?" in mail.body
    assert "新热点" in robot.subject
    assert robot.case_id is None


def test_the_administrator_previews_its_wording(heat, client):
    admin = make_person(heat.session, heat.office, Role.ADMINISTRATOR)
    heat.session.commit()
    sign_in(client, admin)
    page = client.get("/admin/notices/templates/hotspot/en/mail", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "new hot spot" in page.text
    assert "With invented numbers." in page.text


# --- the page -----------------------------------------------------------------------------------


@pytest.fixture
def post(client, heat):
    def go(path, **facts):
        form = {"csrf_token": token(client, "/me/notices"), **facts}
        return client.post(f"/insight/follows{path}", data=form,
                           headers={"Accept-Language": "en"})  # fmt: skip

    return go


def follows(heat):
    heat.session.rollback()
    columns = HotspotFollow.area_path, HotspotFollow.case_group
    return [tuple(row) for row in heat.session.execute(select(*columns))]


def test_a_follow_begins_is_listed_and_ends(heat, client, post):
    person = make_person(heat.session, heat.office, Role.LEADER)
    heat.session.commit()
    sign_in(client, person)
    for _twice in range(2):
        assert post("", community=THIRD, group="E01").status_code == 302
    assert follows(heat) == [("/640121/001/003/", "E01")]
    page = client.get("/insight/hotspots").text
    assert "市容环境 · Community 3" in page
    number = heat.session.scalar(select(HotspotFollow.id))
    assert post(f"/{number}/end", next="https://elsewhere.example/").location == "/"
    assert follows(heat) == []


def test_a_department_is_followed_by_its_own_alone(heat, client, post):
    person, department = member(heat)
    other = make_department(heat.session, heat.office)
    heat.session.commit()
    sign_in(client, person)
    assert post("", whose=other.code).status_code == 404
    assert post("", whose="x" * 500).status_code == 404
    assert follows(heat) == []
    assert post("", whose=department.code).status_code == 302
    assert follows(heat) == [("", "")]
    assert f" · {department.name}</span>" in client.get("/insight/hotspots").text


def test_one_grid_goes_before_the_community(heat, client, post):
    person = make_person(heat.session, heat.office, Role.LEADER)
    heat.session.commit()
    sign_in(client, person)
    grid = heat.ground.grids[7]
    post("", community=FIRST, area=f" {grid.code} ")
    assert follows(heat) == [(grid.area.path, "")]


def test_what_is_not_theirs_is_not_there(heat, client, post):
    other = leader(heat)
    person = make_person(heat.session, heat.office, Role.INSPECTOR, area_path="/640121/001/001/")
    elsewhere = make_office(heat.session, area_path="/640122/002/")
    heat.session.commit()
    assert elsewhere.id != heat.office.id
    sign_in(client, person)
    number = heat.session.scalar(select(HotspotFollow.id))
    assert post("", area=THIRD).status_code == 404
    assert post("", area="/640122/002/").status_code == 404
    assert post("", area="nowhere").status_code == 404
    assert post("", group="Z99").status_code == 400
    assert post(f"/{number}/end").status_code == 404
    assert client.post("/insight/follows", data={"group": "E01"}).status_code == 400  # no token
    heat.session.rollback()
    assert heat.session.scalars(select(HotspotFollow.person_id)).all() == [other.id]
