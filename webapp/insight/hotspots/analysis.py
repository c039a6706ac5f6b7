"""What an analysis has found: parallel arrays over the places that were tested."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gis.emerging import Pattern
from gis.localmoran import LocalMoran
from webapp.insight.hotspots.field import Field
from webapp.insight.hotspots.places import Places
from webapp.insight.hotspots.rules import SIGNIFICANT
from webapp.insight.selection import WEEK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Analysis:
    """Shapes are (n,) for n places.

    Attributes
    ----------
    cases, values
        The cases of each place, and what was compared: these, or a rate.
    around, expected
        What the place and its neighbours have together, and what chance would bring them.
    z, p, q
        Gi*, its p-value, and that after correction for all tests; NaN where not tested.
    level, raw
        -3 to 3: cold to hot, by `q` and by `p`, at `gis.significance.LIMITS`.
    beside
        Each place against its neighbours: local Moran.
    reason
        Why nothing can be said at all, in the reader's words; then nothing is significant.
    series, edges
        Cases by whole week or month, shape (n, k), and the k + 1 days between.
    pattern, side, since
        How a place develops (`gis.emerging`), 1 hot or -1 cold, and since which day it has been
        so without a break; None where `undeveloped` says why not.
    islands
        Positions of the places without neighbours.
    nowhere
        Cases that count and lie in none of the places.
    """

    field: Field
    cases: Ints
    values: Floats
    around: Floats
    expected: Floats
    z: Floats
    p: Floats
    q: Floats
    level: NDArray[np.int8]
    raw: NDArray[np.int8]
    beside: LocalMoran
    reason: str
    series: Ints
    edges: tuple[date, ...]
    pattern: NDArray[np.object_]
    side: NDArray[np.int8]
    since: list[date | None]
    undeveloped: str
    islands: Ints
    nowhere: int
    took_s: float

    @property
    def places(self) -> Places:
        return self.field.places

    @property
    def tests(self) -> int:
        """How many places were tested, and so by how much it is corrected."""
        return int(np.count_nonzero(~np.isnan(self.z)))

    def levels(self, raw: bool) -> NDArray[np.int8]:
        return self.raw if raw else self.level

    def kinds(self, raw: bool) -> NDArray[np.object_]:
        """Which places are like their neighbours or differ from them, NONE where it may be chance.

        Of :class:`gis.localmoran.Quadrant`.
        """
        return self.beside.kinds(SIGNIFICANT, raw=raw)

    @property
    def by_month(self) -> bool:
        """Whether development was looked at by calendar month, not by week."""
        return len(self.edges) > 1 and self.edges[1] - self.edges[0] > WEEK

    def development_keys(self) -> list[str]:
        """The pattern of each place as a word of code: `new`, `cold-new`, `none`."""
        return [
            f"{'cold-' if side < 0 else ''}{pattern}"
            for pattern, side in zip(self.pattern.tolist(), self.side.tolist(), strict=True)
        ]

    def hot_patterns(self) -> list[Pattern]:
        """The pattern of each place as a hot spot; NONE for the cold ones."""
        return [
            pattern if side > 0 else Pattern.NONE
            for pattern, side in zip(self.pattern.tolist(), self.side.tolist(), strict=True)
        ]
