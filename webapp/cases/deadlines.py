"""Deadlines that had to be guessed, computed anew once the calendar knows the year."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.life.clocks import after_all, recounted
from webapp.cases.life.encoding import encoded
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.core.database import begin_write
from webapp.core.jobs import chore
from webapp.people.models import Office
from webapp.standards.service import office_standards


@chore(every=timedelta(hours=1))
def settle_deadlines(session: Session, now: datetime) -> None:
    """Once the holidays of a year are announced, its deadlines are settled without being asked."""
    begin_write(session)
    for office in session.scalars(select(Office)):
        recompute_deadlines(session, office, now)


def recompute_deadlines(session: Session, office: Office, now: datetime) -> tuple[int, int]:
    """Settle what can be settled, with an event each; answers how many were, and how many wait."""
    standards = office_standards(session, office)
    provisional = select(Case).where(Case.office_id == office.id, Case.due_provisional)
    settled = waiting = 0
    for case in session.scalars(provisional.order_by(Case.id)).all():
        count = recounted(case, _steps(session, case), standards.clock)
        if count.due_provisional:
            waiting += 1
            continue
        settled += 1
        before = case.due_at
        at = after_all(case, now)
        values = {
            "due_at": count.due_at,
            "warn_at": count.warn_at,
            "due_provisional": False,
            "changed_at": at,
        }
        if case.next_alert_at is not None:
            case.next_alert_at = at  # the sweep looks at it anew
        for name, value in values.items():
            setattr(case, name, value)
        session.add(
            CaseEvent(
                case_id=case.id,
                at=at,
                action=Action.DEADLINE_RECOMPUTED,
                from_state=case.state,
                to_state=case.state,
                detail={
                    "from": before.isoformat(),
                    "to": count.due_at.isoformat(),
                    "set": encoded(values),
                },
            )
        )
    session.flush()
    return settled, waiting


def _steps(session: Session, case: Case) -> list[CaseEvent]:
    """Its events in their order; none of a case whose clock nothing has touched."""
    if case.dispatched_at is None and case.clock_stopped_at is None:
        return []
    of_case = select(CaseEvent).where(CaseEvent.case_id == case.id)
    return list(session.scalars(of_case.order_by(CaseEvent.at, CaseEvent.id)))
