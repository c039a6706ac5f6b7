"""Reads for the standards' pages and for whoever names a class by code or by word."""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.errors import BadInput
from webapp.core.i18n import listed
from webapp.people.models import Office
from webapp.places.models import Area
from webapp.standards.models import CalendarDay, RoutingDecision
from webapp.standards.rules import COMMUNITY, Party
from webapp.standards.service import (
    ClassFacts,
    ConditionFacts,
    OfficeStandards,
    office_standards,
)
from webapp.standards.wording import DecisionStory, class_name, tell

NEAR = 5  # proposals for a name that is unknown


@dataclass(frozen=True)
class StandardLine:
    """One line of the standards' page."""

    of_class: ClassFacts
    condition: ConditionFacts
    lead: str | None

    @property
    def words(self) -> list[str]:
        """What the search looks in."""
        of_class, condition = self.of_class, self.condition
        names = [of_class.name_zh, of_class.name_en, of_class.group_name, condition.name_zh]
        return [condition.code, *names, condition.name_en or "", self.lead or ""]


def standard_lines(standards: OfficeStandards, day: date, words: str) -> list[StandardLine]:
    """The conditions that hold on `day`, those that have all of `words` in them."""
    wanted = words.casefold().split()
    lines = []
    for condition in standards.conditions_on(day).values():
        of_class = standards.classes[condition.class_code]
        winner = standards.router.route(standards.area_path, condition.path).winner
        lead = party_name(standards, winner.lead) if winner else None
        line = StandardLine(of_class, condition, lead)
        text = " ".join(line.words).casefold()
        if all(word in text for word in wanted):
            lines.append(line)
    return lines


def find_condition(
    standards: OfficeStandards, class_text: str, condition_text: str, day: date
) -> ConditionFacts:
    """The condition that is named by code, or by a class and one of its conditions.

    `class_text` is a class's code or name in either language; `condition_text` a condition's whole
    code, the last part of it, or its name. Raises BadInput with near names.
    """
    conditions = standards.conditions_on(day)
    if condition_text in conditions:
        return conditions[condition_text]
    of_class = find_class(standards, class_text)
    own = [c for c in conditions.values() if c.class_code == of_class.code]
    named = [c for c in own if condition_text in (c.code.rpartition(".")[2], c.name_zh, c.name_en)]
    if not condition_text and len(own) == 1:
        return own[0]
    if condition_text and named:
        return named[0]
    its_own = listed(f"{c.code} {class_name(c)}" for c in own) or _("none")
    if condition_text:
        message = _(
            "%(name)s has no condition “%(given)s”. It has: %(listed)s.",
            name=class_name(of_class),
            given=condition_text,
            listed=its_own,
        )
    else:
        message = _(
            "Say which condition of %(name)s: %(listed)s.",
            name=class_name(of_class),
            listed=its_own,
        )
    raise BadInput("unknown_condition", message, conditions=[c.code for c in own])


def find_class(standards: OfficeStandards, text: str) -> ClassFacts:
    """The class of that code or name; BadInput lists near ones."""
    by_name = {
        name.casefold(): c
        for c in standards.classes.values()
        for name in (c.code, c.name_zh, c.name_en)
    }
    given = text.strip().casefold()
    if given in by_name:
        return by_name[given]
    inside = [name for name in by_name if given and (given in name or name in given)]
    near = [*inside, *get_close_matches(given, by_name, NEAR, 0.4)]
    classes = list({by_name[name].code: by_name[name] for name in near}.values())[:NEAR]
    if not classes:
        classes = list(standards.classes.values())[:NEAR]
    nearest = listed(f"{c.code} {class_name(c)}" for c in classes) or _("none")
    raise BadInput(
        "unknown_class",
        _("There is no class “%(given)s”. Near it: %(listed)s.", given=text[:60], listed=nearest),
        classes=[c.code for c in classes],
    )


def overrides_of(session: Session, office: Office) -> list[CalendarDay]:
    """The office's own days, in order."""
    of_office = select(CalendarDay).where(CalendarDay.office_id == office.id)
    return list(session.scalars(of_office.order_by(CalendarDay.day)))


def party_name(standards: OfficeStandards, party: Party | None) -> str | None:
    if party is None:
        return None
    if party == COMMUNITY:
        return _("the community of the place")
    return standards.departments[party]


def decision_story(
    session: Session, office: Office, decision: RoutingDecision, *, staff: bool
) -> DecisionStory:
    """Why a case went where it went, for templates/standards/reason.html."""
    paths = {match["area_path"] for match in decision.reason["matches"]}
    found = session.execute(select(Area.path, Area.name).where(Area.path.in_(paths)))
    names = {office.area_path: office.name, **dict(found.all())}
    return tell(office_standards(session, office), decision.reason, names, staff=staff)
