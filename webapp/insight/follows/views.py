"""`/insight/follows`: begin and end to follow hot spots."""

from flask import Blueprint, Flask, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.security import local_address
from webapp.insight.follows import service
from webapp.insight.hotspots.reach import LOOKERS
from webapp.people.access import desk, present_person

blueprint = Blueprint("follows", __name__, url_prefix="/insight/follows")
PAGE = "/insight/hotspots"


@blueprint.post("")
@desk(*LOOKERS)
def begin() -> ResponseReturnValue:
    """Follow an area (`area`, else `community`: code or path), a class (`group`), or both; of
    the cases that `whose` says."""
    session, person = current_session(), present_person()
    area = request.form.get("area", "").strip() or request.form.get("community", "")
    begin_write(session)
    group, whose = (request.form.get(name, "") for name in ("group", "whose"))
    service.follow(session, person, area, group, now(), whose)
    session.commit()
    flash(_("You follow this. Each week you are told of what is new or getting hotter."), "success")
    return redirect(local_address(request.form.get("next") or PAGE))


@blueprint.post("/<int:follow_id>/end")
@desk(*LOOKERS)
def end(follow_id: int) -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    service.end_follow(session, person, follow_id)
    session.commit()
    flash(_("You do not follow this any more."), "success")
    return redirect(local_address(request.form.get("next") or PAGE))


def own_follows() -> list[service.Followed]:
    """For the page of the hot spots."""
    return service.followed(current_session(), present_person())


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["own_follows"] = own_follows
