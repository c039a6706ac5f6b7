"""The map of an analysis as a picture, with the words around."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.clock import now
from webapp.core.i18n import show_whole_moment
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import Asked
from webapp.insight.hotspots.picture import Drawing, draw
from webapp.insight.hotspots.places import communities_of
from webapp.insight.hotspots.reach import Reach
from webapp.insight.hotspots.sentences import period_words, said
from webapp.insight.hotspots.signs import SIGNS, VIEWS, signs_of, view_of
from webapp.people.models import Office


def picture(
    session: Session,
    office: Office,
    asked: Asked,
    reach: Reach,
    analysis: Analysis,
    before: Analysis | None,
) -> bytes:
    """A PNG of the view that is asked for."""
    lines = [
        period_words(asked.selection),
        *said(analysis, asked, raw=asked.raw, before=before),
    ]
    if reach.words:
        lines.append(reach.words)
    drawing = Drawing(
        outlines=analysis.field.outlines(session),
        signs=signs_of(analysis, before, asked),
        borders=communities_of(session, office),
        title=" · ".join((office.name, _("Hot spots"))),
        lines=lines,
        legend=_legend(asked, before),
        foot=_("Drawn %(when)s. More reports are not more trouble.",
               when=show_whole_moment(now())[:16]),
    )  # fmt: skip
    return draw(drawing)


def _legend(asked: Asked, before: Analysis | None) -> list[tuple[str, str]]:
    keys = VIEWS[view_of(asked, before)]
    return [*((key, str(SIGNS[key])) for key in keys), ("", _("not significant"))]
