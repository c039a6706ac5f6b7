"""Look into a file before it is read: what it states, and what a person must still say."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import CRS

from gis.crs import Bounds, CrsProposal, contradicts, propose_crs
from gis.encodings import EncodingProposal, TextEncoding, shapefile_encoding
from gis.errors import GeoDataError, Reason
from gis.fields import Field, FieldProposal, describe_fields, propose_fields
from gis.uploads import FileFormat, StagedFile, staged
from gis.vector import layer_names, read_layer

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
        layer = chosen_layer(layers, layer or layers[0] if layers else layer, file.name)
        texts = text_encoding(file)
        proposed = texts.proposals[0].encoding if texts.proposals else None
        frame = read_layer(file, layer, texts.settled or proposed or texts.stated)
    bounds = bounds_of(frame)
    crs = stated_crs(frame)
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


def chosen_layer(layers: tuple[str, ...], layer: str | None, name: str) -> str:
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


def text_encoding(file: StagedFile) -> TextEncoding:
    return shapefile_encoding(file.path) if file.format is FileFormat.SHAPEFILE else _UTF8


def stated_crs(frame: gpd.GeoDataFrame) -> CRS | None:
    """The CRS of a file, unless it is GDAL's or GeoPackage's word for "undefined"."""
    crs: CRS | None = frame.crs
    return crs if crs is not None and (crs.is_geographic or crs.is_projected) else None


def bounds_of(frame: gpd.GeoDataFrame) -> Bounds | None:
    x_min, y_min, x_max, y_max = (float(value) for value in frame.total_bounds)
    finite = np.isfinite((x_min, y_min, x_max, y_max)).all()
    return (x_min, y_min, x_max, y_max) if finite else None
