"""The way of a case from the report to its end."""

from sqlalchemy import select

from tests.factories.life import Town
from webapp.cases.models import CaseEvent
from webapp.cases.vocabulary import Action, State


def test_a_case_goes_from_the_report_to_the_end(town: Town) -> None:
    case = town.closed()
    assert case.state is State.CLOSED
    assert case.closed_at == town.now
    of_case = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.at)
    events = town.session.scalars(of_case).all()
    assert [event.action for event in events] == [
        Action.REPORTED,
        Action.ASK_VERIFICATION,
        Action.VERIFY,
        Action.OPEN,
        Action.DISPATCH,
        Action.TAKE,
        Action.ANSWER,
        Action.ASK_CHECK,
        Action.PASS_CHECK,
    ]
