"""The words of a case: states, actions, sources and the parts people play; each with its label."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """Where a case stands on its way (the field's flow)."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    OPENED = "opened"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    ANSWERED = "answered"
    CHECKING = "checking"
    CLOSED = "closed"
    REOPENED = "reopened"
    NOT_ACCEPTED = "not_accepted"
    CANCELLED = "cancelled"
    MERGED = "merged"

    @property
    def label(self) -> Any:
        return STATE_LABELS[self]


STATE_LABELS: dict[State, Any] = {
    State.REPORTED: _l("reported"),
    State.VERIFYING: _l("being verified"),
    State.OPENED: _l("opened"),
    State.DISPATCHED: _l("dispatched"),
    State.HANDLING: _l("being handled"),
    State.RETURNED: _l("returned"),
    State.SUSPENDED: _l("suspended"),
    State.ANSWERED: _l("answered"),
    State.CHECKING: _l("being checked"),
    State.CLOSED: _l("closed"),
    State.REOPENED: _l("reopened"),
    State.NOT_ACCEPTED: _l("not accepted"),
    State.CANCELLED: _l("cancelled"),
    State.MERGED: _l("merged"),
}


class Source(StrEnum):
    """Through which door the report came."""

    PUBLIC = "public"
    MEDIA = "media"
    TRANSFERRED = "transferred"
    GRID_MANAGER = "grid_manager"
    STAFF = "staff"
    IMPORT = "import"

    @property
    def label(self) -> Any:
        return SOURCE_LABELS[self]


SOURCE_LABELS: dict[Source, Any] = {
    Source.PUBLIC: _l("resident"),
    Source.MEDIA: _l("media"),
    Source.TRANSFERRED: _l("transferred by another body"),
    Source.GRID_MANAGER: _l("grid manager"),
    Source.STAFF: _l("staff"),
    Source.IMPORT: _l("import"),
}


class PlacedBy(StrEnum):
    """How the reporter gave the place."""

    DEVICE = "device"
    MAP = "map"
    TYPED = "typed"
    PHOTO = "photo"
    IMPORT = "import"


class Action(StrEnum):
    """A step that a person or the program takes on a case; an event records each."""

    REPORTED = "reported"
    IMPORTED = "imported"
    DEADLINE_RECOMPUTED = "deadline_recomputed"
    PLACED = "placed"
    CORRECTED = "corrected"  # words of it, not its way
    # intake
    RECLASS = "reclass"
    ASK_VERIFICATION = "ask_verification"
    VERIFY = "verify"
    SELF_HANDLE = "self_handle"
    OPEN = "open"
    REFUSE = "refuse"
    MERGE = "merge"
    SPLIT = "split"
    # dispatch and handling
    DISPATCH = "dispatch"
    UNDO_DISPATCH = "undo_dispatch"
    RECALL = "recall"
    TAKE = "take"
    ASSIGN = "assign"
    RETURN = "return"
    ANSWER = "answer"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASK_EXTENSION = "ask_extension"
    ENDORSE_EXTENSION = "endorse_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    # several departments at one case
    ASK_HELP = "ask_help"
    REFUSE_HELP = "refuse_help"
    WHISTLE = "whistle"
    CALL_OFF = "call_off"
    REPORT_IN = "report_in"
    FINISH_TASK = "finish_task"
    SCORE = "score"
    # check and end
    ASK_CHECK = "ask_check"
    PASS_CHECK = "pass_check"  # noqa: S105 - a step, no secret
    FAIL_CHECK = "fail_check"
    CLOSE = "close"
    REOPEN = "reopen"
    RATE = "rate"
    ASK_CANCEL = "ask_cancel"
    GRANT_CANCEL = "grant_cancel"
    REFUSE_CANCEL = "refuse_cancel"
    APPEAL = "appeal"
    GRANT_APPEAL = "grant_appeal"
    REFUSE_APPEAL = "refuse_appeal"
    # supervision
    SUPERVISE = "supervise"
    REPLY_SUPERVISION = "reply_supervision"
    END_SUPERVISION = "end_supervision"

    @property
    def label(self) -> Any:
        """What has happened, in the words of an event."""
        return ACTION_LABELS[self]

    @property
    def button(self) -> Any:
        """What to press, in the words of a button."""
        return BUTTON_LABELS.get(self, ACTION_LABELS[self])


ACTION_LABELS: dict[Action, Any] = {
    Action.REPORTED: _l("reported"),
    Action.IMPORTED: _l("imported"),
    Action.DEADLINE_RECOMPUTED: _l("deadline computed anew"),
    Action.PLACED: _l("placed in a grid"),
    Action.CORRECTED: _l("corrected"),
    Action.RECLASS: _l("class corrected"),
    Action.ASK_VERIFICATION: _l("sent for verification"),
    Action.VERIFY: _l("verified on the spot"),
    Action.SELF_HANDLE: _l("mended on the spot"),
    Action.OPEN: _l("opened"),
    Action.REFUSE: _l("not accepted"),
    Action.MERGE: _l("merged into another case"),
    Action.SPLIT: _l("split off again"),
    Action.DISPATCH: _l("dispatched"),
    Action.UNDO_DISPATCH: _l("dispatch taken back"),
    Action.RECALL: _l("called back to the dispatcher"),
    Action.TAKE: _l("taken on"),
    Action.ASSIGN: _l("assigned"),
    Action.RETURN: _l("returned by the department"),
    Action.ANSWER: _l("answered"),
    Action.SUSPEND: _l("suspended"),
    Action.RESUME: _l("resumed"),
    Action.ASK_EXTENSION: _l("extension asked for"),
    Action.ENDORSE_EXTENSION: _l("extension endorsed"),
    Action.GRANT_EXTENSION: _l("extension granted"),
    Action.REFUSE_EXTENSION: _l("extension refused"),
    Action.ASK_HELP: _l("help asked for"),
    Action.REFUSE_HELP: _l("help not called"),
    Action.WHISTLE: _l("department called"),
    Action.CALL_OFF: _l("call taken back"),
    Action.REPORT_IN: _l("reported in"),
    Action.FINISH_TASK: _l("task finished"),
    Action.SCORE: _l("department scored"),
    Action.ASK_CHECK: _l("sent for checking"),
    Action.PASS_CHECK: _l("check passed"),
    Action.FAIL_CHECK: _l("check failed"),
    Action.CLOSE: _l("closed"),
    Action.REOPEN: _l("reopened"),
    Action.RATE: _l("rated by the resident"),
    Action.ASK_CANCEL: _l("cancellation asked for"),
    Action.GRANT_CANCEL: _l("cancelled"),
    Action.REFUSE_CANCEL: _l("cancellation refused"),
    Action.APPEAL: _l("appealed"),
    Action.GRANT_APPEAL: _l("appeal granted"),
    Action.REFUSE_APPEAL: _l("appeal refused"),
    Action.SUPERVISE: _l("supervision begun"),
    Action.REPLY_SUPERVISION: _l("supervision answered"),
    Action.END_SUPERVISION: _l("supervision ended"),
}

BUTTON_LABELS: dict[Action, Any] = {
    Action.RECLASS: _l("Correct the class"),
    Action.ASK_VERIFICATION: _l("Have it verified"),
    Action.VERIFY: _l("Verify"),
    Action.SELF_HANDLE: _l("Mended on the spot"),
    Action.OPEN: _l("Open"),
    Action.REFUSE: _l("Do not accept"),
    Action.MERGE: _l("Merge"),
    Action.SPLIT: _l("Split off"),
    Action.DISPATCH: _l("Dispatch"),
    Action.UNDO_DISPATCH: _l("Take back"),
    Action.RECALL: _l("Call back"),
    Action.TAKE: _l("Take on"),
    Action.ASSIGN: _l("Assign"),
    Action.RETURN: _l("Return"),
    Action.ANSWER: _l("Answer"),
    Action.SUSPEND: _l("Suspend"),
    Action.RESUME: _l("Resume"),
    Action.ASK_EXTENSION: _l("Ask for an extension"),
    Action.ENDORSE_EXTENSION: _l("Endorse the extension"),
    Action.GRANT_EXTENSION: _l("Grant the extension"),
    Action.REFUSE_EXTENSION: _l("Refuse the extension"),
    Action.ASK_HELP: _l("Ask for help"),
    Action.REFUSE_HELP: _l("Call nobody"),
    Action.WHISTLE: _l("Call a department"),
    Action.CALL_OFF: _l("Take the call back"),
    Action.REPORT_IN: _l("Report in"),
    Action.FINISH_TASK: _l("Finish the task"),
    Action.SCORE: _l("Score a department"),
    Action.ASK_CHECK: _l("Have it checked"),
    Action.PASS_CHECK: _l("Pass the check"),
    Action.FAIL_CHECK: _l("Fail the check"),
    Action.CLOSE: _l("Close"),
    Action.REOPEN: _l("Reopen"),
    Action.RATE: _l("Rate"),
    Action.ASK_CANCEL: _l("Ask to cancel"),
    Action.GRANT_CANCEL: _l("Cancel the case"),
    Action.REFUSE_CANCEL: _l("Refuse to cancel"),
    Action.APPEAL: _l("Appeal"),
    Action.GRANT_APPEAL: _l("Grant the appeal"),
    Action.REFUSE_APPEAL: _l("Refuse the appeal"),
    Action.SUPERVISE: _l("Supervise"),
    Action.REPLY_SUPERVISION: _l("Reply to the supervision"),
    Action.END_SUPERVISION: _l("End the supervision"),
}


class PhotoKind(StrEnum):
    NEAR = "near"
    FAR = "far"
    BEFORE = "before"
    AFTER = "after"


class Part(StrEnum):
    """What a department does at a case."""

    LEAD = "lead"
    ASSISTING = "assisting"
    INFORMED = "informed"

    @property
    def label(self) -> Any:
        return PART_LABELS[self]


PART_LABELS: dict[Part, Any] = {
    Part.LEAD: _l("lead"),
    Part.ASSISTING: _l("assisting"),
    Part.INFORMED: _l("informed"),
}


class RequestKind(StrEnum):
    """What can be asked for at a case, for somebody else to decide."""

    EXTENSION = "extension"
    HELP = "help"
    CANCELLATION = "cancellation"
    APPEAL = "appeal"

    @property
    def label(self) -> Any:
        return REQUEST_LABELS[self]


REQUEST_LABELS: dict[RequestKind, Any] = {
    RequestKind.EXTENSION: _l("extension"),
    RequestKind.HELP: _l("help of a department"),
    RequestKind.CANCELLATION: _l("cancellation"),
    RequestKind.APPEAL: _l("appeal"),
}


class RequestState(StrEnum):
    ASKED = "asked"
    ENDORSED = "endorsed"
    GRANTED = "granted"
    REFUSED = "refused"
    DROPPED = "dropped"  # the case went on without an answer

    @property
    def label(self) -> Any:
        return REQUEST_STATE_LABELS[self]


REQUEST_STATE_LABELS: dict[RequestState, Any] = {
    RequestState.ASKED: _l("asked for"),
    RequestState.ENDORSED: _l("endorsed"),
    RequestState.GRANTED: _l("granted"),
    RequestState.REFUSED: _l("refused"),
    RequestState.DROPPED: _l("dropped"),
}


class SupervisionKind(StrEnum):
    OVERDUE = "overdue"
    LEADER = "leader"
    KEY = "key"

    @property
    def label(self) -> Any:
        return SUPERVISION_LABELS[self]


SUPERVISION_LABELS: dict[SupervisionKind, Any] = {
    SupervisionKind.OVERDUE: _l("overdue case"),
    SupervisionKind.LEADER: _l("leader's instruction"),
    SupervisionKind.KEY: _l("key case"),
}


class Colour(StrEnum):
    """How hard a case is pressed: blue near its limit, then yellow, then red."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"

    @property
    def label(self) -> Any:
        return COLOUR_LABELS[self]


COLOUR_LABELS: dict[Colour, Any] = {
    Colour.BLUE: _l("blue"),
    Colour.YELLOW: _l("yellow"),
    Colour.RED: _l("red"),
}


class ImportOutcome(StrEnum):
    RUNNING = "running"
    DONE = "done"
