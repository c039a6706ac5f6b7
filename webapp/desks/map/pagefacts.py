"""What the map's page and its scripts must know before the first data come."""

from typing import Any

import numpy as np
from flask import url_for
from flask_babel import gettext as _
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.groups import label_of, sign_of
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import State
from webapp.desks.map.boundaries import OfficeBoundaries
from webapp.desks.map.cards import named
from webapp.desks.map.queries import TALLY, View
from webapp.mapping.page import CONTROLS, MapFragments, build_map
from webapp.people.access import area_scopes
from webapp.people.models import Department
from webapp.standards.models import CaseClass


def map_of(areas: OfficeBoundaries) -> MapFragments:
    """The map; the page's script moves it to the view in the address or fits it to the office."""
    box = areas.bounds
    assert box is not None  # noqa: S101 - the view has asked
    center = ((box.south + box.north) / 2, (box.west + box.east) / 2)
    return build_map("office_map", center=center, zoom=12, controls=CONTROLS)


def choices(session: Session, view: View, areas: OfficeBoundaries) -> dict[str, Any]:
    """What can be chosen in the filters: pairs of value and label."""
    groups = session.execute(
        select(CaseClass.group_code, CaseClass.group_name)
        .where(CaseClass.office_id == view.office.id)
        .distinct()
        .order_by(CaseClass.group_code)
    )
    return {
        "states": [
            ("open", _("open cases")),
            ("all", _("all cases")),
            ("ended", _("ended cases")),
            *((state.value, state.label) for state in State),
        ],
        "groups": [(code, label_of(code, name)) for code, name in groups],
        "communities": list(zip(areas.communities.codes, areas.communities.names, strict=True)),
        "departments": departments_of(session, view) if view.person else [],
    }


def departments_of(session: Session, view: View) -> list[tuple[str, str]]:
    """Codes and names of the departments that handle cases now."""
    query = (
        select(Department.code, Department.name)
        .where(Department.office_id == view.office.id, Department.active)
        .order_by(Department.name)
    )
    return [(code, name) for code, name in session.execute(query)]


def page_facts(session: Session, view: View, areas: OfficeBoundaries) -> dict[str, Any]:
    """Handed to the scripts as JSON; they show what is in it by `textContent` alone."""
    classes = session.scalars(select(CaseClass).where(CaseClass.office_id == view.office.id))
    own = own_communities(view, areas)
    box = areas.bounds_of(own)
    return {
        "office": view.office.code,
        "revision": areas.revision,
        "staff": view.person is not None,
        "own": areas.communities.ids[own].tolist(),
        "bounds": [[box.south, box.west], [box.north, box.east]],
        "gridsFrom": areas.grids_from,
        "classes": {c.id: [named(c), sign_of(c.group_code)] for c in classes},
        "states": {state.value: str(state.label) for state in State},
        "lamps": lamp_words(),
        "tally": [lamp.value for lamp in TALLY],
        "urls": {
            "areas": url_for("map.areas_json"),
            "cases": url_for("map.cases_json"),
            "search": url_for("map.search_json"),
            "icons": url_for("static", filename="vendor/bootstrap-icons/icons/"),
        },
        "words": words(),
    }


def own_communities(view: View, areas: OfficeBoundaries) -> NDArray[np.bool_]:
    """Which communities this visitor looks after, wholly or in part; for the public all of them."""
    paths = areas.communities.paths
    if view.person is None:
        return np.ones(len(paths), bool)
    scopes = [view.area.path] if view.area else area_scopes(view.person)
    own = [any(p.startswith(s) or s.startswith(p) for s in scopes) for p in paths]
    return np.array(own) if any(own) else np.ones(len(paths), bool)


def lamp_words() -> dict[str, str]:
    return {
        Lamp.RED: _("overdue"),
        Lamp.AMBER: _("due soon"),
        Lamp.GREEN: _("in time"),
        Lamp.PAUSED: _("paused"),
        Lamp.NONE: _("ended"),
    }


def words() -> dict[str, str]:
    """Sentences of the scripts; `{n}` is put in there."""
    return {
        "cases": _("{n} cases"),
        "comma": _(", "),
        "legend_grids": _("Cases in a grid"),
        "legend_communities": _("Cases in a community"),
        "elsewhere": _("{n} in no grid"),
        "none": _("No cases match. Change the filters."),
        "noneYet": _("No open cases here. A quiet day."),
        "failed": _("The map's data did not come."),
        "community": _("Community"),
        "manager": _("Grid manager"),
        "noManager": _("nobody yet"),
        "departments": _("Departments"),
        "department": _("Department"),
        "state": _("State"),
        "due": _("Due"),
        "reported": _("Reported"),
        "place": _("Place"),
        "openCase": _("Open the case"),
        "listCases": _("List the cases"),
        "together": _("{n} cases at this place"),
        "nothingFound": _("Nothing found."),
        "grid": _("Grid"),
        "case": _("Case"),
        "list": _("Case list"),
        "close": _("Close"),
    }
