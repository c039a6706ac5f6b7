"""The inbox, and what of it a person wants to have elsewhere."""

from flask import Blueprint, Flask, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.notices import queries, service
from webapp.cases.notices.forms import ChoiceForm
from webapp.cases.notices.vocabulary import STAFF_KINDS
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.security import local_address
from webapp.people.access import current_person, desk, present_person

blueprint = Blueprint("notices", __name__)
REFUSED = 422  # a form that came back


def unread_notices() -> int:
    """The number on the bell; asked for once a request."""
    if "unread_notices" not in g:
        person = current_person()
        g.unread_notices = (
            queries.unread_count(current_session(), person, now()) if person is not None else 0
        )
    count: int = g.unread_notices
    return count


@blueprint.get("/inbox")
@desk()
def inbox() -> ResponseReturnValue:
    unread, before = "unread" in request.args, request.args.get("before", type=int)
    messages, more = queries.inbox(
        current_session(), present_person(), now(), unread=unread, before=before
    )
    return render_template(
        "notices/inbox.html", messages=messages, more=more, unread=unread, before=before
    )


@blueprint.get("/inbox/count.json")
@desk()
def count() -> ResponseReturnValue:
    response = jsonify(unread=unread_notices())
    response.cache_control.no_store = True
    return response


@blueprint.get("/inbox/<int:notice_id>")
@desk()
def read(notice_id: int) -> ResponseReturnValue:
    """To what a message is about, which is read by this."""
    session, person = current_session(), present_person()
    notice = queries.own_notice(session, person, notice_id)
    own = local_address(notice.data.get("link") or "/inbox")
    target = url_for("cases.case", number=notice.case.number) if notice.case else own
    if notice.read_at is None:
        begin_write(session)
        service.mark_read(session, person, now(), [notice.id])
        session.commit()
    return redirect(target)


@blueprint.post("/inbox/read")
@desk()
def mark_read() -> ResponseReturnValue:
    """Mark the named messages as read, or all that there are."""
    session, person = current_session(), present_person()
    ids = None if "all" in request.form else request.form.getlist("id", type=int)
    begin_write(session)
    done = service.mark_read(session, person, now(), ids)
    session.commit()
    if ids is None:
        flash(_("%(count)s messages are marked as read.", count=done), "success")
    return redirect(local_address(request.form.get("next") or "/inbox"))


@blueprint.route("/me/notices", methods=["GET", "POST"])
@desk()
def choices() -> ResponseReturnValue:
    session, person = current_session(), present_person()
    chosen = queries.choice_of(session, person)
    form = ChoiceForm(data={"email": person.email, "mail": chosen.mail, "robot": chosen.robot})
    if not form.validate_on_submit():
        status = REFUSED if form.is_submitted() else 200
        return render_template("notices/choices.html", form=form, kinds=STAFF_KINDS), status
    begin_write(session)
    person.email = (form.email.data or "").strip() or None
    service.choose(session, person, form.mail.data or [], form.robot.data or [])
    session.commit()
    flash(_("Saved."), "success")
    return redirect(url_for("notices.choices"))


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals["unread_notices"] = unread_notices
