"""Tables of what stands beside a case in its life: departments, requests, supervision, times."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.cases.models import Case, colours
from webapp.cases.vocabulary import Colour, Part, RequestKind, RequestState, SupervisionKind
from webapp.core.database import Base, BigId, Json, UtcDateTime, enum_column, reference_table
from webapp.core.ids import new_id
from webapp.people.models import Department, Person

parts = reference_table("case_part", Part)
request_kinds = reference_table("request_kind", RequestKind)
request_states = reference_table("request_state", RequestState)
supervision_kinds = reference_table("supervision_kind", SupervisionKind)

# spelt alike in the index and in queries: a database uses a partial index only then
PENDING_SQL = "state IN ('asked', 'endorsed')"
_LEADS = "part = 'lead'"
STANDS_SQL = "ended_at IS NULL"
OWING_SQL = "part = 'assisting' AND finished_at IS NULL AND called_off_at IS NULL"


class Participant(Base):
    """A department at a case. Assisting ones were called with a task and answer for it."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name="score_range"),
        Index(
            "uq_participant_lead",
            "case_id",
            unique=True,
            sqlite_where=text(_LEADS),
            postgresql_where=text(_LEADS),
        ),
        Index("ix_participant_department_id_part", "department_id", "part"),
        Index(
            "ix_participant_owing",
            "department_id",
            sqlite_where=text(OWING_SQL),
            postgresql_where=text(OWING_SQL),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey(Department.id))
    part: Mapped[Part] = enum_column(parts, Part)
    task: Mapped[str] = mapped_column(default="")
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    report_in_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_in_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    lon: Mapped[float | None]  # where they were then
    lat: Mapped[float | None]
    distance_m: Mapped[float | None]  # from the case
    result: Mapped[str] = mapped_column(default="")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    score: Mapped[int | None]
    score_note: Mapped[str] = mapped_column(default="")

    department: Mapped[Department] = relationship()
    case: Mapped[Case] = relationship()


class CaseRequest(Base):
    """Something asked for at a case, and what became of it; one of a kind at a time."""

    __tablename__ = "case_request"
    __table_args__ = (
        Index(
            "uq_case_request_pending",
            *("case_id", "kind"),
            unique=True,
            sqlite_where=text(PENDING_SQL),
            postgresql_where=text(PENDING_SQL),
        ),
        Index(
            "ix_case_request_pending",
            *("kind", "state"),
            sqlite_where=text(PENDING_SQL),
            postgresql_where=text(PENDING_SQL),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id), index=True)
    kind: Mapped[RequestKind] = enum_column(request_kinds, RequestKind)
    state: Mapped[RequestState] = enum_column(request_states, RequestState)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # that asks
    wanted_department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # to help
    reason: Mapped[str]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    endorsed_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    endorsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(default="")

    case: Mapped[Case] = relationship()
    asked_by: Mapped[Person | None] = relationship(foreign_keys=asked_by_id)
    department: Mapped[Department | None] = relationship(foreign_keys=department_id)
    wanted_department: Mapped[Department | None] = relationship(foreign_keys=wanted_department_id)


class Supervision(Base):
    """A leader presses a case and is owed a reply; one at a time."""

    __tablename__ = "supervision"
    __table_args__ = (
        Index(
            "uq_supervision_stands",
            "case_id",
            unique=True,
            sqlite_where=text(STANDS_SQL),
            postgresql_where=text(STANDS_SQL),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id), index=True)
    kind: Mapped[SupervisionKind] = enum_column(supervision_kinds, SupervisionKind)
    colour: Mapped[Colour] = enum_column(colours, Colour)
    by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    words: Mapped[str]
    reply_by: Mapped[datetime] = mapped_column(UtcDateTime)
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=by_id)
    replied_by: Mapped[Person | None] = relationship(foreign_keys=replied_by_id)


class StageTimes(Base):
    """How long a case was where: the base of the indicators, made from its events.

    One row for each case that has taken a step; the same fold (`life.times`) updates it in the
    step's commit and makes it anew from the events. Lengths are microseconds, by state; counts are
    of what happened; a flag is None while nothing can be said.
    """

    __tablename__ = "stage_times"

    case_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    state: Mapped[str]  # in which it is since `since`
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    spent: Mapped[dict[str, int]] = mapped_column(Json, default=dict)  # by state left behind
    late_us: Mapped[int] = mapped_column(BigInteger, default=0)  # of the handling limit, at last
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_in_time: Mapped[bool | None]
    dispatched_in_time: Mapped[bool | None]
    handled_in_time: Mapped[bool | None]
    checked_in_time: Mapped[bool | None]
    dispatches: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0)
    reworks: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    suspensions: Mapped[int] = mapped_column(default=0)
    reopenings: Mapped[int] = mapped_column(default=0)

    case: Mapped[Case] = relationship()
