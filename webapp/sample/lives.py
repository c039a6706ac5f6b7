"""The sample's reports come in and live: by the same verbs and the same gate as anybody's."""

import csv
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.cases.life.scene import RESIDENT as WITH_LINK
from webapp.cases.life.scene import Actor, Given, actor_at
from webapp.cases.life.steps import open_to, take_step
from webapp.cases.models import Case
from webapp.cases.service import ReportDraft, report_case
from webapp.cases.vocabulary import PlacedBy, Source, State
from webapp.core.settings import ROOT
from webapp.people.models import Crew, Department, Office, Person, Role
from webapp.places.locating import find_place
from webapp.sample.people import ACCOUNTS, ENFORCEMENT, UTILITIES, managers
from webapp.sample.ways import (
    DISPATCHER,
    HEAD,
    HELPER,
    LEADER,
    MEMBER,
    OUTSIDE,
    OWN,
    RESIDENT,
    SPOT,
    Next,
    Told,
    moments,
    way_of,
)

REPORTS = ROOT / "data" / "sample" / "cases.csv"
SPACE = uuid.UUID("5f1d1c1e-0b8c-4c8e-9a0e-640121001000")  # of the reports' own names
WALKED = tuple(a.area_path for a in ACCOUNTS if a.role is Role.GRID_MANAGER)
SOURCES = (
    *(Source.PUBLIC,) * 5, Source.GRID_MANAGER, Source.GRID_MANAGER, Source.TRANSFERRED,
    Source.PUBLIC, Source.MEDIA,
)  # fmt: skip


def load_cases(session: Session, office: Office, now: datetime) -> int:
    """All reports with all their steps; answers how many. The caller commits."""
    rows = _dated_rows(now)
    cast = Cast(session, office)
    lives = [_arrive(session, office, row, cast) for row in rows]
    steps = sorted(_all_steps(lives, now), key=lambda step: step[0])
    for at, step, life in steps:
        _take(session, cast, life, step, at)
    session.flush()
    return len(lives)


@dataclass(frozen=True)
class Life:
    case: Case
    told: Told
    own_id: int  # the department that the rules named


class Cast:
    """Who takes a step: the people of the sample by their part."""

    def __init__(self, session: Session, office: Office) -> None:
        people = list(session.scalars(select(Person).where(Person.office_id == office.id)))
        by_role = {duty.role: person for person in people for duty in person.duties}
        self.everywhere = {DISPATCHER: by_role[Role.DISPATCHER], LEADER: by_role[Role.LEADER]}
        self.managers = dict(managers(session, office))
        self.members: dict[int, Person] = {}
        self.heads: dict[int, Person] = {}
        for person in people:
            for duty in person.duties:
                if duty.department_id is not None:
                    (self.heads if duty.is_head else self.members)[duty.department_id] = person
        of_office = select(Department).where(Department.office_id == office.id)
        self.departments = {d.code: d.id for d in session.scalars(of_office)}
        self.crews = {crew.department_id: crew.id for crew in session.scalars(select(Crew))}

    def manager_of(self, area_path: str) -> Person:
        return next(m for path, m in self.managers.items() if area_path.startswith(path))

    def other(self, own_id: int) -> int:
        """A department that is called for help, or proposed instead."""
        enforcement = self.departments[ENFORCEMENT]
        return self.departments[UTILITIES] if own_id == enforcement else enforcement

    def person(self, part: str, life: Life) -> Person:
        lead = life.case.lead_department_id or life.own_id
        if part == SPOT:
            return self.manager_of(life.case.area.path)
        if part == HEAD:
            return self.heads.get(lead) or self.members[lead]
        if part == HELPER:
            return self.members[self.other(life.own_id)]
        return self.members[lead] if part == MEMBER else self.everywhere[part]


def _dated_rows(now: datetime) -> list[dict[str, Any]]:
    """The reports with moments instead of ages, so that they are never old; the oldest first."""
    with REPORTS.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in rows:
        row["at"] = now - timedelta(days=float(row["days_ago"]))
        hours = row["ended_after_hours"]
        row["ended_at"] = row["at"] + timedelta(hours=float(hours)) if hours else None
    rows.sort(key=lambda row: row["at"])
    numbered: Counter[str] = Counter()
    for row in rows:
        row["n"] = numbered[row["state"]]
        numbered[row["state"]] += 1
    return rows


def _arrive(session: Session, office: Office, row: dict[str, Any], cast: Cast) -> Life:
    state = State(row["state"])
    source = SOURCES[int(row["id"][1:]) % len(SOURCES)]
    if state in (State.VERIFYING, State.NOT_ACCEPTED) and source is Source.GRID_MANAGER:
        source = Source.PUBLIC
    draft = ReportDraft(
        condition_code=row["condition"],
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        submission_uuid=str(uuid.uuid5(SPACE, row["id"])),
        source=source,
        placed_by=PlacedBy.MAP,
        description=row["description"],
        address=row["address"],
        person_id=_reporter(session, office, row, cast) if source is Source.GRID_MANAGER else None,
    )
    case = session.get_one(Case, report_case(session, office, draft, row["at"]))
    if state is State.REPORTED and source in OUTSIDE and case.area.path.startswith(WALKED):
        state = State.VERIFYING  # so that a grid manager who can sign in has something to look at
    told = Told(row["n"], state, source, row["at"], row["ended_at"])
    return Life(case, told, case.lead_department_id or cast.departments[ENFORCEMENT])


def _reporter(session: Session, office: Office, row: dict[str, Any], cast: Cast) -> int:
    place = find_place(session, office, float(row["lon"]), float(row["lat"]))
    return cast.manager_of(place.area_path).id


def _all_steps(lives: list[Life], now: datetime) -> Iterator[tuple[datetime, Next, Life]]:
    for life in lives:
        steps = way_of(life.told, now)
        for at, step in zip(moments(life.told, steps, now), steps, strict=True):
            yield at, step, life


def _take(session: Session, cast: Cast, life: Life, step: Next, at: datetime) -> None:
    actor = _actor(session, cast, life, step)
    if step.only_if_open and step.action not in open_to(session, actor, life.case, at):
        return
    if "reply_by" in step.given and step.given["reply_by"] <= at:
        return
    given = {name: _meant(cast, life, name, value) for name, value in step.given.items()}
    if step.given.get("crew_id") and given["crew_id"] is None:
        return
    take_step(session, life.case, step.action, actor, at, Given(**given))


def _actor(session: Session, cast: Cast, life: Life, step: Next) -> Actor:
    if step.by == RESIDENT:
        return WITH_LINK
    return actor_at(session, cast.person(step.by, life), life.case)


def _meant(cast: Cast, life: Life, name: str, value: Any) -> Any:
    """What a way writes by a word, such as the case's own department, as the step takes it."""
    if name == "department_id":
        return life.own_id if value == OWN else cast.other(life.own_id)
    if name == "assignee_id":
        return cast.person(MEMBER, life).id
    if name == "crew_id":
        return cast.crews.get(life.case.lead_department_id or 0)
    if name in ("lon", "lat"):
        lon, lat = life.case.lonlat or (None, None)
        return lon if name == "lon" else lat
    return value
