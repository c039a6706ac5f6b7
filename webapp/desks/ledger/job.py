"""Large ledgers are written by the worker: how far it is, who may fetch it, how long it is kept."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app, g
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from webapp.core import clock
from webapp.core.database import begin_write
from webapp.core.errors import NotFound
from webapp.core.jobs import Job, JobState, add_job, chore, job_kind
from webapp.desks.ledger.asking import Asked, read_address
from webapp.desks.ledger.writing import file_name, wish_of, write_file
from webapp.desks.map.queries import View
from webapp.people.looking import own_area
from webapp.people.models import Person

KIND = "ledger.file"
AT_ONCE = 2_000  # as many cases are written while one waits
KEPT = timedelta(days=7)
TOLD_EVERY = 5_000  # rows


def folder() -> Path:
    """Where ledgers are kept: those written for somebody, and those brought to be compared."""
    path: Path = current_app.config["WANGGE"].upload_dir / "ledger"
    return path


def order_file(
    session: Session, view: View, asked: Asked, kind: str, *, photos: bool, now: datetime
) -> Job:
    """Add the job; it reads the cases that the person sees when it runs."""
    assert view.person is not None  # noqa: S101 - the page is for who has signed in
    payload = {
        "query": asked.query,
        "kind": kind,
        "photos": photos,
        "language": str(get_locale()),
        "person": view.person.id,
        "area": view.area.path if view.area else None,
    }
    facts = {"office_id": view.office.id, "created_by_id": view.person.id}
    return add_job(session, KIND, payload, now, **facts)


@job_kind(KIND)
def write_job(session: Session, job: Job) -> dict[str, Any]:
    """Write the ledger; taken again after a kill it begins anew: the file is whole or not there."""
    facts = job.payload
    person = session.get_one(Person, facts["person"])
    g.time_zone = person.office.time_zone
    with force_locale(facts["language"]):
        asked = read_address(MultiDict(facts["query"]))
        area = own_area(person, facts["area"]) if facts.get("area") else None
        view = View(person.office, person, asked.filters, clock.now(), area)
        wish = wish_of(session, view, asked, photos=facts["photos"])
        path = folder() / f"{job.id}.{facts['kind']}"
        told = _teller(job.id, len(wish.ids))
        write_file(session, view, wish, path, facts["kind"], told)
        name = file_name(view, facts["kind"])
    return {"rows": len(wish.ids), "bytes": path.stat().st_size, "name": name}


def _teller(job_id: int, total: int) -> Callable[[int], None]:
    """Says how far it is in a session of its own: the writing's only reads."""
    last = 0

    def tell(done: int) -> None:
        nonlocal last
        if done < total and done - last < TOLD_EVERY:
            return
        last = done
        with current_app.extensions["database"].session() as session:
            begin_write(session)
            far = update(Job).where(Job.id == job_id).values(done=done, total=total)
            session.execute(far)
            session.commit()

    return tell


def own_files(session: Session, person: Person, most: int = 20) -> list[Job]:
    """What this person has had written, the newest first."""
    own = select(Job).where(Job.kind == KIND, Job.created_by_id == person.id)
    return list(session.scalars(own.order_by(Job.id.desc()).limit(most)))


def own_file(session: Session, person: Person, job_id: int) -> Job:
    job = session.get(Job, job_id)
    if job is None or job.kind != KIND or job.created_by_id != person.id:
        raise NotFound("file", _("There is no such file, or it is not yours."))
    return job


def path_of(job: Job) -> Path:
    """The file of a job that is done; raises NotFound once it has been cleared away."""
    path = folder() / f"{job.id}.{job.payload['kind']}"
    if job.state is not JobState.DONE or not path.exists():
        raise NotFound(
            "file",
            _(
                "This file is not there: it is kept for %(days)s days. Write it again.",
                days=KEPT.days,
            ),
        )
    return path


@chore(every=timedelta(hours=1))
def clear_ledger_files(_session: Session, now: datetime) -> None:
    """Remove ledgers that nobody has fetched for a week."""
    for path in folder().glob("*"):
        with suppress(FileNotFoundError):  # sent and gone in this moment
            if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > KEPT:
                path.unlink()
