"""The present of a case from its events alone, to hold against its rows.

The event "reported" keeps with what a case began, and each step all that it set. An import keeps no
such beginning, which would be a million times the same: what no event has set since is read there
from the case itself, and its first lead from the routing decision.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.life.encoding import STARTS, restored
from webapp.cases.life.models import CaseRequest, Participant, Supervision
from webapp.cases.models import Case, CaseEvent
from webapp.cases.vocabulary import Action
from webapp.core.database import Base
from webapp.people.models import Office

BATCH = 500

LIFE = (
    "state", "previous_state", "closed_at", "verified", "self_handled", "opened_at",
    "dispatched_at", "clock_stopped_at", "answered_at", "assignee_id", "crew_id", "result",
    "suspended_until", "return_count", "rework_count", "extension_count", "suspension_count",
    "merged_into_id", "joint", "pressed", "exempt", "satisfaction", *STARTS,
)  # fmt: skip
BESIDE: dict[str, type[Base]] = {
    model.__tablename__: model for model in (Participant, CaseRequest, Supervision)
}
Rows = dict[tuple[str, int], dict[str, Any]]  # by table and id


@dataclass
class Life:
    """A case and what stands beside it, as columns."""

    case: dict[str, Any]
    beside: Rows = field(default_factory=dict)


def replay(case: Case, events: Iterable[CaseEvent]) -> Life:
    """What the events give, in their order; of `case` only what an import brought is read."""
    life = Life({name: _default(Case, name) for name in LIFE})
    for event in events:
        if event.action is Action.IMPORTED:
            life.case |= _imported(case)
        if event.to_state is not None:
            life.case["state"] = event.to_state
        life.case |= restored(Case, event.detail, event.note)
        for change in event.detail.get("rows", ()):
            _apply(life.beside, change, case.id, event.note)
    return life


def _imported(case: Case) -> dict[str, Any]:
    decision = case.routing_decision
    return {
        "closed_at": case.closed_at,
        **{name: getattr(case, name) for name in STARTS},
        "lead_department_id": decision.lead_department_id if decision else None,
        "leader_id": decision.leader_id if decision else None,
        **dict.fromkeys(("changed_at", "stage_since", "stage_warn_at", "stage_due_at")),
    }


def _apply(beside: Rows, change: dict[str, Any], case_id: int, note: str) -> None:
    key = change["table"], change["id"]
    if change.get("gone"):
        del beside[key]
        return
    model = BESIDE[change["table"]]
    if key not in beside:
        names = model.__table__.c.keys()
        beside[key] = {name: _default(model, name) for name in names}
        beside[key] |= {"id": change["id"], "case_id": case_id}
    beside[key] |= restored(model, change, note)


def _default(model: type[Base], name: str) -> Any:
    default = model.__table__.c[name].default
    return default.arg if default is not None and default.is_scalar else None  # type: ignore[attr-defined]


def present(session: Session, case: Case) -> Life:
    """What the rows say."""
    life = Life({name: getattr(case, name) for name in LIFE})
    for table, model in BESIDE.items():
        of_case: Any = select(model).where(model.__table__.c.case_id == case.id)
        for row in session.scalars(of_case):
            values = {name: getattr(row, name) for name in model.__table__.c.keys()}  # noqa: SIM118
            life.beside[table, values["id"]] = values
    return life


def differences(session: Session, case: Case) -> dict[str, tuple[Any, Any]]:
    """Where the events do not give what is there: the events' value, and the row's."""
    of_case = select(CaseEvent).where(CaseEvent.case_id == case.id)
    events = session.scalars(of_case.order_by(CaseEvent.at, CaseEvent.id))
    told, there = replay(case, events), present(session, case)
    found = {name: (told.case[name], there.case[name]) for name in LIFE}
    for key in told.beside.keys() | there.beside.keys():
        rows = told.beside.get(key, {}), there.beside.get(key, {})
        names = rows[0].keys() | rows[1].keys()
        found |= {f"{key[0]} {key[1]} {n}": (rows[0].get(n), rows[1].get(n)) for n in names}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def cases_in_order(session: Session, office: Office) -> Iterator[Case]:
    """All cases of an office, by id, with as few in memory as are looked at."""
    last = 0
    of_office = select(Case).where(Case.office_id == office.id).order_by(Case.id).limit(BATCH)
    while batch := session.scalars(of_office.where(Case.id > last)).all():
        yield from batch
        last = batch[-1].id
        session.expunge_all()
