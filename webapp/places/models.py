"""Tables of the places' room.

An `Area` is what stays: a code, a name, a place in the tree. Its shape is a `Community` or `Grid`
row of one `BoundaryVersion`: a new import adds rows and closes the former ones' dates, so a case
keeps the very grid it was in.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from geoalchemy2 import WKBElement
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database import (
    Base,
    Json,
    UtcDateTime,
    enum_column,
    geometry,
    reference_table,
)
from webapp.people.models import Office, Person


class AreaLevel(StrEnum):
    COUNTY = "county"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"

    @property
    def label(self) -> str:
        return str(LEVEL_LABELS[self][0])

    @property
    def label_many(self) -> str:
        return str(LEVEL_LABELS[self][1])


LEVEL_LABELS: dict[AreaLevel, tuple[Any, Any]] = {
    AreaLevel.COUNTY: (_l("county"), _l("counties")),
    AreaLevel.STREET: (_l("street"), _l("streets")),
    AreaLevel.COMMUNITY: (_l("community"), _l("communities")),
    AreaLevel.GRID: (_l("grid"), _l("grids")),
}

area_levels = reference_table("area_level", AreaLevel)


class Area(Base):
    """A node of the tree; `path` holds the codes from the root, separated: /640121/001/003/012/."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("parent_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    level: Mapped[AreaLevel] = enum_column(area_levels, AreaLevel)
    code: Mapped[str] = mapped_column(index=True)  # the whole code, as it came
    name: Mapped[str]
    path: Mapped[str] = mapped_column(unique=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id), index=True)

    parent: Mapped["Area | None"] = relationship(remote_side="Area.id")
    manager: Mapped[Person | None] = relationship()


class BoundaryVersion(Base):
    """One import or cut of boundaries: from what, by whom, when, and what was accepted."""

    __tablename__ = "boundary_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id), index=True)
    street_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)
    layer: Mapped[AreaLevel] = enum_column(area_levels, AreaLevel)  # community or grid
    source_name: Mapped[str]
    source_sha256: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)  # those accepted
    illustrative: Mapped[bool] = mapped_column(default=False)

    made_by: Mapped[Person | None] = relationship()


class Community(Base):
    """The boundary of a community in one version."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(BoundaryVersion.id), index=True)
    code: Mapped[str]
    name: Mapped[str]
    boundary: Mapped[WKBElement] = mapped_column(geometry("MULTIPOLYGON"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(index=True)

    area: Mapped[Area] = relationship()
    version: Mapped[BoundaryVersion] = relationship()


class Grid(Base):
    """The boundary of a grid in one version, inside one community."""

    __tablename__ = "grid"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(BoundaryVersion.id), index=True)
    code: Mapped[str]
    name: Mapped[str]
    boundary: Mapped[WKBElement] = mapped_column(geometry("MULTIPOLYGON"))
    area_m2: Mapped[float]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None] = mapped_column(index=True)

    area: Mapped[Area] = relationship()
    community: Mapped[Community] = relationship()
    version: Mapped[BoundaryVersion] = relationship()


class Facility(Base):
    """A registered thing (lamp, door, charger) that a case can be about."""

    __tablename__ = "facility"
    __table_args__ = (UniqueConstraint("office_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey(Office.id))
    code: Mapped[str]
    name: Mapped[str]
