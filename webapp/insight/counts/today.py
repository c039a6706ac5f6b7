"""What stands open in some places at this moment: no count of days knows it."""

from datetime import datetime

import numpy as np
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.cases.lamps import open_shows
from webapp.cases.models import Case, still_open
from webapp.cases.rules import Lamp
from webapp.insight.counts.points import area_conditions, conditions
from webapp.insight.counts.results import Ints, OpenNow
from webapp.insight.selection import Selection
from webapp.people.models import Office
from webapp.places.locating import office_places


def open_now(
    session: Session, office: Office, selection: Selection, at: Ints, now: datetime
) -> OpenNow:
    """Open cases, whenever they were reported, of the selected classes, department and source.

    `at` are indices as in `GridCounts.at`: ask for the places that are shown, not for all.
    """
    areas = office_places(session, office).area_ids[at].tolist()
    anytime = selection.between(None, None)
    late = func.sum(case((open_shows(Lamp.RED, now), 1), else_=0))
    query = (
        select(Case.area_id, func.count(), late)
        .where(
            *conditions(session, office, anytime),
            *area_conditions(session, office, anytime),
            still_open(),
            Case.area_id.in_(areas),
        )
        .group_by(Case.area_id)
    )
    found = {area: (number, overdue) for area, number, overdue in session.execute(query)}
    table = np.array([found.get(area, (0, 0)) for area in areas], np.int64).reshape(-1, 2)
    return OpenNow(table[:, 0], table[:, 1])
