"""`/map` and the JSON it draws. The public sees no words, and with PUBLIC_MAP=0 no cases."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.core.errors import NotAllowed, NotFound
from webapp.desks.map.boundaries import office_boundaries
from webapp.desks.map.cards import case_card, grid_card, search
from webapp.desks.map.filters import MapFilters, read_box, read_filters, read_zoom
from webapp.desks.map.overview import overview
from webapp.desks.map.pagefacts import choices, map_of, page_facts
from webapp.desks.map.queries import View
from webapp.people.access import ask_to_sign_in, current_person
from webapp.people.looking import looked_at
from webapp.people.models import Office

blueprint = Blueprint("map", __name__)

BOUNDARIES_KEEP_S = 24 * 3600  # their address holds the office's revision


def for_visitors(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Open to everybody while the map is public, else to those who are signed in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if current_person() is None and not current_app.config["WANGGE"].public_map:
            return ask_to_sign_in()
        return view(*args, **kwargs)

    return guarded


def chosen_office() -> Office | None:
    """The office in the address, else the visitor's own, else the first; None without any."""
    session, person = current_session(), current_person()
    if code := request.args.get("office"):
        office = session.scalar(select(Office).where(Office.code == code))
        if office is None:
            raise NotFound("office", _('There is no office "%(code)s".', code=code[:40]))
    elif person is not None:
        office = person.office
    else:
        office = session.scalar(select(Office).order_by(Office.code).limit(1))
    if office is not None:
        g.time_zone = office.time_zone
    return office


def the_office() -> Office:
    office = chosen_office()
    if office is None:
        raise NotFound("office", _("There is no office yet."))
    return office


def the_view(office: Office, filters: MapFilters | None = None) -> View:
    """What this visitor looks at; people of other offices look at an office like the public."""
    person = current_person()
    own = person if person is not None and person.office_id == office.id else None
    wished = read_filters(request.args) if filters is None else filters
    if own is None and wished.department:
        raise NotAllowed("department", _("Sign in to look at one department's cases."))
    return View(office, own, wished, now(), looked_at(own) if own else None)


@blueprint.get("/map")
@for_visitors
def show() -> ResponseReturnValue:
    office = chosen_office()
    areas = office_boundaries(current_session(), office) if office else None
    if office is None or areas is None or areas.bounds is None:
        return render_template("desks/map_empty.html", office=office)
    view = the_view(office)
    return render_template(
        "desks/map.html",
        office=office,
        filters=view.filters,
        illustrative=areas.illustrative,
        fragments=map_of(areas),
        choices=choices(current_session(), view, areas),
        facts=page_facts(current_session(), view, areas),
    )


@blueprint.get("/map/areas.json")
def areas_json() -> ResponseReturnValue:
    """Boundaries: `layer=communities`, or `layer=grids` with `bbox`; both with `zoom`.

    They say nothing of cases, and whoever reports something finds its place by them: open to all.
    """
    session, office, zoom = current_session(), the_office(), read_zoom(request.args)
    areas = office_boundaries(session, office)
    if request.args.get("layer") == "grids":
        body = areas.grid_features(session, zoom, read_box(request.args))
    else:
        body = areas.community_features(session, zoom)
    response = Response(body, mimetype="application/json")
    response.add_etag()
    response.cache_control.private = True
    if request.args.get("revision") == str(office.revision):
        response.cache_control.max_age = BOUNDARIES_KEEP_S
    else:
        response.cache_control.no_cache = True
    return response.make_conditional(request)


@blueprint.get("/map/cases.json")
@for_visitors
def cases_json() -> ResponseReturnValue:
    """Counts by area, and clusters or single cases, of a `bbox` at a `zoom`."""
    session, office = current_session(), the_office()
    box, zoom, view = read_box(request.args), read_zoom(request.args), the_view(office)
    return _fresh(overview(session, view, office_boundaries(session, office), box, zoom))


@blueprint.get("/map/grids/<int:area_id>.json")
@for_visitors
def grid_json(area_id: int) -> ResponseReturnValue:
    session, office = current_session(), the_office()
    areas = office_boundaries(session, office)
    return _fresh(grid_card(session, the_view(office), areas, area_id))


@blueprint.get("/map/cases/<number>.json")
@for_visitors
def case_json(number: str) -> ResponseReturnValue:
    office = the_office()
    everything = MapFilters(state="all")
    return _fresh(case_card(current_session(), the_view(office, everything), number))


@blueprint.get("/map/search.json")
@for_visitors
def search_json() -> ResponseReturnValue:
    session, office = current_session(), the_office()
    view = the_view(office, MapFilters(state="all"))
    finds = search(session, view, office_boundaries(session, office), request.args.get("q", ""))
    return _fresh({"finds": finds})


def _fresh(answer: dict[str, Any]) -> ResponseReturnValue:
    response = jsonify(answer)
    response.cache_control.no_store = True
    return response
