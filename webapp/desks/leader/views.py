"""`/desk/leader`."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from webapp.cases.choosing import lies_in
from webapp.core.database import current_session
from webapp.desks.frame import Desk, Tab, open_desk
from webapp.desks.leader.figures import figures
from webapp.desks.leader.notes import leader_notes
from webapp.desks.leader.tabs import TABS
from webapp.desks.map.filters import ALL
from webapp.desks.map.queries import View, conditions
from webapp.desks.scopes import by_areas_as, in_areas_as
from webapp.people.models import Role

blueprint = Blueprint("leader_desk", __name__)


class LeadersDesk(Desk):
    """Appeals are made after a case has closed, so ended ones are on this desk, too.

    That its cases are open and the office's is said by each tab, in the words of its index.
    """

    def conditions(self, session: Session, view: View) -> Iterator[ColumnElement[bool]]:
        everyone = replace(view, person=None, filters=replace(view.filters, state=ALL))
        _of_office, *through_filters = conditions(session, everyone)
        yield from through_filters
        yield self.scope(view)


def with_figures(view: View, _tab: Tab) -> dict[str, Any]:
    scope = DESK.scope(view)
    if view.area is not None:
        scope &= lies_in(view.area.path)
    return {"figures": figures(current_session(), view, scope)}


DESK = LeadersDesk(
    path="/desk/leader",
    title=_l("Leader's desk"),
    tabs=TABS,
    scope=in_areas_as(Role.LEADER),
    shared=by_areas_as(Role.LEADER),
    waiting=("cancel", "appeals", "replied", "silent"),
    template="desks/leader.html",
    context=with_figures,
    notes=leader_notes,
)

open_desk(blueprint, DESK, Role.LEADER)
