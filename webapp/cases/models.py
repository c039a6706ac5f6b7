"""Tables of the cases' room.

`CaseEvent` is only ever added to. Names that must be unique are in `CaseKey`, and what is known of
the reporter is in `Reporter`, so that either can go its own way: partitions, erasure.
"""

from datetime import datetime
from typing import Any

from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gis.coordinates import Datum
from webapp.cases.vocabulary import (
    Action,
    Colour,
    ImportOutcome,
    PhotoKind,
    PlacedBy,
    Source,
    State,
)
from webapp.core.database import (
    Base,
    BigId,
    Json,
    UtcDateTime,
    enum_column,
    geometry,
    reference_table,
)
from webapp.core.ids import new_id
from webapp.people.models import Crew, Department, Office, Person
from webapp.places.models import Area, BoundaryVersion, Facility, Grid
from webapp.standards.models import Condition, LimitUnit, RoutingDecision, limit_units

FINAL_STATES = frozenset({State.CLOSED, State.NOT_ACCEPTED, State.CANCELLED, State.MERGED})
# spelt alike in the index and in queries: a database uses a partial index only then
_FINAL_SQL = [f"'{state}'" for state in sorted(FINAL_STATES)]
OPEN_SQL = f"state NOT IN ({', '.join(_FINAL_SQL)})"

states = reference_table("case_state", State)
sources = reference_table("case_source", Source)
datums = reference_table("datum", Datum)
placings = reference_table("placed_by", PlacedBy)
actions = reference_table("case_action", Action)
photo_kinds = reference_table("photo_kind", PhotoKind)
colours = reference_table("colour", Colour)
import_outcomes = reference_table("import_outcome", ImportOutcome)


class Case(Base):
    """One report on its way to closing.

    It keeps what was applied to it: the boundary version's very grid, the condition's limit, the
    routing decision. `area_id` is the grid's area, or the street's while no grid is known.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint(
            "lead_department_id IS NOT NULL OR state NOT IN"
            " ('dispatched', 'handling', 'answered', 'checking', 'suspended')",
            name="dispatched_has_lead",
        ),
        Index("ix_cases_area_id_state", "area_id", "state"),
        Index("ix_cases_office_id_reported_at", "office_id", "reported_at"),
        *(
            Index(f"ix_cases_office_id_{name}", "office_id", name, "id")
            for name in ("due_at", "dispatched_at", "answered_at", "closed_at")
        ),  # orders of the ledger
        # answers by itself how many open cases of each lamp lie in each area
        Index(
            "ix_cases_open",
            *("office_id", "area_id", "state", "due_at", "warn_at", "clock_stopped_at"),
            sqlite_where=text(OPEN_SQL),
            postgresql_where=text(OPEN_SQL),
        ),
        # what lies on a department's desk, and on the dispatcher's
        Index(
            "ix_cases_lead_open",
            *("lead_department_id", "state", "due_at"),
            sqlite_where=text(OPEN_SQL),
            postgresql_where=text(OPEN_SQL),
        ),
        # the order of every desk: by when something has to be done, see `next_due`
        Index(
            "ix_cases_next_due",
            *("office_id", "state", text("coalesce(stage_due_at, due_at)"), "id"),
            sqlite_where=text(OPEN_SQL),
            postgresql_where=text(OPEN_SQL),
        ),
        Index(
            "ix_cases_facility_id",
            "facility_id",
            sqlite_where=text("facility_id IS NOT NULL"),
            postgresql_where=text("facility_id IS NOT NULL"),
        ),
        Index(
            "ix_cases_next_alert_at",
            "next_alert_at",
            sqlite_where=text("next_alert_at IS NOT NULL"),
            postgresql_where=text("next_alert_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    number: Mapped[str]  # unique through CaseKey
    state: Mapped[State] = enum_column(states, State)
    source: Mapped[Source] = enum_column(sources, Source)
    condition_id: Mapped[int] = mapped_column(ForeignKey(Condition.id), index=True)
    description: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="", server_default="")
    facility_id: Mapped[int | None] = mapped_column(ForeignKey(Facility.id))

    # the place as given, and as we understand it
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    datum: Mapped[Datum] = enum_column(datums, Datum, default=Datum.WGS84)
    accuracy_m: Mapped[float | None]
    placed_by: Mapped[PlacedBy] = enum_column(placings, PlacedBy)
    location: Mapped[WKBElement | None] = mapped_column(geometry("POINT"))
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey(Grid.id))
    nearest_grid_id: Mapped[int | None] = mapped_column(ForeignKey(Grid.id))  # of the unplaced
    boundary_version_id: Mapped[int | None] = mapped_column(ForeignKey(BoundaryVersion.id))
    edge_distance_m: Mapped[float | None]
    near_edge: Mapped[bool] = mapped_column(default=False)
    overlapping: Mapped[bool] = mapped_column(default=False)

    # who answers, and by when
    routing_decision_id: Mapped[int | None] = mapped_column(ForeignKey(RoutingDecision.id))
    lead_department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id), index=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    limit_amount: Mapped[int]
    limit_unit: Mapped[LimitUnit] = enum_column(limit_units, LimitUnit)
    warn_at: Mapped[datetime] = mapped_column(UtcDateTime)  # 80 % of the limit is used up
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_provisional: Mapped[bool] = mapped_column(default=False)

    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source_conflict: Mapped[bool] = mapped_column(default=False)  # the source contradicts itself

    # its life: written by `life.take_step` alone; NULL where no step was taken since an import
    previous_state: Mapped[State | None] = enum_column(states, State)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stage_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stage_warn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stage_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to accept, dispatch, check
    clock_stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the handling limit
    next_alert_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the sweep must look
    verified: Mapped[bool | None]  # on the spot; False: nothing was found there
    self_handled: Mapped[bool] = mapped_column(default=False, server_default=false())
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    crew_id: Mapped[int | None] = mapped_column(ForeignKey(Crew.id))
    result: Mapped[str] = mapped_column(default="", server_default="")
    suspended_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_count: Mapped[int] = mapped_column(default=0, server_default="0")
    rework_count: Mapped[int] = mapped_column(default=0, server_default="0")
    extension_count: Mapped[int] = mapped_column(default=0, server_default="0")  # granted ones
    suspension_count: Mapped[int] = mapped_column(default=0, server_default="0")
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"), index=True)
    joint: Mapped[bool] = mapped_column(default=False, server_default=false())
    pressed: Mapped[Colour | None] = enum_column(colours, Colour)  # while it is supervised
    exempt: Mapped[bool] = mapped_column(default=False, server_default=false())
    satisfaction: Mapped[int | None]  # 1 to 5, by the resident
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    condition: Mapped[Condition] = relationship()
    area: Mapped[Area] = relationship()
    grid: Mapped[Grid | None] = relationship(foreign_keys=grid_id)
    nearest_grid: Mapped[Grid | None] = relationship(foreign_keys=nearest_grid_id)
    boundary_version: Mapped[BoundaryVersion | None] = relationship()
    routing_decision: Mapped[RoutingDecision | None] = relationship()
    lead_department: Mapped[Department | None] = relationship()
    leader: Mapped[Person | None] = relationship(foreign_keys=leader_id)
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    crew: Mapped[Crew | None] = relationship()
    merged_into: Mapped["Case | None"] = relationship(remote_side="Case.id")
    key: Mapped["CaseKey"] = relationship(back_populates="case")
    reporter: Mapped["Reporter | None"] = relationship(back_populates="case")
    events: Mapped[list["CaseEvent"]] = relationship(back_populates="case", order_by="CaseEvent.id")
    photos: Mapped[list["Photo"]] = relationship(back_populates="case", order_by="Photo.id")
    candidates: Mapped[list["CaseCandidate"]] = relationship(order_by="CaseCandidate.distance_m")

    @property
    def lonlat(self) -> tuple[float, float] | None:
        """Longitude and latitude in WGS-84."""
        if self.location is None:
            return None
        point = to_shape(self.location)
        return point.x, point.y


def still_open(case: Any = None) -> ColumnElement[bool]:
    """The condition that a case has not ended, in the words of the index `ix_cases_open`.

    `case` is an alias of Case, where a query has more than one.
    """
    state = (case or Case).state
    ended: ColumnElement[bool] = state.not_in([literal_column(value) for value in _FINAL_SQL])
    return ended


next_due = func.coalesce(Case.stage_due_at, Case.due_at)
"""By when something has to be done: in its stage, where that has a limit, else at all."""


class CaseKey(Base):
    """The names by which a case is found, each at most once in the whole installation."""

    __tablename__ = "case_key"
    __table_args__ = (UniqueConstraint("external_source", "external_id"),)

    case_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(unique=True)
    external_source: Mapped[str | None]
    external_id: Mapped[str | None]
    submission_uuid: Mapped[str | None] = mapped_column(unique=True)  # made by the client
    follow_token_sha256: Mapped[str | None] = mapped_column(unique=True)  # the resident's link

    case: Mapped[Case] = relationship(back_populates="key")


class CaseNumberCounter(Base):
    """The last number given out for a day of an office."""

    __tablename__ = "case_number_counter"

    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class CaseCandidate(Base):
    """A grid that nearly won: within the margin of the point."""

    __tablename__ = "case_candidate"

    case_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    grid_id: Mapped[int] = mapped_column(ForeignKey(Grid.id), primary_key=True)
    distance_m: Mapped[float]

    grid: Mapped[Grid] = relationship()


class Reporter(Base):
    """Who reported: personal data, kept apart so that it can be erased while the case stays."""

    __tablename__ = "reporter"

    case_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    name: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]

    case: Mapped[Case] = relationship(back_populates="reporter")


class CaseEvent(Base):
    """One thing that happened to a case: codes, not sentences. Never changed, never removed."""

    __tablename__ = "case_event"
    __table_args__ = (
        Index("ix_case_event_at", "at"),
        Index(
            "ix_case_event_actor_id_at",
            *("actor_id", "at"),
            sqlite_where=text("actor_id IS NOT NULL"),
            postgresql_where=text("actor_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[Action] = enum_column(actions, Action)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    from_state: Mapped[State | None] = enum_column(states, State)
    to_state: Mapped[State | None] = enum_column(states, State)
    note: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    case: Mapped[Case] = relationship(back_populates="events")
    actor: Mapped[Person | None] = relationship()


class Photo(Base):
    """A picture of a case, re-encoded; the file is named by the hash of its bytes."""

    __tablename__ = "photo"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey(Case.id), index=True)
    kind: Mapped[PhotoKind] = enum_column(photo_kinds, PhotoKind)
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_lon: Mapped[float | None]
    taken_lat: Mapped[float | None]
    event_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(CaseEvent.id))  # it came with
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship(back_populates="photos")


class ImportRun(Base):
    """One file of cases on its way in; `next_row` is where to go on after a kill."""

    __tablename__ = "import_run"
    __table_args__ = (UniqueConstraint("office_id", "sha256", "mapping_sha256"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    file_name: Mapped[str]
    sha256: Mapped[str]
    mapping_sha256: Mapped[str]
    outcome: Mapped[ImportOutcome] = enum_column(import_outcomes, ImportOutcome)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    total_rows: Mapped[int]
    next_row: Mapped[int] = mapped_column(default=0)
    imported: Mapped[int] = mapped_column(default=0)
    unplaced: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    contradictory: Mapped[int] = mapped_column(default=0)
    unmapped_classes: Mapped[dict[str, int]] = mapped_column(Json, default=dict)


class ImportReject(Base):
    """A row that could not become a case, and why."""

    __tablename__ = "import_reject"

    run_id: Mapped[int] = mapped_column(BigId, ForeignKey(ImportRun.id), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    source_row: Mapped[dict[str, Any]] = mapped_column(Json)
