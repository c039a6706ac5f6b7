"""The cases themselves as columns: for what the cube does not know, and for nets."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from webapp.cases.choosing import (
    area_path_named,
    conditions_of,
    department_named,
    lies_in,
    midnight,
)
from webapp.cases.lamps import shows
from webapp.cases.models import FINAL_STATES, Case, still_open
from webapp.cases.vocabulary import State
from webapp.core import clock
from webapp.core.database import seconds_since_1970
from webapp.insight.counts.changes import cells_of, classes_of, office_days
from webapp.insight.counts.ground import Ground, office_ground
from webapp.insight.counts.pages import Cells, Ints
from webapp.insight.counts.results import CasePoints
from webapp.insight.selection import Selection, checked
from webapp.people.models import Office
from webapp.places.locating import OfficePlaces, office_today
from webapp.places.models import BoundaryVersion, Grid
from webapp.places.stored import in_force

ROWS = 20_000  # at a time, so that a million never stand in memory as rows

SECONDS = seconds_since_1970(Case.reported_at)
CELL: tuple[Any, ...] = (
    func.coalesce(Case.grid_id, 0), Case.condition_id, func.coalesce(Case.lead_department_id, 0),
    SECONDS, literal(1), Case.source,
)  # fmt: skip
POINT: tuple[Any, ...] = (func.ST_X(Case.location), func.ST_Y(Case.location))


def conditions(
    session: Session, office: Office, selection: Selection
) -> Iterator[ColumnElement[bool]]:
    """What a case must be to be counted; its place and whose it is are `area_conditions`."""
    yield Case.office_id == office.id
    if selection.since:
        yield Case.reported_at >= midnight(office, selection.since)
    if selection.until:
        yield Case.reported_at < midnight(office, selection.until + timedelta(days=1))
    if selection.group:
        yield Case.condition_id.in_(conditions_of(session, office, selection.group))
    if selection.department:
        yield Case.lead_department_id == department_named(session, office, selection.department)
    if selection.source:
        yield Case.source == selection.source
    yield from _of_today(selection)


def _of_today(selection: Selection) -> Iterator[ColumnElement[bool]]:
    match selection.state:
        case "all":
            pass
        case "open":
            yield still_open()
        case "ended":
            yield Case.state.in_(FINAL_STATES)
        case state:
            yield Case.state == State(state)
    if selection.lamps:
        now = clock.now()
        yield or_(*(shows(lamp, now) for lamp in sorted(selection.lamps)))


def area_conditions(
    session: Session, office: Office, selection: Selection
) -> Iterator[ColumnElement[bool]]:
    """That a case lies in the selection's area, and that the person may count it."""
    if selection.community:
        yield lies_in(area_path_named(session, office, selection.community))
    if selection.rights is not None:
        yield or_(
            *(lies_in(path) for path in selection.rights.areas),
            Case.lead_department_id.in_(selection.rights.departments),
        )


def case_points(session: Session, office: Office, selection: Selection) -> CasePoints:
    """The selected cases that have a point, one by one, the oldest first."""
    checked(selection)
    wanted = [
        *conditions(session, office, selection),
        *area_conditions(session, office, selection),
    ]
    query = (
        select(Case.id, *POINT, *CELL[:4])
        .where(*wanted, Case.location.is_not(None))
        .order_by(Case.reported_at, Case.id)
    )
    ids, (lon, lat, *others) = _columns(session, query)
    grids, of, departments, seconds = (column.astype(np.int64) for column in others)
    nowhere = select(func.count()).where(*wanted, Case.location.is_(None))
    return CasePoints(
        ids=ids,
        lon=lon,
        lat=lat,
        grids=grids,
        classes=classes_of(session, office, of),
        departments=departments,
        days=office_days(seconds.astype("datetime64[s]"), office),
        without=session.scalar(nowhere) or 0,
    )


def selected_cells(
    session: Session, office: Office, selection: Selection, edges: Sequence[date]
) -> Cells:
    """The selected cases within the edges, each a cell of its own."""
    wanted = conditions(session, office, _within(selection, edges))
    chunks = streamed(session, select(*CELL).where(*wanted))
    return Cells.joined([Cells.none(), *(cells_of(session, office, rows) for rows in chunks)])


def lost_cells(
    session: Session,
    office: Office,
    ground: Ground,
    selection: Selection,
    edges: Sequence[date],
) -> Cells:
    """The selected cases of grids without a successor, in the slots where their points lie now."""
    within = _within(selection, edges)
    query = select(*CELL, *POINT).where(
        *conditions(session, office, within), *lost_conditions(office)
    )
    parts = [Cells.none()]
    for rows in streamed(session, query):
        cells = cells_of(session, office, [row[:6] for row in rows])
        points = np.array([row[6:] for row in rows], np.float64)
        slots = ground.slots_of(located(ground.places, points))
        parts.append(cells.at(slots))
    return Cells.joined(parts)


def located(places: OfficePlaces, points: NDArray[np.float64]) -> Ints:
    """The ids of the grids in force in which points (n, 2) lie; 0 for none, or without a point."""
    found = np.zeros(len(points), np.int64)
    given = ~np.isnan(points).any(axis=1)
    if given.any():
        ids = places.locator.membership(*points[given].T)
        found[given] = np.maximum(ids, 0)
    return found


def _within(selection: Selection, edges: Sequence[date]) -> Selection:
    """The selection for the days within the edges alone."""
    return selection.between(edges[0], edges[-1] - timedelta(days=1))


def conditions_behind(
    session: Session, office: Office, selection: Selection, place: int
) -> list[ColumnElement[bool]]:
    """What a case must be to have been counted in a place, an index as in `GridCounts.at`."""
    ground = office_ground(session, office)
    path, rights = ground.paths[place], selection.rights
    wanted = list(conditions(session, office, selection))
    if rights is not None and not path.startswith(rights.areas):
        wanted.append(Case.lead_department_id.in_(rights.departments))
    here = Case.area_id == int(ground.places.area_ids[place])
    if ground.lost_areas:
        lost = select(Case.id, *POINT).where(*wanted, *lost_conditions(office))
        ids, points = _columns(session, lost)
        grid = ground.places.grid_ids[place]
        moved = ids[located(ground.places, points.T) == grid]
        here = or_(here, Case.id.in_(moved.tolist()))
    return [*wanted, here, Case.grid_id.is_not(None)]


def lost_conditions(office: Office) -> list[ColumnElement[bool]]:
    """That a case came in with a grid which has no successor."""
    return [Case.grid_id.is_not(None), Case.area_id.in_(_lost_areas(office))]


def _lost_areas(office: Office) -> Select[int]:
    """The areas of former grids which have no grid in force."""
    ours = BoundaryVersion.office_id == office.id
    of_grids = select(Grid.area_id).join(BoundaryVersion, BoundaryVersion.id == Grid.version_id)
    present = of_grids.where(ours, in_force(Grid, office_today(office)))
    return of_grids.where(ours, Grid.area_id.not_in(present))


def streamed(session: Session, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    """A query's rows, some at a time, also on their way from the server."""
    return session.execute(query.execution_options(yield_per=ROWS)).partitions()


def _columns(session: Session, query: Select[Any]) -> tuple[Ints, NDArray[np.float64]]:
    """The first column, of ids, and the others (w, n), read some rows at a time."""
    ids, rest = [np.zeros(0, np.int64)], [np.zeros((0, len(query.selected_columns) - 1))]
    for rows in streamed(session, query):
        ids.append(np.array([row[0] for row in rows], np.int64))  # no float holds them whole
        rest.append(np.array([row[1:] for row in rows], np.float64))
    return np.concatenate(ids), np.concatenate(rest).T
