"""Verbs of the cases' room. They take the session and `now`, and never commit."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Connection, Insert, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gis.coordinates import Datum
from webapp.cases.life import clocks
from webapp.cases.life.encoding import STARTS, encoded
from webapp.cases.models import Case, CaseCandidate, CaseEvent, CaseKey, Photo, Reporter
from webapp.cases.numbering import next_number
from webapp.cases.photos import ReadPhoto, photo_row
from webapp.cases.vocabulary import Action, PhotoKind, PlacedBy, Source, State
from webapp.core.errors import BadInput
from webapp.core.ids import new_id
from webapp.people.models import Office
from webapp.places.locating import Place, find_place
from webapp.standards.rules import Deadline
from webapp.standards.service import (
    ConditionFacts,
    ReportDecision,
    decide_report,
    office_standards,
)

FARTHEST_M = 5_000.0  # outside all grids by more than this, a report is not for this office


_INSERTS: dict[Any, Insert] = {
    model: insert(model.__table__)  # type: ignore[arg-type]  # typed as FromClause; it is a Table
    for model in (Case, CaseKey, CaseEvent, Reporter, CaseCandidate, Photo)
}


@dataclass(frozen=True)
class ReportDraft:
    """A report whose form is right; whether it makes sense is seen when it is made a case."""

    condition_code: str
    lon: float
    lat: float
    submission_uuid: str
    source: Source
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = None
    placed_by: PlacedBy = PlacedBy.MAP
    description: str = ""
    address: str = ""
    name: str = ""
    contact: str = ""
    language: str | None = None
    person_id: int | None = None
    follow_token: str | None = None  # only its hash is kept
    photos: tuple[ReadPhoto, ...] = ()


def follow_token(secret: str, submission_uuid: str) -> str:
    """The secret end of the resident's link.

    Made from the client's UUID and our key: who sends the same report again, since the answer got
    lost on its way, is given the same link again, though only its hash is stored.
    """
    key = f"follow:{secret}".encode()
    return hmac.new(key, submission_uuid.encode(), hashlib.sha256).hexdigest()[:40]


def token_sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_submission(session: Session, submission_uuid: str) -> Case | None:
    """The case that this form has become already, if it has."""
    of_form = CaseKey.submission_uuid == submission_uuid
    return session.scalar(select(Case).join(CaseKey).where(of_form))


def report_case(session: Session, office: Office, report: ReportDraft, now: datetime) -> int:
    """Make a report a case: placed, routed, with its deadline and first event; answers its id.

    The same form twice is one case, also when both arrive at once: the second gets the first's,
    and its transaction is undone. So give a report a transaction of its own.

    Raises
    ------
    BadInput
        With `field`: the condition is unknown, or the place lies far outside the office's grids.
    GeoDataError
        The coordinates are no place on Earth.
    """
    condition = _condition(session, office, report, now)
    place = find_place(session, office, report.lon, report.lat, report.datum, report.accuracy_m)
    _check_distance(office, place)
    decision = decide_report(session, office, place.area_path, condition, now)
    clock = office_standards(session, office).clock
    deadline = clock.deadline(now, condition.limit_amount, condition.limit_unit)
    row = _case_row(office, report, condition, place, decision, deadline, now)
    row |= clocks.arrived(row, clock, office.settings)
    row["number"] = next_number(session, office, now)
    try:
        _insert_all(session.connection(), row, report, place, now)
    except IntegrityError:
        session.rollback()
        if earlier := find_submission(session, report.submission_uuid):
            return earlier.id
        raise
    return int(row["id"])


def _condition(
    session: Session, office: Office, report: ReportDraft, now: datetime
) -> ConditionFacts:
    standards = office_standards(session, office)
    found = standards.condition_on(report.condition_code, standards.today(now))
    if found is None:
        raise BadInput(
            "condition",
            _(
                "%(code)s is not among what can be reported here. Choose from the list.",
                code=report.condition_code[:40],
            ),
            field="condition",
        )
    return found


def farthest_m(office: Office) -> float:
    """How far outside its grids an office still takes reports."""
    return float(office.settings.get("farthest_report_m", FARTHEST_M))


def _check_distance(office: Office, place: Place) -> None:
    if place.grid is None and place.edge_distance_m > farthest_m(office):
        raise BadInput(
            "far_away",
            _(
                "This place lies %(distance)s km from %(office)s, which looks after no street"
                " there. Move the point, or report it to the office of that place.",
                distance=f"{place.edge_distance_m / 1000:,.0f}",
                office=office.name,
            ),
            field="place",
        )


def _case_row(
    office: Office,
    report: ReportDraft,
    condition: ConditionFacts,
    place: Place,
    decision: ReportDecision,
    deadline: Deadline,
    now: datetime,
) -> dict[str, Any]:
    grid = place.grid
    return {
        "id": new_id(),
        "office_id": office.id,
        "state": State.REPORTED,
        "source": report.source,
        "condition_id": condition.id,
        "description": report.description,
        "address": report.address,
        "raw_x": report.lon,
        "raw_y": report.lat,
        "datum": report.datum,
        "accuracy_m": report.accuracy_m,
        "placed_by": report.placed_by,
        "location": f"SRID=4326;POINT({place.lon!r} {place.lat!r})",
        "area_id": place.area_id,
        "grid_id": grid.grid_id if grid else None,
        "nearest_grid_id": place.nearest.grid_id if place.nearest else None,
        "boundary_version_id": grid.version_id if grid else None,
        "edge_distance_m": place.edge_distance_m,
        "near_edge": place.near_edge,
        "overlapping": place.overlapping,
        "routing_decision_id": decision.id,
        "lead_department_id": decision.lead_department_id,
        "leader_id": decision.leader_id,
        "limit_amount": condition.limit_amount,
        "limit_unit": condition.limit_unit,
        "warn_at": deadline.warn_at,
        "due_at": deadline.due_at,
        "due_provisional": deadline.provisional,
        "reported_at": now,
        "created_at": now,
    }


def _insert_all(
    connection: Connection, case: dict[str, Any], report: ReportDraft, place: Place, now: datetime
) -> None:
    """The case and what stands beside it, by plain INSERTs: the unit of work costs much more."""
    token = report.follow_token
    parts: list[tuple[Any, list[dict[str, Any]]]] = [
        (Case, [case]),
        (
            CaseKey,
            [
                {
                    "case_id": case["id"],
                    "number": case["number"],
                    "submission_uuid": report.submission_uuid,
                    "follow_token_sha256": token_sha256(token) if token else None,
                }
            ],
        ),
        (
            CaseEvent,
            [
                {
                    "id": new_id(),
                    "case_id": case["id"],
                    "at": now,
                    "action": Action.REPORTED,
                    "actor_id": report.person_id,
                    "to_state": State.REPORTED,
                    "note": "",
                    "detail": {
                        "source": report.source,
                        "photos": len(report.photos),
                        "set": encoded({name: case[name] for name in STARTS}),
                    },
                }
            ],
        ),
        (Reporter, _reporter_rows(case, report)),
        (CaseCandidate, _candidate_rows(case, place)),
        (Photo, _photo_rows(case, report, now)),
    ]
    for model, rows in parts:
        if rows:  # one row is not sent as many, which costs more
            connection.execute(_INSERTS[model], rows if len(rows) > 1 else rows[0])


def _reporter_rows(case: dict[str, Any], report: ReportDraft) -> list[dict[str, Any]]:
    """Nothing is kept of a resident who says nothing of themselves."""
    if report.person_id is None and not (report.name or report.contact):
        return []
    return [
        {
            "case_id": case["id"],
            "person_id": report.person_id,
            "name": report.name,
            "contact": report.contact,
            "language": report.language,
        }
    ]


def _candidate_rows(case: dict[str, Any], place: Place) -> list[dict[str, Any]]:
    return [
        {"case_id": case["id"], "grid_id": c.grid.grid_id, "distance_m": c.distance_m}
        for c in place.candidates
    ]


def _photo_rows(case: dict[str, Any], report: ReportDraft, now: datetime) -> list[dict[str, Any]]:
    return [photo_row(case["id"], photo, PhotoKind.BEFORE, now) for photo in report.photos]
