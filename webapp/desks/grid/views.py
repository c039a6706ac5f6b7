"""`/desk/grid`, and the week of who walks the grids."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.desks.frame import Desk, Tab, open_desk
from webapp.desks.grid.tabs import ON_THE_SPOT, TABS
from webapp.desks.grid.week import DONE, monday_of, week_of
from webapp.desks.map.queries import View
from webapp.desks.scopes import areas_of, by_areas_as, in_areas_as
from webapp.people.access import desk, has_role, present_person
from webapp.people.models import Person, Role
from webapp.places.models import Area, AreaLevel

blueprint = Blueprint("grid_desk", __name__)
MOST_OWN = 300  # more grids than that are nobody's walk: the map shows communities only


def own_grids(person: Person) -> list[int]:
    """The areas of the grids that somebody is responsible for, or else of those in their area."""
    grids = select(Area.id).where(Area.level == AreaLevel.GRID)
    session = current_session()
    if named := list(session.scalars(grids.where(Area.manager_id == person.id).limit(MOST_OWN))):
        return named
    paths = areas_of(person, *ON_THE_SPOT)
    inside = or_(*(Area.path.startswith(path, autoescape=True) for path in paths))
    found = list(session.scalars(grids.where(inside).limit(MOST_OWN + 1)))
    return found if len(found) <= MOST_OWN else []


def for_who_walks(view: View, _tab: Tab) -> dict[str, Any]:
    assert view.person is not None  # noqa: S101 - the desk is for who has signed in
    return {
        "is_manager": has_role(view.person, Role.GRID_MANAGER),
        "own_grids": own_grids(view.person),
    }


DESK = Desk(
    path="/desk/grid",
    title=_l("On the spot"),
    tabs=TABS,
    scope=in_areas_as(*ON_THE_SPOT),
    shared=by_areas_as(*ON_THE_SPOT),
    waiting=("verify", "check"),
    template="desks/grid.html",
    context=for_who_walks,
    nearest=True,
)

open_desk(blueprint, DESK, *ON_THE_SPOT)


@blueprint.get("/desk/grid/week")
@desk(*ON_THE_SPOT)
def week() -> ResponseReturnValue:
    person = present_person()
    monday = monday_of(person, request.args.get("week", ""), now())
    step = timedelta(days=7)
    return render_template(
        "desks/week.html",
        week=week_of(current_session(), person, monday),
        actions=DONE,
        before=monday - step,
        after=monday + step if monday + step <= monday_of(person, "", now()) else None,
    )
