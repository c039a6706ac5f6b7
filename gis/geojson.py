"""GeoJSON feature collections, read without GDAL so that every error can name its feature."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis.errors import GeoDataError, Reason

_WGS84 = "EPSG:4326"  # what RFC 7946 says where no CRS is stated


def read_feature_collection(path: Path, name: str) -> gpd.GeoDataFrame:
    """Read a GeoJSON FeatureCollection.

    Parameters
    ----------
    path
        Where the file lies.
    name
        What the person calls it, for messages.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a feature, its properties as columns, in the CRS of the old ``crs`` member or else
        WGS-84 (RFC 7946).

    Raises
    ------
    GeoDataError
        ``encoding_wrong`` (not UTF-8), ``broken_file`` (not JSON, or not a FeatureCollection),
        ``bad_geometry`` (with the feature's number, from 1) or ``crs_unknown``.
    """
    document = _load(path, name)
    features = document["features"]
    rows = [_properties(feature, number, name) for number, feature in enumerate(features, 1)]
    shapes = [_shape(feature, number, name) for number, feature in enumerate(features, 1)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=_crs(document.get("crs"), name))


def _load(path: Path, name: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise GeoDataError(
            Reason.ENCODING_WRONG,
            f"{name} is not UTF-8 (byte {error.start}): GeoJSON must be. Save it as UTF-8.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise GeoDataError(Reason.BROKEN_FILE, f"{name} is not JSON: {error}.") from error
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        if isinstance(document.get("features"), list):
            return document
        raise GeoDataError(Reason.BROKEN_FILE, f"{name} lacks the list of its features.")
    found = "an array" if isinstance(document, list) else "something else"
    raise GeoDataError(
        Reason.BROKEN_FILE,
        f'{name} holds {found}, but must be one object of "type": "FeatureCollection".',
    )


def _properties(feature: Any, number: int, name: str) -> dict[str, Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise GeoDataError(
            Reason.BROKEN_FILE, f'{name}: no. {number} is not of "type": "Feature".', feature=number
        )
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise GeoDataError(
            Reason.BROKEN_FILE, f"{name}: the properties of no. {number} are no object.",
            feature=number,
        )  # fmt: skip
    return properties


def _shape(feature: dict[str, Any], number: int, name: str) -> BaseGeometry | None:
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    try:
        made: BaseGeometry = shape(geometry)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, RecursionError,
            shapely.errors.ShapelyError) as error:  # fmt: skip
        raise GeoDataError(
            Reason.BAD_GEOMETRY,
            f"{name}: the geometry of no. {number} cannot be read ({error}).",
            feature=number,
        ) from error
    return made


def _crs(member: Any, name: str) -> CRS:
    if member is None:
        return CRS.from_user_input(_WGS84)
    try:
        crs = CRS.from_user_input(member["properties"]["name"])
    except (TypeError, KeyError, CRSError) as error:
        raise GeoDataError(
            Reason.CRS_UNKNOWN, f"{name} states a CRS that is not known: {member!r:.100}."
        ) from error
    # "CRS84" is WGS-84 with the longitude first, which is how every CRS is read here.
    return CRS.from_user_input(_WGS84) if crs.to_authority() == ("OGC", "CRS84") else crs
