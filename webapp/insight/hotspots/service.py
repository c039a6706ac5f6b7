"""Test the places of an office: page, files, prints, commands and the weekly sweep all ask this."""

import time
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from flask_babel import gettext as _
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis.emerging import FEWEST_PERIODS, Pattern, emerging
from gis.errors import GeoDataError, Reason
from gis.hotspots import FEWEST_CASES, FEWEST_PLACES, GiStar, gi_star, levels, rates
from gis.localmoran import LocalMoran, local_moran
from webapp.cases.choosing import area_path_named
from webapp.core.errors import BadInput, NotFound
from webapp.core.geowords import words_of
from webapp.insight.counts.points import case_points
from webapp.insight.counts.reading import DAY_ZERO, grid_series
from webapp.insight.counts.results import CasePoints
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import Asked
from webapp.insight.hotspots.field import Field, grid_field, net_field
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.reach import WHOLE, Reach
from webapp.insight.hotspots.rules import (
    GRIDS,
    QUEEN,
    SIGNIFICANT,
    By,
    Near,
    Rate,
    periods,
    whole,
)
from webapp.insight.selection import Selection
from webapp.people.models import Office

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counted:
    """A field, and the cases of its places by period, shape (n, k)."""

    field: Field
    counts: Ints
    nowhere: int
    points: CasePoints | None = None  # of a net
    cells: NDArray[np.int32] | None = None  # of the points


def analyse(
    session: Session,
    office: Office,
    selection: Selection,
    by: By = GRIDS,
    near: Near = QUEEN,
    reach: Reach = WHOLE,
    rate: Rate = Rate.COUNT,
) -> Analysis:
    """Where more was reported than chance explains, and how that has developed.

    `selection` has both its days. Raises NotFound for an area outside the reach, BadInput for what
    does not exist, GeoDataError for a net that is too fine.
    """
    begun = time.perf_counter()
    edges = _edges(selection)
    counted = count(session, office, within(session, office, selection, reach), by, near, edges)
    return _analysis(counted, rate, edges, begun)


def _edges(selection: Selection) -> tuple[date, ...]:
    if selection.since is None or selection.until is None:
        raise BadInput("dates", _("Say the first and the last day."))
    return periods(selection.since, selection.until)


def answer(session: Session, office: Office, asked: Asked, reach: Reach) -> Analysis:
    """The analysis that an address asks for."""
    return analyse(session, office, asked.selection, asked.by, asked.near, reach, asked.rate)


def answer_before(session: Session, office: Office, asked: Asked, reach: Reach) -> Analysis | None:
    """The same places in the period to compare with; None where none is asked for."""
    if asked.against is None:
        return None
    return analyse(session, office, asked.against, asked.by, asked.near, reach, asked.rate)


def within(session: Session, office: Office, selection: Selection, reach: Reach) -> Selection:
    """The selection within a reach; NotFound where it names an area outside."""
    community = selection.community
    if community:
        community = _path_of(session, office, community)
        if not reach.holds(community):
            raise NotFound("area", _("There is no such area, or it is not yours to look after."))
    elif reach.rights is None and reach.areas:
        community = reach.areas[0]
    return replace(selection, community=community, rights=reach.rights)


def _path_of(session: Session, office: Office, named: str) -> str:
    try:
        return area_path_named(session, office, named)
    except BadInput as error:
        raise NotFound("area", error.message) from error


def count(
    session: Session,
    office: Office,
    selection: Selection,
    by: By,
    near: Near,
    edges: tuple[date, ...],
) -> Counted:
    """The cases of each place and period."""
    if by == GRIDS:
        series = grid_series(session, office, selection, edges)
        field = grid_field(session, office, series.at, near)
        return Counted(field, series.counts, int(series.nowhere.sum()))
    at = grids_within(session, office, selection)
    field = net_field(session, office, at, by, near)
    points = case_points(session, office, selection)
    cells = field.cell_of(points.lon, points.lat)
    days = np.array([(day - DAY_ZERO).days for day in edges])
    period = np.searchsorted(days, points.days, side="right") - 1
    inside = cells >= 0
    counts = np.zeros((len(field.places), len(edges) - 1), np.int64)
    np.add.at(counts, (cells[inside], period[inside]), 1)
    nowhere = points.without + int(np.count_nonzero(~inside))
    return Counted(field, counts, nowhere, points, cells)


def grids_within(session: Session, office: Office, selection: Selection) -> Ints:
    """Over which grids a net lies: those of the selection's area and of what is somebody's."""
    paths = grids_of(session, office).paths.tolist()
    rights = selection.rights
    areas = rights.areas if rights is not None and not rights.departments else ("",)
    inside = [p.startswith(areas) and p.startswith(selection.community or "") for p in paths]
    return np.flatnonzero(inside)


def _analysis(counted: Counted, rate: Rate, edges: tuple[date, ...], begun: float) -> Analysis:
    field, counts = counted.field, counted.counts
    cases = counts.sum(axis=1)
    values = cases.astype(np.float64)
    if rate is Rate.AREA:
        values = rates(cases, field.places.areas_m2 / 1e6).values
    found, reason = _tested(values, field, int(cases.sum()))
    beside = LocalMoran.of_nothing(len(values)) if reason else local_moran(values, field.weights)
    part = whole(edges)
    series, days = counts[:, part], edges[part.start : part.stop + 1]
    pattern, side, run, undeveloped = _development(series, field, reason)
    since = [days[-1 - n] if n else None for n in run.tolist()]
    return Analysis(
        field, cases, values, _around(cases, field), _expected(cases, field),
        found.z, found.p, found.corrected,
        levels(found.z, found.corrected), levels(found.z, found.p), beside,
        reason, series, tuple(days), pattern, side, since, undeveloped, field.weights.islands,
        counted.nowhere, time.perf_counter() - begun,
    )  # fmt: skip


def _tested(values: NDArray[np.float64], field: Field, cases: int) -> tuple[GiStar, str]:
    """Gi* of the places, or why there is none."""
    reason = ""
    if cases == 0:
        reason = _("There is no such case in this time: nothing can be said.")
    else:
        try:
            return gi_star(values, field.weights, cases), reason
        except GeoDataError as error:
            reason = _untestable(error, len(values), cases)
    nothing, none = np.full(len(values), np.nan), np.zeros(0, np.int64)
    return GiStar(nothing, nothing, nothing, nothing, nothing, none, none), reason


def _untestable(error: GeoDataError, places: int, cases: int) -> str:
    """Why these places cannot be compared, whole in either language."""
    words: str = words_of(error)
    if error.reason == Reason.ALL_EQUAL:
        words = _("All %(num)d places have the same value: none stands out.", num=places)
    elif error.reason == Reason.TOO_FEW and places == 1:
        words = _("There is one place only: nothing to compare it with. Choose a larger area.")
    elif error.reason == Reason.TOO_FEW and places < FEWEST_PLACES:
        words = _(
            "There are %(num)d places only: with fewer than %(least)d none can stand out. Choose a"
            " larger area or smaller places.",
            num=places,
            least=FEWEST_PLACES,
        )
    elif error.reason == Reason.TOO_FEW:
        words = _(
            "There are %(num)d cases only: with fewer than %(least)d chance explains anything."
            " Choose a longer time or more classes.",
            num=cases,
            least=FEWEST_CASES,
        )
    return words


def _development(
    series: Ints, field: Field, reason: str
) -> tuple[NDArray[np.object_], NDArray[np.int8], Ints, str]:
    """Pattern, side and present run of each place, and why there are none."""
    n = len(series)
    if not reason:
        try:
            found = emerging(series, field.weights, SIGNIFICANT)
            return found.pattern, found.side, found.run, ""
        except GeoDataError as error:
            few = _("that takes cases in at least %(least)d weeks or months.", least=FEWEST_PERIODS)
            reason = few if error.reason == Reason.TOO_FEW else words_of(error)
    none = np.full(n, Pattern.NONE, object)
    return none, np.zeros(n, np.int8), np.zeros(n, np.int64), reason


def _around(cases: Ints, field: Field) -> NDArray[np.float64]:
    """The cases of each place and its neighbours together."""
    near: NDArray[np.float64] = field.weights.lag(cases) + cases
    return near


def _expected(cases: Ints, field: Field) -> NDArray[np.float64]:
    """What an even spread of all cases over the places would bring these."""
    if not len(cases):
        return np.zeros(0)
    expected: NDArray[np.float64] = (field.weights.sums[0] + 1) * cases.mean()
    return expected
