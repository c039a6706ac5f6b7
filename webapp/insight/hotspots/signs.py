"""The signs of places: which sign each carries in a view, what it says, in which order they come.

List, map, picture, print and files all take them from here; the page's script by `facts.page`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from flask_babel import lazy_gettext as _l
from numpy.typing import NDArray

from gis.emerging import Pattern
from gis.localmoran import Quadrant
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import BESIDE, CHANGE, EMERGING, NOW, Asked

LEVELS = {3: "hot-3", 2: "hot-2", 1: "hot-1", -1: "cold-1", -2: "cold-2", -3: "cold-3", 0: ""}
KINDS = {
    Quadrant.HIGH_LOW: "high-low",
    Quadrant.HIGH_HIGH: "high-high",
    Quadrant.LOW_HIGH: "low-high",
    Quadrant.LOW_LOW: "low-low",
    Quadrant.NONE: "",
}
MEANINGS: Mapping[str, Any] = {
    Pattern.NEW: _l("Hot in the last period and never before."),
    Pattern.CONSECUTIVE: _l(
        "Hot in the last periods without a break, never before these, in fewer than nine of ten."
    ),
    Pattern.INTENSIFYING: _l("Hot in nine of ten periods and the last, and getting hotter."),
    Pattern.PERSISTENT: _l(
        "Hot in nine of ten periods and the last, getting neither hotter nor cooler."
    ),
    Pattern.DIMINISHING: _l("Hot in nine of ten periods and the last, and getting cooler."),
    Pattern.SPORADIC: _l("Hot in the last period and, with breaks, in some before; never cold."),
    Pattern.OSCILLATING: _l("Hot in the last period and, with breaks, in some before; once cold."),
    Pattern.HISTORICAL: _l("Not hot in the last period, but in nine of ten."),
}
"""The definitions of `gis.emerging` for the page."""
BESIDE_MEANINGS: Mapping[str, Any] = {
    "high-low": _l(
        "More than the mean, while its neighbours have fewer than chance explains: a trouble spot"
        " of its own, which a sum over the neighbourhood hides."
    ),
    "high-high": _l("More than the mean, and its neighbours have more than chance explains."),
    "low-high": _l("No more than the mean, while its neighbours have more than chance explains."),
    "low-low": _l("No more than the mean, and its neighbours have fewer than chance explains."),
}
SIGNS: Mapping[str, Any] = {
    "hot-3": _l("hot, confidence 99.9 %"),
    "hot-2": _l("hot, confidence 99 %"),
    "hot-1": _l("hot, confidence 95 %"),
    "cold-1": _l("cold, confidence 95 %"),
    "cold-2": _l("cold, confidence 99 %"),
    "cold-3": _l("cold, confidence 99.9 %"),
    Pattern.NEW: _l("newly hot"),
    Pattern.CONSECUTIVE: _l("consecutive"),
    Pattern.INTENSIFYING: _l("intensifying"),
    Pattern.PERSISTENT: _l("persistent"),
    Pattern.DIMINISHING: _l("diminishing"),
    Pattern.SPORADIC: _l("sporadic"),
    Pattern.OSCILLATING: _l("oscillating"),
    Pattern.HISTORICAL: _l("historical"),
    "became": _l("became hot"),
    "stayed": _l("still hot"),
    "cooled": _l("no longer hot"),
    "high-low": _l("many amid few, by itself"),
    "high-high": _l("many amid many"),
    "low-high": _l("few amid many"),
    "low-low": _l("few amid few"),
}
VIEWS: Mapping[str, tuple[str, ...]] = {
    NOW: ("hot-3", "hot-2", "hot-1", "cold-1", "cold-2", "cold-3"),
    EMERGING: tuple(str(pattern) for pattern in MEANINGS),
    CHANGE: ("became", "stayed", "cooled"),
    BESIDE: tuple(BESIDE_MEANINGS),
}
"""The signs of each view, as legend and list have them."""


def view_of(asked: Asked, before: Analysis | None) -> str:
    """The view that is shown: of change only where there are two periods."""
    return NOW if asked.view == CHANGE and before is None else asked.view


def signs_of(analysis: Analysis, before: Analysis | None, asked: Asked) -> list[str]:
    """The sign of each place in the view that is asked for; "" is neutral."""
    view = view_of(asked, before)
    if view == EMERGING:
        return ["" if p is Pattern.NONE else str(p) for p in analysis.hot_patterns()]
    if view == BESIDE:
        return [KINDS[kind] for kind in analysis.kinds(asked.raw).tolist()]
    levels = analysis.levels(asked.raw)
    if view == CHANGE and before is not None:
        hot, was = levels > 0, before.levels(asked.raw) > 0
        return [
            ("stayed" if then else "became") if is_hot else "cooled" if then else ""
            for is_hot, then in zip(hot.tolist(), was.tolist(), strict=True)
        ]
    return [LEVELS[level] for level in levels.tolist()]


def in_order(
    ranked: NDArray[np.int64], analysis: Analysis, before: Analysis | None, asked: Asked
) -> NDArray[np.int64]:
    """Those of some ranked places that carry a sign, as the page lists them.

    Hot and cold: as they are ranked. Other views by sign; beside their neighbours, those with the
    most cases first: of a lone place its own number tells more than that of the places around.
    """
    shown, view = signs_of(analysis, before, asked), view_of(asked, before)
    found = np.array([at for at in ranked.tolist() if shown[at]], np.int64)
    if view == NOW:
        return found
    order = np.array([VIEWS[view].index(shown[at]) for at in found.tolist()], np.int64)
    most = analysis.cases[found] if view == BESIDE else np.zeros(len(found), np.int64)
    return found[np.lexsort((-most, order))]
