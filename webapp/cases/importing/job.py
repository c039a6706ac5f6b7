"""An import on behalf of somebody at a page: the upload is kept, a job does the work."""

import re
import uuid
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from gis.errors import GeoDataError
from webapp.cases.importing.mapping import read_mapping
from webapp.cases.importing.reading import SUFFIXES
from webapp.cases.importing.running import check_import, import_cases
from webapp.cases.models import ImportRun
from webapp.core import clock
from webapp.core.database import begin_write
from webapp.core.errors import BadInput
from webapp.core.geowords import words_of
from webapp.core.i18n import listed
from webapp.core.jobs import Job, add_job, job_kind, keep_lease
from webapp.core.settings import ROOT
from webapp.people.models import Office, Person

KIND = "cases.import"
MAPPINGS = ROOT / "data" / "mappings"


def stored_mappings() -> list[str]:
    """The names of the mappings that come with the program."""
    return sorted(path.stem for path in MAPPINGS.glob("*.toml"))


def stored_mapping(name: str) -> bytes:
    if name not in stored_mappings():
        raise BadInput("mapping", _("Choose a mapping, or bring one."))
    return (MAPPINGS / f"{name}.toml").read_bytes()


def keep_upload(folder: Path, name: str, stream: IO[bytes]) -> Path:
    """Write an uploaded file under a name of ours; its own says only of what kind it is."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(
            "format",
            _(
                "%(name)s is of no known kind; allowed are %(allowed)s.",
                name=name[:80] or "—",
                allowed=listed(SUFFIXES),
            ),
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}{suffix}"
    with path.open("xb") as file:
        while block := stream.read(1 << 20):
            file.write(block)
    return path


def order_import(
    session: Session,
    office: Office,
    by: Person,
    path: Path,
    name: str,
    mapping: bytes,
    now: datetime,
) -> Job:
    """Add the job, once file and mapping are seen to fit each other; else the file goes."""
    try:
        check_import(session, office, path, read_mapping(mapping), name)
    except (BadInput, GeoDataError) as error:
        path.unlink()
        words = words_of(error).replace(path.name, name)  # as the person calls it
        raise BadInput(str(error.reason), words) from error
    beside = path.with_suffix(".toml")
    beside.write_bytes(mapping)
    payload = {
        "path": str(path),
        "mapping": str(beside),
        "file_name": re.sub(r"[\x00-\x1f]", "", name)[:200],
        "person": by.id,
    }
    return add_job(session, KIND, payload, now, office_id=office.id, created_by_id=by.id)


@job_kind(KIND)
def import_job(session: Session, job: Job) -> dict[str, Any]:
    """Import the uploaded file, chunk after chunk; taken again it goes on where it was."""
    path, mapping = Path(job.payload["path"]), Path(job.payload["mapping"])
    if job.result:  # its worker was killed after the last commit
        _throw_away(path, mapping)
        return job.result

    def progress(run: ImportRun) -> None:
        keep_lease(job, run.next_row, run.total_rows, clock.now())

    outcome = import_cases(
        session,
        session.get_one(Office, job.office_id),
        path,
        read_mapping(mapping.read_bytes()),
        file_name=job.payload["file_name"],
        started_by=session.get(Person, job.payload["person"]),
        progress=progress,
    )
    run = outcome.run
    begin_write(session)
    job.result = {
        "run": str(run.id),  # beyond what JavaScript's numbers hold
        "again": outcome.again,
        "imported": run.imported,
        "unplaced": run.unplaced,
        "rejected": run.rejected,
        "contradictory": run.contradictory,
        "unmapped": run.unmapped_classes,
    }
    session.commit()  # before the file goes: without it the work cannot be taken up again
    _throw_away(path, mapping)
    return job.result


def _throw_away(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)
