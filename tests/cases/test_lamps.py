"""Lamps: what the rule says, and that SQL says the same."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import NOW, make_case, make_ground
from webapp.cases.lamps import open_shows, shows
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.rules import Lamp, lamp
from webapp.cases.vocabulary import State
from webapp.cases.words import lamp_of

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "due_in", "stopped_ago", "expected"),
    [
        (State.HANDLING, 9, None, Lamp.GREEN),
        (State.HANDLING, 2, None, Lamp.AMBER),
        (State.HANDLING, 0, None, Lamp.AMBER),
        (State.HANDLING, -1, None, Lamp.RED),
        (State.ANSWERED, -1, 0.5, Lamp.RED),  # it was late when it stopped
        (State.ANSWERED, -1, 1, Lamp.PAUSED),  # answered at the last moment
        (State.RETURNED, 9, 3, Lamp.PAUSED),
        (State.SUSPENDED, -1, 2, Lamp.PAUSED),
        (State.SUSPENDED, -1, None, Lamp.PAUSED),  # imported: nobody knows since when
        (State.CLOSED, -1, 0.5, Lamp.NONE),
    ],
)
def test_a_lamp_is_red_for_what_is_late_or_was_when_its_clock_stopped(
    state, due_in, stopped_ago, expected
):
    stopped = None if stopped_ago is None else NOW - stopped_ago * HOUR
    due = NOW + due_in * HOUR
    assert lamp(state, due - 3 * HOUR, due, stopped, NOW) is expected


def test_the_lamps_in_sql_are_those_of_the_rule(session: Session) -> None:
    """Every state, at every moment of its limit, its clock running or stopped at every moment."""
    office = make_ground(session).office
    first = make_case(session, office)
    moments = [-5, -1, 0, 1, 5]
    for state in State:
        for due_in in moments:
            for stopped in [None, -6, -5, -1]:
                make_case(
                    session,
                    office,
                    state=state,
                    closed_at=NOW if state is State.CLOSED else None,
                    due_at=NOW + due_in * HOUR,
                    warn_at=NOW + (due_in - 2) * HOUR,
                    clock_stopped_at=None if stopped is None else NOW + stopped * HOUR,
                )
    cases = session.scalars(select(Case).where(Case.id != first.id)).all()
    for shown in Lamp:
        expected = {case.id for case in cases if lamp_of(case, NOW) is shown}
        others = Case.id != first.id
        assert set(session.scalars(select(Case.id).where(others, shows(shown, NOW)))) == expected
        if shown is not Lamp.NONE:
            among_open = others, Case.state.not_in(FINAL_STATES), open_shows(shown, NOW)
            assert set(session.scalars(select(Case.id).where(*among_open))) == expected
        assert expected
