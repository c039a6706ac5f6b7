"""What every desk serves: its page, its news, and one row anew."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.cases.groups import label_of
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.desks.frame.counts import arrived, newest_event, news_tag, tab_counts
from webapp.desks.frame.desk import Desk, Tab
from webapp.desks.frame.kept import KeptRows
from webapp.desks.frame.rows import read_near, read_page, read_row
from webapp.desks.frame.saved import saved_views
from webapp.desks.map.boundaries import OfficeBoundaries, office_boundaries
from webapp.desks.map.filters import OPEN, read_filters
from webapp.desks.map.pagefacts import departments_of, lamp_words
from webapp.desks.map.queries import View
from webapp.mapping.page import CONTROLS, MapFragments, build_map
from webapp.people.access import desk as for_roles
from webapp.people.access import present_person
from webapp.people.looking import looked_at
from webapp.people.models import Role
from webapp.standards.service import office_standards

FILTERS = ("group", "community", "department", "lamp", "since", "until")
POLL_S = 15


def open_desk(blueprint: Blueprint, desk: Desk, *roles: Role) -> None:
    """Serve a desk to people with one of `roles`."""

    def serve(rule: str, name: str, view: Callable[..., ResponseReturnValue]) -> None:
        blueprint.add_url_rule(desk.path + rule, name, for_roles(*roles)(view))

    serve("", "page", lambda: desk_page(desk))
    serve("/news.json", "news", lambda: desk_news(desk))
    serve("/rows/<number>", "row", lambda number: desk_row(desk, number))


def the_view() -> View:
    """Who looks through which filters; the state is the tab's."""
    person = present_person()
    g.time_zone = person.office.time_zone
    args = {name: request.args[name] for name in FILTERS if name in request.args}
    filters = read_filters({**args, "state": OPEN})
    return View(person.office, person, filters, now(), looked_at(person))


def desk_page(desk: Desk) -> str:
    session, view = current_session(), the_view()
    tab = desk.tab(request.args.get("tab", ""))
    newest = newest_event(session)  # before the rows: what comes between is news
    near = read_near(request.args.get("near", ""))
    page = read_page(session, desk, tab, view, request.args.get("after", ""), near)
    areas = office_boundaries(session, view.office)
    more = desk.context(view, tab) if desk.context else {}
    return render_template(
        desk.template,
        desk=desk,
        tab=tab,
        page=page,
        kept=KeptRows(desk, tab, view),
        view=view,
        address=tab_address,
        counts=tab_counts(session, desk, view, newest),
        views=saved_views(session, present_person(), desk.path),
        choices=_choices(session, view, areas),
        lamps=lamp_words(),
        fragments=_map(areas),
        facts=_facts(desk, tab, view, areas, newest),
        **more,
    )


def desk_news(desk: Desk) -> ResponseReturnValue:
    """Numbers of the tabs, and how many are new in one after the event `seen`; 304 if none is."""
    session, view = current_session(), the_view()
    newest = newest_event(session)
    tab = desk.tab(request.args.get("tab", ""))
    response = Response(mimetype="application/json")
    response.set_etag(news_tag(view, newest))
    response.cache_control.private = response.cache_control.no_cache = True
    if response.make_conditional(request).status_code == 304:
        return response
    seen = request.args.get("seen", newest, type=int)
    news = {
        "counts": tab_counts(session, desk, view, newest),
        "arrived": arrived(session, desk, tab, view, seen) if newest > seen else 0,
        "newest": str(newest),
    }
    response.set_data(jsonify(news).get_data())
    return response


def desk_row(desk: Desk, number: str) -> ResponseReturnValue:
    session, view = current_session(), the_view()
    tab = desk.tab(request.args.get("tab", ""))
    row = read_row(session, desk, tab, view, number)
    if row is None:  # it belongs elsewhere now: an answer, and no fault for a browser to report
        return "", 204
    return render_template("desks/row.html", desk=desk, tab=tab, row=row, view=view)


def tab_address(desk: Desk, tab: Tab | str, **changes: str | None) -> str:
    """The address of a tab with the filters of this one, and what is named changed."""
    args: dict[str, str | None] = {"tab": tab if isinstance(tab, str) else tab.name}
    args |= {name: request.args.get(name) for name in FILTERS}
    query = {name: value for name, value in (args | changes).items() if value}
    return f"{desk.path}?{urlencode(query)}"


def _choices(session: Session, view: View, areas: OfficeBoundaries) -> dict[str, Any]:
    """What can be chosen in the filters: pairs of value and label."""
    classes = office_standards(session, view.office).classes.values()
    groups = {one.group_code: one.group_name for one in classes}
    return {
        "groups": [(code, label_of(code, name)) for code, name in sorted(groups.items())],
        "communities": list(zip(areas.communities.codes, areas.communities.names, strict=True)),
        "departments": departments_of(session, view),
    }


def _map(areas: OfficeBoundaries) -> MapFragments | None:
    """Of the office; the page's script moves it to the cases of the list."""
    box = areas.bounds
    if box is None:
        return None
    center = ((box.south + box.north) / 2, (box.west + box.east) / 2)
    bounds = ((box.south, box.west), (box.north, box.east))
    return build_map("desk_map", center=center, zoom=12, bounds=bounds, controls=CONTROLS)


def _facts(
    desk: Desk, tab: Tab, view: View, areas: OfficeBoundaries, newest: int
) -> dict[str, Any]:
    """Handed to the scripts as JSON; they show what is in it by `textContent` alone."""
    return {
        "path": desk.path,
        "tab": tab.name,
        "newest": str(newest),
        "query": urlencode({n: v for n in FILTERS if (v := request.args.get(n))}),
        "office": view.office.code,
        "revision": areas.revision,
        "poll": POLL_S,
        "language": str(get_locale()),
        "words": _words(),
    }


def _words() -> dict[str, str]:
    """Sentences of the scripts; `{n}` and the like are put in there."""
    return {
        "arrived": _("{n} new: show them"),
        "gone": _("done"),
        "failed": _("This did not come."),
        "again": _("Try again"),
        "keys": _("Keys"),
        "next": _("the next case"),
        "previous": _("the one before"),
        "open": _("open the case beside the list"),
        "close": _("close"),
        "help": _("this list"),
        "search": _("search"),
        "pick": _("choose, for a step on many"),
    }
