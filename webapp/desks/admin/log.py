"""`/admin/log`: who did what, on cases and in the set-up."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.cases.listing import one_of, read_day
from webapp.cases.vocabulary import Action
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.core.errors import BadInput
from webapp.core.i18n import listed
from webapp.desks.admin.logbook import (
    CASES,
    MOST_DAYS,
    SET_UP,
    USUAL_DAYS,
    LogFilters,
    people_in_log,
    read_key,
    read_log,
    verbs_in_log,
)
from webapp.people.access import desk, present_person
from webapp.people.models import Office, Role

blueprint = Blueprint("audit_log", __name__)
KEPT = ("since", "until", "kind", "person", "what")

VERB_LABELS: dict[str, Any] = {
    "calendar.remove": _l("own day of the calendar removed"),
    "calendar.set": _l("day of the calendar set"),
    "cases.import": _l("import of cases begun"),
    "crew.add": _l("crew added"),
    "crew.change": _l("crew changed"),
    "crew.close": _l("crew rests"),
    "crew.open": _l("crew goes out again"),
    "departments.import": _l("departments taken in"),
    "department.add": _l("department added"),
    "department.close": _l("department closed down"),
    "department.open": _l("department opened again"),
    "department.rename": _l("department renamed"),
    "duty.add": _l("duty given"),
    "duty.head": _l("head of a department named or not"),
    "duty.remove": _l("duty taken away"),
    "grid.manager": _l("grid manager named"),
    "office.add": _l("office set up"),
    "person.add": _l("person added"),
    "person.change": _l("person's details changed"),
    "person.close": _l("account closed"),
    "person.open": _l("account opened again"),
    "person.password": _l("new password given"),
    "places.apply": _l("boundaries put in force"),
    "places.cut": _l("community cut into grids"),
    "robot.add": _l("robot of a group chat added"),
    "robot.remove": _l("robot of a group chat removed"),
    "rule.save": _l("routing rule saved"),
    "sample.load": _l("sample loaded"),
    "settings.change": _l("settings changed"),
    "standards.apply": _l("case classes taken in"),
    "tasks.import": _l("tasks of the plan taken in"),
    "wording.default": _l("the program's own wording taken again"),
    "wording.save": _l("wording of a notice saved"),
}

FACT_LABELS: dict[str, Any] = {
    "area": _l("area"),
    "cases_back": _l("cases that went back to the dispatcher"),
    "code": _l("code"),
    "department": _l("department"),
    "farthest_report_m": _l("metres outside all grids"),
    "grids": _l("grids"),
    "hotspot_weekday": _l("day of the hot spots' week, 0 is Monday"),
    "hotspot_weeks": _l("weeks looked at for hot spots"),
    "is_head": _l("head"),
    "leader_told_at_percent": _l("% of the limit, then the leader hears"),
    "members": _l("people"),
    "name": _l("name"),
    "near_edge_m": _l("metres to an edge"),
    "note": _l("note"),
    "of_class": _l("class"),
    "phone": _l("phone"),
    "report_in_minutes": _l("minutes to report in"),
    "role": _l("role"),
    "similar_hours": _l("hours to be alike"),
    "similar_m": _l("metres to be alike"),
    "stage_limits": _l("limits of the stages"),
    "username": _l("user name"),
    "warn_percent": _l("% of a limit, then yellow"),
    "verify_sources": _l("verified first"),
    "works": _l("works"),
}


@blueprint.get("/admin/log")
@desk(Role.ADMINISTRATOR)
def log() -> ResponseReturnValue:
    session, office = current_session(), present_person().office
    filters = read_filters(request.args, office)
    page = read_log(session, office, filters)
    return render_template(
        "desks/admin/log.html",
        filters=filters,
        page=page,
        people=people_in_log(session, office),
        actions=list(Action),
        verbs=verbs_in_log(session, office),
        words=words_of,
        changed=changed_words,
        kept={name: value for name in KEPT if (value := request.args.get(name))},
    )


def words_of(what: str) -> Any:
    """What was done, in words; a verb without words of its own is shown as it is kept."""
    if what in set(Action):
        return Action(what).label
    return VERB_LABELS.get(what, what)


def read_filters(args: Mapping[str, str], office: Office) -> LogFilters:
    """The last seven days unless the address says otherwise; a year at most."""
    today = now().astimezone(ZoneInfo(office.time_zone)).date()
    until = read_day("until", args.get("until", "")) or today
    since = read_day("since", args.get("since", "")) or until - timedelta(days=USUAL_DAYS - 1)
    if not timedelta() <= until - since < timedelta(days=MOST_DAYS):
        raise BadInput(
            "days", _("Choose a first day before the last, a year apart at most."), field="since"
        )
    person, after = args.get("person", ""), args.get("after", "")
    return LogFilters(
        since=since,
        until=until,
        kind=one_of("kind", args.get("kind", ""), ("", CASES, SET_UP)),
        person_id=int(person) if person.isdecimal() and len(person) < 10 else None,
        what=args.get("what", "")[:64],
        after=read_key(after) if after else None,
    )


def changed_words(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each thing that is different: its name, what it was, what it is."""
    return [
        (FACT_LABELS.get(name, name), _plain(old.get(name)), _plain(new.get(name)))
        for name in {**old, **new}
    ]


def _plain(value: Any) -> Any:
    """A kept value without the signs of the language it is kept in."""
    match value:
        case dict():
            return listed(f"{name} {_plain(one)}" for name, one in value.items())
        case list():
            return " ".join(str(one) for one in value) or "—"
        case True:
            return _("yes")
        case False:
            return _("no")
        case _other:
            return value
