"""A page of a tab: the facts of its rows in one statement, the next due first, paged by key."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from gis.coordinates import check_lonlat, distance_m
from gis.errors import GeoDataError
from webapp.cases.groups import sign_of
from webapp.cases.models import Case, CaseKey, next_due
from webapp.cases.rules import Lamp
from webapp.cases.words import lamp_of, span_words, time_left_words
from webapp.core.errors import BadInput
from webapp.desks.frame.desk import Desk, Note, Tab, in_tab
from webapp.desks.map.queries import View
from webapp.places.models import Area
from webapp.standards.models import CaseClass, Condition
from webapp.standards.service import OfficeStandards, office_standards

PAGE_ROWS = 30
KM = 1000.0
Key = tuple[datetime, int]
LonLat = tuple[float, float]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class DeskRow:
    """What a row says of a case, in words."""

    facts: Row[Any]
    lamp: Lamp
    time_left: str
    late: bool  # the stage is over its limit
    age: str
    name: str  # of the class
    condition: str
    place: str
    lead: str
    sign: str
    notes: Sequence[Note] = ()

    @property
    def number(self) -> str:
        return str(self.facts.number)


@dataclass(frozen=True)
class Page:
    rows: list[DeskRow]
    after: str  # the key of the next page; empty on the last


def read_page(
    session: Session, desk: Desk, tab: Tab, view: View, after: str, near: LonLat | None = None
) -> Page:
    """The rows of a tab that follow the key `after`; with `near` the nearest alone, in order."""
    if near and desk.nearest:
        found = _nearest(session, desk, tab, view, near)
        return Page(_rows(session, desk, view, found, near), "")
    key = read_key(after) if after else None
    wanted = session.scalars(in_order(session, desk, tab, view, key, PAGE_ROWS + 1)).all()
    found = _facts(session, wanted[:PAGE_ROWS])
    rows = _rows(session, desk, view, found)
    more = len(wanted) > PAGE_ROWS
    return Page(rows, write_key((found[-1].next_due, found[-1].id)) if more else "")


def _nearest(session: Session, desk: Desk, tab: Tab, view: View, near: LonLat) -> Sequence[Any]:
    """What lies nearest to a place; what has no place comes last."""
    lon, lat = near
    east = (func.ST_X(Case.location) - lon) * math.cos(math.radians(lat))
    north = func.ST_Y(Case.location) - lat
    distance = func.coalesce(east * east + north * north, 1e9).label("distance")
    wanted = (
        select(Case.id.label("id"), distance)
        .where(*desk.conditions(session, view), in_tab(tab, view))
        .order_by(distance, Case.id)
        .limit(PAGE_ROWS)
    )
    return _facts(session, session.scalars(wanted).all())


def read_row(session: Session, desk: Desk, tab: Tab, view: View, number: str) -> DeskRow | None:
    """One case as a row of the tab; None when it is not in it."""
    key = select(CaseKey.case_id).where(CaseKey.number == number).scalar_subquery()
    wanted = select(Case.id).where(
        Case.id == key, *desk.conditions(session, view), in_tab(tab, view)
    )
    found = _facts(session, session.scalars(wanted).all())
    return _rows(session, desk, view, found)[0] if found else None


def tab_ids(session: Session, desk: Desk, tab: Tab, view: View, most: int) -> list[int]:
    """The ids of a tab's cases in its order, so many at most."""
    return list(session.scalars(in_order(session, desk, tab, view, None, most)))


def in_order(
    session: Session, desk: Desk, tab: Tab, view: View, after: Key | None, most: int
) -> Any:
    """Ids and keys in order; each state is read by the index of its own."""
    base = [*desk.conditions(session, view), tab.where(view)]
    if after:
        base.append(_behind(after))
    parts = [
        select(Case.id.label("id"), next_due.label("due"))
        .where(*base, Case.state == state)
        .order_by(next_due, Case.id)
        .limit(most)
        for state in tab.states
    ]
    if len(parts) == 1:
        return parts[0]
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    both = select(together.c.id, together.c.due)
    return both.order_by(together.c.due, together.c.id).limit(most)


def _behind(key: Key) -> ColumnElement[bool]:
    due, case_id = key
    return and_(next_due >= due, or_(next_due > due, Case.id > case_id))


_parent = aliased(Area)
_FACTS = (  # made once: to put it together anew would take as long as to run it
    select(
        Case.id, Case.number, Case.version, Case.state, Case.source, Case.description,
        Case.address, Case.reported_at, Case.warn_at, Case.due_at, Case.limit_unit,
        Case.clock_stopped_at, Case.stage_due_at, Case.lead_department_id, Case.grid_id,
        Case.near_edge, Case.pressed, Case.joint, Case.return_count, Case.rework_count,
        Case.assignee_id, Case.crew_id, next_due.label("next_due"),
        func.ST_X(Case.location).label("lon"), func.ST_Y(Case.location).label("lat"),
        Condition.name_zh.label("condition_zh"), Condition.name_en.label("condition_en"),
        CaseClass.name_zh, CaseClass.name_en, CaseClass.group_code,
        Area.name.label("area_name"), _parent.name.label("parent_name"),
    )
    .join(Condition, Condition.id == Case.condition_id)
    .join(CaseClass, CaseClass.id == Condition.class_id)
    .join(Area, Area.id == Case.area_id)
    .outerjoin(_parent, _parent.id == Area.parent_id)
    .where(Case.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip


def _facts(session: Session, ids: Sequence[int]) -> list[Any]:
    """The facts of these cases, in this order."""
    found = {row.id: row for row in session.execute(_FACTS, {"ids": list(ids)})} if ids else {}
    return [found[case_id] for case_id in ids if case_id in found]


def _rows(
    session: Session, desk: Desk, view: View, found: Sequence[Any], near: LonLat | None = None
) -> list[DeskRow]:
    standards = office_standards(session, view.office)
    notes = desk.notes(session, view, found) if desk.notes and found else {}
    english = str(get_locale()) == "en"
    rows = [_row(facts, view, standards, english=english) for facts in found]
    if not notes and near is None:
        return rows
    return [replace(r, notes=(*_away(r, near), *notes.get(r.facts.id, ()))) for r in rows]


def _away(row: DeskRow, near: LonLat | None) -> Iterator[Note]:
    """How far a case is from where the reader stands."""
    if near is None or row.facts.lon is None:
        return
    metres = distance_m(near, (row.facts.lon, row.facts.lat))
    if metres < KM:
        yield Note(_("%(metres)d m away", metres=round(metres, -1)), "info")
    else:
        yield Note(_("%(km)s km away", km=f"{metres / KM:.1f}"), "info")


def _row(facts: Any, view: View, standards: OfficeStandards, *, english: bool) -> DeskRow:
    where = [_("no grid"), facts.address]
    if facts.grid_id is not None:
        where = [facts.parent_name, facts.area_name]
    return DeskRow(
        facts=facts,
        lamp=lamp_of(facts, view.now),
        time_left=time_left_words(facts, view.now, standards.clock),
        late=facts.stage_due_at is not None and facts.stage_due_at < view.now,
        age=span_words(max(view.now - facts.reported_at, timedelta()), office_time=False),
        name=(english and facts.name_en) or facts.name_zh,
        condition=(english and facts.condition_en) or facts.condition_zh,
        place=" · ".join(words for words in where if words),
        lead=standards.departments.get(facts.lead_department_id, ""),
        sign=sign_of(facts.group_code),
    )


def read_near(words: str) -> LonLat | None:
    """A place as an address holds it: longitude and latitude; BadInput for what is none."""
    if not words:
        return None
    try:
        lon, lat = (float(part) for part in words.split(","))
        return check_lonlat(lon, lat)
    except (ValueError, GeoDataError):
        raise BadInput("near", _("This is no place: give longitude,latitude.")) from None


def write_key(key: Key) -> str:
    """A key as an address holds it: microseconds since 1970 and the id."""
    due, case_id = key
    return f"{(due - _EPOCH) // _MICROSECOND}-{case_id}"


def read_key(words: str) -> Key:
    """Raises BadInput for what is no key."""
    due, _dash, case_id = words.partition("-")
    try:
        return _EPOCH + int(due) * _MICROSECOND, int(case_id)
    except (ValueError, OverflowError):
        raise BadInput("after", _("This page of the list is not known. Begin anew.")) from None
