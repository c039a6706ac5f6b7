"""The answer of the locator."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Located:
    """Where n points lie: one array a fact, each of shape (n,) unless said otherwise.

    Attributes
    ----------
    grid_id
        The grid, -1 for none.
    edge_distance_m
        Metres to the edge of that grid; for a point outside all, to the nearest grid; NaN for what
        is no place on Earth, infinite if there are no grids.
    near_edge
        Within the margin of that edge, or of a grid that does not hold the point: a fix a little
        better could answer otherwise.
    overlapping
        Inside more than one grid.
    nearest_id
        For a point outside all the nearest grid, else -1.
    candidate_offsets
        Shape (n + 1,): the candidates of point i are ``candidate_ids[offsets[i]:offsets[i + 1]]``.
    candidate_ids, candidate_distances_m
        Shape (m,): other grids within the margin, nearest first; 0 m for those that hold it.
    """

    grid_id: Ints
    edge_distance_m: Floats
    near_edge: Bools
    overlapping: Bools
    nearest_id: Ints
    candidate_offsets: Ints
    candidate_ids: Ints
    candidate_distances_m: Floats

    def candidates(self, point: int) -> list[tuple[int, float]]:
        """Candidates of one point as (grid id, metres), nearest first."""
        part = slice(self.candidate_offsets[point], self.candidate_offsets[point + 1])
        ids, metres = self.candidate_ids[part], self.candidate_distances_m[part]
        return list(zip(ids.tolist(), metres.tolist(), strict=True))
