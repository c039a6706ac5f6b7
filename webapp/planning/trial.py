"""Trying a change of one routing rule on past cases: who would have got them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case
from webapp.people.models import Office
from webapp.places.models import Area
from webapp.standards.rules import Router, Rule
from webapp.standards.service import OfficeStandards, Parties, office_standards

DAYS = 90
MOST_LISTED = 200
MOST_ON_MAP = 2000
UNSAVED = 0  # the id of a rule that is only tried

Lead = int | None


@dataclass(frozen=True)
class Change:
    """One scope and who shall answer in it; no parties: what holds above it shall hold again."""

    area_path: str
    class_path: str
    parties: Parties | None


@dataclass(frozen=True)
class Moved:
    """A past case that would have gone elsewhere."""

    number: str
    reported_at: datetime
    condition_id: int
    area_name: str
    before: Lead
    after: Lead


@dataclass
class Trial:
    """What a change would have meant for the cases of the last days.

    `looked_at` are all cases in its scope; `moved` those that would have had another lead;
    `informed_only` those with the same lead and other informed departments or leaders.
    """

    since: datetime
    looked_at: int = 0
    moved: int = 0
    informed_only: int = 0
    ways: Counter[tuple[Lead, Lead]] = field(default_factory=Counter)
    cases: list[Moved] = field(default_factory=list)
    points: list[tuple[float, float, str, Lead]] = field(default_factory=list)  # lon, lat


def try_change(session: Session, office: Office, change: Change, now: datetime) -> Trial:
    """Route the cases of the last 90 days by the present rules and by the changed ones."""
    standards = office_standards(session, office)
    trial = Trial(since=now - timedelta(days=DAYS))
    paths = condition_paths(standards, change.class_path)
    scope = [
        Case.office_id == office.id,
        Case.reported_at >= trial.since,
        Case.condition_id.in_(paths),
        Area.path.startswith(change.area_path, autoescape=True),
    ]
    ways = _compare(session, standards, changed_router(standards, change, now), scope, paths, trial)
    if ways:
        _collect(session, scope, ways, trial)
    return trial


def condition_paths(standards: OfficeStandards, class_path: str) -> dict[int, str]:
    """The class path of each condition's row in a class scope."""
    rows = (row for history in standards.history.values() for row in history)
    return {row.id: row.path for row in rows if row.path.startswith(class_path)}


def changed_router(standards: OfficeStandards, change: Change, now: datetime) -> Router:
    """The office's router as it would be after the change."""
    scope, parties = (change.area_path, change.class_path), change.parties
    rule = Rule(UNSAVED, *scope, now, **parties._asdict()) if parties else None
    return standards.router.changed(*scope, rule)


def _compare(
    session: Session,
    standards: OfficeStandards,
    changed: Router,
    scope: list[ColumnElement[bool]],
    paths: dict[int, str],
    trial: Trial,
) -> dict[tuple[int, int], tuple[Lead, Lead]]:
    """Count, and say for each pair of area and condition whose lead changes from whom to whom."""
    counted = session.execute(
        select(Case.area_id, Area.path, Case.condition_id, func.count())
        .join(Area, Area.id == Case.area_id)
        .where(*scope)
        .group_by(Case.area_id, Area.path, Case.condition_id)
    )
    ways: dict[tuple[int, int], tuple[Lead, Lead]] = {}
    for area_id, area_path, condition_id, number in counted:
        place = area_path, paths[condition_id]
        before, after = standards.router.route(*place), changed.route(*place)
        trial.looked_at += number
        if before.lead != after.lead:
            ways[area_id, condition_id] = before.lead, after.lead
            trial.ways[before.lead, after.lead] += number
            trial.moved += number
        elif (before.informed, before.leaders) != (after.informed, after.leaders):
            trial.informed_only += number
    return ways


def _collect(
    session: Session,
    scope: list[ColumnElement[bool]],
    ways: dict[tuple[int, int], tuple[Lead, Lead]],
    trial: Trial,
) -> None:
    """The newest of the moved cases, for the list and for the map."""
    for row in _newest(session, scope, {condition_id for _area, condition_id in ways}):
        way = ways.get((row.area_id, row.condition_id))
        if way is None:
            continue
        if len(trial.cases) < MOST_LISTED:
            facts = (row.number, row.reported_at, row.condition_id, row.name)
            trial.cases.append(Moved(*facts, *way))
        if row.lon is not None:
            trial.points.append((row.lon, row.lat, row.number, way[1]))
        if len(trial.points) == MOST_ON_MAP:
            return


def _newest(
    session: Session, scope: list[ColumnElement[bool]], conditions: set[int]
) -> Iterator[Any]:
    columns = (
        Case.number,
        Case.reported_at,
        Case.condition_id,
        Case.area_id,
        Area.name,
        func.ST_X(Case.location).label("lon"),
        func.ST_Y(Case.location).label("lat"),
    )
    query = select(*columns).join(Area, Area.id == Case.area_id)
    query = query.where(*scope, Case.condition_id.in_(conditions)).order_by(Case.reported_at.desc())
    yield from session.execute(query.execution_options(yield_per=1000))
