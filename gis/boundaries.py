"""Read boundaries that people bring: nothing is guessed in silence, everything is proposed."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gis.crs import contradicts, parse_crs, propose_crs
from gis.datums import Datum, to_wgs84
from gis.errors import GeoDataError, Reason
from gis.fields import as_codes
from gis.inspection import (
    FileInspection,
    bounds_of,
    chosen_layer,
    inspect_file,
    stated_crs,
    text_encoding,
)
from gis.shapes import Shapes
from gis.uploads import StagedFile, staged
from gis.vector import layer_names, read_layer

__all__ = ["FileInspection", "inspect_file", "read_boundaries"]

_WGS84 = CRS.from_epsg(4326)
_AS_WGS84 = (4326, 4490)  # CGCS2000 differs from it by centimetres


def read_boundaries(
    path: Path | str,
    *,
    member: str | None = None,
    layer: str | None = None,
    code_field: str | None = None,
    name_field: str | None = None,
    parent_field: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    swap_axes: bool = False,
    datum: Datum | str = Datum.WGS84,
) -> gpd.GeoDataFrame:
    """Read boundaries into one uniform table.

    Parameters
    ----------
    path, member
        As for :func:`inspect_file`.
    layer
        Needed if the file has several.
    code_field, name_field, parent_field
        Fields of the file; a field left out gives empty texts, which the findings then report.
    crs
        The person's answer, stronger than what the file states. Needed if the file states none,
        or one that its coordinates contradict; but WGS-84 and CGCS2000 degrees are let through.
    encoding
        The person's answer, stronger than what the file states. Needed if a shapefile states
        none and has other than ASCII texts, or states a false one.
    swap_axes
        The file has the northing or latitude first.
    datum
        What the degrees truly are, if a finding says that they are shifted.

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:4326 with ``row`` (number in the file, from 1), ``code``, ``name``,
        ``parent_code`` (texts, empty if missing) and ``geometry``: MultiPolygon without Z; None
        and other kinds of geometry are kept for the findings. Degrees that are out of range are
        kept as they are, for the findings too.

    Raises
    ------
    GeoDataError
        As :func:`inspect_file`, and ``layer_missing``, ``field_missing``, ``crs_missing``,
        ``crs_unknown``, ``crs_mismatch``, ``encoding_missing``, ``encoding_wrong``: each with
        ``choices``.
    """
    with staged(path, member=member) as file:
        layer = chosen_layer(layer_names(file), layer, file.name)
        frame = read_layer(file, layer, encoding or _settled_encoding(file))
    for field in (code_field, name_field, parent_field):
        _check_field(frame, field, file.name)
    if swap_axes:
        exchanged = shapely.transform(frame.geometry.values, _exchange)
        frame = frame.set_geometry(exchanged, crs=frame.crs)
    shapes = _in_wgs84(frame, crs, file.name)
    if Datum(datum) is not Datum.WGS84:
        shapes = gpd.GeoSeries(_from_datum(shapes.to_numpy(), datum))
    columns = {"code": code_field, "name": name_field, "parent_code": parent_field}
    return gpd.GeoDataFrame(
        {"row": np.arange(1, len(frame) + 1)}
        | {name: _texts(frame, field) for name, field in columns.items()},
        geometry=shapes,
        crs=_WGS84,
    )


def _settled_encoding(file: StagedFile) -> str:
    texts = text_encoding(file)
    if texts.settled is not None:
        return texts.settled
    choices = tuple(proposal.encoding for proposal in texts.proposals)
    reason, said = Reason.ENCODING_MISSING, "does not state the encoding of its texts"
    if texts.contradicted:
        reason, said = Reason.ENCODING_WRONG, f"states {texts.stated}, which its texts are not in"
    raise GeoDataError(
        reason,
        f"{file.name} {said}: say which it is. "
        + " ".join(f"[{proposal.describe()}]" for proposal in texts.proposals),
        choices=choices,
    )


def _in_wgs84(frame: gpd.GeoDataFrame, said: str | None, name: str) -> gpd.GeoSeries:
    crs = parse_crs(said) if said else stated_crs(frame)
    bounds = bounds_of(frame)
    shapes = gpd.GeoSeries(_as_multipolygons(frame.geometry.values))
    if bounds is None:
        return shapes
    proposals = propose_crs(bounds)
    choices = tuple(dict.fromkeys(proposal.crs for proposal in proposals))
    words = " ".join(f"[{proposal.describe()}]" for proposal in proposals[:3])
    if crs is None:
        raise GeoDataError(
            Reason.CRS_MISSING, f"{name} does not state its CRS: say which it is. {words}",
            choices=choices,
        )  # fmt: skip
    if not contradicts(crs, bounds):
        return shapes.set_crs(crs).to_crs(_WGS84)
    if crs.to_epsg() in _AS_WGS84:
        return shapes  # for the findings, feature by feature
    raise GeoDataError(
        Reason.CRS_MISMATCH,
        f"The coordinates of {name} cannot be in {crs.name}: they run from "
        f"{bounds[0]:.10g}, {bounds[1]:.10g} to {bounds[2]:.10g}, {bounds[3]:.10g}. {words}",
        choices=choices,
    )


def _as_multipolygons(shapes: Shapes) -> Shapes:
    flat: Shapes = shapely.force_2d(np.asarray(shapes, dtype=object))
    single = shapely.get_type_id(flat) == shapely.GeometryType.POLYGON
    flat[single] = [shapely.MultiPolygon([shape]) for shape in flat[single]]
    return flat


def _check_field(frame: gpd.GeoDataFrame, field: str | None, name: str) -> None:
    fields = tuple(str(column) for column in frame.columns.drop(frame.geometry.name))
    if field is not None and field not in fields:
        raise GeoDataError(
            Reason.FIELD_MISSING,
            f'{name} has no field "{field}": choose one of {", ".join(fields)}.',
            choices=fields,
        )


def _texts(frame: gpd.GeoDataFrame, field: str | None) -> list[str]:
    return [""] * len(frame) if field is None else as_codes(frame[field])


def _exchange(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    return coordinates[:, ::-1]


def _from_datum(shapes: Shapes, datum: Datum | str) -> Shapes:
    def carry(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum))

    return np.asarray(shapely.transform(shapes, carry), dtype=object)
