"""Numbers at one glance, each with what it is a part of."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.orm import Session

from webapp.cases.lamps import open_shows
from webapp.cases.life.models import STANDS_SQL, StageTimes, Supervision
from webapp.cases.models import Case
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State
from webapp.desks.leader.tabs import open_here
from webapp.desks.map.queries import View
from webapp.desks.scopes import named_by, of_the_office

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Figures:
    """What is open now, by lamp; what was closed in the last seven days, and how."""

    open: int
    late: int
    soon: int
    paused: int
    pressed: int
    closed: int
    in_time: int

    def share(self, part: int, whole: int) -> int:
        """A part in whole per cent; 0 of nothing."""
        return round(100 * part / whole) if whole else 0


def figures(session: Session, view: View, scope: ColumnElement[bool]) -> Figures:
    """Of the cases in the leader's area, whatever the filters."""
    lamps = (_how_many(open_shows(lamp, view.now)) for lamp in (Lamp.RED, Lamp.AMBER, Lamp.PAUSED))
    counted = select(func.count(), *lamps).where(open_here(view), scope)
    lately = (
        select(func.count(), _how_many(StageTimes.handled_in_time.is_not(False)))
        .select_from(Case)
        .outerjoin(StageTimes, StageTimes.case_id == Case.id)
        .where(
            Case.office_id == view.office.id,
            Case.closed_at >= view.now - LATELY,
            Case.state == State.CLOSED,
            scope,
        )
    )
    stands = select(Supervision.case_id).where(text(f"supervision.{STANDS_SQL}"))
    pressed = select(func.count(Case.pressed)).where(
        of_the_office(view), scope, named_by(view, stands)
    )  # fmt: skip
    open_now, late, soon, paused = (n or 0 for n in session.execute(counted).one())
    closed, in_time = (n or 0 for n in session.execute(lately).one())
    return Figures(open_now, late, soon, paused, session.scalar(pressed) or 0, closed, in_time)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
