"""Which of their areas somebody looks at now: chosen in the top bar, kept in the session.

It narrows desks, map, ledger and lists, and never opens anything: only areas inside those that a
person looks after can be chosen, and one that no longer is such an area does not count.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Flask, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.database import current_session
from webapp.core.errors import NotFound
from webapp.core.security import local_address
from webapp.people.access import area_scopes, current_person, desk, present_person
from webapp.people.areas import AreaChoice, office_areas
from webapp.people.models import Person

blueprint = Blueprint("looking", __name__)
KEY = "area"
# What an address says of places or pages of another area means nothing in the one now chosen.
OF_A_PLACE = {"community", "after", "before", "page", "near", "at", "grid", "case", "seen"}


@dataclass(frozen=True)
class Looking:
    """What the switcher shows: all that one looks after, the areas to choose from, the choice."""

    everything: str
    choices: list[tuple[AreaChoice, int]]  # with how many of the others each lies inside
    chosen: AreaChoice | None


def own_areas(person: Person) -> list[AreaChoice]:
    """The streets and communities inside what a person looks after, in the order of the tree."""
    scopes = area_scopes(person)
    parts = office_areas().parts(current_session(), person.office)
    return [part for part in parts if any(part.path.startswith(scope) for scope in scopes)]


def own_area(person: Person, path: str) -> AreaChoice:
    """The area of this path; NotFound for one that is not inside what the person looks after."""
    found = next((area for area in own_areas(person) if area.path == path), None)
    if found is None:
        raise NotFound("area", _("There is no such area, or it is not yours to look after."))
    return found


def looked_at(person: Person) -> AreaChoice | None:
    """The area that a person has chosen to look at alone; None: all that is theirs."""
    path = session.get(KEY)
    return next((area for area in own_areas(person) if area.path == path), None) if path else None


def looking() -> Looking | None:
    """For the top bar; None where there is nothing to choose between."""
    person = current_person()
    if person is None:
        return None
    areas, scopes = own_areas(person), area_scopes(person)
    everything = _("all my areas")
    if len(scopes) == 1:  # one area is everything, and no choice beside that
        names = {area.path: area.name for area in areas}
        everything = names.get(scopes[0], person.office.name)
        areas = [area for area in areas if area.path != scopes[0]]
    if len(areas) < 2:
        return None
    depths = [sum(area.path.startswith(a.path) for a in areas) - 1 for area in areas]
    return Looking(everything, list(zip(areas, depths, strict=True)), looked_at(person))


@blueprint.post("/area")
@desk()
def choose() -> ResponseReturnValue:
    """Look at one area alone, or (no path) at all of them again; back to the page it was for."""
    if path := request.form.get("path", ""):
        session[KEY] = own_area(present_person(), path).path
    else:
        session.pop(KEY, None)
    address = urlsplit(local_address(request.form.get("next")))
    kept = [(name, value) for name, value in parse_qsl(address.query) if name not in OF_A_PLACE]
    return redirect(f"{address.path}?{urlencode(kept)}" if kept else address.path, 303)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(looking=looking)
