"""The administrator's pages for routing rules: the matrix, one rule, a trial, saving."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.audit import note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, Conflict, NotFound
from webapp.people.access import desk, may_see, present_person
from webapp.people.models import Role
from webapp.planning.forms import RuleForm
from webapp.planning.matrix import COLUMNS_A_PAGE, matrix
from webapp.planning.pages import Asked, rule_page, trial_page
from webapp.planning.queries import departments_of, leaders_of
from webapp.planning.scopes import area_scope, area_scopes, class_scope, class_scopes
from webapp.planning.trial import Change, try_change
from webapp.standards.service import office_standards, put_rule

blueprint = Blueprint("planning", __name__)


def asked() -> Asked:
    """The scope of this request; NotFound for an area outside the person's own."""
    session, person, given = current_session(), present_person(), request.values
    standards = office_standards(session, person.office)
    area = area_scope(session, person.office, given.get("area", ""))
    if not may_see(person, area.path):
        raise NotFound("area", _("This area is not one of yours."))
    of_class = class_scope(standards, given.get("of_class", ""))
    return Asked(person.office, standards, area, of_class)


def rule_form(scope: Asked, **given: object) -> RuleForm:
    session = current_session()
    people = leaders_of(session, scope.office)
    return RuleForm(departments_of(session, scope.office), people, **given)


@blueprint.get("/admin/routing")
@desk(Role.ADMINISTRATOR)
def routing() -> ResponseReturnValue:
    session, office = current_session(), present_person().office
    standards = office_standards(session, office)
    areas, page = area_scopes(session, office), request.args.get("page", 1, int)
    pages = max(1, -(-(len(areas) - 1) // COLUMNS_A_PAGE))
    page = min(max(page, 1), pages)
    first = 1 + (page - 1) * COLUMNS_A_PAGE
    shown = [areas[0], *areas[first : first + COLUMNS_A_PAGE]]
    blocks = matrix(standards, shown, class_scopes(standards))
    facts = {"areas": shown, "page": page, "pages": pages, "total": len(areas) - 1}
    return render_template("planning/routing.html", blocks=blocks, **facts)


@blueprint.get("/admin/routing/rule")
@desk(Role.ADMINISTRATOR)
def rule() -> ResponseReturnValue:
    scope = asked()
    form = rule_form(scope, formdata=None)
    facts = rule_page(current_session(), scope, form, request.args.get("again", type=int))
    return render_template("planning/rule.html", scope=scope, form=form, **facts)


@blueprint.get("/admin/routing/trial")
@desk(Role.ADMINISTRATOR)
def trial() -> ResponseReturnValue:
    scope = asked()
    form = rule_form(scope, formdata=request.args, meta={"csrf": False})
    if not form.validate():
        raise BadInput("rule", _("This rule names somebody who is not there (any more)."))
    change = Change(*scope.place, form.parties())
    outcome = try_change(current_session(), scope.office, change, now())
    facts = trial_page(scope, form, outcome)
    return render_template("planning/trial.html", scope=scope, form=form, trial=outcome, **facts)


@blueprint.post("/admin/routing/save")
@desk(Role.ADMINISTRATOR)
def save() -> ResponseReturnValue:
    session = current_session()
    begin_write(session)
    scope = asked()
    form = rule_form(scope)
    if not form.validate():
        raise BadInput("rule", _("This rule names somebody who is not there (any more)."))
    own = scope.standards.router.own_rule(*scope.place)
    if str(own.id if own else 0) != form.seen.data:
        words = _("Somebody changed this rule a moment ago. Look again, then repeat.")
        raise Conflict("stale", words)
    parties, person = form.parties(), present_person()
    put_rule(session, scope.office, *scope.place, parties, made_by=person, now=now())
    facts = {"area": scope.place[0], "of_class": scope.place[1]}
    note_change(session, "rule.save", scope.area.name, person, now(), new=facts)
    session.commit()
    flash(_("The rule is saved. New cases go by it; cases that are there stay."), "success")
    return redirect(url_for("planning.routing"))
