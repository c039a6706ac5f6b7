"""What lies on a department's desk."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select, text

from webapp.cases.access import own_departments
from webapp.cases.life.models import OWING_SQL, Participant
from webapp.cases.models import Case, still_open
from webapp.cases.vocabulary import RequestKind, RequestState, State
from webapp.desks.frame import Tab
from webapp.desks.map.queries import View
from webapp.desks.scopes import asked_for, due_before, named_by, person_of
from webapp.people.models import Person, Role, crew_members

AFTER_DISPATCH = (
    State.DISPATCHED, State.HANDLING, State.RETURNED, State.SUSPENDED, State.ANSWERED,
    State.CHECKING, State.REOPENED,
)  # fmt: skip


def headed_departments(person: Person) -> list[int]:
    """The departments that somebody heads."""
    return [
        duty.department_id
        for duty in person.duties
        if duty.role is Role.DEPARTMENT_MEMBER and duty.is_head and duty.department_id is not None
    ]


def ours(view: View) -> ColumnElement[bool]:
    """The department of this person leads."""
    return Case.lead_department_id.in_(own_departments(person_of(view)))


def mine(view: View) -> ColumnElement[bool]:
    """Assigned to this person, or to a crew with which they go out."""
    person_id = person_of(view).id
    crews = select(crew_members.c.crew_id).where(crew_members.c.person_id == person_id)
    return ours(view) & or_(Case.assignee_id == person_id, Case.crew_id.in_(crews))


def due_today(view: View) -> ColumnElement[bool]:
    """The handling limit ends today, or has ended while its clock ran."""
    zone = ZoneInfo(view.office.time_zone)
    tomorrow = view.now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), zone)
    return ours(view) & due_before(midnight) & Case.clock_stopped_at.is_(None)


def joint(view: View) -> ColumnElement[bool]:
    """Others called this department and it has not finished; or it leads and others are called."""
    departments = own_departments(person_of(view))
    called = select(Participant.case_id).where(
        Participant.department_id.in_(departments), text(f"participant.{OWING_SQL}")
    )
    led = select(Case.id).where(
        ours(view), Case.joint, still_open(), Case.state.in_(AFTER_DISPATCH)
    )
    return named_by(view, called, led)


def came_back(view: View) -> ColumnElement[bool]:
    """The check on the spot failed: to be mended again."""
    return ours(view) & (Case.rework_count > 0)


def to_endorse(view: View) -> ColumnElement[bool]:
    """Somebody of a department that this person heads asks for an extension."""
    headed = headed_departments(person_of(view))
    asked = asked_for(RequestKind.EXTENSION, RequestState.ASKED)
    return Case.lead_department_id.in_(headed) & asked(view)


ENDORSE = "endorse"  # the tab that only heads see
TABS = (
    Tab("take", _l("to take on"), (State.DISPATCHED,), where=ours,
        hint=_l("What the dispatcher sends to your department comes here.")),
    Tab("mine", _l("mine"), (State.DISPATCHED, State.HANDLING), where=mine,
        hint=_l("What is assigned to you or your crew comes here.")),
    Tab("handling", _l("being handled"), (State.HANDLING,), where=ours,
        hint=_l("What your department has taken on and not yet answered is here.")),
    Tab("today", _l("due today"), (State.DISPATCHED, State.HANDLING), where=due_today,
        hint=_l("What ends today, and what is late already.")),
    Tab("back", _l("came back"), (State.HANDLING,), where=came_back,
        hint=_l("What failed its check on the spot comes back here.")),
    Tab("joint", _l("joint"), AFTER_DISPATCH, where=joint,
        hint=_l("Cases to which your department is called, or to which others come to help it.")),
    Tab(ENDORSE, _l("extensions to endorse"), (State.HANDLING,), where=to_endorse,
        hint=_l("Extensions that your people ask for wait here for you.")),
    Tab("suspended", _l("suspended"), (State.SUSPENDED,), where=ours,
        hint=_l("What waits for its season or for works is here, until its day.")),
    Tab("answered", _l("answered"), (State.ANSWERED, State.CHECKING), where=ours,
        hint=_l("What you have answered and nobody has checked yet.")),
)  # fmt: skip
