"""What the steps of the intake change: verification, class, duplicates."""

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.cases.life.effects.common import dropped, ended
from webapp.cases.life.scene import Changes, Given, Scene, was_dispatched
from webapp.cases.models import FINAL_STATES, Case, CaseKey
from webapp.core.errors import BadInput
from webapp.standards.service import decide


def verify(_scene: Scene, given: Given) -> Changes:
    if given.found is None:
        raise BadInput("found", _("Say whether it is there."), field="found")
    return Changes({"verified": given.found})


def ask_verification(_scene: Scene, _given: Given) -> Changes:
    """What was called mended on the spot may turn out not to be."""
    return Changes({"verified": None, "self_handled": False})


def self_handle(_scene: Scene, given: Given) -> Changes:
    return Changes({"self_handled": True, "verified": True, "result": given.note})


def open_case(scene: Scene, _given: Given) -> Changes:
    return Changes({"opened_at": scene.case.opened_at or scene.now})


def reclass(scene: Scene, given: Given) -> Changes:
    """Another condition: its limit, its rule and its deadline, as if it had been reported so.

    A case that a department returned stays that department's until it is dispatched; its clock
    begins anew then, since another limit is another clock.
    """
    case, standards = scene.case, scene.standards
    condition = standards.condition_on(given.condition_code, standards.today(scene.now))
    if condition is None:
        raise BadInput(
            "condition",
            _(
                "%(code)s is not among what can be reported here. Choose from the list.",
                code=given.condition_code[:40] or "—",
            ),
            field="condition_code",
        )
    if condition.id == case.condition_id:
        raise BadInput("condition", _("It has this class already."), field="condition_code")
    decision = decide(scene.session, scene.office, case.area.path, condition, scene.now)
    limit = scene.clock.deadline(case.reported_at, condition.limit_amount, condition.limit_unit)
    lead = {} if was_dispatched(case) else {"lead_department_id": decision.lead_department_id}
    return Changes(
        {
            **lead,
            "condition_id": condition.id,
            "limit_amount": condition.limit_amount,
            "limit_unit": condition.limit_unit,
            "routing_decision_id": decision.id,
            "leader_id": decision.leader_id,
            "due_at": limit.due_at,
            "warn_at": limit.warn_at,
            "due_provisional": limit.provisional,
            "clock_stopped_at": None,
        },
        facts={"from_condition": case.condition_id},
    )


def merge(scene: Scene, given: Given) -> Changes:
    """The case goes into another one, which is answered for both."""
    into = scene.session.scalar(
        select(Case).join(CaseKey).where(
            CaseKey.number == given.into_number.strip(), Case.office_id == scene.case.office_id
        )
    )  # fmt: skip
    if into is None:
        raise BadInput(
            "into",
            _("There is no case %(number)s.", number=given.into_number[:40] or "—"),
            field="into_number",
        )
    if into.id == scene.case.id or into.state in FINAL_STATES:
        raise BadInput(
            "into",
            _(
                "%(number)s cannot take it: choose another case that is still open.",
                number=into.number,
            ),
            field="into_number",
        )
    return ended(scene, {"merged_into_id": into.id}, dropped(scene), {"into": into.number})


def split(scene: Scene, _given: Given) -> Changes:
    return Changes({"merged_into_id": None}, facts={"from": scene.case.merged_into_id})
