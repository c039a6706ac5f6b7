"""Importing reports into 10,000 grids, against a bare load of the same finished rows.

`python -m tools.bench cases_import` takes 1,000,000 reports and a tenth of them;
`python -m bench.cases_import 50000` as many as it says.

The import reads the file, locates, routes, sets the deadline and writes case, key, event and
candidates. The yardstick writes those rows, as they came out, into an identical second database:
COPY on PostGIS, executemany on SpatiaLite, in the same chunks, with triggers and indexes as in
service. They take turns after every 100,000 reports, so that a busy machine is busy for both.
"""

import cProfile
import pstats
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from bench import _world
from bench._cases import import_file, write_cases, write_parts
from webapp.cases.importing.running import CHUNK_ROWS
from webapp.cases.models import Case, CaseCandidate, CaseEvent, CaseKey
from webapp.standards.models import RoutingDecision

REPORTS = 1_000_000
PART = 100_000
BAR = 1.5
TABLES = {Case: "id", CaseKey: "case_id", CaseEvent: "case_id", CaseCandidate: "case_id"}


class Loader(Protocol):
    """Rows of tables, taken from one database and put bare into another."""

    def take(self, first: int, last: int) -> list[Any]: ...

    def put(self, rows: list[Any]) -> None: ...


class SqliteLoader:
    def __init__(self, source: Engine, target: Engine) -> None:
        self.source = source.raw_connection()
        self.target = target.raw_connection()

    def take(self, first: int, last: int) -> list[Any]:
        cursor = self.source.cursor()
        taken = []
        for model, owner in TABLES.items():
            table, between = model.__tablename__, f"{owner} BETWEEN {first} AND {last}"
            rows = cursor.execute(f"SELECT * FROM {table} WHERE {between} ORDER BY 1")
            taken.append((f"INSERT INTO {table} VALUES ({places(rows)})", rows.fetchall()))
        return taken

    def put(self, rows: list[Any]) -> None:
        cursor = self.target.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        for statement, values in rows:
            cursor.executemany(statement, values)
        self.target.commit()


def places(cursor: Any) -> str:
    return ", ".join("?" * len(cursor.description))


class PostgisLoader:
    def __init__(self, source: Engine, target: Engine) -> None:
        self.source = source.raw_connection()
        self.target = target.raw_connection()

    def take(self, first: int, last: int) -> list[Any]:
        cursor = self.source.cursor()
        taken = []
        for model, owner in TABLES.items():
            table, between = model.__tablename__, f"{owner} BETWEEN {first} AND {last}"
            rows = f"SELECT * FROM {table} WHERE {between} ORDER BY 1"
            with cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
                taken.append((f"COPY {table} FROM STDIN", b"".join(copy)))
        self.source.rollback()
        return taken

    def put(self, rows: list[Any]) -> None:
        cursor = self.target.cursor()
        for statement, content in rows:
            with cursor.copy(statement) as copy:
                copy.write(content)
        self.target.commit()


class BareLoad:
    """Puts what is new in one database into its twin, as bare as can be."""

    def __init__(self, engine: Engine, twin: Engine) -> None:
        kind = SqliteLoader if engine.dialect.name == "sqlite" else PostgisLoader
        self.engine, self.twin = engine, twin
        self.loader: Loader = kind(engine, twin)
        self.last_case = 0

    def seconds(self) -> float:
        """Time of putting the new rows, chunk by chunk; taking them is not in it."""
        self._copy_decisions()
        total = 0.0
        while rows := self._next_chunk():
            with _world.timed() as seconds:
                self.loader.put(rows)
            total += seconds[0]
        return total

    def _next_chunk(self) -> list[Any]:
        new = select(Case.id).where(Case.id > self.last_case).order_by(Case.id).limit(CHUNK_ROWS)
        with Session(self.engine) as session:
            ids = session.scalars(new).all()
        if not ids:
            return []
        self.last_case = ids[-1]
        return self.loader.take(ids[0], ids[-1])

    def _copy_decisions(self) -> None:
        """The cases point to them; few, and not part of what is measured."""
        with Session(self.engine) as here, Session(self.twin) as there:
            known = set(there.scalars(select(RoutingDecision.id)))
            rows = [row._asdict() for row in here.execute(select(RoutingDecision.__table__))]
            new = [row for row in rows if row["id"] not in known]
            if new:
                there.execute(insert(RoutingDecision), new)
                there.commit()


def compare(dialect: str, count: int, grids: NDArray[Any], folder: Path) -> float:
    """Import `count` reports and load them bare; prints both, returns the ratio."""
    imported_s = loaded_s = 0.0
    with _world.database(dialect) as engine:
        _world.settle(engine, grids)
        with _world.twin(engine) as twin:
            bare = BareLoad(engine, twin)
            for path in write_parts(folder, count, PART):
                with _world.timed() as seconds:
                    import_file(engine, path)
                imported_s += seconds[0]
                loaded_s += bare.seconds()
            check_equal(engine, twin, count)
            print(
                f"{dialect:10} {count:>9,} reports in {len(grids):,} grids: import"
                f" {imported_s:6.1f} s = {count / imported_s:7,.0f} rows/s; bare"
                f" {loaded_s:6.1f} s; {imported_s / loaded_s:.2f} x, bar {BAR} x;"
                f" load {_world.load()}",
                flush=True,
            )
            profile(engine, folder)
    return imported_s / loaded_s


def check_equal(engine: Engine, twin: Engine, count: int) -> None:
    for model in TABLES:
        statement = text(f"SELECT count(*) FROM {model.__tablename__}")
        with engine.connect() as here, twin.connect() as there:
            numbers = here.scalar(statement), there.scalar(statement)
        assert numbers[0] == numbers[1], f"{model.__tablename__}: {numbers}"
        assert model is CaseCandidate or numbers[0] == count, f"{model.__tablename__}: {numbers}"


# --- what limits it ---------------------------------------------------------------------------

PROFILED = 40_000
# what is said, the function whose time it is, and the function whose time is not part of it
STEPS = (
    ("reading the file", "chunks", None),
    ("parsing and checking", "parse_chunk", None),
    ("looking for known external ids", "set_aside_known", None),
    ("locating", "locate", None),
    ("routing", "decide_columns", None),
    ("deadlines", "deadlines", None),
    ("numbers", "_numbers", None),
    ("rows as the database takes them", "_texts_or_values", None),
    ("the database", "copy_rows", "_texts_or_values"),
)
ALIASES = {"_copy_texts": "_texts_or_values", "_sqlite_values": "_texts_or_values"}


def profile(engine: Engine, folder: Path) -> None:
    """Where the time of 40,000 more reports goes."""
    path = folder / "more.csv"
    write_cases(path, PROFILED, prefix="M")
    profiler = cProfile.Profile()
    profiler.runcall(import_file, engine, path)
    spent: Counter[str] = Counter()
    for (_file, _line, name), (_calls, _all, _own, seconds, _by) in profile_of(profiler).items():
        spent[ALIASES.get(name, name)] += seconds
    whole = spent["import_file"] - spent["office_places"]
    print("  what limits it, of the time without reading the boundaries:")
    for words, name, without in STEPS:
        seconds = spent[name] - (spent[without] if without else 0)
        print(f"    {seconds / whole:4.0%}  {words}")


def profile_of(profiler: cProfile.Profile) -> dict[Any, Any]:
    stats: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    return stats


def main(arguments: list[str]) -> int:
    counts = [int(count) for count in arguments] or [REPORTS, REPORTS // 10]
    grids = _world.voronoi_grids()
    with tempfile.TemporaryDirectory() as folder:
        ratios = [
            compare(dialect, count, grids, Path(folder))
            for dialect in _world.DIALECTS
            for count in counts
        ]
    met = all(ratio <= BAR for ratio in ratios)
    print("bar met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
