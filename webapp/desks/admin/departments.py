"""`/admin/departments`: bodies that answer for cases come, are renamed, close down, open again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.life.closing import close_department
from webapp.core.audit import note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.desks.admin.closing import what_closing_does
from webapp.desks.admin.crews import crew_facts
from webapp.desks.admin.forms import KINDS, DepartmentForm, NameForm
from webapp.desks.admin.queries import department_lines
from webapp.people.access import desk, present_person
from webapp.people.departments import (
    add_department,
    department_of,
    rename_department,
    reopen_department,
)
from webapp.people.models import Department, DepartmentKind, Role

blueprint = Blueprint("departments", __name__, url_prefix="/admin/departments")
REFUSED = 422  # a form that came back


def named(department_id: int) -> Department:
    return department_of(current_session(), present_person().office, department_id)


@blueprint.get("")
@desk(Role.ADMINISTRATOR)
def departments() -> ResponseReturnValue:
    return list_page(DepartmentForm(present_person().office, formdata=None))


@blueprint.post("")
@desk(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    session, person = current_session(), present_person()
    form = DepartmentForm(person.office)
    if not form.validate():
        return list_page(form), REFUSED
    begin_write(session)
    kind = DepartmentKind(form.kind.data)
    made = add_department(session, person.office, form.code.data, form.name.data, kind)
    note_change(session, "department.add", made, person, now(), new={"code": made.code})
    session.commit()
    flash(_("%(name)s is added.", name=made.name), "success")
    return redirect(url_for("departments.department", department_id=made.id))


@blueprint.get("/<int:department_id>")
@desk(Role.ADMINISTRATOR)
def department(department_id: int) -> ResponseReturnValue:
    found = named(department_id)
    return department_page(found, NameForm(found, formdata=None))


@blueprint.post("/<int:department_id>/name")
@desk(Role.ADMINISTRATOR)
def rename(department_id: int) -> ResponseReturnValue:
    session, found = current_session(), named(department_id)
    form = NameForm(found)
    if not form.validate():
        return department_page(found, form), REFUSED
    begin_write(session)
    old = found.name
    rename_department(session, found, form.name.data)
    changed = {"old": {"name": old}, "new": {"name": found.name}}
    note_change(session, "department.rename", found, present_person(), now(), **changed)
    return done(found, _("Saved."))


@blueprint.post("/<int:department_id>/close")
@desk(Role.ADMINISTRATOR)
def close(department_id: int) -> ResponseReturnValue:
    session, person = current_session(), present_person()
    begin_write(session)
    found = named(department_id)
    back = close_department(session, found, person, now())
    note_change(session, "department.close", found, person, now(), new={"cases_back": back})
    words = _("%(name)s is closed down. Cases that went back to the dispatcher: %(count)d.",
              name=found.name, count=back)  # fmt: skip
    return done(found, words)


@blueprint.post("/<int:department_id>/open")
@desk(Role.ADMINISTRATOR)
def open_again(department_id: int) -> ResponseReturnValue:
    session = current_session()
    begin_write(session)
    found = named(department_id)
    reopen_department(found)
    note_change(session, "department.open", found, present_person(), now())
    return done(found, _("%(name)s works again.", name=found.name))


def list_page(form: DepartmentForm) -> str:
    lines = department_lines(current_session(), present_person().office)
    return render_template("desks/admin/departments.html", lines=lines, form=form, kinds=KINDS)


def department_page(shown: Department, form: NameForm) -> str:
    session = current_session()
    return render_template(
        "desks/admin/department.html",
        shown=shown,
        form=form,
        kinds=KINDS,
        closing=what_closing_does(session, shown),
        **crew_facts(session, shown),
    )


def done(found: Department, words: str) -> ResponseReturnValue:
    current_session().commit()
    flash(words, "success")
    return redirect(url_for("departments.department", department_id=found.id))
