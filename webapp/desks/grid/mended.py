"""`/desk/grid/mended`: what a grid manager found and mended at once, with photos of both."""

import uuid

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gis.errors import GeoDataError
from webapp.cases import queries
from webapp.cases.choices import frequent_conditions, report_choices
from webapp.cases.photos import MOST_BYTES, MOST_PHOTOS, ReadPhoto, read_photos, store_photo
from webapp.cases.report_views import words_for_script
from webapp.cases.service import farthest_m, find_submission
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, WanggeError, wants_json
from webapp.core.geowords import words_of
from webapp.core.i18n import zone
from webapp.desks.grid.forms import MendedForm
from webapp.desks.grid.service import record_mended
from webapp.mapping.page import build_map
from webapp.people.access import current_caller, desk, present_person
from webapp.people.models import Role

blueprint = Blueprint("mended", __name__)
REFUSED = 422  # a form that came back
CLOSE_ZOOM = 17


@blueprint.get("/desk/grid/mended")
@desk(Role.GRID_MANAGER)
def mended() -> ResponseReturnValue:
    form = MendedForm()
    form.submission_uuid.data = str(uuid.uuid4())
    return page(form, {})


@blueprint.post("/desk/grid/mended")
@desk(Role.GRID_MANAGER)
def send() -> ResponseReturnValue:
    form, session, person = MendedForm(), current_session(), present_person()
    if not form.validate():
        return refused(form, {n: [str(e) for e in es] for n, es in form.errors.items()})
    if earlier := find_submission(session, form.submission_uuid.data):
        return sent(earlier.number)
    before, after = stored(form.files()), stored(form.after_files())
    draft = form.draft(current_caller(), None, before)
    begin_write(session)
    case = record_mended(session, person, draft, form.done.data, after, now())
    session.commit()
    flash(_("%(number)s is recorded. The dispatcher looks at the photos and closes it.",
            number=case.number), "success")  # fmt: skip
    return sent(case.number)


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(GeoDataError)
def beside_the_field(error: WanggeError | GeoDataError) -> ResponseReturnValue:
    """What was found wrong later than by the form itself comes back in the form too."""
    current_session().rollback()
    field = getattr(error, "detail", {}).get("field", "position")
    return refused(MendedForm(), {str(field): [words_of(error)]})


def stored(files: list[tuple[str, object]]) -> list[ReadPhoto]:
    """Photos made small and kept before others are made to wait for the database."""
    photos = read_photos(files, zone())  # type: ignore[arg-type]
    for photo in photos:
        store_photo(current_app.config["WANGGE"].photo_dir, photo)
    return photos


def sent(number: str) -> ResponseReturnValue:
    target = url_for("cases.case", number=number)
    return jsonify(location=target) if wants_json() else redirect(target, 303)


def refused(form: MendedForm, errors: dict[str, list[str]]) -> ResponseReturnValue:
    if wants_json():
        return jsonify(errors=errors), REFUSED
    return page(form, errors), REFUSED


def page(form: MendedForm, errors: dict[str, list[str]]) -> str:
    session, office = current_session(), present_person().office
    for field in form:
        field.errors = ()  # `errors` has them all, whoever found them
    west, south, east, north = queries.office_bounds(session, office) or (-170, -60, 170, 75)
    frequent = frequent_conditions(session, office, now())
    groups = report_choices(session, office, now())
    names = {c.code: (k.name, c.name) for g in groups for k in g.classes for c in k.conditions}
    return render_template(
        "desks/mended.html",
        form=form,
        errors=errors,
        groups=groups,
        frequent=[(code, *names[code]) for code in frequent if code in names],
        fragments=build_map(
            "place_map",
            center=((south + north) / 2, (west + east) / 2),
            zoom=CLOSE_ZOOM,
            bounds=((south, west), (north, east)),
            controls=frozenset({"scale"}),
        ),
        for_script={
            "office": office.code,
            "farthestMetres": farthest_m(office),
            "mostPhotos": MOST_PHOTOS,
            "mostMegabytes": MOST_BYTES // 1024**2,
            "words": words_for_script(),
        },
    )
