"""The table of steps: every state x every action x everybody, and where its ways lead."""

from collections import defaultdict

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.life import Town
from tests.factories.stages import CAME_FROM, all_given, everybody, make_ready, put_in
from webapp.cases.life.scene import Actor, Given, Who
from webapp.cases.life.steps import take_step
from webapp.cases.life.table import BY_STATE, STEPS, Step, Way
from webapp.cases.models import FINAL_STATES, Case, CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.core.errors import BadInput, Conflict, NotAllowed

NO_STEPS = {
    Action.REPORTED,
    Action.IMPORTED,
    Action.PLACED,
    Action.CORRECTED,
    Action.DEADLINE_RECOMPUTED,
}


def destination(state: State, step: Step) -> State:
    if step.to is Way.STAYS:
        return state
    if step.to is Way.BACK:
        return CAME_FROM.get(state, State.OPENED)
    return step.to


def count_of_events(case: Case, session: Session) -> int:
    query = select(func.count()).where(CaseEvent.case_id == case.id)
    return session.scalar(query) or 0


def test_every_action_is_a_step_or_what_is_done_without_one() -> None:
    assert set(STEPS) | NO_STEPS == set(Action)
    assert not set(STEPS) & NO_STEPS


@pytest.mark.parametrize("state", State)
def test_a_step_is_possible_from_exactly_the_states_of_the_table(town: Town, state: State) -> None:
    case = put_in(town, state)
    for action in STEPS:
        with town.session.begin_nested() as attempt:
            if step := BY_STATE.get((state, action)):
                assert_taken(town, case, action, destination(state, step))
            else:
                assert_refused(town, case, action)
            attempt.rollback()
        town.session.expire_all()


def assert_taken(town: Town, case: Case, action: Action, to_state: State) -> None:
    from_state = case.state
    make_ready(town, case, action)
    undone = action is Action.UNDO_DISPATCH  # by who did it
    actor = Actor(town.people["dispatcher"], frozenset(Who)) if undone else everybody(town)
    event = take_step(town.session, case, action, actor, town.now, all_given(town, action))
    assert (event.action, event.from_state, event.to_state) == (action, from_state, to_state)
    assert case.state is to_state


def assert_refused(town: Town, case: Case, action: Action) -> None:
    before = count_of_events(case, town.session), case.version
    actor, given = everybody(town), all_given(town, action)
    with pytest.raises(Conflict) as refused:
        take_step(town.session, case, action, actor, town.now, given)
    assert refused.value.reason == "not_now"
    assert (count_of_events(case, town.session), case.version) == before


def test_a_step_is_for_those_whom_the_table_names(town: Town) -> None:
    for action, step in STEPS.items():
        case = put_in(town, step.from_states[0])
        for who in set(Who) - set(step.who):
            actor = Actor(town.people["helper"], frozenset({who}))
            with pytest.raises(NotAllowed):
                take_step(town.session, case, action, actor, town.now)


def test_a_step_says_which_field_is_missing(town: Town) -> None:
    for action, step in STEPS.items():
        needed = {ask.rstrip("*") for ask in step.asks if ask.endswith("*")}
        if not needed:
            continue
        case = put_in(town, step.from_states[0])
        make_ready(town, case, action)
        with pytest.raises(BadInput) as refused:
            take_step(town.session, case, action, everybody(town), town.now, Given())
        assert refused.value.detail["field"] in needed


def ways() -> dict[State, set[State]]:
    """From each state the others to which a step leads; BACK to each it may have come from."""
    into: dict[State, set[State]] = defaultdict(set)
    for (state, _action), step in BY_STATE.items():
        if isinstance(step.to, State):
            into[step.to].add(state)
    found: dict[State, set[State]] = defaultdict(set)
    for (state, _action), step in BY_STATE.items():
        if step.to is Way.BACK:
            found[state] |= into[state]
        elif isinstance(step.to, State):
            found[state].add(step.to)
    return {state: there - {state} for state, there in found.items()}


def test_every_state_is_reached_from_the_report() -> None:
    reached, ahead = {State.REPORTED}, {State.REPORTED}
    while ahead:
        ahead = {after for state in ahead for after in ways().get(state, set())} - reached
        reached |= ahead
    assert reached == set(State)


def test_every_state_but_the_final_ones_leads_on_to_a_final_one() -> None:
    for state in set(State) - FINAL_STATES:
        reached, ahead = set(), {state}
        while ahead:
            ahead = {after for s in ahead for after in ways().get(s, set())} - reached
            reached |= ahead
        assert reached & FINAL_STATES, state
    assert ways()[State.CLOSED] == {State.REOPENED}
    assert State.NOT_ACCEPTED not in ways()
    assert State.CANCELLED not in ways()
