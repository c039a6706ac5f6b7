"""What a click on the map or a search of it tells: one grid, one case, a list of finds."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.cases.models import Case, CaseKey
from webapp.cases.words import lamp_of, time_left_words
from webapp.core.errors import NotFound
from webapp.core.i18n import show_moment, show_whole_moment
from webapp.desks.map.boundaries import Areas, OfficeBoundaries
from webapp.desks.map.queries import View, conditions, count_by_area
from webapp.people.access import may_see
from webapp.people.models import Department
from webapp.places.models import Area
from webapp.standards.service import office_standards

MOST_FINDS = 8


def grid_card(
    session: Session, view: View, areas: OfficeBoundaries, area_id: int
) -> dict[str, Any]:
    """A grid with its cases by lamp; for staff also its manager and the departments at work."""
    grids = areas.grids(session)
    at = grids.index.get(area_id)
    if at is None:
        raise NotFound("grid", _("There is no such grid on this map now."))
    community = areas.communities.index.get(int(grids.communities[at]))
    card = {
        "code": grids.codes[at],
        "name": grids.names[at],
        "community": "" if community is None else areas.communities.names[community],
        "counts": count_by_area(session, view, area_id).counts.sum(axis=0).tolist(),
    }
    if view.person and may_see(view.person, grids.paths[at]):
        card |= {"manager": _manager(session, area_id)}
        card |= {"departments": _departments(session, view, area_id)}
    return card


def _manager(session: Session, area_id: int) -> dict[str, str] | None:
    area = session.get_one(Area, area_id)
    if area.manager is None:
        return None
    return {"name": area.manager.name, "phone": area.manager.phone or ""}


def _departments(session: Session, view: View, area_id: int) -> list[list[Any]]:
    """Names with their number of cases here, the busiest first."""
    number = func.count()
    query = (
        select(Department.name, number)
        .join(Case, Case.lead_department_id == Department.id)
        .where(*conditions(session, view), Case.area_id == area_id)
        .group_by(Department.id, Department.name)
        .order_by(number.desc(), Department.name)
    )
    return [list(row) for row in session.execute(query)]


def case_card(session: Session, view: View, number: str) -> dict[str, Any]:
    """A case in short, for staff who may see it."""
    found = session.scalar(
        select(Case)
        .join(CaseKey, CaseKey.case_id == Case.id)
        .where(CaseKey.number == number, *conditions(session, view))
    )
    if found is None or view.person is None:
        raise NotFound("case", _("There is no such case on this map, or it is not yours to see."))
    department = found.lead_department
    clock = office_standards(session, view.office).clock
    return {
        "number": found.number,
        "class": named(found.condition.case_class),
        "condition": named(found.condition),
        "state": str(found.state.label),
        "lamp": lamp_of(found, view.now),
        "reported": show_moment(found.reported_at),
        "time_left": time_left_words(found, view.now, clock),
        "due": show_moment(found.due_at),
        "due_whole": show_whole_moment(found.due_at),
        "department": department.name if department else "",
        "place": found.address or found.area.name,
    }


def named(thing: Any) -> str:
    """The English name where there is one and the page is in English, else the Chinese one."""
    return thing.name_en if str(get_locale()) == "en" and thing.name_en else thing.name_zh


def search(
    session: Session, view: View, areas: OfficeBoundaries, words: str
) -> list[dict[str, Any]]:
    """Cases (for staff, by number), communities and grids (by code or name), the best first."""
    words = words.strip()
    if not words:
        return []
    finds = _cases(session, view, words) if view.person else []
    finds += _areas("community", areas.communities, areas, words)
    finds += _areas("grid", areas.grids(session), areas, words)
    return finds[:MOST_FINDS]


def _cases(session: Session, view: View, words: str) -> list[dict[str, Any]]:
    query = (
        select(Case.number, func.ST_X(Case.location), func.ST_Y(Case.location))
        .join(CaseKey, CaseKey.case_id == Case.id)
        .where(CaseKey.number.startswith(words.upper(), autoescape=True))
        .where(*conditions(session, view))
        .order_by(CaseKey.number.desc())
        .limit(MOST_FINDS)
    )
    return [
        {"kind": "case", "label": number, "detail": "", "number": number,
         "at": None if lon is None else [lon, lat]}
        for number, lon, lat in session.execute(query)
    ]  # fmt: skip


def _areas(kind: str, some: Areas, areas: OfficeBoundaries, words: str) -> list[dict[str, Any]]:
    """Those whose code ends or begins with the words come before those that only hold them."""
    asked = words.casefold()

    def rank(at: int) -> int | None:
        code, name = some.codes[at].casefold(), some.names[at].casefold()
        if asked in (code, name):
            return 0
        if code.startswith(asked) or code.endswith(asked) or name.startswith(asked):
            return 1
        return 2 if asked in code or asked in name else None

    ranked = sorted((r, at) for at in range(len(some.ids)) if (r := rank(at)) is not None)
    return [_find(kind, some, areas, at) for _rank, at in ranked[:MOST_FINDS]]


def _find(kind: str, some: Areas, areas: OfficeBoundaries, at: int) -> dict[str, Any]:
    community = areas.communities.index.get(int(some.communities[at]))
    near = "" if kind == "community" or community is None else areas.communities.names[community]
    return {
        "kind": kind,
        "label": some.names[at] or some.codes[at],
        "detail": " ".join(part for part in (some.codes[at], near) if part),
        "area": int(some.ids[at]),
        "box": some.boxes[at].round(6).tolist(),
    }
