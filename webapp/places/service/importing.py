"""Bring boundaries in: all or nothing, as a new version that leaves the former one's dates."""

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from gis.findings import Severity
from webapp.core.errors import Conflict
from webapp.people.models import Office, Person
from webapp.places.locating import lock_boundaries, revise
from webapp.places.service.checking import check_boundaries
from webapp.places.service.progress import Progress, Step, untold
from webapp.places.service.request import BoundaryCheck, ImportOutcome, ImportRequest
from webapp.places.service.tree import ensure_street
from webapp.places.service.versions import Provenance, put_in_force


class FindingsStop(Conflict):
    """Findings that nobody has accepted, or that nobody can accept; `check` has them all."""

    def __init__(self, check: BoundaryCheck, message: str) -> None:
        super().__init__("findings", message, counts=dict(check.counts))
        self.check = check


def import_boundaries(
    session: Session,
    office: Office,
    request: ImportRequest,
    now: datetime,
    by: Person | None,
    checked: BoundaryCheck | None = None,
    progress: Progress = untold,
) -> ImportOutcome:
    """Import a file as a new version of a street's communities or grids.

    The areas are put into the tree, the version before ends on the first day of this one and
    keeps its rows, so cases keep their grids. New communities take over the grids in force (see
    `layers.carried_grids`). Errors always stop unless a repair is proposed and accepted.

    Parameters
    ----------
    checked
        What `check_boundaries` said of the same request, to spare a second look; it is looked at
        again if the office has changed since.
    progress
        Told how far the work is; what it is told is not in force before the caller commits.

    Raises
    ------
    FindingsStop
        There are findings and `request.accept_findings` is false, or errors without a repair.
    GeoDataError, BadInput
        As `check_boundaries`.
    """
    lock_boundaries(session, office)
    check = checked
    if check is None or check.revision != office.revision or check.request.path != request.path:
        check = check_boundaries(session, office, request, now, progress)
    refuse(check, accepted=request.accept_findings)
    street = ensure_street(session, office, check.branch, request.street_name)
    origin = Provenance(
        source_name=request.source_name,
        source_sha256=sha256_of(request.path),
        made_by=by,
        made_at=now,
        valid_from=check.valid_from,
        illustrative=request.illustrative,
    )
    total = sum(len(layer.areas) for layer in check.layers)
    versions, written = [], 0
    for layer in check.layers:
        told = partial(_from, progress, written, total)
        versions.append(put_in_force(session, office, street, layer, origin, told))
        written += len(layer.areas)
    revise(session, office)
    return ImportOutcome(
        versions=tuple(versions),
        changes=tuple(layer.changes for layer in check.layers),
        accepted=len(check.findings) + len(check.carried_findings),
    )


def _from(progress: Progress, before: int, total: int, done: int) -> None:
    """Tell the areas of one layer that are written, after those of the layers before it."""
    progress(Step.WRITING, before + done, total)


def refuse(check: BoundaryCheck, *, accepted: bool) -> None:
    """Stop for what cannot be accepted, or has not been."""
    if faults := len(check.unmendable):
        message = ngettext(
            "%(num)d error must be mended in the file: nothing was imported.",
            "%(num)d errors must be mended in the file: nothing was imported.",
            faults,
        )
        raise FindingsStop(check, message)
    every = [*check.findings, *check.carried_findings]
    if every and not accepted:
        repairs = sum(finding.severity is Severity.ERROR for finding in check.findings)
        message = _(
            "There are %(count)d findings, %(repairs)d of them with a repair proposed: look at "
            "them, then accept them or mend the file. Nothing was imported.",
            count=len(every),
            repairs=repairs,
        )
        raise FindingsStop(check, message)


def sha256_of(path: Path) -> str:
    """The hash of a file; of a bare shapefile, that of its parts one after the other."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = sorted(part for part in path.parent.iterdir() if part.stem == path.stem)
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
