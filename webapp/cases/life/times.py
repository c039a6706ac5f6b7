"""How long a case was where, folded from its events: the base of every indicator.

The same fold updates the row in a step's commit and makes it anew from all events of the case.
"""

from collections.abc import Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webapp.cases.life.models import StageTimes
from webapp.cases.life.scene import Scene
from webapp.cases.life.table import STEPS
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action, State

COUNTED = {
    Action.DISPATCH: "dispatches",
    Action.RETURN: "returns",
    Action.FAIL_CHECK: "reworks",
    Action.GRANT_EXTENSION: "extensions",
    Action.SUSPEND: "suspensions",
    Action.REOPEN: "reopenings",
}
IN_TIME = {
    Action.OPEN: "opened_in_time",
    Action.PASS_CHECK: "checked_in_time",
    Action.FAIL_CHECK: "checked_in_time",
}


def count(scene: Scene, event: CaseEvent) -> None:
    """Add what this event says to the row of its case."""
    before, case = scene.stage_times, scene.case
    if before is None:
        row = begun(case.id, event.from_state or case.state, case.reported_at)
    else:
        row = SimpleNamespace(**before)
    add(row, event)
    scene.writing.put(StageTimes, vars(row), before)


def begun(case_id: int, state: State, since: datetime) -> SimpleNamespace:
    """The row of a case that has taken no step, by the columns of `StageTimes`."""
    nothing: dict[str, Any] = dict.fromkeys(StageTimes.__table__.c.keys())
    counts = dict.fromkeys((*COUNTED.values(), "late_us"), 0)
    known = {"case_id": case_id, "state": state, "since": since, "spent": {}}
    return SimpleNamespace(**{**nothing, **counts, **known})


def add(row: SimpleNamespace, event: CaseEvent) -> None:
    """The fold: one event more."""
    if event.to_state is not None and event.to_state != event.from_state:
        length = max(int((event.at - row.since).total_seconds() * 1_000_000), 0)
        row.spent = {**row.spent, row.state: row.spent.get(row.state, 0) + length}
        row.state, row.since = event.to_state.value, event.at
    if name := COUNTED.get(event.action):
        setattr(row, name, getattr(row, name) + 1)
    if (name := IN_TIME.get(event.action)) and "in_time" in event.detail:
        setattr(row, name, event.detail["in_time"])
    _mark(row, event)


def _mark(row: SimpleNamespace, event: CaseEvent) -> None:
    match event.action:
        case Action.OPEN:
            row.opened_at = row.opened_at or event.at
        case Action.DISPATCH:
            if row.dispatches == 1:
                row.first_dispatched_at = event.at
                row.dispatched_in_time = event.detail.get("in_time")
        case Action.UNDO_DISPATCH:
            row.dispatches -= 1
            if row.dispatches == 0:
                row.first_dispatched_at = row.dispatched_in_time = None
        case Action.ANSWER:
            row.answered_at, row.late_us = event.at, event.detail["late_us"]
            row.handled_in_time = row.late_us == 0
        case Action.REOPEN:
            row.closed_at = None
    if event.to_state is State.CLOSED and event.from_state is not State.CLOSED:
        row.closed_at = event.at


def rebuild(session: Session, case_ids: Iterable[int]) -> None:
    """Make the rows of these cases anew from their events."""
    ids = list(case_ids)
    session.execute(delete(StageTimes).where(StageTimes.case_id.in_(ids)))
    session.expire_all()
    events = (
        select(CaseEvent)
        .where(CaseEvent.case_id.in_(ids))
        .order_by(CaseEvent.case_id, CaseEvent.at, CaseEvent.id)
    )
    reported: dict[int, Any] = dict(
        session.execute(select(Case.id, Case.reported_at).where(Case.id.in_(ids))).all()
    )
    rows: dict[int, SimpleNamespace] = {}
    for event in session.scalars(events):
        if event.action not in STEPS:
            continue  # arrival, and corrections of place, words or deadline
        if event.case_id not in rows:
            state = event.from_state or State.REPORTED
            rows[event.case_id] = begun(event.case_id, state, reported[event.case_id])
        add(rows[event.case_id], event)
    if rows:
        session.execute(insert(StageTimes), [vars(row) for row in rows.values()])
