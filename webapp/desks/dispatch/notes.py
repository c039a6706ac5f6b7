"""What a row of the dispatcher's desk says besides: which grid is nearest to what lies in none."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from webapp.cases.models import Case
from webapp.desks.frame import Note
from webapp.desks.map.queries import View
from webapp.places.models import Area, Grid


def dispatch_notes(
    session: Session, _view: View, rows: Sequence[Any]
) -> Mapping[int, Sequence[Note]]:
    """Notes on the cases of a page, by their ids; nothing is asked where all have their grid."""
    in_none = [row.id for row in rows if row.grid_id is None]
    if not in_none:
        return {}
    community = aliased(Area)
    nearest = (
        select(Case.id, Grid.name, community.name.label("community"), Case.edge_distance_m)
        .join(Grid, Grid.id == Case.nearest_grid_id)
        .join(Area, Area.id == Grid.area_id)
        .join(community, community.id == Area.parent_id)
        .where(Case.id.in_(in_none))
    )
    found = {row.id: row for row in session.execute(nearest)}
    return {case_id: (_nearest(found.get(case_id)),) for case_id in in_none}


def _nearest(row: Any) -> Note:
    if row is None:
        return Note(_("no coordinates"), "warning")
    grid = f"{row.community} · {row.name}"
    metres = f"{row.edge_distance_m:,.0f}"
    return Note(_("nearest: %(grid)s, %(metres)s m", grid=grid, metres=metres), "warning")
