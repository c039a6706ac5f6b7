"""Tables of follows: who wants to hear of what, how far the sweep is, and what was told."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database import Base, UtcDateTime
from webapp.people.models import Office, Person
from webapp.places.models import Area


class HotspotFollow(Base):
    """Somebody follows the hot spots in an area, of a class, or both; "" is all that is theirs.

    `whose` is the code of their department where only the cases that it leads are tested; "" where
    all cases of their area are.
    """

    __tablename__ = "hotspot_follow"
    __table_args__ = (UniqueConstraint("person_id", "area_path", "case_group", "whose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    area_path: Mapped[str]
    case_group: Mapped[str]  # code of a class group or of a class
    whose: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship()


class HotspotSweep(Base):
    """The last week that was swept in an office; whoever raises it tells, in the same commit."""

    __tablename__ = "hotspot_sweep"

    office_id: Mapped[int] = mapped_column(
        ForeignKey(Office.id), primary_key=True, autoincrement=False
    )
    week: Mapped[date]  # its first day


class HotspotTold(Base):
    """A place of which somebody was told; `week` is the last in which it still was so."""

    __tablename__ = "hotspot_told"

    person_id: Mapped[int] = mapped_column(
        ForeignKey(Person.id), primary_key=True, autoincrement=False
    )
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), primary_key=True, autoincrement=False)
    case_group: Mapped[str] = mapped_column(primary_key=True)
    pattern: Mapped[str] = mapped_column(primary_key=True)  # gis.emerging.Pattern
    whose: Mapped[str] = mapped_column(primary_key=True, server_default="")
    week: Mapped[date]
