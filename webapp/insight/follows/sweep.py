"""The weekly sweep: who follows hot spots hears of each that is new or getting hotter, once.

An office's week is told in one commit with the row that says how far the sweep is. Whoever raises
that row tells; another worker finds it raised, and one that is killed before the commit has told
nobody. A worker that was away on the day sweeps when it is back.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
from flask_babel import force_locale
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause
from sqlalchemy.orm import Session, joinedload

from gis.errors import GeoDataError
from webapp.cases.notices.models import Notice
from webapp.cases.notices.rules import key_of
from webapp.cases.notices.vocabulary import NoticeKind
from webapp.core.database import begin_write
from webapp.core.errors import NotFound, WanggeError
from webapp.core.i18n import LANGUAGES
from webapp.core.ids import new_id
from webapp.core.jobs import chore
from webapp.core.waking import call_after_commit
from webapp.insight.follows.models import HotspotFollow, HotspotSweep, HotspotTold
from webapp.insight.follows.rules import TOLD, is_news, occasion, span_of, week_of
from webapp.insight.follows.service import group_words
from webapp.insight.hotspots.analysis import Analysis
from webapp.insight.hotspots.asking import EMERGING, Asked
from webapp.insight.hotspots.places import grids_of
from webapp.insight.hotspots.reach import LOOKERS, Reach, department_names, reach_of
from webapp.insight.hotspots.service import analyse
from webapp.insight.selection import WEEK, Selection
from webapp.people.access import has_role
from webapp.people.models import Office, Person
from webapp.places.locating import office_today

log = logging.getLogger(__name__)
NEVER = date(1970, 1, 5)
Key = tuple[int, int, str, str, str]  # person, area, class, pattern, whose: as in HotspotTold


@dataclass(frozen=True)
class Spot:
    """A place that is new or getting hotter, and what a notice says of it."""

    area_id: int
    path: str
    pattern: str
    whose: str
    data: dict[str, Any]


@chore(every=timedelta(minutes=10))
def sweep_hotspots(session: Session, now: datetime) -> None:
    """Tell the followers of each office whose week has begun since it was swept."""
    due = [
        (office.id, week)
        for office, swept in session.execute(
            select(Office, HotspotSweep.week).outerjoin(
                HotspotSweep, HotspotSweep.office_id == Office.id
            )
        ).all()
        if _is_due(swept, week := week_of(office_today(office, now), office.settings))
    ]
    session.rollback()
    for office_id, week in due:
        try:
            sweep_office(session, session.get_one(Office, office_id), week, now)
        except Exception:  # the other offices must go on
            session.rollback()
            log.exception("hot spots of office %s could not be swept", office_id)


def _is_due(swept: date | None, week: date) -> bool:
    """One more than a week ahead was written before the clock was set back."""
    return swept is None or swept < week or swept > week + WEEK


def sweep_office(session: Session, office: Office, week: date, now: datetime) -> int:
    """Tell the followers of an office of its hot spots, once in this week; answers how many."""
    found = list(_found(session, office, week))
    begin_write(session)
    if not _raise(session, office, week):
        session.rollback()
        return 0
    told = _told(session, office)
    notices, seen = [], {}
    for person_id, case_group, spot in found:
        key = person_id, spot.area_id, case_group, spot.pattern, spot.whose
        if key not in seen and is_news(told.get(key), week):
            alike = occasion(week, case_group, spot.area_id, spot.pattern, spot.whose)
            notices.append(_notice(key_of(alike, person_id), person_id, spot, now))
        seen[key] = week
    _remember(session, seen)
    if notices:
        session.execute(insert(Notice).on_conflict_do_nothing(index_elements=["key"]), notices)
        call_after_commit(session)
    session.commit()
    return len(notices)


def _raise(session: Session, office: Office, week: date) -> bool:
    """Whether this worker is the one that sweeps the week."""
    row = {"office_id": office.id, "week": NEVER}
    session.execute(insert(HotspotSweep).values(row).on_conflict_do_nothing())
    not_yet = or_(HotspotSweep.week < week, HotspotSweep.week > week + WEEK)
    ours = session.execute(
        update(HotspotSweep)
        .where(HotspotSweep.office_id == office.id, not_yet)
        .values(week=week)
        .execution_options(synchronize_session=False)
    )
    return bool(ours.rowcount)  # type: ignore[attr-defined]


def _found(session: Session, office: Office, week: date) -> Iterator[tuple[int, str, Spot]]:
    """Person, class and place, for all that is followed; what is alike is analysed once."""
    alike: dict[tuple[Reach, str], list[HotspotFollow]] = defaultdict(list)
    for follow in _follows(session, office):
        reach = _reach(session, follow)
        if reach is not None:
            alike[reach, follow.case_group].append(follow)
    for (reach, case_group), follows in alike.items():
        spots = _spots(session, office, week, reach, case_group)
        for follow in follows:
            for spot in spots:
                if spot.path.startswith(follow.area_path):
                    yield follow.person_id, case_group, spot


def _follows(session: Session, office: Office) -> list[HotspotFollow]:
    ours = (
        select(HotspotFollow)
        .join(Person, Person.id == HotspotFollow.person_id)
        .options(joinedload(HotspotFollow.person).selectinload(Person.duties))
        .where(Person.office_id == office.id, Person.active)
        .order_by(HotspotFollow.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(ours)) if len(grids_of(session, office)) else []


def _reach(session: Session, follow: HotspotFollow) -> Reach | None:
    """What a follower may have tested today; None for who may not any more."""
    if not has_role(follow.person, *LOOKERS):
        return None
    try:
        return reach_of(session, follow.person, follow.whose)
    except NotFound:  # has left the department whose cases these are
        return None


def _spots(
    session: Session, office: Office, week: date, reach: Reach, case_group: str
) -> list[Spot]:
    since, until = span_of(week, office.settings)
    selection = Selection(since=since, until=until, group=case_group or None)
    try:
        analysis = analyse(session, office, selection, reach=reach)
    except (WanggeError, GeoDataError) as error:  # such as a class that is no more
        log.warning("hot spots of %s in %s: %s", case_group or "all", office.code, error)
        return []
    words = {}
    for language in LANGUAGES:
        with force_locale(language):
            words[language] = group_words(session, office, case_group)
    led = department_names(session, office, [reach.department])
    facts = {"class": words, "department": led.get(reach.department, "")}
    return [
        _spot(analysis, at, week, Asked(selection, whose=reach.department, view=EMERGING), facts)
        for at, pattern in enumerate(analysis.hot_patterns())
        if pattern in TOLD
    ]


def _spot(analysis: Analysis, at: int, week: date, asked: Asked, facts: dict[str, Any]) -> Spot:
    """With the numbers of the last whole week, and a link to the page with the place chosen."""
    places, lately = analysis.places, analysis.series[:, -1]
    weights = analysis.field.weights
    address = asked.args() | {"place": str(places.ids[at])}
    pattern = str(analysis.pattern[at])
    data = facts | {
        "place": " ".join(filter(None, (str(places.above[at]), str(places.names[at])))),
        "cases": int(lately[at]),
        "around": int(weights.lag(lately)[at] + lately[at]),
        "expected": round(float((weights.sums[0][at] + 1) * np.mean(lately)), 1),
        "pattern": pattern,
        "since": (week - WEEK).isoformat(),
        "link": f"/insight/hotspots?{urlencode(address)}",
    }
    return Spot(int(places.ids[at]), str(places.paths[at]), pattern, asked.whose, data)


def _told(session: Session, office: Office) -> dict[Key, date]:
    ours = HotspotTold.person_id.in_(select(Person.id).where(Person.office_id == office.id))
    columns = (HotspotTold.person_id, HotspotTold.area_id, HotspotTold.case_group,
               HotspotTold.pattern, HotspotTold.whose, HotspotTold.week)  # fmt: skip
    return {tuple(key): week for *key, week in session.execute(select(*columns).where(ours))}  # type: ignore[misc]


def _remember(session: Session, seen: dict[Key, date]) -> None:
    names = ("person_id", "area_id", "case_group", "pattern", "whose")
    rows = [dict(zip(names, key, strict=True), week=week) for key, week in seen.items()]
    if rows:
        write = insert(HotspotTold)
        later = write.on_conflict_do_update(
            index_elements=list(names), set_={"week": write.excluded.week}
        )
        session.execute(later, rows)


def _notice(key: str, person_id: int, spot: Spot, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(), "key": key, "person_id": person_id, "kind": NoticeKind.HOTSPOT,
        "at": now, "visible_at": now, "data": spot.data,
    }  # fmt: skip
