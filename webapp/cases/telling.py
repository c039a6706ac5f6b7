"""What has happened to a case, in words: each event with its names, deadlines and places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from webapp.cases.life.table import STEPS
from webapp.cases.models import CaseEvent
from webapp.cases.vocabulary import Action, Colour, State, SupervisionKind
from webapp.cases.words import event_words
from webapp.core.i18n import listed, show_moment
from webapp.people.models import Crew, Office, Person
from webapp.standards.models import Condition
from webapp.standards.service import office_standards
from webapp.standards.wording import class_name

STANDS_IN = (State.RETURNED, State.SUSPENDED)  # where it matters to somebody that no time runs


@dataclass(frozen=True)
class Names:
    """Names by id of all that events speak of."""

    departments: dict[int, str]
    people: dict[int, str]
    crews: dict[int, str]
    conditions: dict[int, str]


@dataclass(frozen=True)
class Told:
    """One event as a page shows it."""

    event: CaseEvent
    way: str  # `reported → opened`, or empty where the state stayed
    lines: list[str]


def tell(session: Session, office: Office, events: Iterable[CaseEvent]) -> list[Told]:
    """The events in words, the newest first."""
    newest = sorted(events, key=lambda event: (event.at, event.id), reverse=True)
    names = _names(session, office, newest)
    return [Told(event, way_words(event), list(_lines(event, names))) for event in newest]


def way_words(event: CaseEvent) -> str:
    """From which state to which, where it changed."""
    if event.from_state is None or event.to_state in (None, event.from_state):
        return ""
    to_state = State(event.to_state)  # type: ignore[arg-type]  # None was seen to above
    return f"{event.from_state.label} → {to_state.label}"


def _names(session: Session, office: Office, events: list[CaseEvent]) -> Names:
    sets = [event.detail.get("set", {}) for event in events]
    return Names(
        departments=office_standards(session, office).departments,
        people=_by_id(session, Person, {s.get("assignee_id") for s in sets}),
        crews=_by_id(session, Crew, {s.get("crew_id") for s in sets}),
        conditions=_conditions(
            session,
            {s.get("condition_id") for s in sets}
            | {event.detail.get("from_condition") for event in events},
        ),
    )


def _by_id(session: Session, model: Any, ids: set[Any]) -> dict[int, str]:
    if not (known := ids - {None}):
        return {}
    return dict(session.execute(select(model.id, model.name).where(model.id.in_(known))).all())


def _conditions(session: Session, ids: set[Any]) -> dict[int, str]:
    if not (known := ids - {None}):
        return {}
    rows = select(Condition).where(Condition.id.in_(known))
    found = session.scalars(rows.options(joinedload(Condition.case_class)))
    return {row.id: f"{class_name(row.case_class)}: {class_name(row)}" for row in found}


def _lines(event: CaseEvent, names: Names) -> Iterator[str]:
    """What an event's detail says, line by line."""
    detail = event.detail
    if event.action not in STEPS:  # arrival, and corrections
        yield from event_words(event)
        return
    yield from _of_action(event, detail, detail["set"], names)
    yield from _of_clocks(event, detail["set"])
    if detail.get("in_time") is False:
        yield _("after the time set for this stage")


def _of_action(
    event: CaseEvent, detail: dict[str, Any], values: dict[str, Any], names: Names
) -> Iterator[str]:
    """Steps that change the case itself; all others change what stands beside it."""
    match event.action:
        case Action.VERIFY:
            yield _("it is there") if values["verified"] else _("nothing was found there")
        case Action.RECLASS:
            yield _("from %(before)s", before=names.conditions.get(detail["from_condition"], "?"))
            yield _("to %(after)s", after=names.conditions.get(values["condition_id"], "?"))
        case Action.MERGE:
            yield _("into %(number)s", number=detail["into"])
        case Action.DISPATCH | Action.ASSIGN:
            yield _("to %(name)s", name=_taker(values, names))
        case Action.RETURN if detail.get("proposed_department_id"):
            proposed = _department(detail["proposed_department_id"], names)
            yield _("it belongs to %(name)s, they say", name=proposed)
        case Action.ANSWER:
            yield _("after the deadline") if detail.get("late_us") else _("in time")
        case Action.SUSPEND:
            yield _("until %(when)s", when=_shown(values["suspended_until"]))
        case Action.RATE:
            yield _("%(score)s of 5", score=values["satisfaction"])
        case _other:
            yield from _of_rows(event, detail, names)


def _taker(values: dict[str, Any], names: Names) -> str:
    """Whom a case was given to: a department, or a person or crew of it."""
    if values.get("crew_id"):
        return names.crews.get(values["crew_id"], "?")
    if values.get("assignee_id"):
        return names.people.get(values["assignee_id"], "?")
    return _department(values.get("lead_department_id"), names)


def _of_rows(event: CaseEvent, detail: dict[str, Any], names: Names) -> Iterator[str]:
    rows: list[dict[str, Any]] = [r["set"] for r in detail.get("rows", ()) if "set" in r]
    row = rows[0] if rows else {}
    if detail.get("department_id"):
        yield _department(detail["department_id"], names)
    match event.action:
        case Action.ASK_HELP if row.get("wanted_department_id"):
            yield _("of %(name)s", name=_department(row["wanted_department_id"], names))
        case Action.WHISTLE:
            yield _("to report in by %(when)s", when=_shown(row["report_in_by"]))
        case Action.REPORT_IN if row.get("distance_m") is not None:
            yield _("%(metres)s m from the case", metres=f"{row['distance_m']:,.0f}")
        case Action.REPORT_IN if row.get("lon") is None:
            yield _("without a position")
        case Action.SCORE:
            yield _("%(score)s of 100", score=row["score"])
        case Action.SUPERVISE:
            yield listed((SupervisionKind(row["kind"]).label, Colour(row["colour"]).label))
            yield _("reply by %(when)s", when=_shown(row["reply_by"]))


def _of_clocks(event: CaseEvent, values: dict[str, Any]) -> Iterator[str]:
    """Where the handling limit moved, stood or ran on."""
    if values.get("due_at"):
        yield _("is due %(due)s", due=_shown(values["due_at"]))
    elif event.to_state in STANDS_IN and values.get("clock_stopped_at"):
        yield _("the clock stands")


def _department(department_id: Any, names: Names) -> str:
    return names.departments.get(department_id, "?")


def _shown(text: str) -> str:
    return show_moment(datetime.fromisoformat(text))
