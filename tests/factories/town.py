"""A town for the desks: the ground of the cases, and cases put where a test wants them."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.cases import OUTSIDE, Ground, make_case
from tests.factories.places import middle_of
from webapp.cases.models import Case
from webapp.cases.vocabulary import State
from webapp.core import clock


def put_case(
    session: Session, town: Ground, at: int | None = 0, due_in: float = 48, **columns: Any
) -> Case:
    """A dispatched case in a grid (by its place among the town's; None: outside of all).

    It is due in so many hours, amber ten hours before, and was reported 60 hours ago.
    """
    now = clock.now()
    lon, lat = OUTSIDE if at is None else middle_of(town.grids[at])
    times = {
        "reported_at": now - timedelta(hours=60),
        "warn_at": now + timedelta(hours=due_in - 10),
        "due_at": now + timedelta(hours=due_in),
    }
    facts = times | {"state": State.DISPATCHED} | columns
    draft = {"lon": lon, "lat": lat}
    case = make_case(session, town.office, now=times["reported_at"], draft=draft, **facts)
    session.commit()
    return case
