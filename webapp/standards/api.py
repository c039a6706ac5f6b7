"""`/api/route`: who would answer for a case here, why, and by when. Nothing is stored."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from gis.coordinates import check_lonlat, to_wgs84
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.core.rates import limit
from webapp.places.api import as_json
from webapp.places.locating import find_place, office_at
from webapp.standards.models import LimitUnit
from webapp.standards.queries import find_condition
from webapp.standards.service import ConditionFacts, OfficeStandards, office_standards, reason_of
from webapp.standards.wording import limit_words, note_words

blueprint = Blueprint("standards_api", __name__)


@blueprint.get("/api/route")
@limit("60 per minute")
def route() -> ResponseReturnValue:
    """Who would answer for a case here.

    Query: `lat`, `lon` and `datum` as for `/api/locate`; `class`, a code or name, and `condition`,
    a code or name (its whole code needs no class; a class with one condition needs none).

    Answer 200, JSON:

    - `place`: the answer of `/api/locate`
    - `condition`: {class: {code, name_zh, name_en}, code, name_zh, name_en, closing_condition,
      limit: {amount, unit, words}}
    - `decision`: {desk, lead, informed, leader, reason}; `desk` says that no rule names a lead, so
      the dispatcher decides; `reason`: {matches, community, notes}, all rules that matched with
      the winner first, each {rule, area_path, class_path, source, made_at, lead, informed,
      leaders, lost_by}
    - `deadline`: {due_at, warn_at, provisional} of a case reported now, in the office's zone

    Answer 400: {error, message}; for an unknown class `message` and `classes` name near ones.
    """
    session, given = current_session(), request.args
    lon, lat = check_lonlat(given.get("lon", type=float), given.get("lat", type=float))
    datum = given.get("datum", "wgs84")
    office = office_at(session, *to_wgs84(lon, lat, datum))
    place = find_place(session, office, lon, lat, datum)
    standards = office_standards(session, office)
    condition = find_condition(
        standards, given.get("class", ""), given.get("condition", ""), standards.today(now())
    )
    return jsonify(
        place=as_json(office, place),
        condition=condition_facts(standards, condition),
        decision=decision_facts(standards, place.area_path, condition),
        deadline=deadline_facts(standards, condition),
    )


def condition_facts(standards: OfficeStandards, condition: ConditionFacts) -> dict[str, Any]:
    of_class = standards.classes[condition.class_code]
    return {
        "class": {"code": of_class.code, "name_zh": of_class.name_zh, "name_en": of_class.name_en},
        "code": condition.code,
        "name_zh": condition.name_zh,
        "name_en": condition.name_en,
        "closing_condition": condition.closing_condition,
        "limit": {
            "amount": condition.limit_amount,
            "unit": condition.limit_unit,
            "words": limit_words(condition.limit_amount, LimitUnit(condition.limit_unit)),
        },
    }


def decision_facts(
    standards: OfficeStandards, area_path: str, condition: ConditionFacts
) -> dict[str, Any]:
    """The decision with names; who of the staff made a rule is not for everybody."""
    decision = standards.router.route(area_path, condition.path)
    reason = reason_of(standards, decision)
    names = standards.departments
    return {
        "desk": decision.lead is None,
        "lead": names[decision.lead] if decision.lead is not None else None,
        "informed": [names[department] for department in decision.informed],
        "leader": standards.people[decision.leader] if decision.leader is not None else None,
        "reason": {
            "matches": [
                {fact: value for fact, value in match.items() if fact != "made_by"}
                for match in reason["matches"]
            ],
            "community": reason["community"],
            "notes": [
                {"code": code, "words": words}
                for code, words in zip(reason["notes"], note_words(reason), strict=True)
            ],
        },
    }


def deadline_facts(standards: OfficeStandards, condition: ConditionFacts) -> dict[str, Any]:
    """The deadline of a case that is reported now."""
    deadline = standards.clock.deadline(now(), condition.limit_amount, condition.limit_unit)
    zone = standards.clock.zone
    return {
        "due_at": deadline.due_at.astimezone(zone).isoformat(timespec="seconds"),
        "warn_at": deadline.warn_at.astimezone(zone).isoformat(timespec="seconds"),
        "provisional": deadline.provisional,
    }
