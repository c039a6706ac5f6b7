"""Long work, done outside the request: a row with a lease, so that nothing is lost on a kill.

A room registers what it can do with `@job_kind("name")`; a page adds a row with `add_job`; the
worker (`flask jobs work`) takes one row at a time and keeps its lease alive while it works. A row
whose lease has run out is taken again: the work itself must go on where it was.

What is to be looked after again and again is a `@chore`: the worker does each at its start and then
at its own interval.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.database import (
    Base,
    BigId,
    Json,
    UtcDateTime,
    enum_column,
    reference_table,
)
from webapp.core.ids import new_id
from webapp.core.waking import call_after_commit

LEASE = timedelta(seconds=60)


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


job_states = reference_table("job_state", JobState)


class Job(Base):
    """One piece of long work, its progress and its outcome."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[JobState] = enum_column(job_states, JobState, default=JobState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error: Mapped[str | None]
    office_id: Mapped[int | None]
    created_by_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


Work = Callable[[Session, Job], dict[str, Any]]
KINDS: dict[str, Work] = {}
Tending = Callable[[Session, datetime], None]


@dataclass(frozen=True)
class Chore:
    """Something that the worker does again and again."""

    work: Tending
    every: timedelta
    when_woken: bool = False

    @property
    def name(self) -> str:
        return self.work.__name__


CHORES: list[Chore] = []


def job_kind(name: str) -> Callable[[Work], Work]:
    """Register the function that does jobs of this kind; its answer becomes the job's result."""

    def register(work: Work) -> Work:
        KINDS[name] = work
        return work

    return register


def chore(*, every: timedelta, when_woken: bool = False) -> Callable[[Tending], Tending]:
    """Register something that the worker does at its start and then `every` so often.

    `when_woken`: at once, too, when somebody has called the worker (`core.waking`).

    It is given a session of its own, commits as it goes, and must leave nothing half done when it
    is killed between two commits.
    """

    def register(work: Tending) -> Tending:
        CHORES.append(Chore(work, every, when_woken))
        return work

    return register


def add_job(
    session: Session, kind: str, payload: dict[str, Any], now: datetime, **facts: Any
) -> Job:
    """Add a job; it is taken once the caller's transaction is committed."""
    if kind not in KINDS:
        raise ValueError(f"no job kind {kind!r}; known are {sorted(KINDS)}")
    job = Job(kind=kind, payload=payload, created_at=now, state=JobState.WAITING, **facts)
    session.add(job)
    call_after_commit(session)
    return job


def waiting_job(session: Session, now: datetime) -> int | None:
    """The oldest job that waits or whose worker has gone silent."""
    unfinished = Job.state.in_([JobState.WAITING, JobState.RUNNING])
    return session.scalar(select(Job.id).where(unfinished, _free(now)).order_by(Job.id).limit(1))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(Job.leased_until.is_(None), Job.leased_until < now)


def take_job(session: Session, now: datetime) -> Job | None:
    """Lease the oldest job that waits or whose worker has gone silent; commits nothing."""
    job_id = waiting_job(session, now)
    if job_id is None:
        return None
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, _free(now))
        .values(state=JobState.RUNNING, leased_by=worker_name(), leased_until=now + LEASE)
    )
    return session.get(Job, job_id) if taken.rowcount else None  # type: ignore[attr-defined]


def keep_lease(job: Job, done: int, total: int, now: datetime) -> None:
    """Say how far the work is, in the same commit as the work done so far."""
    job.done, job.total, job.leased_until = done, total, now + LEASE


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
