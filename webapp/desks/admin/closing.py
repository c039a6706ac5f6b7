"""What closing a department down does, said in numbers before it is done."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from webapp.cases.life.models import OWING_SQL, Participant
from webapp.cases.models import Case, still_open
from webapp.cases.vocabulary import State
from webapp.people.models import Department
from webapp.standards.models import RoutingRule, RuleParty

GO_BACK = (State.DISPATCHED, State.HANDLING, State.SUSPENDED)


@dataclass(frozen=True)
class Closing:
    """How many cases go back to the dispatcher, tasks are called off, and rules name it."""

    cases: int
    tasks: int
    rules: int


def what_closing_does(session: Session, department: Department) -> Closing:
    return Closing(
        cases=_count(
            session,
            Case,
            Case.lead_department_id == department.id,
            Case.state.in_(GO_BACK),
            still_open(),
        ),
        tasks=_count(
            session, Participant, Participant.department_id == department.id, text(OWING_SQL)
        ),
        rules=_count(
            session,
            RuleParty,
            RuleParty.department_id == department.id,
            RuleParty.rule_id.in_(
                select(RoutingRule.id).where(
                    RoutingRule.office_id == department.office_id, RoutingRule.retired_at.is_(None)
                )
            ),
        ),
    )


def _count(session: Session, table: type, *conditions: ColumnElement[bool] | object) -> int:
    counted = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return session.scalar(counted) or 0
