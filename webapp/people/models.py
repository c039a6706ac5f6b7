"""Tables of the people's room."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database import Base, Json, UtcDateTime, enum_column, reference_table


class Role(StrEnum):
    GRID_MANAGER = "grid_manager"
    DISPATCHER = "dispatcher"
    DEPARTMENT_MEMBER = "department_member"
    INSPECTOR = "inspector"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS: dict[Role, Any] = {
    Role.GRID_MANAGER: _l("grid manager"),
    Role.DISPATCHER: _l("dispatcher"),
    Role.DEPARTMENT_MEMBER: _l("department member"),
    Role.INSPECTOR: _l("inspector"),
    Role.LEADER: _l("leader"),
    Role.ADMINISTRATOR: _l("administrator"),
}


class DepartmentKind(StrEnum):
    OFFICE = "office"
    CENTRE = "centre"
    COMMUNITY = "community"


class CalendarKind(StrEnum):
    """Which days are working days before the office's own overrides."""

    CHINA = "china"
    WEEKDAYS = "weekdays"


roles = reference_table("role", Role)
department_kinds = reference_table("department_kind", DepartmentKind)
calendar_kinds = reference_table("calendar_kind", CalendarKind)

CHINESE_OFFICE_HOURS = [["08:00", "12:00"], ["14:00", "18:00"]]


class Office(Base):
    """One administration with its own area, clock, calendar and settings."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    area_path: Mapped[str]  # the root of what it looks after, e.g. /640121/001/
    number_prefix: Mapped[str] = mapped_column(unique=True)  # of its case numbers
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    calendar: Mapped[CalendarKind] = enum_column(
        calendar_kinds, CalendarKind, default=CalendarKind.CHINA
    )
    work_hours: Mapped[list[list[str]]] = mapped_column(Json, default=lambda: CHINESE_OFFICE_HOURS)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    is_sample: Mapped[bool] = mapped_column(default=False)
    # Raised with every change of its boundaries, classes, rules or calendar: processes keep what
    # they have read of those until the number is another.
    revision: Mapped[int] = mapped_column(default=0)

    departments: Mapped[list["Department"]] = relationship(back_populates="office")


class Department(Base):
    """A body that answers for cases: an office, a centre, or a community's committee."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("office_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[DepartmentKind] = enum_column(department_kinds, DepartmentKind)
    area_path: Mapped[str | None]  # of a community's committee: the community it is
    active: Mapped[bool] = mapped_column(default=True)

    office: Mapped[Office] = relationship(back_populates="departments")


crew_members = Table(
    "crew_member",
    Base.metadata,
    Column("crew_id", ForeignKey("crew.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True, index=True),
)


class Crew(Base):
    """Those of a department who go out together to mend."""

    __tablename__ = "crew"
    __table_args__ = (UniqueConstraint("department_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey(Department.id))
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)

    members: Mapped[list["Person"]] = relationship(
        secondary=crew_members, order_by="Person.name", lazy="selectin"
    )


class Person(Base):
    """Somebody the office knows. Without a password hash they cannot sign in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id), index=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str | None]
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    sign_in_epoch: Mapped[int] = mapped_column(default=0)  # raised to sign out everywhere
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    office: Mapped[Office] = relationship()
    duties: Mapped[list["Duty"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="Duty.id", lazy="selectin"
    )


class Duty(Base):
    """A role of a person within an area, and for department members in a department."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "area_path", "department_id"),
        Index("ix_duty_role_area_path", "role", "area_path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    role: Mapped[Role] = enum_column(roles, Role)
    area_path: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id), index=True)
    is_head: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # of the department

    person: Mapped[Person] = relationship(back_populates="duties")
    department: Mapped[Department | None] = relationship(lazy="joined")


class SavedView(Base):
    """A person's own name for a filtered list."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "page", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    page: Mapped[str]  # its path, e.g. /ledger
    name: Mapped[str]
    query: Mapped[str]  # the rest of the address
