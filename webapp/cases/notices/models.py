"""Tables of notices: the inbox, what is sent outside, and how it is worded.

A `Notice` is written in the commit of what it tells. What goes out of the program, a `Delivery`,
is made from it afterwards by the worker: a notice that is not yet `spread` is the work to be done,
so that nothing is lost when anything is killed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.cases.models import Case, CaseEvent
from webapp.cases.notices.vocabulary import Channel, DeliveryState, NoticeKind, RobotKind
from webapp.core.database import (
    Base,
    BigId,
    Json,
    UtcDateTime,
    enum_column,
    reference_table,
)
from webapp.core.ids import new_id
from webapp.people.models import Department, Office, Person

notice_kinds = reference_table("notice_kind", NoticeKind)
channels = reference_table("channel", Channel)
robot_kinds = reference_table("robot_kind", RobotKind)
delivery_states = reference_table("delivery_state", DeliveryState)

_UNREAD = "read_at IS NULL"
_UNSPREAD = "spread_at IS NULL"
_WAITING = "state = 'waiting'"


class Notice(Base):
    """Something told to one person, or to the resident who reported; there exactly once."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person_id_at", "person_id", "at", "id"),
        Index(
            "ix_notice_unread",
            "person_id",
            sqlite_where=text(_UNREAD),
            postgresql_where=text(_UNREAD),
        ),
        Index(
            "ix_notice_unspread",
            "visible_at",
            sqlite_where=text(_UNSPREAD),
            postgresql_where=text(_UNSPREAD),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(unique=True)  # what it tells, and whom
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))  # None: the resident
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Case.id))
    event_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(CaseEvent.id), index=True)
    kind: Mapped[NoticeKind] = enum_column(notice_kinds, NoticeKind)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    visible_at: Mapped[datetime] = mapped_column(UtcDateTime)  # a dispatch can be undone till then
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spread_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its deliveries are there

    person: Mapped[Person | None] = relationship()
    case: Mapped[Case | None] = relationship()
    event: Mapped[CaseEvent | None] = relationship()


class NoticeChoice(Base):
    """What a person wants to have outside the inbox, by kind."""

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    mail: Mapped[list[str]] = mapped_column(Json, default=list)
    robot: Mapped[list[str]] = mapped_column(Json, default=list)


class Robot(Base):
    """A robot in a group chat. Its address and secret are in the environment, under its name."""

    __tablename__ = "robot"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # None: all
    kind: Mapped[RobotKind] = enum_column(robot_kinds, RobotKind)
    name: Mapped[str]  # ROBOT_<NAME>_URL and ROBOT_<NAME>_SECRET
    active: Mapped[bool] = mapped_column(default=True, server_default=true())

    department: Mapped[Department | None] = relationship()


class Delivery(Base):
    """One message on its way out: sent at least once, always under the same id."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_waiting",
            "next_at",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index("ix_delivery_office_id_state", "office_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(unique=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Case.id))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    robot_id: Mapped[int | None] = mapped_column(ForeignKey(Robot.id))
    channel: Mapped[Channel] = enum_column(channels, Channel)
    kind: Mapped[NoticeKind] = enum_column(notice_kinds, NoticeKind)
    address: Mapped[str]  # an e-mail address, or the phones that a robot calls
    subject: Mapped[str]
    body: Mapped[str]
    state: Mapped[DeliveryState] = enum_column(
        delivery_states, DeliveryState, default=DeliveryState.WAITING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)  # also the end of a lease
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person | None] = relationship()
    robot: Mapped[Robot | None] = relationship()
    case: Mapped[Case | None] = relationship()


class NoticeTemplate(Base):
    """An office's own words for a kind of notice, in one language, on one way out."""

    __tablename__ = "notice_template"
    __table_args__ = (UniqueConstraint("office_id", "kind", "language", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    kind: Mapped[NoticeKind] = enum_column(notice_kinds, NoticeKind)
    language: Mapped[str]
    channel: Mapped[Channel] = enum_column(channels, Channel)
    subject: Mapped[str]
    body: Mapped[str]
