"""`flask jobs work`: the worker that does the long work."""

import logging
import time
import traceback
from typing import Any

import click
from flask import Blueprint, current_app
from sqlalchemy.orm import Session

from webapp.core.clock import now
from webapp.core.database import begin_write
from webapp.core.jobs import KINDS, Job, JobState, take_job

log = logging.getLogger(__name__)
blueprint = Blueprint("jobs", __name__, cli_group="jobs")
blueprint.cli.help = "Long work outside the requests."


@blueprint.cli.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing waits.")
@click.option("--pause", default=1.0, show_default=True, help="Seconds between looks.")
def work_command(once: bool, pause: float) -> None:
    """Take jobs, one after the other, until stopped."""
    while True:
        if not work_one() and once:
            return
        time.sleep(0 if once else pause)


def work_one() -> bool:
    """Do the next job, if there is one; a failure is written into its row."""
    with current_app.extensions["database"].session() as session:
        begin_write(session)
        job = take_job(session, now())
        session.commit()
        if job is None:
            return False
        job_id = job.id
        try:
            result = KINDS[job.kind](session, job)
        except Exception as error:  # whatever it was, the row must say so
            session.rollback()
            log.exception("job %s failed", job_id)
            _finish(session, job_id, JobState.FAILED, {}, _words(error))
        else:
            _finish(session, job_id, JobState.DONE, result, None)
        return True


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
