"""Datums of longitudes and latitudes: WGS-84, CGCS2000, and the shifted GCJ-02 and BD-09."""

from collections.abc import Callable
from enum import StrEnum
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import GeoDataError, Reason

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]


class Datum(StrEnum):
    """What longitudes and latitudes refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


# Half the width of the shift is known only through a reconstructed formula. Its authors and users
# report differences of about ten metres from the real one: wandergis/coordtransform threads 1
# and 16 ("about ten metres"), googollee/eviltransform thread 59 (11 m measured in Wuhan).
# BD-09 is shifted once more and often published with few decimals: half as much again.
_UNCERTAINTY_M = {
    Datum.WGS84: 0.0,
    Datum.CGCS2000: 0.0,
    Datum.GCJ02: 10.0,
    Datum.BD09: 15.0,
}

_GCJ_AXIS_M = 6378245.0  # Krasovsky 1940
_GCJ_E2 = 0.00669342162296594323
_BD_LON, _BD_LAT = 0.0065, 0.0060

# Each step of the inverse shrinks the error at least fifty times, from 1.5 km at first.
_INVERSE_STEPS = 8


def datum_uncertainty_m(datum: Datum | str) -> float:
    """Uncertainty that a datum adds to a position, in metres.

    Parameters
    ----------
    datum
        One of :class:`Datum`.

    Returns
    -------
    float
        0 for WGS-84 and CGCS2000 (they differ by centimetres), 10 for GCJ-02, 15 for BD-09.

    Examples
    --------
    >>> datum_uncertainty_m("gcj02")
    10.0
    """
    return _UNCERTAINTY_M[_datum(datum)]


@overload
def to_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum | str) -> Pair: ...
def to_wgs84(
    lon: ArrayLike, lat: ArrayLike, datum: Datum | str
) -> tuple[float, float] | tuple[Floats, Floats]:
    """Turn coordinates of a datum into WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees: two numbers or two arrays of one shape. NaN stays NaN.
    datum
        What they refer to. CGCS2000 is taken as WGS-84.

    Returns
    -------
    tuple
        ``(lon, lat)`` in WGS-84, numbers for numbers and arrays for arrays.

    Raises
    ------
    GeoDataError
        ``unknown_datum``.

    Notes
    -----
    The inverse is iterated until there and back again differ by less than 1.5 mm. Outside the
    box 72.004 to 137.8347 E, 0.8293 to 55.8271 N GCJ-02 equals WGS-84 by the usual rule; the box
    is wider than China (it holds Mongolia, Korea, parts of India), where the shift is then wrong:
    do not state a shifted datum there. Formula: public domain, as in Artoria2e5/PRCoords.

    Examples
    --------
    >>> lon, lat = to_wgs84(106.254377964, 38.280448039, Datum.GCJ02)
    >>> round(lon, 7), round(lat, 7)
    (106.25, 38.28)
    """
    datum = _datum(datum)
    given = as_floats(lon), as_floats(lat)
    if datum is Datum.GCJ02:
        result = _inverse(_gcj_from_wgs, *given)
    elif datum is Datum.BD09:
        result = _inverse(_gcj_from_wgs, *_inverse(_bd_from_gcj, *given))
    else:
        result = given
    return _like(lon, lat, result)


@overload
def from_wgs84(lon: float, lat: float, datum: Datum | str) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum | str) -> Pair: ...
def from_wgs84(
    lon: ArrayLike, lat: ArrayLike, datum: Datum | str
) -> tuple[float, float] | tuple[Floats, Floats]:
    """Turn WGS-84 coordinates into a datum: the way back of :func:`to_wgs84`.

    Examples
    --------
    >>> lon, lat = from_wgs84(106.25, 38.28, Datum.BD09)
    >>> round(lon, 6), round(lat, 6)
    (106.260988, 38.286143)
    """
    datum = _datum(datum)
    result = as_floats(lon), as_floats(lat)
    if datum in (Datum.GCJ02, Datum.BD09):
        result = _gcj_from_wgs(*result)
    if datum is Datum.BD09:
        result = _bd_from_gcj(*result)
    return _like(lon, lat, result)


def _datum(datum: Datum | str) -> Datum:
    try:
        return Datum(datum)
    except ValueError:
        allowed = tuple(Datum)
        raise GeoDataError(
            Reason.UNKNOWN_DATUM,
            f'The datum "{datum}" is not known: use one of {", ".join(allowed)}.',
            choices=allowed,
        ) from None


def as_floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _like(lon: ArrayLike, lat: ArrayLike, result: Pair) -> tuple[float, float] | Pair:
    if np.ndim(lon) == 0 and np.ndim(lat) == 0:
        return float(result[0]), float(result[1])
    return result


def _in_gcj_box(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _gcj_from_wgs(lon: Floats, lat: Floats) -> Pair:
    inside = _in_gcj_box(lon, lat)
    d_lon, d_lat = _gcj_shift(lon, lat)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _gcj_shift(lon: Floats, lat: Floats) -> Pair:
    """Shift of GCJ-02 against WGS-84 at WGS-84 places, in degrees."""
    x, y = lon - 105, lat - 35
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east_m = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
        + (ripple + _swell(x, (20, 40, 150, 300), (1, 3, 12, 30))) * 2 / 3
    )  # fmt: skip
    north_m = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
        + (ripple + _swell(y, (20, 40, 160, 320), (1, 3, 12, 30))) * 2 / 3
    )  # fmt: skip
    flat = 1 - _GCJ_E2 * np.sin(np.radians(lat)) ** 2
    metres_per_lat = np.radians(_GCJ_AXIS_M * (1 - _GCJ_E2) / flat**1.5)
    metres_per_lon = np.radians(_GCJ_AXIS_M * np.cos(np.radians(lat)) / np.sqrt(flat))
    return east_m / metres_per_lon, north_m / metres_per_lat


def _swell(values: Floats, heights: tuple[int, ...], lengths: tuple[int, ...]) -> Floats:
    waves = (h * np.sin(np.pi * values / w) for h, w in zip(heights, lengths, strict=True))
    return np.asarray(sum(waves), dtype=np.float64)


def _bd_from_gcj(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(np.radians(lat) * 3000)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(np.radians(lon) * 3000)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def _inverse(forward: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    """Places that `forward` carries to the given ones, by fixed-point iteration."""
    at_lon, at_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        lon_there, lat_there = forward(at_lon, at_lat)
        at_lon, at_lat = at_lon + (lon - lon_there), at_lat + (lat - lat_there)
    return at_lon, at_lat
