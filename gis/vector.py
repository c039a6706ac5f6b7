"""The one door to GDAL: six drivers, nothing else, and its errors in words.

GDAL opens what a file says it is, whatever its name, and some of its formats point to other
files, web addresses or commands (VRT, GDALG, WFS). So all drivers but ours are taken out of
this process when this module is imported.
"""

import codecs
from functools import lru_cache

import geopandas as gpd
import pyogrio
from pyogrio._ogr import _register_drivers
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from gis.encodings import python_codec
from gis.errors import GeoDataError, Reason
from gis.geojson import read_feature_collection
from gis.uploads import FileFormat, StagedFile

# MEM never reads a file: GDAL and pyogrio use it for their own work.
DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML", "FlatGeobuf", "MEM"})
_FAILURES = (DataSourceError, DataLayerError, FeatureError, GeometryError)
# What LIBKML adds to every layer, whether the file says it or not.
_KML_OWN = ("id", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude",
            "visibility", "drawOrder", "icon")  # fmt: skip


@lru_cache(maxsize=1)
def allow_only_our_drivers() -> None:
    """Take all drivers but ours out of GDAL, once a process.

    Raises
    ------
    RuntimeError
        If one of the others is still there: better no import than an unsafe one.
    """
    others = set(pyogrio.list_drivers()) - DRIVERS
    before = pyogrio.get_gdal_config_option("GDAL_SKIP")
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(sorted(others))})
    _register_drivers()  # GDAL drops what it is to skip whenever it registers its drivers
    pyogrio.set_gdal_config_options({"GDAL_SKIP": before})
    left = set(pyogrio.list_drivers()) - DRIVERS
    if left:
        raise RuntimeError(f"GDAL still has the drivers {', '.join(sorted(left))}")


allow_only_our_drivers()


def layer_names(file: StagedFile) -> tuple[str, ...]:
    """Layers with shapes of a staged file; one unnamed for a format that has no layers."""
    if file.format is FileFormat.GEOJSON:
        return ("",)
    try:
        layers = pyogrio.list_layers(file.path)
    except _FAILURES as error:
        raise _broken(file, error) from error
    if file.format in (FileFormat.GEOPACKAGE, FileFormat.KML):
        return tuple(str(name) for name, geometry in layers if geometry is not None)
    if not len(layers):
        raise _broken(file, "it has no beginning that makes sense")
    return ("",)


def read_layer(file: StagedFile, layer: str, encoding: str | None) -> gpd.GeoDataFrame:
    """Read one layer as it is.

    Parameters
    ----------
    file
        A checked file.
    layer
        One of :func:`layer_names`.
    encoding
        Of a shapefile's texts; the other formats are UTF-8 by definition.

    Returns
    -------
    geopandas.GeoDataFrame
        Fields as they are called in the file, CRS as stated or None.

    Raises
    ------
    GeoDataError
        ``broken_file`` or ``encoding_wrong``.
    """
    if file.format is FileFormat.GEOJSON:
        return read_feature_collection(file.path, file.name)
    is_shapefile = file.format is FileFormat.SHAPEFILE
    try:
        frame = pyogrio.read_dataframe(
            file.path,
            layer=layer or None,
            # Latin-1 keeps every byte, so that the true encoding can be applied afterwards.
            encoding="ISO-8859-1" if is_shapefile else None,
            datetime_as_string=True,
            on_invalid="ignore",
        )
    except _FAILURES as error:
        raise _broken(file, error) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeoDataError(Reason.NO_BOUNDARY_FILE, f"{file.name} is a table without shapes.")
    if is_shapefile:
        return _decoded(frame, encoding or "UTF-8", file.name)
    if file.format is FileFormat.KML:
        return frame.drop(columns=[name for name in _KML_OWN if name in frame])
    return frame


def _decoded(frame: gpd.GeoDataFrame, encoding: str, name: str) -> gpd.GeoDataFrame:
    """Texts and field names of a shapefile, read as Latin-1, in their true encoding."""
    codec = python_codec(encoding)
    if codec is None:
        raise GeoDataError(
            Reason.ENCODING_WRONG, f'There is no encoding "{encoding}": use UTF-8, GBK or Big5.'
        )

    def true_text(value: object) -> object:
        if not isinstance(value, str) or value.isascii():
            return value
        # The format cuts long texts at a byte: half a character at the end is let go.
        decoder = codecs.getincrementaldecoder(codec)()
        return decoder.decode(value.encode("latin-1"))

    try:
        frame = frame.rename(columns={c: true_text(c) for c in frame.columns})
        for column in frame.columns.drop(frame.geometry.name):
            if frame[column].dtype in ("object", "str"):
                frame[column] = frame[column].map(true_text)
    except UnicodeDecodeError as error:
        raise GeoDataError(
            Reason.ENCODING_WRONG,
            f"The texts of {name} are not in {encoding} ({error.object[:20]!r}): choose another.",
        ) from error
    return frame


def _broken(file: StagedFile, error: object) -> GeoDataError:
    said = str(error).replace(str(file.path), file.name)
    return GeoDataError(Reason.BROKEN_FILE, f"{file.name} cannot be read as {file.format}: {said}")
