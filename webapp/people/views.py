"""Sign-in and sign-out, one's own account, and the administrator's list of people."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from webapp.people.access import desk, present_person

blueprint = Blueprint("people", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("people/sign_in.html")


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    logout_user()
    return redirect("/")


@blueprint.get("/me")
@desk()
def me() -> ResponseReturnValue:
    return render_template("people/me.html", me=present_person())
