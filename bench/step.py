"""One step on a case against a bare UPDATE of one row, each with its commit, on the same database.

A step is what a request does once it knows who is there: the case is read and held, the gate asked,
the case, its event, what stands beside it, its times and the notices written, all committed. Cases
go their whole way from the report to the check, step by step, in turns with the bare update. Bar:
95th percentile at most 3 times that of the bare update; with 10,000 and with 100,000 cases.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, joinedload

from bench import _world
from bench._cases import import_file, write_cases
from webapp.cases.life.scene import Given
from webapp.cases.models import Case
from webapp.cases.steps.taking import Press, case_held, press
from webapp.cases.vocabulary import Action, State
from webapp.core.database import begin_write
from webapp.people.models import Department, Office, Person, Role
from webapp.people.service import add_person

SIZES = (10_000, 100_000)
WAYS, WARM_UP = 60, 5  # cases that go the whole way
BAR = 3.0
WAY = (
    (Action.OPEN, Role.DISPATCHER),
    (Action.DISPATCH, Role.DISPATCHER),
    (Action.TAKE, Role.DEPARTMENT_MEMBER),
    (Action.ANSWER, Role.DEPARTMENT_MEMBER),
    (Action.ASK_CHECK, Role.DISPATCHER),
    (Action.PASS_CHECK, Role.GRID_MANAGER),
)
Taken = tuple[str, float]


def staff(engine: Engine) -> tuple[dict[Role, int], int]:
    """Who takes the steps, and the department to which cases go; three people in each role."""
    with Session(engine) as session:
        begin_write(session)
        office = session.scalars(select(Office)).one()
        department = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
        people = {}
        for role in {role for _action, role in WAY}:
            for number in range(3):
                people[role] = add_person(
                    session, office, _world.NOW, username=f"{role}{number}", name=role,
                    role=role, area_path=office.area_path, password=None,
                    department=department if role is Role.DEPARTMENT_MEMBER else None,
                )  # fmt: skip
        session.commit()
        return {role: person.id for role, person in people.items()}, department.id


def steps(
    engine: Engine, case: tuple[int, str], people: dict[Role, int], to: int
) -> Iterator[Taken]:
    now = _world.NOW + timedelta(days=1000)
    for action, role in WAY:
        now += timedelta(minutes=1)
        with Session(engine, expire_on_commit=False) as session:
            person = session.get_one(Person, people[role], options=[joinedload(Person.office)])
            session.commit()
            start = time.perf_counter()
            begin_write(session)
            held = case_held(session, person, case[1])
            given = Given(note="换了灯泡", department_id=to)
            press(session, person, held, Press(action, given, held.version), now)
            session.commit()
            yield action, time.perf_counter() - start


def bare(engine: Engine, case_id: int) -> float:
    with Session(engine, expire_on_commit=False) as session:
        start = time.perf_counter()
        begin_write(session)
        session.execute(update(Case.__table__).where(Case.id == case_id).values(result="x"))  # type: ignore[arg-type]
        session.commit()
        return time.perf_counter() - start


def measure(engine: Engine, people: dict[Role, int], to: int) -> tuple[list[Taken], list[float]]:
    with Session(engine) as session:
        reported = select(Case.id, Case.number).where(Case.state == State.REPORTED)
        cases = session.execute(reported.order_by(Case.id.desc()).limit(2 * (WAYS + WARM_UP))).all()
    taken: list[Taken] = []
    updates = []
    for number, (case, other) in enumerate(zip(cases[::2], cases[1::2], strict=True)):
        for step in steps(engine, (case.id, case.number), people, to):
            update_s = bare(engine, other.id)
            if number >= WARM_UP:
                taken.append(step)
                updates.append(update_s)
    return taken, updates


def report(dialect: str, size: int, taken: list[Taken], updates: list[float]) -> float:
    ours, theirs = (1000 * np.percentile(times, [50, 95]) for times in
                    ([s for _a, s in taken], updates))  # fmt: skip
    ratio = ours[1] / theirs[1]
    print(f"{dialect}, {size:,} cases before; load {_world.load()}")
    for name, times in (("step", ours), ("bare update", theirs)):
        print(f"    {name:12} median {times[0]:.1f} ms, p95 {times[1]:.1f} ms")
    print(f"    {ours[0] / theirs[0]:.1f} times at the median, {ratio:.1f} at p95")
    for action, _role in WAY:
        print(f"    {action:12} {1000 * np.median([s for a, s in taken if a == action]):6.1f} ms")
    return ratio


def main(arguments: list[str]) -> int:
    sizes = [int(size) for size in arguments] or SIZES
    worst = 0.0
    grids = _world.voronoi_grids()
    with tempfile.TemporaryDirectory() as folder:
        for dialect in _world.DIALECTS:
            for size in sizes:
                path = Path(folder) / f"{size}.csv"
                write_cases(path, size, all_open=True)
                with _world.database(dialect) as engine:
                    _world.settle(engine, grids)
                    import_file(engine, path)
                    people, department_id = staff(engine)
                    worst = max(
                        worst, report(dialect, size, *measure(engine, people, department_id))
                    )
    print(f"bar {BAR}: {'kept' if worst <= BAR else 'missed'}")
    return 0 if worst <= BAR else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
