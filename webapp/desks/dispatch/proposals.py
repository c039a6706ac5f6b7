"""Where each of many cases would go, without anybody looking at it alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.life.many import blocked_cases
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, State
from webapp.people.models import Department, Person


@dataclass
class Preview:
    """What a step would do: the cases by department (none for other steps), and those left."""

    groups: dict[str, list[Case]] = field(default_factory=dict)
    left: list[tuple[Case, str]] = field(default_factory=list)  # with the reason in words


def preview(
    session: Session, cases: Sequence[Case], action: Action, person: Person, now: datetime
) -> Preview:
    """What `action` would do on these cases now."""
    blocked = blocked_cases(session, cases, action, person, now)
    proposals = proposed(session, cases) if action is Action.DISPATCH else {}
    found = Preview()
    for case in cases:
        if case.id in blocked:
            found.left.append((case, blocked[case.id]))
        elif action is not Action.DISPATCH:
            found.groups.setdefault("", []).append(case)
        elif department := proposals.get(case.id):
            found.groups.setdefault(department.name, []).append(case)
        else:
            found.left.append((case, no_proposal(case)))
    return found


def proposed(session: Session, cases: Sequence[Case]) -> dict[int, Department]:
    """The department that each case would go to; none where nothing names an active one.

    It is the one that the rule has named. What was returned goes where the return said it belongs:
    sending it back to where it came from is for a person to decide.
    """
    returned = [case.id for case in cases if case.state is State.RETURNED]
    named = {case.id: case.lead_department_id for case in cases if case.state is not State.RETURNED}
    named |= _named_by_returns(session, returned)
    wanted = {department_id for department_id in named.values() if department_id is not None}
    active = select(Department).where(Department.id.in_(wanted), Department.active)
    departments = {department.id: department for department in session.scalars(active)}
    return {
        case_id: departments[department_id]
        for case_id, department_id in named.items()
        if department_id in departments
    }


def no_proposal(case: Case) -> str:
    if case.state is State.RETURNED:
        return _("It was given back without saying to whom it belongs: choose the department.")
    return _("No rule names a department for it: choose the department.")


def _named_by_returns(session: Session, case_ids: Sequence[int]) -> dict[int, int | None]:
    """What the last return of each case proposed; a case that was called back has no proposal."""
    backs = (
        select(CaseEvent.case_id, CaseEvent.action, CaseEvent.detail)
        .where(
            CaseEvent.case_id.in_(case_ids),
            CaseEvent.action.in_((Action.RETURN, Action.RECALL)),
        )
        .order_by(CaseEvent.at, CaseEvent.id)
    )
    last = {row.case_id: row for row in session.execute(backs)}
    return {
        case_id: row.detail.get("proposed_department_id") if row.action is Action.RETURN else None
        for case_id, row in last.items()
    }
