"""What is pressed at a case: its steps, and the panel that the desks show beside their lists."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, jsonify, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.life.table import STEPS
from webapp.cases.models import Case, CaseEvent
from webapp.cases.photos import ReadPhoto, read_photos, store_photo
from webapp.cases.steps.fields import Refusal
from webapp.cases.steps.reading import asked_fields, read_given, read_version
from webapp.cases.steps.showing import found_case, show_case, show_panel
from webapp.cases.steps.taking import Press, case_held, find_case, press
from webapp.cases.vocabulary import Action
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session, drop_changes
from webapp.core.errors import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    WanggeError,
    answer,
    wants_json,
)
from webapp.core.security import local_address
from webapp.people.access import current_person, desk, present_person
from webapp.people.models import Person

blueprint = Blueprint("case_steps", __name__)

REFUSED = 422  # a form that came back


@blueprint.get("/cases/<number>/panel")
@desk()
def panel(number: str) -> ResponseReturnValue:
    response = make_response(show_panel(found_case(number)))
    response.cache_control.no_store = True
    return response


@blueprint.post("/cases/<number>/steps/<action>")
@desk()
def take(number: str, action: str) -> ResponseReturnValue:
    session, person, typed = current_session(), present_person(), _typed()
    find_case(session, person, number)
    wanted = _action(action)
    photos = _stored_photos(wanted, person)
    given = read_given(wanted, typed, photos, ZoneInfo(person.office.time_zone))
    pressed = Press(wanted, given, read_version(typed))
    begin_write(session)
    case = case_held(session, person, number)
    event = press(session, person, case, pressed, now())
    session.commit()
    return _taken(case, event)


def _typed() -> Mapping[str, str]:
    """The fields of a form, or the same as JSON."""
    if not request.is_json:
        return request.form
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput("json", _("Send a JSON object with the fields of the step."))
    return {str(name): _as_text(value) for name, value in body.items() if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _action(name: str) -> Action:
    found = next((action for action in STEPS if action.value == name), None)
    if found is None:
        raise NotFound("action", _("There is no such step: %(action)s.", action=name[:40]))
    return found


def _stored_photos(action: Action, person: Person) -> list[ReadPhoto]:
    """The form's photos, made small before others are kept waiting for the database."""
    chosen = [file for file in request.files.getlist("photos") if file.filename]
    if not chosen or "photos" not in asked_fields(action):
        return []
    files = [(str(file.filename)[:80], file.stream) for file in chosen]
    photos = read_photos(files, ZoneInfo(person.office.time_zone))
    for photo in photos:
        store_photo(current_app.config["WANGGE"].photo_dir, photo)
    return photos


def _taken(case: Case, event: CaseEvent) -> ResponseReturnValue:
    told = _("%(number)s: %(what)s.", number=case.number, what=event.action.label)
    if wants_json():
        return jsonify(
            event=str(event.id), action=event.action.value, state=case.state.value,
            version=case.version, number=case.number, message=told,
        )  # fmt: skip
    flash(told, "success")
    back = request.form.get("next")
    target = local_address(back) if back else url_for("cases.case", number=case.number)
    return redirect(target, 303)


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(Conflict)
@blueprint.errorhandler(NotAllowed)
def _not_taken(error: WanggeError) -> ResponseReturnValue:
    """The form comes back with all that was typed, and the case as it is now."""
    status = REFUSED if isinstance(error, BadInput) else error.status
    of_a_step = request.endpoint == "case_steps.take" and current_person() and error.reason != "nul"
    if not of_a_step:
        return answer(status, error.reason, error.message, **error.detail)
    drop_changes()
    try:
        return _told(error, status)
    except NotFound as gone:  # meanwhile it went out of this person's sight
        return answer(gone.status, gone.reason, gone.message)


def _told(error: WanggeError, status: int) -> ResponseReturnValue:
    number, action = (request.view_args or {})["number"], (request.view_args or {})["action"]
    if wants_json():
        version = find_case(current_session(), present_person(), number).version
        return answer(status, error.reason, error.message, **error.detail | {"version": version})
    refusal = Refusal(
        action=_action(action),
        typed=_typed(),
        message=error.message,
        field=str(error.detail.get("field", "")),
        had_photos=any(file.filename for file in request.files.getlist("photos")),
    )
    return show_case(found_case(number), refusal), status
