"""The same step on many cases: as if taken one by one, without those on which it cannot be."""

import pytest
from sqlalchemy import func, select

from tests import scenes
from tests.factories.life import Town, make_town
from webapp.cases.life.many import Outcome, locked_cases, take_steps
from webapp.cases.life.models import Participant, StageTimes
from webapp.cases.life.scene import Given
from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.models import Notice
from webapp.cases.vocabulary import Action, State

scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    return scene.on(session)


def take(town: Town, cases: list[Case], action: Action, by: str = "dispatcher", **given) -> Outcome:
    locked = locked_cases(town.session, [case.id for case in cases])
    person = town.people[by]
    return take_steps(town.session, locked, action, person, town.now, lambda _case: Given(**given))


def test_many_are_dispatched_as_each_would_be_alone(town):
    together = [town.opened() for _ in range(3)]
    alone = town.opened()
    town.step(alone, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
    outcome = take(town, together, Action.DISPATCH, department_id=town.centre.id)
    assert [case for case, _event in outcome.events] == together
    assert outcome.failed == []
    of_centre = select(func.count()).where(Participant.department_id == town.centre.id)
    assert town.session.scalar(of_centre) == 4
    for case in together:
        same = (
            "state",
            "lead_department_id",
            "due_at",
            "warn_at",
            "stage_due_at",
            "previous_state",
        )
        assert [getattr(case, name) for name in same] == [getattr(alone, name) for name in same]
        times = town.session.get_one(StageTimes, case.id)
        assert (times.dispatches, times.dispatched_in_time) == (1, True)
    [one, *_rest] = [event for case, event in outcome.events]
    members = {town.people["member"].id, town.people["head"].id}
    told = select(Notice.person_id).where(Notice.event_id == one.id)
    assert set(town.session.scalars(told)) == members


def test_a_case_that_cannot_take_the_step_is_left_and_named_with_the_reason(town):
    good, handled = town.opened(), town.handling()
    before = handled.version
    outcome = take(town, [good, handled], Action.DISPATCH, department_id=town.centre.id)
    assert [case for case, _event in outcome.events] == [good]
    [(left, why)] = outcome.failed
    assert left is handled
    assert handled.number in why
    assert (handled.version, handled.state) == (before, State.HANDLING)
    assert good.state is State.DISPATCHED


def test_who_may_not_take_the_step_takes_none(town):
    outcome = take(town, [town.opened()], Action.DISPATCH, "manager", department_id=town.centre.id)
    assert outcome.events == []
    assert len(outcome.failed) == 1


def test_many_dispatches_are_taken_back_together_and_told_to_nobody(town):
    cases = [town.opened() for _ in range(3)]
    before = [(case.state, case.due_at, case.lead_department_id) for case in cases]
    outcome = take(town, cases, Action.DISPATCH, department_id=town.helpers.id)
    undone = take(town, cases, Action.UNDO_DISPATCH)
    assert len(undone.events) == 3
    assert [(case.state, case.due_at, case.lead_department_id) for case in cases] == before
    events = [event.id for _case, event in outcome.events]
    told = select(func.count()).where(Notice.event_id.in_(events))
    assert town.session.scalar(told) == 0
    assert town.session.scalar(select(func.count()).select_from(Participant)) == 0


def test_one_that_was_taken_meanwhile_stays_dispatched(town):
    cases = [town.opened() for _ in range(2)]
    take(town, cases, Action.DISPATCH, department_id=town.centre.id)
    take(town, cases[:1], Action.TAKE, "member")
    undone = take(town, cases, Action.UNDO_DISPATCH)
    assert [case for case, _event in undone.events] == [cases[1]]
    assert cases[0].state is State.HANDLING


def test_the_number_of_statements_grows_only_by_the_rows_that_change(session, database, statements):
    town = make_town(session)
    cases = [town.opened() for _ in range(12)]
    session.commit()
    counts = []
    for some in (cases[:2], cases[2:]):
        statements.clear()
        take(town, some, Action.DISPATCH, department_id=town.centre.id)
        reads = [s for s in statements if s.lstrip().startswith("SELECT")]
        counts.append(len(reads))
        session.commit()
    assert counts[0] == counts[1]
    assert session.scalar(select(func.count()).where(CaseEvent.action == Action.DISPATCH)) == 12
