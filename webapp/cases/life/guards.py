"""When a step may not be taken though the state allows it: each guard says why, or None.

The docstring of a guard is what must hold, as the page in the docs prints it.
"""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from webapp.cases.life.scene import SHORT_UNDO, Scene, Who, was_dispatched
from webapp.cases.vocabulary import Action, RequestKind, RequestState, State

VERIFIED_FIRST = ("public", "media", "transferred")
MOST_EXTENSIONS = 2
APPEAL = RequestKind.APPEAL
WAITING = (RequestState.ASKED, RequestState.ENDORSED)
RESIDENT_REOPENS_WITHIN = timedelta(days=30)


def verified_if_needed(scene: Scene) -> Any:
    """what comes from outside was found on the spot"""
    first = scene.office.settings.get("verify_sources", VERIFIED_FIRST)
    if scene.case.source in first and scene.case.verified is None:
        return _("Reports from outside are verified on the spot before they are opened.")
    if scene.case.verified is False:
        return _("On the spot nothing was found. Have it verified again, or do not accept it.")
    return None


def needs_no_look(scene: Scene) -> Any:
    """it was not mended on the spot"""
    if scene.case.self_handled:
        return _("It was mended on the spot: close it.")
    return None


def self_handled(scene: Scene) -> Any:
    """before any dispatch only what was mended on the spot"""
    if scene.case.state is State.REPORTED and not scene.case.self_handled:
        return _("Only what was mended on the spot is closed without being dispatched.")
    return None


def not_self_handled(scene: Scene) -> Any:
    """it is not marked as mended on the spot already"""
    return _("It is marked as mended on the spot already.") if scene.case.self_handled else None


def just_dispatched_by_me(scene: Scene) -> Any:
    """the dispatch is the last event, one's own, 10 seconds old at most"""
    last = scene.last_event
    mine = (
        last is not None
        and last.action is Action.DISPATCH
        and last.actor_id == scene.actor.person_id
        and scene.now - last.at <= SHORT_UNDO
    )
    return None if mine else _("A dispatch can be taken back for 10 seconds by who made it.")


def before_deadline(scene: Scene) -> Any:
    """the handling limit has not passed"""
    if scene.now > scene.case.due_at:
        return _("The deadline has passed: an extension can be asked for only before it.")
    return None


def extensions_left(scene: Scene) -> Any:
    """fewer than two extensions were granted"""
    if scene.case.extension_count >= MOST_EXTENSIONS:
        return _("Two extensions have been granted; there are no more.")
    return None


def nothing_pending(kind: RequestKind) -> Any:
    def guard(scene: Scene) -> Any:
        return _("It has been asked for already.") if scene.pending(kind) else None

    guard.__doc__ = f"no {kind.value} waits for a decision"
    return guard


def pending(kind: RequestKind, *states: RequestState) -> Any:
    def guard(scene: Scene) -> Any:
        request = scene.pending(kind)
        if request is None:
            return _("Nobody asks for it.")
        if states and request.state not in states:
            if request.state is RequestState.ASKED:
                return _("The head of the department has to endorse it first.")
            return _("It is endorsed already.")
        return None

    guard.__doc__ = f"{kind.value} is {' or '.join(states or WAITING)}"
    return guard


def never_suspended(scene: Scene) -> Any:
    """it was never suspended before"""
    if scene.case.suspension_count:
        return _("A case is suspended once at most, and this one has been.")
    return None


def suspension_over(scene: Scene) -> Any:
    """by the program: its day has come"""
    until = scene.case.suspended_until
    if scene.actor.who == {Who.PROGRAM} and (until is None or scene.now < until):
        return _("It is suspended until later.")
    return None


def tasks_finished(scene: Scene) -> Any:
    """every department called with a task has finished it"""
    if not scene.case.joint:
        return None
    names = [scene.standards.departments[p.department_id] for p in scene.owing]
    if names:
        return _("Not finished yet: %(departments)s.", departments="、".join(names))
    return None


def owes_report_in(scene: Scene) -> Any:
    """the department has not reported in yet"""
    if scene.mine([p for p in scene.owing if p.reported_in_at is None]) is None:
        return _("Your department has reported in already.")
    return None


def owes_result(scene: Scene) -> Any:
    """the department has reported in, and its task is not finished"""
    if scene.mine(scene.owing) is None:
        return _("Your department has finished its task already.")
    if scene.mine([p for p in scene.owing if p.reported_in_at is not None]) is None:
        return _("Report in on the spot first.")
    return None


def somebody_owes(scene: Scene) -> Any:
    """a called department has not finished its task"""
    return None if scene.owing else _("No department is called that has not finished.")


def is_joint(scene: Scene) -> Any:
    """several departments were called to it"""
    return None if scene.case.joint else _("Only joint cases are scored.")


def not_rated(scene: Scene) -> Any:
    """it is not rated since it was closed"""
    return None if scene.case.satisfaction is None else _("You have rated it already.")


def recently_closed(scene: Scene) -> Any:
    """by a resident: closed within the last 30 days"""
    closed = scene.case.closed_at
    long_ago = closed is not None and scene.now - closed > RESIDENT_REOPENS_WITHIN
    if long_ago and scene.actor.who == {Who.RESIDENT}:
        return _("This was closed more than a month ago. Report it anew, please.")
    return None


def was_late(scene: Scene) -> Any:
    """it was answered after the handling limit"""
    done = scene.case.answered_at or scene.case.closed_at
    if done is None or done <= scene.case.due_at:
        return _("Only a case that was overdue can be appealed.")
    return None


def never_appealed(scene: Scene) -> Any:
    """no appeal was decided on or waits"""
    if any(r.kind is APPEAL and r.state is not RequestState.DROPPED for r in scene.requests):
        return _("A case can be appealed once.")
    return None


def not_supervised(scene: Scene) -> Any:
    """it is not supervised"""
    return _("It is supervised already.") if scene.supervision else None


def supervised(scene: Scene) -> Any:
    """it is supervised"""
    return None if scene.supervision else _("It is not supervised.")


def owes_reply(scene: Scene) -> Any:
    """it is supervised, and the reply is owed"""
    if scene.supervision is None:
        return _("It is not supervised.")
    return _("The reply was given already.") if scene.supervision.replied_at else None


def has_lead(scene: Scene) -> Any:
    """a department has had it in hand"""
    if scene.case.lead_department_id is None or not was_dispatched(scene.case):
        return _("No department answers for it: dispatch it.")
    return None
