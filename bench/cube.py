"""How many reports where and when, read from the cube of daily counts: `cube [CASES …]`.

10,000 grids; the sample's classes by Zipf's law, 12 lead departments and 3 sources, over two years.
Timed is all that a page of hot spots counts: the grids of the period and of the one before, 26
weeks of every grid, classes and departments of 20 places. Each filter in turn, each time with
another period or value, so that nothing is answered from a former answer; pages are in memory, as
they are from the second request of a worker on. "First" is the one that reads them.

The pages are written as folding writes them, without the cases beside them: nothing else is read
for this. What the triggers cost is measured with real reports: an import and single reports, into
the same database with and without them, by turns.

Bars: p95 with 1,000,000 cases on PostGIS and 100,000 on SpatiaLite at most 100 ms, a fifth of what
the whole page may take. `cube 10000 10000000` tells the growth to ten million.
"""

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from bench import _world
from bench._cases import import_file, write_cases
from webapp.cases.service import ReportDraft, report_case
from webapp.cases.vocabulary import Source
from webapp.core.database import begin_write
from webapp.insight.counts.keeping import fold_all, put_page
from webapp.insight.counts.pages import SOURCES, Cells
from webapp.insight.counts.reading import breakdown, grid_counts, grid_series
from webapp.insight.models import CountPage
from webapp.insight.selection import Selection, weeks
from webapp.people.models import Department, Office
from webapp.places.locating import office_places
from webapp.standards.models import CaseClass

SIZES = {"postgis": (10_000, 100_000, 1_000_000), "spatialite": (10_000, 100_000)}
BARRED = {"postgis": 1_000_000, "spatialite": 100_000}
BAR_MS = 100.0
DEPARTMENTS, DOORS = 12, (Source.PUBLIC, Source.STAFF, Source.MEDIA)
LAST, DAYS = date(2026, 2, 28), 730
ROUNDS, PLACES = 12, 20
IMPORTED, REPORTS = 40_000, 300
TRIGGERS = ("cases_counted", "cases_uncounted", "cases_recounted")


def fill(engine: Engine, count: int, rng: np.random.Generator) -> None:
    """`count` reports in pages of the only office."""
    with Session(engine) as session:
        office = session.scalars(select(Office)).one()
        classes = np.array(session.scalars(select(CaseClass.id).order_by(CaseClass.code)).all())
        leads = np.array(session.scalars(select(Department.id).limit(DEPARTMENTS)).all())
        grids = office_places(session, office).grid_ids
        busy = rng.pareto(1.2, len(grids)) + 0.2  # some grids have many times what others have
        busy /= busy.sum()
        day_zero = (LAST - date(1970, 1, 1)).days - DAYS + 1
        doors = [SOURCES.index(door) for door in DOORS]
        ranks = 1 / np.arange(1, len(classes) + 1)
        begin_write(session)
        for start in range(0, DAYS, 30):
            share = count * (min(DAYS, start + 30) - start) // DAYS
            kind = rng.choice(len(classes), share, p=ranks / ranks.sum())
            cells = Cells(
                classes=classes[kind],
                departments=leads[kind % len(leads)],
                sources=rng.choice(doors, share, p=[0.6, 0.3, 0.1]),
                grids=rng.choice(grids, share, p=busy),
                days=day_zero + start + rng.integers(0, min(30, DAYS - start), share),
                n=np.ones(share, np.int64),
            )
            for month, of_month in cells.by_month():
                put_page(session, office, month, of_month)
        session.commit()


def selections(session: Session, office: Office) -> Iterator[tuple[str, Selection]]:
    """Each filter of the cube `ROUNDS` times, never twice the same."""
    classes = session.scalars(select(CaseClass).order_by(CaseClass.code)).all()
    groups = sorted({c.group_code for c in classes})
    departments = session.scalars(select(Department.code).limit(DEPARTMENTS)).all()
    communities = sorted(set(office_places(session, office).paths))[:: 10_000 // 30]
    for turn in range(ROUNDS):
        until = LAST - timedelta(days=3 * turn)
        quarter = Selection(since=until - timedelta(days=89), until=until)
        years = Selection(since=until - timedelta(days=600), until=until)
        group = groups[turn % len(groups)]
        yield "90 days", quarter
        yield "600 days", years
        yield "… of a class group", replace(years, group=group)
        yield "… of all components", replace(years, group="/component/")
        yield "… of one class", replace(years, group=classes[turn].code)
        yield "… of a department", replace(years, department=departments[turn % len(departments)])
        yield "… of one source", replace(years, source=DOORS[turn % 3])
        yield "… of a community", replace(years, community=communities[turn][:-4])
        yield (
            "… all of these",
            replace(years, group=group, source=DOORS[turn % 3], community=communities[turn][:-4]),
        )


def ask(session: Session, office: Office, selection: Selection) -> int:
    """What a page of hot spots counts."""
    found = grid_counts(session, office, selection)
    grid_counts(session, office, selection.former())
    until = selection.until or LAST
    grid_series(session, office, selection, weeks(until - timedelta(days=26 * 7 - 1), until))
    busiest = found.at[np.argsort(found.counts)[-PLACES:]]
    breakdown(session, office, selection, busiest)
    return int(found.counts.sum())


def measure(dialect: str, count: int, shapes: object) -> float:
    """p95 in milliseconds over all filters."""
    with _world.database(dialect) as engine:
        _world.settle(engine, shapes)  # type: ignore[arg-type]
        fill(engine, count, np.random.default_rng(count))
        with Session(engine) as session:
            office = session.scalars(select(Office)).one()
            office_places(session, office)
            asked = list(selections(session, office))
            stored = session.scalar(text(STORED[dialect])) or 0
        took: dict[str, list[float]] = {}
        first = timed_ask(engine, asked[1][1])
        for name, selection in asked:
            took.setdefault(name, []).append(timed_ask(engine, selection))
    every = [ms for times in took.values() for ms in times]
    p95 = float(np.percentile(every, 95))
    print(f"{dialect}, {count:,} cases: pages of {stored / 1e6:.1f} MB;"
          f" first {first:.0f} ms, then median {statistics.median(every):.1f} ms,"
          f" p95 {p95:.1f} ms (load {_world.load()})")  # fmt: skip
    for name, times in took.items():
        print(f"    {name:24} median {statistics.median(times):6.1f} ms, most {max(times):6.1f} ms")
    return p95


STORED = {
    "postgis": "SELECT pg_total_relation_size('count_page')",
    "spatialite": "SELECT sum(length(grids) + length(places) + length(days) + length(counts))"
    " FROM count_page",
}


def timed_ask(engine: Engine, selection: Selection) -> float:
    """Milliseconds, with a session of its own, as a request has it."""
    with Session(engine) as session:
        office = session.scalars(select(Office)).one()
        start = time.perf_counter()
        ask(session, office, selection)
        return (time.perf_counter() - start) * 1000


# --- what the triggers cost ---------------------------------------------------------------------


def cost(dialect: str, shapes: object) -> None:
    """An import and single reports into twins, of which one has the triggers."""
    with tempfile.TemporaryDirectory() as folder, _world.database(dialect) as counted:
        _world.settle(counted, shapes)  # type: ignore[arg-type]
        with _world.twin(counted) as bare:
            drop_triggers(bare)
            took: dict[str, list[float]] = {"counted": [], "bare": []}
            for turn in range(4):
                for name, engine in [("counted", counted), ("bare", bare)][:: 1 - turn % 2 * 2]:
                    path = Path(folder) / f"{name}{turn}.csv"
                    write_cases(path, IMPORTED, prefix=f"{turn}-")
                    took[name].append(seconds(import_file, engine, path))
            ratio = min(took["counted"]) / min(took["bare"])
            print(f"{dialect}: import of {IMPORTED:,} reports {min(took['counted']):.2f} s with the"
                  f" triggers, {min(took['bare']):.2f} s without: {ratio:.3f} x")  # fmt: skip
            with Session(counted) as session:
                office = session.scalars(select(Office)).one()
                start = time.perf_counter()
                folded = fold_all(session, office)
                spent = time.perf_counter() - start
                months = len(session.scalars(select(CountPage.month)).all())
            print(f"    folded {folded:,} changes into {months} pages in {spent:.2f} s")
            single(counted, bare, shapes)


def drop_triggers(engine: Engine) -> None:
    on = " ON cases" if engine.dialect.name == "postgresql" else ""
    with Session(engine) as session:
        begin_write(session)
        for trigger in TRIGGERS:
            session.execute(text(f"DROP TRIGGER {trigger}{on}"))
        session.commit()


def single(counted: Engine, bare: Engine, shapes: object) -> None:
    took: dict[str, list[float]] = {"counted": [], "bare": []}
    middles = _world.middles(shapes)[:REPORTS]  # type: ignore[arg-type]
    with Session(counted) as one, Session(bare) as other:
        sessions = {"counted": one, "bare": other}
        for number, (lon, lat) in enumerate(middles.tolist()):
            for name in list(sessions)[:: 1 - number % 2 * 2]:
                took[name].append(seconds(report, sessions[name], lon, lat) * 1000)
    with_them, without = (statistics.median(took[name]) for name in ("counted", "bare"))
    print(f"    one report, in the commit: median {with_them:.2f} ms with the triggers,"
          f" {without:.2f} ms without: +{with_them - without:.3f} ms")  # fmt: skip


def report(session: Session, lon: float, lat: float) -> None:
    begin_write(session)
    office = session.scalars(select(Office)).one()
    draft = ReportDraft(
        condition_code="K01-037.4",
        lon=lon,
        lat=lat,
        source=Source.STAFF,
        submission_uuid=str(uuid.uuid4()),
    )
    report_case(session, office, draft, _world.NOW)
    session.commit()


def seconds(work: object, *given: object) -> float:
    start = time.perf_counter()
    work(*given)  # type: ignore[operator]
    return time.perf_counter() - start


def main(arguments: list[str]) -> int:
    chosen = [int(count) for count in arguments]
    shapes = _world.voronoi_grids()
    met = True
    for dialect in _world.DIALECTS:
        sizes = [n for n in chosen if dialect == "postgis" or n <= 100_000] or SIZES[dialect]
        p95 = {count: measure(dialect, count, shapes) for count in sizes}
        least, most = min(sizes), max(sizes)
        print(f"{dialect}: growth from {least:,} to {most:,} cases: {p95[most] / p95[least]:.2f} x")
        met &= p95.get(BARRED[dialect], 0.0) <= BAR_MS
        if not chosen:
            cost(dialect, shapes)
    print("bar met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
