"""Counts as columns: loose cells, and pages of a month that are read without being unpacked.

A cell is a number of reports of one grid, class, lead department, source and day. With 10,000
grids nearly every cell holds a single report, so that a table of cells in the database would be as
long as that of the cases; as columns in the order in which they are picked, ten million of them
are added up in some tens of milliseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webapp.cases.vocabulary import Source

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Small = NDArray[np.unsignedinteger]

SOURCES = tuple(Source)
CODES = {source.value: code for code, source in enumerate(SOURCES)}
DAYS = 32  # a month has fewer; the days of a cell's key are counted in it
NOBODY = 0  # the grid of what lies in none, the department of what has none


@dataclass(frozen=True, eq=False)
class Cells:
    """Loose cells: parallel arrays, shape (n,). Sources are indices in `SOURCES`."""

    classes: Ints
    departments: Ints
    sources: Ints
    grids: Ints
    days: Ints  # since 1970-01-01, at the office
    n: Ints  # reports; fewer than none where some were taken away

    def __len__(self) -> int:
        return len(self.n)

    def __getitem__(self, some: Bools | slice) -> "Cells":
        return Cells(*(getattr(self, field.name)[some] for field in fields(self)))

    def by_month(self) -> Iterator[tuple[int, "Cells"]]:
        """The months (as 202611) with their cells."""
        months = months_of(self.days)
        for month in np.unique(months).tolist():
            yield month, self[months == month]

    def times(self, factor: int) -> "Cells":
        return replace(self, n=self.n * factor)

    def at(self, grids: Ints) -> "Cells":
        """The same cells in other places."""
        return replace(self, grids=grids)

    @classmethod
    def none(cls) -> "Cells":
        return cls(*(np.zeros(0, np.int64) for _ in fields(cls)))

    @classmethod
    def joined(cls, parts: "list[Cells]") -> "Cells":
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class NegativeCountError(RuntimeError):
    """More reports were taken out of a cell than were in it: the pages are not those of the
    cases."""


@dataclass(frozen=True, eq=False)
class Page:
    """The cells of one month, in the order of combination, grid and day.

    A combination is a class, a lead department and a source; its cells stand from
    `starts[i]` to before `starts[i + 1]`. `places` are indices in `grids`, `days` begin with 0.
    """

    month: int
    classes: Ints  # (k,) of the combinations
    departments: Ints
    sources: Ints
    starts: Ints  # (k + 1,)
    grids: Ints  # (g,) ids, rising
    places: Small  # (n,)
    days: NDArray[np.uint8]  # (n,)
    n: Small | None  # (n,); None: one report in each

    @property
    def first_day(self) -> int:
        """The first of the month, in days since 1970."""
        return first_day(self.month)

    @cached_property
    def month_days(self) -> Ints:
        """All days of the month, since 1970."""
        return np.arange(
            self.first_day, first_day(self.month + (89 if self.month % 100 == 12 else 1))
        )

    @property
    def nbytes(self) -> int:
        arrays = (self.grids, self.places, self.days, self.n)
        return sum(array.nbytes for array in arrays if array is not None)

    def cells(self) -> Cells:
        """All of it as loose cells."""
        sizes = np.diff(self.starts)
        n = np.ones(len(self.days), np.int64) if self.n is None else self.n.astype(np.int64)
        return Cells(
            np.repeat(self.classes, sizes),
            np.repeat(self.departments, sizes),
            np.repeat(self.sources, sizes),
            self.grids[self.places],
            self.days + np.int64(self.first_day),
            n,
        )

    def picked(self, wanted: Bools) -> "Picked":
        """The cells of the wanted combinations, `wanted` being of shape (k,)."""
        if wanted.all():
            return Picked(self.places, self.days, self.n)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False]))))
        runs = [slice(a, b) for a, b in self.starts[edges].reshape(-1, 2).tolist()]
        if not runs:
            return Picked(self.places[:0], self.days[:0], None)

        def of(column: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
            return np.concatenate([column[run] for run in runs])

        return Picked(of(self.places), of(self.days), None if self.n is None else of(self.n))

    @cached_property
    def sizes(self) -> Ints:
        """How many cells each combination has."""
        return np.diff(self.starts)


@dataclass(frozen=True, eq=False)
class Picked:
    """Some cells of a page, each column of shape (n,)."""

    places: Small
    days: NDArray[np.unsignedinteger]
    n: Small | None


def first_day(month: int) -> int:
    """The first day of a month like 202611, in days since 1970."""
    year, number = divmod(month, 100)
    return (date(year, number, 1) - date(1970, 1, 1)).days


def months_of(days: Ints) -> Ints:
    """The months, as 202611, in which days since 1970 lie."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months // 12 + 1970) * 100 + months % 12 + 1


def summed(cells: Cells) -> Ints:
    """What is left in each cell when all that are the same are added up."""
    keys = np.column_stack([getattr(cells, f.name) for f in fields(cells)[:-1]])
    _keys, cell = np.unique(keys, axis=0, return_inverse=True)
    return np.bincount(cell.ravel(), cells.n).astype(np.int64)


def merged(page: Page | None, month: int, more: Cells) -> Page:
    """A page with more cells; what is empty afterwards is left out.

    Raises NegativeCountError where a cell would hold fewer than no reports.
    """
    cells = Cells.joined([page.cells(), more]) if page else more
    triples = np.column_stack([cells.classes, cells.departments, cells.sources])
    combinations, combination = np.unique(triples, axis=0, return_inverse=True)
    grids, place = np.unique(cells.grids, return_inverse=True)
    wide = (combination.ravel() * len(grids) + place) * DAYS + (cells.days - first_day(month))
    order = np.argsort(wide, kind="stable")  # two sorted runs: merged, not sorted
    keys, starts = np.unique(wide[order], return_index=True)
    n = np.add.reduceat(cells.n[order], starts)
    if (n < 0).any():
        raise NegativeCountError(f"month {month}: more reports taken away than there were")
    return _page(month, combinations, grids, keys[n > 0], n[n > 0])


def _page(month: int, combinations: Ints, grids: Ints, keys: Ints, n: Ints) -> Page:
    rest, day = np.divmod(keys, DAYS)
    combination, place = np.divmod(rest, len(grids))
    sizes = np.bincount(combination, minlength=len(combinations))
    used = np.flatnonzero(np.bincount(place, minlength=len(grids)))
    renumbered = np.zeros(len(grids), np.int64)
    renumbered[used] = np.arange(len(used))
    classes, departments, sources = combinations[sizes > 0].T
    return Page(
        month=month,
        classes=classes,
        departments=departments,
        sources=sources,
        starts=np.concatenate(([0], np.cumsum(sizes[sizes > 0]))),
        grids=grids[used],
        places=_small(renumbered[place], len(used)),
        days=day.astype(np.uint8),
        n=None if (n == 1).all() else _small(n, int(n.max(initial=0))),
    )


def _small(values: Ints, most: int) -> Small:
    """The same in as few bytes as the largest needs."""
    return values.astype(np.min_scalar_type(most))


# --- as rows of the database ----------------------------------------------------------------------


def written(page: Page) -> dict[str, object]:
    """A page as the columns of `CountPage`, without office and revision."""
    sources = [SOURCES[code].value for code in page.sources.tolist()]
    heads = (page.classes.tolist(), page.departments.tolist(), sources, page.sizes.tolist())
    return {
        "month": page.month,
        "combinations": [list(head) for head in zip(*heads, strict=True)],
        "grids": page.grids.astype("<i4").tobytes(),
        "places": _bytes(page.places),
        "days": page.days.tobytes(),
        "counts": b""
        if page.n is None
        else page.n.astype(page.n.dtype.newbyteorder("<")).tobytes(),
    }


def _bytes(column: Small) -> bytes:
    return column.astype(column.dtype.newbyteorder("<")).tobytes()


def page_of(row: Any) -> Page:
    """The page in a row of `CountPage`; its large columns stay the bytes they came in."""
    classes, departments, sources, sizes = zip(*row.combinations, strict=True)
    cells = len(row.days)
    return Page(
        month=row.month,
        classes=np.array(classes, np.int64),
        departments=np.array(departments, np.int64),
        sources=np.array([CODES[source] for source in sources], np.int64),
        starts=np.concatenate(([0], np.cumsum(np.array(sizes, np.int64)))),
        grids=np.frombuffer(row.grids, "<i4").astype(np.int64),
        places=_column(row.places, cells),
        days=np.frombuffer(row.days, np.uint8),
        n=_column(row.counts, cells) if row.counts else None,
    )


def _column(data: bytes, rows: int) -> Small:
    """A column of unsigned numbers, of so many bytes each as the length says."""
    column: Small = np.frombuffer(data, f"<u{len(data) // rows}")
    return column
