"""The numbers on the tabs, counted anew only when something has happened.

Every change of a case leaves an event, so the newest event's id says whether numbers still hold.
They are kept for a moment at most: being overdue comes by the clock alone.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseEvent
from webapp.desks.frame.desk import Desk, Tab, in_tab
from webapp.desks.map.queries import View
from webapp.people.models import Person

KEEP_S = 5.0
MOST_KEPT = 500

Kept = tuple[float, int, dict[str, int]]
_kept: WeakKeyDictionary[Any, OrderedDict[Hashable, Kept]] = WeakKeyDictionary()
_lock = threading.Lock()


def newest_event(session: Session) -> int:
    """The id of the last thing that happened to any case; 0 before the first."""
    return session.scalar(select(func.max(CaseEvent.id))) or 0


def tab_counts(session: Session, desk: Desk, view: View, newest: int) -> dict[str, int]:
    """How many cases each tab holds, by its name."""
    assert view.person is not None  # noqa: S101 - desks are for who has signed in
    filters = replace(view.filters, lamps=frozenset(view.filters.lamps))
    key = (desk.path, view.office.id, desk.shared(view.person), filters, view.area)
    with _lock:
        kept = _kept.setdefault(session.get_bind(), OrderedDict())
        found = kept.get(key)
    if found and found[1] == newest and time.monotonic() - found[0] < KEEP_S:
        return found[2]
    counts = count_tabs(session, desk, view)
    with _lock:
        kept[key] = time.monotonic(), newest, counts
        kept.move_to_end(key)
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return counts


def news_tag(view: View, newest: int) -> str:
    """Says whether numbers that somebody was given are still what they would be given now."""
    area = view.area.code if view.area else "all"
    return f"{newest}-{_id(view.person)}-{area}-{view.now:%H%M}"


def count_tabs(session: Session, desk: Desk, view: View) -> dict[str, int]:
    """The numbers of all tabs in one statement, each by the index that suits it."""
    base = list(desk.conditions(session, view))
    numbers = [
        select(func.count()).select_from(Case).where(*base, in_tab(tab, view)).scalar_subquery()
        for tab in desk.tabs
    ]
    found = session.execute(select(*numbers)).one()
    return {tab.name: number for tab, number in zip(desk.tabs, found, strict=True)}


def arrived(session: Session, desk: Desk, tab: Tab, view: View, seen: int) -> int:
    """How many cases came into the tab by the hand of others after the event `seen`."""
    came = (
        select(CaseEvent.case_id)
        .where(
            CaseEvent.id > seen,
            CaseEvent.to_state.in_(tab.states),
            CaseEvent.from_state.is_distinct_from(CaseEvent.to_state),
            CaseEvent.actor_id.is_distinct_from(_id(view.person)),
        )
        .distinct()
    )
    waiting = select(func.count()).select_from(Case).where(
        Case.id.in_(came), *desk.conditions(session, view), in_tab(tab, view)
    )  # fmt: skip
    return session.scalar(waiting) or 0


def _id(person: Person | None) -> int | None:
    return person.id if person else None
