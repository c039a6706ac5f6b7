"""People around a case, and the steps they take."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import CENTRE, NOW, Ground, make_case, make_ground
from tests.factories.people import make_department, make_person
from webapp.cases.life.scene import PROGRAM, RESIDENT, Given, actor_at
from webapp.cases.life.steps import take_step
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.people.models import Department, Person, Role

MINUTE = timedelta(minutes=1)


@dataclass
class Town:
    """An office with everybody who has to do with a case; `now` moves on with each step."""

    session: Session
    ground: Ground
    centre: Department
    helpers: Department
    people: dict[str, Person]
    now: datetime = NOW
    cases: list[Case] = field(default_factory=list)

    def report(self, **facts: Any) -> Case:
        case = make_case(self.session, self.ground.office, now=self.now, **facts)
        self.cases.append(case)
        return case

    def step(self, case: Case, action: Action, by: str, **given: Any) -> CaseEvent:
        """`by` is a name in `people`, or "resident" or "program"."""
        self.now += MINUTE
        nobody = {"resident": RESIDENT, "program": PROGRAM}
        actor = nobody.get(by) or actor_at(self.session, self.people[by], case)
        seen = given.pop("seen_version", None)
        return take_step(self.session, case, action, actor, self.now, Given(**given), seen)

    def opened(self, **facts: Any) -> Case:
        case = self.report(**facts)
        self.step(case, Action.ASK_VERIFICATION, "dispatcher")
        self.step(case, Action.VERIFY, "manager", found=True, note="看到了")
        self.step(case, Action.OPEN, "dispatcher")
        return case

    def dispatched(self, **facts: Any) -> Case:
        case = self.opened(**facts)
        self.step(case, Action.DISPATCH, "dispatcher", department_id=self.centre.id)
        return case

    def handling(self, **facts: Any) -> Case:
        case = self.dispatched(**facts)
        self.step(case, Action.TAKE, "member")
        return case

    def checking(self, **facts: Any) -> Case:
        case = self.handling(**facts)
        self.step(case, Action.ANSWER, "member", note="换了灯泡")
        self.step(case, Action.ASK_CHECK, "dispatcher")
        return case

    def closed(self, **facts: Any) -> Case:
        case = self.checking(**facts)
        self.step(case, Action.PASS_CHECK, "manager", note="亮了")
        return case


def make_town(session: Session) -> Town:
    ground = make_ground(session)
    office = ground.office
    centre = session.scalars(
        select(Department).where(Department.office_id == office.id, Department.name == CENTRE)
    ).one()
    helpers = make_department(session, office, code="D09", name="综合执法队")
    member = Role.DEPARTMENT_MEMBER
    head = make_person(session, office, role=member, department=centre)
    head.duties[0].is_head = True
    people = {
        "dispatcher": make_person(session, office, role=Role.DISPATCHER),
        "manager": make_person(session, office, role=Role.GRID_MANAGER),
        "inspector": make_person(session, office, role=Role.INSPECTOR),
        "leader": make_person(session, office, role=Role.LEADER),
        "member": make_person(session, office, role=member, department=centre),
        "head": head,
        "helper": make_person(session, office, role=member, department=helpers),
    }
    session.flush()
    return Town(session, ground, centre, helpers, people)
