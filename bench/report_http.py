"""One report over HTTP, against a bare view that inserts one row, under the same gunicorn.

Both services have one worker and stand on the same database with 10,000 grids and 100,000 cases
(10,000 in the second run). They take turns, request by request. The report is that of a resident
(with the rate limits at work) and that of a signed-in person; each is checked to have become a
case. Bars: median and 95th percentile at most 3 times those of the bare view.
"""

import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bench import _world
from bench._cases import import_file, write_cases
from bench._serving import Service, make_bare_table, serving
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Source
from webapp.core.database import begin_write
from webapp.people.models import Office, Role
from webapp.people.service import add_person

CASES = 100_000
TURNS, WARM_UP = 300, 30
BAR = 3.0
CONDITION = "K01-037.3"
USERNAME, PASSWORD = "bench", "one of 10,000 grids"

Send = Callable[[], None]


def add_dispatcher(engine: Engine) -> None:
    with Session(engine) as session:
        begin_write(session)
        office = session.scalars(select(Office)).one()
        add_person(
            session, office, _world.NOW, username=USERNAME, name=USERNAME,
            role=Role.DISPATCHER, area_path=office.area_path, department=None, password=PASSWORD,
        )  # fmt: skip
        session.commit()


def bare(service: Service) -> Send:
    visitor = service.visitor("10.0.0.1")

    def send() -> None:
        status, content, _headers = visitor.ask("POST", "/", "words=lamp")
        assert (status, content) == (200, b"done")

    return send


def reports(service: Service, places: np.ndarray[Any, Any], *, signed_in: bool) -> Send:
    """Sends one report after another, each from another place and (a resident) another address."""
    visitor = service.visitor("10.0.0.2")
    if signed_in:
        visitor.sign_in(USERNAME, PASSWORD)
    token = visitor.csrf_token("/report")
    bodies = enumerate([filled_form(token, *place) for place in places[: TURNS + WARM_UP]])

    def send() -> None:
        number, body = next(bodies)
        visitor.address = f"10.1.{number // 200}.{number % 200}"
        status, content, headers = visitor.ask("POST", "/report", body)
        assert status == 303, content.decode()[:2000]
        assert headers["Location"].startswith("/r/")

    return send


def filled_form(token: str, lon: float, lat: float) -> str:
    return urlencode({
        "csrf_token": token, "submission_uuid": str(uuid.uuid4()), "lat": lat, "lon": lon,
        "accuracy_m": 8, "placed_by": "device", "datum": "wgs84", "condition": CONDITION,
        "description": "The lamp before the gate is broken.", "address": "No. 12",
        "position": "", "name": "Wang", "contact": "0951 800 0000",
    })  # fmt: skip


def take_turns(*works: Send) -> list[np.ndarray[Any, Any]]:
    """Milliseconds of each, shape (TURNS,)."""
    took = np.empty((TURNS + WARM_UP, len(works)))
    for turn in range(len(took)):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            took[turn, number] = (time.perf_counter() - start) * 1000
    return list(took[WARM_UP:].T)


def measure(dialect: str, count: int, shapes: Any) -> bool:
    with _world.database(dialect) as engine, tempfile.TemporaryDirectory() as folder:
        _world.settle(engine, shapes)
        add_dispatcher(engine)
        make_bare_table(engine)
        write_cases(Path(folder) / "cases.csv", count)
        import_file(engine, Path(folder) / "cases.csv")
        places = np.random.default_rng(3).permutation(_world.middles(shapes))
        with serving("bare", engine) as yardstick, serving("wangge", engine) as service:
            took = take_turns(
                bare(yardstick),
                reports(service, places, signed_in=False),
                reports(service, places[::-1], signed_in=True),
            )
        check_arrived(engine)
    print(f"{dialect}, {count:,} cases before; load {_world.load()}")
    return compare(*took)


def check_arrived(engine: Engine) -> None:
    """Every report is a case in a grid, routed, with its first event."""
    with Session(engine) as session:
        ours = Case.source.in_([Source.PUBLIC, Source.STAFF])
        whole = Case.grid_id.is_not(None) & Case.lead_department_id.is_not(None)
        events = select(func.count()).select_from(CaseEvent).join(Case).where(ours, whole)
        assert session.scalar(events) == 2 * (TURNS + WARM_UP)


def compare(yardstick: Any, resident: Any, staff: Any) -> bool:
    met = True
    print(f"  {'bare insert':14} {spread(yardstick)}")
    for name, took in (("resident", resident), ("signed in", staff)):
        ratios = [np.percentile(took, q) / np.percentile(yardstick, q) for q in (50, 95)]
        met &= max(ratios) <= BAR
        print(
            f"  {name:14} {spread(took)}  {ratios[0]:.2f} x at the median,"
            f" {ratios[1]:.2f} x at p95, bar {BAR:.0f} x",
            flush=True,
        )
    return met


def spread(took: Any) -> str:
    median, late = np.percentile(took, [50, 95])
    return f"median {median:5.2f} ms, p95 {late:6.2f} ms"


def main(arguments: list[str]) -> int:
    counts = [int(count) for count in arguments] or [CASES, CASES // 10]
    shapes = _world.voronoi_grids()
    met = [measure(dialect, count, shapes) for dialect in _world.DIALECTS for count in counts]
    print("bar met" if all(met) else "BELOW THE BAR")
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
