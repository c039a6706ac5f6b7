"""What the steps of dispatch and handling change."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webapp.cases.life import clocks
from webapp.cases.life.effects.common import (
    department_given,
    dropped,
)
from webapp.cases.life.encoding import decoded
from webapp.cases.life.models import Participant
from webapp.cases.life.scene import Changes, Given, RowChange, Scene, own_department_ids
from webapp.cases.models import Case
from webapp.cases.vocabulary import Part, RequestKind, State
from webapp.core.errors import BadInput
from webapp.people.models import Crew, Department, Person

TAKEN_BACK = ("previous_state", "stage_since", "stage_warn_at", "stage_due_at")
"""What a step sets besides, and what a dispatch taken back gives back: the stage runs on."""


def dispatch(scene: Scene, given: Given) -> Changes:
    """To a department: its clock begins, or runs on where it was the one to return the case."""
    case, lead = scene.case, scene.lead
    department = department_given(scene, given)
    _refuse_called(scene, department)
    clock, anew = _clock_at(scene, department)
    values = {
        "lead_department_id": department.id,
        "dispatched_at": scene.now,
        "assignee_id": None,
        "crew_id": None,
        **clock,
    }
    called = {
        "department_id": department.id,
        "called_at": scene.now,
        "called_by_id": scene.actor.person_id,
        "score": None,
        "score_note": "",
    }
    if lead is None:
        row = RowChange(Participant(case_id=case.id, part=Part.LEAD), called, new=True)
        lead_was = None
    else:
        row = RowChange(lead, called)
        lead_was = {name: getattr(lead, name) for name in called}
    was = {name: getattr(case, name) for name in (*values, *TAKEN_BACK)}
    return Changes(values, (row,), {"was": was, "lead_was": lead_was, "clock_anew": anew})


def _refuse_called(scene: Scene, department: Department) -> None:
    if any(p.department_id == department.id for p in scene.owing):
        raise BadInput(
            "department",
            _(
                "%(department)s is called to help with this case: take that call back first.",
                department=department.name,
            ),
            field="department_id",
        )


def _clock_at(scene: Scene, department: Department) -> tuple[dict[str, Any], bool]:
    """What was left where the same department gets it again, else the limit anew (then True)."""
    case = scene.case
    had_it = case.dispatched_at is not None or case.state is State.RETURNED
    if had_it and case.lead_department_id == department.id and case.clock_stopped_at:
        return clocks.resumed(case, scene.now, scene.clock), False
    return clocks.begun(case, scene.now, scene.clock), True


def undo_dispatch(scene: Scene, _given: Given) -> Changes:
    """All is as before the dispatch, but for the two events."""
    event, lead = scene.last_event, scene.lead
    assert event is not None  # noqa: S101 - the guard saw to it
    assert lead is not None  # noqa: S101 - the dispatch made it
    lead_was = event.detail["lead_was"]
    row = (
        RowChange(lead, {}, gone=True)
        if lead_was is None
        else RowChange(lead, decoded(Participant, lead_was))
    )
    return Changes(decoded(Case, event.detail["was"]), (row,))


def send_back(scene: Scene, given: Given) -> Changes:
    """Returned by the department, or called back: its clock stands."""
    case = scene.case
    proposed = scene.department(given.department_id)
    return Changes(
        {"return_count": case.return_count + 1, **clocks.stopped(case, scene.now)},
        dropped(scene, RequestKind.EXTENSION),
        {"proposed_department_id": proposed.id if proposed else None},
    )


def recall(scene: Scene, _given: Given) -> Changes:
    return Changes(
        {**clocks.stopped(scene.case, scene.now), "suspended_until": None},
        dropped(scene, RequestKind.EXTENSION),
    )


def assign(scene: Scene, given: Given) -> Changes:
    """To a person or a crew of the lead department."""
    lead_id = scene.case.lead_department_id
    if given.crew_id is not None:
        crew = scene.session.get(Crew, given.crew_id)
        if crew is None or crew.department_id != lead_id or not crew.active:
            raise BadInput("crew", _("Choose a crew of this department."), field="crew_id")
        return Changes({"crew_id": crew.id, "assignee_id": None})
    person = scene.session.get(Person, given.assignee_id) if given.assignee_id else None
    if person is None or not person.active or lead_id not in own_department_ids(person):
        raise BadInput("assignee", _("Choose a person or a crew of this department."),
                       field="assignee_id")  # fmt: skip
    return Changes({"assignee_id": person.id, "crew_id": None})


def answer(scene: Scene, given: Given) -> Changes:
    case = scene.case
    return Changes(
        {"result": given.note, "answered_at": scene.now, **clocks.stopped(case, scene.now)},
        dropped(scene, RequestKind.EXTENSION),
        {"late_us": clocks.late_us(case, scene.now, scene.clock)},
    )


def suspend(scene: Scene, given: Given) -> Changes:
    """The clock stands until the begin of a day, a year away at most."""
    zone = ZoneInfo(scene.office.time_zone)
    today = scene.now.astimezone(zone).date()
    if given.until is None or not today < given.until <= _a_year_after(today):
        raise BadInput(
            "until",
            _("Choose the day on which it goes on: from tomorrow, within a year."),
            field="until",
        )
    case, until = scene.case, datetime.combine(given.until, time(), zone)
    return Changes(
        {
            "suspended_until": until.astimezone(UTC),
            "suspension_count": case.suspension_count + 1,
            **clocks.stopped(case, scene.now),
        },
        dropped(scene, RequestKind.EXTENSION),
    )


def _a_year_after(day: date) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap_day else day.day)


def resume(scene: Scene, _given: Given) -> Changes:
    return Changes({"suspended_until": None, **clocks.resumed(scene.case, scene.now, scene.clock)})
