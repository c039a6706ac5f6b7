"""What several effects need."""

from typing import Any

from flask_babel import gettext as _

from webapp.cases.life.models import CaseRequest
from webapp.cases.life.scene import Changes, Given, RowChange, Scene
from webapp.cases.vocabulary import RequestKind, RequestState
from webapp.core.errors import BadInput
from webapp.people.models import Department

WHILE_OPEN = RequestKind.EXTENSION, RequestKind.HELP, RequestKind.CANCELLATION


def ended(
    scene: Scene,
    case: dict[str, Any],
    rows: tuple[RowChange, ...],
    facts: dict[str, Any] | None = None,
) -> Changes:
    """A case that has ended is not pressed any more, nor does it wait for a day."""
    if scene.case.pressed is not None and scene.supervision is not None:
        case = {**case, "pressed": None}
        rows = (*rows, RowChange(scene.supervision, {"ended_at": scene.now}))
    if scene.case.suspended_until is not None:
        case = {**case, "suspended_until": None}
    return Changes(case, rows, facts or {})


def department_given(scene: Scene, given: Given) -> Department:
    found = scene.department(given.department_id)
    if found is None:
        raise BadInput(
            "department", _("Choose a department of this office."), field="department_id"
        )
    return found


def asked(scene: Scene, given: Given, kind: RequestKind, department_id: int | None) -> RowChange:
    values = {
        "kind": kind,
        "state": RequestState.ASKED,
        "department_id": department_id,
        "reason": given.note,
        "asked_by_id": scene.actor.person_id,
        "asked_at": scene.now,
    }
    return RowChange(CaseRequest(case_id=scene.case.id, decision_note=""), values, new=True)


def pending(scene: Scene, kind: RequestKind) -> CaseRequest:
    request = scene.pending(kind)
    assert request is not None  # noqa: S101 - the guard saw to it
    return request


def decided(scene: Scene, given: Given, kind: RequestKind, state: RequestState) -> RowChange:
    values = {
        "state": state,
        "decided_by_id": scene.actor.person_id,
        "decided_at": scene.now,
        "decision_note": given.note,
    }
    return RowChange(pending(scene, kind), values)


def dropped(scene: Scene, *kinds: RequestKind) -> tuple[RowChange, ...]:
    """Requests that the case leaves behind unanswered; without `kinds` all but appeals."""
    kinds = kinds or WHILE_OPEN
    waiting = (scene.pending(kind) for kind in kinds)
    dropped = {"state": RequestState.DROPPED, "decided_at": scene.now}
    return tuple(RowChange(request, dropped) for request in waiting if request is not None)


def nothing_more(_scene: Scene, _given: Given) -> Changes:
    """The new state says it all."""
    return Changes()
