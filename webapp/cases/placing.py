"""Giving a case that lies in no grid its place."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.cases.life.clocks import after_all
from webapp.cases.life.encoding import encoded
from webapp.cases.models import Case, CaseEvent
from webapp.cases.rules import NEEDS_LEAD
from webapp.cases.vocabulary import Action
from webapp.core.errors import BadInput, Conflict
from webapp.people.models import Office, Person
from webapp.places.locating import GridFacts, find_place, office_places
from webapp.standards.service import decide


def place_in_grid(session: Session, case: Case, code: str, by: Person, now: datetime) -> None:
    """Say in which grid a case lies; its point, if it has one, stays where it was reported."""
    office = session.get_one(Office, case.office_id)
    places = office_places(session, office)
    ids = [i for i, own in zip(places.grid_ids.tolist(), places.codes, strict=True) if own == code]
    if len(ids) != 1:
        raise BadInput(
            "grid", _("There is no grid %(code)s in force. Choose one.", code=code[:40] or "—")
        )
    _place(session, office, case, places.facts(ids[0]), {}, by, now)


def place_at(
    session: Session, case: Case, lon: float, lat: float, by: Person, now: datetime
) -> None:
    """Move a case's point into a grid; what the reporter gave stays beside it."""
    office = session.get_one(Office, case.office_id)
    place = find_place(session, office, lon, lat)
    if place.grid is None:
        raise BadInput("outside", _("This point lies outside all grids, too. Choose one inside."))
    case.location = f"SRID=4326;POINT({place.lon!r} {place.lat!r})"  # type: ignore[assignment]
    case.edge_distance_m, case.near_edge = place.edge_distance_m, place.near_edge
    _place(session, office, case, place.grid, {"lon": place.lon, "lat": place.lat}, by, now)


def _place(
    session: Session,
    office: Office,
    case: Case,
    grid: GridFacts,
    detail: dict[str, Any],
    by: Person,
    now: datetime,
) -> None:
    """The grid, what the rules say there, and the event; the deadline stays as it was given."""
    if case.grid_id is not None:
        raise Conflict("placed", _("%(number)s has been placed already.", number=case.number))
    decision = decide(session, office, grid.path, case.condition, now)
    case.area_id, case.grid_id, case.nearest_grid_id = grid.area_id, grid.grid_id, None
    case.boundary_version_id = grid.version_id
    keeps = case.dispatched_at is not None or (
        decision.lead_department_id is None and case.state in NEEDS_LEAD
    )  # who has it in hand
    facts = {
        "routing_decision_id": decision.id,
        "leader_id": decision.leader_id,
        "lead_department_id": case.lead_department_id if keeps else decision.lead_department_id,
    }
    for name, value in facts.items():
        setattr(case, name, value)
    case.changed_at = after_all(case, now)
    session.add(
        CaseEvent(
            case_id=case.id,
            at=case.changed_at,
            action=Action.PLACED,
            actor_id=by.id,
            from_state=case.state,
            to_state=case.state,
            detail={
                "grid": grid.name,
                "code": grid.code,
                **detail,
                "set": encoded({**facts, "changed_at": case.changed_at}),
            },
        )
    )
    session.flush()


def nearest_grids(session: Session, case: Case, most: int = 12) -> list[GridFacts]:
    """Grids to choose from: the nearest one's community first, in the order of codes."""
    office = session.get_one(Office, case.office_id)
    places = office_places(session, office)
    facts = [places.facts(grid_id) for grid_id in places.grid_ids.tolist()]
    near = places.facts(case.nearest_grid_id) if case.nearest_grid_id in places.index else None
    if near is None:
        return facts[:most]
    return sorted(
        facts,
        key=lambda g: (
            g.grid_id != near.grid_id,
            g.community_area_id != near.community_area_id,
            g.path,
        ),
    )[:most]
