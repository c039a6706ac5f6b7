"""The way of a case from the report to its end."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.life import Town, make_town
from webapp.cases.models import CaseEvent
from webapp.cases.vocabulary import Action, State


@pytest.fixture
def town(session: Session) -> Town:
    return make_town(session)


def test_a_case_goes_from_the_report_to_the_end(town: Town) -> None:
    case = town.closed()
    assert case.state is State.CLOSED
    assert case.closed_at == town.now
    events = town.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)).all()
    assert [event.action for event in events] == [
        Action.REPORTED,
        Action.ASK_VERIFICATION,
        Action.VERIFY,
        Action.OPEN,
        Action.DISPATCH,
        Action.TAKE,
        Action.ANSWER,
        Action.ASK_CHECK,
        Action.PASS_CHECK,
    ]


def test_a_dispatch_taken_back_leaves_the_case_as_it_was(town: Town) -> None:
    case = town.opened()
    due, lead = case.due_at, case.lead_department_id
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    town.now -= timedelta(seconds=50)
    town.step(case, Action.UNDO_DISPATCH, "dispatcher")
    assert (case.state, case.due_at, case.lead_department_id) == (State.OPENED, due, lead)


def test_a_joint_case_whistles_and_reports_in(town: Town) -> None:
    case = town.handling()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    town.step(case, Action.REPORT_IN, "helper", lon=106.25, lat=38.28)
    town.step(case, Action.FINISH_TASK, "helper", note="已拆")
    town.step(case, Action.ASK_EXTENSION, "member", note="等配件")
    town.step(case, Action.ENDORSE_EXTENSION, "head")
    town.step(case, Action.GRANT_EXTENSION, "dispatcher")
    assert case.extension_count == 1
