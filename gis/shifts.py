"""Whether a file fits what is known only after a datum shift."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis.datums import Datum, to_wgs84
from gis.findings import Finding, FindingKind, Severity
from gis.shapes import Areas, Shapes, reprojected

_WGS84 = CRS.from_epsg(4326)
# Smaller misfits are left alone: boundaries drawn by different hands differ by this much.
_NOTICEABLE_M = 20.0
# A shifted datum is believed only if it takes away this part of the misfit.
_CONVINCING = 0.6


def check_shift(areas: Areas, whole: BaseGeometry, reference: gpd.GeoDataFrame) -> list[Finding]:
    """Compare boundaries with known ones, as they are and as GCJ-02 and BD-09.

    Parameters
    ----------
    areas
        Valid shapes in a metric CRS.
    whole
        The areas as one.
    reference
        Known boundaries in the same CRS with ``code``: the same areas, or larger ones around them.

    Returns
    -------
    list of Finding
        One ``shifted_coordinates`` if a shifted datum takes away most of a noticeable misfit,
        else none. ``misfit_m`` is the median distance between areas of the same code; where
        fewer than three codes are the same it is the area outside the known boundaries by the
        half perimeter of the file, which is less than the true distance and only good to compare.
    """
    crs: CRS = reference.crs
    places, misfit_m = _measure(areas, whole, reference)
    before = misfit_m(places)
    if before < _NOTICEABLE_M:
        return []
    misfits = {
        datum: misfit_m(_as_if_in(datum, places, crs)) for datum in (Datum.GCJ02, Datum.BD09)
    }
    datum = min(misfits, key=lambda one: misfits[one])
    if misfits[datum] > (1 - _CONVINCING) * before:
        return []
    return [
        areas.finding(
            FindingKind.SHIFTED_COORDINATES, Severity.WARNING, np.arange(len(areas.rows)),
            detail={"datum": str(datum), "misfit_m": before, "misfit_after_m": misfits[datum]},
        )
    ]  # fmt: skip


def _measure(
    areas: Areas, whole: BaseGeometry, reference: gpd.GeoDataFrame
) -> tuple[Shapes, Callable[[Shapes], float]]:
    """What to move about, and how to tell in metres how badly it fits."""
    known = np.asarray(reference.geometry.values, dtype=object)
    pairs = _same_codes(areas.codes, reference["code"].to_numpy(object))
    if len(pairs) >= 3:
        centers = shapely.centroid(known[pairs[:, 1]])

        def distance_m(moved: Shapes) -> float:
            return float(np.median(shapely.distance(moved, centers)))

        return shapely.centroid(areas.shapes[pairs[:, 0]]), distance_m

    known_whole = shapely.union_all(known)

    def outside_m(moved: Shapes) -> float:
        outline = shapely.buffer(moved[0], 0)
        outside = shapely.area(shapely.difference(outline, known_whole))
        return float(2 * outside / shapely.length(outline))

    return np.array([whole], dtype=object), outside_m


def _same_codes(codes: Shapes, known: Shapes) -> NDArray[np.int64]:
    position = {code: at for at, code in enumerate(known) if code}
    pairs = [(at, position[code]) for at, code in enumerate(codes) if code in position]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _as_if_in(datum: Datum, shapes: Shapes, crs: CRS) -> Shapes:
    """Where shapes lie truly if their coordinates are in this datum."""

    def carry(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))

    moved = shapely.transform(reprojected(shapes, crs, _WGS84), carry)
    return reprojected(np.asarray(moved, dtype=object), _WGS84, crs)
