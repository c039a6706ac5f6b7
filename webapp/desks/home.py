"""The door of the house: residents find the way to report, staff land on their own desk."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from webapp.desks.navigation import landing_for
from webapp.people.access import current_person

blueprint = Blueprint("desks", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    if person := current_person():
        return redirect(landing_for(person))
    return render_template("desks/home.html")
