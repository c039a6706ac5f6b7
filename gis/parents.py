"""Whether areas lie inside the larger areas to which they belong."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.findings import Finding, FindingKind, Severity
from gis.shapes import Areas, Shapes

# Outlines drawn twice never agree to the metre: a hundredth of an area may lie outside.
_TOLERATED_SHARE = 0.01


def check_parents(
    areas: Areas, stated: Mapping[int, str], parents: gpd.GeoDataFrame
) -> list[Finding]:
    """Areas that lie in no parent, in two, or outside the one that they name.

    Parameters
    ----------
    areas
        Valid shapes in a metric CRS.
    stated
        Code of the parent that a feature names, by its number; empty if it names none.
    parents
        Larger areas in the same CRS, with ``code``.

    Returns
    -------
    list of Finding
        ``outside_parent`` (an error if nothing of the area is inside) and ``in_two_parents``,
        drawn in the same CRS. One per cent of an area may lie outside.
    """
    codes = parents["code"].to_numpy(object)
    outlines = np.asarray(parents.geometry.values, dtype=object)
    shares = _shares(areas.shapes, outlines)
    findings = [
        _placed(areas, int(at), shares[at], codes, outlines)
        for at in np.flatnonzero(~_inside_one(shares))
    ]
    named = np.array([stated.get(int(row), "") for row in areas.rows], dtype=object)
    for at in np.flatnonzero(np.isin(named, codes)):
        inside = float(shares[at][codes == named[at]].sum())
        if inside <= _TOLERATED_SHARE:
            findings.append(_outside(areas, int(at), 1 - inside, str(named[at]), areas.shapes[at]))
    return findings


def _shares(shapes: Shapes, outlines: Shapes) -> NDArray[np.float64]:
    """Part of each area that lies in each parent: areas x parents, 0 to 1."""
    shares = np.zeros((len(shapes), len(outlines)))
    tree = shapely.STRtree(shapes)
    for number, outline in enumerate(outlines):
        if outline is None:
            continue
        shapely.prepare(outline)
        meeting = tree.query(outline, predicate="intersects")
        whole = shapely.covers(outline, shapes[meeting])
        shares[meeting[whole], number] = 1.0
        for at in meeting[~whole]:
            # Only the part of a long outline that is near: the rest costs time.
            near = shapely.clip_by_rect(outline, *shapely.bounds(shapes[at]))
            if not near.is_valid:
                near = outline
            inside = shapely.area(shapely.intersection(near, shapes[at]))
            shares[at, number] = inside / shapely.area(shapes[at])
    return shares


def _inside_one(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = (shares > _TOLERATED_SHARE).sum(axis=1) == 1
    return np.asarray(inside & (shares.sum(axis=1) >= 1 - _TOLERATED_SHARE), dtype=np.bool_)


def _placed(
    areas: Areas, at: int, shares: NDArray[np.float64], codes: Shapes, outlines: Shapes
) -> Finding:
    order = np.argsort(-shares, kind="stable")[:2]
    if (shares > _TOLERATED_SHARE).sum() < 2:
        outside = areas.shapes[at]
        for number in order[shares[order] > 0]:
            outside = shapely.difference(outside, outlines[number])
        return _outside(areas, at, float(max(0.0, 1 - shares.sum())), "", outside)
    most, next_most = order
    part = shapely.intersection(areas.shapes[at], outlines[next_most])
    return areas.finding(
        FindingKind.IN_TWO_PARENTS, Severity.WARNING, [at],
        area_m2=float(shapely.area(part)), geometry=part,
        detail={
            "parent": str(codes[most]), "share": float(shares[most]),
            "other": str(codes[next_most]), "other_share": float(shares[next_most]),
        },
    )  # fmt: skip


def _outside(
    areas: Areas, at: int, share: float, parent: str, outside: shapely.Geometry
) -> Finding:
    return areas.finding(
        FindingKind.OUTSIDE_PARENT,
        Severity.ERROR if share >= 1 - _TOLERATED_SHARE else Severity.WARNING,
        [at],
        area_m2=float(shapely.area(outside)),
        geometry=outside,
        detail={"share": share, "parent": parent},
    )
