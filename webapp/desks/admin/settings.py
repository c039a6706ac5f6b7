"""`/admin/settings`: the numbers of the office that are not in the law of the field."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.cases.life.clocks import STAGE_LIMITS
from webapp.cases.notices.weekly import WEEKDAY
from webapp.core.audit import differences, note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.desks.admin.settings_form import (
    HOTSPOT_WEEKS,
    NUMBERS,
    STAGE_LABELS,
    WEEKDAYS,
    BaseSettingsForm,
    SettingsForm,
    default_words,
    typed,
)
from webapp.people.access import desk, present_person
from webapp.people.models import Office, Role
from webapp.standards.wording import limit_words

blueprint = Blueprint("office_settings", __name__)
REFUSED = 422  # a form that came back


@blueprint.get("/admin/settings")
@desk(Role.ADMINISTRATOR)
def settings() -> ResponseReturnValue:
    office = present_person().office
    return settings_page(SettingsForm(formdata=None, data=typed(office.settings)))


@blueprint.post("/admin/settings")
@desk(Role.ADMINISTRATOR)
def change() -> ResponseReturnValue:
    form, session, person = SettingsForm(), current_session(), present_person()
    if not form.validate():
        return settings_page(form), REFUSED
    begin_write(session)
    office = session.get_one(Office, person.office_id, populate_existing=True)
    old, new = differences(office.settings, form.settings(office.settings))
    if old or new:
        office.settings = form.settings(office.settings)
        office.revision += 1
        note_change(session, "settings.change", office, person, now(), old=old, new=new)
    session.commit()
    flash(_("The settings are saved. They hold from the next step on."), "success")
    return redirect(url_for("office_settings.settings"))


def settings_page(form: BaseSettingsForm) -> str:
    return render_template(
        "desks/admin/settings.html",
        form=form,
        stages=STAGE_LABELS,
        usual={name: limit_words(*limit) for name, limit in STAGE_LIMITS.items()},
        numbers=[(number, default_words(number)) for number in NUMBERS],
        hotspot_weeks=(HOTSPOT_WEEKS, default_words(HOTSPOT_WEEKS)),
        usual_weekday=_("usually %(day)s", day=WEEKDAYS[WEEKDAY]),
        office=present_person().office,
    )
