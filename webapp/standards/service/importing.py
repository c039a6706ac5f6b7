"""Taking in a standards table: classes, conditions with their limits, and the rules they imply.

Nothing is ever wiped. A condition is keyed by its code and the day from which it holds: a new day
adds a row and ends the former one's time, the same day again corrects the row in place.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.people.models import Department, Office, Person
from webapp.standards.models import CaseClass, Condition
from webapp.standards.service.rulemaking import Origin, Parties, put_file_rules
from webapp.standards.service.tasks import leaders_by_task
from webapp.standards.sheet import HEADINGS, OPTIONAL, StandardRow, standard_rows
from webapp.standards.tables import Problem, read_table, refuse_problems

What = Literal["new", "replaces", "changed"]


@dataclass(frozen=True)
class Change:
    """What a row of the file changes: a new condition, one that replaces another, a correction."""

    row: int
    code: str
    name: str
    what: What
    before: dict[str, str]
    after: dict[str, str]


@dataclass
class StandardsReport:
    """What an import did, or would do."""

    file: str
    classes: Counter[str] = field(default_factory=Counter)  # new, changed, same
    conditions: Counter[str] = field(default_factory=Counter)  # new, replaces, changed, same
    rules: Counter[str] = field(default_factory=Counter)  # new, changed, same, retired, by_hand
    changes: list[Change] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        counts = self.classes + self.conditions + self.rules
        return not counts.keys() - {"same", "by_hand"}


def import_standards(
    session: Session,
    office: Office,
    path: Path,
    now: datetime,
    valid_from: date | None = None,
    *,
    encoding: str | None = None,
    file_name: str | None = None,
    made_by: Person | None = None,
    dry_run: bool = False,
) -> StandardsReport:
    """Take in a standards table whole, or raise BadInput that names every row with a problem.

    Parameters
    ----------
    path
        CSV or Excel; `file_name` is how people know it.
    valid_from
        For rows whose own cell is empty.
    encoding
        Of a CSV that is not UTF-8.
    dry_run
        Change nothing, only report.
    """
    file = file_name or path.name
    table = read_table(path, HEADINGS, optional=OPTIONAL, encoding=encoding)
    rows, problems = standard_rows(table, departments_by_name(session, office), valid_from)
    classes = _classes(session, office)
    problems += _moved(rows, classes)
    refuse_problems(problems, file)
    report = StandardsReport(file)
    for row in {row.class_code: row for row in reversed(rows)}.values():
        _take_class(session, office, classes, row, report, dry_run)
    for row in rows:
        _take_condition(classes.get(row.class_code), row, report, dry_run)
    if not dry_run:
        session.flush()
        _close_former(classes)
    wanted = wanted_rules(rows, leaders_by_task(session, office))
    origin = Origin(file, made_by.id if made_by else None, now)
    report.rules = put_file_rules(session, office, wanted, origin, dry_run=dry_run)
    if not (dry_run or report.changes_nothing):
        office.revision += 1
    return report


def departments_by_name(session: Session, office: Office) -> dict[str, list[int]]:
    """The ids of the office's active departments of each name."""
    found: dict[str, list[int]] = defaultdict(list)
    active = Department.active.is_(True)
    for department in session.scalars(
        select(Department).where(Department.office_id == office.id, active)
    ):
        found[department.name].append(department.id)
    return dict(found)


def wanted_rules(
    rows: Sequence[StandardRow], leaders: dict[int, tuple[int, ...]]
) -> dict[str, Parties]:
    """The parties for each class path; a condition of other parties has a path of its own."""
    newest: dict[str, StandardRow] = {}
    for row in sorted(rows, key=lambda row: row.valid_from):
        newest[row.condition_code] = row
    by_class: dict[str, list[tuple[str, Parties]]] = defaultdict(list)
    for row in newest.values():
        parties = Parties(row.lead, row.informed, leaders.get(row.plan_task or 0, ()))
        by_class[row.class_path].append((row.condition_code, parties))
    wanted: dict[str, Parties] = {}
    for class_path, conditions in by_class.items():
        usual = Counter(parties for _code, parties in conditions).most_common(1)[0][0]
        wanted[class_path] = usual
        wanted |= {f"{class_path}{code}/": own for code, own in conditions if own != usual}
    return wanted


def _classes(session: Session, office: Office) -> dict[str, CaseClass]:
    of_office = select(CaseClass).where(CaseClass.office_id == office.id)
    rows = session.scalars(of_office.options(selectinload(CaseClass.conditions)))
    return {row.code: row for row in rows}


def _moved(rows: Sequence[StandardRow], classes: dict[str, CaseClass]) -> list[Problem]:
    """Conditions that the file puts under another class than the one they have."""
    owner = {c.code: row.code for row in classes.values() for c in row.conditions}
    for row in rows:
        owner.setdefault(row.condition_code, row.class_code)
    return [
        Problem(
            row.number,
            _(
                "condition %(code)s belongs to class %(class_code)s",
                code=row.condition_code,
                class_code=owner[row.condition_code],
            ),
        )
        for row in rows
        if owner[row.condition_code] != row.class_code
    ]


def _take_class(
    session: Session,
    office: Office,
    classes: dict[str, CaseClass],
    row: StandardRow,
    report: StandardsReport,
    dry_run: bool,
) -> None:
    facts = {
        "kind": row.kind,
        "group_code": row.group_code,
        "group_name": row.group_name,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "plan_task": row.plan_task,
    }
    known = classes.get(row.class_code)
    if known is None:
        report.classes["new"] += 1
        if not dry_run:
            known = CaseClass(office_id=office.id, code=row.class_code, **facts)
            session.add(known)
            classes[row.class_code] = known
        return
    before = {name: value for name, value in _facts(known, facts).items() if value != facts[name]}
    report.classes["changed" if before else "same"] += 1
    if before:
        after = {name: facts[name] for name in before}
        report.changes.append(_change(row, row.class_code, row.name_zh, "changed", before, after))
        _put(known, after, dry_run)


def _take_condition(
    owner: CaseClass | None,
    row: StandardRow,
    report: StandardsReport,
    dry_run: bool,
) -> None:
    facts = {
        "name_zh": row.condition_zh,
        "limit_amount": row.limit_amount,
        "limit_unit": row.limit_unit,
        "closing_condition": row.closing_condition,
        "source": row.source,
    }
    rows = [c for c in owner.conditions if c.code == row.condition_code] if owner else []
    same_day = next((c for c in rows if c.valid_from == row.valid_from), None)
    if same_day is None:
        what: What = "replaces" if rows else "new"
        former = _facts(max(rows, key=lambda c: c.valid_from), facts) if rows else {}
        report.conditions[what] += 1
        after = facts | {"valid_from": row.valid_from}
        name = f"{row.name_zh}: {row.condition_zh}"
        report.changes.append(_change(row, row.condition_code, name, what, former, after))
        if not dry_run and owner is not None:
            condition = Condition(code=row.condition_code, valid_from=row.valid_from, **facts)
            owner.conditions.append(condition)
        return
    before = {n: value for n, value in _facts(same_day, facts).items() if value != facts[n]}
    report.conditions["changed" if before else "same"] += 1
    if before:
        after = {name: facts[name] for name in before}
        name = f"{row.name_zh}: {row.condition_zh}"
        report.changes.append(_change(row, row.condition_code, name, "changed", before, after))
        _put(same_day, after, dry_run)


def _close_former(classes: dict[str, CaseClass]) -> None:
    """Each row of a condition holds until the next one begins."""
    for row in classes.values():
        by_code: dict[str, list[Condition]] = defaultdict(list)
        for condition in sorted(row.conditions, key=lambda c: c.valid_from):
            by_code[condition.code].append(condition)
        for conditions in by_code.values():
            for former, follower in zip(conditions, [*conditions[1:], None], strict=True):
                former.valid_to = follower.valid_from if follower else None


def _facts(row: CaseClass | Condition, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _put(row: CaseClass | Condition, facts: dict[str, Any], dry_run: bool) -> None:
    if not dry_run:
        for name, value in facts.items():
            setattr(row, name, value)


def _change(
    row: StandardRow,
    code: str,
    name: str,
    what: What,
    before: dict[str, Any],
    after: dict[str, Any],
) -> Change:
    def words(facts: dict[str, Any]) -> dict[str, str]:
        return {name: "" if value is None else str(value) for name, value in facts.items()}

    return Change(row.number, code, name, what, words(before), words(after))
