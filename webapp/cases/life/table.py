"""The one table of steps: from which state, by whom, to where, and what it needs.

Buttons, permissions, notices, events and the page in the docs are made from it. An action reads
alike from every state it is possible in, so the table is written by action.
"""

from dataclasses import dataclass
from enum import Enum

from webapp.cases.life import guards as g
from webapp.cases.life.effects import ending, handling, intake, joint, nothing_more, requests
from webapp.cases.life.scene import Effect, Guard, Who
from webapp.cases.vocabulary import Action, RequestKind, RequestState, State


class Way(Enum):
    """Where a step leads when it is not one fixed state."""

    STAYS = "stays"
    BACK = "back"  # to the state in which it was before the present one


@dataclass(frozen=True)
class Step:
    """One action: where from, where to, who may, what they give, what must hold, what changes."""

    from_states: tuple[State, ...]
    to: State | Way
    who: tuple[Who, ...]
    asks: tuple[str, ...] = ()  # fields of `Given`; those with a * must be filled in
    guards: tuple[Guard, ...] = ()
    effect: Effect = nothing_more


S, A, W = State, Action, Who
STAYS, BACK = Way.STAYS, Way.BACK
OPEN = (S.REPORTED, S.VERIFYING, S.OPENED, S.DISPATCHED, S.HANDLING, S.RETURNED, S.SUSPENDED,
        S.ANSWERED, S.CHECKING, S.REOPENED)  # fmt: skip
EXTENSION, HELP = RequestKind.EXTENSION, RequestKind.HELP
CANCELLATION, APPEAL = RequestKind.CANCELLATION, RequestKind.APPEAL
ON_THE_SPOT = (W.GRID_MANAGER, W.INSPECTOR, W.DISPATCHER)
HEADS = (W.LEAD_HEAD, W.DISPATCHER)

STEPS: dict[Action, Step] = {
    # --- intake
    A.RECLASS: Step(
        (S.REPORTED, S.VERIFYING, S.OPENED, S.RETURNED), STAYS, (W.DISPATCHER,),
        ("condition_code*", "note"), (), intake.reclass,
    ),
    A.ASK_VERIFICATION: Step(
        (S.REPORTED,), S.VERIFYING, (W.DISPATCHER,), ("note",), (), intake.ask_verification,
    ),
    A.VERIFY: Step(
        (S.VERIFYING,), S.REPORTED, ON_THE_SPOT, ("found*", "note*", "photos"), (), intake.verify,
    ),
    A.SELF_HANDLE: Step(
        (S.REPORTED, S.VERIFYING), S.REPORTED, (W.GRID_MANAGER,), ("note*", "photos"),
        (g.not_self_handled,), intake.self_handle,
    ),
    A.OPEN: Step(
        (S.REPORTED,), S.OPENED, (W.DISPATCHER,), ("note",),
        (g.needs_no_look, g.verified_if_needed), intake.open_case,
    ),
    A.REFUSE: Step(
        (S.REPORTED,), S.NOT_ACCEPTED, (W.DISPATCHER,), ("note*",), (), ending.refuse_case,
    ),
    A.MERGE: Step(
        (S.REPORTED, S.VERIFYING, S.OPENED, S.RETURNED), S.MERGED, (W.DISPATCHER,),
        ("into_number*", "note"), (), intake.merge,
    ),
    A.SPLIT: Step((S.MERGED,), BACK, (W.DISPATCHER,), ("note*",), (), intake.split),
    # --- dispatch and handling
    A.DISPATCH: Step(
        (S.OPENED, S.RETURNED, S.REOPENED), S.DISPATCHED, (W.DISPATCHER,),
        ("department_id*", "note"), (), handling.dispatch,
    ),
    A.UNDO_DISPATCH: Step(
        (S.DISPATCHED,), BACK, (W.DISPATCHER,), (), (g.just_dispatched_by_me,),
        handling.undo_dispatch,
    ),
    A.RECALL: Step(
        (S.DISPATCHED, S.HANDLING, S.SUSPENDED), S.RETURNED, (W.DISPATCHER, W.PROGRAM),
        ("note*",), (), handling.recall,
    ),
    A.TAKE: Step((S.DISPATCHED,), S.HANDLING, (W.LEAD,)),
    A.ASSIGN: Step(
        (S.DISPATCHED, S.HANDLING), STAYS, (W.LEAD,), ("assignee_id", "crew_id", "note"), (),
        handling.assign,
    ),
    A.RETURN: Step(
        (S.DISPATCHED, S.HANDLING), S.RETURNED, (W.LEAD,), ("note*", "department_id"), (),
        handling.send_back,
    ),
    A.ANSWER: Step(
        (S.HANDLING,), S.ANSWERED, (W.LEAD,), ("note*", "photos"), (), handling.answer,
    ),
    A.SUSPEND: Step(
        (S.HANDLING,), S.SUSPENDED, (W.DISPATCHER,), ("until*", "note*"), (g.never_suspended,),
        handling.suspend,
    ),
    A.RESUME: Step(
        (S.SUSPENDED,), BACK, (W.DISPATCHER, W.PROGRAM), ("note",), (g.suspension_over,),
        handling.resume,
    ),
    A.ASK_EXTENSION: Step(
        (S.HANDLING,), STAYS, (W.LEAD,), ("note*",),
        (g.before_deadline, g.extensions_left, g.nothing_pending(EXTENSION)),
        requests.ask_extension,
    ),
    A.ENDORSE_EXTENSION: Step(
        (S.HANDLING,), STAYS, (W.LEAD_HEAD,), ("note",),
        (g.pending(EXTENSION, RequestState.ASKED),), requests.endorse_extension,
    ),
    A.GRANT_EXTENSION: Step(
        (S.HANDLING,), STAYS, (W.DISPATCHER,), ("note",),
        (g.pending(EXTENSION, RequestState.ENDORSED),), requests.grant_extension,
    ),
    A.REFUSE_EXTENSION: Step(
        (S.HANDLING,), STAYS, HEADS, ("note*",), (g.pending(EXTENSION),),
        requests.refuse(EXTENSION),
    ),
    # --- several departments at one case
    A.ASK_HELP: Step(
        (S.DISPATCHED, S.HANDLING), STAYS, (W.LEAD,), ("department_id", "note*"),
        (g.nothing_pending(HELP),), joint.ask_help,
    ),
    A.REFUSE_HELP: Step(
        (S.DISPATCHED, S.HANDLING), STAYS, (W.DISPATCHER,), ("note*",), (g.pending(HELP),),
        requests.refuse(HELP),
    ),
    A.WHISTLE: Step(
        (S.DISPATCHED, S.HANDLING), STAYS, (W.DISPATCHER,), ("department_id*", "note*"), (),
        joint.whistle,
    ),
    A.CALL_OFF: Step(
        OPEN, STAYS, (W.DISPATCHER, W.PROGRAM), ("department_id*", "note*"), (g.somebody_owes,),
        joint.call_off,
    ),
    A.REPORT_IN: Step(
        OPEN, STAYS, (W.ASSISTANT,), ("lon", "lat", "note"), (g.owes_report_in,), joint.report_in,
    ),
    A.FINISH_TASK: Step(
        OPEN, STAYS, (W.ASSISTANT,), ("note*", "photos"), (g.owes_result,), joint.finish_task,
    ),
    A.SCORE: Step(
        (S.CLOSED,), STAYS, (W.DISPATCHER,), ("department_id*", "score*", "note"), (g.is_joint,),
        joint.score,
    ),
    # --- check and end
    A.ASK_CHECK: Step(
        (S.ANSWERED, S.REOPENED), S.CHECKING, (W.DISPATCHER,), ("note",), (g.has_lead,),
    ),
    A.PASS_CHECK: Step(
        (S.CHECKING,), S.CLOSED, ON_THE_SPOT, ("note*", "photos"), (g.tasks_finished,),
        ending.close,
    ),
    A.FAIL_CHECK: Step(
        (S.CHECKING,), S.HANDLING, ON_THE_SPOT, ("note*", "photos"), (), ending.fail_check,
    ),
    A.CLOSE: Step(
        (S.REPORTED, S.REOPENED), S.CLOSED, (W.DISPATCHER,), ("note*",),
        (g.self_handled, g.tasks_finished), ending.close,
    ),
    A.REOPEN: Step(
        (S.CLOSED,), S.REOPENED, (W.RESIDENT, W.DISPATCHER, W.LEADER), ("note*",),
        (g.recently_closed,), ending.reopen,
    ),
    A.RATE: Step(
        (S.CLOSED,), STAYS, (W.RESIDENT,), ("score*", "note"), (g.not_rated,), ending.rate,
    ),
    A.ASK_CANCEL: Step(
        OPEN, STAYS, (W.DISPATCHER,), ("note*",), (g.nothing_pending(CANCELLATION),),
        requests.ask(CANCELLATION),
    ),
    A.GRANT_CANCEL: Step(
        OPEN, S.CANCELLED, (W.LEADER,), ("note",), (g.pending(CANCELLATION),),
        requests.grant_cancel,
    ),
    A.REFUSE_CANCEL: Step(
        OPEN, STAYS, (W.LEADER,), ("note*",), (g.pending(CANCELLATION),),
        requests.refuse(CANCELLATION),
    ),
    A.APPEAL: Step(
        (S.CLOSED,), STAYS, (W.LEAD,), ("note*",), (g.was_late, g.never_appealed),
        requests.ask(APPEAL),
    ),
    A.GRANT_APPEAL: Step(
        (S.CLOSED,), STAYS, (W.LEADER,), ("note*",), (g.pending(APPEAL),), requests.grant_appeal,
    ),
    A.REFUSE_APPEAL: Step(
        (S.CLOSED,), STAYS, (W.LEADER,), ("note*",), (g.pending(APPEAL),),
        requests.refuse(APPEAL),
    ),
    # --- supervision
    A.SUPERVISE: Step(
        OPEN, STAYS, (W.LEADER,), ("kind*", "colour*", "reply_by*", "note*"),
        (g.not_supervised,), ending.supervise,
    ),
    A.REPLY_SUPERVISION: Step(
        OPEN, STAYS, (W.LEAD, W.DISPATCHER), ("note*",), (g.owes_reply,),
        ending.reply_supervision,
    ),
    A.END_SUPERVISION: Step(
        OPEN, STAYS, (W.LEADER,), ("note",), (g.supervised,), ending.end_supervision,
    ),
}  # fmt: skip

BY_STATE: dict[tuple[State, Action], Step] = {
    (state, action): step for action, step in STEPS.items() for state in step.from_states
}
