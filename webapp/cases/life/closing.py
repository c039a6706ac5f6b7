"""A department is closed down while cases lie on its desk: nothing stays where nobody works."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.cases.life.models import OWING_SQL, Participant
from webapp.cases.life.scene import PROGRAM, Actor, Given
from webapp.cases.life.steps import take_step
from webapp.cases.life.table import STEPS
from webapp.cases.models import FINAL_STATES, Case
from webapp.cases.vocabulary import Action
from webapp.core.errors import Conflict
from webapp.people.models import Department, Person


def close_department(
    session: Session, department: Department, by: Person | None, now: datetime
) -> int:
    """Send it no more cases; answers how many went back to the dispatcher.

    What it has in hand is called back, what it was called to help with is called off, each with an
    event that names who closed it (None: a command of the operator). Rules that name it lead to the
    dispatcher's desk.
    """
    if not department.active:
        raise Conflict("closed", _("%(name)s is closed down already.", name=department.name))
    department.active = False
    department.office.revision += 1
    session.flush()
    actor = Actor(by, PROGRAM.who)
    given = Given(_("%(name)s was closed down.", name=department.name), department.id)
    for case in _called_to(session, department):
        take_step(session, case, Action.CALL_OFF, actor, now, given)
    cases = _in_hand(session, department)
    for case in cases:
        take_step(session, case, Action.RECALL, actor, now, given)
    return len(cases)


def _in_hand(session: Session, department: Department) -> list[Case]:
    of_it = (
        Case.lead_department_id == department.id,
        Case.state.in_(STEPS[Action.RECALL].from_states),
    )
    return list(session.scalars(select(Case).where(*of_it).order_by(Case.id)))


def _called_to(session: Session, department: Department) -> list[Case]:
    owes = select(Participant.case_id).where(
        Participant.department_id == department.id, text(OWING_SQL)
    )
    open_ones = Case.id.in_(owes), Case.state.not_in(FINAL_STATES)
    return list(session.scalars(select(Case).where(*open_ones).order_by(Case.id)))
