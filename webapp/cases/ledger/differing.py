"""What a ledger that comes back would change: told first, cell by cell, and only then done.

Words may be corrected: the description, the address, the result, the remark. All else is changed
by steps alone; a sheet in which it differs is refused, with the row and what to do.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.cases.ledger.columns import BY_KEY, Cell, Column, Kind
from webapp.cases.ledger.reading import CHUNK, Line, Reading, lines
from webapp.cases.ledger.sheet import Sheet, SheetRow
from webapp.cases.ledger.workbook import fitting
from webapp.cases.life.steps import LONGEST_NOTE
from webapp.cases.models import Case, CaseKey
from webapp.people.models import Office

SAME_DEGREES = 1e-6
RESULT = BY_KEY["result"]
HALF_A_MINUTE = timedelta(seconds=30)
_MOMENT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Change:
    """One cell that differs and may: of which case, from what to what."""

    at: int  # row of the sheet
    case_id: int
    version: int  # of the case when it was compared
    number: str
    column: Column
    before: str
    after: str


@dataclass(frozen=True)
class Refusal:
    """A row that stands in the way, in words."""

    at: int
    number: str
    words: str


@dataclass
class Plan:
    """All that a sheet would change; nothing of it while there is a refusal."""

    rows: int
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return len({change.case_id for change in self.changes})

    @property
    def digest(self) -> str:
        """Names what was shown: the same changes of the same versions of the cases."""
        facts = [(c.case_id, c.version, c.column.key, c.before, c.after) for c in self.changes]
        return hashlib.sha256(repr((facts, len(self.refusals))).encode()).hexdigest()


def compare(
    session: Session, office: Office, visible: ColumnElement[bool], sheet: Sheet, now: datetime
) -> Plan:
    """Compare a sheet with the cases that are `visible` to whoever brings it."""
    plan = Plan(len(sheet.rows))
    rows = list(_once(sheet.rows, plan))
    with force_locale(sheet.language):
        reading = Reading(session, office, now)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        ids = _ids(session, visible, [row.number for row in chunk])
        with force_locale(sheet.language):
            found = lines(session, reading, sheet.columns, list(ids.values()))
            by_id = {line.row.id: line for batch in found for line in batch}
        for row in chunk:
            line = by_id.get(ids.get(row.number, -1))
            if line is None:
                plan.refusals.append(_unknown(row))
            else:
                _compare_row(reading, sheet.columns, row, line, plan)
    plan.refusals.sort(key=lambda refusal: refusal.at)
    return plan


def _once(rows: Iterable[SheetRow], plan: Plan) -> Iterable[SheetRow]:
    """The rows with a number that no row before them has; the others are told of."""
    first: dict[str, int] = {}
    for row in rows:
        if not row.number:
            words = _("This row has no case number.")
            plan.refusals.append(Refusal(row.at, "", words))
        elif row.number in first:
            words = _("The same case stands in row %(row)s. Keep one.", row=first[row.number])
            plan.refusals.append(Refusal(row.at, row.number, words))
        else:
            first[row.number] = row.at
            yield row


def _ids(session: Session, visible: ColumnElement[bool], numbers: Sequence[str]) -> dict[str, int]:
    found = select(CaseKey.number, Case.id).join(Case, Case.id == CaseKey.case_id)
    return dict(session.execute(found.where(CaseKey.number.in_(numbers), visible)).all())


def _unknown(row: SheetRow) -> Refusal:
    words = _("There is no such case, or it is not yours to see.")
    return Refusal(row.at, row.number[:80], words)


def _compare_row(
    reading: Reading, columns: Sequence[Column], row: SheetRow, line: Line, plan: Plan
) -> None:
    for column, cell in zip(columns, line.cells, strict=True):
        given = row.cells[column.key]
        if not column.compared or (not column.field and _is_empty(given)):
            continue  # an empty cell says nothing of what it may not change
        if _same(reading, column, cell, given):
            continue
        before, after = _shown(reading, cell), _text(given)
        why = _forbidden(column, before, after)
        if why:
            plan.refusals.append(Refusal(row.at, row.number, why))
        else:
            facts = line.row
            plan.changes.append(
                Change(row.at, facts.id, facts.version, facts.number, column, before, after)
            )


def _same(reading: Reading, column: Column, cell: Cell, given: Any) -> bool:
    match column.kind:
        case Kind.MOMENT:
            return _moment(given) == reading.local(cell)  # type: ignore[arg-type]
        case Kind.NUMBER:
            number = _number(given)
            return number is not None and isinstance(cell, int | float) and (
                abs(number - cell) < SAME_DEGREES
            )  # fmt: skip
        case _words:
            return _text(given) == _text("" if cell is None else cell)


def _forbidden(column: Column, before: str, after: str) -> str:
    """Why this cell may not be changed by a sheet; empty when it may."""
    if not column.field:
        return _(
            '"%(column)s" is "%(before)s" here and "%(after)s" in the sheet: only a step on the'
            " case changes it. Put it back, or remove the column.",
            column=column.name,
            before=before,
            after=after[:80],
        )
    if column is RESULT and not (before and after):
        return _(
            '"%(column)s" comes with the answer of the department: its words can be corrected,'
            " not given or taken away.",
            column=column.name,
        )
    if len(after) > LONGEST_NOTE:
        return _(
            '"%(column)s" has %(length)s characters; at most %(most)s are kept. Shorten it.',
            column=column.name,
            length=len(after),
            most=LONGEST_NOTE,
        )
    return ""


def _is_empty(given: Any) -> bool:
    return given is None or not str(given).strip()


def _text(given: Any) -> str:
    """Words as they are compared and kept: what a cell can hold, without blanks around it."""
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, datetime):
        given = f"{given:{_MOMENT}}"
    return "" if given is None else fitting(str(given)).strip()


def _shown(reading: Reading, cell: Cell) -> str:
    return _text(reading.local(cell) if isinstance(cell, datetime) else cell)


def _moment(given: Any) -> datetime | None:
    """A moment of the office's clock to the minute; text is read as it is written out."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime.combine(given, time())  # how a sheet is read at midnight
    if isinstance(given, datetime):
        return (given + HALF_A_MINUTE).replace(second=0, microsecond=0)
    try:
        words = str(given).strip().replace("/", "-")[:16]
        return datetime.strptime(words, _MOMENT)  # noqa: DTZ007 - by the office's own clock
    except ValueError:
        return None


def _number(given: Any) -> float | None:
    try:
        return float(given)
    except (TypeError, ValueError):
        return None
