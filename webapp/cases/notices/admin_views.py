"""The administrator's pages of notices: what waits or was given up, robots, wordings."""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.notices import queries, robots, service
from webapp.cases.notices.forms import RobotForm, WordingForm
from webapp.cases.notices.texts import (
    PLACEHOLDERS,
    Wording,
    channels_of,
    check_wording,
    default_wording,
    fill,
)
from webapp.cases.notices.vocabulary import Channel, DeliveryState, NoticeKind, RobotKind
from webapp.core.audit import note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, NotFound
from webapp.core.i18n import LANGUAGES
from webapp.people.access import desk, present_person
from webapp.people.models import Office, Role
from webapp.people.queries import departments_of

blueprint = Blueprint("notices_admin", __name__, url_prefix="/admin/notices")
REFUSED = 422  # a form that came back


def own_office() -> Office:
    return present_person().office


@blueprint.get("")
@desk(Role.ADMINISTRATOR)
def outgoing() -> ResponseReturnValue:
    """What waits, what was given up and why, what was sent."""
    session, office = current_session(), own_office()
    asked = request.args.get("state", "")
    state = DeliveryState(asked) if asked in set(DeliveryState) else DeliveryState.WAITING
    rows, more = queries.deliveries(session, office, state, request.args.get("before", type=int))
    return render_template(
        "notices/outgoing.html",
        rows=rows,
        more=more,
        state=state,
        states=DeliveryState,
        counts=queries.delivery_counts(session, office),
        mail_is_set_up=bool(current_app.config["WANGGE"].smtp_url),
    )


@blueprint.post("/again")
@desk(Role.ADMINISTRATOR)
def again() -> ResponseReturnValue:
    """Send one message again, or all that were given up."""
    session, office = current_session(), own_office()
    wanted = request.form.get("id", type=int)
    if wanted is not None:
        queries.delivery_of(session, office, wanted)
    begin_write(session)
    done = service.send_again(session, office, now(), wanted)
    session.commit()
    flash(_("%(count)s messages wait to be sent again.", count=done), "success")
    return redirect(url_for("notices_admin.outgoing"))


@blueprint.route("/robots", methods=["GET", "POST"])
@desk(Role.ADMINISTRATOR)
def robot_list() -> ResponseReturnValue:
    session, office = current_session(), own_office()
    form = RobotForm(departments_of(session, office))
    if form.validate_on_submit():
        begin_write(session)
        robot = service.add_robot(
            session,
            office,
            RobotKind(form.kind.data),
            form.name.data,
            form.departments.get(form.department.data),
        )
        note_change(session, "robot.add", robot, present_person(), now())
        session.commit()
        flash(_("The robot is added."), "success")
        return redirect(url_for("notices_admin.robot_list"))
    page = render_template(
        "notices/robots.html",
        form=form,
        robots=queries.robots_of(session, office),
        variable=robots.variable,
        is_set_up=robots.is_set_up,
    )
    return page, REFUSED if form.is_submitted() else 200


@blueprint.post("/robots/<int:robot_id>/<any(remove, test):what>")
@desk(Role.ADMINISTRATOR)
def change_robot(robot_id: int, what: str) -> ResponseReturnValue:
    session, office = current_session(), own_office()
    robot = queries.robot_of(session, office, robot_id)
    begin_write(session)
    if what == "remove":
        robot.active = False
        note_change(session, "robot.remove", robot, present_person(), now())
        flash(_("The robot %(name)s says nothing more.", name=robot.name), "success")
    else:
        service.test_robot(session, robot, now())
        flash(_("A test is on its way to the group."), "success")
    session.commit()
    return redirect(url_for("notices_admin.robot_list"))


@blueprint.get("/templates")
@desk(Role.ADMINISTRATOR)
def wordings() -> ResponseReturnValue:
    own = queries.own_templates(current_session(), own_office())
    return render_template(
        "notices/wordings.html", own=own, kinds=NoticeKind, channels_of=channels_of
    )


@blueprint.route("/templates/<kind>/<language>/<channel>", methods=["GET", "POST"])
@desk(Role.ADMINISTRATOR)
def wording(kind: str, language: str, channel: str) -> ResponseReturnValue:
    """Edit a wording: look at it as it would arrive, save it, or take ours again."""
    named = _named(kind, language, channel)
    session, office = current_session(), own_office()
    form, verb = WordingForm(), request.form.get("verb", "")
    if verb == "default":
        begin_write(session)
        service.drop_wording(session, office, *named)
        note_change(session, "wording.default", "/".join(named), present_person(), now())
        return _done(_("The program's own words are used again."))
    shown = _shown(office, named, form)
    if not form.is_submitted():
        return _editor(named, shown, {})
    try:
        check_wording(shown.subject, shown.body)
    except BadInput as error:
        return _editor(named, shown, {str(error.detail["field"]): error.message}), REFUSED
    if verb != "save":
        return _editor(named, shown, {})
    begin_write(session)
    service.keep_wording(session, office, *named, shown.subject, shown.body)
    note_change(session, "wording.save", "/".join(named), present_person(), now())
    return _done(_("Saved."))


Named = tuple[NoticeKind, str, Channel]


def _named(kind: str, language: str, channel: str) -> Named:
    if kind in set(NoticeKind) and language in LANGUAGES and channel in set(Channel):
        named = NoticeKind(kind), language, Channel(channel)
        if named[2] in channels_of(named[0]):
            return named
    raise NotFound("wording", _("There is no such wording."))


def _shown(office: Office, named: Named, form: WordingForm) -> Wording:
    """What is typed; before that the office's own words, else ours."""
    if form.is_submitted():
        body = (form.body.data or "").replace("\r\n", "\n").strip()
        return Wording((form.subject.data or "").strip(), body)
    own = queries.own_template(current_session(), office, *named)
    kind, language, _channel = named
    return Wording(own.subject, own.body) if own else default_wording(kind, language)


def _editor(named: Named, shown: Wording, errors: dict[str, str]) -> str:
    session, office = current_session(), own_office()
    kind, language, channel = named
    facts = queries.sample_facts(session, office, kind, language, current_app.config["WANGGE"])
    preview: Any = fill(shown, facts) if facts and not errors else None
    return render_template(
        "notices/wording.html",
        kind=kind,
        language=language,
        channel=channel,
        shown=shown,
        errors=errors,
        preview=preview,
        sample=facts,
        placeholders=PLACEHOLDERS,
        is_own=queries.own_template(session, office, *named) is not None,
    )


def _done(words: str) -> ResponseReturnValue:
    current_session().commit()
    flash(words, "success")
    return redirect(url_for("notices_admin.wordings"))
