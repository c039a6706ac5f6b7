"""`flask jobs work`: the worker that does the long work."""

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any

import click
from flask import Blueprint, Flask, current_app
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from webapp.core.clock import now
from webapp.core.database import Database, begin_write
from webapp.core.jobs import (
    CHORES,
    KINDS,
    LEASE,
    Chore,
    Job,
    JobState,
    take_job,
    waiting_job,
    worker_name,
)

log = logging.getLogger(__name__)
blueprint = Blueprint("jobs", __name__, cli_group="jobs")
blueprint.cli.help = "Long work outside the requests."


@blueprint.cli.command("work")
@click.option("--once", is_flag=True, help="Do the chores and what waits, then stop.")
@click.option("--pause", default=2.0, show_default=True, help="Most seconds between looks.")
def work_command(once: bool, pause: float) -> None:
    """Take jobs, one after the other, and do the chores beside them, until stopped."""
    if once:
        do_chores(CHORES)
        while work_one():
            pass
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    called = threading.Event()
    threading.Thread(target=_tend, args=(app, called, pause), daemon=True).start()
    while True:
        if not work_one():
            called.wait(pause)
            called.clear()


def _tend(app: Flask, called: threading.Event, pause: float) -> None:
    """Do the chores in their time, and those that are for it whenever somebody calls."""
    due = dict.fromkeys(CHORES, 0.0)
    woken = True
    with app.app_context():
        while True:
            now_s = time.monotonic()
            do = [c for c in CHORES if due[c] <= now_s or (woken and c.when_woken)]
            do_chores(do)
            for chore in do:
                due[chore] = time.monotonic() + chore.every.total_seconds()
            woken = app.extensions["waking"].wait(pause)
            if woken:
                called.set()


def do_chores(chores: list[Chore]) -> None:
    """Each in a session of its own; one that fails is logged and done again next time."""
    for chore in chores:
        with current_app.extensions["database"].session() as session:
            try:
                chore.work(session, now())
                session.commit()
            except Exception:  # the others, and the jobs, must go on
                log.exception("chore %s failed", chore.name)


def work_one() -> bool:
    """Do the next job, if there is one; a failure is written into its row."""
    database = current_app.extensions["database"]
    with database.session() as session:
        if waiting_job(session, now()) is None:
            return False
        begin_write(session)
        job = take_job(session, now())
        session.commit()
        if job is None:
            return True  # another worker was faster; look again at once
        job_id = job.id
        with _kept_lease(database, job_id):
            try:
                result = KINDS[job.kind](session, job)
            except Exception as error:  # whatever it was, the row must say so
                session.rollback()
                log.exception("job %s failed", job_id)
                _finish(session, job_id, JobState.FAILED, {}, _words(error))
            else:
                _finish(session, job_id, JobState.DONE, result, None)
        return True


@contextlib.contextmanager
def _kept_lease(database: Database, job_id: int) -> Iterator[None]:
    """Renew the lease from a thread, for work that commits nothing for a long time."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LEASE.total_seconds() / 3):
            try:
                with database.session() as session:
                    begin_write(session)
                    session.execute(
                        update(Job)
                        .where(Job.id == job_id, Job.leased_by == worker_name())
                        .values(leased_until=now() + LEASE)
                    )
                    session.commit()
            except OperationalError as error:  # the work itself holds the lock: nobody can take it
                log.warning("lease of job %s not renewed: %s", job_id, error.orig)

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _words(error: Exception) -> str:
    message = getattr(error, "message", None)
    return message or "".join(traceback.format_exception_only(error)).strip()


def _finish(
    session: Session, job_id: int, state: JobState, result: dict[str, Any], error: str | None
) -> None:
    begin_write(session)
    job = session.get_one(Job, job_id, populate_existing=True)
    job.state, job.result, job.error = state, result, error
    job.finished_at, job.leased_until = now(), None
    session.commit()
