"""The door of the house: residents find the way to report, staff land on their own desk."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.errors import BadInput
from webapp.desks.navigation import entries, landing_for
from webapp.people.access import current_person

blueprint = Blueprint("desks", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    if person := current_person():
        return redirect(landing_for(person))
    return render_template("desks/home.html", open_pages={entry.path for entry in entries()})


@blueprint.get("/follow")
def follow() -> ResponseReturnValue:
    """From what a resident kept of a report, its link or the code in it, to that report."""
    words = request.args.get("link", "").strip()
    token = re.search(r"(?:^|/r/)([\w-]{16,})/?$", words)
    if token is None:
        raise BadInput(
            "link", _("Paste the whole link that the answer to your report showed, with /r/ in it.")
        )
    return redirect(f"{url_for('desks.home')}r/{token[1]}")
