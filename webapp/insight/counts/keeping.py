"""Folding changes into pages, building the cube anew, comparing it with the cases.

The cube is right without any of it: the changes are written by the database in the commit of the
case. Folding only keeps them few.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Select, delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite reads the same ON CONFLICT
from sqlalchemy.orm import Session

from webapp.cases.choosing import midnight
from webapp.cases.models import Case
from webapp.core.database import begin_write, one_snapshot
from webapp.core.ids import new_id
from webapp.core.jobs import chore
from webapp.insight.counts.changes import cells_of
from webapp.insight.counts.pages import Cells, Page, merged, months_of, page_of, summed, written
from webapp.insight.counts.points import CELL, streamed
from webapp.insight.models import CountChange, CountCube, CountPage
from webapp.insight.selection import next_month
from webapp.people.models import Office

FEW = 500
"""So many changes are read with every page at no cost worth speaking of: they may wait."""
BATCH = 50_000  # changes a commit: nobody waits long for the database

COLUMNS = (
    CountChange.grid_id, CountChange.condition_id, CountChange.department_id,
    CountChange.reported_s, CountChange.n, CountChange.source,
)  # fmt: skip


@chore(every=timedelta(seconds=10))
def fold_counts(session: Session, _now: datetime) -> None:
    """Take changes into pages where they are no longer few; count anew what has another zone."""
    counted = select(CountChange.office_id).group_by(CountChange.office_id)
    many = session.scalars(counted.having(func.count() > FEW)).all()
    zoned = select(Office.id).join(CountCube, CountCube.office_id == Office.id)
    moved = session.scalars(zoned.where(CountCube.time_zone != Office.time_zone)).all()
    session.rollback()
    for office_id in moved:
        rebuild(session, session.get_one(Office, office_id))
    for office_id in many:
        fold_all(session, session.get_one(Office, office_id))


def fold_all(session: Session, office: Office) -> int:
    """Take all changes that are there into the pages, some at a time; answers how many."""
    folded = 0
    while True:
        begin_write(session)
        taken = fold(session, office)
        session.commit()
        folded += taken
        if taken < BATCH:
            return folded


def fold(session: Session, office: Office) -> int:
    """Take some changes away and into the pages; commits nothing. Answers how many.

    Whoever holds the office's row of `count_cube` folds; another waits for its commit, then takes
    what is left. A worker killed before the commit has changed nothing.
    """
    _hold(session, office)
    rows = session.execute(
        delete(CountChange)
        .where(CountChange.id.in_(_oldest(office)))
        .returning(*COLUMNS)
        .execution_options(synchronize_session=False)
    ).all()
    for month, cells in cells_of(session, office, rows).by_month():
        put_page(session, office, month, cells)
    return len(rows)


def _oldest(office: Office) -> Select[int]:
    """In the order of their ids: what takes a report out of a cell came after what put it in."""
    ids = select(CountChange.id).where(CountChange.office_id == office.id)
    return ids.order_by(CountChange.id).limit(BATCH)


def _hold(session: Session, office: Office) -> None:
    row = {"office_id": office.id, "time_zone": office.time_zone}
    session.execute(upsert(CountCube).values(row).on_conflict_do_nothing())
    mine = select(CountCube.office_id).where(CountCube.office_id == office.id)
    session.execute(mine.with_for_update())


def _page(session: Session, office: Office, month: int) -> Page | None:
    key = (CountPage.office_id == office.id) & (CountPage.month == month)
    row = session.execute(select(*CountPage.__table__.columns).where(key)).one_or_none()
    return page_of(row) if row else None


def put_page(session: Session, office: Office, month: int, more: Cells) -> None:
    """Write the month's page anew with more cells; commits nothing."""
    page = merged(_page(session, office, month), month, more)
    key = (CountPage.office_id == office.id) & (CountPage.month == month)
    session.execute(delete(CountPage).where(key))
    if len(page.days):
        facts = {"office_id": office.id, "revision": new_id(), **written(page)}
        session.execute(insert(CountPage).values(**facts))


def rebuild(session: Session, office: Office) -> int:
    """Count all cases of an office anew; answers how many. It commits.

    In one snapshot of the database the pages go and every case becomes a change again, so that
    others read right numbers at every moment; then the changes are folded.
    """
    one_snapshot(session, writes=True)
    _hold(session, office)
    cube = session.get_one(CountCube, office.id, populate_existing=True)
    cube.time_zone = office.time_zone
    for table in (CountPage, CountChange):
        session.execute(delete(table).where(table.office_id == office.id))
    grid, condition, department, seconds, n, source = CELL
    every = select(literal(office.id), grid, condition, department, seconds, n, source)
    names = ["office_id", *(column.key for column in COLUMNS)]
    session.execute(
        insert(CountChange).from_select(names, every.where(Case.office_id == office.id))
    )
    session.commit()
    return fold_all(session, office)


def differences(session: Session, office: Office) -> int:
    """How many cells hold another number than the cases say; 0 is right."""
    one_snapshot(session, writes=False)
    changes = session.execute(select(*COLUMNS).where(CountChange.office_id == office.id)).all()
    loose = dict(cells_of(session, office, changes).by_month())
    different = 0
    for month in _months(session, office, set(loose)):
        page = _page(session, office, month)
        parts = [page.cells()] if page else []
        parts += [loose[month]] if month in loose else []
        parts += [cells.times(-1) for cells in _counted(session, office, month)]
        different += int(np.count_nonzero(summed(Cells.joined([Cells.none(), *parts]))))
    session.rollback()
    return different


def _months(session: Session, office: Office, more: set[int]) -> list[int]:
    """All months that have a page, a change or a case."""
    pages = session.scalars(select(CountPage.month).where(CountPage.office_id == office.id))
    ends = select(func.min(Case.reported_at), func.max(Case.reported_at))
    first, last = session.execute(ends.where(Case.office_id == office.id)).one()
    if first is None:
        return sorted({*pages, *more})
    days = np.arange(np.datetime64(f"{first:%Y-%m}"), np.datetime64(f"{last:%Y-%m}") + 2)
    return sorted({*pages, *more, *months_of(days.astype("datetime64[D]").astype(int)).tolist()})


def _counted(session: Session, office: Office, month: int) -> Iterator[Cells]:
    """The cases of a month, each a cell of its own."""
    begin = date(month // 100, month % 100, 1)
    within = (Case.office_id == office.id,
              Case.reported_at >= midnight(office, begin),
              Case.reported_at < midnight(office, next_month(begin)))  # fmt: skip
    for rows in streamed(session, select(*CELL).where(*within)):
        yield cells_of(session, office, rows)
