"""What the buttons of a case look like and what their forms say."""

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.cases.vocabulary import Action

A = Action

SIGNS: dict[Action, str] = {
    A.RECLASS: "tag",
    A.ASK_VERIFICATION: "binoculars",
    A.VERIFY: "eye",
    A.SELF_HANDLE: "wrench-adjustable",
    A.OPEN: "folder-check",
    A.REFUSE: "slash-circle",
    A.MERGE: "sign-merge-right",
    A.SPLIT: "sign-turn-left",
    A.DISPATCH: "send",
    A.UNDO_DISPATCH: "arrow-counterclockwise",
    A.RECALL: "arrow-return-left",
    A.TAKE: "hand-index-thumb",
    A.ASSIGN: "person-plus",
    A.RETURN: "reply",
    A.ANSWER: "check2-square",
    A.SUSPEND: "pause-circle",
    A.RESUME: "play-circle",
    A.ASK_EXTENSION: "hourglass-split",
    A.ENDORSE_EXTENSION: "hand-thumbs-up",
    A.GRANT_EXTENSION: "calendar-plus",
    A.REFUSE_EXTENSION: "calendar-x",
    A.ASK_HELP: "people",
    A.REFUSE_HELP: "slash-circle",
    A.WHISTLE: "megaphone",
    A.CALL_OFF: "person-dash",
    A.REPORT_IN: "geo-alt",
    A.FINISH_TASK: "check2-square",
    A.SCORE: "star",
    A.ASK_CHECK: "binoculars",
    A.PASS_CHECK: "check-circle",
    A.FAIL_CHECK: "x-circle",
    A.CLOSE: "archive",
    A.REOPEN: "arrow-repeat",
    A.ASK_CANCEL: "trash3",
    A.GRANT_CANCEL: "trash3",
    A.REFUSE_CANCEL: "slash-circle",
    A.APPEAL: "chat-left-quote",
    A.GRANT_APPEAL: "hand-thumbs-up",
    A.REFUSE_APPEAL: "hand-thumbs-down",
    A.SUPERVISE: "exclamation-triangle",
    A.REPLY_SUPERVISION: "chat-left-text",
    A.END_SUPERVISION: "check-circle",
}

FIRST: tuple[Action, ...] = (
    A.UNDO_DISPATCH, A.REPORT_IN, A.FINISH_TASK, A.ENDORSE_EXTENSION, A.GRANT_EXTENSION, A.TAKE,
    A.ANSWER, A.REPLY_SUPERVISION, A.VERIFY, A.PASS_CHECK, A.CLOSE, A.OPEN, A.DISPATCH,
    A.ASK_CHECK, A.ASK_VERIFICATION, A.GRANT_CANCEL, A.GRANT_APPEAL, A.RESUME, A.SELF_HANDLE,
    A.SCORE, A.SUPERVISE, A.APPEAL, A.REOPEN, A.SPLIT,
)  # fmt: skip
"""Which button is the big one, when several could be pressed."""

BESIDE: dict[Action, tuple[Action, ...]] = {
    A.ENDORSE_EXTENSION: (A.REFUSE_EXTENSION,),
    A.GRANT_EXTENSION: (A.REFUSE_EXTENSION,),
    A.GRANT_CANCEL: (A.REFUSE_CANCEL,),
    A.GRANT_APPEAL: (A.REFUSE_APPEAL,),
    A.TAKE: (A.RETURN,),
    A.ANSWER: (A.ASK_EXTENSION, A.RETURN),
    A.VERIFY: (A.SELF_HANDLE,),
    A.PASS_CHECK: (A.FAIL_CHECK,),
    A.OPEN: (A.REFUSE,),
    A.ASK_VERIFICATION: (A.REFUSE,),
    A.DISPATCH: (A.RECLASS,),
    A.SUPERVISE: (A.REOPEN,),
}
"""What is often pressed instead, and stands beside the big button."""

OFTEN: tuple[Action, ...] = (A.WHISTLE, A.RECALL, A.ASK_EXTENSION, A.RECLASS, A.MERGE)
"""What stands outside the menu where nothing is the big button."""
MOST_OFTEN = 2

ENDS_IT = frozenset({A.REFUSE, A.GRANT_CANCEL, A.MERGE})

HINTS: dict[Action, Any] = {
    A.VERIFY: _l("Go there and look. If nothing is found, the dispatcher decides what follows."),
    A.SELF_HANDLE: _l("The dispatcher looks at your photos and closes it."),
    A.REFUSE: _l("The case ends here. Whoever reported it reads the reason."),
    A.MERGE: _l("This case ends and is answered by the other; it can be split off again."),
    A.DISPATCH: _l("The department's time begins to run, or runs on if it had it before."),
    A.RECALL: _l("It comes back to the dispatcher, and the clock stands."),
    A.RETURN: _l("It goes back to the dispatcher, and the clock stands."),
    A.ANSWER: _l("The clock stands from now on. The resident reads this once the case is closed."),
    A.SUSPEND: _l("The clock stands until then and runs on by itself. This can be done once."),
    A.ASK_EXTENSION: _l("One more limit, counted from the deadline; the head endorses it first."),
    A.GRANT_EXTENSION: _l("The deadline moves by one more limit."),
    A.WHISTLE: _l("They report in on the spot and stay until their task is done."),
    A.REPORT_IN: _l("Your position is kept, and how far it is from the case."),
    A.FAIL_CHECK: _l("It goes back to the same department, and its clock runs on."),
    A.PASS_CHECK: _l("This closes the case."),
    A.REOPEN: _l("It comes back to the dispatcher."),
    A.ASK_CANCEL: _l("The leader decides."),
    A.GRANT_CANCEL: _l("The case ends for good."),
    A.APPEAL: _l("Once only. The leader decides whether the delay counts."),
    A.GRANT_APPEAL: _l("The delay is not counted; that it was late stays written."),
}

NOTE_LABELS: dict[Action, Any] = {
    A.VERIFY: _l("What you see there"),
    A.SELF_HANDLE: _l("What was mended"),
    A.ANSWER: _l("What was done"),
    A.FINISH_TASK: _l("What was done"),
    A.PASS_CHECK: _l("What you see there"),
    A.FAIL_CHECK: _l("What is still wrong"),
    A.WHISTLE: _l("Their task"),
    A.ASK_HELP: _l("What help is needed"),
    A.SUPERVISE: _l("Instruction"),
    A.REPLY_SUPERVISION: _l("Your reply"),
    A.CLOSE: _l("Result"),
    A.SCORE: _l("Words on it"),
    **dict.fromkeys(
        (A.REFUSE, A.SPLIT, A.RECALL, A.RETURN, A.SUSPEND, A.ASK_EXTENSION, A.REFUSE_EXTENSION,
         A.REFUSE_HELP, A.CALL_OFF, A.REOPEN, A.ASK_CANCEL, A.REFUSE_CANCEL, A.APPEAL,
         A.GRANT_APPEAL, A.REFUSE_APPEAL),
        _l("Reason"),
    ),
}  # fmt: skip

LABELS: dict[str, Any] = {
    "note": _l("Note"),
    "department_id": _l("Department"),
    "assignee_id": _l("Person"),
    "crew_id": _l("or a crew"),
    "condition_code": _l("What it is"),
    "into_number": _l("Number of the other case"),
    "found": _l("Is it there?"),
    "until": _l("Until the begin of"),
    "reply_by": _l("Reply by"),
    "colour": _l("Colour"),
    "kind": _l("Kind of supervision"),
    "score": _l("Score, 0 to 100"),
    "photos": _l("Photos"),
    "lon": _l("Your position"),
    "lat": _l("Your position"),
}

DEPARTMENT_LABELS: dict[Action, Any] = {
    A.RETURN: _l("Whose it is, as you see it"),
    A.ASK_HELP: _l("Whom you need"),
}
