"""The planner of SQLite knows how many rows there are, after an import and by the hour."""

import re

from sqlalchemy import Engine, func, insert, literal, select, text
from sqlalchemy.orm import Session

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_case
from tests.factories.desks import looking
from tests.factories.life import Town, make_town
from webapp.cases.importing import import_cases, read_mapping
from webapp.cases.models import Case
from webapp.cases.vocabulary import State
from webapp.core.database import begin_write, is_spatialite
from webapp.core.jobs import CHORES
from webapp.core.jobs_cli import do_chores
from webapp.core.upkeep import keep_statistics
from webapp.desks.department.views import DESK
from webapp.desks.frame.desk import in_tab

MANY = 3_000


def statistics(session: Session) -> set[str]:
    """The tables that SQLite has looked at; PostgreSQL keeps its own."""
    there = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if session.scalar(there) is None:
        return set()
    return set(session.scalars(text("SELECT DISTINCT tbl FROM sqlite_stat1")))


def put_many(town: Town) -> None:
    """A department that has closed thousands of cases, and handles a few."""
    columns = Case.__table__.c
    for number, state in ((MANY, State.CLOSED), (5, State.ANSWERED)):
        one = make_case(town.session, town.ground.office, now=town.now, state=State.DISPATCHED,
                        lead_department_id=town.centre.id)  # fmt: skip
        town.session.flush()
        counted = select(literal(1).label("n")).cte(recursive=True)
        counted = counted.union_all(select(counted.c.n + 1).where(counted.c.n < number))
        changed = {"id": columns.id + counted.c.n, "state": literal(state.value),
                   "location": literal(None)}  # fmt: skip
        if state is State.CLOSED:
            changed["closed_at"] = columns.reported_at
        values = [changed.get(c.name, c) for c in columns]
        copies = select(*values).select_from(Case).join(counted, literal(True))
        names = [c.name for c in columns]
        town.session.execute(
            insert(Case.__table__).from_select(names, copies.where(Case.id == one.id))
        )
    town.session.commit()


def plan_of(session: Session, town: Town, tab: str, database: Engine) -> str:
    view = looking(town, town.people["member"])
    counted = select(func.count()).where(
        *DESK.conditions(session, view), in_tab(DESK.tab(tab), view)
    )
    words = counted.select_from(Case).compile(database, compile_kwargs={"literal_binds": True})
    return str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}").all())


def test_by_the_hour_the_worker_looks_and_a_department_s_numbers_come_from_what_is_open(
    session, database, app
):
    town = make_town(session)
    put_many(town)
    chores = [chore for chore in CHORES if chore.work is keep_statistics]
    assert len(chores) == 1
    if not is_spatialite(database):
        with app.app_context():
            do_chores(chores)
        return
    assert "cases" not in statistics(session)
    assert "ix_cases_lead_department_id" in plan_of(session, town, "answered", database)
    session.rollback()
    with app.app_context():
        do_chores(chores)
    database.dispose()  # what a connection has read of statistics it keeps
    assert "cases" in statistics(session)
    plan = plan_of(session, town, "answered", database)
    assert re.search("ix_cases_(lead_open|next_due|open) ", plan), plan


def test_an_import_leaves_statistics(session, database, tmp_path):
    town = make_town(session)
    session.commit()
    path = tmp_path / "cases.csv"
    path.write_text(HEADER + row("A1") + row("A2"), "utf-8")
    begin_write(session)
    import_cases(session, town.ground.office, path, read_mapping(MAPPING.encode()))
    assert ("cases" in statistics(session)) if is_spatialite(database) else True
