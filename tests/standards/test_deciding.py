"""Decisions that last, the office's clock, and what a process may keep of both."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.at_once import at_once
from tests.factories.people import make_department, make_office, make_person
from tests.factories.standards import make_condition, make_standards
from webapp.people.models import CalendarKind, DepartmentKind
from webapp.standards.models import RoutingDecision
from webapp.standards.service import (
    Parties,
    decide,
    decide_columns,
    decide_many,
    office_standards,
    put_rule,
    remove_day,
    set_day,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
LAMP = SimpleNamespace(path="/component/K01/K01-037/K01-037.4/")


@pytest.fixture
def office(session):
    return make_office(session, code="640121001", area_path="/640121/001/")


def decisions(session) -> int:
    return session.scalar(select(func.count()).select_from(RoutingDecision)) or 0


def rule(session, office, area: str, class_path: str, **parties):
    made = put_rule(session, office, area, class_path, Parties(**parties), made_by=None, now=NOW)
    session.flush()
    return made


class TestADecision:
    def test_says_which_rule_won_which_lost_why_and_who_made_them(self, session, office):
        lights = make_department(session, office, name="公用事业服务中心")
        law = make_department(session, office, name="综合执法办公室")
        admin = make_person(session, office, name="管理员")
        wide = rule(session, office, "/640121/001/", "/component/", lead=lights.id)
        exact = put_rule(
            session,
            office,
            "/640121/001/003/",
            "/component/",
            Parties(law.id, ("community",), (admin.id,)),
            made_by=admin,
            now=NOW,
        )
        decision = decide(session, office, "/640121/001/003/012/", LAMP, NOW)
        assert (decision.rule_id, decision.lead_department_id) == (exact.id, law.id)
        assert decision.leader_id == admin.id
        won, lost = decision.reason["matches"]
        assert won["rule"] == exact.id
        assert won["lead"] == {"department": law.id, "name": "综合执法办公室"}
        assert won["informed"] == [{"community_of_place": True}]
        assert won["leaders"] == [{"person": admin.id, "name": "管理员"}]
        assert (won["made_by"], won["made_at"]) == ("管理员", NOW.isoformat())
        assert won["lost_by"] is None
        assert (lost["rule"], lost["lost_by"]) == (wide.id, "area")
        assert decision.reason["notes"] == ["no_community"]

    def test_without_a_rule_is_the_dispatchers(self, session, office):
        decision = decide(session, office, "/640121/001/003/012/", LAMP, NOW)
        assert (decision.rule_id, decision.lead_department_id) == (None, None)
        assert decision.reason == {"matches": [], "community": None, "notes": ["no_rule"]}

    def test_is_shared_by_cases_that_the_rules_do_not_tell_apart(self, session, office):
        lights = make_department(session, office)
        rule(session, office, "/640121/001/", "/component/", lead=lights.id)
        first = decide(session, office, "/640121/001/003/012/", LAMP, NOW)
        assert decide(session, office, "/640121/001/007/001/", LAMP, NOW) is first
        assert decisions(session) == 1

    def test_stays_when_its_rule_is_replaced(self, session, office):
        lights, law = make_department(session, office), make_department(session, office)
        scope = ("/640121/001/", "/component/")
        rule(session, office, *scope, lead=lights.id)
        before = decide(session, office, "/640121/001/003/", LAMP, NOW)
        rule(session, office, *scope, lead=law.id)
        after = decide(session, office, "/640121/001/003/", LAMP, NOW)
        assert (before.lead_department_id, after.lead_department_id) == (lights.id, law.id)
        assert before.rule.retired_at == NOW

    def test_keeps_the_names_of_its_day(self, session, office):
        lights = make_department(session, office, name="路灯所")
        rule(session, office, "/640121/001/", "/component/", lead=lights.id)
        before = decide(session, office, "/640121/001/003/", LAMP, NOW)
        lights.name, office.revision = "公用事业服务中心", office.revision + 1
        after = decide(session, office, "/640121/001/003/", LAMP, NOW)
        names = [d.reason["matches"][0]["lead"]["name"] for d in (before, after)]
        assert names == ["路灯所", "公用事业服务中心"]


class TestManyDecisions:
    def test_by_pairs(self, session, office):
        standards = make_standards(session, office)
        areas = [f"/640121/001/{c:03}/{g:03}/" for c in range(1, 11) for g in range(1, 4)]
        paths = [row.path for row in standards.conditions_on(date(2026, 1, 1)).values()]
        pairs = [(area, path) for area in areas for path in paths]
        found = decide_many(session, office, pairs, NOW)
        assert len(found) == 30 * 84
        assert decisions(session) == 10 * 54  # ten communities; E99 has no rule: one for each area
        for area, path in pairs[::97]:
            expected = standards.router.route(area, path)
            assert found[area, path].lead_department_id == expected.lead
            assert tuple(found[area, path].informed) == expected.informed

    def test_by_columns_are_the_same(self, session, office):
        standards = make_standards(session, office)
        areas = ["/640121/001/001/001/", "/640121/001/", "/640121/001/002/009/"]
        paths = [row.path for row in standards.conditions_on(date(2026, 1, 1)).values()]
        random = np.random.default_rng(7)
        at, of = random.integers(0, 3, 5000), random.integers(0, len(paths), 5000)
        decided = decide_columns(session, office, areas, at, paths, of, NOW)
        pairs = [(areas[a], paths[c]) for a, c in zip(at, of, strict=True)]
        one_by_one = decide_many(session, office, pairs, NOW)
        assert [decided.decisions[i] for i in decided.which] == [one_by_one[p] for p in pairs]

    def test_of_no_cases_are_none(self, session, office):
        none = np.array([], np.int64)
        assert decide_columns(session, office, [], none, [], none, NOW).decisions == []


def test_two_who_decide_the_same_at_the_same_time_share_one_row(database, session):
    office = make_office(session, code="640121001", area_path="/640121/001/")
    lights = make_department(session, office)
    rule(session, office, "/640121/001/", "/component/", lead=lights.id)
    session.commit()

    def work():
        with Session(database) as own:
            mine = own.get(type(office), office.id)
            own.commit()
            own.connection(execution_options={"writes": True})
            found = decide(own, mine, "/640121/001/003/", LAMP, NOW).id
            own.commit()
            return found

    assert len(set(at_once(work, 4))) == 1
    assert decisions(session) == 1


class TestWhatAProcessKeeps:
    def test_is_the_same_until_the_revision_rises(self, session, office):
        first = office_standards(session, office)
        assert office_standards(session, office) is first
        office.revision += 1
        assert office_standards(session, office) is not first

    def test_is_forgotten_when_what_was_read_is_undone(self, database, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        session.commit()
        make_condition(session, office)
        office.revision += 1
        assert set(office_standards(session, office).history) == {"K01-037.1"}
        session.rollback()
        make_condition(session, office, class_code="K01-099")
        office.revision += 1
        assert set(office_standards(session, office).history) == {"K01-099.1"}

    def test_outlives_the_session(self, app):
        sessions = app.extensions["database"].sessions
        with sessions() as session:
            office = make_office(session)
            session.commit()
            first = office_standards(session, office)
        with sessions() as session:
            assert office_standards(session, session.get(type(office), office.id)) is first


class TestTheOfficesClock:
    def test_has_its_own_hours_zone_and_calendar(self, session):
        office = make_office(
            session,
            time_zone="America/Los_Angeles",
            calendar=CalendarKind.WEEKDAYS,
            work_hours=[["09:00", "17:00"]],
        )
        friday = datetime(2026, 10, 3, 0, 0, tzinfo=UTC)  # 17:00 on Friday there
        deadline = office_standards(session, office).clock.deadline(friday, 1, "work_day")
        assert deadline.due_at == datetime(2026, 10, 6, 0, 0, tzinfo=UTC)

    def test_follows_an_override_and_its_removal(self, session, office):
        monday = date(2026, 11, 23)
        friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # 17:00

        def due():
            return office_standards(session, office).clock.deadline(friday, 2, "work_hour").due_at

        assert due() == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        set_day(session, office, monday, working=False, note="停电")
        assert due() == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        set_day(session, office, monday, working=True, note="")
        assert due() == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        set_day(session, office, monday, working=False, note="")
        remove_day(session, office, monday)
        assert due() == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def test_a_deadline_is_provisional_until_the_days_are_known(self, session, office):
        eve = datetime(2099, 12, 31, 9, 0, tzinfo=UTC)
        limit = (eve, 2, "work_hour")
        assert office_standards(session, office).clock.deadline(*limit).provisional
        for day in (date(2099, 12, 31), date(2100, 1, 1)):
            set_day(session, office, day, working=True, note="")
        settled = office_standards(session, office).clock.deadline(*limit)
        assert not settled.provisional
        assert settled.due_at == datetime(2100, 1, 1, 1, 0, tzinfo=UTC)


def test_communities_that_are_closed_are_informed_no_more(session, office):
    kind = DepartmentKind.COMMUNITY
    community = make_department(session, office, kind=kind, area_path="/640121/001/003/")
    lights = make_department(session, office)
    rule(session, office, "/640121/001/", "/", lead=lights.id, informed=("community",))
    assert decide(session, office, "/640121/001/003/", LAMP, NOW).informed == [community.id]
    community.active, office.revision = False, office.revision + 1
    assert decide(session, office, "/640121/001/003/", LAMP, NOW).informed == []
