"""Hot spots of any file of points, over a net or the areas of another file; no database."""

import time
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from flask_babel import gettext as _
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gis.boundaries import read_boundaries
from gis.coordinates import metric_crs, valid_lonlat
from gis.emerging import Pattern
from gis.hotspots import gi_star, levels
from gis.localmoran import local_moran
from gis.membership import Membership
from gis.nets import NetKind, net_over_points
from gis.weights import distance_band, queen
from webapp.core.database import WGS84
from webapp.core.errors import BadInput
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.field import Field, net_places
from webapp.insight.hotspots.places import Places
from webapp.insight.hotspots.rules import QUEEN, By, Near

Shapes = NDArray[np.object_]
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
AREAS = By("areas")
"""The places are those of a file."""


@dataclass(frozen=True)
class VectorFile:
    """A file that somebody names, and what they say of it; None: what it states itself."""

    path: Path
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    code_field: str | None = None

    def read(self) -> gpd.GeoDataFrame:
        """In WGS-84; GeoDataError where the file does not say enough, or what cannot be."""
        return read_boundaries(
            self.path,
            layer=self.layer,
            code_field=self.code_field,
            crs=self.crs,
            encoding=self.encoding,
        )

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, eq=False)
class Tested:
    """The places with what was found, and their outlines in WGS-84."""

    analysis: Analysis
    outlines: Shapes
    crs: CRS  # in whose metres neighbours were looked for

    @property
    def points(self) -> int:
        return int(self.analysis.cases.sum()) + self.analysis.nowhere


def analyse_points(points: VectorFile, places: VectorFile | By, near: Near = QUEEN) -> Tested:
    """Where more points lie than an even spread would bring.

    Raises GeoDataError for files that cannot be read as said, nets that are too fine and counts of
    which nothing can be said; BadInput for files without points, or without areas that hold one.
    """
    begun = time.perf_counter()
    lonlat, missing = _points(points)
    middle = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    crs = metric_crs(float(middle[0]), float(middle[1]))
    metres = Transformer.from_crs(WGS84, crs, always_xy=True)
    if isinstance(places, By):
        field, outlines, at = _in_net(lonlat, places, near, metres)
    else:
        field, outlines, at = _in_areas(lonlat, places, near, crs)
    cases = np.bincount(at[at >= 0], minlength=len(field.places))
    if not cases.any():
        raise BadInput(
            "areas",
            _(
                "None of the %(count)d points of %(points)s lies in any of the areas of"
                " %(areas)s: see whether both are of the same place, and in the CRS they say.",
                count=len(at),
                points=points.name,
                areas=places.name if isinstance(places, VectorFile) else places.text,
            ),
        )
    nowhere = int(np.count_nonzero(at < 0)) + missing
    return Tested(_analysis(field, cases, nowhere, begun), outlines, crs)


def _points(file: VectorFile) -> tuple[NDArray[np.float64], int]:
    """Degrees of the points, shape (n, 2), and how many features have no place."""
    shapes = file.read().geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    kinds = shapely.get_type_id(shapes[there])
    if not np.isin(kinds, POINTS).all():
        number = int(np.count_nonzero(~np.isin(kinds, POINTS)))
        raise BadInput(
            "points",
            _(
                "%(count)d features of %(file)s are no points: give a file of points alone.",
                count=number,
                file=file.name,
            ),
        )
    lonlat = shapely.get_coordinates(shapes)
    if not len(lonlat):
        raise BadInput("points", _("%(file)s has no points.", file=file.name))
    wrong = int(np.count_nonzero(~valid_lonlat(*lonlat.T)))
    if wrong:
        raise BadInput(
            "points",
            _(
                "%(count)d points of %(file)s lie nowhere on earth in this CRS: say the CRS that"
                " they are in, such as --crs EPSG:4544.",
                count=wrong,
                file=file.name,
            ),
        )
    return lonlat, int(np.count_nonzero(~there))


def _in_net(
    lonlat: NDArray[np.float64], by: By, near: Near, metres: Transformer
) -> tuple[Field, Shapes, NDArray[np.int32]]:
    x, y = metres.transform(*lonlat.T)
    net = net_over_points(NetKind(by.kind), by.size_m, x, y)
    weights = net.queen() if near == QUEEN else distance_band(net.centres(), near.metres)
    field = Field(net_places(net, metres), weights, np.arange(len(net)), net, metres)
    outlines = gpd.GeoSeries(net.shapes(), crs=metres.target_crs).to_crs(WGS84)
    return field, outlines.to_numpy(), net.index(x, y)


def _in_areas(
    lonlat: NDArray[np.float64], file: VectorFile, near: Near, crs: CRS
) -> tuple[Field, Shapes, NDArray[np.int32]]:
    frame = file.read()
    shapes = frame.geometry.to_numpy()
    usable = np.isin(shapely.get_type_id(shapes), POLYGONS) & ~shapely.is_empty(shapes)
    if not usable.all() or not len(shapes):
        raise BadInput(
            "areas",
            _(
                "%(count)d of %(total)d features of %(file)s are no areas: give a file of"
                " polygons alone.",
                count=int(np.count_nonzero(~usable)),
                total=len(shapes),
                file=file.name,
            ),
        )
    flat = gpd.GeoSeries(shapely.make_valid(shapes), crs=WGS84).to_crs(crs)
    middles = flat.centroid.get_coordinates().to_numpy()
    weights = queen(flat.to_numpy()) if near == QUEEN else distance_band(middles, near.metres)
    places = _places_of(frame, flat)
    rank = np.arange(len(shapes))
    at, _several = Membership(shapes, rank).of(*np.ascontiguousarray(lonlat.T))
    return Field(places, weights, rank), shapes, at


def _places_of(frame: gpd.GeoDataFrame, flat: gpd.GeoSeries) -> Places:
    """Named by the field of the codes, else by their number in the file."""
    codes = np.where(frame.code == "", frame.row.astype(str), frame.code).astype(object)
    nothing = np.full(len(frame), "", object)
    return Places(
        ids=frame.row.to_numpy(np.int64),
        codes=codes,
        names=codes,
        paths=nothing,
        above=nothing,
        areas_m2=flat.area.to_numpy(),
        points=shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy())),
        grid_ids=np.full(len(frame), -1, np.int64),
    )


def _analysis(field: Field, cases: NDArray[np.int64], nowhere: int, begun: float) -> Analysis:
    """Of one time: nothing is said of how places develop."""
    n = len(cases)
    found = gi_star(cases, field.weights, int(cases.sum()))
    return Analysis(
        field, cases, cases.astype(np.float64), found.near, found.expected,
        found.z, found.p, found.corrected,
        levels(found.z, found.corrected), levels(found.z, found.p),
        local_moran(cases, field.weights),
        "", cases[:, None], (), np.full(n, Pattern.NONE, object), np.zeros(n, np.int8), [None] * n,
        _("the points have no dates"), field.weights.islands, nowhere,
        time.perf_counter() - begun,
    )  # fmt: skip
