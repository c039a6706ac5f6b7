"""The pages of cases for those who are signed in: the list, one case, the unplaced desk."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases import queries
from webapp.cases.listing import filter_choices, list_cases, list_unplaced, read_filters
from webapp.cases.models import Case
from webapp.cases.placing import nearest_grids, place_at, place_in_grid
from webapp.cases.report_views import send_photo
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput
from webapp.mapping.page import MapFragments, build_map
from webapp.people.access import desk, has_role, present_person
from webapp.people.models import Role
from webapp.standards.service import office_standards

blueprint = Blueprint("cases", __name__)

PLACERS = (Role.DISPATCHER, Role.ADMINISTRATOR)
CASE_ZOOM, OFFICE_ZOOM = 17, 13


@blueprint.get("/cases")
@desk()
def index() -> ResponseReturnValue:
    person, session = present_person(), current_session()
    filters = read_filters(request.args)
    return render_template(
        "cases/list.html",
        filters=filters,
        found=list_cases(session, person, filters, now()),
        choices=filter_choices(session, person.office),
        office=person.office,
        clock=office_standards(session, person.office).clock,
    )


@blueprint.get("/cases/<number>")
@desk()
def case(number: str) -> ResponseReturnValue:
    found, session = _case(number), current_session()
    facts = queries.case_facts(session, found, now(), staff=True)
    placing = found.grid_id is None and has_role(present_person(), *PLACERS)
    fragments = _map(facts.point, placing)
    return render_template(
        "cases/case.html",
        case=found,
        facts=facts,
        fragments=fragments,
        grids=nearest_grids(session, found) if placing else [],
        placing=placing,
        photo_address=_photo_address,
        for_script=_for_script(facts) if fragments else None,
    )


@blueprint.post("/cases/<number>/place")
@desk(*PLACERS)
def place(number: str) -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    found = _case(number)
    if request.form.get("lat") and request.form.get("lon"):
        place_at(session, found, _degrees("lon"), _degrees("lat"), person, now())
    else:
        place_in_grid(session, found, request.form.get("grid", "").strip(), person, now())
    session.commit()
    flash(_("%(number)s has its grid now.", number=found.number), "success")
    return redirect(url_for("cases.case", number=found.number))


@blueprint.get("/unplaced")
@desk(*PLACERS)
def unplaced() -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    found = list_unplaced(current_session(), present_person(), page)
    return render_template("cases/unplaced.html", found=found)


@blueprint.get("/photos/<int:photo_id>")
@blueprint.get("/photos/<int:photo_id>/<any(small):size>")
@desk()
def photo(photo_id: int, size: str = "") -> Response:
    found = queries.photo_for(current_session(), present_person(), photo_id)
    return send_photo(found.sha256, small=size == "small")


def _case(number: str) -> Case:
    person = present_person()
    g.time_zone = person.office.time_zone
    return queries.case_by_number(current_session(), person, number)


def _degrees(name: str) -> float:
    try:
        return float(request.form[name])
    except ValueError:
        raise BadInput("place", _("The point is not a pair of coordinates.")) from None


def _photo_address(photo_id: int, small: bool) -> str:
    return url_for("cases.photo", photo_id=photo_id, size="small" if small else None)


def _map(point: tuple[float, float] | None, placing: bool) -> MapFragments | None:
    """Around the case's point; to place one without, the whole office."""
    controls = frozenset({"scale", "full_screen", "coordinates"})
    if point:
        return build_map("case_map", center=(point[1], point[0]), zoom=CASE_ZOOM, controls=controls)
    bounds = queries.office_bounds(current_session(), present_person().office)
    if not placing or bounds is None:
        return None
    west, south, east, north = bounds
    return build_map(
        "case_map",
        center=((south + north) / 2, (west + east) / 2),
        zoom=OFFICE_ZOOM,
        bounds=((south, west), (north, east)),
        controls=controls,
    )


def _for_script(facts: queries.CaseFacts) -> dict[str, Any]:
    return {
        "point": facts.point,
        "lamp": facts.lamp,
        "office": present_person().office.code,
        "words": {"chosen": _("The new point lies in %(place)s", place="{place}"),
                  "outside": _("This point lies outside all grids, too.")},
    }  # fmt: skip
