"""The map of an analysis as a picture: which sign each place carries, and the words around."""

from typing import Any

import numpy as np
from flask_babel import gettext as _
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from gis.emerging import Pattern
from webapp.core.clock import now
from webapp.core.i18n import show_whole_moment
from webapp.insight.hotspots import ranking
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import CHANGE, EMERGING, Asked
from webapp.insight.hotspots.picture import Drawing, draw
from webapp.insight.hotspots.places import communities_of
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.sentences import MEANINGS, SIGNS, compared, period_words, said
from webapp.people.models import Office

LEVEL_SIGNS = {3: "hot-3", 2: "hot-2", 1: "hot-1", -1: "cold-1", -2: "cold-2", -3: "cold-3", 0: ""}
CHANGES = ("became", "stayed", "cooled")


def signs(analysis: Analysis, before: Analysis | None, asked: Asked) -> list[str]:
    """The sign of each place in the view that is asked for; "" is neutral."""
    if asked.view == EMERGING:
        return ["" if p is Pattern.NONE else str(p) for p in analysis.hot_patterns()]
    levels = analysis.levels(asked.raw)
    if asked.view == CHANGE and before is not None:
        hot, was = levels > 0, before.levels(asked.raw) > 0
        return [
            ("stayed" if then else "became") if is_hot else "cooled" if then else ""
            for is_hot, then in zip(hot.tolist(), was.tolist(), strict=True)
        ]
    return [LEVEL_SIGNS[level] for level in levels.tolist()]


def foremost(analysis: Analysis, before: Analysis | None, asked: Asked) -> NDArray[np.int64]:
    """Positions of the places with a sign, the hottest first."""
    shown = np.array(signs(analysis, before, asked), object) != ""
    ranked = ranking.order(analysis, before)
    return ranked[shown[ranked]]


def picture(
    session: Session,
    office: Office,
    asked: Asked,
    reach: Reach,
    analysis: Analysis,
    before: Analysis | None,
) -> bytes:
    """A PNG of the view that is asked for."""
    lines = [period_words(asked.selection), *said(analysis, asked, raw=asked.raw)]
    if before is not None:
        lines.append(compared(analysis, before, asked, raw=asked.raw))
    if reach.words:
        lines.append(reach.words)
    drawing = Drawing(
        outlines=analysis.field.outlines(session),
        signs=signs(analysis, before, asked),
        borders=communities_of(session, office),
        title=" · ".join((office.name, _("Hot spots"))),
        lines=lines,
        legend=_legend(asked, before),
        foot=_("Drawn %(when)s. More reports are not more trouble.",
               when=show_whole_moment(now())[:16]),
    )  # fmt: skip
    return draw(drawing)


def _legend(asked: Asked, before: Analysis | None) -> list[tuple[str, str]]:
    keys: tuple[Any, ...] = tuple(LEVEL_SIGNS[level] for level in (3, 2, 1, -1, -2, -3))
    if asked.view == EMERGING:
        keys = tuple(MEANINGS)
    elif asked.view == CHANGE and before is not None:
        keys = CHANGES
    return [*((str(key), str(SIGNS[key])) for key in keys), ("", _("not significant"))]
