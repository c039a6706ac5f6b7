"""Whether a file fits what is known only after a datum shift."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gis.datums import Datum, to_wgs84
from gis.findings import Finding, FindingKind, Severity
from gis.shapes import Areas, Shapes, reprojected

_WGS84 = CRS.from_epsg(4326)
# Smaller misfits are left alone: boundaries drawn by different hands differ by this much.
_NOTICEABLE_M = 20.0
# A shifted datum is believed only if it takes away this part of the misfit.
_CONVINCING = 0.6


def check_shift(areas: Areas, reference: gpd.GeoDataFrame, crs: CRS) -> list[Finding]:
    """Compare boundaries with known ones, as they are and as GCJ-02 and BD-09.

    Parameters
    ----------
    areas
        Valid shapes in EPSG:4326.
    reference
        Known boundaries in EPSG:4326 with ``code``: the same areas, or larger ones around them.
    crs
        Metric CRS of the place.

    Returns
    -------
    list of Finding
        One ``shifted_coordinates`` if a shifted datum takes away most of a noticeable misfit,
        else none. ``misfit_m`` is the median distance between areas of the same code; where
        fewer than three codes are the same it is the area outside the known boundaries by the
        half perimeter of the file, which is less than the true distance and only good to compare.
    """
    known = np.asarray(reference.to_crs(crs).geometry.values, dtype=object)
    pairs = _same_codes(areas.codes, reference["code"].to_numpy(object))
    if len(pairs) >= 3:
        shapes, known = areas.shapes[pairs[:, 0]], known[pairs[:, 1]]
    else:
        shapes, known = areas.shapes, np.array([shapely.union_all(known)], dtype=object)
    measure = _median_distance_m if len(pairs) >= 3 else _outside_m
    before = measure(reprojected(shapes, _WGS84, crs), known)
    if before < _NOTICEABLE_M:
        return []
    misfits = {
        datum: measure(reprojected(_from_datum(shapes, datum), _WGS84, crs), known)
        for datum in (Datum.GCJ02, Datum.BD09)
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


def _same_codes(codes: Shapes, known: Shapes) -> NDArray[np.int64]:
    position = {code: at for at, code in enumerate(known) if code}
    pairs = [(at, position[code]) for at, code in enumerate(codes) if code in position]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _from_datum(shapes: Shapes, datum: Datum) -> Shapes:
    def carry(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))

    return np.asarray(shapely.transform(shapes, carry), dtype=object)


def _median_distance_m(shapes: Shapes, known: Shapes) -> float:
    return float(np.median(shapely.distance(shapely.centroid(shapes), shapely.centroid(known))))


def _outside_m(shapes: Shapes, known: Shapes) -> float:
    whole = shapely.union_all(shapely.buffer(shapes, 0))
    outside = shapely.area(shapely.difference(whole, known[0]))
    return float(2 * outside / shapely.length(shapely.boundary(whole)))
