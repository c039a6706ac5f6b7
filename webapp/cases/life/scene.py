"""What a step is taken on: the case, what stands beside it, who acts, and what they give."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import BindParameter, Exists, RowMapping, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from webapp.cases.life.models import CaseRequest, Participant, StageTimes, Supervision
from webapp.cases.life.writing import Writing
from webapp.cases.models import Case, CaseEvent, Reporter
from webapp.cases.photos import ReadPhoto
from webapp.cases.rules import NEEDS_LEAD
from webapp.cases.vocabulary import (
    Colour,
    Part,
    RequestKind,
    RequestState,
    SupervisionKind,
)
from webapp.core.database import Base
from webapp.people.models import Department, Office, Person, Role
from webapp.standards.rules import WorkClock
from webapp.standards.service import OfficeStandards, office_standards


class Who(StrEnum):
    """As what somebody acts on a case; one person may be several."""

    DISPATCHER = "dispatcher"
    GRID_MANAGER = "grid_manager"
    INSPECTOR = "inspector"
    LEADER = "leader"
    LEAD = "lead"  # a member of the lead department
    LEAD_HEAD = "lead_head"  # who heads it
    ASSISTANT = "assistant"  # a member of a department that was called
    RESIDENT = "resident"  # holds the link of the report
    PROGRAM = "program"


BY_ROLE = {
    Role.DISPATCHER: Who.DISPATCHER,
    Role.GRID_MANAGER: Who.GRID_MANAGER,
    Role.INSPECTOR: Who.INSPECTOR,
    Role.LEADER: Who.LEADER,
}


@dataclass(frozen=True)
class Actor:
    """Who takes the step. Nobody signed in: a resident with their link, or the program."""

    person: Person | None
    who: frozenset[Who]

    @property
    def person_id(self) -> int | None:
        return self.person.id if self.person else None


PROGRAM = Actor(None, frozenset({Who.PROGRAM}))
RESIDENT = Actor(None, frozenset({Who.RESIDENT}))


@dataclass(frozen=True)
class Given:
    """What a person gives with a step; which of it is asked for stands in the table."""

    note: str = ""
    department_id: int | None = None
    assignee_id: int | None = None
    crew_id: int | None = None
    condition_code: str = ""
    into_number: str = ""
    found: bool | None = None
    until: date | None = None
    reply_by: datetime | None = None
    colour: Colour | None = None
    kind: SupervisionKind | None = None
    score: int | None = None
    lon: float | None = None
    lat: float | None = None
    photos: tuple[ReadPhoto, ...] = ()
    form: str = ""  # a UUID of the page's: what is sent twice is one step


@dataclass(frozen=True)
class RowChange:
    """A row beside the case: a new one, or new values of one that is there, or its end."""

    row: Participant | CaseRequest | Supervision
    values: dict[str, Any]
    new: bool = False
    gone: bool = False


@dataclass(frozen=True)
class Changes:
    """What a step changes, and what its event says besides."""

    case: dict[str, Any] = field(default_factory=dict)
    rows: tuple[RowChange, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


# each read of a step: made once, since to make one costs as much as to run it
_OF: BindParameter[int] = bindparam("case")
_MERGED = aliased(Case)
PARTICIPANTS = select(Participant).where(Participant.case_id == _OF).order_by(Participant.id)
REQUESTS = select(CaseRequest).where(CaseRequest.case_id == _OF).order_by(CaseRequest.id)
SUPERVISION = select(Supervision).where(Supervision.case_id == _OF, Supervision.ended_at.is_(None))
_TIMES = StageTimes.__table__.c


def _any(table: type[Base]) -> Exists:
    return exists().where(table.__table__.c.case_id == Case.id)


BESIDE = (
    select(
        *_TIMES,
        _any(Participant).label("participants"),
        _any(CaseRequest).label("requests"),
        Reporter.person_id.label("reporter_id"),
        Reporter.contact,
        exists().where(_MERGED.merged_into_id == Case.id).label("merged"),
    )
    .select_from(Case)
    .outerjoin(StageTimes.__table__, _TIMES.case_id == Case.id)
    .outerjoin(Reporter, Reporter.case_id == Case.id)
    .where(Case.id == _OF)
)
"""What a step always needs, and what of the rest there is to be read: most cases have none."""


@dataclass
class Scene:
    """A case at one moment. What stands beside it is read only when a step asks for it."""

    session: Session
    case: Case
    now: datetime
    actor: Actor
    writing: Writing = field(default_factory=Writing)  # what its steps have changed

    @cached_property
    def office(self) -> Office:
        return self.session.get_one(Office, self.case.office_id)

    @cached_property
    def standards(self) -> OfficeStandards:
        return office_standards(self.session, self.office)

    @property
    def clock(self) -> WorkClock:
        return self.standards.clock

    @cached_property
    def beside(self) -> RowMapping:
        """See `BESIDE`."""
        return self.session.connection().execute(BESIDE, {"case": self.case.id}).mappings().one()

    @cached_property
    def participants(self) -> list[Participant]:
        if not self.beside["participants"]:
            return []
        return list(self.session.scalars(PARTICIPANTS, {"case": self.case.id}))

    @property
    def lead(self) -> Participant | None:
        return next((p for p in self.participants if p.part is Part.LEAD), None)

    @property
    def called(self) -> list[Participant]:
        """The departments that were called with a task and not called off."""
        return [p for p in self.participants if p.part is Part.ASSISTING and not p.called_off_at]

    @property
    def owing(self) -> list[Participant]:
        """Those of them whose task is not finished."""
        return [p for p in self.called if p.finished_at is None]

    def mine(self, participants: Iterable[Participant]) -> Participant | None:
        """The first of these that is a department of who acts."""
        own = own_department_ids(self.actor.person)
        return next((p for p in participants if p.department_id in own), None)

    @cached_property
    def requests(self) -> list[CaseRequest]:
        if not self.beside["requests"]:
            return []
        return list(self.session.scalars(REQUESTS, {"case": self.case.id}))

    def pending(self, kind: RequestKind) -> CaseRequest | None:
        waits = (RequestState.ASKED, RequestState.ENDORSED)
        return next((r for r in self.requests if r.kind is kind and r.state in waits), None)

    @cached_property
    def supervision(self) -> Supervision | None:
        """The one that stands."""
        return self.session.scalar(SUPERVISION, {"case": self.case.id})

    @cached_property
    def last_event(self) -> CaseEvent | None:
        of_case = select(CaseEvent).where(CaseEvent.case_id == self.case.id)
        return self.session.scalar(of_case.order_by(CaseEvent.at.desc(), CaseEvent.id.desc()))

    @cached_property
    def stage_times(self) -> Mapping[str, Any] | None:
        """The row of the indicators' base; none before the first step."""
        row, names = self.beside, StageTimes.__table__.c.keys()
        return None if row["case_id"] is None else {name: row[name] for name in names}

    def department(self, department_id: int | None) -> Department | None:
        """An active department of the case's office."""
        found = self.session.get(Department, department_id) if department_id else None
        if found is None or found.office_id != self.case.office_id or not found.active:
            return None
        return found


def own_department_ids(person: Person | None) -> set[int]:
    if person is None:
        return set()
    return {
        duty.department_id
        for duty in person.duties
        if duty.role is Role.DEPARTMENT_MEMBER and duty.department_id is not None
    }


def actor_at(session: Session, person: Person, case: Case) -> Actor:
    """As what a person stands before a case: by role where it lies, by department where called."""
    who = {
        BY_ROLE[duty.role]
        for duty in person.duties
        if duty.role in BY_ROLE and case.area.path.startswith(duty.area_path)
    }
    if own := own_department_ids(person):
        if case.lead_department_id in own and was_dispatched(case):
            who.add(Who.LEAD)
            heads = {duty.department_id for duty in person.duties if duty.is_head}
            if case.lead_department_id in heads:
                who.add(Who.LEAD_HEAD)
        if case.joint and _is_called(session, case, own):
            who.add(Who.ASSISTANT)
    return Actor(person, frozenset(who))


def was_dispatched(case: Case) -> bool:
    """Whether the lead department has had the case; before, it is only the one that rules name."""
    return case.dispatched_at is not None or case.state in NEEDS_LEAD


def _is_called(session: Session, case: Case, departments: set[int]) -> bool:
    called = select(Participant.id).where(
        Participant.case_id == case.id,
        Participant.part == Part.ASSISTING,
        Participant.called_off_at.is_(None),
        Participant.department_id.in_(departments),
    )
    return session.scalar(called.limit(1)) is not None


Guard = Callable[[Scene], Any]
"""Why a step cannot be taken now, in words; None when it can."""
Effect = Callable[[Scene, Given], Changes]
"""What a step changes; raises BadInput for what was given."""

SHORT_UNDO = timedelta(seconds=15)  # 10 as shown, and the way of the answer back
