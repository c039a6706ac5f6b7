"""Long work: taken once, taken again after its worker has died, its failure written down."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from webapp.core import jobs
from webapp.core.jobs import LEASE, Chore, Job, JobState, add_job, take_job
from webapp.core.jobs_cli import do_chores, work_one

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    known: dict[str, Any] = {
        "double": lambda session, job: {"twice": job.payload["n"] * 2},
        "break": lambda session, job: 1 / 0,
    }
    monkeypatch.setattr(jobs, "KINDS", known)
    monkeypatch.setattr("webapp.core.jobs_cli.KINDS", known)
    return known


def test_an_unknown_kind_is_refused(session: Session, kinds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="known are"):
        add_job(session, "dance", {}, NOW)


def test_a_job_is_taken_once_until_its_lease_runs_out(
    session: Session, kinds: dict[str, Any]
) -> None:
    job = add_job(session, "double", {"n": 2}, NOW)
    session.flush()
    assert take_job(session, NOW) is job
    assert take_job(session, NOW + LEASE / 2) is None
    again = take_job(session, NOW + LEASE + timedelta(seconds=1))
    assert again is not None
    assert again.id == job.id


def test_the_worker_writes_result_and_failure_into_the_row(
    app: Flask, database: Engine, kinds: dict[str, Any]
) -> None:
    with app.app_context(), Session(database) as session:
        add_job(session, "double", {"n": 21}, NOW)
        add_job(session, "break", {}, NOW)
        session.commit()
        assert work_one()
        assert work_one()
        assert not work_one()
        done, failed = session.scalars(select(Job).order_by(Job.id))
        assert (done.state, done.result) == (JobState.DONE, {"twice": 42})
        assert failed.state is JobState.FAILED
        assert "division by zero" in (failed.error or "")


def test_the_lease_is_renewed_while_the_work_goes_on(
    app: Flask, database: Engine, kinds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.core.jobs_cli.LEASE", timedelta(seconds=0.3))

    def slow(session: Session, job: Job) -> dict[str, Any]:
        before, deadline = job.leased_until, time.monotonic() + 10
        while time.monotonic() < deadline:
            session.rollback()  # a new look
            if session.scalar(select(Job.leased_until).where(Job.id == job.id)) != before:
                return {"renewed": True}
            time.sleep(0.05)
        return {"renewed": False}

    kinds["slow"] = slow
    with app.app_context(), Session(database) as session:
        add_job(session, "slow", {}, NOW)
        session.commit()
        assert work_one()
        assert session.scalars(select(Job.result)).one() == {"renewed": True}


def test_a_chore_that_fails_keeps_none_of_its_work_and_stops_no_other(
    app: Flask, database: Engine
) -> None:
    def broken(session: Session, now: datetime) -> None:
        session.add(Job(kind="half", created_at=now, state=JobState.WAITING))
        session.flush()
        raise RuntimeError("no")

    def good(session: Session, now: datetime) -> None:
        session.add(Job(kind="whole", created_at=now, state=JobState.WAITING))

    hourly = timedelta(hours=1)
    with app.app_context(), Session(database) as session:
        do_chores([Chore(broken, hourly), Chore(good, hourly)])
        assert session.scalars(select(Job.kind)).all() == ["whole"]
