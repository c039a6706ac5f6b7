"""Who did what: steps on cases and changes of the set-up, the last first, paged by key."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.core.audit import Audit
from webapp.core.errors import BadInput
from webapp.people.models import Office, Person

PAGE_ROWS = 50
USUAL_DAYS = 7
MOST_DAYS = 366
CASES, SET_UP = "cases", "set_up"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Key = tuple[datetime, int]


@dataclass(frozen=True)
class LogFilters:
    """Which part of the log is shown; both days are in it."""

    since: date
    until: date
    kind: str = ""  # CASES, SET_UP, or both
    person_id: int | None = None
    what: str = ""  # an action of a case, or a verb of the set-up
    after: Key | None = None


@dataclass(frozen=True)
class LogLine:
    at: datetime
    id: int
    who: str  # empty: a resident, or the program
    person_id: int | None
    what: str  # an Action's value, or a verb
    subject: str  # the number of a case, or the name of what was changed
    of_case: bool
    note: str
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True)
class LogPage:
    lines: list[LogLine]
    after: str  # the key of the next page; empty on the last


def read_log(session: Session, office: Office, filters: LogFilters) -> LogPage:
    lines: list[LogLine] = []
    if filters.kind != SET_UP and (not filters.what or filters.what in set(Action)):
        lines += [_of_event(row) for row in session.execute(_events(office, filters))]
    if filters.kind != CASES and filters.what not in set(Action):
        lines += [_of_audit(row) for row in session.execute(_changes(office, filters))]
    lines.sort(key=lambda line: (line.at, line.id), reverse=True)
    more = len(lines) > PAGE_ROWS
    lines = lines[:PAGE_ROWS]
    return LogPage(lines, write_key((lines[-1].at, lines[-1].id)) if more else "")


def people_in_log(session: Session, office: Office) -> list[Person]:
    everybody = select(Person).where(Person.office_id == office.id)
    return list(session.scalars(everybody.order_by(Person.name, Person.id)))


def verbs_in_log(session: Session, office: Office) -> list[str]:
    verbs = select(Audit.verb).where(Audit.office_id == office.id).distinct()
    return sorted(session.scalars(verbs))


def _events(office: Office, filters: LogFilters) -> Any:
    actor = aliased(Person)
    query = (
        select(
            CaseEvent.at, CaseEvent.id, actor.name, CaseEvent.actor_id, CaseEvent.action,
            Case.number, CaseEvent.note,
        )
        .join(Case, Case.id == CaseEvent.case_id)
        .outerjoin(actor, actor.id == CaseEvent.actor_id)
        .where(Case.office_id == office.id, *_between(office, filters, CaseEvent))
    )  # fmt: skip
    if filters.person_id is not None:
        query = query.where(CaseEvent.actor_id == filters.person_id)
    if filters.what:
        query = query.where(CaseEvent.action == Action(filters.what))
    return query.order_by(CaseEvent.at.desc(), CaseEvent.id.desc()).limit(PAGE_ROWS + 1)


def _changes(office: Office, filters: LogFilters) -> Any:
    query = (
        select(Audit, Person.name)
        .outerjoin(Person, Person.id == Audit.person_id)
        .where(Audit.office_id == office.id, *_between(office, filters, Audit))
    )
    if filters.person_id is not None:
        query = query.where(Audit.person_id == filters.person_id)
    if filters.what:
        query = query.where(Audit.verb == filters.what)
    return query.order_by(Audit.at.desc(), Audit.id.desc()).limit(PAGE_ROWS + 1)


def _between(office: Office, filters: LogFilters, table: Any) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(office.time_zone)
    begin = datetime.combine(filters.since, time(), zone)
    end = datetime.combine(filters.until + timedelta(days=1), time(), zone)
    found: list[ColumnElement[bool]] = [table.at >= begin, table.at < end]
    if filters.after:
        at, row_id = filters.after
        found.append(and_(table.at <= at, or_(table.at < at, table.id < row_id)))
    return found


def _of_event(row: Any) -> LogLine:
    return LogLine(
        row.at, row.id, row.name or "", row.actor_id, row.action.value, row.number, True,
        row.note, {}, {},
    )  # fmt: skip


def _of_audit(row: Any) -> LogLine:
    kept = row.Audit
    command = kept.command_user and _("command line (%(user)s)", user=kept.command_user)
    return LogLine(
        kept.at, kept.id, row.name or command or "", kept.person_id, kept.verb, kept.subject,
        False, "", kept.old, kept.new,
    )  # fmt: skip


def write_key(key: Key) -> str:
    at, row_id = key
    return f"{(at - _EPOCH) // _MICROSECOND}-{row_id}"


def read_key(words: str) -> Key:
    """Raises BadInput for what is no key."""
    at, _dash, row_id = words.partition("-")
    try:
        return _EPOCH + int(at) * _MICROSECOND, int(row_id)
    except (ValueError, OverflowError):
        raise BadInput("after", _("This page of the log is not known. Begin anew.")) from None
