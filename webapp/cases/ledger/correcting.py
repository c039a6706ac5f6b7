"""Corrections of words that came with a ledger, each with its event; all of them or none."""

from datetime import datetime
from itertools import groupby

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.ledger.differing import Change, Plan
from webapp.cases.life import clocks
from webapp.cases.life.encoding import encoded
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput, Conflict
from webapp.people.models import Person


def apply(session: Session, plan: Plan, by: Person | None, now: datetime) -> int:
    """Correct the cases of a plan; returns how many. Commits nothing.

    Raises
    ------
    BadInput
        The plan has refusals.
    Conflict
        A case is another than when it was compared.
    """
    if plan.refusals:
        raise BadInput("refused", _("Nothing was changed: some rows stand in the way."))
    changes = sorted(plan.changes, key=lambda change: change.case_id)
    cases = _read(session, sorted({change.case_id for change in changes}))
    for case_id, group in groupby(changes, key=lambda change: change.case_id):
        _correct(session, cases[case_id], list(group), by, now)
    session.flush()
    return len(cases)


def _read(session: Session, ids: list[int]) -> dict[int, Case]:
    found: dict[int, Case] = {}
    for start in range(0, len(ids), 1_000):
        some = select(Case).where(Case.id.in_(ids[start : start + 1_000]))
        fresh = session.scalars(some.execution_options(populate_existing=True))
        found |= {case.id: case for case in fresh}
    return found


def _correct(
    session: Session, case: Case, changes: list[Change], by: Person | None, now: datetime
) -> None:
    if case.version != changes[0].version:
        raise Conflict(
            "changed",
            _(
                "Meanwhile something else was done on %(number)s. Look at what differs once more.",
                number=case.number,
            ),
        )
    at = clocks.after_all(case, now)
    was = {change.column.field: getattr(case, change.column.field) for change in changes}
    values = {change.column.field: change.after for change in changes} | {"changed_at": at}
    for name, value in values.items():
        setattr(case, name, value)
    session.add(
        CaseEvent(
            case_id=case.id,
            at=at,
            action=Action.CORRECTED,
            actor_id=by.id if by else None,
            from_state=case.state,
            to_state=case.state,
            detail={"set": encoded(values), "was": was},
        )
    )
