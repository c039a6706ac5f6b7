"""`/report`, open to all."""

import uuid
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from gis.coordinates import check_lonlat, to_wgs84
from gis.errors import GeoDataError
from webapp.cases import queries
from webapp.cases.choices import frequent_conditions, report_choices
from webapp.cases.forms import ReportForm
from webapp.cases.photos import (
    MOST_BYTES,
    MOST_PHOTOS,
    ReadPhoto,
    photo_path,
    read_photos,
    store_photo,
)
from webapp.cases.service import farthest_m, find_submission, follow_token, report_case
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, WanggeError, answer, wants_json
from webapp.core.geowords import words_of
from webapp.core.i18n import zone
from webapp.core.rates import limit
from webapp.core.settings import Settings
from webapp.mapping.page import build_map
from webapp.people.access import busy_door, current_caller, current_person
from webapp.people.models import Office
from webapp.places.locating import office_at

blueprint = Blueprint("report", __name__)

REFUSED = 422  # a form that came back
AHEAD_ZOOM = 16


def is_staff() -> bool:
    return current_caller() is not None


@blueprint.get("/report")
def report() -> ResponseReturnValue:
    form = ReportForm()
    form.submission_uuid.data = str(uuid.uuid4())
    return _page(form)


@blueprint.post("/report")
@busy_door
@limit("30 per 10 minutes", exempt_when=is_staff)
def send_report() -> ResponseReturnValue:
    form, session = ReportForm(), current_session()
    if not form.validate():
        return _refused(
            form, {name: [str(e) for e in errors] for name, errors in form.errors.items()}
        )
    settings: Settings = current_app.config["WANGGE"]
    token = follow_token(settings.secret_key, form.submission_uuid.data)
    if form.files() and find_submission(session, form.submission_uuid.data):
        return _sent(token)
    draft = form.draft(current_caller(), token, _stored_photos(session, form, settings))
    begin_write(session)
    report_case(session, _office_of(session, form), draft, now())
    session.commit()
    return _sent(token)


def _stored_photos(session: Session, form: ReportForm, settings: Settings) -> list[ReadPhoto]:
    """The form's photos, made small before others are kept waiting for the database."""
    if not form.files():
        return []
    _office_of(session, form)  # photos tell their time in its zone
    photos = read_photos(form.files(), zone())
    for photo in photos:
        store_photo(settings.photo_dir, photo)
    return photos


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(GeoDataError)
def _beside_the_field(error: WanggeError | GeoDataError) -> ResponseReturnValue:
    """What was found wrong later than by the form itself comes back in the form too."""
    if request.endpoint != "report.send_report":
        return answer(400, str(error.reason), words_of(error))
    current_session().rollback()
    field = getattr(error, "detail", {}).get("field", "position")
    return _refused(ReportForm(), {str(field): [words_of(error)]})


def _office_of(session: Session, form: ReportForm) -> Office:
    """The office that looks after the place; its zone is that of the photos and the answer."""
    assert form.place is not None  # noqa: S101 - the form is valid
    office = office_at(session, *to_wgs84(*check_lonlat(*form.place), form.datum.data))
    g.time_zone = office.time_zone
    return office


def _sent(token: str) -> ResponseReturnValue:
    target = url_for("follow.show", token=token, new=1)
    return jsonify(location=target) if wants_json() else redirect(target, 303)


def _refused(form: ReportForm, errors: dict[str, list[str]]) -> ResponseReturnValue:
    if wants_json():
        return jsonify(errors=errors), REFUSED
    return _page(form, errors), REFUSED


def _page(form: ReportForm, errors: dict[str, list[str]] | None = None) -> Response:
    session = current_session()
    for field in form:
        field.errors = ()  # `errors` has them all, whoever found them
    offices = queries.offices_with_classes(session)
    office = _chosen(offices)
    response = make_response(
        render_template(
            "cases/report.html",
            form=form,
            errors=errors or {},
            office=office,
            offices=offices,
            **(_facts(session, office) if office else {}),
        )
    )
    response.cache_control.no_store = True  # going back must not send an old form again
    return response


def _chosen(offices: list[Office]) -> Office | None:
    person, code = current_person(), request.values.get("office")
    wished = [o for o in offices if o.code == code] if code else []
    own = [o for o in offices if person and o.id == person.office_id]
    return next(iter(wished or own or offices), None)


def _facts(session: Session, office: Office) -> dict[str, Any]:
    bounds = queries.office_bounds(session, office)
    south_west, north_east = ((bounds[1], bounds[0]), (bounds[3], bounds[2])) if bounds else (
        (-60.0, -170.0), (75.0, 170.0)
    )  # fmt: skip
    center = (south_west[0] + north_east[0]) / 2, (south_west[1] + north_east[1]) / 2
    return {
        "groups": report_choices(session, office, now()),
        "for_script": {
            "frequent": frequent_conditions(session, office, now()),
            "office": office.code,
            "farthestMetres": farthest_m(office),
            "mostPhotos": MOST_PHOTOS,
            "mostMegabytes": MOST_BYTES // 1024**2,
            "words": words_for_script(),
        },
        "fragments": build_map(
            "place_map",
            center=center,
            zoom=AHEAD_ZOOM,
            bounds=(south_west, north_east),
            controls=frozenset({"scale"}),
        ),
    }


def send_photo(sha256: str, *, small: bool) -> Response:
    """A photo's file; nosniff comes with every answer, and no shared cache may keep it."""
    path = photo_path(current_app.config["WANGGE"].photo_dir, sha256, small)
    if not path.exists():
        raise queries.no_photo()
    response = send_file(path.resolve(), mimetype="image/jpeg", max_age=24 * 3600)
    response.cache_control.public = False
    response.cache_control.private = True
    return response


def words_for_script() -> dict[str, str]:
    """What the report form's script says."""
    return {
        "here": _("You are in %(place)s", place="{place}"),
        "chosen": _("It is in %(place)s", place="{place}"),
        "accuracy": _("within %(metres)s m", metres="{metres}"),
        "outside": _("Outside all grids, %(metres)s m from %(place)s. You can report it even so.",
                     metres="{metres}", place="{place}"),
        "far": _("This place is %(km)s km away from what we look after.", km="{km}"),
        "near": _("Only %(metres)s m from %(place)s: see that the point is right.",
                  metres="{metres}", place="{place}"),
        "denied": _("Your position may not be asked for. Tap the place on the map."),
        "no_position": _("Your position cannot be found now. Tap the place on the map."),
        "searching": _("Looking for your position…"),
        "tap": _("Tap the map where it is."),
        "recent": _("Yours of late"),
        "frequent": _("Often reported"),
        "nothing": _("Nothing is called that. Choose “other” and say it in your words."),
        "too_many": _("At most %(most)s photos.", most="{most}"),
        "too_large": _("%(name)s is larger than %(most)s MB.", name="{name}", most="{most}"),
        "remove": _("Remove this photo"),
        "offline": _("It could not be sent: no connection. What you typed is kept; try again."),
        "failed": _("It could not be sent. What you typed is kept; try again in a minute."),
        "sending": _("Sending…"),
        "kept": _("What you had typed is back."),
        "again": _("Start afresh"),
    }  # fmt: skip
