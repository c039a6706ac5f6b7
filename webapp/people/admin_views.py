"""The administrator's pages: who is in the office, what their duties are, who may sign in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.audit import differences, note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import NotFound
from webapp.people import passwords, queries, service
from webapp.people.access import desk, present_person
from webapp.people.areas import office_areas
from webapp.people.departments import set_head as name_head
from webapp.people.forms import DetailsForm, DutyForm, PersonForm
from webapp.people.models import Duty, Person, Role

blueprint = Blueprint("people_admin", __name__, url_prefix="/admin/people")
REFUSED = 422


def named_person(person_id: int) -> Person:
    return queries.person_of(current_session(), present_person().office, person_id)


def area_names(people: list[Person]) -> dict[str, str]:
    paths = {duty.area_path for person in people for duty in person.duties}
    return office_areas().names(current_session(), paths)


def duty_form(kind: type[DutyForm], **given: Any) -> Any:
    by = present_person()
    return kind(by, queries.departments_of(current_session(), by.office), **given)


def area_choices() -> list[Any]:
    return office_areas().choices(current_session(), present_person().office)


@blueprint.get("")
@desk(Role.ADMINISTRATOR)
def people() -> ResponseReturnValue:
    search = request.args.get("q", "").strip()
    found = queries.people_of(current_session(), present_person().office, search)
    names = area_names(found)
    return render_template("people/people.html", people=found, area_names=names, search=search)


@blueprint.route("/add", methods=["GET", "POST"])
@desk(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    form, database = duty_form(PersonForm), current_session()
    if not form.validate_on_submit():
        status = REFUSED if form.is_submitted() else 200
        return render_template("people/add.html", form=form, areas=area_choices()), status
    password = passwords.make_password()
    begin_write(database)
    person = service.add_person(
        database,
        present_person().office,
        now(),
        username=form.username.data,
        name=form.name.data,
        phone=form.phone.data,
        password=password,
        must_change_password=True,
        **form.duty(),
    )
    note(
        "person.add",
        person,
        new={"username": person.username, **service.duty_facts(person.duties[0])},
    )
    database.commit()
    return show_password(person, password)


def note(verb: str, person: Person, **changed: dict[str, Any]) -> None:
    note_change(current_session(), verb, person, present_person(), now(), **changed)


def show_password(person: Person, password: str) -> ResponseReturnValue:
    """Shown this once: it is kept nowhere, so the page cannot be asked for again."""
    page = render_template("people/new_password.html", shown=person, password=password)
    return page, 200, {"Cache-Control": "no-store"}


def show_person(person: Person, **forms: Any) -> ResponseReturnValue:
    page = {
        "duty_form": forms.get("duty_form") or duty_form(DutyForm, formdata=None),
        "details_form": forms.get("details_form") or DetailsForm(formdata=None, obj=person),
    }
    names, areas = area_names([person]), area_choices()
    status = REFUSED if forms else 200
    return render_template(
        "people/person.html", shown=person, area_names=names, areas=areas, **page
    ), status


@blueprint.get("/<int:person_id>")
@desk(Role.ADMINISTRATOR)
def person(person_id: int) -> ResponseReturnValue:
    return show_person(named_person(person_id))


@blueprint.post("/<int:person_id>/details")
@desk(Role.ADMINISTRATOR)
def change_details(person_id: int) -> ResponseReturnValue:
    found, form = named_person(person_id), DetailsForm()
    if not form.validate():
        return show_person(found, details_form=form)
    begin_write(current_session())
    before = {"name": found.name, "phone": bool(found.phone)}
    found.name, found.phone = form.name.data.strip(), form.phone.data or None
    old, new = differences(before, {"name": found.name, "phone": bool(found.phone)})
    note("person.change", found, old=old, new=new)
    return done(found, _("Saved."))


@blueprint.post("/<int:person_id>/duties")
@desk(Role.ADMINISTRATOR)
def add_duty(person_id: int) -> ResponseReturnValue:
    found, form = named_person(person_id), duty_form(DutyForm)
    if not form.validate():
        return show_person(found, duty_form=form)
    begin_write(current_session())
    note("duty.add", found, new=service.duty_facts(service.add_duty(found, **form.duty())))
    return done(found, _("The duty is given."))


def named_duty(person: Person, duty_id: int) -> Duty:
    duty = next((duty for duty in person.duties if duty.id == duty_id), None)
    if duty is None:
        raise NotFound("duty", _("This duty is no longer there."))
    return duty


@blueprint.post("/<int:person_id>/duties/<int:duty_id>/head")
@desk(Role.ADMINISTRATOR)
def set_head(person_id: int, duty_id: int) -> ResponseReturnValue:
    found = named_person(person_id)
    duty = named_duty(found, duty_id)
    begin_write(current_session())
    name_head(duty, request.form.get("is_head") == "1")
    facts = {**service.duty_facts(duty), "is_head": duty.is_head}
    note("duty.head", found, new=facts)
    return done(found, _("Saved."))


@blueprint.post("/<int:person_id>/duties/<int:duty_id>/remove")
@desk(Role.ADMINISTRATOR)
def remove_duty(person_id: int, duty_id: int) -> ResponseReturnValue:
    found = named_person(person_id)
    duty = named_duty(found, duty_id)
    begin_write(current_session())
    service.remove_duty(found, duty, present_person())
    note("duty.remove", found, old=service.duty_facts(duty))
    return done(found, _("The duty is taken away."))


@blueprint.post("/<int:person_id>/password")
@desk(Role.ADMINISTRATOR)
def reset_password(person_id: int) -> ResponseReturnValue:
    found = named_person(person_id)
    begin_write(current_session())
    password = service.reset_password(found)
    note("person.password", found)
    current_session().commit()
    return show_password(found, password)


@blueprint.post("/<int:person_id>/close")
@desk(Role.ADMINISTRATOR)
def close(person_id: int) -> ResponseReturnValue:
    found = named_person(person_id)
    begin_write(current_session())
    service.set_active(found, False, present_person())
    note("person.close", found)
    return done(found, _("The account of %(name)s is closed.", name=found.name))


@blueprint.post("/<int:person_id>/open")
@desk(Role.ADMINISTRATOR)
def open_again(person_id: int) -> ResponseReturnValue:
    found = named_person(person_id)
    begin_write(current_session())
    service.set_active(found, True, present_person())
    note("person.open", found)
    return done(found, _("The account of %(name)s is open again.", name=found.name))


def done(person: Person, words: str) -> ResponseReturnValue:
    current_session().commit()
    flash(words, "success")
    return redirect(url_for("people_admin.person", person_id=person.id))
