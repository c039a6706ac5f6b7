"""The pages of cases for those who are signed in: the list and one case."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases import queries
from webapp.cases.listing import filter_choices, list_cases, read_filters
from webapp.cases.placing import place_at, place_in_grid
from webapp.cases.report_views import send_photo
from webapp.cases.steps.showing import PLACERS, found_case, show_case
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput
from webapp.people.access import desk, present_person
from webapp.people.looking import looked_at
from webapp.standards.service import office_standards

blueprint = Blueprint("cases", __name__)


@blueprint.get("/cases")
@desk()
def index() -> ResponseReturnValue:
    person, session = present_person(), current_session()
    filters = read_filters(request.args)
    return render_template(
        "cases/list.html",
        filters=filters,
        found=list_cases(session, person, filters, now(), looked_at(person)),
        choices=filter_choices(session, person.office),
        office=person.office,
        clock=office_standards(session, person.office).clock,
    )


@blueprint.get("/cases/<number>")
@desk()
def case(number: str) -> ResponseReturnValue:
    return show_case(found_case(number))


@blueprint.post("/cases/<number>/place")
@desk(*PLACERS)
def place(number: str) -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    found = found_case(number)
    if request.form.get("lat") and request.form.get("lon"):
        place_at(session, found, _degrees("lon"), _degrees("lat"), person, now())
    else:
        place_in_grid(session, found, request.form.get("grid", "").strip(), person, now())
    session.commit()
    flash(_("%(number)s has its grid now.", number=found.number), "success")
    return redirect(url_for("cases.case", number=found.number))


@blueprint.get("/photos/<int:photo_id>")
@blueprint.get("/photos/<int:photo_id>/<any(small):size>")
@desk()
def photo(photo_id: int, size: str = "") -> Response:
    found = queries.photo_for(current_session(), present_person(), photo_id)
    return send_photo(found.sha256, small=size == "small")


def _degrees(name: str) -> float:
    try:
        return float(request.form[name])
    except ValueError:
        raise BadInput("place", _("The point is not a pair of coordinates.")) from None
