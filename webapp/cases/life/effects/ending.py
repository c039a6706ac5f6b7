"""What the steps of check and end change, and those of supervision."""

from flask_babel import gettext as _

from webapp.cases.life import clocks
from webapp.cases.life.effects.common import (
    dropped,
    ended,
)
from webapp.cases.life.models import Supervision
from webapp.cases.life.scene import Changes, Given, RowChange, Scene
from webapp.cases.vocabulary import RequestKind
from webapp.core.errors import BadInput


def fail_check(scene: Scene, _given: Given) -> Changes:
    """Back to the same department; all that was stays."""
    case = scene.case
    clock = clocks.resumed(case, scene.now, scene.clock)
    return Changes({"rework_count": case.rework_count + 1, **clock})


def close(scene: Scene, given: Given) -> Changes:
    case = scene.case
    values = {
        "closed_at": scene.now,
        "result": case.result or given.note,  # what was imported brought none
        **clocks.stopped(case, scene.now),
    }
    return ended(scene, values, dropped(scene))


def refuse_case(scene: Scene, _given: Given) -> Changes:
    return ended(scene, {}, dropped(scene))


def reopen(scene: Scene, _given: Given) -> Changes:
    """An appeal not decided yet is dropped: it can be made anew after the next end."""
    values = {"closed_at": None, "satisfaction": None}
    return Changes(values, dropped(scene, RequestKind.APPEAL))


def rate(_scene: Scene, given: Given) -> Changes:
    if given.score is None or not 1 <= given.score <= 5:
        raise BadInput("score", _("Choose from 1 to 5."), field="score")
    return Changes({"satisfaction": given.score})


def supervise(scene: Scene, given: Given) -> Changes:
    if given.reply_by is None or given.reply_by <= scene.now:
        raise BadInput("reply_by", _("Say by when you want a reply: later than now."),
                       field="reply_by")  # fmt: skip
    if given.colour is None or given.kind is None:
        raise BadInput("colour", _("Choose a kind and a colour."), field="colour")
    values = {
        "kind": given.kind,
        "colour": given.colour,
        "by_id": scene.actor.person_id,
        "at": scene.now,
        "words": given.note,
        "reply_by": given.reply_by,
    }
    row = RowChange(Supervision(case_id=scene.case.id, reply=""), values, new=True)
    return Changes({"pressed": given.colour}, (row,))


def reply_supervision(scene: Scene, given: Given) -> Changes:
    assert scene.supervision is not None  # noqa: S101 - the guard saw to it
    values = {
        "reply": given.note,
        "replied_at": scene.now,
        "replied_by_id": scene.actor.person_id,
    }
    return Changes(rows=(RowChange(scene.supervision, values),))


def end_supervision(scene: Scene, _given: Given) -> Changes:
    assert scene.supervision is not None  # noqa: S101 - the guard saw to it
    return Changes({"pressed": None}, (RowChange(scene.supervision, {"ended_at": scene.now}),))
