"""A department is closed down while cases lie on its desk."""

import pytest
from sqlalchemy import select

from tests.factories.cases import LAMP_OUT, make_case
from tests.factories.life import Town, make_town
from webapp.cases.life.closing import close_department
from webapp.cases.life.models import Participant
from webapp.cases.models import CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.core.errors import Conflict
from webapp.standards.rules import Note
from webapp.standards.service import office_standards


def close(town: Town) -> int:
    return close_department(town.session, town.centre, town.people["leader"], town.now)


def test_what_it_has_in_hand_goes_back_to_the_dispatcher(town: Town) -> None:
    until = town.now.date().replace(month=12)
    suspended = town.handling()
    town.step(suspended, Action.SUSPEND, "dispatcher", until=until, note="等开春")
    cases = [town.dispatched(), town.handling(), suspended]
    answered, others = town.checking(), town.opened()
    assert close(town) == 3
    assert {case.state for case in cases} == {State.RETURNED}
    assert suspended.suspended_until is None
    assert (answered.state, others.state) == (State.CHECKING, State.OPENED)
    events = town.session.scalars(select(CaseEvent).where(CaseEvent.action == Action.RECALL)).all()
    assert {event.case_id for event in events} == {case.id for case in cases}
    assert {event.actor_id for event in events} == {town.people["leader"].id}
    assert all(town.centre.name in event.note for event in events)


def test_its_tasks_at_others_cases_are_called_off(town: Town) -> None:
    case = town.opened()
    town.step(case, Action.DISPATCH, "dispatcher", department_id=town.helpers.id)
    town.step(case, Action.WHISTLE, "dispatcher", department_id=town.centre.id, note="来看")
    assert close(town) == 0
    assert case.state is State.DISPATCHED
    row = town.session.query(Participant).filter_by(department_id=town.centre.id).one()
    assert row.called_off_at == case.changed_at


def test_rules_that_name_it_lead_to_the_dispatcher_s_desk(town: Town) -> None:
    office = town.ground.office
    close(town)
    case = make_case(town.session, office, now=town.now, draft={"condition_code": LAMP_OUT})
    assert case.lead_department_id is None
    standards = office_standards(town.session, office)
    path = standards.condition_on(LAMP_OUT, town.now.date()).path
    decision = standards.router.route(case.area.path, path)
    assert decision.notes == (Note.CLOSED_LEAD,)
    assert decision.winner is not None


def test_it_is_sent_nothing_more_and_closed_once(town: Town, refused) -> None:
    case = town.handling()
    close(town)
    refused(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
    with pytest.raises(Conflict):
        close(town)


def test_the_command_closes_it_too(database, app, session) -> None:
    town = make_town(session)
    case = town.handling()
    session.commit()
    run = app.test_cli_runner().invoke(args=["cases", "close-department", town.centre.code])
    assert run.exit_code == 0, run.output
    assert "1" in run.output
    session.refresh(case)
    assert case.state is State.RETURNED
