"""Findings about single shapes: missing, of another kind, misplaced, invalid."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from gis.findings import Finding, FindingKind, Severity

Shapes = NDArray[np.object_]
Positions = NDArray[np.int64] | Sequence[int | np.integer[Any]]
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
# Boundaries farther than this from what is known are not near it.
_REGION_DEG = 1.0
_POSITION = re.compile(r"\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")


@dataclass(frozen=True)
class Areas:
    """Boundaries taken apart: what the checks work on.

    Attributes
    ----------
    rows, codes, shapes
        Parallel arrays: number in the file, code, shape in EPSG:4326.
    """

    rows: NDArray[np.int64]
    codes: Shapes
    shapes: Shapes

    @classmethod
    def of(cls, boundaries: gpd.GeoDataFrame) -> "Areas":
        """Take apart a table as :func:`gis.boundaries.read_boundaries` makes it."""
        return cls(
            boundaries["row"].to_numpy(np.int64),
            boundaries["code"].to_numpy(object),
            np.asarray(boundaries.geometry.values, dtype=object),
        )

    def of_shapes(self, shapes: Shapes) -> "Areas":
        """The same areas with other shapes."""
        return Areas(self.rows, self.codes, shapes)

    def only(self, chosen: NDArray[np.bool_]) -> "Areas":
        """Those of the areas that are chosen."""
        return Areas(self.rows[chosen], self.codes[chosen], self.shapes[chosen])

    def finding(
        self,
        kind: FindingKind,
        severity: Severity,
        at: Positions,
        *,
        area_m2: float | None = None,
        geometry: BaseGeometry | None = None,
        repair: BaseGeometry | None = None,
        detail: Mapping[str, float | str] | None = None,
    ) -> Finding:
        """A finding about the areas at these positions."""
        chosen = np.asarray(at, dtype=np.int64)
        return Finding(
            kind, severity, tuple(int(row) for row in self.rows[chosen]),
            tuple(str(code) for code in self.codes[chosen]),
            area_m2=area_m2, geometry=geometry, repair=repair, detail=detail or {},
        )  # fmt: skip


def check_shapes(areas: Areas, around: BaseGeometry | None = None) -> tuple[list[Finding], Areas]:
    """Look at every shape by itself.

    Parameters
    ----------
    areas
        Shapes in EPSG:4326, None and other kinds than polygons allowed.
    around
        Where they should lie, in EPSG:4326, if known: then swapped numbers are also found where
        both could be a latitude, as in the west of China.

    Returns
    -------
    findings : list of Finding
        ``empty_geometry``, ``not_polygon``, ``swapped_coordinates``, ``projected_coordinates``,
        ``invalid_ring``. A repair contains the repairs before it.
    usable : Areas
        The areas that have a valid shape at a place on Earth, as it is or as the repairs make it.
    """
    shapes = areas.shapes.copy()
    findings: list[Finding] = []
    for at in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        findings.append(areas.finding(FindingKind.EMPTY_GEOMETRY, Severity.ERROR, [at]))
        shapes[at] = None
    findings += _check_kind(areas, shapes)
    findings += _check_order(areas, shapes, around)
    findings += _check_degrees(areas, shapes)
    findings += _check_valid(areas, shapes)
    usable = ~shapely.is_missing(shapes)
    return findings, areas.of_shapes(shapes).only(usable)


def as_multipolygon(shape: BaseGeometry) -> shapely.MultiPolygon | None:
    """The polygons of a shape of any kind; None if it has none."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    polygons = parts[is_polygon & ~shapely.is_empty(parts)]
    return shapely.MultiPolygon(list(polygons)) if len(polygons) else None


def made_valid(shape: BaseGeometry) -> shapely.MultiPolygon | None:
    """The valid polygons that an invalid shape stands for; None if nothing is left of it.

    "structure" respects what is a shell and what a hole, but on nearly flat rings it may itself
    give an invalid shape; then "linework" is taken, which does not.
    """
    for method, collapsed in (("structure", False), ("linework", True)):
        made = shapely.make_valid(shape, method=method, keep_collapsed=collapsed)
        polygons = as_multipolygon(made)
        if polygons is None or polygons.is_valid:
            return polygons
    return as_multipolygon(shapely.buffer(shape, 0))


def polygons_only(shapes: Shapes) -> Shapes:
    """The polygons of many shapes, None where there are none; polygons stay as they are."""
    result = shapes.copy()
    others = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _POLYGONAL))
    result[others] = [None if s is None else as_multipolygon(s) for s in shapes[others]]
    return result


def reprojected(shapes: Shapes, source: CRS, target: CRS) -> Shapes:
    """Shapes in another CRS, x or longitude first; None stays None."""
    transformer = _transformer(source, target)

    def carry(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(shapes, carry), dtype=object)


@lru_cache(maxsize=64)
def _transformer(source: CRS, target: CRS) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _check_kind(areas: Areas, shapes: Shapes) -> list[Finding]:
    """Shapes that are not polygons; those with polygons among other things keep these."""
    kinds = shapely.get_type_id(shapes)
    findings = []
    for at in np.flatnonzero(~np.isin(kinds, (-1, *_POLYGONAL))):
        found = shapes[at]
        shapes[at] = as_multipolygon(found)
        findings.append(
            areas.finding(
                FindingKind.NOT_POLYGON, Severity.ERROR, [at], geometry=found, repair=shapes[at],
                detail={"found": found.geom_type},
            )
        )  # fmt: skip
    return findings


def _check_order(areas: Areas, shapes: Shapes, around: BaseGeometry | None) -> list[Finding]:
    """Latitudes that only a longitude can be, or that lead away from where the others are."""
    x_min, y_min, x_max, y_max = shapely.bounds(shapes).T
    x = np.fmax(np.abs(x_min), np.abs(x_max))
    y = np.fmax(np.abs(y_min), np.abs(y_max))
    swapped = (x <= 90) & (y > 90) & (y <= 180)
    if around is not None:
        region = shapely.box(*around.buffer(_REGION_DEG).bounds)
        here = shapely.box(x_min, y_min, x_max, y_max)
        there = shapely.box(y_min, x_min, y_max, x_max)
        swapped |= ~shapely.intersects(region, here) & shapely.intersects(region, there)
    findings = []
    for at in np.flatnonzero(swapped):
        first = shapely.get_coordinates(shapes[at])[0]
        shapes[at] = shapely.transform(shapes[at], lambda xy: xy[:, ::-1])
        findings.append(
            areas.finding(
                FindingKind.SWAPPED_COORDINATES, Severity.ERROR, [at], geometry=shapes[at],
                repair=shapes[at], detail={"x": float(first[0]), "y": float(first[1]), "count": 1},
            )
        )  # fmt: skip
    return findings


def _check_degrees(areas: Areas, shapes: Shapes) -> list[Finding]:
    """Numbers that are no degrees: one finding for all of them, a CRS mends all at once."""
    x_min, y_min, x_max, y_max = shapely.bounds(shapes).T
    off = (x_min < -180) | (x_max > 180) | (y_min < -90) | (y_max > 90)
    off |= ~np.isfinite(x_min) & ~shapely.is_missing(shapes)
    if not off.any():
        return []
    at = np.flatnonzero(off)
    first = shapely.get_coordinates(shapes[at[0]])[0]
    shapes[at] = None
    return [
        areas.finding(
            FindingKind.PROJECTED_COORDINATES, Severity.ERROR, at,
            detail={"x": float(first[0]), "y": float(first[1]), "count": len(at)},
        )
    ]  # fmt: skip


def _check_valid(areas: Areas, shapes: Shapes) -> list[Finding]:
    """Rings that cross or touch themselves, lie outside their shell and the like."""
    findings = []
    for at in np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)):
        why = str(shapely.is_valid_reason(shapes[at]))
        place = _POSITION.search(why)
        detail: dict[str, float | str] = {"reason": why.partition("[")[0].strip()}
        point = None
        if place:
            lon, lat = float(place[1]), float(place[2])
            detail |= {"lon": lon, "lat": lat}
            point = shapely.Point(lon, lat)
        shapes[at] = made_valid(shapes[at])
        findings.append(
            areas.finding(
                FindingKind.INVALID_RING, Severity.ERROR, [at], geometry=point,
                repair=shapes[at], detail=detail,
            )
        )  # fmt: skip
    return findings
