"""The cases behind a place: the very ones that were counted in it."""

from dataclasses import dataclass

import numpy as np
from flask_babel import gettext as _
from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.models import Case
from webapp.core.database import many_texts
from webapp.core.errors import NotFound
from webapp.insight.counts.points import case_points, conditions_behind
from webapp.insight.hotspots.asking import Asked
from webapp.insight.hotspots.field import net_field
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.rules import GRIDS
from webapp.insight.hotspots.service import grids_within, within
from webapp.people.models import Office
from webapp.standards.models import Condition

PAGE_ROWS = 50


@dataclass(frozen=True)
class Behind:
    """One page of the cases of a place, the newest first."""

    name: str
    community: str
    cases: list[Case]
    total: int
    page: int
    pages: int


def cases_behind(
    session: Session, office: Office, asked: Asked, reach: Reach, place: int, page: int
) -> Behind:
    """Raises NotFound for a place that is not among those tested for this person."""
    if asked.by == GRIDS:
        name, community, wanted = _of_grid(session, office, asked, reach, place)
    else:
        name, community, wanted = _of_cell(session, office, asked, reach, place)
    total = session.scalar(select(func.count(Case.id)).where(*wanted)) or 0
    pages = max(-(-total // PAGE_ROWS), 1)
    page = min(max(page, 1), pages)
    shown = (
        select(Case)
        .where(*wanted)
        .options(
            joinedload(Case.condition).joinedload(Condition.case_class),
            joinedload(Case.lead_department),
        )
        .order_by(Case.reported_at.desc(), Case.id.desc())
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    return Behind(name, community, list(session.scalars(shown)), total, page, pages)


Found = tuple[str, str, list[ColumnElement[bool]]]


def _of_grid(session: Session, office: Office, asked: Asked, reach: Reach, place: int) -> Found:
    places = grids_of(session, office)
    selection = within(session, office, asked.selection, reach)
    found = np.flatnonzero(places.ids == place)
    if not len(found) or not _tested(places.paths[found[0]], selection.community, reach):
        raise _no_place()
    at = int(found[0])
    wanted = conditions_behind(session, office, selection, at)
    return places.names[at], places.above[at], wanted


def _tested(path: str, community: str | None, reach: Reach) -> bool:
    return reach.holds(path) and path.startswith(community or "")


def _of_cell(session: Session, office: Office, asked: Asked, reach: Reach, place: int) -> Found:
    selection = within(session, office, asked.selection, reach)
    field = net_field(
        session, office, grids_within(session, office, selection), asked.by, asked.near
    )
    if place >= len(field.places):
        raise _no_place()
    points = case_points(session, office, selection)
    ids = points.ids[field.cell_of(points.lon, points.lat) == place].tolist()
    counted = many_texts(session.get_bind(), [str(one) for one in ids]).subquery()
    of_these = Case.id.in_(select(cast(counted.c.value, BigInteger)))
    return field.places.names[place], "", [of_these]


def _no_place() -> NotFound:
    return NotFound("place", _("There is no such place here, or it is not yours to see."))
