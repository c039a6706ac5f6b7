"""Departments, crews, heads, the office's settings, and the log of who did what."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests import scenes
from tests.factories.life import Town, make_town
from tests.factories.people import make_department, make_office, make_person, sign_in, token
from webapp.cases.life.clocks import STAGE_LIMITS
from webapp.cases.life.models import Participant
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, Source, State
from webapp.core.audit import Audit
from webapp.core.settings import ROOT
from webapp.desks.admin import logbook
from webapp.desks.admin.log import VERB_LABELS
from webapp.desks.admin.logbook import CASES, SET_UP, LogFilters, read_log
from webapp.people.departments import members_of
from webapp.people.models import Crew, Department, Duty, Role
from webapp.standards.service import office_standards

WEBAPP = ROOT / "webapp"
DAY = date(2026, 11, 24)
ALL_DAYS = {"since": DAY - timedelta(days=300), "until": DAY + timedelta(days=60)}


def make_administered_town(session) -> Town:
    town = make_town(session)
    town.people["admin"] = make_person(session, town.ground.office, role=Role.ADMINISTRATOR)
    return town


scene = scenes.by(town=make_administered_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


@pytest.fixture
def admin(client, town):
    sign_in(client, town.people["admin"])
    return client


def send(client, path, **facts):
    return client.post(path, data=facts | {"csrf_token": token(client, "/me")})


def fresh(session):
    session.rollback()  # ends what this session has read, so that it sees what was committed
    session.expire_all()
    return session


def written(session) -> list[tuple[str, str]]:
    rows = fresh(session).scalars(select(Audit).order_by(Audit.id))
    return [(row.verb, row.subject) for row in rows]


# --- departments --------------------------------------------------------------------------------


def test_a_department_is_added_renamed_and_found_in_the_list(admin, town, session):
    office = town.ground.office
    revision = office.revision
    made = send(admin, "/admin/departments", code="D20", name=" 园林 绿化所 ", kind="centre")
    assert made.status_code == 302
    fresh(session)
    department = session.scalars(select(Department).where(Department.code == "D20")).one()
    assert (department.name, department.active) == ("园林 绿化所", True)
    session.refresh(office)
    assert office.revision > revision
    send(admin, f"/admin/departments/{department.id}/name", name="园林所")
    assert "园林所" in admin.get("/admin/departments").text
    assert written(session) == [("department.add", "园林 绿化所"), ("department.rename", "园林所")]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"code": "D02"}, "The code D02 is taken."),
        ({"name": "综合执法队"}, "Another department is called"),
        ({"name": "x" * 65}, "At most 64 characters."),
        ({"code": "9", "kind": "community"}, "There is no area 9"),
        ({"kind": "guild"}, "Not a valid choice."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(admin, town, session, facts, words):
    sent = {"code": "D20", "name": "园林所", "kind": "centre"} | facts
    answer = admin.post("/admin/departments", headers={"Accept-Language": "en"},
                        data=sent | {"csrf_token": token(admin, "/me")})  # fmt: skip
    assert answer.status_code == 422
    assert words in answer.text
    assert written(session) == []


def test_a_communitys_committee_has_the_path_of_its_community(admin, town, session):
    facts = {"code": "640121001002", "name": "第二社区", "kind": "community"}
    assert send(admin, "/admin/departments", **facts).status_code == 302
    found = fresh(session).scalars(select(Department).where(Department.name == "第二社区")).one()
    assert found.area_path == "/640121/001/002/"


def test_closing_down_says_beforehand_what_it_does_and_does_that(admin, town, session):
    for _ in range(2):
        town.handling()
    town.dispatched()
    town.checking()
    helped = town.opened()
    town.step(helped, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    called = {"department_id": town.centre.id, "note": "照明"}
    town.step(helped, Action.WHISTLE, "dispatcher", **called)
    session.commit()
    page = admin.get(f"/admin/departments/{town.centre.id}", headers={"Accept-Language": "en"})
    said = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)", page.text)
    assert said == [
        ("Cases that go back to the dispatcher", "3"),
        ("Tasks that are called off", "1"),
        ("Rules that name it", "1"),
    ]
    assert send(admin, f"/admin/departments/{town.centre.id}/close").status_code == 302
    fresh(session)
    states = session.scalars(select(Case.state).where(Case.lead_department_id == town.centre.id))
    assert sorted(states) == [State.CHECKING, State.RETURNED, State.RETURNED, State.RETURNED]
    owing = select(func.count()).select_from(Participant).where(
        Participant.department_id == town.centre.id, Participant.called_off_at.is_not(None)
    )  # fmt: skip
    assert session.scalar(owing) == 1
    assert not session.get(Department, town.centre.id).active
    kept = session.scalars(select(Audit)).one()
    assert (kept.verb, kept.new) == ("department.close", {"cases_back": 3})
    assert send(admin, f"/admin/departments/{town.centre.id}/open").status_code == 302
    assert fresh(session).get(Department, town.centre.id).active


def test_departments_of_another_office_are_not_there(admin, town, session):
    other = make_department(session, make_office(session))
    session.commit()
    assert admin.get(f"/admin/departments/{other.id}").status_code == 404
    for what in ("close", "open", "name"):
        answer = send(admin, f"/admin/departments/{other.id}/{what}", name="x")
        assert answer.status_code == 404
    assert send(admin, f"/departments/{other.id}/crews", name="班").status_code == 404


# --- heads and crews ----------------------------------------------------------------------------


def test_a_member_is_named_head_and_no_longer(admin, town, session):
    member = town.people["member"]
    path = f"/admin/people/{member.id}/duties/{member.duties[0].id}/head"
    for given, expected in (("1", True), ("0", False)):
        send(admin, path, is_head=given)
        assert fresh(session).get(Duty, member.duties[0].id).is_head is expected
    assert [verb for verb, _name in written(session)] == ["duty.head", "duty.head"]


def test_only_a_members_duty_can_head(admin, town, session):
    leader = town.people["leader"]
    path = f"/admin/people/{leader.id}/duties/{leader.duties[0].id}/head"
    assert send(admin, path, is_head="1").status_code == 400
    assert written(session) == []


def test_a_head_keeps_the_crews_of_their_department(client, town, session):
    sign_in(client, town.people["head"])
    own = f"/departments/{town.centre.id}/crews"
    ids = [person.id for person in members_of(session, town.centre)]
    assert send(client, own, name="照明班", members=ids).status_code == 302
    crew = fresh(session).scalars(select(Crew)).one()
    assert {person.id for person in crew.members} == set(ids)
    send(client, f"{own}/{crew.id}", name="照明一班", members=ids[:1])
    send(client, f"{own}/{crew.id}/close")
    fresh(session).refresh(crew)
    assert (crew.name, len(crew.members), crew.active) == ("照明一班", 1, False)
    assert "照明一班" in client.get("/desk/department/crews").text
    said = [verb for verb, _name in written(session)]
    assert said == ["crew.add", "crew.change", "crew.close"]


@pytest.mark.parametrize("who", ["member", "helper"])
def test_crews_are_not_for_members_nor_for_other_departments(client, town, session, who):
    sign_in(client, town.people[who])
    path = f"/departments/{town.centre.id}/crews"
    assert send(client, path, name="班").status_code == 403
    assert fresh(session).scalars(select(Crew)).all() == []
    assert client.get("/desk/department/crews").status_code == 200


def test_only_people_of_the_department_go_out_with_its_crew(client, town, session):
    sign_in(client, town.people["head"])
    path = f"/departments/{town.centre.id}/crews"
    for name, members in (("班", [town.people["helper"].id]), ("", []), ("x" * 65, [])):
        assert send(client, path, name=name, members=members).status_code == 400
    assert send(client, path, name="班").status_code == 302
    assert send(client, path, name="班").status_code == 409
    assert len(fresh(session).scalars(select(Crew)).all()) == 1


# --- settings -----------------------------------------------------------------------------------


def settings_form(**facts):
    units = {f"{name}_unit": unit for name, (_amount, unit) in STAGE_LIMITS.items()}
    return units | {"verify_sources": ["public", "media", "transferred"]} | facts


def settings_of(session, town):
    office = town.ground.office
    fresh(session).refresh(office)
    return office.settings


def test_an_empty_form_leaves_everything_as_usual(admin, town, session):
    assert send(admin, "/admin/settings", **settings_form()).status_code == 302
    assert settings_of(session, town) == {}
    assert written(session) == []


def test_what_is_set_holds_from_the_next_step_on(admin, town, session):
    facts = settings_form(accept_amount="1", accept_unit="urgent_day", report_in_minutes="10",
                          similar_m="80", verify_sources=["public"])  # fmt: skip
    assert send(admin, "/admin/settings", **facts).status_code == 302
    assert settings_of(session, town) == {
        "stage_limits": {"accept": [1, "urgent_day"]},
        "report_in_minutes": 10,
        "similar_m": 80,
        "verify_sources": ["public"],
    }
    case = town.handling(draft={"source": Source.STAFF})
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="来")
    row = session.scalars(
        select(Participant).where(Participant.department_id == town.helpers.id)
    ).one()
    assert row.report_in_by - row.called_at == timedelta(minutes=10)
    kept = session.scalars(select(Audit)).one()
    assert kept.verb == "settings.change"
    assert kept.new["report_in_minutes"] == 10
    page = admin.get("/admin/settings").text
    assert 'value="80"' in page


def test_from_when_a_limit_shows_yellow_is_a_setting_of_both_clocks(admin, town, session):
    facts = settings_form(warn_percent="50", accept_amount="8", accept_unit="urgent_hour")
    assert send(admin, "/admin/settings", **facts).status_code == 302
    session.refresh(town.ground.office)
    case = town.report()
    assert case.stage_due_at - case.stage_since == timedelta(hours=8)
    assert case.stage_warn_at - case.stage_since == timedelta(hours=4)
    clock = office_standards(session, town.ground.office).clock
    half = clock.running(case.reported_at, case.due_at, case.limit_unit) / 2
    assert clock.running(case.reported_at, case.warn_at, case.limit_unit) == half


def test_what_the_form_does_not_know_stays(admin, town, session):
    town.ground.office.settings = {"something_else": 7, "similar_m": 9}
    session.commit()
    send(admin, "/admin/settings", **settings_form())
    assert settings_of(session, town) == {"something_else": 7}


@pytest.mark.parametrize(
    "facts",
    [{"report_in_minutes": "4"}, {"report_in_minutes": "soon"}, {"accept_amount": "0"},
     {"accept_amount": "1000"}, {"accept_unit": "fortnight"}, {"similar_hours": "-1"},
     {"leader_told_at_percent": "100"}, {"verify_sources": ["rumour"]},
     {"near_edge_m": "9" * 30}, {"hotspot_weeks": "9"}, {"hotspot_weeks": "53"},
     {"hotspot_weeks": "12.5"}, {"hotspot_weekday": "7"}, {"hotspot_weekday": "-1"},
     {"hotspot_weekday": "Monday"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(admin, town, session, facts):
    answer = send(admin, "/admin/settings", **settings_form(**facts))
    assert answer.status_code == 422
    assert "is-invalid" in answer.text or "field-error" in answer.text
    assert settings_of(session, town) == {}


# --- who did what -------------------------------------------------------------------------------


@pytest.fixture
def lived(admin, town, session) -> Town:
    town.closed()
    town.dispatched()
    session.commit()
    send(admin, "/admin/settings", **settings_form(similar_m="70"))
    send(admin, f"/admin/departments/{town.centre.id}/name", name="新名字")
    fresh(session)
    return town


def test_the_log_has_every_event_and_every_change_the_last_first(lived, session):
    page = read_log(session, lived.ground.office, LogFilters(**ALL_DAYS))
    events = session.scalar(select(func.count()).select_from(CaseEvent))
    assert len(page.lines) == events + 2
    assert page.lines == sorted(page.lines, key=lambda line: (line.at, line.id), reverse=True)
    assert {line.what for line in page.lines if not line.of_case} == {
        "settings.change", "department.rename",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["", CASES, SET_UP])
def test_pages_by_key_show_every_line_once(lived, session, monkeypatch, kind):
    office = lived.ground.office
    whole = read_log(session, office, LogFilters(**ALL_DAYS, kind=kind)).lines
    monkeypatch.setattr(logbook, "PAGE_ROWS", 3)
    seen, after = [], None
    while True:
        page = read_log(session, office, LogFilters(**ALL_DAYS, kind=kind, after=after))
        seen += page.lines
        if not page.after:
            break
        after = logbook.read_key(page.after)
    assert seen == whole


def test_the_log_is_narrowed_by_person_deed_and_day(lived, session):
    office, manager = lived.ground.office, lived.people["manager"]
    own = read_log(session, office, LogFilters(**ALL_DAYS, person_id=manager.id)).lines
    assert {line.person_id for line in own} == {manager.id}
    assert len(own) == 3
    opened = read_log(session, office, LogFilters(**ALL_DAYS, what="open")).lines
    assert [line.what for line in opened] == ["open", "open"]
    renamed = read_log(session, office, LogFilters(**ALL_DAYS, what="department.rename")).lines
    assert [line.subject for line in renamed] == ["新名字"]
    before = LogFilters(since=DAY - timedelta(days=9), until=DAY - timedelta(days=1), kind=CASES)
    assert read_log(session, office, before).lines == []


def test_nothing_of_another_office_is_in_the_log(lived, session):
    other = make_office(session)
    assert read_log(session, other, LogFilters(**ALL_DAYS)).lines == []


@pytest.mark.parametrize(
    "query",
    ["since=2026-12-01&until=2026-11-01", "since=1990-01-01", "kind=x", "after=next",
     "since=tomorrow"],
)  # fmt: skip
def test_odd_filters_are_refused_in_words(lived, admin, query):
    assert admin.get(f"/admin/log?{query}").status_code == 400


@pytest.mark.parametrize("query", ["person=999999999", "person=-1", "what=nonsense", "person=x"])
def test_filters_that_match_nothing_show_an_empty_page(lived, admin, query):
    assert admin.get(f"/admin/log?{query}").status_code == 200


def test_every_change_that_is_written_down_has_its_words():
    """The verbs stand in the code where the changes are made."""
    call = re.compile(r'\bnote(?:_change)?\(\s*(?:session, |current_session\(\), )?f?"([a-z.{}]+)"')
    found = {
        verb for path in WEBAPP.rglob("*.py") for verb in call.findall(path.read_text("utf-8"))
    }
    turned = {"crew.close", "crew.open"}  # written as one: what is done to the crew is the word
    assert {verb for verb in found if "{" not in verb} | turned == set(VERB_LABELS)


def test_no_password_is_ever_in_the_log(admin, town, session):
    facts = {"name": "王秀兰", "username": "wang", "role": "leader", "phone": "13895000000"}
    answer = send(admin, "/admin/people/add", area="", department="", **facts)
    password = re.findall(r'class="[^"]*secret[^>]*>([^<]+)<', answer.text)[-1]
    assert password != "wang"
    person = town.people["member"]
    send(admin, f"/admin/people/{person.id}/password")
    send(admin, f"/admin/people/{person.id}/details", name="张三", phone="13800000000")
    send(admin, f"/admin/people/{person.id}/close")
    rows = fresh(session).scalars(select(Audit)).all()
    assert [row.verb for row in rows] == [
        "person.add", "person.password", "person.change", "person.close",
    ]  # fmt: skip
    kept = " ".join(f"{row.subject} {row.old} {row.new}" for row in rows)
    assert password not in kept
    assert "13800000000" not in kept
