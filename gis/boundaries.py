"""Read boundaries that people bring: nothing is guessed in silence, everything is proposed."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gis.crs import Bounds, CrsProposal, contradicts, parse_crs, propose_crs
from gis.encodings import EncodingProposal, TextEncoding, shapefile_encoding
from gis.errors import GeoDataError, Reason
from gis.fields import Field, FieldProposal, as_codes, describe_fields, propose_fields
from gis.uploads import FileFormat, StagedFile, staged
from gis.vector import layer_names, read_layer

__all__ = [
    "CrsProposal", "EncodingProposal", "Field", "FieldProposal", "FileInspection",
    "inspect_file", "read_boundaries",
]  # fmt: skip

_WGS84 = CRS.from_epsg(4326)
_UTF8 = TextEncoding("UTF-8", contradicted=False, proposals=())


@dataclass(frozen=True)
class FileInspection:
    """What a file says about itself, and what a person must still say.

    Attributes
    ----------
    name
        The file, or the member of an archive.
    format
        One of :class:`gis.uploads.FileFormat`.
    layers, layer
        Its layers with shapes, and the one inspected ("" for a format without layers).
    feature_count
        How many features the layer has.
    geometry_types
        Kinds of geometry that occur, such as ("Polygon",).
    bounds
        ``(x_min, y_min, x_max, y_max)`` as they stand in the file; None if it has no coordinates.
    crs
        The stated CRS; None if there is none.
    crs_contradicted
        The coordinates cannot be in the stated CRS.
    crs_proposals
        CRS that fit the coordinates, filled if none is stated or the stated one is contradicted.
    encoding
        The stated encoding, or "UTF-8" where all texts are plain ASCII; None if unknown.
    encoding_contradicted
        The texts are not in the stated encoding: the .cpg lies.
    encoding_proposals
        Encodings that fit the texts, with samples.
    fields
        Fields and samples of their values; undecided texts are decoded by the first proposal.
    field_proposal
        Which of them may be code, name and parent's code.
    """

    name: str
    format: FileFormat
    layers: tuple[str, ...]
    layer: str
    feature_count: int
    geometry_types: tuple[str, ...]
    bounds: Bounds | None
    crs: CRS | None
    crs_contradicted: bool
    crs_proposals: tuple[CrsProposal, ...]
    encoding: str | None
    encoding_contradicted: bool
    encoding_proposals: tuple[EncodingProposal, ...]
    fields: tuple[Field, ...]
    field_proposal: FieldProposal

    @property
    def needs(self) -> tuple[str, ...]:
        """What a person must say before the file can be read: "crs", "encoding", or nothing."""
        needs = []
        if self.crs is None or self.crs_contradicted:
            needs.append("crs")
        if self.encoding is None or self.encoding_contradicted:
            needs.append("encoding")
        return tuple(needs)


def inspect_file(
    path: Path | str,
    *,
    member: str | None = None,
    layer: str | None = None,
    near: tuple[float, float] | None = None,
) -> FileInspection:
    """Look into a file of boundaries before it is read.

    Parameters
    ----------
    path
        Zipped shapefile, .shp, .gpkg, .geojson, .json, .kml, .kmz or .fgb.
    member
        Which vector file of an archive with several.
    layer
        Which layer; the first if not said.
    near
        WGS-84 ``(lon, lat)`` where the boundaries should lie: sharpens the proposals of a CRS.

    Returns
    -------
    FileInspection
        See there.

    Raises
    ------
    GeoDataError
        A file that is unsafe, broken, incomplete, empty or of no known format, see
        :func:`gis.uploads.staged`; ``layer_missing``.
    """
    with staged(path, member=member) as file:
        layers = layer_names(file)
        layer = _chosen_layer(layers, layer or layers[0] if layers else layer, file.name)
        texts = _text_encoding(file)
        proposed = texts.proposals[0].encoding if texts.proposals else None
        frame = read_layer(file, layer, texts.settled or proposed or texts.stated)
    bounds = _bounds(frame)
    crs = _stated_crs(frame)
    contradicted = crs is not None and bounds is not None and contradicts(crs, bounds)
    open_question = bounds is not None and (crs is None or contradicted)
    fields = describe_fields(frame.drop(columns=frame.geometry.name))
    return FileInspection(
        name=file.name,
        format=file.format,
        layers=layers,
        layer=layer,
        feature_count=len(frame),
        geometry_types=tuple(sorted(frame.geom_type.dropna().unique())),
        bounds=bounds,
        crs=crs,
        crs_contradicted=contradicted,
        crs_proposals=propose_crs(bounds, near) if bounds and open_question else (),
        encoding=texts.stated or texts.settled,
        encoding_contradicted=texts.contradicted,
        encoding_proposals=texts.proposals if texts.settled is None else (),
        fields=fields,
        field_proposal=propose_fields(fields),
    )


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
        or a projected one that its coordinates contradict.
    encoding
        The person's answer, stronger than what the file states. Needed if a shapefile states
        none and has other than ASCII texts, or states a false one.
    swap_axes
        The file has the northing or latitude first.

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
        layer = _chosen_layer(layer_names(file), layer, file.name)
        frame = read_layer(file, layer, encoding or _settled_encoding(file))
    for field in (code_field, name_field, parent_field):
        _check_field(frame, field, file.name)
    if swap_axes:
        frame = frame.set_geometry(shapely.transform(frame.geometry.values, _exchange))
    shapes = _in_wgs84(frame, crs, file.name)
    columns = {"code": code_field, "name": name_field, "parent_code": parent_field}
    return gpd.GeoDataFrame(
        {"row": np.arange(1, len(frame) + 1)}
        | {name: _texts(frame, field) for name, field in columns.items()},
        geometry=shapes,
        crs=_WGS84,
    )


def _chosen_layer(layers: tuple[str, ...], layer: str | None, name: str) -> str:
    if not layers:
        raise GeoDataError(Reason.NO_BOUNDARY_FILE, f"{name} has no layer with shapes.")
    if layer is None and len(layers) == 1:
        return layers[0]
    if layer in layers:
        return str(layer)
    said = f'no layer "{layer}"' if layer else f"{len(layers)} layers"
    raise GeoDataError(
        Reason.LAYER_MISSING, f"{name} has {said}: choose one of {', '.join(layers)}.",
        choices=layers,
    )  # fmt: skip


def _text_encoding(file: StagedFile) -> TextEncoding:
    return shapefile_encoding(file.path) if file.format is FileFormat.SHAPEFILE else _UTF8


def _settled_encoding(file: StagedFile) -> str:
    texts = _text_encoding(file)
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


def _stated_crs(frame: gpd.GeoDataFrame) -> CRS | None:
    """The CRS of a file, unless it is GDAL's or GeoPackage's word for "undefined"."""
    crs: CRS | None = frame.crs
    return crs if crs is not None and (crs.is_geographic or crs.is_projected) else None


def _in_wgs84(frame: gpd.GeoDataFrame, said: str | None, name: str) -> gpd.GeoSeries:
    crs = parse_crs(said) if said else _stated_crs(frame)
    bounds = _bounds(frame)
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
    if crs.is_geographic:  # for the findings, feature by feature
        return shapes
    raise GeoDataError(
        Reason.CRS_MISMATCH,
        f"The coordinates of {name} cannot be in {crs.name}: they run from "
        f"{bounds[0]:.10g}, {bounds[1]:.10g} to {bounds[2]:.10g}, {bounds[3]:.10g}. {words}",
        choices=choices,
    )


def _bounds(frame: gpd.GeoDataFrame) -> Bounds | None:
    x_min, y_min, x_max, y_max = (float(value) for value in frame.total_bounds)
    finite = np.isfinite((x_min, y_min, x_max, y_max)).all()
    return (x_min, y_min, x_max, y_max) if finite else None


def _as_multipolygons(shapes: np.ndarray) -> np.ndarray:
    flat: np.ndarray = shapely.force_2d(np.asarray(shapes, dtype=object))
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


def _exchange(coordinates: np.ndarray) -> np.ndarray:
    return coordinates[:, ::-1]
