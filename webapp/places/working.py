"""Check and apply an upload: at once where it is small, by the worker where it would take long."""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from gis.errors import GeoDataError
from gis.findings import Severity
from webapp.core import clock
from webapp.core.audit import note_change
from webapp.core.database import begin_write
from webapp.core.errors import Conflict, NotFound, WanggeError
from webapp.core.geowords import words_of
from webapp.core.jobs import Job, JobState, add_job, job_kind
from webapp.people.models import Office, Person
from webapp.places.answers import request_of
from webapp.places.findings import as_geojson, outlines
from webapp.places.service import BoundaryCheck, Changes, check_boundaries, import_boundaries
from webapp.places.service.progress import Progress, Step
from webapp.places.uploads import Upload, find_upload

CHECK, APPLY = "check_boundaries", "apply_boundaries"
PROGRESS = "progress"
AT_ONCE_BYTES = 500_000
"""What is larger goes to the worker: about 5 seconds of checking on a slow machine."""


def start(session: Session, upload: Upload, person: Person, kind: str, **facts: Any) -> Job | None:
    """Do a job's work now, or hand it to the worker if it would take long: then the job.

    `kind` is CHECK or APPLY. Commits what it changes.
    """
    payload = {
        "token": upload.token,
        "person_id": person.id,
        "language": str(get_locale()),
        **facts,
    }
    upload.forget(PROGRESS)
    if upload.path.stat().st_size > AT_ONCE_BYTES:
        begin_write(session)
        job = add_job(session, kind, payload, clock.now(), office_id=person.office_id)
        session.commit()
        return job
    WORKS[kind](session, upload, person, payload, clock.now())
    return None


@job_kind(CHECK)
def check_job(session: Session, job: Job) -> dict[str, Any]:
    return _told(check, session, job)


@job_kind(APPLY)
def apply_job(session: Session, job: Job) -> dict[str, Any]:
    return _told(apply, session, job)


def _told(work: Any, session: Session, job: Job) -> dict[str, Any]:
    """What the file's fault is belongs to the answer; only our own faults are failures."""
    upload: Upload | None = None
    with force_locale(job.payload["language"]):
        try:
            upload, person = _upload_of(session, job.payload)
            return {"done": work(session, upload, person, job.payload, clock.now())}
        except (WanggeError, GeoDataError) as error:
            session.rollback()
            return {"refused": upload.refusal(error) if upload else words_of(error)}


def progress_of(job: Job, person: Person) -> dict[str, Any] | None:
    """How far a job is: `step`, the areas `done` in it and their `total`; None before it begins.

    It is kept beside the file, since what the job changes is seen only once it is all there.
    """
    if job.state is not JobState.RUNNING:
        return None
    try:
        upload = find_upload(current_app.config["WANGGE"], person, job.payload["token"])
    except NotFound:  # done with a moment ago
        return None
    return upload.read(PROGRESS)


def _teller(upload: Upload) -> Progress:
    def tell(step: Step, done: int, total: int) -> None:
        upload.keep(PROGRESS, {"step": step, "done": done, "total": total})

    return tell


def check(
    session: Session, upload: Upload, person: Person, _payload: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Look at an upload and keep with it what was found."""
    office = session.get_one(Office, person.office_id)
    found = check_boundaries(session, office, request_of(upload), now, _teller(upload))
    upload.keep("findings", {"findings": as_geojson(found), "areas": outlines(found.areas)})
    summary = summary_of(found)
    upload.keep("check", summary)
    return summary


def apply(
    session: Session, upload: Upload, person: Person, payload: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Import an upload as it was checked, commit, and remove the file."""
    office = session.get_one(Office, person.office_id)
    summary = upload.read("check") or {}
    if summary.get("revision") != office.revision:
        upload.forget("check", "findings")
        raise Conflict(
            "changed_since",
            _("Boundaries or rules were changed since this file was checked: check it again."),
        )
    asked = request_of(upload, accept_findings=bool(payload.get("accepted")))
    begin_write(session)
    outcome = import_boundaries(session, office, asked, now, person, progress=_teller(upload))
    counts = {str(name): number for name, number in (summary.get("counts") or {}).items()}
    note_change(session, "places.apply", upload.name, person, now, new=counts)
    session.commit()
    upload.drop()
    return {"changes": [change_record(change) for change in outcome.changes]}


WORKS = {CHECK: check, APPLY: apply}


def summary_of(found: BoundaryCheck) -> dict[str, Any]:
    """What the page says before anything is applied, in numbers."""
    return {
        "revision": found.revision,
        "total": len(found.areas),
        "street": {"code": found.street.code, "path": found.street.path},
        "valid_from": found.valid_from.isoformat(),
        "counts": dict(found.counts),
        "unmendable": len(found.unmendable),
        "repairs": sum(
            f.severity is Severity.ERROR and f.repair is not None for f in found.findings
        ),
        "layers": [
            {
                **change_record(layer.changes),
                "carried": layer.carried,
                "former": layer.former.source_name if layer.former else None,
                "former_from": layer.former.valid_from.isoformat() if layer.former else None,
            }
            for layer in found.layers
        ],
    }


def change_record(change: Changes) -> dict[str, Any]:
    return {
        "layer": change.layer.value,
        "total": change.total,
        "new": len(change.new),
        "renamed": len(change.renamed),
        "gone": len(change.gone),
        "gone_codes": list(change.gone[:20]),
    }


def _upload_of(session: Session, payload: dict[str, Any]) -> tuple[Upload, Person]:
    person = session.get_one(Person, payload["person_id"])
    return find_upload(current_app.config["WANGGE"], person, payload["token"]), person
