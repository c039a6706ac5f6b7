"""Which community a grid belongs to."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coordinates import metric_crs
from gis.findings import Finding, FindingKind, Severity
from webapp.places.rules import official_parent

NOWHERE = -1


def stated_parents(
    grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame
) -> tuple[list[str], list[Finding]]:
    """The communities' codes that grids give: the parent's code, else what their own begins with.

    Empty where only the place can decide. A parent's code that no community has is an error; a
    grid's own code that begins with none is merely a doubt.
    """
    known = set(communities["code"])
    stated: list[str] = []
    findings: list[Finding] = []
    for row, code, parent in zip(grids["row"], grids["code"], grids["parent_code"], strict=True):
        wanted = parent or official_parent(code, "grid")
        if wanted and wanted not in known:
            severity = Severity.ERROR if parent else Severity.WARNING
            findings.append(unknown_parent(severity, int(row), code, wanted))
        stated.append(wanted if wanted in known else "")
    return stated, findings


def unknown_parent(severity: Severity, row: int, code: str, parent: str) -> Finding:
    return Finding(FindingKind.UNKNOWN_PARENT, severity, (row,), (code,), detail={"parent": parent})


def parents_of(
    grids: gpd.GeoDataFrame, stated: list[str], communities: gpd.GeoDataFrame
) -> NDArray[np.int64]:
    """Position of each grid's community: the stated one, else that of the largest overlap."""
    at = {code: position for position, code in enumerate(communities["code"])}
    position = np.array([at.get(code, NOWHERE) for code in stated], np.int64)
    unsaid = np.flatnonzero(position == NOWHERE)
    position[unsaid] = largest_overlap(grids.iloc[unsaid], communities)
    return position


def largest_overlap(
    areas: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, preferred: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Position of the outline that shares most with each area, -1 if none does.

    Of several that share as much (to a millionth) the preferred goes first, then the first.
    """
    best = np.full(len(areas), NOWHERE, np.int64)
    if not len(areas) or not len(outlines):
        return best
    crs = metric_crs(*_middle(outlines))
    shapes = np.asarray(areas.geometry.to_crs(crs).values, object)
    larger = np.asarray(outlines.geometry.to_crs(crs).values, object)
    outline, area = shapely.STRtree(shapes).query(larger, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[area], larger[outline]))
    share = np.round(shared / shapely.area(shapes[area]), 6)
    wanted = outline == (best if preferred is None else preferred)[area]
    order = np.lexsort((outline, ~wanted, -share, area))
    order = order[share[order] > 0][::-1]
    best[area[order]] = outline[order]
    return best


def _middle(table: gpd.GeoDataFrame) -> tuple[float, float]:
    west, south, east, north = (float(value) for value in table.total_bounds)
    return (west + east) / 2, (south + north) / 2
