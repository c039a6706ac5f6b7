"""The tested places as a file: CSV, GeoJSON or GeoPackage, one row a place, neutral ones too."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from webapp.cases import exporting
from webapp.core.database import WGS84
from webapp.insight.hotspots.analysis import Analysis

FORMATS = exporting.FORMATS
SIGNS = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "png": "image/png",
}


def write_places(
    analysis: Analysis, outlines: NDArray[np.object_] | None, path: Path, kind: str
) -> None:
    """Write all places to a new file, whole or not at all.

    The columns are the same in every format and language, so that a program can read them; where
    nothing can be said of the places (`Analysis.reason`), z and p are empty.
    """
    columns = columns_of(analysis)
    with exporting.whole(path) as partial:
        if kind == "csv":
            rows = [dict(zip(columns, row, strict=True)) | {"point": None}
                    for row in zip(*columns.values(), strict=True)]  # fmt: skip
            exporting.write_rows(partial, kind, iter([rows]), ("name", "community"))
        else:
            frame = gpd.GeoDataFrame(columns, geometry=outlines, crs=WGS84)
            driver = {"geojson": "GeoJSON", "gpkg": "GPKG"}[kind]
            frame.to_file(partial, driver=driver, layer="hotspots")


def columns_of(analysis: Analysis) -> dict[str, list[Any]]:
    """One list a column, all of the places' order."""
    places = analysis.places
    return {
        "code": places.codes.tolist(),
        "name": places.names.tolist(),
        "community": places.above.tolist(),
        "cases": analysis.cases.tolist(),
        "value": _numbers(analysis.values),
        "with_neighbours": _numbers(analysis.around),
        "by_chance": _numbers(analysis.expected),
        "z": _numbers(analysis.z),
        "p": _numbers(analysis.p),
        "p_corrected": _numbers(analysis.q),
        "level": analysis.level.tolist(),
        "level_raw": analysis.raw.tolist(),
        "local_moran": _numbers(analysis.beside.i),
        "moran_z": _numbers(analysis.beside.z),
        "moran_p": _numbers(analysis.beside.p),
        "moran_p_corrected": _numbers(analysis.beside.corrected),
        "moran_kind": [str(kind) for kind in analysis.kinds(raw=False)],
        "moran_kind_raw": [str(kind) for kind in analysis.kinds(raw=True)],
        "development": analysis.development_keys(),
        "since": [day.isoformat() if day else None for day in analysis.since],
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
