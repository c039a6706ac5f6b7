"""The same step on many cases: through the same gate and effects, with what it needs read at once.

A case on which the step cannot be taken is left as it is, and why is said; the others go on. All of
it is one transaction of the caller's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.life import clocks
from webapp.cases.life.models import CaseRequest, Participant, StageTimes, Supervision
from webapp.cases.life.scene import Given, Scene, actor_at
from webapp.cases.life.steps import gate, step_on
from webapp.cases.life.writing import Writing
from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.service import announce_all
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput, Conflict, NotAllowed
from webapp.people.models import Department, Office, Person


@dataclass
class Outcome:
    """What became of a step on many cases."""

    events: list[tuple[Case, CaseEvent]] = field(default_factory=list)
    failed: list[tuple[Case, str]] = field(default_factory=list)  # with the reason in words


def take_steps(
    session: Session,
    cases: Sequence[Case],
    action: Action,
    person: Person,
    now: datetime,
    given: Callable[[Case], Given],
    seen: Mapping[int, int] = MappingProxyType({}),
) -> Outcome:
    """Take one step on each of these cases, giving what `given` answers for it.

    Lock the cases first (`locked_cases`), so that nobody steps in between. `seen` are the versions,
    by id, of those that were looked at one by one.
    """
    outcome = Outcome()
    offices = {case.office_id for case in cases}
    _kept = session.scalars(select(Department).where(Department.office_id.in_(offices))).all()
    session.flush()
    writing = Writing()
    for scene in _scenes(session, cases, person, now):
        scene.writing = writing
        try:
            event = step_on(scene, action, given(scene.case), seen.get(scene.case.id))
        except (Conflict, NotAllowed, BadInput) as error:
            outcome.failed.append((scene.case, error.message))
        else:
            outcome.events.append((scene.case, event))
    writing.write(session)
    announce_all(session, outcome.events, now)
    return outcome


def blocked_cases(
    session: Session, cases: Sequence[Case], action: Action, person: Person, now: datetime
) -> dict[int, str]:
    """Why a step cannot be taken now, by the ids of the cases on which it cannot."""
    blocked = {}
    for scene in _scenes(session, cases, person, now):
        try:
            gate(scene, action)
        except (Conflict, NotAllowed) as error:
            blocked[scene.case.id] = error.message
    return blocked


def locked_cases(session: Session, case_ids: Iterable[int]) -> list[Case]:
    """Cases for a step on many, kept from others until the transaction ends; by id."""
    return list(session.scalars(_by_ids(case_ids).with_for_update(of=Case)))


def seen_cases(session: Session, case_ids: Iterable[int]) -> list[Case]:
    """The same, to look at only."""
    return list(session.scalars(_by_ids(case_ids)))


def _by_ids(case_ids: Iterable[int]) -> Any:
    wanted = select(Case).where(Case.id.in_(list(case_ids))).order_by(Case.id)
    fresh = {"populate_existing": True}
    return wanted.options(joinedload(Case.area)).execution_options(**fresh)


def _scenes(
    session: Session, cases: Sequence[Case], person: Person, now: datetime
) -> Iterable[Scene]:
    """The scenes of the cases, each with all that stands beside its case."""
    ids = [case.id for case in cases]
    beside: dict[str, dict[int, list[Any]]] = {
        "participants": _by_case(session, Participant, ids),
        "requests": _by_case(session, CaseRequest, ids),
        "events": _by_case(session, CaseEvent, ids, CaseEvent.at),
        "supervisions": _by_case(session, Supervision, ids, stands=Supervision.ended_at.is_(None)),
    }
    of_cases = select(*StageTimes.__table__.c).where(StageTimes.case_id.in_(ids))
    times: dict[int, Any] = {row.case_id: row._mapping for row in session.execute(of_cases)}
    offices = {case.office_id: session.get_one(Office, case.office_id) for case in cases}
    for case in cases:
        scene = Scene(session, case, clocks.after_all(case, now), actor_at(session, person, case))
        scene.office = offices[case.office_id]
        scene.participants = beside["participants"][case.id]
        scene.requests = beside["requests"][case.id]
        scene.last_event = next(reversed(beside["events"][case.id]), None)
        scene.stage_times = times.get(case.id)
        scene.supervision = next(iter(beside["supervisions"][case.id]), None)
        yield scene


def _by_case(
    session: Session, table: Any, ids: list[int], order: Any = None, stands: Any = None
) -> dict[int, list[Any]]:
    query = select(table).where(table.case_id.in_(ids))
    if stands is not None:
        query = query.where(stands)
    found: dict[int, list[Any]] = defaultdict(list)
    last = table.id if hasattr(table, "id") else table.case_id
    for row in session.scalars(query.order_by(last if order is None else order, last)):
        found[row.case_id].append(row)
    return found
