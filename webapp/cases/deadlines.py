"""Deadlines that had to be guessed, computed anew once the calendar knows the year."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.core.jobs import chore
from webapp.people.models import Office
from webapp.standards.service import office_standards, settled_deadline


@chore
def settle_deadlines(session: Session, now: datetime) -> None:
    """Once the holidays of a year are announced, its deadlines are settled without being asked."""
    for office in session.scalars(select(Office)):
        recompute_deadlines(session, office, now)


def recompute_deadlines(session: Session, office: Office, now: datetime) -> tuple[int, int]:
    """Settle what can be settled, with an event each; answers how many were, and how many wait."""
    standards = office_standards(session, office)
    provisional = select(Case).where(Case.office_id == office.id, Case.due_provisional)
    settled = waiting = 0
    for case in session.scalars(provisional.order_by(Case.id)).all():
        deadline = settled_deadline(standards, case.reported_at, case.limit_amount, case.limit_unit)
        if deadline is None:
            waiting += 1
            continue
        settled += 1
        before = case.due_at
        case.due_at, case.warn_at, case.due_provisional = deadline.due_at, deadline.warn_at, False
        session.add(
            CaseEvent(
                case_id=case.id,
                at=now,
                action=Action.DEADLINE_RECOMPUTED,
                from_state=case.state,
                to_state=case.state,
                detail={"from": before.isoformat(), "to": deadline.due_at.isoformat()},
            )
        )
    session.flush()
    return settled, waiting
