"""What lies on a leader's desk."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, text

from webapp.cases.lamps import open_shows
from webapp.cases.life.models import STANDS_SQL, Supervision
from webapp.cases.models import Case, still_open
from webapp.cases.rules import Lamp
from webapp.cases.vocabulary import RequestKind, RequestState, State
from webapp.desks.frame import Tab
from webapp.desks.grid.tabs import STILL_OPEN
from webapp.desks.map.queries import View
from webapp.desks.scopes import asked_for, named_by, of_the_office


def open_here(view: View) -> ColumnElement[bool]:
    return (Case.office_id == view.office.id) & still_open()


def late(view: View) -> ColumnElement[bool]:
    """The red lamp: the handling limit has passed, or had when the clock stopped."""
    return open_here(view) & open_shows(Lamp.RED, view.now)


def pressed(view: View, *of_supervision: ColumnElement[bool]) -> ColumnElement[bool]:
    """Supervised at present."""
    stands = select(Supervision.case_id).where(text(f"supervision.{STANDS_SQL}"), *of_supervision)
    return open_here(view) & named_by(view, stands)


def replied(view: View) -> ColumnElement[bool]:
    return pressed(view, Supervision.replied_at.is_not(None))


def reply_owed(view: View) -> ColumnElement[bool]:
    return pressed(view, Supervision.replied_at.is_(None), Supervision.reply_by >= view.now)


def reply_late(view: View) -> ColumnElement[bool]:
    return pressed(view, Supervision.replied_at.is_(None), Supervision.reply_by < view.now)


def cancellation(view: View) -> ColumnElement[bool]:
    return open_here(view) & asked_for(RequestKind.CANCELLATION, RequestState.ASKED)(view)


def appeal(view: View) -> ColumnElement[bool]:
    """Made after the case has closed: among all that has, only the ids say which."""
    return of_the_office(view) & asked_for(RequestKind.APPEAL, RequestState.ASKED)(view)


TABS = (
    Tab("red", _l("late"), STILL_OPEN, where=late, hint=_l("Nothing is late.")),
    Tab("cancel", _l("cancellations to approve"), STILL_OPEN, where=cancellation,
        hint=_l("When the dispatcher wants to cancel a case, you decide here.")),
    Tab("appeals", _l("appeals to decide"), (State.CLOSED,),
        where=appeal,
        hint=_l("When a department says that a delay was not its own, you decide here.")),
    Tab("replied", _l("replies to read"), STILL_OPEN, where=replied,
        hint=_l("Replies to your supervision come here, until you end it.")),
    Tab("silent", _l("replies overdue"), STILL_OPEN, where=reply_late,
        hint=_l("Nobody owes you a reply.")),
    Tab("owed", _l("replies owed"), STILL_OPEN, where=reply_owed,
        hint=_l("What you supervise and wait for is here.")),
    Tab("open", _l("all open here"), STILL_OPEN, where=open_here,
        hint=_l("Nothing is open in your area. A quiet day.")),
)  # fmt: skip
