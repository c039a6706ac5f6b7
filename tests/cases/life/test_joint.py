"""Several departments at one case: called, reported in, finished, scored."""

from datetime import timedelta

import pytest

from tests.factories.cases import INSIDE
from tests.factories.life import Town
from webapp.cases.life.models import CaseRequest, Participant
from webapp.cases.life.steps import open_steps
from webapp.cases.models import Case
from webapp.cases.steps.beside import read_beside
from webapp.cases.steps.fields import Buttons, buttons
from webapp.cases.vocabulary import Action, Part, RequestState, State


@pytest.fixture
def joint(town: Town) -> Case:
    case = town.handling()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    return case


def helpers_at(town: Town, case: Case) -> list[Participant]:
    query = town.session.query(Participant).filter_by(case_id=case.id, part=Part.ASSISTING)
    return query.order_by(Participant.id).all()


def to_check(town: Town, case: Case) -> None:
    town.step(case, Action.ANSWER, "member", note="修好了")
    town.step(case, Action.ASK_CHECK, "dispatcher")


def test_a_department_is_called_with_a_task_and_a_time_to_report_in(town, joint):
    row = helpers_at(town, joint)[0]
    assert joint.joint
    assert (row.task, row.called_at) == ("拆除", town.now)
    assert row.report_in_by == town.now + timedelta(minutes=30)


def test_how_long_a_department_has_is_the_office_s_to_say(town):
    town.ground.office.settings = {"report_in_minutes": 45}
    case = town.handling()
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    assert helpers_at(town, case)[0].report_in_by == town.now + timedelta(minutes=45)


def test_closing_needs_the_result_of_every_department_with_a_task(town, joint, refused):
    to_check(town, joint)
    words = refused(joint, Action.PASS_CHECK, "manager", note="亮了")
    assert town.helpers.name in words
    town.step(joint, Action.REPORT_IN, "helper", lon=INSIDE[0], lat=INSIDE[1])
    refused(joint, Action.PASS_CHECK, "manager", note="亮了")
    town.step(joint, Action.FINISH_TASK, "helper", note="已拆")
    town.step(joint, Action.PASS_CHECK, "manager", note="亮了")
    assert joint.state is State.CLOSED


def test_who_is_called_off_or_merely_informed_owes_nothing(town, joint):
    town.step(joint, Action.CALL_OFF, "dispatcher", department_id=town.helpers.id, note="不用了")
    town.session.add(
        Participant(case_id=joint.id, department_id=town.helpers.id, part=Part.INFORMED,
                    called_at=town.now)
    )  # fmt: skip
    to_check(town, joint)
    town.step(joint, Action.PASS_CHECK, "manager", note="亮了")
    assert joint.state is State.CLOSED


def test_reporting_in_keeps_where_and_how_far_from_the_case(town, joint, refused):
    refused(joint, Action.FINISH_TASK, "helper", note="没去就好了")
    town.step(joint, Action.REPORT_IN, "helper", lon=INSIDE[0], lat=INSIDE[1] + 0.001)
    row = helpers_at(town, joint)[0]
    assert row.reported_in_at == town.now
    assert row.reported_in_by_id == town.people["helper"].id
    assert row.distance_m == pytest.approx(111.0, abs=1)
    assert "already" in refused(joint, Action.REPORT_IN, "helper")


def test_reporting_in_is_possible_without_a_position(town, joint):
    town.step(joint, Action.REPORT_IN, "helper")
    assert helpers_at(town, joint)[0].distance_m is None


def test_only_a_called_department_reports_in(town, joint, refused):
    refused(joint, Action.REPORT_IN, "member")
    town.step(joint, Action.CALL_OFF, "dispatcher", department_id=town.helpers.id, note="不用了")
    refused(joint, Action.REPORT_IN, "helper")


def test_a_department_is_called_once_at_a_time(town, joint, refused):
    for department in (town.helpers, town.centre):
        words = refused(joint, Action.WHISTLE, "dispatcher", department_id=department.id, note="来")
        assert "already" in words
    town.step(joint, Action.REPORT_IN, "helper")
    town.step(joint, Action.FINISH_TASK, "helper", note="已拆")
    town.step(joint, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="再拆")
    assert len(helpers_at(town, joint)) == 2


def test_a_called_department_is_not_given_the_case_meanwhile(town, joint, refused):
    town.step(joint, Action.RETURN, "member", note="不归我们管")
    given = {"department_id": town.helpers.id}
    assert "take that call back" in refused(joint, Action.DISPATCH, "dispatcher", **given)


def test_a_department_asks_for_help_and_the_dispatcher_decides(town, refused):
    case = town.handling()
    town.step(case, Action.ASK_HELP, "member", department_id=town.helpers.id, note="要拆棚")
    refused(case, Action.ASK_HELP, "member", note="要拆棚")
    town.step(case, Action.REFUSE_HELP, "dispatcher", note="自己来")
    town.step(case, Action.ASK_HELP, "member", department_id=town.helpers.id, note="真要拆棚")
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.helpers.id, note="拆除")
    asked = town.session.query(CaseRequest).filter_by(case_id=case.id).order_by(CaseRequest.id)
    assert [r.state for r in asked] == [RequestState.REFUSED, RequestState.GRANTED]


def test_each_department_is_scored_at_the_end(town, joint, refused):
    given = {"department_id": town.helpers.id, "score": 90}
    refused(joint, Action.SCORE, "dispatcher", **given)
    town.step(joint, Action.REPORT_IN, "helper")
    town.step(joint, Action.FINISH_TASK, "helper", note="已拆")
    to_check(town, joint)
    town.step(joint, Action.PASS_CHECK, "manager", note="亮了")
    refused(joint, Action.SCORE, "dispatcher", **{**given, "score": 101})
    town.step(joint, Action.SCORE, "dispatcher", **given)
    town.step(joint, Action.SCORE, "dispatcher", department_id=town.centre.id, score=80)
    scores = town.session.query(Participant.score).filter_by(case_id=joint.id)
    assert sorted(score for (score,) in scores) == [80, 90]


def test_scoring_is_the_first_button_until_everybody_has_a_score_and_can_be_corrected_then(
    town, joint
):
    town.step(joint, Action.REPORT_IN, "helper")
    town.step(joint, Action.FINISH_TASK, "helper", note="已拆")
    to_check(town, joint)
    town.step(joint, Action.PASS_CHECK, "manager", note="亮了")
    for department in (town.helpers, town.centre):
        assert offered(town, joint).first.action is Action.SCORE
        town.step(joint, Action.SCORE, "dispatcher", department_id=department.id, score=80)
    found = offered(town, joint)
    assert found.first.action is not Action.SCORE
    assert Action.SCORE in [form.action for form in found.rest]


def offered(town, case) -> Buttons:
    """What the dispatcher may press now."""
    session, now = town.session, town.now
    session.flush()
    actions = open_steps(session, town.people["dispatcher"], case, now)
    return buttons(session, case, read_beside(session, case), actions, now)


def test_a_case_of_one_department_is_not_scored(town, refused):
    case = town.closed()
    refused(case, Action.SCORE, "dispatcher", department_id=town.centre.id, score=80)
