"""The cases of one view of the map: counts by area, and signs that are clusters or single cases."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis.tiles import merge_points
from webapp.cases.rules import lamp
from webapp.desks.map.boundaries import GRID_PIXELS, Areas, OfficeBoundaries
from webapp.desks.map.filters import Box
from webapp.desks.map.queries import Tallies, View, cases_in, count_by_area, count_by_cell
from webapp.desks.map.rules import class_breaks, most_single_cases

CLUSTER_PIXELS = 76
CELLS_FROM_PIXELS = 300  # grids wider than this are no longer one sign each


def overview(
    session: Session, view: View, areas: OfficeBoundaries, box: Box, zoom: float
) -> dict[str, Any]:
    """Everything about the cases that the map draws at this place and zoom."""
    tallies = count_by_area(session, view)
    grids = areas.grids(session)
    by_grid, elsewhere = _spread(tallies, grids)
    by_community = _sum_up(by_grid, grids, areas.communities)
    close = areas.grids_from is not None and zoom >= areas.grids_from
    shown, counts = (grids, by_grid) if close else (areas.communities, by_community)
    return {
        "level": "grids" if close else "communities",
        "breaks": class_breaks(counts.sum(axis=1).tolist()),
        "areas": _rows(shown, counts, shown.within(box)),
        "communities": _rows(areas.communities, by_community),
        "total": tallies.counts.sum(axis=0).tolist(),
        "elsewhere": int(elsewhere),
        **_signs(session, view, areas, by_grid, box, zoom),
    }


def _spread(tallies: Tallies, grids: Areas) -> tuple[NDArray[np.int64], int]:
    """Counts aligned with the grids, and how many cases lie in none of them."""
    at = np.array([grids.index.get(i, -1) for i in tallies.area_ids.tolist()], np.int64)
    counts = np.zeros((len(grids.ids), tallies.counts.shape[1]), np.int64)
    placed = at >= 0
    counts[at[placed]] = tallies.counts[placed]
    return counts, int(tallies.counts[~placed].sum())


def _sum_up(by_grid: NDArray[np.int64], grids: Areas, communities: Areas) -> NDArray[np.int64]:
    index = communities.index
    at = np.array([index.get(i, -1) for i in grids.communities.tolist()], np.int64)
    counts = np.zeros((len(communities.ids), by_grid.shape[1]), np.int64)
    np.add.at(counts, at[at >= 0], by_grid[at >= 0])
    return counts


def _rows(
    areas: Areas, counts: NDArray[np.int64], wanted: NDArray[np.bool_] | None = None
) -> list[list[int]]:
    """`[area id, counts...]` of those areas that have any."""
    has = counts.any(axis=1) if wanted is None else counts.any(axis=1) & wanted
    rows: list[list[int]] = np.column_stack([areas.ids[has], counts[has]]).tolist()
    return rows


def _signs(
    session: Session,
    view: View,
    areas: OfficeBoundaries,
    by_grid: NDArray[np.int64],
    box: Box,
    zoom: float,
) -> dict[str, Any]:
    lat = (box.south + box.north) / 2
    most = most_single_cases(box.east - box.west, box.north - box.south, zoom, lat)
    grids = areas.grids(session)
    inside = grids.centred_in(box)
    if by_grid[inside].sum() <= most:
        found = cases_in(session, view, box, most)
        if len(found) <= most:
            return {"clusters": [], "cases": [_single(row, view) for row in found]}
    if GRID_PIXELS * 2 ** (zoom - (areas.grids_from or 0)) > CELLS_FROM_PIXELS:
        lon, lat, counts = count_by_cell(session, view, box, _cell(zoom, lat))
    else:
        some = inside & by_grid.any(axis=1)
        (lon, lat), counts = grids.points[some].T, by_grid[some]
    joined = merge_points(lon, lat, counts, zoom, CLUSTER_PIXELS)
    return {"clusters": [_cluster(*sign) for sign in zip(*joined, strict=True)], "cases": []}


def _cell(zoom: float, lat: float) -> tuple[float, float]:
    degrees = CLUSTER_PIXELS * 360 / 256 / 2**zoom
    return degrees, degrees * math.cos(math.radians(lat))


def _cluster(lon: float, lat: float, counts: NDArray[np.int64]) -> list[float]:
    return [round(float(lon), 6), round(float(lat), 6), *counts.tolist()]


def _single(row: Any, view: View) -> list[Any]:
    """Where, lamp, class and state; the number by which one asks for more is for staff."""
    number, lon, lat, state, class_id, warn_at, due_at, clock_stopped_at = row
    shown = lamp(state, warn_at, due_at, clock_stopped_at, view.now)
    facts = [round(lon, 6), round(lat, 6), shown, class_id, state]
    return [*facts, number] if view.person else facts
