"""The counts of an office as they are at one moment: pages and what is not yet folded into them.

One statement reads which pages there are together with all changes, so that a fold that commits
meanwhile is seen whole or not at all. Pages are kept by process for as long as they are the same.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from flask_babel import gettext as _
from sqlalchemy import BigInteger, Select, String, cast, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.core.errors import Conflict
from webapp.insight.counts.changes import cells_of
from webapp.insight.counts.pages import Cells, Page, page_of
from webapp.insight.models import CountChange, CountCube, CountPage
from webapp.people.models import Office

MOST_CHANGES = 250_000
"""A request reads no more of them; so many wait only where no worker folds."""
MOST_BYTES = 48_000_000
"""Of pages that a process keeps: some 12 million cells."""
TRIES = 10  # folds come every few seconds, a try takes milliseconds

ZONE, PAGE, CHANGE = range(3)

_lock = threading.Lock()
_kept: WeakKeyDictionary[Any, "OrderedDict[tuple[int, int], tuple[int, Page]]"] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All counts of some months: each report is in a page or in the changes, never in both."""

    pages: list[Page]
    changes: Cells


def read_snapshot(session: Session, office: Office, first: int, last: int) -> Snapshot:
    """The counts of the months from `first` to `last` (as 202611) and all changes.

    Raises
    ------
    Conflict
        ``counting``: too much is not folded yet, or it was counted in another time zone.
    """
    for _try in range(TRIES):
        rows = session.execute(_heads(office)).all()
        heads = {row[1]: row[2] for row in rows if row[0] == PAGE and first <= row[1] <= last}
        pages = _pages(session, office, heads)
        if pages is not None:
            zones = [row[6] for row in rows if row[0] == ZONE]
            changes = [row[1:] for row in rows if row[0] == CHANGE]
            _check(office, zones, len(changes))
            return Snapshot(pages, cells_of(session, office, changes))
    raise _still_counting(0)


def _heads(office: Office) -> Select[Any]:
    """Rows of three kinds in one statement: the zone, the pages' revisions, the changes."""
    zero = literal(0, BigInteger)
    none = literal("", String)
    zone = select(
        literal(ZONE), zero, zero, zero, zero, zero, cast(CountCube.time_zone, String)
    ).where(CountCube.office_id == office.id)
    pages = select(
        literal(PAGE), CountPage.month, CountPage.revision, zero, zero, zero, none
    ).where(CountPage.office_id == office.id)
    changes = (
        select(
            literal(CHANGE), CountChange.grid_id, CountChange.condition_id,
            CountChange.department_id, CountChange.reported_s, CountChange.n, CountChange.source,
        )
        .where(CountChange.office_id == office.id)
        .limit(MOST_CHANGES + 1)
    )  # fmt: skip
    return union_all(zone, pages, select(changes.subquery()))  # type: ignore[return-value]


def _check(office: Office, zones: list[str], changes: int) -> None:
    if changes > MOST_CHANGES or any(zone != office.time_zone for zone in zones):
        raise _still_counting(changes)


def _still_counting(changes: int) -> Conflict:
    return Conflict(
        "counting",
        _(
            "The worker is counting what has come in; look again in a minute. If this stays, see"
            " that it runs: flask jobs work"
        ),
        changes=changes,
    )


def _pages(session: Session, office: Office, heads: dict[int, int]) -> list[Page] | None:
    """The pages of these revisions; None if one of them has gone meanwhile."""
    kept = _kept.setdefault(session.get_bind(), OrderedDict())
    with _lock:
        pages = {month: kept.get((office.id, month)) for month in heads}
    missing = [
        month for month, revision in heads.items()
        if (known := pages[month]) is None or known[0] != revision
    ]  # fmt: skip
    for month, revision, page in _read_pages(session, office, missing):
        pages[month] = revision, page
    if any(pages[month] is None or pages[month][0] != heads[month] for month in heads):  # type: ignore[index]
        return None
    with _lock:
        for month in heads:
            kept[office.id, month] = pages[month]  # type: ignore[assignment]
            kept.move_to_end((office.id, month))
        while sum(page.nbytes for _revision, page in kept.values()) > MOST_BYTES:
            kept.popitem(last=False)
    return [pages[month][1] for month in sorted(heads)]  # type: ignore[index]


def _read_pages(
    session: Session, office: Office, months: list[int]
) -> Iterator[tuple[int, int, Page]]:
    if not months:
        return
    query = select(*CountPage.__table__.columns).where(
        CountPage.office_id == office.id, CountPage.month.in_(months)
    )
    for row in session.execute(query):
        yield row.month, row.revision, page_of(row)
