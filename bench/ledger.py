"""The ledger of 100,000 cases as a workbook, against XlsxWriter writing the same cells alone.

Ours is the whole way: the cases read from the database, all 34 columns, the sums, the file. The
yardstick is XlsxWriter in constant-memory mode with the very cells that ours has written, already
read; its reading is not counted. Each runs in a process of its own, by turns; the best of each
counts. Bars: at most 1.2 times the yardstick, and memory that does not grow with the rows: at most
20 MB more for ten times as many, counted from what the process held before it wrote, its cache of
SQLite's pages filled. Beside: how long a page takes at the begin and far inside.
`ledger [CASES …]`; without, 10,000 and 100,000.
"""

import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from flask import Flask, g
from flask_babel import force_locale
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from bench import _world
from bench._cases import import_file, write_cases
from webapp import create_app
from webapp.cases.ledger.columns import COLUMNS
from webapp.cases.ledger.files import write_ledger
from webapp.cases.ledger.reading import Reading, lines
from webapp.cases.ledger.workbook import MOMENT_FORMAT, Wish
from webapp.cases.models import Case
from webapp.core.database import begin_write, make_engine
from webapp.desks.ledger.asking import Place, read_address
from webapp.desks.ledger.paging import all_ids, count_up_to, read_page
from webapp.desks.map.queries import View
from webapp.people.models import Office

SIZES = (10_000, 100_000)
GRIDS, TURNS, PAGES = 1_000, 2, 30
RATIO, GROWTH_MB = 1.2, 20.0

# Two thirds were dispatched and handled, a third of all was checked; everybody has a name.
LIVED = """
UPDATE cases SET dispatched_at = reported_at, answered_at = COALESCE(closed_at, reported_at),
  result = 'mended, and looked at once more', rework_count = id % 3, extension_count = id % 2,
  remark = 'as told by telephone' WHERE id % 3 > 0;
INSERT INTO reporter (case_id, name, contact) SELECT id, 'Wang of No. 12', '' FROM cases
  WHERE id NOT IN (SELECT case_id FROM reporter);
INSERT INTO case_event (id, case_id, at, action, note, detail)
  SELECT (SELECT MAX(id) FROM case_event) + ROW_NUMBER() OVER (), id, reported_at, 'pass_check',
    'it is lit again', '{}' FROM cases WHERE id % 3 = 1;
ANALYZE
"""
FILLS_THE_CACHE = """
SELECT MAX(LENGTH(description)) FROM cases UNION ALL SELECT MAX(LENGTH(note)) FROM case_event
UNION ALL SELECT MAX(LENGTH(name)) FROM reporter
"""


class Run(NamedTuple):
    """Seconds, megabytes more at most while writing, and how many cells."""

    seconds: float
    megabytes: float
    cells: int


def lived(engine: Engine) -> None:
    with Session(engine) as session:
        begin_write(session)
        for statement in LIVED.split(";"):
            session.execute(text(statement))
        session.commit()


def in_chinese(engine: Engine) -> Iterator[Flask]:
    app = create_app(engine=engine, secret_key="only here", rate_limits=False)
    with app.app_context():
        g.time_zone = "Asia/Shanghai"
        with force_locale("zh"):
            yield app


def write(kind: str, url: str, path: Path) -> Run:
    """In a process of its own: one workbook, by us or by the yardstick."""
    engine = make_engine(url)
    for _app in in_chinese(engine):
        with Session(engine) as session:
            office = session.scalars(select(Office)).one()
            asked = read_address(MultiDict({"sort": "reported"}))
            ids = all_ids(session, View(office, None, asked.filters, _world.NOW), asked.order)
            reading = Reading(session, office, _world.NOW)
            session.execute(text(FILLS_THE_CACHE)).all()
            before = memory_mb("VmRSS")
            run = ours if kind == "ours" else yardstick
            seconds, cells = run(session, reading, ids, path)
    return Run(seconds, max(memory_mb("VmHWM") - before, 0), cells)


def memory_mb(name: str) -> float:
    """VmRSS now or VmHWM at most, of this process: what `getrusage` says begins with a parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def ours(session: Session, reading: Reading, ids: list[int], path: Path) -> tuple[float, int]:
    with _world.timed() as seconds:
        write_ledger(session, reading, Wish(ids, COLUMNS, "台账"), path, "xlsx")
    return seconds[0], 0


def yardstick(session: Session, reading: Reading, ids: list[int], path: Path) -> tuple[float, int]:
    options = {"constant_memory": True, "default_date_format": MOMENT_FORMAT}
    spent, cells, at = 0.0, 0, 0
    start = time.perf_counter()
    book = xlsxwriter.Workbook(path, options)
    sheet = book.add_worksheet()
    spent += time.perf_counter() - start
    moments = [i for i, column in enumerate(COLUMNS) if column.kind.value == "moment"]
    for chunk in lines(session, reading, COLUMNS, ids):
        for line in chunk:
            for i in moments:
                line.cells[i] = reading.local(line.cells[i])  # type: ignore[arg-type]
        start = time.perf_counter()
        for line in chunk:
            for column, cell in enumerate(line.cells):
                if cell is not None and cell != "":
                    sheet.write(at, column, cell)
                    cells += 1
            at += 1
        spent += time.perf_counter() - start
    start = time.perf_counter()
    book.close()
    return spent + time.perf_counter() - start, cells


def measured(kind: str, engine: Engine, folder: Path) -> Run:
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(write, kind, url, folder / f"{kind}.xlsx").result()


def pages(engine: Engine, count: int) -> str:
    """Milliseconds of a page: the first, and one in the middle; and of counting."""
    for _app in in_chinese(engine):
        with Session(engine) as session:
            office = session.scalars(select(Office)).one()
            asked = read_address(MultiDict({"sort": "-closed"}))
            view = View(office, None, asked.filters, _world.NOW)
            ids = all_ids(session, view, asked.order)
            middle = session.get_one(Case, ids[len(ids) // 2])
            place = Place(middle.closed_at, middle.id, count // 2).text
            deep = read_address(MultiDict({"sort": "-closed", "after": place}))
            reading = Reading(session, office, _world.NOW)
            return ", ".join(
                f"{name} {statistics.median(_page_ms(session, view, reading, which)):.1f} ms"
                for name, which in (("first page", asked), ("page in the middle", deep))
            )
    raise AssertionError


def _page_ms(session: Session, view: View, reading: Reading, asked: Any) -> Iterator[float]:
    for _turn in range(PAGES):
        start = time.perf_counter()
        page = read_page(session, view, asked)
        list(lines(session, reading, asked.columns, page.ids, page.first_serial))
        count_up_to(session, view)
        yield (time.perf_counter() - start) * 1000


def compare(dialect: str, count: int, grids: Any, folder: Path) -> tuple[float, float]:
    """The ratio, and our memory."""
    with _world.database(dialect) as engine:
        _world.settle(engine, grids)
        path = folder / f"{count}.csv"
        write_cases(path, count)
        import_file(engine, path)
        lived(engine)
        runs = [(measured("ours", engine, folder), measured("yardstick", engine, folder))
                for _turn in range(TURNS)]  # fmt: skip
        best = [min(kind, key=lambda run: run.seconds) for kind in zip(*runs, strict=True)]
        ratio = best[0].seconds / best[1].seconds
        print(
            f"{dialect} {count:,} cases x {len(COLUMNS)} columns, {best[1].cells:,} cells:"
            f" {best[0].seconds:.1f} s and {best[0].megabytes:.0f} MB more; XlsxWriter alone"
            f" {best[1].seconds:.1f} s: ratio {ratio:.2f} (load {_world.load()})"
        )
        print(f"  {pages(engine, count)}", flush=True)
        return ratio, best[0].megabytes


def main(arguments: list[str]) -> int:
    counts = [int(count) for count in arguments] or list(SIZES)
    grids, met = _world.voronoi_grids(GRIDS), True
    with tempfile.TemporaryDirectory() as folder:
        for dialect in _world.DIALECTS:
            told = [compare(dialect, count, grids, Path(folder)) for count in counts]
            growth = told[-1][1] - told[0][1]
            print(f"  memory from {counts[0]:,} to {counts[-1]:,} cases: {growth:+.0f} MB")
            met &= told[-1][0] <= RATIO and growth <= GROWTH_MB
    print("bars met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
