"""How much waits on a person's desks: the numbers in the rail, asked for by every page."""

import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.desks.department.views import DESK as DEPARTMENT
from webapp.desks.dispatch.tabs import DESK as DISPATCH
from webapp.desks.frame import Desk
from webapp.desks.frame.counts import newest_event, news_tag, tab_counts
from webapp.desks.grid.views import DESK as GRID
from webapp.desks.leader.views import DESK as LEADER
from webapp.desks.map.filters import MapFilters
from webapp.desks.map.queries import View
from webapp.desks.navigation import entries
from webapp.people.access import desk, present_person
from webapp.people.looking import looked_at

blueprint = Blueprint("waiting", __name__)

DESKS: tuple[Desk, ...] = (DISPATCH, DEPARTMENT, GRID, LEADER)


@blueprint.get("/desk/waiting.json")
@desk()
def numbers() -> ResponseReturnValue:
    """By the address of each desk in this person's rail; 304 while nothing has happened."""
    session, person = current_session(), present_person()
    newest = newest_event(session)
    view = View(person.office, person, MapFilters(), now(), looked_at(person))
    response = Response(mimetype="application/json")
    response.set_etag(news_tag(view, newest))
    response.cache_control.private = response.cache_control.no_cache = True
    if response.make_conditional(request).status_code == 304:
        return response
    own = {entry.path for entry in entries()}
    waiting = {
        one.path: one.number(tab_counts(session, one, view, newest))
        for one in DESKS
        if one.path in own
    }
    response.set_data(json.dumps(waiting))
    return response
