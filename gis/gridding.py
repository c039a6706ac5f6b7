"""Cut a community into grids, put them in order, and give them codes.

A community is halved by straight cuts across its length until every part has about the area asked
for. A part that a cut leaves loose joins the other side, so grids hang together, and none is a
sliver. Neighbours share their vertices to the last bit: no gaps, no overlaps.
"""

import math
from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis.conformal import metres_per_degree
from gis.coordinates import valid_lonlat
from gis.cutting import halve, share_vertices
from gis.errors import GeoDataError, Reason

MOST_GRIDS = 999
_SMALL_PART = 0.25


def make_grids(
    community: Polygon | MultiPolygon, target_area_m2: float = 10_000
) -> list[Polygon | MultiPolygon]:
    """Cut a community into grids of about one area.

    Parameters
    ----------
    community
        Valid shapely Polygon or MultiPolygon in EPSG:4326.
    target_area_m2
        Area of a grid in square metres; measured in one scale for the whole community, which is
        0.03 % wrong for every kilometre that a place lies north or south of its middle.

    Returns
    -------
    list of Polygon
        In the order of :func:`number_grids`. A MultiPolygon appears only where the community has
        parts smaller than a quarter of the target area: each belongs to the grid nearest to it.

    Raises
    ------
    GeoDataError
        ``bad_argument`` if the target area is not positive or more than 999 grids would be needed,
        ``bad_geometry`` if the community is not a valid polygon in degrees.

    Examples
    --------
    >>> community = shapely.box(106.25, 38.28, 106.254, 38.282)
    >>> grids = make_grids(community, target_area_m2=10_000)
    >>> len(grids), bool(shapely.coverage_is_valid(grids))
    (8, True)
    """
    _check_community(community)
    scale = metres_per_degree((community.bounds[1] + community.bounds[3]) / 2)
    area_m2 = community.area * scale[0] * scale[1]
    if not (math.isfinite(target_area_m2) and target_area_m2 > 0):
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f"The target area is {target_area_m2:g} m²: give a number above 0, such as 10000.",
        )
    parts, strays = _main_parts(community, target_area_m2 / (scale[0] * scale[1]))
    shares = [max(1, round(part.area * scale[0] * scale[1] / target_area_m2)) for part in parts]
    if sum(shares) > MOST_GRIDS:
        fits = math.ceil(area_m2 / max(MOST_GRIDS - len(parts) + 1, 1) / 10) * 10
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f"Grids of {target_area_m2:g} m² would be {sum(shares)} in this community, and its "
            f"codes number 999 at most: choose a target area of {fits} m² or more.",
        )
    grids: list[BaseGeometry] = []
    for part, share in zip(parts, shares, strict=True):
        grids.extend(halve(part, share, scale))
    for stray in strays:
        home = int(np.argmin(shapely.distance(grids, stray)))
        grids[home] = shapely.union_all([grids[home], stray])
    grids = share_vertices(grids)
    return [grids[place] for place in number_grids(grids)]


def number_grids(grids: ArrayLike) -> NDArray[np.int64]:
    """Order of grids west to east, north to south.

    A row begins with the northernmost grid that has no row yet and takes all whose centre lies
    less than half a grid's usual height (the median) further south; in a row grids go from west to
    east. The order of the input changes nothing.

    Parameters
    ----------
    grids
        Shapely geometries in EPSG:4326, shape (g,).

    Returns
    -------
    ndarray
        Shape (g,): the position in the input of the first grid, the second, ...

    Examples
    --------
    >>> west, east, south = shapely.box([0, 1, 0], [1, 1.1, 0], [1, 2, 1], [2, 2.1, 1])
    >>> number_grids([south, east, west])
    array([2, 1, 0])
    """
    shapes = np.asarray(grids, object)
    if not len(shapes):
        return np.empty(0, np.int64)
    bounds = shapely.bounds(shapes)
    half_height = float(np.median(bounds[:, 3] - bounds[:, 1])) / 2
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    row = np.empty(len(shapes), np.int64)
    number, top = -1, math.inf
    for place in np.lexsort((centres[:, 0], -centres[:, 1])):
        if top - centres[place, 1] >= half_height:
            number, top = number + 1, centres[place, 1]
        row[place] = number
    return np.lexsort((centres[:, 1], centres[:, 0], row))


def grid_codes(community_code: str, n: int, used: Iterable[str] = ()) -> list[str]:
    """Codes for new grids: the community's 12 digits and a number from 001 to 999.

    Numbers go on after the largest one used, so that no code is ever given twice.

    Parameters
    ----------
    community_code
        12 digits.
    n
        How many codes.
    used
        All codes that grids have or ever had; those of other communities or forms are ignored.

    Returns
    -------
    list of str
        n codes of 15 digits.

    Raises
    ------
    GeoDataError
        ``bad_argument`` if the community code has another form or its numbers do not suffice.

    Examples
    --------
    >>> grid_codes("640121001003", 2, used=["640121001003007", "640121001004900"])
    ['640121001003008', '640121001003009']
    """
    if not (len(community_code) == 12 and community_code.isascii() and community_code.isdigit()):
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f'The community code "{community_code}" does not have 12 digits: grids are numbered '
            "only under codes such as 640121001003.",
        )
    if n < 0:
        raise GeoDataError(Reason.BAD_ARGUMENT, f"{n} codes were asked for: ask for 0 or more.")
    numbers = [code[12:] for code in used if code.startswith(community_code) and len(code) == 15]
    last = max((int(number) for number in numbers if number.isdigit()), default=0)
    if last + n > MOST_GRIDS:
        raise GeoDataError(
            Reason.BAD_ARGUMENT,
            f"Community {community_code} has used its grid numbers up to {last:03} and "
            f"{MOST_GRIDS - last} are left, but {n} are needed. Numbers are never used again: cut "
            "it into fewer, larger grids, or give the community a new code.",
        )
    return [f"{community_code}{number:03}" for number in range(last + 1, last + n + 1)]


def _check_community(community: BaseGeometry) -> None:
    words = None
    if not isinstance(community, Polygon | MultiPolygon) or community.is_empty:
        words = "is not a polygon"
    elif not valid_lonlat(community.bounds[::2], community.bounds[1::2]).all():
        words = "does not lie in degrees (EPSG:4326)"
    elif not community.is_valid:
        words = f"is not a valid polygon ({shapely.is_valid_reason(community)})"
    if words:
        raise GeoDataError(
            Reason.BAD_GEOMETRY, f"The community {words}: mend its boundary before cutting it."
        )


def _main_parts(
    community: Polygon | MultiPolygon, target_area: float
) -> tuple[list[Polygon], list[Polygon]]:
    """Parts that get grids of their own, the largest first, and those too small for it."""
    parts = sorted(shapely.get_parts(community), key=lambda part: -part.area)
    small = [part.area < _SMALL_PART * target_area for part in parts[1:]]
    return (
        parts[:1] + [part for part, few in zip(parts[1:], small, strict=True) if not few],
        [part for part, few in zip(parts[1:], small, strict=True) if few],
    )
