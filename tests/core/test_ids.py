"""Ids rise with time, are unique within a process, and fit 63 bits."""

import numpy as np

from webapp.core.ids import new_id, new_ids


def test_ids_rise_and_never_repeat_across_single_and_bulk() -> None:
    ids = [new_id(), *new_ids(10_000).tolist(), new_id(), new_id()]
    assert ids == sorted(set(ids))
    assert 0 < ids[-1] < 2**63


def test_ids_made_in_bulk_have_the_shape_asked_for() -> None:
    assert new_ids(0).shape == (0,)
    assert new_ids(3).dtype == np.int64
