"""How many reports where and when: exact at every moment.

What the cube knows is answered from it; a selection by state, lamp or condition is counted from the
cases themselves. The answer is the same: `Selection.in_cube` says which it will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from webapp.cases.choosing import area_path_named, class_paths, department_named
from webapp.insight.counts.ground import Ground, office_ground
from webapp.insight.counts.pages import CODES, Cells, Ints, Page, Picked, months_of
from webapp.insight.counts.points import lost_cells, selected_cells
from webapp.insight.counts.results import Breakdown, GridCounts, GridSeries
from webapp.insight.counts.snapshot import Snapshot, read_snapshot
from webapp.insight.selection import Selection, checked
from webapp.people.models import Office
from webapp.standards.service import office_standards

Bools = NDArray[np.bool_]
DAY_ZERO = date(1970, 1, 1)
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


def grid_counts(session: Session, office: Office, selection: Selection) -> GridCounts:
    """The reports of each grid in force from `selection.since` to `selection.until`."""
    checked(selection)
    counting = Counting(session, office, selection, _edges_of(selection))
    counts = counting.sums()
    return GridCounts(
        at=counting.scope.at,
        counts=counts[counting.scope.at, 0],
        whole=counting.scope.in_area[counting.scope.at],
        nowhere=int(counts[counting.ground.nowhere, 0]),
        relocated=counting.relocated,
    )


def grid_series(
    session: Session, office: Office, selection: Selection, edges: Sequence[date]
) -> GridSeries:
    """The same by period (see `selection.weeks`, `months`, `days`), whatever the selection's days.

    `edges` are k + 1 rising days; period i holds those from `edges[i]` to before `edges[i + 1]`.
    """
    counting = Counting(session, office, selection, edges)
    counts = counting.sums()
    return GridSeries(
        at=counting.scope.at,
        counts=counts[counting.scope.at],
        whole=counting.scope.in_area[counting.scope.at],
        nowhere=counts[counting.ground.nowhere],
        relocated=counting.relocated,
        edges=tuple(edges),
    )


def breakdown(session: Session, office: Office, selection: Selection, at: Ints) -> Breakdown:
    """Classes and lead departments of the reports of some grids, indices as in `GridCounts.at`."""
    counting = Counting(session, office, selection, _edges_of(selection))
    cells = counting.parts_at(at)
    return Breakdown(
        classes=_ranked(cells.grids, cells.classes, cells.n, len(at)),
        departments=_ranked(cells.grids, cells.departments, cells.n, len(at)),
    )


def _ranked(owner: Ints, kind: Ints, n: Ints, owners: int) -> list[list[tuple[int, int]]]:
    kinds, of = np.unique(kind, return_inverse=True)
    table = np.bincount(owner * len(kinds) + of, n, owners * len(kinds)).astype(np.int64)
    ranked = []
    for row in table.reshape(owners, -1).tolist():
        pairs = [(int(k), count) for k, count in zip(kinds, row, strict=True) if count]
        ranked.append(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
    return ranked


def _edges_of(selection: Selection) -> tuple[date, date]:
    after = (selection.until or LAST).toordinal() + 1
    return selection.since or FIRST, date.fromordinal(after)


@dataclass(frozen=True, eq=False)
class Scope:
    """Where somebody may count: bools by slot up to `nowhere`.

    `in_area`: all reports; `by_department`: those that the `own` departments lead.
    """

    in_area: Bools
    by_department: Bools
    own: tuple[int, ...]

    @property
    def at(self) -> Ints:
        return np.flatnonzero((self.in_area | self.by_department)[:-1])


@dataclass(frozen=True)
class Wanted:
    """Which combinations count; None does not restrict."""

    classes: Ints | None
    department: int | None
    source: int | None

    def of(self, some: Page | Cells, own: tuple[int, ...] | None = None) -> Bools:
        """Which combinations of a page, or which cells, count (for these departments alone)."""
        right = np.ones(len(some.classes), bool)
        if self.classes is not None:
            right &= np.isin(some.classes, self.classes)
        if self.department is not None:
            right &= some.departments == self.department
        if self.source is not None:
            right &= some.sources == self.source
        if own is not None:
            right &= np.isin(some.departments, own)
        return right


class Counting:
    """One selection over some periods, ready to be added up."""

    def __init__(
        self, session: Session, office: Office, selection: Selection, edges: Sequence[date]
    ) -> None:
        self.ground = office_ground(session, office)
        self.scope = _scope(session, office, self.ground, selection)
        self.edges = np.array([(day - DAY_ZERO).days for day in edges], np.int64)
        self.wanted = Wanted(None, None, None)
        if selection.in_cube():
            first, last = months_of(self.edges[[0, -1]] - np.array([0, 1])).tolist()
            self.snapshot = read_snapshot(session, office, first, last)
            self.wanted = _wanted(session, office, selection)
        else:
            cells = selected_cells(session, office, selection, edges)
            self.snapshot = Snapshot([], cells)
        self.loose = self._placed(session, office, selection, edges)

    def _placed(
        self, session: Session, office: Office, selection: Selection, edges: Sequence[date]
    ) -> Cells:
        """The loose cells with slots in place of grids; what was lost is located anew."""
        changes = self.snapshot.changes
        slots = self.ground.slots_of(changes.grids)
        lost = bool((slots == self.ground.lost).any()) or any(
            self.ground.of_page(page).lost for page in self.snapshot.pages
        )
        parts = [changes.at(slots)[slots != self.ground.lost]]
        self.relocated = 0
        if lost:
            found = lost_cells(session, office, self.ground, selection, edges)
            self.relocated = len(found)
            parts.append(found)
        return Cells.joined(parts)

    def sums(self) -> Ints:
        """Reports by slot up to `nowhere` and by period, shape (n + 1, k)."""
        counts = self._sums(None) * self.scope.in_area[:, None]
        if self.scope.by_department.any():
            counts += self._sums(self.scope.own) * self.scope.by_department[:, None]
        return counts

    def _sums(self, own: tuple[int, ...] | None) -> Ints:
        periods = len(self.edges) - 1
        counts = np.zeros((self.ground.slots, periods), np.int64)
        for page in self.snapshot.pages:
            self._add_page(counts, page, self.wanted.of(page, own))
        cells = self.loose[self.wanted.of(self.loose, own)]
        period = self._periods(cells.days)
        inside = period >= 0
        np.add.at(counts, (cells.grids[inside], period[inside]), cells.n[inside])
        return counts[: self.ground.lost]

    def _add_page(self, counts: Ints, page: Page, wanted: Bools) -> None:
        period = self._periods(page.month_days)
        if not wanted.any() or (period < 0).all():
            return
        picked, grids = page.picked(wanted), len(page.grids)
        slots = self.ground.of_page(page)
        if period[0] >= 0 and (period == period[0]).all():  # a whole month in one period
            slots.add(_bincount(picked.places, picked.n, grids), counts[:, period[0]])
            return
        first, last = period[period >= 0].min(), period.max()  # only those that it touches
        index, n = _by_period(picked, np.where(period < 0, -1, period - first), last - first + 1)
        sums = _bincount(index, n, grids * (last - first + 1)).reshape(grids, -1)
        slots.add(sums, counts[:, first : last + 1])

    def _periods(self, days: Ints) -> Ints:
        """In which period each day lies, -1 for none."""
        period = np.searchsorted(self.edges, days, side="right") - 1
        return np.where(period < len(self.edges) - 1, period, -1)

    def parts_at(self, at: Ints) -> Cells:
        """What counts in these places, added up over the days; `grids` are indices in `at`."""
        rank = np.full(self.ground.slots, -1)
        rank[at] = np.arange(len(at))
        loose = self.loose.at(rank[self.loose.grids])
        loose = loose[self.wanted.of(loose) & (loose.grids >= 0) & (self._periods(loose.days) >= 0)]
        cells = Cells.joined([*(self._parts_of(page, rank) for page in self.snapshot.pages), loose])
        whole = self.scope.in_area[at][cells.grids]
        own = self.scope.by_department[at][cells.grids] & np.isin(cells.departments, self.scope.own)
        return cells[whole | own]

    def _parts_of(self, page: Page, rank: Ints) -> Cells:
        """The wanted cells of a page in the ranked places, one for each place and combination."""
        period = self._periods(page.month_days)
        place_rank = rank[self.ground.of_page(page).slots]
        combinations = np.flatnonzero(self.wanted.of(page))
        width = len(combinations)
        if not width or (period < 0).all() or (place_rank < 0).all():
            return Cells.none()
        picked = page.picked(self.wanted.of(page))
        rows = np.flatnonzero((place_rank >= 0)[picked.places])
        if (period < 0).any():
            rows = rows[(period >= 0)[picked.days[rows]]]
        ends = np.cumsum(page.sizes[combinations])
        key = place_rank[picked.places[rows]] * width + np.searchsorted(ends, rows, side="right")
        n = None if picked.n is None else picked.n[rows]
        sums = _bincount(key, n, (rank.max() + 1) * width)
        used = np.flatnonzero(sums)
        of = combinations[used % width]
        return Cells(
            page.classes[of],
            page.departments[of],
            page.sources[of],
            used // width,
            np.full(len(of), page.first_day),
            sums[used],
        )


def _by_period(picked: Picked, period: Ints, periods: int) -> tuple[Ints, NDArray[np.uint] | None]:
    """Where in a table of grids x periods each cell belongs; cells in no period are left out."""
    places, n, of = picked.places, picked.n, period.astype(np.int32)[picked.days]
    if (period < 0).any():
        inside = of >= 0
        places, of, n = places[inside], of[inside], None if n is None else n[inside]
    return np.multiply(places, periods, dtype=np.int32) + of, n


def _bincount(index: NDArray[np.integer], n: NDArray[np.integer] | None, size: int) -> Ints:
    """The sum of `n` (or the number) by index; sums of floats are exact up to 2^53."""
    return np.bincount(index, n, size).astype(np.int64)


def _wanted(session: Session, office: Office, selection: Selection) -> Wanted:
    classes = None
    if selection.group:
        paths = class_paths(session, office, selection.group)
        known = office_standards(session, office).classes.values()
        classes = np.array([c.id for c in known if c.path.startswith(paths)], np.int64)
    department = selection.department and department_named(session, office, selection.department)
    source = CODES[selection.source.value] if selection.source else None
    return Wanted(classes, department or None, source)


def _scope(session: Session, office: Office, ground: Ground, selection: Selection) -> Scope:
    inside = _starts_with(ground, None)
    if selection.community:
        inside = _starts_with(ground, (area_path_named(session, office, selection.community),))
    if selection.rights is None:
        return Scope(inside, np.zeros_like(inside), ())
    theirs = inside & _starts_with(ground, selection.rights.areas)
    own = selection.rights.departments
    return Scope(theirs, inside & ~theirs & bool(own), own)


def _starts_with(ground: Ground, paths: tuple[str, ...] | None) -> Bools:
    if paths is None:
        return np.ones(len(ground.paths), bool)
    return np.array([path.startswith(paths) for path in ground.paths], bool)
