"""Taking in the tasks of the office's plan, whose leaders answer for the classes of each task."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.people.models import Duty, Office, Person, Role
from webapp.standards.models import CaseClass, PlanTask
from webapp.standards.service.rulemaking import (
    BY_HAND,
    Origin,
    add_rule,
    parties_of,
    rules_in_force,
)
from webapp.standards.tables import Problem, Row, read_table, refuse_problems

HEADINGS = {
    "task": ("任务", "序号"),
    "section": ("部分",),
    "title": ("任务名称", "名称"),
    "topic": ("内容",),
    "leaders": ("责任领导",),
    "departments": ("责任部门",),
    "deadline": ("完成时限",),
}


@dataclass(frozen=True)
class TaskRow:
    """One task as the file says it."""

    number: int
    section: str
    title: str
    topic: str
    leaders: list[str]
    departments: list[str]
    deadline: date


def import_tasks(
    session: Session,
    office: Office,
    path: Path,
    now: datetime,
    *,
    plan: str | None = None,
    encoding: str | None = None,
) -> Counter[str]:
    """Add or correct the tasks of a plan, by number, and give their classes their leaders.

    A leader whom the office does not know yet becomes a person who cannot sign in. `plan` is the
    year of the last deadline by default. Counts new, changed, same.
    """
    rows = _checked(read_table(path, HEADINGS, encoding=encoding), path.name)
    plan = plan or str(max(row.deadline for row in rows).year)
    in_plan = (PlanTask.office_id == office.id, PlanTask.plan == plan)
    known = {task.number: task for task in session.scalars(select(PlanTask).where(*in_plan))}
    counts: Counter[str] = Counter()
    for row in rows:
        facts = dict(vars(row))
        task = known.get(row.number)
        if task is None:
            session.add(PlanTask(office_id=office.id, plan=plan, **facts))
            counts["new"] += 1
            continue
        changed = {name: v for name, v in facts.items() if getattr(task, name) != v}
        counts["changed" if changed else "same"] += 1
        for name, value in changed.items():
            setattr(task, name, value)
    session.flush()
    for name in dict.fromkeys(leader for row in rows for leader in row.leaders):
        _make_leader(session, office, name, now)
    session.flush()
    _give_leaders(session, office, now)
    return counts


def leaders_by_task(session: Session, office: Office) -> dict[int, tuple[int, ...]]:
    """The persons who lead each task of the office's newest plan, the responsible one first."""
    tasks = session.scalars(
        select(PlanTask).where(PlanTask.office_id == office.id).order_by(PlanTask.deadline)
    ).all()
    people = _leaders(session, office)
    return {t.number: tuple(people[n] for n in t.leaders if n in people) for t in tasks}


def _leaders(session: Session, office: Office) -> dict[str, int]:
    """The office's leaders by name; of two with one name the one known longer."""
    leads = Person.duties.any(Duty.role == Role.LEADER)
    people = session.scalars(
        select(Person)
        .where(Person.office_id == office.id, Person.active.is_(True), leads)
        .order_by(Person.id.desc())
    )
    return {person.name: person.id for person in people}


def _make_leader(session: Session, office: Office, name: str, now: datetime) -> None:
    if name in _leaders(session, office):
        return
    person = Person(office_id=office.id, name=name, created_at=now)
    person.duties.append(Duty(role=Role.LEADER, area_path=office.area_path))
    session.add(person)
    session.flush()


def _give_leaders(session: Session, office: Office, now: datetime) -> None:
    """Rules that came from a file get the leaders of their class's task."""
    leaders = leaders_by_task(session, office)
    classes = session.scalars(select(CaseClass).where(CaseClass.office_id == office.id))
    of_class = {row.path: leaders.get(row.plan_task or 0, ()) for row in classes}
    for rule in rules_in_force(session, office):
        class_path = "/".join(rule.class_path.split("/")[:4]) + "/"
        wanted = of_class.get(class_path)
        parties = parties_of(rule)
        if rule.source == BY_HAND or wanted is None or parties.leaders == wanted:
            continue
        rule.retired_at = now
        with_leaders = parties._replace(leaders=wanted)
        origin = Origin(rule.source, rule.made_by_id, now)
        add_rule(session, office, rule.area_path, rule.class_path, with_leaders, origin)
        office.revision += 1


def _checked(rows: list[Row], file: str) -> list[TaskRow]:
    good: list[TaskRow] = []
    problems: list[Problem] = []
    for row in rows:
        cells = row.cells
        try:
            number, deadline = int(cells["task"]), date.fromisoformat(cells["deadline"])
        except ValueError:
            words = _(
                "task is “%(task)s” and deadline “%(deadline)s”; write a number and a day as "
                "2021-12-31",
                task=cells["task"],
                deadline=cells["deadline"],
            )
            problems.append(Problem(row.number, words))
            continue
        if number in {known.number for known in good}:
            words = _("task %(number)s is there twice", number=number)
            problems.append(Problem(row.number, words))
        texts = (cells["section"], cells["title"], cells["topic"])
        lists = (_names(cells["leaders"]), _names(cells["departments"]))
        good.append(TaskRow(number, *texts, *lists, deadline))
    refuse_problems(problems, file)
    return good


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.replace("；", ";").split(";") if name.strip()]
