"""What is typed on the pages of departments and crews."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import SelectChoice

from webapp.core.database import current_session
from webapp.people.areas import path_of
from webapp.people.departments import free_code, free_name
from webapp.people.forms import NEEDED, SHORT, beside_the_field
from webapp.people.models import Department, DepartmentKind, Office, Person

KINDS = {
    DepartmentKind.OFFICE: _l("office"),
    DepartmentKind.CENTRE: _l("centre"),
    DepartmentKind.COMMUNITY: _l("community's committee"),
}


class NameForm(FlaskForm):
    """Another name for a department."""

    name = StringField(_l("Name of the department"), [NEEDED, SHORT])

    def __init__(self, department: Department, **given: Any) -> None:
        super().__init__(obj=department, **given)
        self.department = department

    def validate_name(self, field: Field) -> None:
        office = self.department.office
        beside_the_field(free_name, current_session(), office, field.data, self.department)


class DepartmentForm(FlaskForm):
    """A new department."""

    name = StringField(_l("Name of the department"), [NEEDED, SHORT])
    code = StringField(
        _l("Code"), [NEEDED, SHORT],
        description=_l("For a community's committee the code of its community."),
    )  # fmt: skip
    kind = SelectField(
        _l("Kind of department"), choices=[SelectChoice(k, label) for k, label in KINDS.items()]
    )

    def __init__(self, office: Office, **given: Any) -> None:
        super().__init__(**given)
        self.office = office

    def validate_name(self, field: Field) -> None:
        beside_the_field(free_name, current_session(), self.office, field.data)

    def validate_code(self, field: Field) -> None:
        beside_the_field(free_code, current_session(), self.office, field.data)
        if self.kind.data == DepartmentKind.COMMUNITY:
            beside_the_field(path_of, current_session(), self.office, field.data)


class CrewForm(FlaskForm):
    """A crew's name and who goes out with it."""

    name = StringField(_l("Name of the crew"), [NEEDED, SHORT])
    members = SelectMultipleField(
        _l("Who goes out with it"),
        coerce=int,
        validate_choice=False,  # who is none of the department's is refused in words
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )

    def __init__(self, people: list[Person], **given: Any) -> None:
        super().__init__(**given)
        self.members.choices = [SelectChoice(person.id, person.name) for person in people]
