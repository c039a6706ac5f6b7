"""Verbs and reads of follows. They take the session and `now`, and never commit."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # SQLite reads the same ON CONFLICT clause
from sqlalchemy.orm import Session

from webapp.cases.choosing import area_path_named, class_paths
from webapp.cases.groups import label_of
from webapp.core.errors import BadInput, NotFound
from webapp.insight.follows.models import HotspotFollow
from webapp.insight.hotspots.reach import Reach, department_names, reach_of
from webapp.people.areas import office_areas
from webapp.people.models import Office, Person
from webapp.standards.service import office_standards
from webapp.standards.wording import class_name

MOST = 50
"""So many things one person may follow: each may be an analysis of its own."""


@dataclass(frozen=True)
class Followed:
    """A follow in words."""

    id: int
    area: str  # "" for all that is theirs
    case_class: str  # "" for all
    whose: str  # the department whose cases alone are tested; "" for all in one's area


def follow(
    session: Session, person: Person, area: str, case_group: str, now: datetime, whose: str = ""
) -> None:
    """Begin to follow an area (by its code or path), a class or group, or both.

    `whose` is as on the page: the code of one's department for its cases alone. Nothing happens
    where it is followed already. NotFound for an area or a department that is not theirs, BadInput
    for a class that does not exist.
    """
    reach = reach_of(session, person, whose)
    path = _area(session, person, reach, area) if area else ""
    if case_group:
        class_paths(session, person.office, case_group)
    mine = select(HotspotFollow.id).where(HotspotFollow.person_id == person.id)
    if len(session.scalars(mine).all()) >= MOST:
        raise BadInput(
            "follows",
            _("You follow %(most)d things already: end one of them first.", most=MOST),
        )
    row = {
        "person_id": person.id, "area_path": path, "case_group": case_group,
        "whose": reach.department, "since": now,
    }  # fmt: skip
    session.execute(insert(HotspotFollow).values(row).on_conflict_do_nothing())


def _area(session: Session, person: Person, reach: Reach, named: str) -> str:
    """The path of an area within what is tested for the person."""
    try:
        path = area_path_named(session, person.office, named)
    except BadInput as error:
        raise NotFound("area", error.message) from error
    if not reach.holds(path):
        raise NotFound("area", _("There is no such area, or it is not yours to look after."))
    return path


def end_follow(session: Session, person: Person, follow_id: int) -> None:
    """NotFound for a follow that is not theirs."""
    found = session.get(HotspotFollow, follow_id)
    if found is None or found.person_id != person.id:
        raise NotFound("follow", _("There is no such follow, or it is not yours."))
    session.delete(found)


def followed(session: Session, person: Person) -> list[Followed]:
    """What a person follows, the newest first."""
    mine = select(HotspotFollow).where(HotspotFollow.person_id == person.id)
    rows = session.scalars(mine.order_by(HotspotFollow.id.desc())).all()
    names = office_areas().names(session, [row.area_path for row in rows if row.area_path])
    departments = department_names(session, person.office, [row.whose for row in rows])
    return [
        Followed(
            row.id,
            names.get(row.area_path, row.area_path),
            group_words(session, person.office, row.case_group),
            departments.get(row.whose, row.whose),
        )
        for row in rows
    ]


def group_words(session: Session, office: Office, code: str) -> str:
    """The name of a class or of a class group in the language of the page; "" for none."""
    classes = office_standards(session, office).classes.values()
    named = next((class_name(one) for one in classes if one.code == code), "")
    group = next((label_of(code, one.group_name) for one in classes if one.group_code == code), "")
    return named or group or code
