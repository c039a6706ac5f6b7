"""What the map asks the database: how many cases where, and the cases themselves when few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Integer, Row, case, cast, false, func, or_, select
from sqlalchemy.orm import Session

from webapp.cases.access import visible_to
from webapp.cases.choosing import (
    area_path_named,
    conditions_of,
    department_named,
    lies_in,
    midnight,
)
from webapp.cases.lamps import open_shows, shows
from webapp.cases.models import Case, still_open
from webapp.cases.rules import Lamp
from webapp.core.database import intersects_box
from webapp.desks.map.filters import OPEN, Box, MapFilters
from webapp.people.areas import AreaChoice
from webapp.people.models import Office, Person
from webapp.standards.models import Condition

TALLY = (Lamp.RED, Lamp.AMBER, Lamp.GREEN, Lamp.PAUSED, Lamp.NONE)
"""The order of the numbers in every count."""


@dataclass(frozen=True)
class View:
    """Who looks, at what, when: the part of the cases that every query of one request counts."""

    office: Office
    person: Person | None  # None: the public
    filters: MapFilters
    now: datetime
    area: AreaChoice | None = None  # looked at alone, of what the person looks after


@dataclass(frozen=True, eq=False)
class Tallies:
    """Cases by lamp (the order of TALLY) in areas: parallel arrays, shapes (n,) and (n, 5)."""

    area_ids: NDArray[np.int64]
    counts: NDArray[np.int64]


def count_by_area(session: Session, view: View, area_id: int | None = None) -> Tallies:
    """Cases by area; without further filters the index of the open cases alone answers this."""
    query = (
        select(Case.area_id, *_tally(view)).where(*conditions(session, view)).group_by(Case.area_id)
    )
    if area_id is not None:
        query = query.where(Case.area_id == area_id)
    rows = session.execute(query).all()
    table = _table(rows, 6, np.int64)
    return Tallies(table[:, 0], _with_green(table[:, 1:]))


def count_by_cell(session: Session, view: View, box: Box, cell: tuple[float, float]) -> Any:
    """Cases in `box` by a raster of `cell` degrees: arrays of mean lon, mean lat, counts."""
    lon, lat = func.ST_X(Case.location), func.ST_Y(Case.location)
    column = cast((lon - box.west) / cell[0], Integer)
    row = cast((lat - box.south) / cell[1], Integer)
    query = (
        select(func.avg(lon), func.avg(lat), *_tally(view))
        .where(*conditions(session, view), _in(box))
        .group_by(column, row)
    )
    table = _table(session.execute(query).all(), 7, np.float64)
    return table[:, 0], table[:, 1], _with_green(table[:, 2:].astype(np.int64))


def cases_in(session: Session, view: View, box: Box, most: int) -> list[Row[Any]]:
    """The cases in `box`, newest first; one more than `most` if there are more."""
    query = (
        select(
            Case.number, func.ST_X(Case.location), func.ST_Y(Case.location), Case.state,
            Condition.class_id, Case.warn_at, Case.due_at, Case.clock_stopped_at,
        )
        .join(Condition, Condition.id == Case.condition_id)
        .where(*conditions(session, view), _in(box))
        .order_by(Case.id.desc())
        .limit(most + 1)
    )  # fmt: skip
    return list(session.execute(query).all())


def conditions(session: Session, view: View) -> Iterator[ColumnElement[bool]]:
    """What a case must be to count: of the office, for this person's eyes, through the filters."""
    filters = view.filters
    yield from _whose(view)
    if filters.state == OPEN:
        yield still_open()
    elif filters.states is not None:
        yield Case.state.in_(filters.states)
    if filters.group:
        yield Case.condition_id.in_(conditions_of(session, view.office, filters.group))
    if filters.department:
        yield Case.lead_department_id == department_named(session, view.office, filters.department)
    if filters.community:
        yield lies_in(area_path_named(session, view.office, filters.community))
    if filters.lamps:
        yield or_(*(shows(lamp, view.now) for lamp in sorted(filters.lamps)))
    if filters.since:
        yield Case.reported_at >= midnight(view.office, filters.since)
    if filters.until:
        yield Case.reported_at < midnight(view.office, filters.until + timedelta(days=1))


def _whose(view: View) -> Iterator[ColumnElement[bool]]:
    yield Case.office_id == view.office.id
    if view.person is not None:  # the public sees the places of all
        yield visible_to(view.person)
    if view.area is not None:
        yield lies_in(view.area.path)


def _in(box: Box) -> Any:
    return intersects_box(Case.location, box.west, box.south, box.east, box.north)


def _tally(view: View) -> list[ColumnElement[int]]:
    """All, red, amber, paused, ended; green is the rest."""
    only_open = view.filters.state == OPEN
    shown = open_shows if only_open else shows
    counted = [shown(lamp, view.now) for lamp in (Lamp.RED, Lamp.AMBER, Lamp.PAUSED)]
    counted.append(false() if only_open else shows(Lamp.NONE, view.now))
    return [func.count(), *(func.sum(case((one, 1), else_=0)) for one in counted)]


def _table(rows: Sequence[Any], width: int, kind: type) -> NDArray[Any]:
    """Rows as an array, shape (n, width); `np.array` of rows would take four times as long."""
    return np.fromiter(chain.from_iterable(rows), kind, width * len(rows)).reshape(-1, width)


def _with_green(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """From the columns of `_tally` to the order of TALLY."""
    total, red, amber, paused, ended = table.T
    green = total - red - amber - paused - ended
    return np.column_stack([red, amber, green, paused, ended])
