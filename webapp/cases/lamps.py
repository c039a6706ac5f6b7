"""Lamps in SQL: `cases.rules.lamp` as conditions on cases (a test compares the two)."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from webapp.cases.models import Case, still_open
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State


def shows(lamp: Lamp, now: datetime) -> ColumnElement[bool]:
    """Whether a case shows this lamp now."""
    if lamp is Lamp.NONE:
        return ~still_open()
    return and_(still_open(), open_shows(lamp, now))


def open_shows(lamp: Lamp, now: datetime) -> ColumnElement[bool]:
    """The same of a case that is known to be open."""
    stands = Case.clock_stopped_at.is_not(None)
    runs = and_(Case.clock_stopped_at.is_(None), Case.state != State.SUSPENDED)
    match lamp:
        case Lamp.RED:
            return or_(Case.due_at < Case.clock_stopped_at, and_(runs, Case.due_at < now))
        case Lamp.AMBER:
            return and_(runs, Case.due_at >= now, Case.warn_at <= now)
        case Lamp.GREEN:
            return and_(runs, Case.due_at >= now, Case.warn_at > now)
        case _paused:
            imported = and_(Case.clock_stopped_at.is_(None), Case.state == State.SUSPENDED)
            return or_(and_(stands, Case.due_at >= Case.clock_stopped_at), imported)
