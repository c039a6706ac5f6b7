"""Cases near a case: those that may be the same thing reported twice, and what was here before."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from gis.coordinates import distance_m
from webapp.cases.access import visible_to
from webapp.cases.models import FINAL_STATES, Case, Photo, still_open
from webapp.cases.vocabulary import State
from webapp.core.database import intersects_box
from webapp.people.models import Office, Person
from webapp.standards.models import CaseClass, Condition

SIMILAR_M, SIMILAR_HOURS = 50.0, 24.0
HISTORY_M, HISTORY_DAYS = 30.0, 365
MOST_SIMILAR, MOST_READ = 8, 400
METRES_PER_DEGREE = 111_320.0  # of latitude; a box somewhat too large is cut by the true distance
BOX_MARGIN = 1.01


@dataclass(frozen=True)
class Neighbour:
    """A case near another one: how far, how much earlier or later, and one photo of it."""

    facts: Row[Any]
    distance_m: float | None
    apart: timedelta  # reported after it; negative: before
    same_facility: bool
    photo_id: int | None

    @property
    def ended(self) -> bool:
        return self.facts.state in FINAL_STATES


def similar_cases(session: Session, case: Case, person: Person, office: Office) -> list[Neighbour]:
    """Open cases of the same facility, or of the same class near by at about the same time.

    How near is the office's setting: `similar_m` and `similar_hours`.
    """
    hours = float(office.settings.get("similar_hours", SIMILAR_HOURS))
    metres = float(office.settings.get("similar_m", SIMILAR_M))
    then = timedelta(hours=hours)
    alike = [
        Case.reported_at.between(case.reported_at - then, case.reported_at + then),
        CaseClass.id == case.condition.class_id,
    ]
    found = _near(session, case, metres, [still_open(), visible_to(person), *alike])
    found += _of_facility(session, case, [still_open(), visible_to(person)])
    return _neighbours(session, case, found, metres)[:MOST_SIMILAR]


def history_of_place(session: Session, case: Case, person: Person) -> list[Neighbour]:
    """What was reported at the same facility or the same spot in the year before, newest first."""
    year = [
        Case.reported_at.between(case.reported_at - timedelta(days=HISTORY_DAYS), case.reported_at),
        Case.state != State.MERGED,
        visible_to(person),
    ]
    found = _near(session, case, HISTORY_M, year) + _of_facility(session, case, year)
    near = _neighbours(session, case, found, HISTORY_M)
    return sorted(near, key=lambda one: one.facts.reported_at, reverse=True)


def _near(
    session: Session, case: Case, metres: float, conditions: Sequence[ColumnElement[bool]]
) -> list[Row[Any]]:
    """Those in the box around the case: the spatial index is asked first."""
    if case.lonlat is None:
        return []
    lon, lat = case.lonlat
    high = metres / METRES_PER_DEGREE * BOX_MARGIN
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    box = intersects_box(Case.location, lon - wide, lat - high, lon + wide, lat + high)
    return _read(session, case, [box, *conditions])


def _of_facility(
    session: Session, case: Case, conditions: Sequence[ColumnElement[bool]]
) -> list[Row[Any]]:
    if case.facility_id is None:
        return []
    return _read(session, case, [Case.facility_id == case.facility_id, *conditions])


def _read(
    session: Session, case: Case, conditions: Sequence[ColumnElement[bool]]
) -> list[Row[Any]]:
    query = (
        select(
            Case.id, Case.number, Case.state, Case.description, Case.reported_at, Case.facility_id,
            CaseClass.name_zh, CaseClass.name_en,
            func.ST_X(Case.location).label("lon"), func.ST_Y(Case.location).label("lat"),
        )
        .join(Condition, Condition.id == Case.condition_id)
        .join(CaseClass, CaseClass.id == Condition.class_id)
        .where(Case.id != case.id, Case.office_id == case.office_id, *conditions)
        .order_by(Case.reported_at.desc())
        .limit(MOST_READ)
    )  # fmt: skip
    return list(session.execute(query).all())


def _neighbours(
    session: Session, case: Case, found: list[Row[Any]], metres: float
) -> list[Neighbour]:
    """Each once: the same facility first, then the nearest."""
    photos = _first_photos(session, [row.id for row in found])
    near = {row.id: _neighbour(case, row, photos.get(row.id)) for row in found}
    kept = [
        one
        for one in near.values()
        if one.same_facility or (one.distance_m is not None and one.distance_m <= metres)
    ]
    return sorted(kept, key=lambda one: (not one.same_facility, one.distance_m or 0, one.facts.id))


def _neighbour(case: Case, row: Any, photo_id: int | None) -> Neighbour:
    here, there = case.lonlat, (row.lon, row.lat)
    return Neighbour(
        facts=row,
        distance_m=distance_m(here, there) if here and row.lon is not None else None,
        apart=row.reported_at - case.reported_at,
        same_facility=case.facility_id is not None and row.facility_id == case.facility_id,
        photo_id=photo_id,
    )


def _first_photos(session: Session, case_ids: list[int]) -> dict[int, int]:
    first = (
        select(Photo.case_id, func.min(Photo.id))
        .where(Photo.case_id.in_(case_ids))
        .group_by(Photo.case_id)
    )
    return dict(session.execute(first).all())
