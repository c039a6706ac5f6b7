"""From columns of values to rows of cases: located, routed, with deadline, number and event."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.locate import Located
from webapp.cases.importing.mapping import CaseMapping
from webapp.cases.importing.parsing import Moments, Parsed, Reject, Texts, only
from webapp.cases.models import Case, CaseCandidate, CaseEvent, CaseKey
from webapp.cases.numbering import take_numbers
from webapp.cases.rules import NEEDS_LEAD
from webapp.cases.vocabulary import Action, PlacedBy, Source, State
from webapp.core.bulk import Points, copy_rows
from webapp.core.database import many_texts
from webapp.core.ids import new_ids
from webapp.people.models import Office
from webapp.places.locating import OfficePlaces
from webapp.standards.models import RoutingDecision
from webapp.standards.service import (
    ConditionFacts,
    OfficeStandards,
    decide_columns,
    office_standards,
)

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """What became of a chunk."""

    imported: int
    unplaced: int
    contradictory: int
    unmapped: dict[str, int]


@dataclass(frozen=True)
class Ground:
    """Where the cases lie, as columns; -1 for none."""

    places: OfficePlaces
    found: Located
    grid: Ids
    area: Ids
    version: Ids
    paths: list[str]  # of areas
    path: Ids  # index in them


def set_aside_known(session: Session, source: str, parsed: Parsed) -> Parsed:
    """Without the rows whose external id is here already; they join the rejects."""
    theirs = CaseKey.external_id.in_(many_texts(session.get_bind(), parsed.external_id))
    known = set(
        session.scalars(
            select(CaseKey.external_id).where(CaseKey.external_source == source, theirs)
        )
    )
    if not known:
        return parsed
    new = np.array([external_id not in known for external_id in parsed.external_id], bool)
    old = np.flatnonzero(~new).tolist()
    rejects = [(int(parsed.row[i]), Reject.KNOWN, parsed.cells[i]) for i in old]
    rest = only(parsed, new)
    rest.rejects = sorted([*parsed.rejects, *rejects], key=lambda reject: reject[0])
    return rest


def write_cases(
    session: Session,
    office: Office,
    mapping: CaseMapping,
    parsed: Parsed,
    ground: Ground,
    now: datetime,
) -> Counts:
    """Insert all rows of a chunk as cases, in the session's transaction."""
    if not len(parsed):
        return Counts(0, 0, 0, {})
    facts = _case_columns(session, office, mapping, parsed, ground, now)
    copy_rows(session, Case, facts)
    copy_rows(session, CaseKey, _key_columns(mapping, parsed, facts))
    copy_rows(session, CaseEvent, _event_columns(mapping, parsed, facts, now))
    copy_rows(session, CaseCandidate, _candidate_columns(facts["id"], ground.found))
    unlisted = Counter(word for word in parsed.words["class"] if word not in mapping.conditions)
    return Counts(
        imported=int((ground.grid >= 0).sum()),
        unplaced=int((ground.grid < 0).sum()),
        contradictory=int(facts["source_conflict"].sum()),
        unmapped=dict(unlisted) if "class" in mapping.columns else {},
    )


def locate(places: OfficePlaces, margin_m: float, parsed: Parsed) -> Ground:
    """Where each row of a chunk lies; it asks no database."""
    found = places.locator.locate(parsed.lon, parsed.lat, margin_m=margin_m)
    order = np.argsort(places.grid_ids)
    inside = found.grid_id >= 0
    at = np.full(len(parsed), -1)  # the last, which stands for the street
    at[inside] = order[np.searchsorted(places.grid_ids[order], found.grid_id[inside])]
    street = -1 if places.street_area_id is None else places.street_area_id
    return Ground(
        places=places,
        found=found,
        grid=found.grid_id,
        area=np.append(places.area_ids, street)[at],
        version=np.append(places.version_ids, -1)[at],
        paths=[*places.paths, places.street_path],
        path=np.where(inside, at, len(places.paths)),
    )


def _case_columns(
    session: Session,
    office: Office,
    mapping: CaseMapping,
    parsed: Parsed,
    ground: Ground,
    now: datetime,
) -> dict[str, Any]:
    standards = office_standards(session, office)
    days = _local_days(parsed.created, office.time_zone)
    conditions, condition = _conditions(standards, parsed, days)
    decisions, of_case = decide_columns(
        session,
        office,
        ground.paths,
        ground.path,
        [row.path for row in conditions],
        condition,
        now,
    )
    amounts = np.array([row.limit_amount for row in conditions])[condition]
    units = np.array([str(row.limit_unit) for row in conditions])[condition]
    limits = standards.clock.deadlines(parsed.created, amounts, units)
    lead = _party(decisions, of_case, "lead_department_id")
    state, closed_at, conflict = _states(parsed, lead, now)
    near = ground.found.nearest_id
    return {
        "id": new_ids(len(parsed)),
        "office_id": office.id,
        "number": _numbers(session, office, days),
        "state": state,
        "source": Source.IMPORT,
        "condition_id": np.array([row.id for row in conditions])[condition],
        "description": parsed.description,
        "address": parsed.address,
        "raw_x": parsed.raw_x,
        "raw_y": parsed.raw_y,
        "datum": mapping.datum,
        "placed_by": PlacedBy.IMPORT,
        "location": Points(parsed.lon, parsed.lat),
        "area_id": ground.area,
        "grid_id": np.ma.masked_less(ground.grid, 0),
        "nearest_grid_id": np.ma.masked_less(near, 0),
        "boundary_version_id": np.ma.masked_less(ground.version, 0),
        "edge_distance_m": ground.found.edge_distance_m,
        "near_edge": ground.found.near_edge,
        "overlapping": ground.found.overlapping,
        "routing_decision_id": np.array([row.id for row in decisions])[of_case],
        "lead_department_id": lead,
        "leader_id": _party(decisions, of_case, "leader_id"),
        "limit_amount": amounts,
        "limit_unit": units,
        "warn_at": limits.warn_at,
        "due_at": limits.due_at,
        "due_provisional": limits.provisional,
        "reported_at": parsed.created,
        "closed_at": closed_at,
        "created_at": now,
        "source_conflict": conflict,
    }


def _local_days(moments: Moments, zone: str) -> Moments:
    local = pd.DatetimeIndex(moments, tz="UTC").tz_convert(zone)
    return local.tz_localize(None).to_numpy().astype("datetime64[D]")


def _conditions(
    standards: OfficeStandards, parsed: Parsed, days: Moments
) -> tuple[list[ConditionFacts], Ids]:
    """The condition rows in use, and for each case its index: that of its code on its day."""
    codes, code_of = np.unique(np.array(parsed.condition), return_inverse=True)
    rows: list[ConditionFacts] = []
    index = np.zeros(len(parsed), np.int64)
    for number, code in enumerate(codes.tolist()):
        history = standards.history[code]
        begins = np.array([row.valid_from for row in history], "datetime64[D]")
        here = code_of == number
        in_force = np.maximum(np.searchsorted(begins, days[here], side="right") - 1, 0)
        index[here] = len(rows) + in_force
        rows.extend(history)
    return rows, index


def _party(decisions: list[RoutingDecision], of_case: Ids, name: str) -> Any:
    ids = np.array([getattr(row, name) or -1 for row in decisions], np.int64)
    return np.ma.masked_less(ids[of_case], 0)


def _states(parsed: Parsed, lead: Any, now: datetime) -> tuple[Texts, Any, Bools]:
    """State, closing time and whether the source contradicts itself, of each case.

    What the source says is closed is closed when it says so, or now if it says no time; a state
    that needs a department stays `opened` where none answers.
    """
    given = np.array(parsed.state, object)  # not str: of text numpy makes its own kind
    homeless = np.isin(given, list(NEEDS_LEAD)) & np.ma.getmaskarray(lead)
    states = np.where(homeless, State.OPENED, given)
    closed = states == State.CLOSED
    no_time = np.isnat(parsed.closed)
    at = np.where(no_time, np.datetime64(now.replace(tzinfo=None), "us"), parsed.closed)
    final = np.isin(given, [State.CANCELLED, State.NOT_ACCEPTED, State.MERGED])
    conflict = (
        (~no_time & (parsed.closed < parsed.created))
        | (closed & no_time)
        | (~closed & ~final & ~no_time)
    )
    return (
        states.tolist(),
        np.where(closed, at, np.datetime64("NaT", "us")),
        conflict,
    )


def _numbers(session: Session, office: Office, local_days: Moments) -> Texts:
    """A number for each case, counted on in its day in the order of the file."""
    unique, day_of = np.unique(local_days, return_inverse=True)
    days = [f"{day:%y%m%d}" for day in unique.tolist()]
    wanted = np.bincount(day_of, minlength=len(days))
    last = take_numbers(session, office, dict(zip(days, wanted.tolist(), strict=True)))
    before = np.array([last[day] for day in days]) - wanted
    nth = pd.Series(day_of).groupby(day_of).cumcount().to_numpy() + 1
    prefixes = [f"{office.number_prefix}{day}-" for day in days]
    counts = (before[day_of] + nth).tolist()
    return [f"{prefixes[d]}{c:04d}" for d, c in zip(day_of.tolist(), counts, strict=True)]


def _key_columns(mapping: CaseMapping, parsed: Parsed, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": facts["id"],
        "number": facts["number"],
        "external_source": mapping.source,
        "external_id": parsed.external_id,
    }


def _event_columns(
    mapping: CaseMapping, parsed: Parsed, facts: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The event "imported": what the source said, in its own words."""
    words = parsed.words
    cells = zip(
        parsed.row.tolist(),
        words["class"],
        words["state"],
        words["created"],
        words["closed"],
        facts["source_conflict"].tolist(),
        strict=True,
    )
    listed = mapping.conditions
    return {
        "id": new_ids(len(parsed)),
        "case_id": facts["id"],
        "at": now,
        "action": Action.IMPORTED,
        "to_state": facts["state"],
        "detail": [
            {
                "source": mapping.source,
                "row": row,
                "class": class_,
                "class_listed": class_ in listed,
                "state": state,
                "created": created,
                "closed": closed,
                "conflict": conflict,
            }
            for row, class_, state, created, closed, conflict in cells
        ],
    }


def _candidate_columns(ids: Ids, found: Located) -> dict[str, Any]:
    count = np.diff(found.candidate_offsets)
    return {
        "case_id": np.repeat(ids, count),
        "grid_id": found.candidate_ids,
        "distance_m": found.candidate_distances_m,
    }
