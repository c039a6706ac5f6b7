"""Sign-in and sign-out, and one's own account."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput
from webapp.core.i18n import LANGUAGES, listed
from webapp.core.rates import limit
from webapp.core.security import local_address
from webapp.people import queries, service
from webapp.people.access import current_caller, current_person, desk, present_person, signed_in
from webapp.people.areas import office_areas
from webapp.people.forms import PasswordForm, SignInForm
from webapp.people.models import Person

blueprint = Blueprint("people", __name__)

REFUSED = 422  # a form that came back; only these count towards the limits
# These need no new password first: the way to set one, to leave, to change the language.
OPEN_TO_ALL = {
    "people.change_password", "people.sign_out", "i18n.set_language", "health.healthz", "static",
}  # fmt: skip


def was_refused(response: Response) -> bool:
    return response.status_code == REFUSED


def typed_username() -> str:
    return "sign-in:" + service.plain_username(request.form.get("username", ""))[:64]


@blueprint.before_app_request
def ask_for_a_new_password() -> ResponseReturnValue | None:
    """Who was handed a password sets an own one before anything else."""
    if request.endpoint == "static":  # a page has dozens of files: nobody is looked up for them
        return None
    caller = current_caller()
    if caller and caller.must_change_password and request.endpoint not in OPEN_TO_ALL:
        return redirect(url_for("people.change_password"))
    return None


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    if current_person():
        return redirect(local_address(request.args.get("next")))
    return sign_in_page(SignInForm())


def sign_in_page(form: SignInForm) -> str:
    demo = queries.demo_people(current_session())
    password = current_app.extensions.get("demo_password")
    return render_template("people/sign_in.html", form=form, demo=demo, demo_password=password)


@blueprint.post("/sign-in")
@limit("30 per 10 minutes", deduct_when=was_refused)
@limit("10 per 10 minutes", key_func=typed_username, deduct_when=was_refused)
def try_sign_in() -> ResponseReturnValue:
    form, database = SignInForm(), current_session()
    if form.validate():
        person = service.find_by_sign_in(database, form.username.data, form.password.data)
        if person:
            begin_write(database)
            service.note_sign_in(person, form.password.data, now())
            database.commit()
            start_session(person, form.remember.data)
            return redirect(local_address(request.args.get("next")))
        form.form_errors.append(_("User name and password do not belong together."))
    return sign_in_page(form), REFUSED


def start_session(person: Person, remember: bool) -> None:
    """A fresh session, so that nothing planted in the former one lives on."""
    language = person.language or session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = remember
    login_user(signed_in(person))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    logout_user()
    return redirect("/")


@blueprint.get("/me")
@desk()
def me() -> ResponseReturnValue:
    person = present_person()
    paths = [duty.area_path for duty in person.duties]
    names = office_areas().names(current_session(), paths)
    return render_template("people/me.html", me=person, area_names=names)


@blueprint.route("/me/password", methods=["GET", "POST"])
@desk()
@limit("10 per 10 minutes", methods=["POST"], deduct_when=was_refused)
def change_password() -> ResponseReturnValue:
    person, database = present_person(), current_session()
    form = PasswordForm(person)
    if form.validate_on_submit():
        begin_write(database)
        service.set_password(person, form.new.data)
        database.commit()
        start_session(person, session.permanent)
        flash(_("Your password is changed; you are signed out everywhere else."), "success")
        return redirect(url_for("people.me"))
    refused = REFUSED if form.is_submitted() else 200
    return render_template("people/password.html", form=form, me=person), refused


@blueprint.post("/me/language")
@desk()
def choose_own_language() -> ResponseReturnValue:
    code, database, person = request.form.get("language"), current_session(), present_person()
    if code not in LANGUAGES:
        raise BadInput("language", _("Allowed are: %(codes)s.", codes=listed(LANGUAGES)))
    begin_write(database)
    person.language = session["language"] = code
    database.commit()
    return redirect(url_for("people.me"))


@blueprint.post("/me/sign-out-everywhere")
@desk()
def sign_out_everywhere() -> ResponseReturnValue:
    database = current_session()
    begin_write(database)
    service.sign_out_everywhere(present_person())
    database.commit()
    logout_user()
    flash(_("You are signed out on all devices."), "success")
    return redirect(url_for("people.sign_in"))
