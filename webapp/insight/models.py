"""Tables of the insight's room: how many reports came in by grid, class, department, source, day;
and who is whose neighbour among the grids.

`CountChange` rows are written by triggers on `cases` (migration `2026_11_24_cube`), in the commit
that brings or changes a case. The worker folds them into `CountPage`. Both together are at every
moment what a count over all cases would answer. None of them has foreign keys: they are derived
from `cases`, which has.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database import Base, BigId, Json, UtcDateTime
from webapp.people.models import Office


class CountCube(Base):
    """Of each office whose cases were folded: whoever folds holds this row until the commit."""

    __tablename__ = "count_cube"

    office_id: Mapped[int] = mapped_column(
        ForeignKey(Office.id), primary_key=True, autoincrement=False
    )
    time_zone: Mapped[str]  # in which the days of its pages are counted


class CountChange(Base):
    """A report more (`n` = 1) or less (-1) in one place of the cube, not yet folded."""

    __tablename__ = "count_change"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    office_id: Mapped[int]
    grid_id: Mapped[int]  # 0: in no grid
    condition_id: Mapped[int]
    department_id: Mapped[int]  # of the lead; 0: none
    source: Mapped[str]
    reported_s: Mapped[int] = mapped_column(BigInteger)  # seconds since 1970, UTC
    n: Mapped[int] = mapped_column(SmallInteger)


class CountPage(Base):
    """The counts of one month of an office, as columns (`counts.pages.Page`)."""

    __tablename__ = "count_page"

    office_id: Mapped[int] = mapped_column(
        ForeignKey(Office.id), primary_key=True, autoincrement=False
    )
    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 202611
    revision: Mapped[int] = mapped_column(BigInteger)  # another whenever the content is another
    combinations: Mapped[list[list[int | str]]] = mapped_column(Json)  # class, lead, source, rows
    grids: Mapped[bytes] = mapped_column(LargeBinary)
    places: Mapped[bytes] = mapped_column(LargeBinary)
    days: Mapped[bytes] = mapped_column(LargeBinary)
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class GridNeighbours(Base):
    """Who is whose neighbour among the grids in force: worked out once for a set of boundaries.

    `places` says from which boundaries (`hotspots.neighbours.key_of`): with others in force the row
    is not found. It may be removed at any time; it is then worked out anew.
    """

    __tablename__ = "grid_neighbours"

    office_id: Mapped[int] = mapped_column(
        ForeignKey(Office.id), primary_key=True, autoincrement=False
    )
    places: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)  # queen, band:1000
    grid_ids: Mapped[bytes] = mapped_column(LargeBinary)  # int64, little-endian: the order
    weights: Mapped[bytes] = mapped_column(LargeBinary)  # gis.weights.Weights.to_bytes
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
