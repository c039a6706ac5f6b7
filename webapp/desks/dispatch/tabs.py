"""What lies on the dispatcher's desk."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from webapp.cases.models import Case
from webapp.cases.vocabulary import RequestKind, RequestState, State
from webapp.desks.dispatch.notes import dispatch_notes
from webapp.desks.frame import Desk, Tab
from webapp.desks.grid.tabs import STILL_OPEN
from webapp.desks.map.queries import View
from webapp.desks.scopes import asked_for, by_areas_as, due_before, in_areas_as
from webapp.people.models import Role
from webapp.places.models import Area, AreaLevel

DISPATCH = (Role.DISPATCHER, Role.ADMINISTRATOR)
BEFORE_DISPATCH = (State.REPORTED, State.VERIFYING, State.OPENED, State.RETURNED, State.REOPENED)
CLOCK_RUNS = (
    *BEFORE_DISPATCH, State.DISPATCHED, State.HANDLING, State.ANSWERED, State.CHECKING,
)  # fmt: skip


def in_no_grid(view: View) -> ColumnElement[bool]:
    """Outside all grids or without a point: then the case lies in its street as a whole."""
    streets = select(Area.id).where(
        Area.level == AreaLevel.STREET,
        Area.path.startswith(view.office.area_path, autoescape=True),
    )
    return Case.area_id.in_(streets) & Case.grid_id.is_(None)


def nobody_answers(_view: View) -> ColumnElement[bool]:
    """No rule names a lead for it."""
    return Case.lead_department_id.is_(None)


def over_the_limit(view: View) -> ColumnElement[bool]:
    """The handling limit has passed while its clock runs: the red lamp."""
    return due_before(view.now) & Case.clock_stopped_at.is_(None)


DESK = Desk(
    path="/desk/dispatch",
    title=_l("Dispatcher's desk"),
    template="desks/dispatch.html",
    picks=True,
    notes=dispatch_notes,
    scope=in_areas_as(*DISPATCH),
    shared=by_areas_as(*DISPATCH),
    waiting=("new", "dispatch", "returned", "reopened", "answered", "extensions", "help"),
    tabs=(
        Tab(
            "new", _l("new"), (State.REPORTED,),
            hint=_l("What residents and grid managers report comes up here at once."),
        ),
        Tab("verify", _l("to verify"), (State.VERIFYING,),
            hint=_l("What a grid manager has been asked to look at on the spot waits here.")),
        Tab("dispatch", _l("to dispatch"), (State.OPENED,),
            hint=_l("Opened cases wait here for their department.")),
        Tab("returned", _l("returned"), (State.RETURNED,),
            hint=_l("What a department gives back comes here, with its reason.")),
        Tab("reopened", _l("reopened"), (State.REOPENED,),
            hint=_l("What a resident says is not done comes here.")),
        Tab("answered", _l("answered"), (State.ANSWERED,),
            hint=_l("What a department has done comes here, to have it checked.")),
        Tab("extensions", _l("extensions asked"), (State.HANDLING,),
            where=asked_for(RequestKind.EXTENSION, RequestState.ENDORSED),
            hint=_l("Extensions that a department's head has endorsed come here.")),
        Tab("help", _l("help asked"), (State.DISPATCHED, State.HANDLING),
            where=asked_for(RequestKind.HELP, RequestState.ASKED),
            hint=_l("Departments that cannot do it alone ask for others here.")),
        Tab("unplaced", _l("unplaced"), STILL_OPEN, where=in_no_grid,
            hint=_l("Reports from outside all grids come up here, with the nearest grid.")),
        Tab("unrouted", _l("unrouted"), BEFORE_DISPATCH, where=nobody_answers,
            hint=_l("Cases for which no rule names a department come here.")),
        Tab("overdue", _l("overdue"), CLOCK_RUNS, where=over_the_limit,
            hint=_l("Nothing is late.")),
    ),
)  # fmt: skip
