"""Crews of a department: kept by its head at `/desk/department/crews`, and by administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.audit import differences, note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, NotAllowed
from webapp.core.security import local_address
from webapp.desks.admin.forms import CrewForm
from webapp.desks.department.tabs import headed_departments
from webapp.people.access import desk, has_role, present_person
from webapp.people.departments import (
    add_crew,
    change_crew,
    crew_of,
    crews_of,
    department_of,
    members_of,
)
from webapp.people.models import Crew, Department, Role

blueprint = Blueprint("crews", __name__)
KEEPERS = (Role.DEPARTMENT_MEMBER, Role.ADMINISTRATOR)


def crew_facts(session: Session, department: Department) -> dict[str, Any]:
    """What the list of crews shows."""
    people = members_of(session, department)
    heads = {d.person_id for p in people for d in p.duties
             if d.is_head and d.department_id == department.id}  # fmt: skip
    return {
        "people": people,
        "heads": heads,
        "crews": crews_of(session, department),
        "crew_form": CrewForm(people, formdata=None),
    }


def kept_department(department_id: int) -> Department:
    """A department whose crews this person may change: its head, or an administrator."""
    person = present_person()
    found = department_of(current_session(), person.office, department_id)
    if has_role(person, Role.ADMINISTRATOR) or found.id in headed_departments(person):
        return found
    raise NotAllowed("head", _("Crews are kept by the head of the department."))


@blueprint.get("/desk/department/crews")
@desk(Role.DEPARTMENT_MEMBER)
def crews() -> ResponseReturnValue:
    session = current_session()
    headed = [kept_department(number) for number in headed_departments(present_person())]
    pages = [{"shown": one, **crew_facts(session, one)} for one in headed]
    return render_template("desks/admin/crews.html", pages=pages)


@blueprint.post("/departments/<int:department_id>/crews")
@desk(*KEEPERS)
def add(department_id: int) -> ResponseReturnValue:
    session = current_session()
    begin_write(session)
    department = kept_department(department_id)
    form = sent_form(department)
    crew = add_crew(session, department, form.name.data, form.members.data or [])
    note_change(session, "crew.add", crew, present_person(), now(), new=facts_of(crew))
    return done(department, _("The crew %(name)s is added.", name=crew.name))


@blueprint.post("/departments/<int:department_id>/crews/<int:crew_id>")
@desk(*KEEPERS)
def change(department_id: int, crew_id: int) -> ResponseReturnValue:
    session = current_session()
    begin_write(session)
    department = kept_department(department_id)
    crew, form = crew_of(session, department, crew_id), sent_form(department)
    before = facts_of(crew)
    change_crew(session, department, crew, form.name.data, form.members.data or [])
    old, new = differences(before, facts_of(crew))
    note_change(session, "crew.change", crew, present_person(), now(), old=old, new=new)
    return done(department, _("Saved."))


@blueprint.post("/departments/<int:department_id>/crews/<int:crew_id>/<any(close, open):turn>")
@desk(*KEEPERS)
def set_active(department_id: int, crew_id: int, turn: str) -> ResponseReturnValue:
    session = current_session()
    begin_write(session)
    department = kept_department(department_id)
    crew = crew_of(session, department, crew_id)
    crew.active = turn == "open"
    note_change(session, f"crew.{turn}", crew, present_person(), now())
    said = _("The crew %(name)s goes out again.") if crew.active else _(
        "The crew %(name)s is given no more cases; what it has it keeps.")  # fmt: skip
    return done(department, said % {"name": crew.name})


def sent_form(department: Department) -> CrewForm:
    form = CrewForm(members_of(current_session(), department))
    if not form.validate():
        words = " ".join(str(e) for errors in form.errors.values() for e in errors)
        raise BadInput("crew", words)
    return form


def facts_of(crew: Crew) -> dict[str, Any]:
    return {"name": crew.name, "members": [person.name for person in crew.members]}


def done(department: Department, words: str) -> ResponseReturnValue:
    current_session().commit()
    flash(words, "success")
    own = url_for("crews.crews")
    admin = url_for("departments.department", department_id=department.id)
    wished = request.form.get("back", "")
    return redirect(local_address(wished if wished in (own, admin) else own))
