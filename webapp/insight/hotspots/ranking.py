"""The ranked list: of each place that stands out, what a leader asks next."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from flask_babel import gettext as _
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.emerging import Pattern
from gis.localmoran import Quadrant
from webapp.cases.listing import OPEN
from webapp.cases.rules import Lamp
from webapp.core.i18n import show_day
from webapp.insight.counts.points import case_points
from webapp.insight.counts.reading import breakdown
from webapp.insight.counts.results import Breakdown, OpenNow
from webapp.insight.counts.today import open_now
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import Asked
from webapp.insight.hotspots.field import Field, net_field
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.rules import GRIDS
from webapp.insight.hotspots.sentences import since_words
from webapp.insight.hotspots.service import grids_within, within
from webapp.insight.hotspots.signs import SIGNS
from webapp.insight.selection import Selection
from webapp.people.models import Department, Office
from webapp.places.locating import office_places
from webapp.standards.service import office_standards
from webapp.standards.wording import class_name

MOST, MOST_UNLIKE = 200, 50
FOREMOST_CLASSES = 3

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """One place of the list, in the reader's words."""

    at: int  # its position in the analysis
    id: int
    code: str
    name: str
    community: str
    cases: int
    sum_around: int
    expected: float
    since: str
    since_day: str
    development: str
    classes: str
    department: str
    open: int
    overdue: int
    spark: list[int]

    @property
    def around(self) -> str:
        return _(
            "%(around)d with its neighbours; an even spread brings %(expected)s",
            around=self.sum_around,
            expected=f"{self.expected:.0f}" if self.expected >= 10 else f"{self.expected:.1f}",
        )


def order(analysis: Analysis, before: Analysis | None = None, most: int = MOST) -> Ints:
    """Positions of the places that stand out in any view: the hottest first, the coldest last.

    At most so many, and some that differ from their neighbours: these need be neither hot nor cold.
    """
    kinds = analysis.kinds(raw=True)
    stands_out = (analysis.raw != 0) | (analysis.pattern != Pattern.NONE)
    stands_out |= kinds != Quadrant.NONE
    if before is not None:
        stands_out |= before.raw > 0
    found = _first(np.flatnonzero(stands_out), analysis.z, most)
    for unlike in (Quadrant.HIGH_LOW, Quadrant.LOW_HIGH):
        those = _first(np.flatnonzero(kinds == unlike), analysis.beside.z, MOST_UNLIKE)
        found = np.union1d(found, those)
    z = np.nan_to_num(analysis.z[found])
    # The hot by how hot they are, then all others, the least cold first.
    return found[np.lexsort((np.arange(len(found)), -z))]


def _first(found: Ints, z: NDArray[np.float64], most: int) -> Ints:
    """The most unusual of some places."""
    return found[np.argsort(-np.abs(np.nan_to_num(z[found])), kind="stable")][:most]


def rows(
    session: Session,
    office: Office,
    asked: Asked,
    reach: Reach,
    analysis: Analysis,
    chosen: Ints,
    now: datetime,
) -> list[Row]:
    """The places at these positions with what their cases are about and how they stand."""
    if not len(chosen):
        return []
    selection = within(session, office, asked.selection, reach)
    if asked.by == GRIDS:
        at = _indices(session, office, analysis, chosen)
        parts = breakdown(session, office, selection, at)
        stands = open_now(session, office, selection, at, now)
    else:
        at = grids_within(session, office, selection)
        field = net_field(session, office, at, asked.by, asked.near)
        parts = _parts(session, office, selection, field, chosen)
        stands = _open(session, office, selection, field, chosen)
    names = _Names(session, office)
    return [
        _row(analysis, place, parts, stands, n, names) for n, place in enumerate(chosen.tolist())
    ]


def _indices(session: Session, office: Office, analysis: Analysis, chosen: Ints) -> Ints:
    """Where grids stand among those in force."""
    index = office_places(session, office).index
    grids = analysis.places.grid_ids[chosen].tolist()
    return np.array([index[grid] for grid in grids], np.int64)


def _parts(
    session: Session, office: Office, selection: Selection, field: Field, chosen: Ints
) -> Breakdown:
    """Classes and departments of the cases in some cells of a net."""
    points = case_points(session, office, selection)
    cells = field.cell_of(points.lon, points.lat)
    classes, departments = [], []
    for cell in chosen.tolist():
        inside = cells == cell
        classes.append(_counted(points.classes[inside]))
        departments.append(_counted(points.departments[inside]))
    return Breakdown(classes, departments)


def _counted(kinds: Ints) -> list[tuple[int, int]]:
    found, numbers = np.unique(kinds, return_counts=True)
    pairs = zip(found.tolist(), numbers.tolist(), strict=True)
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _open(
    session: Session, office: Office, selection: Selection, field: Field, chosen: Ints
) -> OpenNow:
    """The same as `open_now`, of cells."""
    anytime = replace(selection.between(None, None), state=OPEN)
    numbers = []
    for lamps in (frozenset[Lamp](), frozenset({Lamp.RED})):
        points = case_points(session, office, replace(anytime, lamps=lamps))
        cells = field.cell_of(points.lon, points.lat)
        numbers.append(np.bincount(cells[cells >= 0], minlength=len(field.places))[chosen])
    return OpenNow(*numbers)


class _Names:
    """Names of classes and departments by their ids, in the reader's language."""

    def __init__(self, session: Session, office: Office) -> None:
        known = office_standards(session, office).classes.values()
        self.classes = {one.id: class_name(one) for one in known}
        found = session.execute(
            select(Department.id, Department.name).where(Department.office_id == office.id)
        )
        self.departments = dict(found.all()) | {0: _("no department yet")}


def _row(
    analysis: Analysis, at: int, parts: Breakdown, stands: OpenNow, n: int, names: _Names
) -> Row:
    places, day = analysis.places, analysis.since[at]
    pattern = analysis.pattern[at] if analysis.side[at] > 0 else Pattern.NONE
    return Row(
        at=at,
        id=int(places.ids[at]),
        code=places.codes[at],
        name=places.names[at],
        community=places.above[at],
        cases=int(analysis.cases[at]),
        sum_around=round(float(analysis.around[at])),
        expected=round(float(analysis.expected[at]), 1),
        since=since_words(analysis, at),
        since_day=show_day(day) if day else "",
        development="" if pattern is Pattern.NONE else str(SIGNS[pattern]),
        classes=_(", ").join(
            f"{names.classes.get(kind, '?')} {number}"
            for kind, number in parts.classes[n][:FOREMOST_CLASSES]
        ),
        department=_foremost(parts.departments[n], names),
        open=int(stands.open[n]),
        overdue=int(stands.overdue[n]),
        spark=analysis.series[at].tolist(),
    )


def _foremost(departments: list[tuple[int, int]], names: _Names) -> str:
    """The department most concerned, and with how many of the cases."""
    if not departments:
        return ""
    number, cases = departments[0]
    return f"{names.departments.get(number, '?')} {cases}"
