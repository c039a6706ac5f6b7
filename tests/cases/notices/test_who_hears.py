"""Who hears of which step, once, and never of their own."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.life import Town, make_town
from tests.factories.people import make_person
from webapp.cases.life.scene import SHORT_UNDO
from webapp.cases.models import Case
from webapp.cases.notices.models import Notice
from webapp.cases.notices.rules import HEARS, HELD_BACK, RESIDENTS, SILENT
from webapp.cases.notices.vocabulary import RESIDENT_KINDS, NoticeKind
from webapp.cases.vocabulary import Action, Colour, SupervisionKind
from webapp.people.models import Role

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session: Session) -> Town:
    return scene.on(session)


def told(town: Town, case: Case, action: Action, by: str, **given: object) -> set[str]:
    """Take a step; the names of those who hear of it."""
    event = town.step(case, action, by, **given)
    notices = town.session.scalars(select(Notice).where(Notice.event_id == event.id)).all()
    names = {person.id: name for name, person in town.people.items()}
    return {names.get(n.person_id, "resident") for n in notices}


def test_every_step_is_told_to_somebody_or_says_why_not() -> None:
    assert set(HEARS) | set(SILENT) == set(Action)
    assert not set(HEARS) & set(SILENT)
    assert set(RESIDENTS.values()) == set(RESIDENT_KINDS)


def test_the_straight_way(town: Town) -> None:
    case = town.report()
    assert told(town, case, Action.ASK_VERIFICATION, "dispatcher") == {"manager"}
    assert told(town, case, Action.VERIFY, "manager", found=True, note="在") == {"dispatcher"}
    assert told(town, case, Action.OPEN, "dispatcher") == set()
    centre = town.centre.id
    assert told(town, case, Action.DISPATCH, "dispatcher", department_id=centre) == {
        "member",
        "head",
    }
    assert told(town, case, Action.TAKE, "member") == set()
    assert told(town, case, Action.ANSWER, "member", note="换了") == {"dispatcher"}
    assert told(town, case, Action.ASK_CHECK, "dispatcher") == {"manager"}
    assert told(town, case, Action.FAIL_CHECK, "manager", note="没亮") == {"member", "head"}


def test_what_was_assigned_concerns_the_person_and_the_heads(town: Town) -> None:
    town.people["colleague"] = make_person(
        town.session, town.ground.office, Role.DEPARTMENT_MEMBER, department=town.centre
    )
    case = town.handling()
    member = town.people["member"].id
    assert told(town, case, Action.ASSIGN, "head", assignee_id=member) == {"member"}
    assert told(town, case, Action.ANSWER, "member", note="换了") == {"dispatcher"}
    town.step(case, Action.ASK_CHECK, "dispatcher")
    assert told(town, case, Action.FAIL_CHECK, "manager", note="没亮") == {"member", "head"}


def test_an_extension_goes_to_the_head_then_the_dispatcher_then_back(town: Town) -> None:
    case = town.handling()
    assert told(town, case, Action.ASK_EXTENSION, "member", note="等配件") == {"head"}
    assert told(town, case, Action.ENDORSE_EXTENSION, "head") == {"dispatcher"}
    assert told(town, case, Action.GRANT_EXTENSION, "dispatcher") == {"member"}
    assert told(town, case, Action.ASK_EXTENSION, "head", note="还等") == {"dispatcher"}


def test_a_whistle_concerns_the_called_department(town: Town) -> None:
    case = town.handling()
    helpers = town.helpers.id
    assert told(town, case, Action.ASK_HELP, "member", note="拆不动") == {"dispatcher"}
    called = told(town, case, Action.WHISTLE, "dispatcher", department_id=helpers, note="拆")
    assert called == {"helper"}
    assert told(town, case, Action.REPORT_IN, "helper") == {"dispatcher", "member", "head"}


def test_supervision_goes_down_and_the_reply_up(town: Town) -> None:
    case = town.handling()
    pressed = told(
        town, case, Action.SUPERVISE, "leader", kind=SupervisionKind.LEADER, colour=Colour.RED,
        reply_by=town.now + timedelta(hours=3), note="抓紧",
    )  # fmt: skip
    assert pressed == {"head", "dispatcher"}
    assert told(town, case, Action.REPLY_SUPERVISION, "member", note="今天修") == {"leader"}


def test_a_return_and_a_reopening_concern_the_dispatcher(town: Town) -> None:
    case = town.handling()
    assert told(town, case, Action.RETURN, "member", note="不是我们的") == {"dispatcher"}
    closed = town.closed()
    assert told(town, closed, Action.REOPEN, "resident", note="又坏了") == {"dispatcher"}


def test_only_the_manager_of_the_smallest_area_is_asked(town: Town) -> None:
    case = town.report()
    town.people["near"] = make_person(
        town.session, town.ground.office, Role.GRID_MANAGER, area_path=case.area.path
    )
    assert told(town, case, Action.ASK_VERIFICATION, "dispatcher") == {"near"}
    other = town.report()
    other.area.manager_id = town.people["manager"].id
    assert told(town, other, Action.ASK_VERIFICATION, "dispatcher") == {"manager"}


def test_who_left_the_office_hears_nothing(town: Town) -> None:
    town.people["member"].active = False
    case = town.opened()
    heard = told(town, case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
    assert heard == {"head"}


def test_a_dispatch_waits_for_the_undo_and_vanishes_with_it(town: Town) -> None:
    assert HELD_BACK[Action.DISPATCH] == SHORT_UNDO
    case = town.opened()
    event = town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
    notice = town.session.scalars(select(Notice).where(Notice.event_id == event.id)).first()
    assert notice is not None
    assert notice.visible_at == event.at + SHORT_UNDO
    town.now -= timedelta(seconds=55)
    town.step(case, Action.UNDO_DISPATCH, "dispatcher")
    assert not town.session.scalars(select(Notice).where(Notice.event_id == event.id)).all()


def test_residents_hear_who_left_an_address_the_merged_too(town: Town) -> None:
    first = town.report(draft={"contact": "li@example.cn", "name": "李"})
    second = town.report(draft={"contact": "wang@example.cn"})
    by_phone = town.report(draft={"contact": "13900000000"})
    for case in (second, by_phone):
        town.step(case, Action.MERGE, "dispatcher", into_number=first.number)
    town.step(first, Action.ASK_VERIFICATION, "dispatcher")
    town.step(first, Action.VERIFY, "manager", found=True, note="在")
    town.step(first, Action.OPEN, "dispatcher")
    to_residents = select(Notice.case_id, Notice.kind).where(Notice.person_id.is_(None))
    assert set(town.session.execute(to_residents).all()) == {
        (second.id, NoticeKind.MERGED),
        (first.id, NoticeKind.ACCEPTED),
        (second.id, NoticeKind.ACCEPTED),
    }
