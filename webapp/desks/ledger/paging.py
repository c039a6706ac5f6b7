"""The ledger page by page: by key, so that the last page takes as long as the first.

In every order those with a value come first and those without one last: two stretches, each in an
order that an index has, on both databases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseKey
from webapp.desks.ledger.asking import Asked, Order, Place
from webapp.desks.map.queries import View, conditions

PAGE_ROWS = 50
STREAMED = 10_000
COUNTED = 10_000  # more are not counted: it would take as long as the rest of the page


@dataclass(frozen=True)
class Page:
    """The cases of one page by id; where the pages before and after it begin, if there are any."""

    ids: list[int]
    first_serial: int
    before: Place | None
    after: Place | None


def read_page(session: Session, view: View, asked: Asked, rows: int = PAGE_ROWS) -> Page:
    start, forward = (asked.before, False) if asked.before else (asked.after, True)
    found = _walk(session, _of(session, view, asked.order), asked.order, start, forward, rows + 1)
    more, found = len(found) > rows, found[:rows]
    first = 1
    if start is not None and forward:
        first = start.serial + 1
    if not forward:
        found.reverse()
        if start is not None and more:  # else the begin is reached, whatever the address counted
            first = start.serial - len(found)
    back, on = (start is not None, more) if forward else (more, True)
    places = [Place(value, case_id, first + i) for i, (case_id, value) in enumerate(found)]
    return Page(
        [case_id for case_id, _value in found],
        first,
        places[0] if places and back else None,
        places[-1] if places and on else None,
    )


def all_ids(session: Session, view: View, order: Order) -> list[int]:
    """Every case of the ledger in its order, for a file."""
    key = _key(order)
    direction = (lambda c: c.desc()) if order.descending else (lambda c: c.asc())
    query = _of(session, view, order).order_by(
        key.is_(None), direction(key), direction(Case.id)
    )  # fmt: skip
    alone = query.with_only_columns(Case.id, maintain_column_froms=True)
    return list(session.scalars(alone.execution_options(yield_per=STREAMED)))


def count_up_to(session: Session, view: View, most: int = COUNTED) -> int:
    """How many cases there are; `most + 1` stands for all that are more."""
    some = select(Case.id).where(*conditions(session, view)).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _key(order: Order) -> Any:
    assert order.column.order is not None  # noqa: S101 - the address was checked
    return order.column.order


def _of(session: Session, view: View, order: Order) -> Select[Any]:
    query = select(Case.id, _key(order)).where(*conditions(session, view))
    return query.join(CaseKey, CaseKey.case_id == Case.id) if _by_number(order) else query


def _by_number(order: Order) -> bool:
    return _key(order) is CaseKey.number


def _walk(
    session: Session,
    query: Select[Any],
    order: Order,
    start: Place | None,
    forward: bool,
    rows: int,
) -> list[tuple[int, Any]]:
    """The next cases from `start`, nearest first: through one stretch, and on into the other."""
    found: list[tuple[int, Any]] = []
    for without_value in _stretches(order, start, forward):
        there = start is not None and (start.value is None) == without_value
        part = _stretch(query, order, start if there else None, forward, without_value)
        found += [tuple(row) for row in session.execute(part.limit(rows - len(found)))]
        if len(found) == rows:
            break
    return found


def _stretches(order: Order, start: Place | None, forward: bool) -> Sequence[bool]:
    """False for the cases with a value, True for those without, as they come from `start` on."""
    if not _key(order).property.columns[0].nullable:
        return (False,)
    if start is None:
        return (False, True)
    if forward:
        return (True,) if start.value is None else (False, True)
    return (True, False) if start.value is None else (False,)


def _stretch(
    query: Select[Any], order: Order, start: Place | None, forward: bool, without_value: bool
) -> Select[Any]:
    key = _key(order)
    falling = order.descending == forward
    columns: list[Any] = [Case.id] if without_value else [key, Case.id]
    if _key(order).property.columns[0].nullable:
        query = query.where(key.is_(None) if without_value else key.is_not(None))
    if start is not None:
        query = query.where(_beyond(columns, start, falling))
    return query.order_by(*(column.desc() if falling else column.asc() for column in columns))


def _beyond(columns: list[Any], start: Place, falling: bool) -> ColumnElement[bool]:
    if len(columns) == 1:
        return Case.id < start.case_id if falling else Case.id > start.case_id
    here = (start.value, start.case_id)
    pair: Any = tuple_(*columns)
    beyond: ColumnElement[bool] = pair < here if falling else pair > here
    return beyond
