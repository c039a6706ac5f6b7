"""Where a place is: its metric CRS, checks, and coordinates as people type them."""

import math
import re
import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod

from gis.datums import Datum, as_floats, datum_uncertainty_m, from_wgs84, to_wgs84
from gis.errors import GeoDataError, Reason

__all__ = [
    "Datum", "check_lonlat", "datum_uncertainty_m", "distance_m", "from_wgs84", "metric_crs",
    "parse_coordinates", "to_wgs84", "valid_lonlat",
]  # fmt: skip


def metric_crs(lon: float, lat: float) -> CRS:
    """The CRS in which lengths and areas around a place are measured, in metres.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees.

    Returns
    -------
    pyproj.CRS
        Inside the box of CGCS2000 (73.62 to 134.77 E, 16.7 to 53.56 N) its 3-degree Gauss-Kruger
        zone by central meridian, EPSG:4534 (75 E) to EPSG:4554 (135 E); elsewhere the WGS-84 UTM
        zone, EPSG:326xx or 327xx. Lengths are true to 1 in 2,500 or better.

    Raises
    ------
    GeoDataError
        ``bad_coordinates``, from :func:`check_lonlat`.

    Examples
    --------
    >>> metric_crs(106.25, 38.28).to_epsg(), metric_crs(-118.24, 34.05).to_epsg()
    (4544, 32611)
    """
    lon, lat = check_lonlat(lon, lat)
    if 73.62 <= lon <= 134.77 and 16.7 <= lat <= 53.56:
        return _crs(4534 + round((lon - 75) / 3))
    zone = min(int((lon + 180) // 6) + 1, 60)
    return _crs((32600 if lat >= 0 else 32700) + zone)


_ELLIPSOID = Geod(ellps="WGS84")


def distance_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Metres between two places on the WGS-84 ellipsoid.

    Parameters
    ----------
    first, second
        WGS-84 longitude and latitude in degrees.

    Raises
    ------
    GeoDataError
        ``bad_coordinates``, from :func:`check_lonlat`.

    Examples
    --------
    >>> round(distance_m((106.25, 38.28), (106.26, 38.28)), 1)
    875.0
    """
    start, end = check_lonlat(*first), check_lonlat(*second)
    return float(_ELLIPSOID.inv(*start, *end)[2])


def valid_lonlat(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Which pairs are a place on Earth: finite, within 180 and 90 degrees.

    Examples
    --------
    >>> valid_lonlat([106.25, float("nan"), 36000000.0], [38.28, 38.28, 4238000.0])
    array([ True, False, False])
    """
    lon, lat = as_floats(lon), as_floats(lat)
    return (np.abs(lon) <= 180) & (np.abs(lat) <= 90)


def check_lonlat(lon: float | None, lat: float | None) -> tuple[float, float]:
    """Take one place only if it can be one.

    Parameters
    ----------
    lon, lat
        Degrees.

    Returns
    -------
    tuple of float
        ``(lon, lat)`` as given.

    Raises
    ------
    GeoDataError
        ``bad_coordinates``: missing, NaN, infinite or out of range, with a hint when they look
        swapped or projected.

    Examples
    --------
    >>> check_lonlat(38.28, 106.25)
    Traceback (most recent call last):
    gis.errors.GeoDataError: Longitude 38.28 and latitude 106.25 look swapped: the latitude must \
be between -90 and 90. Give the longitude first.
    """
    if lon is None or lat is None:
        missing = "longitude" if lon is None else "latitude"
        raise _bad(f"The {missing} is missing: give both, in degrees.")
    lon, lat = float(lon), float(lat)
    given = f"Longitude {lon:.10g} and latitude {lat:.10g}"
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise _bad(f"{given} are not a place: both must be finite numbers, in degrees.")
    if abs(lon) <= 180 and abs(lat) <= 90:
        return lon, lat
    if abs(lon) <= 90 and abs(lat) <= 180:
        raise _bad(
            f"{given} look swapped: the latitude must be between -90 and 90. "
            "Give the longitude first."
        )
    hint = " They look like metres of a projected CRS." if max(abs(lon), abs(lat)) > 1000 else ""
    raise _bad(
        f"{given} are out of range: the longitude must be between -180 and 180, "
        f"the latitude between -90 and 90.{hint}"
    )


_NUMBER = r"\d+(?:\.\d+)?"
_AXIS_WORD = r"(?:[NSEW]|北纬|南纬|东经|西经|纬度|经度|LATITUDE|LONGITUDE|LAT|LON|LNG)"
_VALUE = rf"[+-]?{_NUMBER}(?:\s*[°度]\s*(?:{_NUMBER}\s*['分]\s*(?:{_NUMBER}\s*(?:\"|''|秒))?)?)?"
_ONE = rf"(?:{_VALUE}\s*[NSEW北南东西]|{_AXIS_WORD}\s*[:=]?\s*{_VALUE}|{_VALUE})"
_TWO = re.compile(
    rf"\s*({_ONE})(?:\s*[,;/]\s*|\s+|(?<=[NSEW北南东西])|(?=[NSEWL北南东西经纬]))({_ONE})\s*"
)
_LONGEST = 100
_LOOKALIKES = str.maketrans(
    {"、": ",", "，": ",", "；": ";", "′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"',
     "º": "°", "˚": "°", "−": "-", "–": "-"}
)  # fmt: skip
_FORM = (
    'Write latitude, then longitude, with letters: "38.28 N, 106.25 E" or "38°16′48″N 106°15′E".'
)


def parse_coordinates(text: str) -> tuple[float, float]:
    """Read a place as people type it.

    Parameters
    ----------
    text
        Two numbers, decimal or in degrees, minutes and seconds, with or without N, S, E, W or
        北纬, 南纬, 东经, 西经; full-width signs are allowed. Without letters the order is taken
        from the one number above 90, which must be the longitude.

    Returns
    -------
    tuple of float
        ``(lon, lat)`` in degrees of the datum in which they were typed.

    Raises
    ------
    GeoDataError
        ``ambiguous_coordinates`` if both numbers could be a latitude, ``bad_coordinates`` if the
        text is not two coordinates or they are no place on Earth.

    Examples
    --------
    >>> parse_coordinates("38.28，106.25")
    (106.25, 38.28)
    >>> parse_coordinates("北纬38°16′48″ 东经106°15′")
    (106.25, 38.28)
    """
    plain = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).upper()
    match = _TWO.fullmatch(plain) if len(plain) <= _LONGEST else None
    if match is None:
        raise _bad(f'"{text.strip()[:60]}" is not a pair of coordinates. {_FORM}')
    (first_axis, first), (second_axis, second) = (_read_one(part) for part in match.groups())
    first_axis = first_axis or _other(second_axis) or _axis_by_size(first, second)
    if first_axis is None:
        raise GeoDataError(
            Reason.AMBIGUOUS_COORDINATES,
            f"{first:.10g} and {second:.10g} can both be the latitude. {_FORM}",
        )
    if first_axis == (second_axis or _other(first_axis)):
        raise _bad(f'"{text.strip()[:60]}" gives the {first_axis} twice. {_FORM}')
    return check_lonlat(*((first, second) if first_axis == "longitude" else (second, first)))


def _read_one(part: str) -> tuple[str | None, float]:
    """Axis (None if not said) and signed degrees of one coordinate."""
    degrees, *smaller = (float(number) for number in re.findall(_NUMBER, part))
    if any(number >= 60 for number in smaller) or (smaller and degrees != int(degrees)):
        raise _bad(f'"{part}": minutes and seconds must be below 60, degrees before them whole.')
    value = degrees + sum(number / 60**power for power, number in enumerate(smaller, 1))
    word = re.sub(r"[^A-Z东西南北经纬]", "", part)
    axis = None
    if word:
        axis = "latitude" if re.search(r"[北南纬]|^(N|S|LAT.*)$", word) else "longitude"
    negative = "-" in part
    if re.search(r"[南西]|^[SW]$", word):
        if negative:
            raise _bad(f'"{part}" has both a minus and a letter for the same thing. {_FORM}')
        negative = True
    return axis, -value if negative else value


def _other(axis: str | None) -> str | None:
    return {"latitude": "longitude", "longitude": "latitude", None: None}[axis]


def _axis_by_size(first: float, second: float) -> str | None:
    if abs(first) > 90 >= abs(second):
        return "longitude"
    return "latitude" if abs(second) > 90 else None


def _bad(message: str) -> GeoDataError:
    return GeoDataError(Reason.BAD_COORDINATES, message)


@lru_cache(maxsize=64)
def _crs(epsg: int) -> CRS:
    return CRS.from_epsg(epsg)
