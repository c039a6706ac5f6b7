"""50 people reporting and stepping at once on one SpatiaLite file: `crowd [SECONDS [CASES]]`.

The server is that of `make run` with its two workers, the file holds 100,000 cases before. 20
residents report and read the page of their report; 14 dispatchers, 8 grid managers and 8 members of
the lead department take the steps of a case's way to its end, whatever waits for them, and report
when nothing does. Nobody pauses. At the end every acknowledged report and step must be in the file,
and nothing else. Bars: no error, no step lost, 95th percentile of what was sent at most 1 second.
"""

import itertools
import json
import queue
import re
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bench import _world
from bench._cases import import_file, write_cases
from bench._serving import Service, Visitor, serving
from webapp.cases.models import Case, CaseEvent, CaseKey
from webapp.cases.vocabulary import Action
from webapp.core.database import begin_write
from webapp.people.models import Department, Office, Role
from webapp.people.service import add_person

SECONDS, CASES, GRIDS = 120, 100_000, 1_000
BAR_S = 1.0
KEPT_S = 1.0  # the server closes a connection that was idle for 2 seconds
CONDITION, LEAD = "K01-037.3", "公用事业服务中心"
PASSWORD = "one of 50 people"
RESIDENTS = 20
STAFF = {"dispatcher": 14, "manager": 8, "member": 8}
ROLES = {
    "dispatcher": Role.DISPATCHER, "manager": Role.GRID_MANAGER, "member": Role.DEPARTMENT_MEMBER,
}  # fmt: skip

WAY: tuple[tuple[Action, str, dict[str, Any]], ...] = (
    (Action.ASK_VERIFICATION, "dispatcher", {}),
    (Action.VERIFY, "manager", {"found": "yes", "note": "It is dark indeed."}),
    (Action.OPEN, "dispatcher", {}),
    (Action.DISPATCH, "dispatcher", {"department_id": LEAD}),
    (Action.TAKE, "member", {}),
    (Action.ANSWER, "member", {"note": "A new lamp."}),
    (Action.ASK_CHECK, "dispatcher", {}),
    (Action.PASS_CHECK, "manager", {"note": "It shines."}),
)
"""What follows a report, by whom, with what."""


@dataclass(frozen=True)
class Waiting:
    """A case that waits for its next step."""

    number: str
    version: int | None = None
    done: int = 0  # steps of WAY


@dataclass
class Crowd:
    """What all share: what waits for whom, what was answered, and how long that took."""

    places: Any
    lead_id: int
    ends_at: float = 0.0
    waiting: dict[str, "queue.SimpleQueue[Waiting]"] = field(
        default_factory=lambda: {part: queue.SimpleQueue() for part in STAFF}
    )
    reported: list[str] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    took: dict[str, list[float]] = field(
        default_factory=lambda: {"report": [], "step": [], "page": []}
    )
    errors: list[str] = field(default_factory=list)
    counter: Any = field(default_factory=itertools.count)

    def hand_on(self, case: Waiting) -> None:
        if case.done < len(WAY):
            self.waiting[WAY[case.done][1]].put(case)


@dataclass
class Someone:
    """One of the crowd with a connection of their own."""

    crowd: Crowd
    visitor: Visitor
    part: str  # "resident", or a key of STAFF
    token: str
    last: float = 0.0

    def live(self) -> None:
        try:
            while time.perf_counter() < self.crowd.ends_at:
                self.act()
        except Exception as error:  # noqa: BLE001 - counted, told, and a failure of the whole
            self.crowd.errors.append(repr(error))

    def act(self) -> None:
        if self.part in STAFF:
            try:
                case = self.crowd.waiting[self.part].get_nowait()
            except queue.Empty:
                pass
            else:
                self.step(case)
                return
        self.report()

    def timed(self, what: str, *request: Any, **headers: str) -> tuple[int, bytes, Any]:
        start = time.perf_counter()
        if start - self.last > KEPT_S:
            self.visitor.connection.close()  # opened anew by itself, as a browser does
        answer = self.visitor.ask(*request, **headers)
        self.last = time.perf_counter()
        self.crowd.took[what].append(self.last - start)
        return answer

    def report(self) -> None:
        number = next(self.crowd.counter)
        lon, lat = self.crowd.places[number % len(self.crowd.places)]
        # each report from another address: none of them is held back
        self.visitor.address = f"10.{1 + number // 40_000}.{number // 200 % 200}.{number % 200}"
        form = {
            "csrf_token": self.token, "submission_uuid": str(uuid.uuid4()), "lat": lat, "lon": lon,
            "accuracy_m": 8, "placed_by": "device", "datum": "wgs84", "condition": CONDITION,
            "description": "The lamp before the gate is broken.", "address": "No. 12",
            "position": "", "name": "", "contact": "",
        }  # fmt: skip
        status, content, headers = self.timed("report", "POST", "/report", urlencode(form))
        if status != 303:
            self.refused("report", status, content)
            return
        status, page, _headers = self.timed("page", "GET", headers["Location"])
        found = re.search(rb'class="answer-number">\s*([^<\s]+)', page)
        if status != 200 or not found:
            self.refused("page", status, page)
            return
        case = found[1].decode()
        self.crowd.reported.append(case)
        self.crowd.hand_on(Waiting(case))

    def step(self, case: Waiting) -> None:
        action, _part, given = WAY[case.done]
        if "department_id" in given:
            given = given | {"department_id": self.crowd.lead_id}
        form = given | {"csrf_token": self.token, "form": str(uuid.uuid4())}
        if case.version is not None:
            form["version"] = case.version
        path = f"/cases/{case.number}/steps/{action.value}"
        status, content, _headers = self.timed(
            "step", "POST", path, urlencode(form), Accept="application/json"
        )
        if status != 200:
            self.refused(action.value, status, content)
            return
        answer = json.loads(content)
        self.crowd.events.append(int(answer["event"]))
        self.crowd.hand_on(Waiting(case.number, answer["version"], case.done + 1))

    def refused(self, what: str, status: int, content: bytes) -> None:
        self.crowd.errors.append(f"{what}: {status} {content.decode()[:300]}")


def add_people(engine: Engine) -> tuple[dict[str, list[str]], int]:
    """Sign-ins by part, and the id of the lead department."""
    with Session(engine) as session:
        begin_write(session)
        office = session.scalars(select(Office)).one()
        lead = session.scalars(select(Department).where(Department.name == LEAD)).one()
        names = {part: [f"{part}{n}" for n in range(count)] for part, count in STAFF.items()}
        for part, usernames in names.items():
            for username in usernames:
                add_person(
                    session, office, _world.NOW, username=username, name=username,
                    role=ROLES[part], department=lead if part == "member" else None,
                    password=PASSWORD,
                )  # fmt: skip
        session.commit()
        return names, lead.id


def gather(service: Service, crowd: Crowd, names: dict[str, list[str]]) -> list[Someone]:
    people = [("resident", "")] * RESIDENTS
    people += [(part, name) for part, usernames in names.items() for name in usernames]
    crowded = []
    for number, (part, username) in enumerate(people):
        visitor = service.visitor(f"10.0.0.{number + 1}")
        if username:
            visitor.sign_in(username, PASSWORD)
        crowded.append(Someone(crowd, visitor, part, visitor.csrf_token("/report")))
    return crowded


def run(people: list[Someone], seconds: int) -> float:
    """Everybody at once; answers for how long."""
    start = time.perf_counter()
    people[0].crowd.ends_at = start + seconds
    threads = [threading.Thread(target=one.live) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def lost_and_found(engine: Engine, crowd: Crowd, newest: int) -> tuple[int, int]:
    """How many acknowledged reports and steps are not in the file; how many are that were not.

    `newest` is the id of the newest case before: ids go up with time.
    """
    with Session(engine) as session:
        numbers = set(session.scalars(select(CaseKey.number).where(CaseKey.case_id > newest)))
        steps = CaseEvent.case_id > newest, CaseEvent.action != Action.REPORTED
        events = set(session.scalars(select(CaseEvent.id).where(*steps)))
    told, known = set(crowd.events), set(crowd.reported)
    return len(told - events) + len(known - numbers), len(events - told) + len(numbers - known)


def tell(crowd: Crowd, took_s: float, lost: int, unasked: int) -> bool:
    for error, count in Counter(crowd.errors).most_common(5):
        print(f"  {count} x {error}")
    for what, seconds in crowd.took.items():
        p50, p95, p99 = np.percentile(seconds, [50, 95, 99]) * 1000
        print(
            f"  {what:7} {len(seconds):6,}  {len(seconds) / took_s:6.1f} a second"
            f"  p50 {p50:5.0f} ms  p95 {p95:5.0f} ms  p99 {p99:5.0f} ms"
        )
    late = float(np.percentile(crowd.took["report"] + crowd.took["step"], 95))
    print(
        f"  errors {len(crowd.errors)}, lost {lost}, not acknowledged {unasked};"
        f" p95 of reports and steps {late:.2f} s, bar {BAR_S:.0f} s"
    )
    return not crowd.errors and not lost and not unasked and late <= BAR_S


def measure(seconds: int, cases: int) -> bool:
    with _world.database("spatialite") as engine, tempfile.TemporaryDirectory() as folder:
        shapes = _world.voronoi_grids(GRIDS)
        _world.settle(engine, shapes)
        names, lead_id = add_people(engine)
        if cases:
            write_cases(Path(folder) / "cases.csv", cases)
            import_file(engine, Path(folder) / "cases.csv")
        with Session(engine) as session:
            newest = session.scalar(select(func.max(Case.id))) or 0
        engine.dispose()
        crowd = Crowd(np.random.default_rng(3).permutation(_world.middles(shapes)), lead_id)
        with serving("wangge", engine, workers=2) as service:
            took_s = run(gather(service, crowd, names), seconds)
        print(f"spatialite, {cases:,} cases before, {took_s:.0f} s; load {_world.load()}")
        return tell(crowd, took_s, *lost_and_found(engine, crowd, newest))


def main(arguments: list[str]) -> int:
    seconds, cases = [int(a) for a in arguments] + [SECONDS, CASES][len(arguments) :]
    met = measure(seconds, cases)
    print("bar met" if met else "BELOW THE BAR")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
