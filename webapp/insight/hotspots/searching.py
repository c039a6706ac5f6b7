"""Clusters of cases, looked for by the worker: scikit-learn has no place in a web worker.

A search is a job of whoever asked, and nobody else sees it. The same question in the same state of
the cases is looked for once; what was found is kept for an hour.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _
from pyproj import Transformer
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gis.clusters import find_clusters
from gis.errors import GeoDataError
from webapp.cases.models import CaseEvent
from webapp.core import clock
from webapp.core.database import WGS84, begin_write
from webapp.core.errors import Conflict, NotFound, WanggeError
from webapp.core.geowords import words_of
from webapp.core.jobs import Job, JobState, add_job, chore, job_kind, keep_lease
from webapp.insight.hotspots.asking import Asked, read_address
from webapp.insight.hotspots.places import grids_of, to_metres
from webapp.insight.hotspots.pointlayers import MOST_SHOWN, degrees, points_of
from webapp.insight.hotspots.reach import LOOKERS, Reach, reach_of
from webapp.insight.hotspots.service import within
from webapp.people.access import has_role
from webapp.people.areas import AreaChoice
from webapp.people.looking import own_area
from webapp.people.models import Person
from webapp.places.locating import office_today

KIND = "insight.clusters"
CLUSTER_M, CLUSTER_CASES = 50, 10
LEAST_RADIUS_M = 15
GOOD_FOR = timedelta(minutes=10)  # whose state looks the same; lamps pass by themselves
KEPT = timedelta(hours=1)
MOST_WAITING, MOST_KEPT = 4, 20  # of one person
SILENCE = timedelta(seconds=10)  # after which nobody seems to work
LOOKED_AT = ("view", "raw", "by", "weights", "rate", "against_since", "against_until")
UNFINISHED = (JobState.WAITING, JobState.RUNNING)


def search(
    session: Session,
    person: Person,
    asked: Asked,
    reach: Reach,
    area: AreaChoice | None,
    now: datetime,
) -> Job:
    """The person's search for this question, a new one unless it is there; commits it.

    Raises NotFound for an area outside the reach, Conflict where too many of theirs wait already.
    """
    within(session, person.office, asked.selection, reach)
    begin_write(session)
    args = {name: value for name, value in asked.args().items() if name not in LOOKED_AT}
    payload = {
        "args": args, "area": area and area.path, "language": str(get_locale()),
        "reach": _digest(reach), "state": _state(session, person),
    }  # fmt: skip
    own = _own(session, person)
    for job in own:
        good = job.state in UNFINISHED or (job.finished_at or now) > now - GOOD_FOR
        if job.payload == payload and job.state is not JobState.FAILED and good:
            session.rollback()
            return session.get_one(Job, job.id)
    if sum(job.state in UNFINISHED for job in own) >= MOST_WAITING:
        raise Conflict(
            "many_wait",
            _("%(count)d of your searches are waiting: wait for these first.", count=MOST_WAITING),
        )
    facts = {"office_id": person.office_id, "created_by_id": person.id}
    job = add_job(session, KIND, payload, now, **facts)
    if beyond := [one.id for one in own if one.state not in UNFINISHED][MOST_KEPT - 1 :]:
        session.execute(delete(Job).where(Job.id.in_(beyond)))
    session.commit()
    return job


def _own(session: Session, person: Person) -> list[Job]:
    own = select(Job).where(Job.kind == KIND, Job.created_by_id == person.id)
    newest = own.order_by(Job.id.desc()).execution_options(populate_existing=True)
    return list(session.scalars(newest))


def _state(session: Session, person: Person) -> str:
    """Another after every event of any case, and after changes of places and classes."""
    return f"{session.scalar(select(func.max(CaseEvent.id)))}/{person.office.revision}"


def _digest(reach: Reach) -> str:
    return hashlib.sha256(repr(reach).encode()).hexdigest()


def own_search(session: Session, person: Person, job_id: int) -> Job:
    """A search of this person, who may still ask it; else NotFound."""
    job = session.get(Job, job_id)
    if job is None or job.kind != KIND or job.created_by_id != person.id:
        raise _unknown()
    with force_locale(job.payload["language"]):  # a reach has words
        _asked, reach = _question(session, person, job.payload)
    if _digest(reach) != job.payload["reach"]:
        raise _unknown()
    return job


def _unknown() -> NotFound:
    return NotFound("search", _("There is no such search, or it is not yours."))


def _question(session: Session, person: Person, payload: dict[str, Any]) -> tuple[Asked, Reach]:
    """What is asked, within what this person may ask today."""
    if not has_role(person, *LOOKERS):
        raise _unknown()
    area = own_area(person, payload["area"]) if payload["area"] else None
    asked = read_address(payload["args"], office_today(person.office))
    return asked, reach_of(session, person, asked.whose, area)


@job_kind(KIND)
def search_job(session: Session, job: Job) -> dict[str, Any]:
    """Begun anew after a kill: nothing but the answer is kept."""
    person = session.get_one(Person, job.created_by_id)
    with force_locale(job.payload["language"]):
        try:
            asked, reach = _question(session, person, job.payload)
            return {"found": list(_clusters(session, job, person, asked, reach))}
        except (WanggeError, GeoDataError) as error:
            session.rollback()
            return {"refused": words_of(error)}


def _clusters(
    session: Session, job: Job, person: Person, asked: Asked, reach: Reach
) -> Iterator[dict[str, Any]]:
    """For the map, the largest first."""
    points = points_of(session, person.office, asked, reach)
    begin_write(session)
    keep_lease(job, 0, len(points), clock.now())
    session.commit()
    if not len(points):
        return
    metres = to_metres(grids_of(session, person.office))
    back = Transformer.from_crs(metres.target_crs, WGS84, always_xy=True)
    xy = np.column_stack(metres.transform(points.lon, points.lat))
    found = find_clusters(xy, CLUSTER_M, CLUSTER_CASES)
    for number in range(min(len(found.sizes), MOST_SHOWN)):
        away = np.hypot(*(xy[found.label == number] - found.centres[number]).T)
        yield {
            "at": degrees(back, *found.centres[number]),
            "radius": round(max(float(away.max()), LEAST_RADIUS_M)),
            "words": _(
                "%(count)d cases, each with %(least)d or more within %(metres)d m",
                count=int(found.sizes[number]),
                least=CLUSTER_CASES,
                metres=CLUSTER_M,
            ),
        }


def told(session: Session, job: Job, now: datetime) -> dict[str, Any]:
    """How far a search is, in words; what was found once it is done."""
    if job.state is JobState.DONE and "found" in job.result:
        found = job.result["found"]
        none = _(
            "No %(least)d cases lie within %(metres)d m.", least=CLUSTER_CASES, metres=CLUSTER_M
        )
        return {"state": "done", "found": found, "words": "" if found else none}
    if job.state in (JobState.DONE, JobState.FAILED):
        why = _("The worker failed: %(why)s", why=job.error)
        return {"state": "failed", "words": job.result.get("refused") or why}
    return {"state": job.state.value, "words": _waiting_words(session, job, now)}


def _waiting_words(session: Session, job: Job, now: datetime) -> str:
    alive = Job.leased_until >= now
    if job.state is JobState.RUNNING and job.leased_until and job.leased_until >= now:
        if not job.total:
            return _("Reading the cases.")
        return ngettext("Looking at %(num)d case.", "Looking at %(num)d cases.", job.total)
    if session.scalar(select(Job.id).where(Job.state == JobState.RUNNING, alive).limit(1)):
        return _("The worker is busy with other work. The clusters come afterwards.")
    if now - job.created_at > SILENCE:
        return _("No worker seems to be running: nobody has begun to look for the clusters.")
    return _("Waiting for the worker.")


@chore(every=timedelta(minutes=10))
def clear_searches(session: Session, now: datetime) -> None:
    """What was found is of a moment: it goes after an hour, and what nobody began after a day."""
    own = Job.kind == KIND
    begin_write(session)
    session.execute(delete(Job).where(own, Job.finished_at < now - KEPT))
    old = Job.created_at < now - timedelta(days=1)
    session.execute(delete(Job).where(own, Job.state == JobState.WAITING, old))
    session.commit()
