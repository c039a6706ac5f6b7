"""What a grid manager mends on the spot: reported and marked as done in one go."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.cases.life.scene import Given, Who, actor_at
from webapp.cases.life.steps import take_step
from webapp.cases.models import Case
from webapp.cases.photos import ReadPhoto
from webapp.cases.service import ReportDraft, report_case
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput
from webapp.people.models import Person


def record_mended(
    session: Session,
    person: Person,
    report: ReportDraft,
    done: str,
    after: Sequence[ReadPhoto],
    now: datetime,
) -> Case:
    """The case of a report that is mended already; the dispatcher closes it after a look.

    The same form twice is one case. Like `report_case` it wants a transaction of its own.

    Raises
    ------
    BadInput
        What `report_case` refuses; or the place lies outside what the person looks after.
    """
    case = session.get_one(Case, report_case(session, person.office, report, now))
    if case.self_handled:
        return case
    actor = actor_at(session, person, case)
    if Who.GRID_MANAGER not in actor.who:
        raise BadInput(
            "not_your_area",
            _(
                "This place lies in %(area)s, which you do not look after. Report it instead.",
                area=case.area.name,
            ),
            field="position",
        )
    given = Given(note=done, photos=tuple(after))
    take_step(session, case, Action.SELF_HANDLE, actor, now, given)
    return case
