"""`/desk/dispatch`: the desk itself, steps on many cases, and what stands beside a case."""

from flask import Blueprint, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.life.many import seen_cases
from webapp.cases.life.table import BY_STATE
from webapp.cases.queries import case_by_number
from webapp.cases.similar import history_of_place, similar_cases
from webapp.cases.vocabulary import Action
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput
from webapp.desks.dispatch.bulk import (
    MOST,
    UNDO_S,
    Chosen,
    chosen_by_number,
    chosen_by_tab,
    no_case,
    read_action,
    step_on_many,
    told,
)
from webapp.desks.dispatch.proposals import preview
from webapp.desks.dispatch.tabs import DESK, DISPATCH
from webapp.desks.frame import open_desk
from webapp.desks.frame.counts import newest_event, tab_counts
from webapp.desks.frame.pages import the_view
from webapp.people.access import desk, has_role, present_person
from webapp.people.models import Role

blueprint = Blueprint("dispatch_desk", __name__)

open_desk(blueprint, DESK, *DISPATCH)


@blueprint.post("/desk/dispatch/preview.json")
@desk(Role.DISPATCHER)
def show_preview() -> ResponseReturnValue:
    """What a step on many would do: how many go where, and which are left."""
    session, person, action = current_session(), present_person(), _action()
    chosen = _chosen()
    found = preview(session, seen_cases(session, chosen.ids), action, person, now())
    unknown = [{"number": number, "why": no_case(number)} for number in chosen.unknown]
    return jsonify(
        groups=[{"name": name, "count": len(cases)} for name, cases in found.groups.items()],
        left=[{"number": case.number, "why": why} for case, why in found.left] + unknown,
        going=[case.number for cases in found.groups.values() for case in cases],
        all=_of_all(),
        most=MOST,
    )


@blueprint.post("/desk/dispatch/steps.json")
@desk(Role.DISPATCHER)
def take_many() -> ResponseReturnValue:
    session, person, action = current_session(), present_person(), _action()
    begin_write(session)
    chosen = _chosen()
    outcome, groups = step_on_many(session, chosen, action, person, now())
    session.commit()
    undo = UNDO_S if action is Action.DISPATCH and outcome.events else 0
    return jsonify(
        **told(outcome, chosen),
        groups=[{"name": name, "count": count} for name, count in groups.items()],
        what=str(action.label),
        undo=undo,
    )


@blueprint.post("/desk/dispatch/undo.json")
@desk(Role.DISPATCHER)
def undo() -> ResponseReturnValue:
    """Take dispatches back, as long as nobody has taken the case on."""
    session, person = current_session(), present_person()
    begin_write(session)
    chosen = chosen_by_number(session, person, _numbers())
    outcome, _groups = step_on_many(session, chosen, Action.UNDO_DISPATCH, person, now())
    session.commit()
    return jsonify(**told(outcome, chosen), what=str(Action.UNDO_DISPATCH.label))


@blueprint.get("/desk/dispatch/beside/<number>")
@desk(*DISPATCH)
def beside(number: str) -> ResponseReturnValue:
    """Similar cases, the history of the place, and the grids that nearly won."""
    session, person = current_session(), present_person()
    case = case_by_number(session, person, number)
    return render_template(
        "desks/beside.html",
        case=case,
        mergeable=(case.state, Action.MERGE) in BY_STATE and has_role(person, Role.DISPATCHER),
        similar=similar_cases(session, case, person, person.office),
        history=history_of_place(session, case, person),
    )


@blueprint.get("/unplaced")
@desk(*DISPATCH)
def unplaced() -> ResponseReturnValue:
    """Where the list of these was, before it became a tab."""
    return redirect(f"{DESK.path}?tab=unplaced", 301)


def _action() -> Action:
    return read_action(request.form.get("action", ""))


def _chosen() -> Chosen:
    if request.form.get("all"):
        return chosen_by_tab(current_session(), the_view(), request.args.get("tab", ""))
    return chosen_by_number(current_session(), present_person(), _numbers())


def _numbers() -> dict[str, int | None]:
    """`numbers` as a script sends them: `T261124-0001.3` with the version seen, or without."""
    given = request.form.get("numbers", "").split()
    parts = [word.partition(".") for word in given]
    try:
        return {number: int(version) if version else None for number, _dot, version in parts}
    except ValueError:
        raise BadInput("numbers", _("These are no numbers of cases.")) from None


def _of_all() -> int | None:
    """How many the whole tab holds, where all of it was chosen."""
    if not request.form.get("all"):
        return None
    session, view = current_session(), the_view()
    tab = DESK.tab(request.args.get("tab", ""))
    return tab_counts(session, DESK, view, newest_event(session))[tab.name]
