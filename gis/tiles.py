"""What a map at some zoom can show: shapes no finer than its pixels, points that lie apart."""

import math

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

__all__ = ["merge_points", "metres_per_pixel", "simplify_for_zoom"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_EQUATOR_M_PER_PIXEL = 40_075_016.686 / 256  # Web Mercator, tiles of 256 pixels
_DEGREE_M = 111_320.0  # of latitude
_TOLERANCE_PIXELS = 0.75
_DECIMALS_PIXELS = 0.25


def metres_per_pixel(zoom: float, lat: float) -> float:
    """Metres on the ground that a pixel of a Web Mercator map covers.

    Parameters
    ----------
    zoom
        0 for the world in one tile of 256 pixels; each more halves the answer.
    lat
        WGS-84 degrees.

    Examples
    --------
    >>> round(metres_per_pixel(14, 38.28), 2)
    7.5
    """
    return float(_EQUATOR_M_PER_PIXEL * math.cos(math.radians(lat)) / 2**zoom)


def simplify_for_zoom(polygons: ArrayLike, zoom: float) -> NDArray[np.object_]:
    """Polygons with no more detail than a map at this zoom shows, rounded to match.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in WGS-84 degrees, shape (n,). Those that form a coverage (no
        overlaps, edges that match) keep their common edges common; others are simplified each by
        itself.
    zoom
        Of a Web Mercator map.

    Returns
    -------
    ndarray of geometries, shape (n,)
        Not for measuring: what lies within three quarters of a pixel may have moved.

    Examples
    --------
    >>> jagged = shapely.from_wkt("POLYGON ((0 0, 0.5 0.000001, 1 0, 1 1, 0 1, 0 0))")
    >>> simplify_for_zoom([jagged], 10)[0].wkt
    'POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))'
    """
    shapes = np.asarray(polygons, dtype=object)
    if not len(shapes):
        return shapes
    _, south, _, north = shapely.total_bounds(shapes)
    lat = (south + north) / 2
    narrow = math.cos(math.radians(lat))
    pixel = metres_per_pixel(zoom, lat) / _DEGREE_M
    tolerance = _TOLERANCE_PIXELS * pixel
    flat = shapely.transform(shapes, lambda at: at * (narrow, 1))
    if shapely.coverage_is_valid(flat):
        flat = shapely.coverage_simplify(flat, tolerance)
    else:
        flat = shapely.simplify(flat, tolerance, preserve_topology=True)
    decimals = math.ceil(-math.log10(_DECIMALS_PIXELS * pixel))
    rounded = shapely.transform(flat, lambda at: np.round(at / (narrow, 1), decimals))
    return np.asarray(rounded, dtype=object)


def merge_points(
    lon: ArrayLike, lat: ArrayLike, counts: ArrayLike, zoom: float, apart_pixels: float
) -> tuple[Floats, Floats, Counts]:
    """Join points that would touch on a map at this zoom; each keeps its counts.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees, shape (n,).
    counts
        Whole numbers, shape (n, k): what each point stands for, by kind. A point weighs their sum.
    zoom
        Of a Web Mercator map.
    apart_pixels
        How far apart the joined points are at the least, in pixels.

    Returns
    -------
    tuple of ndarray
        ``(lon, lat, counts)``, shapes (m,), (m,), (m, k), the heaviest first. The sums of counts
        stay. A joined point lies at the weighted mean of the points of its first, rough cell.

    Examples
    --------
    >>> lon, lat, counts = merge_points([10, 10.001, 11], [50, 50, 50], [[2], [2], [1]], 8, 60)
    >>> lon.round(4).tolist(), counts.ravel().tolist()
    ([10.0005, 11.0], [4, 1])
    """
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    weights = np.asarray(counts, np.int64)
    if not len(x):
        return x, y, weights
    degrees = apart_pixels * 360 / 256 / 2**zoom
    narrow = math.cos(math.radians(float(y.mean())))
    x, y, weights = _by_cell(x, y, weights, (degrees, degrees * narrow))
    heaviest = np.argsort(-weights.sum(axis=1), kind="stable")
    x, y, weights = x[heaviest], y[heaviest], weights[heaviest]
    kept: list[int] = []
    for i in range(len(x)):
        gaps = np.hypot(x[kept] - x[i], (y[kept] - y[i]) / narrow)
        if kept and gaps.min() < degrees:
            weights[kept[int(gaps.argmin())]] += weights[i]
        else:
            kept.append(i)
    return x[kept], y[kept], weights[kept]


def _by_cell(
    x: Floats, y: Floats, weights: Counts, cell: tuple[float, float]
) -> tuple[Floats, Floats, Counts]:
    """One point for each cell of a raster that has any, at their weighted mean."""
    keys = np.floor(np.column_stack([x / cell[0], y / cell[1]])).astype(np.int64)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    group = group.ravel()
    total = np.maximum(weights.sum(axis=1), 1)
    size = int(group.max()) + 1
    mass = np.bincount(group, total, size)
    sums = np.zeros((size, weights.shape[1]), np.int64)
    np.add.at(sums, group, weights)
    mean_x, mean_y = (np.bincount(group, at * total, size) / mass for at in (x, y))
    return mean_x, mean_y, sums
