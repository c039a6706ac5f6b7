"""The field of an analysis: its places, who is whose neighbour, and where a case lies in it.

A process keeps what it has read or made for as long as the boundaries stand, the newest first.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from sqlalchemy.orm import Session

from gis.nets import Net, NetKind, net_over_area
from gis.weights import Weights, distance_band
from webapp.core.database import WGS84
from webapp.core.memory import give_back
from webapp.insight.hotspots.neighbours import keep_neighbours, neighbours_of
from webapp.insight.hotspots.places import (
    Places,
    communities_of,
    grids_of,
    moved,
    outlines_of,
    to_metres,
)
from webapp.insight.hotspots.rules import QUEEN, By, Near
from webapp.people.models import Office
from webapp.places.locating import OfficePlaces, office_places

MOST_KEPT = 24
MOST_BYTES = 32_000_000
PLACE_BYTES = 500  # of a place: its numbers, its names as texts
Key = tuple[Any, ...]
_lock = threading.RLock()
_kept: WeakKeyDictionary[Any, "OrderedDict[Key, tuple[OfficePlaces, Any]]"] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Field:
    """Places with their neighbours; `at` are the indices of grids as in `GridCounts.at`."""

    places: Places
    weights: Weights
    at: NDArray[np.int64]
    net: Net | None = None
    metres: Transformer | None = None  # from WGS-84 to the net's CRS

    def cell_of(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int32]:
        """Of a net: the cell of each point, -1 outside."""
        assert self.net is not None and self.metres is not None  # noqa: S101, PT018 - of nets
        return self.net.index(*self.metres.transform(lon, lat))

    def outlines(self, session: Session) -> NDArray[np.object_]:
        """The shapes of the places in WGS-84."""
        if self.net is None:
            return outlines_of(session, self.places)
        back = Transformer.from_crs(self.metres.target_crs, WGS84, always_xy=True)  # type: ignore[union-attr]
        return moved(self.net.shapes(), back)


def grid_field(session: Session, office: Office, at: NDArray[np.int64], near: Near) -> Field:
    """Some of the grids in force, with those of their neighbours that are among them."""
    places = grids_of(session, office)
    key = ("grids", near.text)
    weights = _keeping(session, office, key, lambda: neighbours_of(session, office, near))
    if len(at) == len(places):
        return Field(places, weights, at)
    chosen = np.zeros(len(places), bool)
    chosen[at] = True
    return Field(places.only(chosen), weights.only(chosen), at)


def prepare_grids(session: Session, office: Office, near: Near) -> None:
    """Have the neighbours of the grids at hand, here and in the database; write nothing before."""
    key = ("grids", near.text)
    _keeping(session, office, key, lambda: keep_neighbours(session, office, near))


def net_field(session: Session, office: Office, at: NDArray[np.int64], by: By, near: Near) -> Field:
    """A net over some of the grids in force."""
    key = ("net", by.text, near.text, hash(at.tobytes()))
    return _keeping(session, office, key, lambda: _net(session, office, at, by, near))  # type: ignore[no-any-return]


def _keeping(session: Session, office: Office, key: Key, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept while the office's boundaries are what they are."""
    ours, key = office_places(session, office), (office.id, *key)
    with _lock:
        kept = _kept.setdefault(session.get_bind(), OrderedDict())
        if key in kept and kept[key][0] is ours:
            kept.move_to_end(key)
            return kept[key][1]
        made = make()
        kept[key] = ours, made
        room = sum(_bytes_of(one) for _, one in kept.values())
        while len(kept) > 1 and (len(kept) > MOST_KEPT or room > MOST_BYTES):
            room -= _bytes_of(kept.popitem(last=False)[1][1])
        return made


def _bytes_of(made: Weights | Field) -> int:
    if isinstance(made, Field):
        return _bytes_of(made.weights) + PLACE_BYTES * len(made.places)
    return int(made.indices.nbytes + made.indptr.nbytes)


def _net(session: Session, office: Office, at: NDArray[np.int64], by: By, near: Near) -> Field:
    """Anchored to the origin of the CRS, so that the same cells come back for any area."""
    grids = grids_of(session, office)
    metres = to_metres(grids)
    net = net_over_area(NetKind(by.kind), by.size_m, _area(session, office, at, metres))
    places = net_places(net, metres)
    weights = net.queen() if near == QUEEN else distance_band(net.centres(), near.metres)
    give_back()
    return Field(places, weights, at, net, metres)


def net_places(net: Net, metres: Transformer) -> Places:
    """The cells of a net, named by column and row from the origin of its CRS."""
    back = Transformer.from_crs(metres.target_crs, WGS84, always_xy=True)
    column, row = net.addresses
    names = np.array([f"{c}·{r}" for c, r in zip(column.tolist(), row.tolist(), strict=True)])
    nothing = np.full(len(net), "", object)
    size = net.size_m**2 * (1.0 if net.kind is NetKind.SQUARE else 3**0.5 / 2)
    return Places(
        ids=np.arange(len(net), dtype=np.int64),
        codes=names.astype(object),
        names=names.astype(object),
        paths=nothing,
        above=nothing,
        areas_m2=np.full(len(net), size),
        points=np.column_stack(back.transform(*net.centres().T)),
        grid_ids=np.full(len(net), -1, np.int64),
    )


def _area(session: Session, office: Office, at: NDArray[np.int64], metres: Transformer) -> Any:
    """What the net lies over: all communities, or the grids of a part of them."""
    grids = grids_of(session, office)
    if len(at) == len(grids):
        shapes = communities_of(session, office)
    else:
        chosen = np.zeros(len(grids), bool)
        chosen[at] = True
        shapes = outlines_of(session, grids.only(chosen))
    return shapely.union_all(shapely.make_valid(moved(shapes, metres)))
