"""Areas beside each other, in a metric CRS: overlaps, gaps, and what is too thin to be meant."""

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.findings import Finding, FindingKind, Severity
from gis.shapes import Areas, Shapes, polygons_only

# What bounds a gap touches it, but for the rounding of overlay operations.
_TOUCHING_M = 0.01
# Corners of one area on an edge of another miss it by rounding: joined on a grid of a millimetre.
_GRID_M = 0.001


def check_overlaps(areas: Areas, min_overlap_m2: float) -> list[Finding]:
    """Every pair of areas that share more than a given area.

    Parameters
    ----------
    areas
        Valid shapes in a metric CRS.
    min_overlap_m2
        Overlaps of this area or less are let go (square metres).

    Returns
    -------
    list of Finding
        ``overlap``, largest first, drawn in the same CRS.
    """
    first, second = touching_pairs(areas.shapes)
    shared = polygons_only(shapely.intersection(areas.shapes[first], areas.shapes[second]))
    sizes = np.nan_to_num(shapely.area(shared))
    order = np.flatnonzero(sizes > min_overlap_m2)
    return [
        areas.finding(
            FindingKind.OVERLAP, Severity.WARNING, [first[at], second[at]],
            area_m2=float(sizes[at]), geometry=shared[at],
        )
        for at in order[np.argsort(-sizes[order], kind="stable")]
    ]  # fmt: skip


def touching_pairs(shapes: Shapes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of every two shapes whose extents meet, the smaller first, in order."""
    first, second = shapely.STRtree(shapes).query(shapes)
    once = first < second
    first, second = first[once], second[once]
    order = np.lexsort((second, first))
    return first[order], second[order]


def joined(shapes: Shapes) -> BaseGeometry:
    """All shapes as one: neighbours that miss each other by less than a millimetre are joined."""
    if shapely.coverage_is_valid(shapes, gap_width=_TOUCHING_M):
        return shapely.coverage_union_all(shapes)
    # The grid is slow on many corners: let it have only those that plain union leaves.
    return shapely.union_all(shapely.get_parts(shapely.union_all(shapes)), grid_size=_GRID_M)


def find_gaps(
    areas: Areas,
    whole: BaseGeometry,
    parents: gpd.GeoDataFrame | None,
    min_gap_m2: float,
    gap_width_m: float,
    sliver_width_m: float,
) -> list[Finding]:
    """Places between areas that belong to none.

    Parameters
    ----------
    areas
        Valid shapes in a metric CRS.
    whole
        The areas as one, by :func:`joined`.
    parents
        Larger areas in the same CRS that the areas should fill, if known: then a gap is what no
        area covers of the parents in which areas lie, and nothing outside them is one.
    min_gap_m2
        Gaps of this area or less are let go (square metres).
    gap_width_m
        Widest gap, in metres, that is found although it is open to the outside.
    sliver_width_m
        Below this mean width a gap is a sliver.

    Returns
    -------
    list of Finding
        ``gap`` for each, then ``sliver`` for all between the same areas; largest first, drawn in
        the same CRS.
    """
    if parents is None:
        empty = [_holes(whole), _narrow_bays(whole, gap_width_m)]
    else:
        empty = [_uncovered(areas, whole, np.asarray(parents.geometry.values, dtype=object))]
    # The grid also takes away the hairlines that the overlays leave.
    merged = shapely.union_all(np.concatenate(empty), grid_size=_GRID_M)
    gaps = shapely.get_parts(merged)
    gaps = gaps[shapely.area(gaps) > min_gap_m2]
    thin = mean_width_m(gaps) < sliver_width_m
    wide = [_gap(areas, beside, gap) for gap, beside in _with_neighbours(areas, gaps[~thin])]
    return _largest_first(wide) + _largest_first(_slivers(areas, gaps[thin]))


def find_thin_parts(areas: Areas, sliver_width_m: float) -> list[Finding]:
    """Parts of areas that are too thin to be meant.

    Parameters
    ----------
    areas
        Valid shapes in a metric CRS.
    sliver_width_m
        Mean width, twice the area by the perimeter, below which a part is a sliver (metres).

    Returns
    -------
    list of Finding
        ``sliver``, drawn in the same CRS.
    """
    parts, owners = shapely.get_parts(areas.shapes, return_index=True)
    widths = mean_width_m(parts)
    return [
        areas.finding(
            FindingKind.SLIVER, Severity.WARNING, [owners[at]], geometry=parts[at],
            area_m2=float(shapely.area(parts[at])),
            detail={"width_m": float(widths[at]), "part": "area", "count": 1},
        )
        for at in np.flatnonzero(widths < sliver_width_m)
    ]  # fmt: skip


def mean_width_m(shapes: Shapes) -> NDArray[np.float64]:
    """Twice the area by the perimeter: the width of a long strip, half that of a square."""
    widths: NDArray[np.float64] = 2 * shapely.area(shapes) / shapely.length(shapes)
    return widths


def _with_neighbours(areas: Areas, gaps: Shapes) -> Iterator[tuple[Any, NDArray[np.int64]]]:
    tree = shapely.STRtree(areas.shapes)
    for gap in gaps:
        yield gap, np.sort(tree.query(gap, predicate="dwithin", distance=_TOUCHING_M))


def _gap(areas: Areas, beside: NDArray[np.int64], gap: shapely.Polygon) -> Finding:
    width = float(mean_width_m(np.array([gap], dtype=object))[0])
    return areas.finding(
        FindingKind.GAP, Severity.WARNING, beside, area_m2=gap.area, geometry=gap,
        detail={"width_m": width},
    )  # fmt: skip


def _slivers(areas: Areas, gaps: Shapes) -> list[Finding]:
    """One finding for all the slivers between the same areas: one careless line makes many."""
    between: dict[tuple[int, ...], list[shapely.Polygon]] = {}
    for gap, beside in _with_neighbours(areas, gaps):
        between.setdefault(tuple(int(at) for at in beside), []).append(gap)
    return [
        areas.finding(
            FindingKind.SLIVER, Severity.WARNING, beside, area_m2=sum(gap.area for gap in gaps),
            geometry=shapely.MultiPolygon(gaps),
            detail={
                "width_m": float(mean_width_m(np.array(gaps, dtype=object)).max()),
                "part": "gap", "count": len(gaps),
            },
        )
        for beside, gaps in between.items()
    ]  # fmt: skip


def _largest_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -(finding.area_m2 or 0))


def _holes(whole: BaseGeometry) -> Shapes:
    rings, owners = shapely.get_rings(shapely.get_parts(whole), return_index=True)
    is_hole = owners == np.roll(owners, 1)  # the first ring of each polygon is its shell
    is_hole[:1] = False
    return np.asarray(shapely.polygons(rings[is_hole]), dtype=object)


def _narrow_bays(whole: BaseGeometry, width_m: float) -> Shapes:
    """Open gaps: what is filled when the whole is swollen by half the width and shrunk again."""
    shells = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(whole)))
    filled = shapely.union_all(shells, grid_size=_GRID_M)
    swollen = shapely.buffer(filled, width_m / 2, join_style="mitre")
    closed = shapely.buffer(swollen, -width_m / 2, join_style="mitre")
    bays = shapely.difference(shapely.make_valid(closed), filled)
    return np.asarray(shapely.get_parts(bays), dtype=object)


def _uncovered(areas: Areas, whole: BaseGeometry, parents: Shapes) -> Shapes:
    """What is left of the parents in which an area lies, not merely reaches into."""
    _, holding = shapely.STRtree(parents).query(
        shapely.point_on_surface(areas.shapes), predicate="intersects"
    )
    left = shapely.difference(parents[np.unique(holding)], whole)
    return np.asarray(shapely.get_parts(polygons_only(left)), dtype=object)
