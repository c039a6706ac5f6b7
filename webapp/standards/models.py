"""Tables of the standards' room.

Two trees meet in a routing rule: where (an area's path) and what (a class path). Both are
separated paths, `/640121/001/003/` and `/component/K01/K01-037/K01-037.4/`, and a rule holds for
all that begins with its own.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database import Base, Json, UtcDateTime, enum_column, reference_table
from webapp.people.models import Department, Office, Person


class ClassKind(StrEnum):
    COMPONENT = "component"
    COMPOUND = "compound"
    EVENT = "event"


class LimitUnit(StrEnum):
    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


class RulePart(StrEnum):
    LEAD = "lead"
    INFORMED = "informed"
    LEADER = "leader"


class_kinds = reference_table("class_kind", ClassKind)
limit_units = reference_table("limit_unit", LimitUnit)
rule_parts = reference_table("rule_part", RulePart)


class CaseClass(Base):
    """What a case is about: a street light, exposed litter."""

    __tablename__ = "case_class"
    __table_args__ = (UniqueConstraint("office_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    code: Mapped[str]  # K01-037
    kind: Mapped[ClassKind] = enum_column(class_kinds, ClassKind)
    group_code: Mapped[str]  # K01
    group_name: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    plan_task: Mapped[int | None]

    conditions: Mapped[list["Condition"]] = relationship(back_populates="case_class")

    @property
    def path(self) -> str:
        return f"/{self.kind}/{self.group_code}/{self.code}/"


class Condition(Base):
    """What is wrong with it, how long its repair may take, and when it counts as mended."""

    __tablename__ = "condition"
    __table_args__ = (UniqueConstraint("class_id", "code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey(CaseClass.id), index=True)
    code: Mapped[str]  # K01-037.4
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    limit_amount: Mapped[int]
    limit_unit: Mapped[LimitUnit] = enum_column(limit_units, LimitUnit)
    closing_condition: Mapped[str]
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    case_class: Mapped[CaseClass] = relationship(back_populates="conditions", lazy="joined")

    @property
    def path(self) -> str:
        return f"{self.case_class.path}{self.code}/"


class PlanTask(Base):
    """A task of the office's plan: what, who leads, by when."""

    __tablename__ = "plan_task"
    __table_args__ = (UniqueConstraint("office_id", "plan", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    plan: Mapped[str]
    number: Mapped[int]
    section: Mapped[str]
    title: Mapped[str]
    topic: Mapped[str]
    leaders: Mapped[list[str]] = mapped_column(Json)
    departments: Mapped[list[str]] = mapped_column(Json)
    deadline: Mapped[date]


class RoutingRule(Base):
    """Cases of this class path in this area path go to these parties.

    A rule in force is never edited: a change retires it and adds another, so that a case's
    decision goes on meaning what it meant.
    """

    __tablename__ = "routing_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id), index=True)
    area_path: Mapped[str]
    class_path: Mapped[str]
    source: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    parties: Mapped[list["RuleParty"]] = relationship(
        cascade="all, delete-orphan", order_by="RuleParty.rank", lazy="selectin"
    )


class RuleParty(Base):
    """One party of a rule: a department, the community of the place (各社区), or a leader."""

    __tablename__ = "rule_party"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN department_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN person_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN community_of_place THEN 1 ELSE 0 END) = 1",
            name="one_party",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey(RoutingRule.id), index=True)
    part: Mapped[RulePart] = enum_column(rule_parts, RulePart)
    rank: Mapped[int]
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    community_of_place: Mapped[bool] = mapped_column(default=False)

    department: Mapped[Department | None] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship(lazy="joined")


class RoutingDecision(Base):
    """What the rules said for one place and condition, in words that last.

    Cases with the same place, condition, rules and boundary share one row: `digest` is unique.
    """

    __tablename__ = "routing_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey(RoutingRule.id))  # none: the desk
    lead_department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    informed: Mapped[list[int]] = mapped_column(Json, default=list)  # department ids
    area_path: Mapped[str]
    class_path: Mapped[str]
    reason: Mapped[dict[str, Any]] = mapped_column(Json)  # the rules that matched, winner first
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    rule: Mapped[RoutingRule | None] = relationship()
    lead_department: Mapped[Department | None] = relationship()
    leader: Mapped[Person | None] = relationship()


class CalendarDay(Base):
    """An office's own word on one day, above the announced calendar."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("office_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    day: Mapped[date]
    working: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
