"""Which CRS a file may be in that states none, or a false one: proposals for a person."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.errors import GeoDataError, Reason

Bounds = tuple[float, float, float, float]

_ZONE_M = 1_000_000
# How far beyond its area of use a CRS may carry a file: half a 6-degree zone and a bit; north and
# south more, for a zone's area ends where the land does.
_MARGIN_LON, _MARGIN_LAT = 4.0, 25.0


class Evidence(StrEnum):
    """Why a CRS is proposed."""

    DEGREES = "degrees"  # numbers are longitudes and latitudes
    ZONE_NUMBER = "zone_number"  # eastings begin with the number of a Gauss-Kruger zone
    FALSE_EASTING = "false_easting"  # eastings around 500,000 m: the central meridian is not said
    WEB_MERCATOR = "web_mercator"  # numbers fit the projection of web maps


_WORDS = {
    Evidence.DEGREES: "the numbers are degrees",
    Evidence.ZONE_NUMBER: "the eastings begin with the number of the zone",
    Evidence.FALSE_EASTING: "eastings around 500,000 m; the central meridian must be said",
    Evidence.WEB_MERCATOR: "the numbers fit web maps",
}


@dataclass(frozen=True)
class CrsProposal:
    """A CRS that fits the coordinates of a file.

    Attributes
    ----------
    crs
        What to pass as ``crs``, such as "EPSG:4523".
    name
        Its name.
    evidence
        Why it is proposed.
    center
        WGS-84 ``(lon, lat)`` where the middle of the file would then lie: show it on a map.
    swapped
        It fits only with the two numbers exchanged: pass ``swap_axes=True`` as well.
    """

    crs: str
    name: str
    evidence: Evidence
    center: tuple[float, float]
    swapped: bool = False

    def describe(self) -> str:
        """Say in English what is proposed and why."""
        lon, lat = self.center
        swapped = ", once exchanged," if self.swapped else ""
        return (
            f"{self.crs} ({self.name}): {_WORDS[self.evidence]}{swapped}; "
            f"the file would lie at {lat:.4f}, {lon:.4f} (latitude, longitude)"
        )


def propose_crs(bounds: Bounds, near: tuple[float, float] | None = None) -> tuple[CrsProposal, ...]:
    """Propose the CRS that fit the extent of a file.

    Parameters
    ----------
    bounds
        ``(x_min, y_min, x_max, y_max)`` as they stand in the file.
    near
        WGS-84 ``(lon, lat)`` of the place that the file should be about, if known: nearer
        proposals come first, and of the zones without a number only those within 3 degrees stay.

    Returns
    -------
    tuple of CrsProposal
        Likeliest first; empty if nothing fits. CGCS2000 comes before Xian 1980 and Beijing 1954,
        which lie up to 150 m off: only the maker of the file knows. If nothing fits, the same
        with the axes exchanged (surveyors in China call the northing X).

    Examples
    --------
    >>> propose_crs((35609000.0, 4238000.0, 35611000.0, 4240000.0))[0].describe()
    'EPSG:4523 (CGCS2000 / 3-degree Gauss-Kruger zone 35): the eastings begin with the number of \
the zone; the file would lie at 38.2771, 106.2571 (latitude, longitude)'
    """
    x_min, y_min, x_max, y_max = bounds
    proposals = _fitting(bounds) or [
        replace(proposal, swapped=True) for proposal in _fitting((y_min, x_min, y_max, x_max))
    ]
    if near is None:
        return tuple(proposals)
    close = [
        p for p in proposals if p.evidence is not Evidence.FALSE_EASTING or _apart(p, near) < 3
    ]
    return tuple(sorted(close, key=lambda p: _apart(p, near) > 1))


def parse_crs(text: str) -> CRS:
    """The CRS that a person names: "EPSG:4544", "4544" or WKT.

    Raises
    ------
    GeoDataError
        ``crs_unknown``.
    """
    text = text.strip()
    try:
        return CRS.from_user_input(int(text) if text.isdigit() else text)
    except CRSError as error:
        raise GeoDataError(
            Reason.CRS_UNKNOWN,
            f'"{text:.60}" is no known CRS: give an EPSG code such as EPSG:4326 or EPSG:4544.',
        ) from error


def contradicts(crs: CRS, bounds: Bounds) -> bool:
    """Whether coordinates of this extent cannot be in a CRS.

    True if degrees are out of range, if a projected CRS has numbers that are degrees, or if the
    file would lie far outside the area for which the CRS is made.
    """
    in_degrees = _in_degrees(bounds)
    if crs.is_geographic or in_degrees:
        return crs.is_geographic != in_degrees
    try:
        lon, lat = _center(crs, bounds)
    except GeoDataError:
        return True
    area = crs.area_of_use
    if area is None:
        return False
    return not (
        area.west - _MARGIN_LON <= lon <= area.east + _MARGIN_LON
        and area.south - _MARGIN_LAT <= lat <= area.north + _MARGIN_LAT
    )


def _fitting(bounds: Bounds) -> list[CrsProposal]:
    candidates = [(Evidence.DEGREES, epsg) for epsg in _degrees(bounds)]
    candidates += [(Evidence.ZONE_NUMBER, epsg) for epsg in _numbered_zones(bounds)]
    candidates += [(Evidence.FALSE_EASTING, epsg) for epsg in _unnumbered_zones(bounds)]
    if bounds[0] > 7_900_000 and bounds[2] < 15_100_000 and _is_northing(bounds):
        candidates.append((Evidence.WEB_MERCATOR, 3857))
    return [_proposal(evidence, epsg, bounds) for evidence, epsg in candidates]


def _degrees(bounds: Bounds) -> list[int]:
    if not _in_degrees(bounds):
        return []
    x, y = _middle(bounds)
    return [4326, 4490] if 73 < x < 136 and 16 < y < 54 else [4326]


def _numbered_zones(bounds: Bounds) -> list[int]:
    zone = int(bounds[0] // _ZONE_M)
    if zone != int(bounds[2] // _ZONE_M) or not _is_northing(bounds):
        return []
    if 25 <= zone <= 45:  # 3-degree zones: CGCS2000, Xian 1980, Beijing 1954
        return [4513 + zone - 25, 2349 + zone - 25, 2401 + zone - 25]
    if 13 <= zone <= 23:  # 6-degree zones
        return [4491 + zone - 13, 2327 + zone - 13, 21413 + zone - 13]
    return []


def _unnumbered_zones(bounds: Bounds) -> list[int]:
    fits = bounds[0] > 100_000 and bounds[2] < 900_000 and _is_northing(bounds)
    return list(range(4534, 4555)) if fits else []


def _is_northing(bounds: Bounds) -> bool:
    return bounds[1] > 1_500_000 and bounds[3] < 7_300_000


def _in_degrees(bounds: Bounds) -> bool:
    return max(abs(bounds[0]), abs(bounds[2])) <= 180 and max(abs(bounds[1]), abs(bounds[3])) <= 90


def _middle(bounds: Bounds) -> tuple[float, float]:
    return (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2


def _center(crs: CRS, bounds: Bounds) -> tuple[float, float]:
    lon, lat = _to_degrees(crs.to_wkt()).transform(*_middle(bounds))
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise GeoDataError(Reason.CRS_MISMATCH, f"The coordinates are not in {crs.name}.")
    return lon, lat


@lru_cache(maxsize=64)
def _to_degrees(wkt: str) -> Transformer:
    return Transformer.from_crs(CRS(wkt), 4326, always_xy=True)


def _proposal(evidence: Evidence, epsg: int, bounds: Bounds) -> CrsProposal:
    crs = CRS.from_epsg(epsg)
    return CrsProposal(f"EPSG:{epsg}", crs.name, evidence, _center(crs, bounds))


def _apart(proposal: CrsProposal, near: tuple[float, float]) -> float:
    """Degrees between the proposed middle and a place, the larger of the two differences."""
    (lon, lat), (near_lon, near_lat) = proposal.center, near
    return max(abs(lon - near_lon), abs(lat - near_lat))
