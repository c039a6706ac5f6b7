"""Findings with their shapes, as GeoJSON."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.coordinates import valid_lonlat
from gis.findings import Finding
from webapp.places.service.request import BoundaryCheck
from webapp.places.service.versions import as_record

_DECIMALS = 7  # a centimetre
_MOST_COORDINATES = 50_000  # that are shown as they are; more are simplified
_STEPS_ACROSS = 4_000
_MOST_SHAPES = 20  # a finding about more areas is about the whole file


def as_geojson(check: BoundaryCheck) -> dict[str, Any]:
    """Every finding of a check as a feature: its record, a sentence in English, what to draw."""
    shapes = dict(zip(check.areas["row"], check.areas.geometry, strict=True))
    return {
        "type": "FeatureCollection",
        "features": [
            *(_feature(finding, _shape(finding, shapes)) for finding in check.findings),
            *(_feature(finding, finding.geometry) for finding in check.carried_findings),
        ],
    }


def outlines(areas: gpd.GeoDataFrame) -> dict[str, Any]:
    """Areas with code and name, no finer than a map that shows them all."""
    shapes = np.asarray(areas.geometry.values, object)
    if shapely.get_num_coordinates(shapes).sum() > _MOST_COORDINATES:
        west, south, east, north = areas.total_bounds
        shapes = shapely.simplify(shapes, max(east - west, north - south) / _STEPS_ACROSS)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": drawn(shape),
                "properties": {"code": code, "name": name},
            }
            for code, name, shape in zip(areas["code"], areas["name"], shapes, strict=True)
        ],
    }


def drawn(shape: BaseGeometry | None) -> Any:
    """A shape as GeoJSON to the centimetre; None if it has no place on Earth."""
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    if not valid_lonlat([west, east], [south, north]).all():
        return None
    return json.loads(shapely.to_geojson(shapely.transform(shape, _rounded)))


def _feature(finding: Finding, shape: BaseGeometry | None) -> dict[str, Any]:
    record = as_record(finding)
    return {
        "type": "Feature",
        "geometry": drawn(shape),
        "properties": {**record, "words": finding.describe()},
    }


def _shape(finding: Finding, shapes: dict[int, BaseGeometry]) -> BaseGeometry | None:
    """What a finding shows, else the areas it is about."""
    if finding.geometry is not None:
        return finding.geometry
    known = [shapes[row] for row in finding.features if shapes.get(row) is not None]
    return shapely.GeometryCollection(known) if 0 < len(known) <= _MOST_SHAPES else None


def _rounded(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    return lonlat.round(_DECIMALS)
