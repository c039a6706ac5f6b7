"""What the pages of this room read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.cases.access import may_see_case
from webapp.cases.models import Case, CaseCandidate, CaseEvent, CaseKey, Photo
from webapp.cases.rules import Lamp
from webapp.cases.service import token_sha256
from webapp.cases.words import lamp_of, rivals_words, time_left_words
from webapp.core.errors import NotFound
from webapp.people.models import Department, Office, Person
from webapp.places.locating import office_places
from webapp.places.models import Area, Grid
from webapp.standards.models import CaseClass, Condition
from webapp.standards.queries import decision_story
from webapp.standards.service import office_standards
from webapp.standards.wording import DecisionStory, limit_words

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class CaseFacts:
    """What a page says of one case besides its own columns."""

    lamp: Lamp
    time_left: str
    limit: str
    community: Area | None
    informed: list[str]  # departments
    story: DecisionStory | None  # why it went where it went
    rivals: str  # grids that nearly won, with their distance
    point: tuple[float, float] | None  # longitude, latitude


def offices_with_classes(session: Session) -> list[Office]:
    """Where something can be reported."""
    has_classes = select(CaseClass.id).where(CaseClass.office_id == Office.id).exists()
    return list(session.scalars(select(Office).where(has_classes).order_by(Office.code)))


def office_bounds(session: Session, office: Office) -> Bounds | None:
    """West, south, east and north of the office's grids."""
    return office_places(session, office).bounds


def followed_case(session: Session, token: str, *, held: bool = False) -> Case:
    """The case that a resident's link leads to; `held`: as it is, and nobody else changes it."""
    query = _whole().join(CaseKey).where(CaseKey.follow_token_sha256 == token_sha256(token))
    if held:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    case: Case | None = session.scalar(query)
    if case is None:
        raise NotFound("link", _("This link leads to no report. Check that it is complete."))
    return case


def case_by_number(session: Session, person: Person, number: str) -> Case:
    """A case that this person may see; of others they may not know."""
    case = session.scalar(_whole().where(Case.office_id == person.office_id).join(CaseKey)
                          .where(CaseKey.number == number))  # fmt: skip
    if case is None or not may_see_case(person, case):
        raise no_case(number)
    return case


def no_case(number: str) -> NotFound:
    return NotFound(
        "case", _("There is no case %(number)s, or it is not yours to see.", number=number[:40])
    )


def _whole() -> Any:
    """A case with all that its page shows, in few statements."""
    return select(Case).options(
        joinedload(Case.condition).joinedload(Condition.case_class),
        joinedload(Case.area).joinedload(Area.parent),
        joinedload(Case.area).joinedload(Area.manager),
        joinedload(Case.grid),
        joinedload(Case.nearest_grid).joinedload(Grid.area).joinedload(Area.parent),
        joinedload(Case.boundary_version),
        joinedload(Case.routing_decision),
        joinedload(Case.lead_department),
        joinedload(Case.leader),
        joinedload(Case.key),
        joinedload(Case.reporter),
        joinedload(Case.assignee),
        joinedload(Case.crew),
        joinedload(Case.merged_into),
        selectinload(Case.events).joinedload(CaseEvent.actor),
        selectinload(Case.photos),
        selectinload(Case.candidates).joinedload(CaseCandidate.grid),
    )


def case_facts(session: Session, case: Case, now: datetime, *, staff: bool) -> CaseFacts:
    office = session.get_one(Office, case.office_id)
    decision = case.routing_decision
    ids = list(decision.informed) if decision else []
    names = dict(
        session.execute(select(Department.id, Department.name).where(Department.id.in_(ids))).all()
    )
    return CaseFacts(
        lamp=lamp_of(case, now),
        time_left=time_left_words(case, now, office_standards(session, office).clock),
        limit=limit_words(case.limit_amount, case.limit_unit),
        community=case.area.parent if case.grid else None,
        informed=[names[i] for i in ids if i in names],
        story=decision_story(session, office, decision, staff=staff) if decision else None,
        rivals=rivals_words(case),
        point=point_of(case),
    )


def point_of(case: Case) -> tuple[float, float] | None:
    """Longitude and latitude of a case in WGS-84."""
    return case.lonlat


def photo_for(session: Session, person: Person, photo_id: int) -> Photo:
    """A photo of a case that this person may see."""
    photo = session.get(Photo, photo_id)
    if photo is None or not may_see_case(person, photo.case):
        raise no_photo()
    return photo


def no_photo() -> NotFound:
    return NotFound("photo", _("There is no such photo, or it is not yours to see."))
