"""Decisions that last: what the rules said, kept so that a person can read it years later."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

# Both databases read the same ON CONFLICT clause.
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.people.models import Office
from webapp.standards.models import RoutingDecision
from webapp.standards.rules import COMMUNITY, Decision, Match, Party
from webapp.standards.service.standing import OfficeStandards, ReportDecision, office_standards

BATCH = 500  # rows a statement: SQLite takes a limited number of values


class HasPath(Protocol):
    """A condition, as a row or as facts: something with a class path."""

    @property
    def path(self) -> str: ...


class Decided(NamedTuple):
    """The decisions of many cases: case i has `decisions[which[i]]`."""

    decisions: list[RoutingDecision]
    which: NDArray[np.int64]


def decide(
    session: Session, office: Office, area_path: str, condition: HasPath, now: datetime
) -> RoutingDecision:
    """The stored decision for a case of `condition` at a place in `area_path`."""
    pair = area_path, condition.path
    return decide_many(session, office, [pair], now)[pair]


def decide_report(
    session: Session, office: Office, area_path: str, condition: HasPath, now: datetime
) -> ReportDecision:
    """What a report keeps of `decide`; what was read once is not read again."""
    standards = office_standards(session, office)
    router = standards.router
    scope = router.area_scope(area_path), router.class_scope(condition.path)
    if known := standards.decided.get(scope):
        return known
    row = decide(session, office, area_path, condition, now)
    decision = ReportDecision(row.id, row.lead_department_id, row.leader_id)
    if row.made_at < now:  # what is made just now may be undone, and others cannot see it yet
        standards.decided[scope] = decision
    return decision


def decide_many(
    session: Session, office: Office, pairs: Iterable[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], RoutingDecision]:
    """The stored decision of each pair of area path and class path."""
    standards = office_standards(session, office)
    decided = {pair: standards.router.route(*pair) for pair in pairs}
    stored = _stored(session, standards, decided.values(), now)
    return {pair: stored[_scope(decision)] for pair, decision in decided.items()}


def decide_columns(
    session: Session,
    office: Office,
    area_paths: Sequence[str],
    area_index: NDArray[np.int64],
    class_paths: Sequence[str],
    class_index: NDArray[np.int64],
    now: datetime,
) -> Decided:
    """The stored decisions of many cases.

    Case i lies in ``area_paths[area_index[i]]`` and is of ``class_paths[class_index[i]]``. Places
    and classes that the rules do not tell apart are brought together first, so that a million cases
    need no more decisions than the rules can make.
    """
    router = office_standards(session, office).router
    areas, area_of = _numbered(map(router.area_scope, area_paths))
    classes, class_of = _numbered(map(router.class_scope, class_paths))
    key = area_of[area_index] * len(classes) + class_of[class_index]
    keys, which = np.unique(key, return_inverse=True)
    pairs = [(areas[k // len(classes)], classes[k % len(classes)]) for k in keys.tolist()]
    stored = decide_many(session, office, pairs, now)
    return Decided([stored[pair] for pair in pairs], which)


def _numbered(texts: Iterable[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different texts, and for each text its number among them."""
    numbers: dict[str, int] = {}
    number = [numbers.setdefault(text, len(numbers)) for text in texts]
    return list(numbers), np.array(number, np.int64)


def _scope(decision: Decision) -> tuple[str, str]:
    return decision.area_path, decision.class_path


def _stored(
    session: Session, standards: OfficeStandards, decisions: Iterable[Decision], now: datetime
) -> dict[tuple[str, str], RoutingDecision]:
    """Get or create one row for each decision, whatever another process does meanwhile."""
    rows = {}
    for scope, decision in {_scope(decision): decision for decision in decisions}.items():
        values = _values(standards, decision)
        rows[scope] = {"digest": _digest(values), **values, "made_at": now}
    by_digest = {row["digest"]: row for row in rows.values()}
    found = _find(session, list(by_digest))
    missing = sorted(by_digest.keys() - found.keys())  # in one order everywhere: no deadlock
    for i in range(0, len(missing), BATCH):
        new = [by_digest[digest] for digest in missing[i : i + BATCH]]
        session.execute(
            insert(RoutingDecision).on_conflict_do_nothing(index_elements=["digest"]).values(new)
        )
    found |= _find(session, missing)
    return {scope: found[row["digest"]] for scope, row in rows.items()}


def _find(session: Session, digests: list[str]) -> dict[str, RoutingDecision]:
    found = {}
    for i in range(0, len(digests), BATCH):
        some = RoutingDecision.digest.in_(digests[i : i + BATCH])
        found.update(
            {row.digest: row for row in session.scalars(select(RoutingDecision).where(some))}
        )
    return found


def _digest(values: dict[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(standards: OfficeStandards, decision: Decision) -> dict[str, Any]:
    winner = decision.winner
    return {
        "office_id": standards.office_id,
        "rule_id": winner.id if winner else None,
        "lead_department_id": decision.lead,
        "leader_id": decision.leader,
        "informed": list(decision.informed),
        "area_path": decision.area_path,
        "class_path": decision.class_path,
        "reason": reason_of(standards, decision),
    }


def reason_of(standards: OfficeStandards, decision: Decision) -> dict[str, Any]:
    """Why a decision is as it is: all rules that matched, the winner first, and notes, in codes."""
    return {
        "matches": [_match(standards, match) for match in decision.matches],
        "community": _party(standards, decision.community),
        "notes": [str(note) for note in decision.notes],
    }


def _match(standards: OfficeStandards, match: Match) -> dict[str, Any]:
    """One rule as it will be read: names beside ids, since both may be gone one day."""
    rule, facts = match.rule, standards.rules[match.rule.id]
    return {
        "rule": rule.id,
        "area_path": rule.area_path,
        "class_path": rule.class_path,
        "source": facts.source,
        "made_at": facts.made_at.isoformat(),
        "made_by": facts.made_by,
        "lead": _party(standards, rule.lead),
        "informed": [_party(standards, party) for party in rule.informed],
        "leaders": [{"person": i, "name": standards.people[i]} for i in rule.leaders],
        "lost_by": match.lost_by,
    }


def _party(standards: OfficeStandards, party: Party | None) -> dict[str, Any] | None:
    if party is None:
        return None
    if party == COMMUNITY:
        return {"community_of_place": True}
    return {"department": party, "name": standards.departments[party]}
