"""`/desk/department`."""

from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from webapp.desks.department.notes import department_notes
from webapp.desks.department.tabs import ENDORSE, TABS, headed_departments
from webapp.desks.frame import Desk, Tab, open_desk
from webapp.desks.frame.desk import by_person, everything
from webapp.desks.map.queries import View
from webapp.desks.scopes import person_of
from webapp.people.models import Role

blueprint = Blueprint("department_desk", __name__)


def for_heads(view: View, _tab: Tab) -> dict[str, Any]:
    """Only heads endorse extensions and keep crews."""
    is_head = bool(headed_departments(person_of(view)))
    return {"is_head": is_head, "hidden_tabs": () if is_head else (ENDORSE,)}


DESK = Desk(
    path="/desk/department",
    title=_l("Department's desk"),
    tabs=TABS,
    scope=everything,  # each tab says whose
    shared=by_person,
    waiting=("take", "back", "endorse"),
    template="desks/department.html",
    context=for_heads,
    notes=department_notes,
)

open_desk(blueprint, DESK, Role.DEPARTMENT_MEMBER)
