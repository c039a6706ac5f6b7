"""Every desk and the ledger, 20 people at once; a dispatch of 500: `desks [CASES …]`.

The server is that of `make run` with its two workers. Each of the 20 (dispatchers, members of a
department, who walks the grids, leaders) asks for the pages of their own desk one after the other
and looks at each for about a second; that is what the bars are for. Afterwards they ask without a
pause, so that 20 requests wait at every moment: that says how many pages a second the machine can
make (the asking itself takes part of its two cores). The open cases of the heap are spread over the
states of a life. Bars: the 95th percentile of each page at most 200 ms on PostGIS, and growing from
the smallest number of cases to the largest at most 1.5 x (each page by itself, in the same run);
500 cases dispatched in 2 s on either database, previewed and taken back, too.
`desks 10000 1000000` is the whole of it.
"""

import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from bench import _world
from bench._cases import import_file, write_parts
from bench._serving import Service, Visitor, serving
from webapp.core.database import begin_write
from webapp.people.models import Department, Office, Role
from webapp.people.service import add_person

SIZES = {"postgis": (10_000, 100_000), "spatialite": (100_000,)}
GRIDS, PART, WORKERS = 1_000, 100_000, 2
ROUNDS, PAUSE_S, BAR_MS, GROWTH, BULK, BULK_S = 12, 1.0, 200.0, 1.5, 500, 2.0
PASSWORD = "one of 20 people"
PEOPLE = {
    Role.DISPATCHER: 8, Role.DEPARTMENT_MEMBER: 5, Role.GRID_MANAGER: 3, Role.INSPECTOR: 2,
    Role.LEADER: 2,
}  # fmt: skip
PAGES = {
    Role.DISPATCHER: (
        "/desk/dispatch", "/desk/dispatch?tab=returned", "/desk/dispatch?tab=overdue",
        "/desk/dispatch?tab=unplaced", "/desk/dispatch?tab=new&group=K01", "/ledger",
    ),
    Role.DEPARTMENT_MEMBER: ("/desk/department", "/desk/department?tab=today", "/ledger"),
    Role.GRID_MANAGER: ("/desk/grid", "/desk/grid?tab=check"),
    Role.INSPECTOR: ("/desk/grid", "/ledger"),
    Role.LEADER: ("/desk/leader", "/ledger"),
}  # fmt: skip

# Of 20 open cases: 6 are new, 1 is verified, 4 wait for dispatch, 3 for being taken, 3 are handled.
SPREAD = """
UPDATE cases SET
  state = CASE {turn}
    WHEN 6 THEN 'verifying' WHEN 7 THEN 'opened' WHEN 8 THEN 'opened' WHEN 9 THEN 'opened'
    WHEN 10 THEN 'opened' WHEN 11 THEN 'dispatched' WHEN 12 THEN 'dispatched'
    WHEN 13 THEN 'dispatched' WHEN 14 THEN 'handling' WHEN 15 THEN 'handling'
    WHEN 16 THEN 'handling' WHEN 17 THEN 'returned' WHEN 18 THEN 'answered'
    WHEN 19 THEN 'checking' ELSE 'reported' END,
  lead_department_id = coalesce(lead_department_id, :lead),
  stage_due_at = CASE WHEN {turn} IN (14, 15, 16) THEN NULL ELSE due_at END,
  dispatched_at = CASE WHEN {turn} IN (7, 8, 9, 10) THEN NULL ELSE reported_at END
WHERE state = 'reported' AND {turn} > 5
"""


def settle(engine: Engine, count: int, shapes: Any) -> None:
    """An office with its people and `count` cases, the open ones in all states."""
    _world.settle(engine, shapes)
    with tempfile.TemporaryDirectory() as folder:
        for path in write_parts(Path(folder), count, PART):
            import_file(engine, path)
    with Session(engine) as session:
        begin_write(session)
        office = session.scalars(select(Office)).one()
        lead = session.scalars(select(Department).order_by(Department.id).limit(1)).one()
        for role, number in PEOPLE.items():
            for n in range(number):
                add_person(
                    session, office, _world.NOW, username=f"{role.value}{n}", name=f"{role} {n}",
                    role=role, area_path=office.area_path, password=PASSWORD,
                    department=lead if role is Role.DEPARTMENT_MEMBER else None,
                )  # fmt: skip
        session.execute(text(SPREAD.format(turn="(id % 20)")), {"lead": lead.id})
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # what autovacuum does in the background on a server that lives
        connection.execute(text("VACUUM ANALYZE" if engine.name == "postgresql" else "ANALYZE"))


def gather(service: Service) -> Iterator[tuple[Role, Visitor]]:
    number = 0
    for role, count in PEOPLE.items():
        for n in range(count):
            number += 1
            visitor = service.visitor(f"10.0.0.{number}")
            visitor.sign_in(f"{role.value}{n}", PASSWORD)
            visitor.connection.close()  # opened anew by itself: idle ones the server closes
            yield role, visitor


def ask(visitor: Visitor, path: str) -> float:
    """Milliseconds of one page, on a connection of its own: so a proxy asks, and workers share."""
    visitor.connection.close()
    start = time.perf_counter()
    status, content, _headers = visitor.ask("GET", path)
    took = time.perf_counter() - start
    assert status == 200, f"{path}: {status} {content[:300]!r}"
    return took * 1000


def by_oneself(people: list[tuple[Role, Visitor]]) -> dict[str, float]:
    """The median of each page while nobody else asks."""
    took = {}
    for role, visitor in dict(people).items():
        for path in PAGES[role]:
            took[path] = statistics.median(ask(visitor, path) for _ in range(5))
    return took


def crowd(people: list[tuple[Role, Visitor]], pause_s: float) -> dict[str, list[float]]:
    """Milliseconds by page, of all people at once; the first round is not counted.

    Between two pages each waits for `pause_s`, half of it more or less.
    """
    took: dict[str, list[float]] = defaultdict(list)
    errors: list[BaseException] = []
    begin = threading.Barrier(len(people))

    def work(number: int, role: Role, visitor: Visitor) -> None:
        looks = random.Random(number)
        try:
            for path in PAGES[role]:
                ask(visitor, path)
            begin.wait()
            for _round in range(ROUNDS):
                for path in PAGES[role]:
                    time.sleep(looks.uniform(0.5, 1.5) * pause_s)
                    took[path].append(ask(visitor, path))
        except BaseException as error:  # noqa: BLE001 - told, and a failure of the whole
            errors.append(error)
            begin.abort()

    threads = [threading.Thread(target=work, args=(n, *each)) for n, each in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return took


def bulk(visitor: Visitor) -> dict[str, float]:
    """Seconds for the preview of 500 cases, their dispatch, and taking it back."""
    visitor.connection.close()
    form = {"csrf_token": visitor.csrf_token("/me"), "action": "dispatch", "all": "1"}
    seconds = {}

    def post(name: str, path: str, fields: dict[str, str]) -> Any:
        start = time.perf_counter()
        status, content, _headers = visitor.ask(
            "POST", f"/desk/dispatch/{path}", urlencode(fields), Accept="application/json"
        )
        seconds[name] = time.perf_counter() - start
        assert status == 200, content[:300]
        return json.loads(content)

    going = post("preview", "preview.json?tab=dispatch", form)["going"]
    form = {**form, "all": "", "numbers": " ".join(going)}
    done = post("dispatch", "steps.json", form)["done"]
    undone = post("undo", "undo.json", form)["done"]
    assert len(done) == len(undone) == len(going) > 0
    print(f"  {len(done)} cases:", ", ".join(f"{n} {s:.2f} s" for n, s in seconds.items()),
          f"(bar {BULK_S:.0f} s for {BULK})", flush=True)  # fmt: skip
    return seconds


def measure(dialect: str, count: int, shapes: Any) -> tuple[dict[str, float], bool]:
    """The 95th percentile of each page, and whether the bulk dispatch was fast enough."""
    with _world.database(dialect) as engine:
        settle(engine, count, shapes)
        with serving("wangge", engine, WORKERS) as service:
            people = list(gather(service))
            alone = by_oneself(people)
            took = crowd(people, PAUSE_S)
            print(f"{dialect}, {count:,} cases; load {_world.load()}")
            for path, times in sorted(took.items()):
                p50, p95 = np.percentile(times, (50, 95))
                print(f"  {path:36} alone {alone[path]:4.0f}, median {p50:4.0f}, p95 {p95:4.0f} ms")
            start = time.perf_counter()
            without_pause = np.concatenate(list(crowd(people, 0).values()))
            a_second = len(without_pause) / (time.perf_counter() - start)
            p50, p95 = np.percentile(without_pause, (50, 95))
            print(f"  without a pause: {a_second:.0f} pages/s, median {p50:.0f}, p95 {p95:.0f} ms")
            fast = max(bulk(people[0][1]).values()) <= BULK_S
    return {path: float(np.percentile(times, 95)) for path, times in took.items()}, fast


def main(arguments: list[str]) -> int:
    sizes = {d: tuple(int(a) for a in arguments) or SIZES[d] for d in SIZES}
    if arguments:
        sizes["spatialite"] = SIZES["spatialite"]
    shapes = _world.voronoi_grids(GRIDS)
    met = True
    for dialect, counts in sizes.items():
        found = {}
        for count in counts:
            found[count], fast = measure(dialect, count, shapes)
            met &= fast
        slowest = max(max(pages.values()) for pages in found.values())
        first, last = found[counts[0]], found[counts[-1]]
        growth = {path: last[path] / first[path] for path in first}
        worst = max(growth, key=lambda path: growth[path])
        print(f"{dialect}: slowest p95 {slowest:.0f} ms", end="")
        print(f" (bar {BAR_MS:.0f})" if dialect == "postgis" else " (no bar here)", end="")
        print(f"; growth at most {growth[worst]:.2f} x ({worst}), bar {GROWTH}" * (len(counts) > 1))
        if dialect == "postgis":
            met &= slowest <= BAR_MS and (len(counts) == 1 or growth[worst] <= GROWTH)
    print("bar met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
