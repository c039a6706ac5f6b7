"""What is wrong with boundaries as a whole: overlaps, gaps, slivers, parents, codes and texts."""

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gis.coordinates import metric_crs
from gis.coverage import check_overlaps, find_gaps, find_thin_parts, joined
from gis.errors import GeoDataError, Reason
from gis.findings import Finding, FindingKind, Severity
from gis.parents import check_parents
from gis.shapes import Areas, check_shapes, made_valid, reprojected
from gis.shifts import check_shift
from gis.texts import wrongly_decoded

__all__ = ["Finding", "FindingKind", "Severity", "find_problems", "repair"]

_WGS84 = CRS.from_epsg(4326)


def find_problems(
    boundaries: gpd.GeoDataFrame,
    *,
    parents: gpd.GeoDataFrame | None = None,
    reference: gpd.GeoDataFrame | None = None,
    min_overlap_m2: float = 1.0,
    min_gap_m2: float = 1.0,
    gap_width_m: float = 10.0,
    sliver_width_m: float = 1.0,
) -> list[Finding]:
    """Find everything that is wrong with boundaries, all at once.

    Parameters
    ----------
    boundaries
        As :func:`gis.boundaries.read_boundaries` makes them, in EPSG:4326.
    parents
        The communities in which the areas should lie, in EPSG:4326 with ``code``.
    reference
        Boundaries known to be right, in EPSG:4326 with ``code``, to find a shifted datum; the
        parents if not given.
    min_overlap_m2, min_gap_m2
        Overlaps and gaps of this area or less are not worth a finding (square metres).
    gap_width_m
        Without parents, gaps that are open to the outside are found up to this width; enclosed
        ones at any width. With parents a gap is what is left of them.
    sliver_width_m
        Gaps and parts of areas of a smaller mean width (twice the area by the perimeter) are
        slivers.

    Returns
    -------
    list of Finding
        In the order of :class:`gis.findings.FindingKind`. Overlaps, gaps and parents are looked
        for in the shapes as the proposed repairs make them.

    Raises
    ------
    GeoDataError
        ``crs_mismatch`` if a table is not in EPSG:4326.

    Notes
    -----
    Areas are measured in :func:`gis.coordinates.metric_crs` of the middle of the boundaries. An
    overlap is counted for every pair of areas.

    Examples
    --------
    >>> shapes = [shapely.box(106.25, 38.28, 106.252, 38.281),
    ...           shapely.box(106.251, 38.28, 106.253, 38.281)]
    >>> frame = gpd.GeoDataFrame({"row": [1, 2], "code": ["01", "02"], "name": ["A", "B"],
    ...                           "parent_code": ["", ""]}, geometry=shapes, crs=4326)
    >>> [finding.describe() for finding in find_problems(frame)]
    ['warning: 01 (no. 1) and 02 (no. 2) overlap by 9,715 m2']
    """
    for table in (boundaries, parents, reference):
        if table is not None and table.crs != _WGS84:
            raise GeoDataError(
                Reason.CRS_MISMATCH, f"Boundaries must be in EPSG:4326, not in {table.crs}."
            )
    areas = Areas.of(boundaries)
    findings = [*_check_codes(areas), *_check_texts(areas, boundaries)]
    known = parents if reference is None else reference
    of_shapes, usable = check_shapes(areas, _region(known))
    findings += of_shapes
    if not len(usable.shapes):
        return findings
    crs = metric_crs(*_middle(usable))
    metric = _valid_only(usable.of_shapes(reprojected(usable.shapes, _WGS84, crs)))
    whole = joined(metric.shapes)
    outer = None if parents is None else parents.to_crs(crs)
    if known is not None:
        findings += check_shift(metric, whole, known.to_crs(crs))
    found = check_overlaps(metric, min_overlap_m2)
    found += find_gaps(metric, whole, outer, min_gap_m2, gap_width_m, sliver_width_m)
    found += find_thin_parts(metric, sliver_width_m)
    if outer is not None:
        stated = dict(zip(boundaries["row"], boundaries["parent_code"], strict=True))
        found += check_parents(metric, stated, outer)
    return findings + _drawn_in_wgs84(found, crs)


def repair(boundaries: gpd.GeoDataFrame, findings: Iterable[Finding]) -> gpd.GeoDataFrame:
    """Put the proposed shapes of findings in the place of the broken ones.

    Parameters
    ----------
    boundaries
        The table that was looked at.
    findings
        Those whose repair is accepted; of several for one feature the last counts, which contains
        the others.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy with the repaired shapes.
    """
    repaired = boundaries.copy()
    shapes = np.asarray(repaired.geometry.values, dtype=object)
    position = {row: at for at, row in enumerate(boundaries["row"])}
    for finding in findings:
        if finding.repair is not None:
            shapes[position[finding.features[0]]] = finding.repair
    return repaired.set_geometry(gpd.GeoSeries(shapes, index=repaired.index, crs=_WGS84))


def _region(known: gpd.GeoDataFrame | None) -> shapely.Polygon | None:
    """The extent of what is known."""
    if known is None or known.geometry.is_empty.all():
        return None
    return shapely.box(*known.total_bounds)


def _middle(areas: Areas) -> tuple[float, float]:
    x_min, y_min, x_max, y_max = shapely.total_bounds(areas.shapes)
    return (x_min + x_max) / 2, (y_min + y_max) / 2


def _valid_only(areas: Areas) -> Areas:
    """The same areas where rounding on the way into a CRS has bent none into invalidity."""
    shapes = areas.shapes.copy()
    for at in np.flatnonzero(~shapely.is_valid(shapes)):
        shapes[at] = made_valid(shapes[at])
    return areas.of_shapes(shapes).only(~shapely.is_missing(shapes))


def _drawn_in_wgs84(findings: list[Finding], crs: CRS) -> list[Finding]:
    shapes = np.array([finding.geometry for finding in findings], dtype=object)
    drawn = reprojected(shapes, crs, _WGS84)
    return [replace(one, geometry=shape) for one, shape in zip(findings, drawn, strict=True)]


def _check_codes(areas: Areas) -> list[Finding]:
    missing = np.flatnonzero(areas.codes == "")
    findings = [areas.finding(FindingKind.MISSING_CODE, Severity.ERROR, [at]) for at in missing]
    codes, inverse, counts = np.unique(
        areas.codes.astype(str), return_inverse=True, return_counts=True
    )
    repeated = np.flatnonzero((counts > 1) & (codes != ""))
    return findings + [
        areas.finding(
            FindingKind.DUPLICATE_CODE, Severity.ERROR, np.flatnonzero(inverse == number),
            detail={"code": str(codes[number]), "count": int(counts[number])},
        )
        for number in repeated
    ]  # fmt: skip


def _check_texts(areas: Areas, boundaries: gpd.GeoDataFrame) -> list[Finding]:
    names = boundaries["name"].to_numpy(object)
    findings = [
        areas.finding(FindingKind.MISSING_NAME, Severity.WARNING, [at])
        for at in np.flatnonzero(names == "")
    ]
    for field in ("code", "name", "parent_code"):
        for at, text in enumerate(boundaries[field]):
            likely = wrongly_decoded(text)
            if likely is not None:
                findings.append(
                    areas.finding(
                        FindingKind.SUSPICIOUS_TEXT, Severity.WARNING, [at],
                        detail={"field": field, "text": text, "likely": likely},
                    )
                )  # fmt: skip
    return findings
