"""Decisions, limits and refusals in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.i18n import listed, show_moment
from webapp.standards.models import ClassKind, LimitUnit
from webapp.standards.rules import LostBy, Note
from webapp.standards.service import BY_HAND, ClassFacts, OfficeStandards

KINDS = {
    ClassKind.COMPONENT: _l("components"),
    ClassKind.COMPOUND: _l("compounds"),
    ClassKind.EVENT: _l("events"),
}
FACTS = {
    "kind": _l("kind"),
    "group_code": _l("group code"),
    "group_name": _l("group"),
    "name_zh": _l("name"),
    "name_en": _l("English name"),
    "plan_task": _l("task"),
    "limit_amount": _l("limit"),
    "limit_unit": _l("unit"),
    "closing_condition": _l("counts as mended when"),
    "source": _l("source"),
    "valid_from": _l("since"),
}
LOST = {
    LostBy.CLASS: _l("less exact class"),
    LostBy.AREA: _l("less exact area"),
    LostBy.AGE: _l("older"),
    LostBy.ID: _l("made in the same moment, later in the list"),
}
NOTES = {
    Note.NO_RULE: _l("No rule matches, so the dispatcher decides."),
    Note.NO_LEAD: _l("The rule names no lead department, so the dispatcher decides."),
    Note.CLOSED_LEAD: _l("The lead department was closed down, so the dispatcher decides."),
    Note.NO_COMMUNITY: _l("The place lies in no community, so none is informed."),
}


def limit_words(amount: int, unit: str) -> str:
    """A limit as people say it: `2 work days`."""
    match LimitUnit(unit):
        case LimitUnit.URGENT_HOUR:
            return ngettext("%(num)d urgent hour", "%(num)d urgent hours", amount)
        case LimitUnit.URGENT_DAY:
            return ngettext("%(num)d urgent day", "%(num)d urgent days", amount)
        case LimitUnit.WORK_HOUR:
            return ngettext("%(num)d work hour", "%(num)d work hours", amount)
        case LimitUnit.WORK_DAY:
            return ngettext("%(num)d work day", "%(num)d work days", amount)


def class_name(row: Any) -> str:
    """The name of a class or condition in the language of the page."""
    if str(get_locale()) == "zh":
        return str(row.name_zh)
    return str(row.name_en or row.name_zh)


def party_words(party: dict[str, Any] | None) -> str:
    """A party of a stored decision."""
    if party is None:
        return _("the dispatcher's desk")
    if party.get("community_of_place"):
        return _("the community of the place")
    return str(party["name"])


def class_scope_words(standards: OfficeStandards, class_path: str) -> str:
    """A class path in words: `street light`, `all of 公用设施`, `all components`, `everything`."""
    parts = class_path.strip("/").split("/")
    match parts:
        case [""]:
            return _("everything")
        case [kind]:
            return _("all %(kind)s", kind=KINDS[ClassKind(kind)] if kind in KINDS else kind)
        case [_kind, group]:
            of_group = (c.group_name for c in standards.classes.values() if c.group_code == group)
            return _("all of %(group)s", group=next(of_group, group))
        case [_kind, _group, code]:
            return _class_words(standards.classes.get(code), code)
        case [_kind, _group, code, condition, *_rest]:
            rows = standards.history.get(condition, ())
            name = class_name(rows[-1]) if rows else condition
            return f"{_class_words(standards.classes.get(code), code)}: {name}"
    return class_path


def _class_words(row: ClassFacts | None, code: str) -> str:
    return class_name(row) if row else code


def rule_origin(match: dict[str, Any], staff: bool = True) -> str:
    """Where a rule of a stored decision comes from, and when; who made it is for the staff."""
    when = show_moment(datetime.fromisoformat(match["made_at"]))
    return origin_words(match["source"], match["made_by"] if staff else None, when)


def origin_words(source: str, made_by: str | None, when: str) -> str:
    """Where a rule comes from: a file, or somebody's hand."""
    if source != BY_HAND:
        return _("from %(file)s, %(when)s", file=source, when=when)
    if made_by:
        return _("by %(name)s, %(when)s", name=made_by, when=when)
    return _("by hand, %(when)s", when=when)


@dataclass(frozen=True)
class RuleStory:
    """One rule of a stored decision in words; the winner has lost by nothing."""

    lead: str
    informed: str
    leaders: str
    what: str
    where: str
    origin: str
    lost: str


@dataclass(frozen=True)
class DecisionStory:
    """A stored decision in words, the winning rule first."""

    rules: list[RuleStory]
    notes: list[str]
    community: str | None


def tell(
    standards: OfficeStandards,
    reason: dict[str, Any],
    area_names: dict[str, str],
    *,
    staff: bool,
) -> DecisionStory:
    """A stored decision's reason in words; `area_names` has the names of its areas by path."""
    rules = [
        RuleStory(
            lead=party_words(match["lead"]),
            informed=listed(party_words(party) for party in match["informed"]),
            leaders=listed(leader["name"] for leader in match["leaders"]),
            what=class_scope_words(standards, match["class_path"]),
            where=area_names.get(match["area_path"], match["area_path"]),
            origin=rule_origin(match, staff),
            lost=lost_words(match),
        )
        for match in reason["matches"]
    ]
    community = reason["community"]
    return DecisionStory(rules, list(note_words(reason)), community and community["name"])


def note_words(reason: dict[str, Any]) -> Iterator[str]:
    """The notes of a stored decision."""
    for note in reason["notes"]:
        yield str(NOTES[Note(note)])


def lost_words(match: dict[str, Any]) -> str:
    """Why a rule of a stored decision lost."""
    return str(LOST[LostBy(match["lost_by"])]) if match["lost_by"] else ""


def month_name(day: date) -> str:
    return str(format_date(day, "LLLL"))


def weekday_name(day: date) -> str:
    return str(format_date(day, "ccccc"))
