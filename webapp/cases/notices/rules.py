"""Who hears of what: the one table from a step to those whom it concerns, and from it the keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.cases.notices.vocabulary import NoticeKind
from webapp.cases.vocabulary import Action

A, K = Action, NoticeKind


class Audience(StrEnum):
    """People by what they have to do with a case."""

    LEAD = "lead"  # all of the lead department
    HANDLERS = "handlers"  # who was assigned, and the heads; all of it while nobody is assigned
    LEAD_HEADS = "lead_heads"  # all of it where nobody heads
    DISPATCHERS = "dispatchers"  # of the area
    LEADERS = "leaders"  # of the area
    GRID_MANAGER = "grid_manager"  # of the grid
    CALLED = "called"  # the department that was called, or is scored
    ASKER = "asker"  # who asked for what is decided
    SUPERVISOR = "supervisor"  # the leader who presses the case
    REPORTER = "reporter"  # somebody of ours who reported it


@dataclass(frozen=True)
class Telling:
    kind: NoticeKind
    audiences: tuple[Audience, ...]


def work(*audiences: Audience) -> Telling:
    return Telling(K.WORK, audiences)


def news(*audiences: Audience) -> Telling:
    return Telling(K.NEWS, audiences)


W = Audience
HEARS: dict[Action, Telling] = {
    A.ASK_VERIFICATION: work(W.GRID_MANAGER),
    A.VERIFY: work(W.DISPATCHERS),
    A.SELF_HANDLE: work(W.DISPATCHERS),
    A.REFUSE: news(W.REPORTER),
    A.MERGE: news(W.REPORTER),
    A.SPLIT: news(W.REPORTER),
    A.DISPATCH: work(W.LEAD),
    A.RECALL: news(W.HANDLERS),
    A.ASSIGN: work(W.HANDLERS),
    A.RETURN: work(W.DISPATCHERS),
    A.ANSWER: work(W.DISPATCHERS),
    A.SUSPEND: news(W.HANDLERS),
    A.RESUME: work(W.HANDLERS, W.DISPATCHERS),
    A.ASK_EXTENSION: work(W.LEAD_HEADS),
    A.ENDORSE_EXTENSION: work(W.DISPATCHERS),
    A.GRANT_EXTENSION: news(W.ASKER),
    A.REFUSE_EXTENSION: news(W.ASKER),
    A.ASK_HELP: work(W.DISPATCHERS),
    A.REFUSE_HELP: news(W.ASKER),
    A.WHISTLE: work(W.CALLED),
    A.CALL_OFF: news(W.CALLED),
    A.REPORT_IN: news(W.HANDLERS, W.DISPATCHERS),
    A.FINISH_TASK: news(W.HANDLERS, W.DISPATCHERS),
    A.SCORE: news(W.CALLED),
    A.ASK_CHECK: work(W.GRID_MANAGER),
    A.PASS_CHECK: news(W.HANDLERS, W.DISPATCHERS, W.REPORTER),
    A.FAIL_CHECK: work(W.HANDLERS),
    A.CLOSE: news(W.REPORTER),
    A.REOPEN: work(W.DISPATCHERS),
    A.ASK_CANCEL: work(W.LEADERS),
    A.GRANT_CANCEL: news(W.ASKER, W.HANDLERS),
    A.REFUSE_CANCEL: news(W.ASKER),
    A.APPEAL: work(W.LEADERS),
    A.GRANT_APPEAL: news(W.ASKER),
    A.REFUSE_APPEAL: news(W.ASKER),
    A.SUPERVISE: Telling(K.SUPERVISION, (W.LEAD_HEADS, W.DISPATCHERS)),
    A.REPLY_SUPERVISION: Telling(K.SUPERVISION, (W.SUPERVISOR,)),
    A.END_SUPERVISION: Telling(K.SUPERVISION, (W.LEAD_HEADS,)),
}
ENDORSED_AT_ONCE = work(W.DISPATCHERS)
"""An extension asked for by a head, or where nobody heads, waits for the dispatcher."""

SILENT: dict[Action, str] = {
    A.REPORTED: "new reports are counted on the dispatcher's desk",
    A.IMPORTED: "as is what comes in by the thousand",
    A.DEADLINE_RECOMPUTED: "the lamp shows it",
    A.PLACED: "the dispatcher does it on the own desk",
    A.CORRECTED: "words of it, not its way",
    A.RECLASS: "as is a correction of the class",
    A.OPEN: "the reporter is told, staff see the dispatch",
    A.UNDO_DISPATCH: "takes the dispatch's notices back",
    A.TAKE: "the dispatcher's desk shows it",
    A.RATE: "shown on the case",
}

RESIDENTS: dict[Action, NoticeKind] = {
    A.OPEN: K.ACCEPTED,
    A.ANSWER: K.DONE,
    A.PASS_CHECK: K.CLOSED,
    A.CLOSE: K.CLOSED,
    A.REFUSE: K.REFUSED,
    A.MERGE: K.MERGED,
    A.SPLIT: K.SPLIT,
}
"""What residents hear who left an e-mail address."""
WITH_THE_MERGED = (K.ACCEPTED, K.DONE, K.CLOSED, K.REFUSED)
"""What is told to those, too, whose reports were merged into the case."""

HELD_BACK = {A.DISPATCH: timedelta(seconds=15)}
"""How long a notice waits since the step can be undone (`scene.SHORT_UNDO`)."""

STAGE_AUDIENCES: dict[str, tuple[Audience, ...]] = {
    "accept": (W.DISPATCHERS,),
    "verify": (W.GRID_MANAGER, W.DISPATCHERS),
    "dispatch": (W.DISPATCHERS,),
    "take": (W.LEAD,),
    "ask_check": (W.DISPATCHERS,),
    "check": (W.GRID_MANAGER, W.DISPATCHERS),
}


def key_of(occasion: str, person_id: int) -> str:
    """The key under which a notice is there exactly once."""
    return f"{occasion}/p{person_id}"


def resident_key(occasion: str, case_id: int) -> str:
    return f"{occasion}/r{case_id}"


def occasion_of(key: str) -> str:
    """What all notices of one event, or of one threshold of a case, have in common."""
    return key.rpartition("/")[0]


def event_occasion(event_id: int) -> str:
    return f"event:{event_id}"


def alert_occasion(case_id: int, what: str, at: datetime) -> str:
    """A threshold that is moved, such as by an extension, is another one."""
    return f"alert:{case_id}:{what}:{at.isoformat()}"
