"""An office's own word on single days, above the announced calendar."""

from datetime import date

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from webapp.people.models import Office
from webapp.standards.models import CalendarDay


def set_day(session: Session, office: Office, day: date, working: bool, note: str) -> CalendarDay:
    """Say that a day is, or is not, a working day; a second word on it replaces the first."""
    row = session.scalar(select(CalendarDay).where(_is(office, day)))
    if row is None:
        row = CalendarDay(office_id=office.id, day=day)
        session.add(row)
    row.working, row.note = working, note
    office.revision += 1
    return row


def remove_day(session: Session, office: Office, day: date) -> None:
    """Let the announced calendar speak again for a day."""
    session.execute(delete(CalendarDay).where(_is(office, day)))
    office.revision += 1


def _is(office: Office, day: date) -> ColumnElement[bool]:
    return (CalendarDay.office_id == office.id) & (CalendarDay.day == day)
