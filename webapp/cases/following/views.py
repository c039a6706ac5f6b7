"""`/r/<token>`: the resident's own page of a report, and what they can say at its end."""

from functools import partial

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases import queries
from webapp.cases.following.story import own_photos, plain_story, result_photos, said_already
from webapp.cases.life.scene import RESIDENT
from webapp.cases.life.steps import open_to, take_step
from webapp.cases.models import Case
from webapp.cases.report_views import send_photo
from webapp.cases.steps.reading import read_given, read_version
from webapp.cases.vocabulary import Action
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session, drop_changes
from webapp.core.errors import BadInput, Conflict, NotFound, WanggeError, answer
from webapp.core.i18n import zone
from webapp.core.rates import limit
from webapp.people.models import Office
from webapp.standards.service import office_standards

blueprint = Blueprint("follow", __name__)

REFUSED = 422  # a form that came back
ANSWERS = {"rate": Action.RATE, "not-done": Action.REOPEN}


@blueprint.get("/r/<token>")
@limit("120 per minute")
def show(token: str) -> ResponseReturnValue:
    """What became of a report, for whoever has its link."""
    return _page(token, _followed(token))


@blueprint.post("/r/<token>/<any('rate', 'not-done'):said>")
@limit("20 per 10 minutes")
def say(token: str, said: str) -> ResponseReturnValue:
    """Once it is closed: how well it was done, or that it is not done."""
    session, action = current_session(), ANSWERS[said]
    queries.followed_case(session, token)
    given = read_given(action, request.form, [], zone())
    begin_write(session)
    case = queries.followed_case(session, token, held=True)
    if not said_already(case, action, given):
        take_step(session, case, action, RESIDENT, now(), given, read_version(request.form))
    session.commit()
    thanks = {
        Action.RATE: _("Thank you: the office reads it."),
        Action.REOPEN: _("Thank you: it is open again, and the dispatcher looks at it."),
    }
    flash(thanks[action], "success")
    return redirect(url_for("follow.show", token=token), 303)


@blueprint.get("/r/<token>/photos/<int:photo_id>")
@blueprint.get("/r/<token>/photos/<int:photo_id>/<any(small):size>")
def photo(token: str, photo_id: int, size: str = "") -> ResponseReturnValue:
    case = _followed(token)
    for shown in (*own_photos(case), *result_photos(case)):
        if shown.id == photo_id:
            return send_photo(shown.sha256, small=size == "small")
    raise queries.no_photo()


@blueprint.errorhandler(BadInput)
@blueprint.errorhandler(Conflict)
def _not_taken(error: WanggeError) -> ResponseReturnValue:
    """The page comes back with what was typed, and with what has happened meanwhile."""
    if request.endpoint != "follow.say" or error.reason == "nul":
        return answer(error.status, error.reason, error.message)
    status = REFUSED if isinstance(error, BadInput) else error.status
    drop_changes()
    arguments = request.view_args or {}
    try:
        case = _followed(arguments["token"])
    except NotFound as gone:
        return answer(gone.status, gone.reason, gone.message)
    return _page(arguments["token"], case, arguments["said"], error.message), status


def _page(token: str, case: Case, said: str = "", problem: str = "") -> Response:
    session = current_session()
    office = session.get_one(Office, case.office_id)
    response = make_response(
        render_template(
            "cases/follow.html",
            case=case,
            token=token,
            facts=queries.case_facts(session, case, now(), staff=False),
            story=plain_story(case, office_standards(session, office).departments),
            own_photos=own_photos(case),
            result_photos=result_photos(case),
            may=open_to(session, RESIDENT, case, now()),
            said=said,
            problem=problem,
            photo_address=partial(_photo_address, token),
        )
    )
    response.cache_control.no_store = True
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _photo_address(token: str, photo_id: int, small: bool) -> str:
    size = "small" if small else None
    return url_for("follow.photo", token=token, photo_id=photo_id, size=size)


def _followed(token: str) -> Case:
    case = queries.followed_case(current_session(), token)
    g.time_zone = current_session().get_one(Office, case.office_id).time_zone
    return case
