"""The administrator's pages for case classes and for the work calendar."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.core.audit import note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.people.access import desk, present_person
from webapp.people.models import Role
from webapp.standards import service
from webapp.standards.forms import ApplyForm, DayForm, UploadForm
from webapp.standards.months import asked_year, year_page
from webapp.standards.queries import standard_lines
from webapp.standards.wording import FACTS

blueprint = Blueprint("standards", __name__)

REFUSED = 422  # a form that came back


@blueprint.get("/admin/standards")
@desk(Role.ADMINISTRATOR)
def standards() -> ResponseReturnValue:
    return standards_page(UploadForm())


@blueprint.post("/admin/standards/preview")
@desk(Role.ADMINISTRATOR)
def preview_standards() -> ResponseReturnValue:
    form, session, office = UploadForm(), current_session(), present_person().office
    if not form.validate():
        return standards_page(form), REFUSED
    kept, name = form.keep(), form.file.data.filename
    report = form.read(session, office, kept, name, now(), dry_run=True)
    if report is None:
        return standards_page(form), REFUSED
    facts = {"kept": kept.name, "name": name, "encoding": form.encoding.data}
    apply = ApplyForm(formdata=None, data=facts | {"valid_from": form.valid_from.data})
    return render_template("standards/preview.html", report=report, form=apply, fact_names=FACTS)


@blueprint.post("/admin/standards/apply")
@desk(Role.ADMINISTRATOR)
def apply_standards() -> ResponseReturnValue:
    form, session, person = ApplyForm(), current_session(), present_person()
    path, valid = form.path(), form.validate()
    begin_write(session)
    name = form.name.data
    if not valid or not form.read(session, person.office, path, name, now(), made_by=person):
        return standards_page(form.back()), REFUSED
    note_change(session, "standards.apply", name, person, now())
    session.commit()
    path.unlink()
    flash(_("%(file)s is taken in.", file=name), "success")
    return redirect(url_for("standards.standards"))


def standards_page(form: UploadForm) -> str:
    session, office = current_session(), present_person().office
    standing = service.office_standards(session, office)
    words = request.args.get("q", "")
    lines = standard_lines(standing, standing.today(now()), words)
    return render_template("standards/standards.html", lines=lines, words=words, form=form)


@blueprint.get("/admin/calendar")
@desk(Role.ADMINISTRATOR)
def calendar() -> ResponseReturnValue:
    return calendar_page(DayForm())


@blueprint.post("/admin/calendar")
@desk(Role.ADMINISTRATOR)
def set_day() -> ResponseReturnValue:
    form, session, office = DayForm(), current_session(), present_person().office
    if not form.validate():
        return calendar_page(form), REFUSED
    begin_write(session)
    service.set_day(session, office, form.day.data, form.working.data == "1", form.note.data)
    new = {"works": form.working.data == "1", "note": form.note.data}
    note_change(session, "calendar.set", form.day.data, present_person(), now(), new=new)
    session.commit()
    flash(_("The calendar is changed. New deadlines keep to it."), "success")
    return redirect(url_for("standards.calendar", year=form.day.data.year))


@blueprint.post("/admin/calendar/<isodate:day>/remove")
@desk(Role.ADMINISTRATOR)
def remove_day(day: date) -> ResponseReturnValue:
    session, office = current_session(), present_person().office
    begin_write(session)
    service.remove_day(session, office, day)
    note_change(session, "calendar.remove", day, present_person(), now())
    session.commit()
    flash(_("The announced calendar holds again for this day."), "success")
    return redirect(url_for("standards.calendar", year=day.year))


def calendar_page(form: DayForm) -> str:
    session, office = current_session(), present_person().office
    today = service.office_standards(session, office).today(now())
    page = year_page(session, office, asked_year(request.args.get("year"), today))
    return render_template("standards/calendar.html", page=page, today=today, form=form)
