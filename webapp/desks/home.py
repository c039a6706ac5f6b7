"""The door of the house: residents find the way to report, staff land on their own desk."""

import re

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from geoalchemy2.shape import to_shape
from sqlalchemy import select

from webapp.cases.models import Case, CaseKey
from webapp.core.database import current_session
from webapp.desks.navigation import entries, landing_for
from webapp.people.access import current_person

blueprint = Blueprint("desks", __name__)

TOKEN = re.compile(r"(?:^|/r/)([0-9a-f]{40})(?:[/?#].*)?$")
CLOSE_UP = 17  # the zoom at which a single case is told from its neighbours


def front_page(link: str = "", problem: str | None = None) -> str:
    pages = {entry.path for entry in entries()}
    return render_template("desks/home.html", open_pages=pages, link=link, problem=problem)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    if person := current_person():
        return redirect(landing_for(person))
    return front_page()


@blueprint.get("/follow")
def follow() -> ResponseReturnValue:
    """From what a resident kept of a report, its link or its number, to what became of it."""
    words = request.args.get("link", "").strip()
    if token := TOKEN.search(words):
        return redirect(url_for("follow.show", token=token[1]))
    if place := place_of(words):
        return redirect(url_for("map.show", state="all", at=place))
    problem = _(
        "Nothing is known by these words. Give the case number, or the whole link that the answer"
        " to your report showed."
    )
    return front_page(words, problem), 422


def place_of(number: str) -> str | None:
    """Where the map shows a case, while the map is open to all: it says its class and state."""
    if not current_app.config["WANGGE"].public_map:
        return None
    by_number = select(Case.location).join(CaseKey).where(CaseKey.number == number.upper())
    location = current_session().scalar(by_number)
    if location is None:
        return None
    point = to_shape(location)
    return f"{point.y:.5f},{point.x:.5f},{CLOSE_UP}"
