"""The places that counts are of: the grids in force, and what became of former ones.

A case keeps the very grid row it came in with. The counts of a former grid go to the grid in force
of the same area (the same code). A grid whose area has none any more is lost: its cases are located
anew by their points.
"""

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.insight.counts.pages import Ints, Page
from webapp.people.models import Office
from webapp.places.locating import OfficePlaces, office_places
from webapp.places.models import BoundaryVersion, Grid

_lock = threading.Lock()
_kept: WeakKeyDictionary[Any, dict[int, "Ground"]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class PageSlots:
    """The slots of a page's grids, and whether each is another (then sums need no care)."""

    slots: Ints
    distinct: bool
    lost: bool

    def add(self, sums: Ints, counts: Ints) -> None:
        """Add what the grids have, by any number of periods, to the slots."""
        if self.distinct:
            counts[self.slots] += sums
        else:
            np.add.at(counts, self.slots, sums)


@dataclass(frozen=True, eq=False)
class Ground:
    """The grids in force, and the slot of every grid there ever was.

    Slots 0 to n - 1 are the places, in the order of `places`; `nowhere` is what lies in no grid and
    `lost` what lay in a former one without a successor.
    """

    places: OfficePlaces
    slot_of: Ints  # by grid id
    lost_areas: list[int]
    _pages: WeakKeyDictionary[Page, PageSlots] = field(default_factory=WeakKeyDictionary)

    @property
    def nowhere(self) -> int:
        return len(self.places.grid_ids)

    @property
    def lost(self) -> int:
        return self.nowhere + 1

    @property
    def slots(self) -> int:
        return self.lost + 1

    def slots_of(self, grids: Ints) -> Ints:
        """The slots of grid ids; those of grids made since the ground was read count as lost."""
        known = grids < len(self.slot_of)
        return np.where(known, self.slot_of[np.where(known, grids, 0)], self.lost)

    def of_page(self, page: Page) -> PageSlots:
        """The same for a page, kept for as long as the page is."""
        if page not in self._pages:
            slots = self.slots_of(page.grids)
            distinct = len(np.unique(slots)) == len(slots)
            self._pages[page] = PageSlots(slots, distinct, bool((slots == self.lost).any()))
        return self._pages[page]

    @cached_property
    def paths(self) -> list[str]:
        """The area paths of the slots up to `nowhere`, which lies in the street."""
        return [*self.places.paths.tolist(), self.places.street_path]


def office_ground(session: Session, office: Office) -> Ground:
    """The ground of an office, read once a process for as long as its boundaries stand."""
    places = office_places(session, office)
    kept = _kept.setdefault(session.get_bind(), {})
    ground = kept.get(office.id)
    if ground is None or ground.places is not places:
        with _lock:
            ground = kept[office.id] = _read(session, office, places)
    return ground


def _read(session: Session, office: Office, places: OfficePlaces) -> Ground:
    rows = session.execute(
        select(Grid.id, Grid.area_id)
        .join(BoundaryVersion, BoundaryVersion.id == Grid.version_id)
        .where(BoundaryVersion.office_id == office.id)
    ).all()
    columns = list(zip(*rows, strict=True)) or [(), ()]
    ids, areas = (np.array(column, np.int64) for column in columns)
    slot_of_area = {area: at for at, area in enumerate(places.area_ids.tolist())}
    nowhere = len(places.grid_ids)
    slots = np.array([slot_of_area.get(area, nowhere + 1) for area in areas.tolist()], np.int64)
    slot_of = np.full(ids.max(initial=0) + 1, nowhere + 1)
    slot_of[0] = nowhere
    slot_of[ids] = slots
    return Ground(places, slot_of, np.unique(areas[slots > nowhere]).tolist())
