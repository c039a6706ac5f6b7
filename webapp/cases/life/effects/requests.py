"""What it changes to ask for something at a case, and to decide on it."""

from typing import Any

from sqlalchemy import select

from webapp.cases.life import clocks
from webapp.cases.life.effects.common import (
    asked,
    decided,
    dropped,
    ended,
    pending,
)
from webapp.cases.life.scene import Changes, Given, RowChange, Scene, Who
from webapp.cases.vocabulary import RequestKind, RequestState
from webapp.people.models import Duty, Person


def ask_extension(scene: Scene, given: Given) -> Changes:
    """A head's own request, or one where nobody heads, goes to the dispatcher at once."""
    by_head = Who.LEAD_HEAD in scene.actor.who
    row = asked(scene, given, RequestKind.EXTENSION, scene.case.lead_department_id)
    if by_head:
        row.values.update(_endorsed(scene))
    elif not _has_head(scene):
        row.values["state"] = RequestState.ENDORSED
    return Changes(rows=(row,))


def endorse_extension(scene: Scene, _given: Given) -> Changes:
    request = pending(scene, RequestKind.EXTENSION)
    return Changes(rows=(RowChange(request, _endorsed(scene)),))


def grant_extension(scene: Scene, given: Given) -> Changes:
    case = scene.case
    return Changes(
        {"extension_count": case.extension_count + 1, **clocks.extended(case, scene.clock)},
        (decided(scene, given, RequestKind.EXTENSION, RequestState.GRANTED),),
        {"from": case.due_at.isoformat()},
    )


def refuse(kind: RequestKind) -> Any:
    def effect(scene: Scene, given: Given) -> Changes:
        return Changes(rows=(decided(scene, given, kind, RequestState.REFUSED),))

    return effect


def ask(kind: RequestKind) -> Any:
    def effect(scene: Scene, given: Given) -> Changes:
        return Changes(rows=(asked(scene, given, kind, scene.case.lead_department_id),))

    return effect


def grant_cancel(scene: Scene, given: Given) -> Changes:
    granted = decided(scene, given, RequestKind.CANCELLATION, RequestState.GRANTED)
    rest = dropped(scene, RequestKind.EXTENSION, RequestKind.HELP)
    return ended(scene, {}, (granted, *rest))


def grant_appeal(scene: Scene, given: Given) -> Changes:
    """It counts no more in the statistics; that it was late stays a fact."""
    row = decided(scene, given, RequestKind.APPEAL, RequestState.GRANTED)
    return Changes({"exempt": True}, (row,))


def _endorsed(scene: Scene) -> dict[str, Any]:
    return {
        "state": RequestState.ENDORSED,
        "endorsed_by_id": scene.actor.person_id,
        "endorsed_at": scene.now,
    }


def _has_head(scene: Scene) -> bool:
    heads = (
        select(Duty.id)
        .join(Person)
        .where(
            Duty.department_id == scene.case.lead_department_id,
            Duty.is_head,
            Person.active,
        )
    )
    return scene.session.scalar(heads.limit(1)) is not None
