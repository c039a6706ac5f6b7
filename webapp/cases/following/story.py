"""The way of a case in a resident's words: no names of people, no words of the office's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.cases.life.scene import Given
from webapp.cases.models import Case, CaseEvent, Photo
from webapp.cases.vocabulary import Action, PhotoKind, State
from webapp.core.i18n import show_moment

PLAIN: dict[Action, Any] = {
    Action.REPORTED: _l("Your report has arrived."),
    Action.ASK_VERIFICATION: _l("Somebody goes there to look at it."),
    Action.SELF_HANDLE: _l("It was mended on the spot."),
    Action.OPEN: _l("It has been accepted."),
    Action.REFUSE: _l("It was not accepted."),
    Action.MERGE: _l("It had been reported before: both are taken care of together."),
    Action.SPLIT: _l("It is taken care of by itself again."),
    Action.RECALL: _l("The office looks for the right department."),
    Action.RETURN: _l("The office looks for the right department."),
    Action.RESUME: _l("It goes on."),
    Action.ASK_CHECK: _l("Somebody goes there to check."),
    Action.FAIL_CHECK: _l("The check found that it is not done yet; it goes on."),
    Action.PASS_CHECK: _l("It was checked and closed."),
    Action.CLOSE: _l("It is closed."),
    Action.REOPEN: _l("It has been opened again."),
    Action.GRANT_CANCEL: _l("It was cancelled."),
}
"""What is told of an action as it is; of those with more to say see `_words`; of others nothing."""

SHOWS_THE_RESULT = frozenset(
    {Action.SELF_HANDLE, Action.ANSWER, Action.FINISH_TASK, Action.PASS_CHECK, Action.CLOSE}
)
NOT_DONE_AFTER_ALL = frozenset({Action.FAIL_CHECK, Action.REOPEN})


@dataclass(frozen=True)
class PlainLine:
    """One thing that happened, as a resident reads it."""

    at: datetime
    words: str
    reason: str = ""  # words of the office that are meant for the resident


def plain_story(case: Case, departments: dict[int, str]) -> list[PlainLine]:
    """The newest first; `departments` are names by id."""
    lines: list[PlainLine] = []
    handler = ""
    for event in sorted(case.events, key=lambda event: (event.at, event.id)):
        if event.action is Action.UNDO_DISPATCH:
            lines.pop()  # it never went there
            continue
        values = event.detail.get("set", {})
        handler = departments.get(values.get("lead_department_id"), handler)
        if words := _words(event, values, handler, departments):
            reason = event.note if event.action is Action.REFUSE else ""
            lines.append(PlainLine(event.at, words, reason))
    return lines[::-1]


def said_already(case: Case, action: Action, given: Given) -> bool:
    """Whether the resident has said these very words and they still stand: a double press."""
    said = [event for event in case.events if event.action is action and event.actor_id is None]
    if not said or said[-1].note != given.note.strip():
        return False
    if action is Action.RATE:
        return case.satisfaction == given.score
    return case.state is not State.CLOSED  # closed again, it can be said again


def _words(
    event: CaseEvent, values: dict[str, Any], handler: str, departments: dict[int, str]
) -> str:
    match event.action:
        case Action.VERIFY if values.get("verified"):
            return _("It was seen on the spot.")
        case Action.VERIFY:
            return _("On the spot nothing was found.")
        case Action.DISPATCH:
            return _("%(department)s takes care of it, by %(due)s.", department=handler,
                     due=_shown(values["due_at"]))  # fmt: skip
        case Action.TAKE:
            return _("%(department)s has begun.", department=handler)
        case Action.WHISTLE:
            helper = departments.get(event.detail.get("department_id", 0), "")
            return _("%(department)s is called to help.", department=helper)
        case Action.ANSWER:
            return _("%(department)s says that it is done.", department=handler)
        case Action.SUSPEND:
            until = _shown(values["suspended_until"])
            return _("It has to wait until %(when)s.", when=until)
        case Action.GRANT_EXTENSION:
            return _("It takes longer, until %(due)s.", due=_shown(values["due_at"]))
        case action:
            return str(PLAIN.get(action, ""))


def _shown(text: str) -> str:
    return show_moment(datetime.fromisoformat(text))


def own_photos(case: Case) -> list[Photo]:
    """What came with the report."""
    return [photo for photo in case.photos if photo.event_id is None]


def result_photos(case: Case) -> list[Photo]:
    """How it looks now that it is done; nothing before it is closed, nothing that failed."""
    if case.state is not State.CLOSED:
        return []
    events = sorted(case.events, key=lambda event: (event.at, event.id))
    failed = [n for n, event in enumerate(events) if event.action in NOT_DONE_AFTER_ALL]
    last = events[max(failed, default=-1) + 1 :]
    good = {event.id for event in last if event.action in SHOWS_THE_RESULT}
    return [p for p in case.photos if p.event_id in good and p.kind is PhotoKind.AFTER]
