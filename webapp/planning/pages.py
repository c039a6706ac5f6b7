"""What the pages of one rule and of its trial show."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.errors import NotFound
from webapp.core.i18n import listed, show_moment
from webapp.mapping.page import MapFragments, build_map
from webapp.people.models import Office
from webapp.planning.forms import RuleForm
from webapp.planning.queries import former_rules
from webapp.planning.scopes import Scope, area_scope, area_scopes, class_scopes
from webapp.planning.trial import Lead, Trial
from webapp.standards.models import RoutingRule
from webapp.standards.queries import party_name
from webapp.standards.rules import Rule
from webapp.standards.service import OfficeStandards, Parties, parties_of
from webapp.standards.wording import class_scope_words, origin_words

CITY_ZOOM = 13
MARGIN = 0.005  # degrees around the cases, so that a single one is not seen from a metre above


@dataclass(frozen=True)
class Asked:
    """The scope that the address names, and what is known of it."""

    office: Office
    standards: OfficeStandards
    area: Scope
    of_class: Scope

    @property
    def place(self) -> tuple[str, str]:
        return self.area.path, self.of_class.path


@dataclass(frozen=True)
class PartyWords:
    """The parties of a rule by name."""

    lead: str
    informed: str
    leaders: str


def rule_page(session: Session, asked: Asked, form: RuleForm, again: int | None) -> dict[str, Any]:
    """What holds in the scope, what held before, and the form filled with the one or the other."""
    standards, router = asked.standards, asked.standards.router
    own = router.own_rule(*asked.place)
    holds = router.route(*asked.place).winner
    former = former_rules(session, asked.office, *asked.place)
    parties = Parties(holds.lead, holds.informed, holds.leaders) if holds else Parties()
    form.show(_former_parties(former, again) if again else parties)
    form.seen.data = str(own.id if own else 0)
    return {
        "own": own,
        "holds": words(standards, parties) if holds else None,
        "holds_for": _held_by(session, asked, holds) if holds else None,
        "origin": _origin(standards, holds) if holds else None,
        "former": [(rule, words(standards, parties_of(rule))) for rule in former],
        "areas": _areas(session, asked),
        "classes": class_scopes(standards),
    }


def words(standards: OfficeStandards, parties: Parties) -> PartyWords:
    """Parties by their names."""
    informed = (party_name(standards, party) or "" for party in parties.informed)
    leaders = (standards.people.get(leader, "—") for leader in parties.leaders)
    lead = party_name(standards, parties.lead) or _("the dispatcher's desk")
    return PartyWords(lead, listed(informed), listed(leaders))


def lead_name(standards: OfficeStandards, lead: Lead) -> str:
    return _("the dispatcher's desk") if lead is None else standards.departments[lead]


def trial_page(asked: Asked, form: RuleForm, trial: Trial) -> dict[str, Any]:
    """The trial in words, and its map."""
    standards, parties = asked.standards, form.parties()
    paths = {row.id: row.path for rows in standards.history.values() for row in rows}
    return {
        "proposed": words(standards, parties) if parties else None,
        "ways": [
            (lead_name(standards, before), lead_name(standards, after), number)
            for (before, after), number in trial.ways.most_common()
        ],
        "cases": [
            (case, class_scope_words(standards, paths[case.condition_id]),
             lead_name(standards, case.before), lead_name(standards, case.after))
            for case in trial.cases
        ],
        "map": _map(trial),
        "points": [
            [lon, lat, f"{number} → {lead_name(standards, after)}"]
            for lon, lat, number, after in trial.points
        ],
    }  # fmt: skip


def _map(trial: Trial) -> MapFragments | None:
    if not trial.points:
        return None
    lons, lats = [p[0] for p in trial.points], [p[1] for p in trial.points]
    bounds = (min(lats) - MARGIN, min(lons) - MARGIN), (max(lats) + MARGIN, max(lons) + MARGIN)
    center = (bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2
    controls = frozenset({"scale", "full_screen"})
    return build_map("trial_map", center=center, zoom=CITY_ZOOM, bounds=bounds, controls=controls)


def _areas(session: Session, asked: Asked) -> list[Scope]:
    """Where a rule can be made: with the grids of the community in which the scope lies."""
    areas = area_scopes(session, asked.office)
    inside = [s.path for s in areas[1:] if asked.area.path.startswith(s.path)]
    community = max(inside, key=len, default=None)
    if community is None:
        return areas
    return area_scopes(session, asked.office, grids_of=community)


def _held_by(session: Session, asked: Asked, rule: Rule) -> tuple[str, str]:
    """The scope of the rule that holds, in words: what and where."""
    area = asked.area
    if rule.area_path != area.path:
        area = area_scope(session, asked.office, rule.area_path)
    return class_scope_words(asked.standards, rule.class_path), area.name


def _origin(standards: OfficeStandards, rule: Rule) -> str:
    facts = standards.rules[rule.id]
    return origin_words(facts.source, facts.made_by, show_moment(facts.made_at))


def _former_parties(former: Any, again: int) -> Parties:
    found: RoutingRule | None = next((rule for rule in former if rule.id == again), None)
    if found is None:
        raise NotFound("rule", _("This former rule is not one of this scope."))
    return parties_of(found)
