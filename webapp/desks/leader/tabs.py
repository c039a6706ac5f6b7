"""What lies on a leader's desk."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from webapp.cases.life.models import CaseRequest, Supervision
from webapp.cases.models import Case, still_open
from webapp.cases.vocabulary import RequestKind, RequestState, State
from webapp.desks.frame import Tab
from webapp.desks.frame.desk import Where
from webapp.desks.grid.tabs import STILL_OPEN
from webapp.desks.map.queries import View


def late(view: View) -> ColumnElement[bool]:
    """The handling limit has passed while its clock runs."""
    return still_open() & (Case.due_at < view.now) & Case.clock_stopped_at.is_(None)


def asked_for(kind: RequestKind) -> Where:
    waiting = select(CaseRequest.case_id).where(
        CaseRequest.kind == kind, CaseRequest.state == RequestState.ASKED
    )
    return lambda _view: Case.id.in_(waiting)


def pressed(*of_supervision: ColumnElement[bool]) -> ColumnElement[bool]:
    stands = select(Supervision.case_id).where(Supervision.ended_at.is_(None), *of_supervision)
    return still_open() & Case.id.in_(stands)


def replied(_view: View) -> ColumnElement[bool]:
    return pressed(Supervision.replied_at.is_not(None))


def reply_owed(view: View) -> ColumnElement[bool]:
    return pressed(Supervision.replied_at.is_(None), Supervision.reply_by >= view.now)


def reply_late(view: View) -> ColumnElement[bool]:
    return pressed(Supervision.replied_at.is_(None), Supervision.reply_by < view.now)


def cancellation(view: View) -> ColumnElement[bool]:
    return still_open() & asked_for(RequestKind.CANCELLATION)(view)


CLOCK_MAY_RUN = tuple(state for state in STILL_OPEN if state is not State.SUSPENDED)
TABS = (
    Tab("red", _l("late"), CLOCK_MAY_RUN, where=late, hint=_l("Nothing is late.")),
    Tab("cancel", _l("cancellations to approve"), STILL_OPEN, where=cancellation,
        hint=_l("When the dispatcher wants to cancel a case, you decide here.")),
    Tab("appeals", _l("appeals to decide"), (State.CLOSED,),
        where=asked_for(RequestKind.APPEAL),
        hint=_l("When a department says that a delay was not its own, you decide here.")),
    Tab("replied", _l("replies to read"), STILL_OPEN, where=replied,
        hint=_l("Replies to your supervision come here, until you end it.")),
    Tab("silent", _l("replies overdue"), STILL_OPEN, where=reply_late,
        hint=_l("Nobody owes you a reply.")),
    Tab("owed", _l("replies owed"), STILL_OPEN, where=reply_owed,
        hint=_l("What you supervise and wait for is here.")),
)  # fmt: skip
