"""The ways between the desks: what stands in the rail and the tabs, and where a person lands.

Pages are named by their address: a room whose page is not there leaves no dead link.
"""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from webapp.people.access import current_person, has_role
from webapp.people.models import Person, Role

STAFF = tuple(Role)
DISPATCH = (Role.DISPATCHER, Role.ADMINISTRATOR)
SET_UP = (Role.ADMINISTRATOR,)
LOOKERS = (Role.LEADER, Role.INSPECTOR, Role.DISPATCHER, Role.DEPARTMENT_MEMBER)


@dataclass(frozen=True)
class Entry:
    """A page in the rail; `tab` is its place among the phone's tabs."""

    path: str
    label: Any
    icon: str
    roles: tuple[Role, ...]
    part: str
    tab: bool = False
    public: bool = False


WORK, RULES = "work", "set up"
ENTRIES = (
    Entry("/desk/dispatch", _l("Dispatcher's desk"), "send-check", DISPATCH, WORK, tab=True),
    Entry(
        "/desk/department",
        _l("Department's desk"),
        "inbox",
        (Role.DEPARTMENT_MEMBER,),
        WORK,
        tab=True,
    ),
    Entry(
        "/desk/grid", _l("On the spot"), "geo", (Role.GRID_MANAGER, Role.INSPECTOR), WORK, tab=True
    ),
    Entry("/desk/leader", _l("Leader's desk"), "speedometer2", (Role.LEADER,), WORK, tab=True),
    Entry("/insight/hotspots", _l("Hot spots"), "bullseye", LOOKERS, WORK),
    Entry("/map", _l("Map"), "map", STAFF, WORK, tab=True, public=True),
    Entry("/cases", _l("Cases"), "list-check", STAFF, WORK),
    Entry("/ledger", _l("Ledger"), "table", STAFF, WORK),
    Entry("/report", _l("Report"), "plus-circle", STAFF, WORK, tab=True, public=True),
    Entry("/inbox", _l("Messages"), "bell", STAFF, WORK, tab=True),
    Entry("/admin/places", _l("Boundaries"), "bounding-box", SET_UP, RULES),
    Entry("/admin/routing", _l("Routing rules"), "signpost-split", SET_UP, RULES),
    Entry("/admin/standards", _l("Case classes"), "card-checklist", SET_UP, RULES),
    Entry("/admin/calendar", _l("Work calendar"), "calendar3", SET_UP, RULES),
    Entry("/admin/people", _l("People"), "people", SET_UP, RULES),
    Entry("/admin/departments", _l("Departments"), "building", SET_UP, RULES),
    Entry("/admin/settings", _l("Settings"), "sliders", SET_UP, RULES),
    Entry("/admin/notices", _l("Notices"), "send", SET_UP, RULES),
    Entry("/admin/log", _l("Who did what"), "journal-text", SET_UP, RULES),
    Entry("/admin/cases/import", _l("Import cases"), "database-add", SET_UP, RULES),
)


def exists(path: str) -> bool:
    """Whether some room has a page at this address."""
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True


def entries() -> list[Entry]:
    """The pages that this visitor may open, in the order of the rail."""
    person = current_person()
    closed = set() if person or current_app.config["WANGGE"].public_map else {"/map"}
    return [
        entry
        for entry in ENTRIES
        if (has_role(person, *entry.roles) if person else entry.public)
        and entry.path not in closed
        and exists(entry.path)
    ]


def is_here(entry: Entry) -> bool:
    return request.path == entry.path or request.path.startswith(f"{entry.path}/")


def landing_for(person: Person) -> str:
    """The address at which a person's day begins: the desk of their first role."""
    roles = [duty.role for duty in person.duties]
    desks = {
        Role.ADMINISTRATOR: "/admin/places",
        Role.DISPATCHER: "/desk/dispatch",
        Role.DEPARTMENT_MEMBER: "/desk/department",
        Role.GRID_MANAGER: "/desk/grid",
        Role.INSPECTOR: "/desk/grid",
        Role.LEADER: "/desk/leader",
    }
    wished = [desks.get(role, "/map") for role in roles]
    return next((path for path in wished if exists(path)), "/me")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(navigation=entries, is_here=is_here, page_exists=exists)
