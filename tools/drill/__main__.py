"""`python -m tools.drill [--kills 50] [spatialite] [postgis]`: `make drill`.

On each database: a town whose people report, take cases along their way and import old ones, over
HTTP and all at once; limits that pass, mails that go out; and meanwhile the worker and a web worker
are killed at random moments, so many times each. Then it is seen whether anything is amiss.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench.start import free_port
from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.life import Town, make_town
from tests.factories.people import make_person, sign_in
from tools import postgres, spatialite
from tools.drill.checks import Nudged, faults, overdue_occasion
from tools.drill.people import CaseWorker, Importer, Stop, Told
from tools.drill.service import Service, running, wait_for
from webapp import create_app
from webapp.cases.models import Case, CaseKey
from webapp.cases.notices.models import Delivery, Notice
from webapp.cases.notices.service import choose
from webapp.cases.notices.vocabulary import STAFF_KINDS, DeliveryState
from webapp.cases.vocabulary import State
from webapp.core.clock import now
from webapp.core.database import Database, begin_write
from webapp.core.jobs import Job, JobState
from webapp.core.migrating import upgrade
from webapp.people.models import Role

ROWS = 1_500  # of one imported file
CASE_WORKERS = 3
BETWEEN_S = (0.2, 1.6)  # from one kill to the next


class Postbox:
    """Takes all mail, and counts each message by its id."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        return "250 OK"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("databases", nargs="*", default=["spatialite", "postgis"])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    spatialite.set_library_path()
    os.environ["WEB_CONCURRENCY"] = "2"
    signal.signal(signal.SIGTERM, _end)  # all that was started is ended, too
    return max(drill(kind, given.kills, given.seed) for kind in given.databases)


def _end(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)


def drill(kind: str, kills: int, seed: int) -> int:
    """One database's drill; prints what was done and what is amiss."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wangge-drill-")))
        smtp = int(free_port())
        app = make_app(stack.enter_context(database_url(kind, folder)), folder, smtp)
        town = make_people(app)
        service = stack.enter_context(running(app, int(free_port())))
        box = Postbox()
        mail = Controller(box, hostname="127.0.0.1", port=smtp)
        mail.start()
        stack.callback(mail.stop)
        told, nudged, done = disturb(app, town, service, kills, random.Random(seed))  # noqa: S311
        with app.extensions["database"].session() as session:
            settle(session, service)
            amiss = list(faults(session, told, nudged, box.mails))
            counts = session.query(Notice).count()
        report(kind, told, nudged, done, counts, box.mails, amiss)
        return int(bool(amiss))


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "spatialite":
        yield f"sqlite:///{folder / 'drill.sqlite'}"
        return
    with postgres.lifetime() as server:
        yield postgres.server(server, durable=True)


def make_app(url: str, folder: Path, smtp: int) -> Flask:
    app = create_app(
        database_url=url, secret_key="only for the drill", rate_limits=False,  # noqa: S106 - gone in minutes
        photo_dir=folder / "photos", upload_dir=folder / "uploads",
        wake_file=folder / "wake.sqlite",
        smtp_url=f"smtp://127.0.0.1:{smtp}", mail_from="wangge@example.cn",
    )  # fmt: skip
    app.config["WTF_CSRF_ENABLED"] = False
    upgrade(app.extensions["database"].engine)
    return app


def make_people(app: Flask) -> Town:
    database: Database = app.extensions["database"]
    with database.session() as session:
        begin_write(session)
        town = make_town(session)
        town.ground.office.settings = {"verify_sources": ["public"]}
        admin = make_person(session, town.ground.office, Role.ADMINISTRATOR)
        town.people["admin"] = admin
        for name, person in town.people.items():
            person.email = f"{name}@example.cn"
            choose(session, person, [kind.value for kind in STAFF_KINDS], [])
        session.commit()
    return town


def cookies(app: Flask, town: Town) -> dict[str, str]:
    found = {}
    for name, person in town.people.items():
        client = app.test_client()
        sign_in(client, person)
        cookie = client.get_cookie("session")
        assert cookie is not None  # noqa: S101 - just set
        found[name] = cookie.value
    return found


def disturb(
    app: Flask, town: Town, service: Service, kills: int, chance: random.Random
) -> tuple[Told, Nudged, Counter[str]]:
    """Let people work, let limits pass, and kill."""
    told, stop, done = Told(), Stop(), Counter[str]()
    nudged: Nudged = []
    database: Database = app.extensions["database"]

    def number_of(form: str) -> str:
        with database.session() as session:
            key = select(CaseKey.number).where(CaseKey.submission_uuid == form)
            return session.scalars(key).one()

    def old_cases(name: str) -> tuple[list[str], str, str]:
        ids = [f"{name}-{number}" for number in range(ROWS)]
        return ids, HEADER + "".join(row(i) for i in ids), MAPPING

    common = service.address, cookies(app, town), told, stop
    workers: list[Any] = [
        CaseWorker(*common, department=town.centre.id, number_of=number_of, seed=n)
        for n in range(CASE_WORKERS)
    ]
    workers.append(Importer(*common, file=old_cases))
    for worker in workers:
        worker.start()
    try:
        while done["worker"] < kills or done["web worker"] < kills:
            time.sleep(chance.uniform(*BETWEEN_S))
            with database.session() as session:
                nudged += let_limits_pass(session, town, told)
            done["worker"] += service.kill_worker()
            time.sleep(chance.uniform(0, BETWEEN_S[0]))
            done["web worker"] += service.kill_web_worker(chance)
            with database.session() as session:
                end_leases(session)
    finally:
        stop.event.set()
        for worker in workers:
            worker.join(120)
    told.refused += [f"somebody stopped: {w.error!r}" for w in workers if w.error]
    return told, nudged, done


def let_limits_pass(session: Session, town: Town, told: Told) -> Nudged:
    """Some cases that nobody touches any more are late from now on."""
    numbers, told.parked[:] = list(told.parked), []
    if not numbers:
        return []
    begin_write(session)
    cases = session.scalars(
        select(Case).where(Case.number.in_(numbers), Case.state == State.HANDLING)
    ).all()
    moment = now()
    for case in cases:
        late = {"warn_at": moment, "due_at": moment + timedelta(microseconds=case.id % 1000)}
        session.execute(update(Case).where(Case.id == case.id).values(**late, next_alert_at=moment))
        session.refresh(case)
    session.commit()
    people = [town.people[name].id for name in ("head", "dispatcher")]
    return [(case.id, overdue_occasion(case), people) for case in cases]


def end_leases(session: Session) -> None:
    """Who was killed held leases that run for minutes; here they end at once."""
    begin_write(session)
    session.execute(update(Job).where(Job.state == JobState.RUNNING).values(leased_until=now()))
    waiting = Delivery.state == DeliveryState.WAITING
    session.execute(update(Delivery).where(waiting).values(next_at=now()))
    session.commit()


def settle(session: Session, service: Service) -> None:
    """Let the worker come to an end with all that waits."""

    def finished() -> bool:
        session.rollback()
        unfinished = (
            select(Job.id).where(Job.state.in_([JobState.WAITING, JobState.RUNNING])),
            select(Notice.id).where(Notice.spread_at.is_(None)),
            select(Delivery.id).where(Delivery.state == DeliveryState.WAITING),
            select(Case.id).where(Case.next_alert_at <= now()),
        )
        return not any(session.scalar(query.limit(1)) for query in unfinished)

    end_leases(session)
    service.kill_worker()  # the next one does all its chores at once
    end_leases(session)
    wait_for(finished, "the worker's end with all that waits")


def report(
    kind: str, told: Told, nudged: Nudged, done: Counter[str], notices: int,
    mails: Counter[str], amiss: list[str],
) -> None:  # fmt: skip
    again = sum(mails.values()) - len(mails)
    print(
        f"{kind}: killed {done['worker']} workers and {done['web worker']} web workers\n"
        f"  acknowledged: {len(told.reports)} reports, {len(told.steps)} steps,"
        f" {len(told.imports)} imports of {ROWS} rows; {told.broken} requests sent again\n"
        f"  {len(nudged)} limits passed, {notices} notices, {len(mails)} mails,"
        f" {again} of them more than once\n"
        f"  amiss: {len(amiss)}"
    )
    for line in amiss[:40]:
        print(f"    {line}")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
