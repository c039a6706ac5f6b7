"""The department's desk: its tabs against brute force, and never a case of another department."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import scenes
from tests.factories.desks import in_order, looking, notes_of, numbers
from tests.factories.life import Town, make_town
from tests.factories.people import make_department, make_office, make_person, sign_in, token
from webapp.cases.life.models import CaseRequest, Participant
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.vocabulary import Action, Part, RequestKind, RequestState, State
from webapp.desks.department.tabs import AFTER_DISPATCH
from webapp.desks.department.views import DESK
from webapp.desks.frame.counts import count_tabs
from webapp.people.models import Crew, Duty, Role

in_app = pytest.mark.usefixtures("in_the_application")
CEILING = 20  # statements for a page, whatever lies on the desk


def make_busy(session) -> Town:
    """Cases of two departments in every state that a department knows."""
    town = make_town(session)
    crew = Crew(department_id=town.centre.id, name="照明班", members=[town.people["member"]])
    town.session.add(crew)
    town.session.flush()
    town.opened()
    for _ in range(2):
        town.dispatched()
        town.handling()
    town.step(town.dispatched(), Action.ASSIGN, "head", assignee_id=town.people["member"].id)
    town.step(town.handling(), Action.ASSIGN, "head", crew_id=crew.id)
    town.step(town.handling(), Action.ASSIGN, "member", assignee_id=town.people["head"].id)
    town.step(town.checking(), Action.FAIL_CHECK, "manager", note="还没好")
    town.step(town.handling(), Action.ANSWER, "member", note="好了")
    town.checking()
    town.closed()
    until = (town.now + timedelta(days=9)).date()
    town.step(town.handling(), Action.SUSPEND, "dispatcher", until=until, note="等开春")
    town.step(town.handling(), Action.ASK_EXTENSION, "member", note="等零件")
    town.step(town.handling(), Action.ASK_EXTENSION, "head", note="等零件")
    town.step(town.dispatched(), Action.RETURN, "member", note="不是我们的")
    called = town.handling()
    whistle = {"department_id": town.helpers.id, "note": "清理占道物品"}
    town.step(called, Action.WHISTLE, "dispatcher", **whistle)
    there = town.handling()
    town.step(there, Action.WHISTLE, "dispatcher", **whistle)
    town.step(there, Action.REPORT_IN, "helper", lon=106.25, lat=38.28)
    town.step(there, Action.FINISH_TASK, "helper", note="清完了")
    of_others = town.opened()
    town.step(of_others, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
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


def expected(town: Town, tab: str, who: str) -> list[Case]:
    """What the tab means, said once more without SQL."""
    session, person = town.session, town.people[who]
    own = {duty.department_id for duty in person.duties}
    heads = {duty.department_id for duty in person.duties if duty.is_head}
    cases = [c for c in session.scalars(select(Case)) if c.state not in FINAL_STATES]
    requests = session.scalars(select(CaseRequest)).all()
    owing = [
        p.case_id
        for p in session.scalars(select(Participant))
        if p.part is Part.ASSISTING and not p.finished_at and not p.called_off_at
        and p.department_id in own
    ]  # fmt: skip
    zone = ZoneInfo(town.ground.office.time_zone)
    midnight = datetime.combine(town.now.astimezone(zone).date() + timedelta(days=1), time(), zone)

    def to_endorse(case: Case) -> bool:
        return case.lead_department_id in heads and any(
            r.case_id == case.id and r.kind is RequestKind.EXTENSION
            and r.state is RequestState.ASKED for r in requests
        )  # fmt: skip

    def mine(case: Case) -> bool:
        crew = session.get(Crew, case.crew_id) if case.crew_id else None
        return case.assignee_id == person.id or (crew is not None and person in crew.members)

    handled = (State.DISPATCHED, State.HANDLING)
    meaning = {
        "take": lambda c: c.state is State.DISPATCHED,
        "mine": lambda c: c.state in handled and mine(c),
        "handling": lambda c: c.state is State.HANDLING,
        "today": lambda c: c.state in handled and c.due_at < midnight and not c.clock_stopped_at,
        "back": lambda c: c.state is State.HANDLING and c.rework_count,
        "suspended": lambda c: c.state is State.SUSPENDED,
        "answered": lambda c: c.state in (State.ANSWERED, State.CHECKING),
        "endorse": lambda c: c.state is State.HANDLING and to_endorse(c),
    }
    if tab == "joint":
        return [
            c for c in cases if c.state in AFTER_DISPATCH
            and (c.id in owing or (c.joint and c.lead_department_id in own))
        ]  # fmt: skip
    return [c for c in cases if c.lead_department_id in own and meaning[tab](c)
            and c.dispatched_at]  # fmt: skip


@in_app
@pytest.mark.parametrize("tab", [tab.name for tab in DESK.tabs])
@pytest.mark.parametrize("who", ["member", "head", "helper"])
def test_a_tab_holds_what_it_means_the_next_due_first(busy, tab, who):
    found = numbers(busy, DESK, tab, busy.people[who])
    assert found == in_order(expected(busy, tab, who))


@in_app
def test_every_tab_of_the_head_has_something_in_this_test(busy):
    counts = count_tabs(busy.session, DESK, looking(busy, busy.people["head"]))
    assert min(counts.values()) > 0
    assert counts == {
        tab.name: len(numbers(busy, DESK, tab.name, busy.people["head"])) for tab in DESK.tabs
    }


def test_another_departments_cases_are_on_no_tab(busy):
    department = make_department(busy.session, busy.ground.office, code="D77", name="别的部门")
    stranger = make_person(busy.session, busy.ground.office, role=Role.DEPARTMENT_MEMBER,
                           department=department)  # fmt: skip
    other = make_office(busy.session)
    elsewhere = make_person(busy.session, other, role=Role.DEPARTMENT_MEMBER,
                            department=make_department(busy.session, other))  # fmt: skip
    for person in (stranger, elsewhere):
        assert set(count_tabs(busy.session, DESK, looking(busy, person)).values()) == {0}


def test_who_works_in_two_departments_sees_both(busy):
    both = busy.people["member"]
    duty = Duty(role=Role.DEPARTMENT_MEMBER, area_path=busy.ground.office.area_path,
                department=busy.helpers)  # fmt: skip
    both.duties.append(duty)
    busy.session.flush()
    alone = set(numbers(busy, DESK, "take", busy.people["head"]))
    helpers = set(numbers(busy, DESK, "take", busy.people["helper"]))
    assert helpers - alone
    assert set(numbers(busy, DESK, "take", both)) == alone | helpers


def test_a_row_says_who_has_the_case(busy):
    said = notes_of(busy, DESK, "mine", busy.people["member"])
    words = [word for notes in said.values() for word in notes]
    assert f"with {busy.people['member'].name}" in words
    assert "with 照明班" in words


@in_app
def test_who_has_not_come_is_told_by_the_minute(busy):
    busy.now += timedelta(minutes=37)
    said = notes_of(busy, DESK, "joint", busy.people["member"])
    words = [word for notes in said.values() for word in notes]
    assert f"{busy.helpers.name} has finished" in words
    late = [word for word in words if "has not come" in word]
    assert len(late) == 1
    row = busy.session.scalars(
        select(Participant).where(
            Participant.part == Part.ASSISTING, Participant.reported_in_at.is_(None)
        )
    ).one()
    minutes = int((busy.now - row.report_in_by).total_seconds() // 60)
    assert late == [f"{busy.helpers.name} has not come, {minutes} minutes late"]
    assert minutes > 0


@in_app
def test_the_called_department_reads_its_task(busy):
    said = notes_of(busy, DESK, "joint", busy.people["helper"])
    assert [notes for notes in said.values() if "your task: 清理占道物品" in notes]


def test_only_heads_see_what_there_is_to_endorse_and_the_way_to_the_crews(client, busy):
    pages = {}
    for who in ("member", "head"):
        client.get("/sign-out")
        sign_in(client, busy.people[who])
        pages[who] = client.get(DESK.path).text
    assert 'data-tab="endorse"' in pages["head"]
    assert "/desk/department/crews" in pages["head"]
    assert 'data-tab="endorse"' not in pages["member"]
    assert "/desk/department/crews" not in pages["member"]


@pytest.mark.parametrize(
    "query", ["tab=x", "tab=take&after=1-1", "lamp=red", "tab=joint&case=%00x", "tab=%E4%B8%8D"]
)
def test_what_is_odd_in_the_address_breaks_nothing(client, busy, query):
    sign_in(client, busy.people["member"])
    answer = client.get(f"{DESK.path}?{query}")
    assert answer.status_code in (200, 400)
    assert "<html" in answer.text


def test_a_key_that_is_none_is_refused_in_words(client, busy):
    sign_in(client, busy.people["member"])
    assert client.get(f"{DESK.path}?after=next").status_code == 400


def test_a_page_asks_the_database_the_same_few_times_however_much_there_is(
    client, busy, statements
):
    sign_in(client, busy.people["member"])
    client.get(f"{DESK.path}?tab=joint")
    asked = []
    for more in (1, 13):
        for _ in range(more):
            case = busy.handling()
            whistle = {"department_id": busy.helpers.id, "note": "来一下"}
            busy.step(case, Action.WHISTLE, "dispatcher", **whistle)
        busy.session.commit()
        statements.clear()
        assert client.get(f"{DESK.path}?tab=joint").status_code == 200
        asked.append(len(statements))
    assert asked[0] == asked[1] <= CEILING


def test_a_member_takes_a_case_on_and_it_moves_to_the_next_tab(app, client, busy):
    member = busy.people["member"]
    with app.app_context():
        number = numbers(busy, DESK, "take", member)[0]
    sign_in(client, member)
    facts = {"csrf_token": token(client, "/me")}
    answer = client.post(f"/cases/{number}/steps/take", data=facts)
    assert answer.status_code in (302, 303), answer.text
    busy.session.rollback()
    with app.app_context():
        assert number not in numbers(busy, DESK, "take", member)
        assert number in numbers(busy, DESK, "handling", member)
