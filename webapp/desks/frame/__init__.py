"""The frame of every desk: tabs with numbers, filters, a list and a map side by side, a panel.

How to make a desk
------------------
1. Say what lies on it, in a module of its own::

       def of_my_department(view: View) -> ColumnElement[bool]:
           return Case.lead_department_id.in_(own_departments(view.person))

       DESK = Desk(
           path="/desk/department",
           title=_l("Department's desk"),
           tabs=(
               Tab("take", _l("to take"), (State.DISPATCHED,)),
               Tab("mine", _l("mine"), (State.HANDLING,), where=assigned_to_me),
           ),
           scope=of_my_department,                       # left out: what the person may see
           shared=lambda person: tuple(own_departments(person)),  # who sees the same numbers
       )

   A tab lists the cases in its `states` for which `where(view)` holds, the next due first (of the
   stage where its clock runs, else of the handling limit), a page at a time by key. Ended states
   are never on a desk. `view` is `desks.map.queries.View`: office, person, filters, now.

2. Open it to its people::

       blueprint = Blueprint("department_desk", __name__)
       open_desk(blueprint, DESK, Role.DEPARTMENT_MEMBER)

   This serves the page, `<path>/news.json` (numbers, and how many are new), and
   `<path>/rows/<number>` (one row anew). Register the blueprint in `desks/room.py`, add an `Entry`
   to `desks/navigation.py`, and the desk to `desks/waiting.py`: the rail shows what waits there,
   the number of the first tab or the sum of those in `waiting`.

   `notes(session, view, rows)` says a few words more on the rows of a page, by the cases' ids;
   `nearest=True` lets `near=lon,lat` in the address order a list by distance.

3. Where the desk has more than the frame, give it a template that extends "desks/desk.html"
   (`template=`, `context=`): blocks `desk_actions` (beside the title), `tabs`, `filters`, `row_end`
   (in each row), `bulk` (under the list), `panel_more` (below a case in the panel), and `scripts`
   (call `super()`). A script imports `desk` from "/static/js/desks/desk.js": `desk.selected()`,
   `desk.keys` (add a key with its words), `desk.picked()`, `desk.refresh()`, and the events
   "desk:select", "desk:panel", "desk:done" on `document`.

The address holds all: `tab`, the filters of /map (`group`, `community`, `department`, `lamp`,
`since`, `until`), `after` (the key of a page), `case` (the one in the panel).
"""

from webapp.desks.frame.desk import Desk, Note, Tab
from webapp.desks.frame.pages import open_desk

__all__ = ["Desk", "Note", "Tab", "open_desk"]
