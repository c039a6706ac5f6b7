"""Making and retiring routing rules.

A rule in force is never edited: a change retires it and adds another.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.people.models import Office, Person
from webapp.standards.models import RoutingRule, RulePart, RuleParty
from webapp.standards.rules import COMMUNITY, Party

BY_HAND = "by hand"


class Parties(NamedTuple):
    """To whom a rule gives its cases; see `rules.routing.Rule`."""

    lead: Party | None = None
    informed: tuple[Party, ...] = ()
    leaders: tuple[int, ...] = ()


class Origin(NamedTuple):
    """Where a rule comes from: by hand or the file's name, who brought it, and when."""

    source: str
    made_by_id: int | None
    made_at: datetime


def rules_in_force(session: Session, office: Office) -> Sequence[RoutingRule]:
    """All rules of the office that are not retired, by id."""
    return session.scalars(
        select(RoutingRule)
        .where(RoutingRule.office_id == office.id, RoutingRule.retired_at.is_(None))
        .order_by(RoutingRule.id)
    ).all()


def parties_of(rule: RoutingRule) -> Parties:
    """The parties of a stored rule."""

    def of(part: RulePart) -> Iterator[Party]:
        for party in rule.parties:
            if party.part is part:
                department = COMMUNITY if party.community_of_place else party.department_id
                if department is not None:
                    yield department

    leaders = (p.person_id for p in rule.parties if p.person_id is not None)
    return Parties(next(of(RulePart.LEAD), None), tuple(of(RulePart.INFORMED)), tuple(leaders))


def add_rule(
    session: Session,
    office: Office,
    area_path: str,
    class_path: str,
    parties: Parties,
    origin: Origin,
) -> RoutingRule:
    """Add a rule, in force from the moment of its origin on."""
    rule = RoutingRule(
        office_id=office.id,
        area_path=area_path,
        class_path=class_path,
        source=origin.source,
        made_at=origin.made_at,
        made_by_id=origin.made_by_id,
        parties=list(_party_rows(parties)),
    )
    session.add(rule)
    return rule


def put_rule(
    session: Session,
    office: Office,
    area_path: str,
    class_path: str,
    parties: Parties | None,
    *,
    made_by: Person | None,
    now: datetime,
) -> RoutingRule | None:
    """Say by hand who answers in exactly this scope; None: what holds above it holds again."""
    for rule in rules_in_force(session, office):
        if (rule.area_path, rule.class_path) == (area_path, class_path):
            rule.retired_at = now
    office.revision += 1
    if parties is None:
        return None
    origin = Origin(BY_HAND, made_by.id if made_by else None, now)
    return add_rule(session, office, area_path, class_path, parties, origin)


def _party_rows(parties: Parties) -> Iterator[RuleParty]:
    departments = [(RulePart.LEAD, parties.lead)] if parties.lead is not None else []
    departments += [(RulePart.INFORMED, party) for party in parties.informed]
    rank = 0
    for part, party in departments:
        if party == COMMUNITY:
            yield RuleParty(part=part, rank=rank, community_of_place=True)
        else:
            yield RuleParty(part=part, rank=rank, department_id=party)
        rank += 1
    for person_id in parties.leaders:
        yield RuleParty(part=RulePart.LEADER, rank=rank, person_id=person_id)
        rank += 1


def put_file_rules(
    session: Session,
    office: Office,
    wanted: Mapping[str, Parties],
    origin: Origin,
    *,
    dry_run: bool = False,
) -> Counter[str]:
    """Make the office-wide rules say what a file says; those made by hand stay as they are.

    `wanted` has the parties for each class path; none at all means no rule. Counts what became of
    the paths: new, changed, same, retired, by_hand.
    """
    counts: Counter[str] = Counter()
    standing = {
        rule.class_path: rule
        for rule in rules_in_force(session, office)
        if rule.area_path == office.area_path
    }
    for class_path, parties in wanted.items():
        what = _fate(standing.get(class_path), parties)
        counts[what] += 1
        if dry_run or what in ("same", "by_hand", "nothing"):
            continue
        if class_path in standing:
            standing[class_path].retired_at = origin.made_at
        if what != "retired":
            add_rule(session, office, office.area_path, class_path, parties, origin)
    del counts["nothing"]
    return counts


def _fate(rule: RoutingRule | None, parties: Parties) -> str:
    nobody = parties.lead is None and not parties.informed
    if rule is None:
        return "nothing" if nobody else "new"
    if rule.source == BY_HAND:
        return "by_hand"
    if nobody:
        return "retired"
    return "same" if parties_of(rule) == parties else "changed"
