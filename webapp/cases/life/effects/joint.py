"""What the steps of a joint case change: several departments called to one place."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from gis.coordinates import distance_m
from webapp.cases.life.effects.common import asked, decided, department_given
from webapp.cases.life.models import Participant
from webapp.cases.life.scene import Changes, Given, RowChange, Scene
from webapp.cases.vocabulary import Part, RequestKind, RequestState
from webapp.core.errors import BadInput

REPORT_IN_WITHIN = timedelta(minutes=30)


def whistle(scene: Scene, given: Given) -> Changes:
    """Call a department to the case, with a task."""
    case, now = scene.case, scene.now
    department = department_given(scene, given)
    there = {case.lead_department_id, *(p.department_id for p in scene.owing)}
    if department.id in there:
        raise BadInput(
            "department",
            _("%(department)s is at this case already.", department=department.name),
            field="department_id",
        )
    within = scene.office.settings.get("report_in_minutes")
    by = now + (timedelta(minutes=within) if within else REPORT_IN_WITHIN)
    values = {
        "department_id": department.id,
        "task": given.note,
        "called_at": now,
        "called_by_id": scene.actor.person_id,
        "report_in_by": by,
    }
    row = RowChange(
        Participant(case_id=case.id, part=Part.ASSISTING, result="", score_note=""),
        values,
        new=True,
    )
    wanted = scene.pending(RequestKind.HELP)
    asked = (
        (decided(scene, given, RequestKind.HELP, RequestState.GRANTED),)
        if wanted and wanted.wanted_department_id in (None, department.id)
        else ()
    )
    return Changes({"joint": True}, (row, *asked), {"department_id": department.id})


def ask_help(scene: Scene, given: Given) -> Changes:
    row = asked(scene, given, RequestKind.HELP, scene.case.lead_department_id)
    wanted = scene.department(given.department_id)
    row.values["wanted_department_id"] = wanted.id if wanted else None
    return Changes(rows=(row,))


def call_off(scene: Scene, given: Given) -> Changes:
    row = _owing(scene, given)
    return Changes(
        rows=(RowChange(row, {"called_off_at": scene.now}),),
        facts={"department_id": row.department_id},
    )


def report_in(scene: Scene, given: Given) -> Changes:
    """A department is on the spot; where they stand is kept, with how far that is from the case."""
    row = scene.mine([p for p in scene.owing if p.reported_in_at is None])
    assert row is not None  # noqa: S101 - the guard saw to it
    values: dict[str, Any] = {
        "reported_in_at": scene.now,
        "reported_in_by_id": scene.actor.person_id,
    }
    place = scene.case.lonlat
    if given.lon is not None and given.lat is not None:
        values |= {"lon": given.lon, "lat": given.lat}
        if place:
            values["distance_m"] = distance_m((given.lon, given.lat), place)
    return Changes(rows=(RowChange(row, values),), facts={"department_id": row.department_id})


def finish_task(scene: Scene, given: Given) -> Changes:
    row = scene.mine([p for p in scene.owing if p.reported_in_at is not None])
    assert row is not None  # noqa: S101 - the guard saw to it
    values = {"result": given.note, "finished_at": scene.now}
    return Changes(rows=(RowChange(row, values),), facts={"department_id": row.department_id})


def score(scene: Scene, given: Given) -> Changes:
    there = [p for p in scene.participants if p.part is not Part.INFORMED and not p.called_off_at]
    row = next((p for p in there if p.department_id == given.department_id), None)
    if row is None:
        raise BadInput("department", _("Choose a department of this case."), field="department_id")
    if given.score is None or not 0 <= given.score <= 100:
        raise BadInput("score", _("Give a score from 0 to 100."), field="score")
    values = {"score": given.score, "score_note": given.note}
    return Changes(rows=(RowChange(row, values),), facts={"department_id": row.department_id})


def _owing(scene: Scene, given: Given) -> Participant:
    row = next((p for p in scene.owing if p.department_id == given.department_id), None)
    if row is None:
        raise BadInput(
            "department", _("Choose a department that was called."), field="department_id"
        )
    return row
