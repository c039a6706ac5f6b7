"""Cases put straight into a state, with all that a step from there needs."""

from datetime import timedelta
from typing import Any

from tests.factories.cases import LITTER
from tests.factories.life import Town
from webapp.cases.life.models import CaseRequest, Participant, Supervision
from webapp.cases.life.scene import Actor, Given, Who
from webapp.cases.models import Case
from webapp.cases.rules import NEEDS_LEAD
from webapp.cases.vocabulary import (
    Action,
    Colour,
    Part,
    RequestKind,
    RequestState,
    State,
    SupervisionKind,
)

HOUR = timedelta(hours=1)
CAME_FROM = {State.SUSPENDED: State.HANDLING, State.MERGED: State.OPENED}
ASKED, ENDORSED = RequestState.ASKED, RequestState.ENDORSED
WAITING = {
    Action.ENDORSE_EXTENSION: (RequestKind.EXTENSION, ASKED),
    Action.GRANT_EXTENSION: (RequestKind.EXTENSION, ENDORSED),
    Action.REFUSE_EXTENSION: (RequestKind.EXTENSION, ASKED),
    Action.REFUSE_HELP: (RequestKind.HELP, ASKED),
    Action.GRANT_CANCEL: (RequestKind.CANCELLATION, ASKED),
    Action.REFUSE_CANCEL: (RequestKind.CANCELLATION, ASKED),
    Action.GRANT_APPEAL: (RequestKind.APPEAL, ASKED),
    Action.REFUSE_APPEAL: (RequestKind.APPEAL, ASKED),
}  # what somebody must have asked for before


def everybody(town: Town) -> Actor:
    """The helper, allowed to do what anybody may."""
    return Actor(town.people["helper"], frozenset(Who))


def put_in(town: Town, state: State) -> Case:
    """A case in a state, with its lead where the state needs one; last changed an hour ago."""
    now = town.now - HOUR
    closed = now if state is State.CLOSED else None
    facts = {"verified": True, "changed_at": now, "stage_since": now, "closed_at": closed}
    case = town.report(state=state, **facts)
    case.previous_state = CAME_FROM.get(state)
    if state in NEEDS_LEAD | {State.RETURNED, State.CLOSED, State.REOPENED}:
        case.dispatched_at = now
        _participant(town, case, town.centre.id, Part.LEAD)
    return case


def make_ready(town: Town, case: Case, action: Action) -> None:
    """Let every guard of an action hold on a case that is in a state it is possible from."""
    session = town.session
    match action:
        case Action.UNDO_DISPATCH:
            case.state = State.OPENED
            session.flush()
            town.step(case, Action.DISPATCH, "dispatcher", department_id=town.centre.id)
        case Action.CLOSE:
            case.self_handled = True
        case Action.APPEAL:
            case.answered_at = case.due_at + HOUR
        case Action.CALL_OFF | Action.REPORT_IN | Action.FINISH_TASK | Action.SCORE:
            case.joint = True
            helpers = _participant(town, case, town.helpers.id, Part.ASSISTING)
            if action is Action.FINISH_TASK:
                helpers.reported_in_at = town.now
        case Action.REPLY_SUPERVISION | Action.END_SUPERVISION:
            _supervision(town, case)
        case _ if waiting := WAITING.get(action):
            _request(town, case, *waiting)
    session.flush()


def all_given(town: Town, action: Action) -> Given:
    """Everything that any step asks for, as it suits this one."""
    facts: dict[str, Any] = {"department_id": town.helpers.id}
    if action is Action.MERGE:
        facts["into_number"] = town.report().number
    return Given(
        note="说明",
        found=True,
        condition_code=LITTER,
        assignee_id=town.people["member"].id,
        until=(town.now + 9 * 24 * HOUR).date(),
        reply_by=town.now + HOUR,
        kind=SupervisionKind.LEADER,
        colour=Colour.RED,
        score=5,
        lon=106.25,
        lat=38.28,
        **facts,
    )


def _participant(town: Town, case: Case, department_id: int, part: Part) -> Participant:
    row = Participant(case_id=case.id, department_id=department_id, part=part, called_at=town.now)
    town.session.add(row)
    town.session.flush()
    return row


def _request(town: Town, case: Case, kind: RequestKind, state: RequestState) -> None:
    asked = CaseRequest(case_id=case.id, kind=kind, state=state, reason="原因", asked_at=town.now)
    town.session.add(asked)


def _supervision(town: Town, case: Case) -> None:
    case.pressed = Colour.RED
    town.session.add(
        Supervision(
            case_id=case.id,
            kind=SupervisionKind.LEADER,
            colour=Colour.RED,
            at=town.now,
            words="请尽快",
            reply_by=town.now + HOUR,
        )
    )
