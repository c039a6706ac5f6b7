"""How counts are classed, and how many cases a view shows one by one."""

import numpy as np
import pytest

from webapp.desks.map.rules import class_breaks, most_single_cases


def test_there_are_at_most_five_classes_with_rising_bounds():
    for n in (0, 1, 4, 5, 6, 50, 1000):
        breaks = class_breaks(np.random.default_rng(n).integers(0, 1 + n * 3, n))
        assert len(breaks) <= 5
        assert breaks == sorted(set(breaks))


def test_every_count_has_a_class():
    counts = [0, 3, 3, 9, 11, 40, 41, 500]
    assert class_breaks(counts)[0] == 3


def test_nothing_counted_has_no_classes():
    assert class_breaks([0, 0]) == []


@pytest.mark.parametrize(("zoom", "most"), [(3, 20), (19, 400), (21, 400)])
def test_the_number_of_single_cases_stays_within_bounds(zoom, most):
    assert most_single_cases(0.001, 0.001, zoom, 38) == most
