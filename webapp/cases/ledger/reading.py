"""Reading cases as the ledger shows them: some thousand at a time, in a few statements each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from webapp.cases.groups import label_of
from webapp.cases.ledger.columns import Cell, Column
from webapp.cases.life.models import Participant, Supervision
from webapp.cases.models import Case, CaseEvent, Photo, Reporter
from webapp.cases.vocabulary import Action, Part, PhotoKind, State
from webapp.cases.words import span_words
from webapp.core.i18n import listed
from webapp.people.models import Department, Office, Person
from webapp.places.models import Area, Grid
from webapp.standards.models import CaseClass, Condition
from webapp.standards.rules import LIMITS, WorkClock
from webapp.standards.service import office_standards
from webapp.standards.wording import limit_words

CHUNK = 1_000
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEVER_DUE = frozenset({State.NOT_ACCEPTED, State.CANCELLED, State.MERGED})
HANDLED = frozenset({State.ANSWERED, State.CHECKING, State.CLOSED})
CHECKS = (Action.PASS_CHECK, Action.FAIL_CHECK)


class Check(NamedTuple):
    """The last check of a case: who made it, how it ended."""

    name: str | None = None
    action: Action | None = None
    note: str = ""


@dataclass
class Beside:
    """What lies beside the cases of one chunk, by their ids; read when a column asks for it."""

    session: Session
    reading: "Reading"
    ids: Sequence[int]

    @cached_property
    def assisting(self) -> dict[int, tuple[str, ...]]:
        """Names of departments."""
        return _assisting(self.session, self.ids)

    @cached_property
    def checks(self) -> dict[int, Check]:
        return _checks(self.session, self.ids)

    @cached_property
    def supervised(self) -> dict[int, str]:
        return _supervised(self.session, self.reading, self.ids)

    @cached_property
    def photos(self) -> dict[int, list[int]]:
        """How many before, and after."""
        return _photos(self.session, self.ids)

    def check(self, case_id: int) -> Check:
        return self.checks.get(case_id, Check())

    def photo_words(self, case_id: int) -> str | None:
        counts = self.photos.get(case_id)
        return f"{counts[0]}/{counts[1]}" if counts else None


class Reading:
    """The words, the clock and the moment by which one ledger is read.

    It makes its words at the begin and keeps them: for one language, where it is made.
    """

    def __init__(self, session: Session, office: Office, now: datetime) -> None:
        self.office, self.now = office, now
        self.zone = ZoneInfo(office.time_zone)
        self.clock: WorkClock = office_standards(session, office).clock
        self.label = cache(lambda member: str(member.label))
        self.group = cache(label_of)
        self.limit = cache(limit_words)
        self.english = str(get_locale()) == "en"
        self.list = cache(listed)
        self.yes, self.no = _("yes"), _("no")
        self.passed, self.failed = _("passed"), _("failed")
        self.of_check = _("%(name)s: %(words)s")
        self.span = cache(span_words)

    def class_name(self, name_zh: str, name_en: str | None) -> str:
        return name_en if self.english and name_en else name_zh

    @staticmethod
    def degrees(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    def check(self, check: Check) -> str | None:
        if check.action is None:
            return None
        words = self.passed if check.action is Action.PASS_CHECK else self.failed
        return self.of_check % {"name": words, "words": check.note} if check.note else words

    def overdue(self, row: Any) -> bool | None:
        """Whether the handling limit was or is exceeded; None for a case that nobody handles."""
        return None if row.state in NEVER_DUE else self._end(row) > row.due_at

    @staticmethod
    def handled(row: Any) -> bool:
        """Whether a department has done its part, or the case was closed without one."""
        return row.state in HANDLED

    def _end(self, row: Any) -> datetime:
        """Up to when the handling clock has run."""
        end: datetime = row.clock_stopped_at or row.closed_at or self.now
        return end

    def overdue_words(self, row: Any) -> str | None:
        late = self.overdue(row)
        return None if late is None else self.yes if late else self.no

    def late_words(self, row: Any) -> str | None:
        if not self.overdue(row):
            return None
        late = self.clock.running(row.due_at, self._end(row), row.limit_unit)
        unit = HOUR if late >= HOUR else MINUTE  # smaller ones are not told
        return self.span(late // unit * unit, office_time=LIMITS[row.limit_unit].office_time)

    def suspension(self, row: Any) -> str | None:
        if row.suspended_until is not None:
            until = row.suspended_until.astimezone(self.zone)
            return _("until %(day)s", day=f"{until:%Y-%m-%d}")
        return _("was suspended") if row.suspension_count else None

    def local(self, moment: datetime | None) -> datetime | None:
        """A moment as the office's own clock shows it, to the minute, without a zone."""
        if moment is None:
            return None
        return moment.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)


class Line(NamedTuple):
    """One case of the ledger: its row of `cases_by_id`, and its cells."""

    row: Any
    cells: list[Cell]


def lines(
    session: Session,
    reading: Reading,
    columns: Sequence[Column],
    ids: Sequence[int],
    first_serial: int = 1,
) -> Iterator[list[Line]]:
    """The cases of `ids`, in that order, chunk after chunk; one that is gone is left out."""
    reads = [column.read for column in columns]
    serial_at = next((i for i, column in enumerate(columns) if column.key == "serial"), None)
    serial = first_serial
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows = {row.id: row for row in session.execute(cases_by_id(), {"ids": chunk})}
        beside = Beside(session, reading, chunk)
        done = []
        for case_id in chunk:
            if (row := rows.get(case_id)) is not None:
                cells = [read(row, beside, reading) for read in reads]
                if serial_at is not None:
                    cells[serial_at] = serial
                serial += 1
                done.append(Line(row, cells))
        yield done


@cache
def cases_by_id() -> Any:
    """The statement of `lines`, made once, since to make it takes as long as to run it: `ids`."""
    community, manager, reporting = aliased(Area), aliased(Person), aliased(Person)
    return (
        select(
            Case.id, Case.number, Case.state, Case.source, Case.reported_at, Case.description,
            Case.address, Case.remark, Case.result, Case.limit_amount, Case.limit_unit,
            Case.dispatched_at, Case.due_at, Case.answered_at, Case.closed_at,
            Case.clock_stopped_at, Case.rework_count, Case.extension_count,
            Case.suspension_count, Case.suspended_until, Case.exempt, Case.version,
            func.ST_X(Case.location).label("lon"), func.ST_Y(Case.location).label("lat"),
            CaseClass.code.label("class_code"), CaseClass.group_code, CaseClass.group_name,
            CaseClass.name_zh.label("class_zh"), CaseClass.name_en.label("class_en"),
            community.name.label("community"), Grid.code.label("grid"),
            manager.name.label("manager"), Person.name.label("leader"),
            Department.name.label("lead"), Reporter.name.label("reporter_name"),
            reporting.name.label("reporter_person"),
        )
        .join(Condition, Case.condition_id == Condition.id)
        .join(CaseClass, Condition.class_id == CaseClass.id)
        .join(Area, Case.area_id == Area.id)
        .outerjoin(Grid, Case.grid_id == Grid.id)
        .outerjoin(community, (Area.parent_id == community.id) & Case.grid_id.is_not(None))
        .outerjoin(manager, (Area.manager_id == manager.id) & Case.grid_id.is_not(None))
        .outerjoin(Person, Case.leader_id == Person.id)
        .outerjoin(Department, Case.lead_department_id == Department.id)
        .outerjoin(Reporter, Reporter.case_id == Case.id)
        .outerjoin(reporting, Reporter.person_id == reporting.id)
        .where(Case.id.in_(bindparam("ids", expanding=True)))
    )  # fmt: skip


def _assisting(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The departments that were called with a task and not called off, each once."""
    called = (
        select(Participant.case_id, Department.name)
        .join(Department)
        .where(
            Participant.case_id.in_(ids),
            Participant.part == Part.ASSISTING,
            Participant.called_off_at.is_(None),
        )
        .order_by(Participant.id)
    )
    found: dict[int, dict[str, None]] = {}
    for case_id, name in session.execute(called):
        found.setdefault(case_id, {})[name] = None
    return {case_id: tuple(names) for case_id, names in found.items()}


def _checks(session: Session, ids: Sequence[int]) -> dict[int, Check]:
    in_order = (
        select(CaseEvent.case_id, Person.name, CaseEvent.action, CaseEvent.note)
        .outerjoin(Person, CaseEvent.actor_id == Person.id)
        .where(CaseEvent.case_id.in_(ids), CaseEvent.action.in_(CHECKS))
        .order_by(CaseEvent.at, CaseEvent.id)
    )
    rows = session.execute(in_order)
    return {case_id: Check(name, action, note) for case_id, name, action, note in rows}


def _supervised(session: Session, reading: Reading, ids: Sequence[int]) -> dict[int, str]:
    """How a case was pressed the last time."""
    in_order = (
        select(Supervision.case_id, Supervision.colour, Supervision.kind)
        .where(Supervision.case_id.in_(ids))
        .order_by(Supervision.id)
    )
    rows = session.execute(in_order)
    return {
        case_id: reading.list((reading.label(colour), reading.label(kind)))
        for case_id, colour, kind in rows
    }


def _photos(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    counted = (
        select(Photo.case_id, Photo.kind, func.count())
        .where(Photo.case_id.in_(ids))
        .group_by(Photo.case_id, Photo.kind)
    )
    found: dict[int, list[int]] = {}
    for case_id, kind, count in session.execute(counted):
        counts = found.setdefault(case_id, [0, 0])
        counts[kind is PhotoKind.AFTER] += count
    return found
