"""Who is whose neighbour among the grids, kept in the database for as long as the boundaries stand.

For 10,000 grids it takes two seconds to work out and no time to read. The worker does the first
after each change of boundaries, for all that the page offers; where somebody asks before that, or
for something else, whoever needs it first works it out and keeps it. Nets are not kept: theirs
follow from the numbers of the cells.
"""

import hashlib
import logging
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gis.errors import GeoDataError, Reason
from gis.weights import Weights, distance_band, queen
from webapp.core import clock
from webapp.core.database import begin_write
from webapp.core.jobs import Job, JobState, add_job, chore, job_kind
from webapp.core.memory import give_back
from webapp.insight.hotspots.places import Places, grids_of, moved, outlines_of, to_metres
from webapp.insight.hotspots.rules import BANDS, QUEEN, Near
from webapp.insight.models import GridNeighbours
from webapp.people.models import Office
from webapp.places.locating import office_places, office_today
from webapp.places.models import BoundaryVersion

log = logging.getLogger(__name__)
KIND = "grid_neighbours"
SIMPLER_M = 0.3  # of outlines that are within 1 m of each other anyway
METHOD = 1  # raise it when neighbours are worked out in another way: what is kept is then not found
MOST_BYTES = 16_000_000
MOST_RULES = 12  # of one set of boundaries
_seen: WeakKeyDictionary[Any, dict[int, tuple[int, date]]] = WeakKeyDictionary()


def neighbours_of(session: Session, office: Office, near: Near) -> Weights:
    """Of all grids in force, in the order of `grids_of`: as kept, else worked out now."""
    places = grids_of(session, office)
    kept = _kept(session, office, places, near)
    return kept if kept is not None else _now(session, places, near)


def keep_neighbours(session: Session, office: Office, near: Near) -> Weights:
    """The same, and kept from now on. It commits in a session of its own: write nothing before."""
    places = grids_of(session, office)
    kept = _kept(session, office, places, near)
    if kept is None:
        kept = _now(session, places, near)
        _store(session, office, places, near, kept)
    return kept


def _now(session: Session, places: Places, near: Near) -> Weights:
    weights = work_out(session, places, near)
    give_back()
    return weights


def work_out(session: Session, places: Places, near: Near) -> Weights:
    """Who is whose neighbour among some grids."""
    if len(places) == 0:
        return Weights.of_pairs(0, [], [], near.text)
    metres = to_metres(places)
    if near != QUEEN:
        return distance_band(np.column_stack(metres.transform(*places.points.T)), near.metres)
    return queen(shapely.simplify(moved(outlines_of(session, places), metres), SIMPLER_M))


def key_of(session: Session, office: Office, places: Places) -> str:
    """Another for every other set of grids in force: a grid's row never gets another outline."""
    versions = np.unique(office_places(session, office).version_ids).tolist()
    made = session.execute(
        select(BoundaryVersion.id, BoundaryVersion.made_at)
        .where(BoundaryVersion.id.in_(versions))
        .order_by(BoundaryVersion.id)
    )
    said = [METHOD, *((number, at.isoformat()) for number, at in made)]
    return hashlib.sha256(repr(said).encode() + _order(places)).hexdigest()


def _order(places: Places) -> bytes:
    return places.grid_ids.astype("<i8").tobytes()


def _kept(session: Session, office: Office, places: Places, near: Near) -> Weights | None:
    """What is kept for just these grids in just this order."""
    row = session.execute(
        select(GridNeighbours.grid_ids, GridNeighbours.weights).where(
            GridNeighbours.office_id == office.id,
            GridNeighbours.places == key_of(session, office, places),
            GridNeighbours.rule == near.text,
        )
    ).one_or_none()
    if row is None or bytes(row.grid_ids) != _order(places):
        return None
    try:
        weights = Weights.from_bytes(bytes(row.weights))
    except GeoDataError as error:
        log.warning("neighbours of %s (%s): %s", office.code, near.text, error)
        return None
    return weights if len(weights) == len(places) else None


def _store(session: Session, office: Office, places: Places, near: Near, weights: Weights) -> None:
    """Two processes may do so at once: what is there already is replaced by the same."""
    content = weights.to_bytes()
    if len(content) > MOST_BYTES:
        return
    key = key_of(session, office, places)
    row = {
        "office_id": office.id, "places": key, "rule": near.text,
        "grid_ids": _order(places), "weights": content, "made_at": clock.now(),
    }  # fmt: skip
    write = insert(GridNeighbours).values(row)
    new = {name: write.excluded[name] for name in ("grid_ids", "weights", "made_at")}
    with Session(session.get_bind()) as own:
        try:
            begin_write(own)
            own.execute(
                write.on_conflict_do_update(
                    index_elements=["office_id", "places", "rule"], set_=new
                )
            )
            _drop_beyond(own, office, key)
            own.commit()
        except OperationalError as error:  # somebody writes for long: it is worked out again
            log.warning("neighbours of %s could not be kept: %s", office.code, error.orig)


def _drop_beyond(own: Session, office: Office, key: str) -> None:
    """Anybody may ask for any band: of those only the newest stay."""
    ours = GridNeighbours.office_id == office.id, GridNeighbours.places == key
    newest_first = (GridNeighbours.made_at.desc(), GridNeighbours.rule)
    rules = own.scalars(select(GridNeighbours.rule).where(*ours).order_by(*newest_first)).all()
    offered = {near.text for near in (QUEEN, *BANDS)}
    if beyond := [rule for rule in rules if rule not in offered][MOST_RULES - len(offered) :]:
        own.execute(delete(GridNeighbours).where(*ours, GridNeighbours.rule.in_(beyond)))


# --- the worker ----------------------------------------------------------------------------------


@chore(every=timedelta(seconds=20))
def look_after_neighbours(session: Session, now: datetime) -> None:
    """Have the neighbours of each office worked out whose boundaries have changed."""
    seen = _seen.setdefault(session.get_bind(), {})
    for office in session.scalars(select(Office).execution_options(populate_existing=True)).all():
        state = office.revision, office_today(office, now)
        if seen.get(office.id) != state:
            _order_work(session, office, now)
            seen[office.id] = state


def _order_work(session: Session, office: Office, now: datetime) -> None:
    places = grids_of(session, office)
    kept = select(GridNeighbours.rule).where(
        GridNeighbours.office_id == office.id,
        GridNeighbours.places == key_of(session, office, places),
        GridNeighbours.rule == QUEEN.text,
    )
    waits = select(Job.id).where(
        Job.kind == KIND, Job.office_id == office.id, Job.state == JobState.WAITING
    )
    if len(places) and session.scalar(kept) is None and session.scalar(waits.limit(1)) is None:
        begin_write(session)
        add_job(session, KIND, {}, now, office_id=office.id)
        session.commit()


@job_kind(KIND)
def neighbours_job(session: Session, job: Job) -> dict[str, Any]:
    """What the page offers, the default first; then what is of former boundaries goes."""
    office = session.get_one(Office, job.office_id, populate_existing=True)
    refused = {}
    for near in (QUEEN, *BANDS):
        try:
            keep_neighbours(session, office, near)
        except GeoDataError as error:
            if error.reason != Reason.TOO_MANY:
                raise
            refused[near.text] = str(error)
    key = key_of(session, office, grids_of(session, office))
    begin_write(session)
    former = GridNeighbours.office_id == office.id, GridNeighbours.places != key
    session.execute(delete(GridNeighbours).where(*former))
    return {"refused": refused}
