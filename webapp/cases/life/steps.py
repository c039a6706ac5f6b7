"""The one gate and the one writer: no other code gives a case another state.

`take_step` asks the table whether the step is possible, for whom, with what; applies what its
effect answers; and writes the event. It commits nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.life import clocks, times
from webapp.cases.life.encoding import encoded, kept
from webapp.cases.life.scene import Actor, Changes, Given, RowChange, Scene, Who, actor_at
from webapp.cases.life.table import BY_STATE, STEPS, Step, Way
from webapp.cases.life.writing import begun_with
from webapp.cases.models import FINAL_STATES, Case, CaseEvent, Photo
from webapp.cases.notices.service import announce
from webapp.cases.photos import photo_row
from webapp.cases.vocabulary import Action, PhotoKind, State
from webapp.core.errors import BadInput, Conflict, NotAllowed
from webapp.core.ids import new_id
from webapp.people.models import Person

LONGEST_NOTE = 5_000
PHOTO_KINDS = {
    Action.ANSWER: PhotoKind.AFTER,
    Action.SELF_HANDLE: PhotoKind.AFTER,
    Action.FINISH_TASK: PhotoKind.AFTER,
    Action.PASS_CHECK: PhotoKind.AFTER,
    Action.FAIL_CHECK: PhotoKind.AFTER,
}
BEFORE = {State.SUSPENDED: State.HANDLING}  # of a case that was imported so
NOTHING = Given()


def take_step(
    session: Session,
    case: Case,
    action: Action,
    actor: Actor,
    now: datetime,
    given: Given = NOTHING,
    seen_version: int | None = None,
) -> CaseEvent:
    """Take one step on a case, or say why it cannot be taken; answers its event.

    `seen_version` is that of the case on the page where the button was pressed.

    Raises
    ------
    Conflict
        ``changed``: somebody was faster (`since` lists their events); ``not_now``: the state or a
        guard does not allow it.
    NotAllowed
        The step is for others.
    BadInput
        With `field`: what was given cannot be used.
    """
    session.flush()
    scene = Scene(session, case, clocks.after_all(case, now), actor)
    event = step_on(scene, action, given, seen_version)
    announce(scene, event)
    scene.writing.write(session)
    return event


def step_on(
    scene: Scene, action: Action, given: Given = NOTHING, seen_version: int | None = None
) -> CaseEvent:
    """The gate and the writer alone: nothing is flushed yet, and nobody told (see `life.many`)."""
    if seen_version is not None and seen_version != scene.case.version:
        raise _changed(scene, seen_version)
    step = gate(scene, action)
    given = replace(given, note=given.note.strip())
    _check_given(step, given)
    changes = step.effect(scene, given)
    if step.to is Way.STAYS and not given.photos and _says_nothing_new(scene.case, changes):
        raise Conflict("not_now", _("That is so already: nothing would change."))
    return _write(scene, action, step, given, changes)


def gate(scene: Scene, action: Action) -> Step:
    """The step in the table, if it may be taken now, whatever is given with it."""
    step = _step_for(scene, action)
    for guard in step.guards:
        if why := guard(scene):
            raise Conflict("not_now", why, action=action.value)
    return step


def open_steps(session: Session, person: Person, case: Case, now: datetime) -> list[Action]:
    """The steps that this person may take on the case now, in the order of the table."""
    moment = clocks.after_all(case, now)
    scene = Scene(session, case, moment, actor_at(session, person, case))
    return list(_open(scene))


def open_to(session: Session, actor: Actor, case: Case, now: datetime) -> list[Action]:
    """The same for somebody who has not signed in: a resident with their link."""
    return list(_open(Scene(session, case, clocks.after_all(case, now), actor)))


def _open(scene: Scene) -> Iterator[Action]:
    for action, step in STEPS.items():
        if (
            scene.case.state in step.from_states
            and not scene.actor.who.isdisjoint(step.who)
            and not any(guard(scene) for guard in step.guards)
        ):
            yield action


def _step_for(scene: Scene, action: Action) -> Step:
    """The gate: whether the table has this step, from here, for this person."""
    step = STEPS.get(action)
    if step is None:
        raise BadInput("action", _("There is no such step: %(action)s.", action=action))
    if scene.actor.who.isdisjoint(step.who):
        raise NotAllowed(
            "who",
            _('"%(step)s" is not yours to do on this case.', step=action.button),
            action=action.value,
        )
    found = BY_STATE.get((scene.case.state, action))
    if found is None:
        raise Conflict(
            "not_now",
            _(
                '"%(step)s" is not possible any more: %(number)s is now %(state)s.',
                step=action.button,
                number=scene.case.number,
                state=scene.case.state.label,
            ),
            action=action.value,
        )
    return found


def _changed(scene: Scene, seen_version: int) -> Conflict:
    count = max(scene.case.version - seen_version, 1)
    query = select(CaseEvent).where(CaseEvent.case_id == scene.case.id)
    newest = query.order_by(CaseEvent.at.desc(), CaseEvent.id.desc()).limit(min(count, 20))
    events = list(scene.session.scalars(newest))[::-1]
    told = "；".join(
        _(
            "%(who)s: %(what)s",
            who=event.actor.name if event.actor else _("the program"),
            what=event.action.label,
        )
        for event in events
    )
    return Conflict(
        "changed",
        _(
            "Meanwhile something else was done on %(number)s (%(told)s). Look, and press again if"
            " it still fits.",
            number=scene.case.number,
            told=told,
        ),
        version=scene.case.version,
    )


def _check_given(step: Step, given: Given) -> None:
    """What must be filled in is, and nothing is longer than can be read."""
    if len(given.note) > LONGEST_NOTE:
        raise BadInput(
            "too_long",
            _(
                "The text has %(length)s characters; at most %(most)s are kept. Shorten it.",
                length=len(given.note),
                most=LONGEST_NOTE,
            ),
            field="note",
        )
    for name in (ask.rstrip("*") for ask in step.asks if ask.endswith("*")):
        value = getattr(given, name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise BadInput("missing", _("Fill this in."), field=name)


def _write(scene: Scene, action: Action, step: Step, given: Given, changes: Changes) -> CaseEvent:
    case, now = scene.case, scene.now
    from_state, to_state = case.state, _destination(case, step)
    values: dict[str, Any] = {"changed_at": now}
    in_time = None
    if to_state is not from_state:
        if case.stage_due_at is not None:
            in_time = now <= case.stage_due_at
        values |= {"state": to_state, "previous_state": from_state}
        values |= clocks.stage(to_state, now, scene.clock, scene.office.settings)
    values |= changes.case
    values["next_alert_at"] = _next_alert(case, values, changes, to_state, now)
    facts = {
        "id": new_id(),
        "case_id": case.id,
        "at": now,
        "action": action,
        "actor_id": scene.actor.person_id,
        "from_state": from_state,
        "to_state": to_state,
        "note": given.note,
        "detail": _detail(changes, values, in_time, given),
    }
    scene.writing.change(case, values)
    scene.writing.add(event := CaseEvent(), facts)
    for change in changes.rows:
        _apply(scene, change)
    for photo in given.photos:
        kind = PHOTO_KINDS.get(action, PhotoKind.NEAR)
        scene.writing.add(Photo(), {**photo_row(case.id, photo, kind, now), "event_id": event.id})
    times.count(scene, event)
    return event


def _says_nothing_new(case: Case, changes: Changes) -> bool:
    same = all(getattr(case, name) == value for name, value in changes.case.items())
    return same and all(
        not (row.new or row.gone)
        and all(getattr(row.row, name) == value for name, value in row.values.items())
        for row in changes.rows
    )


def _destination(case: Case, step: Step) -> State:
    if step.to is Way.STAYS:
        return case.state
    if step.to is Way.BACK:
        return case.previous_state or BEFORE.get(case.state, State.REPORTED)
    return step.to


def _next_alert(
    case: Case, values: dict[str, Any], changes: Changes, to_state: State, now: datetime
) -> datetime | None:
    if to_state in FINAL_STATES:
        return None
    promised = [case.next_alert_at]
    for change in changes.rows:
        promised += [change.values.get("report_in_by"), change.values.get("reply_by")]
    names = ("stage_warn_at", "stage_due_at", "clock_stopped_at", "warn_at", "due_at",
             "suspended_until")  # fmt: skip
    facts = {name: values.get(name, getattr(case, name)) for name in names}
    return clocks.next_alert(facts, promised, now)


def _detail(
    changes: Changes, values: dict[str, Any], in_time: bool | None, given: Given
) -> dict[str, Any]:
    """What an event keeps: all that was set, so that the events alone give the present case."""
    facts = {name: value for name, value in values.items() if name != "next_alert_at"}
    detail = kept(facts, given.note)  # the sweep's own mark is no fact of the case
    if changes.rows:
        detail["rows"] = [_kept(change, given.note) for change in changes.rows]
    if in_time is not None:
        detail["in_time"] = in_time
    if given.form:
        detail["form"] = given.form
    return detail | {
        name: encoded(value) if isinstance(value, dict) else value
        for name, value in changes.facts.items()
    }


def _kept(change: RowChange, note: str) -> dict[str, Any]:
    if change.new:
        change.row.id = new_id()
    own = {"id": change.row.id, "table": change.row.__tablename__}
    if change.gone:
        return {**own, "gone": True}
    start = {"part": change.row.part.value} if change.new and hasattr(change.row, "part") else {}
    detail = kept(change.values, note)
    return {**own, **detail, "set": {**start, **detail["set"]}}


def _apply(scene: Scene, change: RowChange) -> None:
    row = change.row
    if change.gone:
        scene.writing.remove(row)
    elif change.new:
        scene.writing.add(row, {**begun_with(row), **change.values})
    else:
        scene.writing.change(row, change.values)


__all__ = ["Actor", "Given", "Who", "open_steps", "open_to", "step_on", "take_step"]
