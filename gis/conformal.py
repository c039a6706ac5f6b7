"""The map on which points are measured: ellipsoidal Mercator, the same scale in all directions.

Near a point a length on this map is a length on the ground divided by one number, so distances
come out in metres for every place at once, with no zones. Formulas: J. P. Snyder, *Map Projections:
A Working Manual*, USGS Professional Paper 1395 (1987), equations 7-7 and 7-8.
"""

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.coordinates import valid_lonlat

WGS84_SEMI_MAJOR_M = 6_378_137.0
WGS84_ECCENTRICITY = 0.0818191908426215
LONGEST_EDGE_DEG = 0.002
"""Edges are straight in degrees; pieces of this length stay within 1 mm of that on the map."""

Floats = NDArray[np.float64]


def to_map(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Place WGS-84 degrees on the map.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees, same shape; what is no place on Earth comes out as NaN.

    Returns
    -------
    tuple of ndarray
        x, y in map units (radians at the equator).

    Examples
    --------
    >>> x, y = to_map(np.array([106.25]), np.array([38.28]))
    >>> round(float(x[0]), 6), round(float(y[0]), 6)
    (1.854412, 0.720051)
    """
    place = valid_lonlat(lon, lat) & (np.abs(lat) < 90)
    sine = np.sin(np.radians(np.where(place, lat, np.nan)))
    y = np.arctanh(sine) - WGS84_ECCENTRICITY * np.arctanh(WGS84_ECCENTRICITY * sine)
    return np.radians(np.where(place, lon, np.nan)), y


def metres_per_unit(lat: Floats) -> Floats:
    """Metres on the ground for one map unit at a latitude.

    A distance d from a point, multiplied by the scale at that point, is wrong by at most
    d / (2 R) * tan(lat) of itself: 0.006 % for each kilometre at 38 degrees.

    Parameters
    ----------
    lat
        WGS-84 degrees.

    Returns
    -------
    ndarray
        Metres, same shape.

    Examples
    --------
    >>> metres_per_unit(np.array([0.0, 60.0])).round()
    array([6378137., 3197105.])
    """
    phi = np.radians(lat)
    ground = WGS84_SEMI_MAJOR_M * np.cos(phi)
    return np.asarray(ground / np.sqrt(1 - (WGS84_ECCENTRICITY * np.sin(phi)) ** 2))


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres on the ground for a degree of longitude and of latitude.

    Parameters
    ----------
    lat
        WGS-84 degrees.

    Returns
    -------
    tuple of float
        East, north.

    Examples
    --------
    >>> [round(metres) for metres in metres_per_degree(38.28)]
    [87497, 111002]
    """
    squeeze = 1 - (WGS84_ECCENTRICITY * math.sin(math.radians(lat))) ** 2
    north = WGS84_SEMI_MAJOR_M * (1 - WGS84_ECCENTRICITY**2) / squeeze**1.5
    east = float(metres_per_unit(np.array(lat)))
    return math.radians(east), math.radians(north)


def geometries_to_map(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Place geometries on the map; long edges get vertices so that they stay where they are.

    Parameters
    ----------
    geometries
        Shapely geometries in EPSG:4326.

    Returns
    -------
    ndarray
        Shapely geometries in map units, same shape.
    """

    def flatten(coordinates: Floats) -> Floats:
        return np.column_stack(to_map(coordinates[:, 0], coordinates[:, 1]))

    fine = shapely.segmentize(geometries, LONGEST_EDGE_DEG)
    return np.asarray(shapely.transform(fine, flatten))
