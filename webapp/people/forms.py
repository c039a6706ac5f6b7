"""What people type in this room, and what is wrong with it, beside the field."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError

from webapp.core.database import current_session
from webapp.core.errors import WanggeError
from webapp.people import service
from webapp.people.access import may_see
from webapp.people.areas import path_of
from webapp.people.models import Department, Person, Role
from webapp.people.passwords import MAX_LENGTH, MIN_LENGTH

NEEDED = InputRequired(_l("This is needed."))
SHORT = Length(max=64, message=_l("At most 64 characters."))
PASSWORD_SIZE = Length(max=MAX_LENGTH, message=_l("At most 200 characters."))


def beside_the_field(check: Callable[..., Any], *given: Any) -> Any:
    """What a check of the service says, said at the field that caused it."""
    try:
        return check(*given)
    except WanggeError as error:
        raise ValidationError(error.message) from error


class SignInForm(FlaskForm):
    username = StringField(_l("User name"), [NEEDED, SHORT])
    password = PasswordField(_l("Password"), [NEEDED, PASSWORD_SIZE])
    remember = BooleanField(_l("Stay signed in on this device for 14 days"))


class PasswordForm(FlaskForm):
    old = PasswordField(_l("Present password"), [NEEDED, PASSWORD_SIZE])
    new = PasswordField(
        _l("New password"),
        [NEEDED, Length(MIN_LENGTH, MAX_LENGTH, _l("10 to 200 characters."))],
        description=_l("At least 10 characters. Several unrelated words are good."),
    )
    again = PasswordField(
        _l("New password again"), [NEEDED, EqualTo("new", _l("The two are not the same."))]
    )

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person

    def validate_old(self, field: Field) -> None:
        beside_the_field(service.check_own_password, self.person, field.data)

    def validate_new(self, field: Field) -> None:
        beside_the_field(service.check_new_password, self.person, field.data)


class DutyForm(FlaskForm):
    """A duty that `by` gives: inside an area that they look after themselves."""

    role = SelectField(_l("Role"), [NEEDED])
    area = StringField(
        _l("Area"),
        [SHORT],
        description=_l("A community or grid, by code or name. Empty: the whole office."),
    )
    department = SelectField(_l("Department"), description=_l("For department members only."))

    def __init__(self, by: Person, departments: list[Department], **given: Any) -> None:
        super().__init__(**given)
        self.by = by
        self.departments = {department.code: department for department in departments}
        self.role.choices = [SelectChoice(role.value, role.label) for role in Role]
        named = [SelectChoice(department.code, department.name) for department in departments]
        self.department.choices = [SelectChoice("", "—"), *named]
        self.area_path = by.office.area_path

    def validate_area(self, field: Field) -> None:
        self.area_path = beside_the_field(
            path_of, current_session(), self.by.office, field.data or ""
        )
        if not may_see(self.by, self.area_path):
            raise ValidationError(_l("This area lies outside yours."))

    def validate_department(self, field: Field) -> None:
        member = self.role.data == Role.DEPARTMENT_MEMBER
        if member and not field.data:
            raise ValidationError(_l("A department member needs a department."))
        if field.data and not member:
            raise ValidationError(_l("Only a department member has a department."))

    def duty(self) -> dict[str, Any]:
        """The duty as the service takes it."""
        return {
            "role": Role(self.role.data),
            "area_path": self.area_path,
            "department": self.departments.get(self.department.data),
        }


class PersonForm(DutyForm):
    name = StringField(_l("Name"), [NEEDED, SHORT])
    username = StringField(
        _l("User name"), [NEEDED, SHORT], description=_l("Letters, digits and . _ - @")
    )
    phone = StringField(_l("Phone"), [Optional(), SHORT])

    def validate_username(self, field: Field) -> None:
        beside_the_field(service.check_username, current_session(), field.data)


class DetailsForm(FlaskForm):
    name = StringField(_l("Name"), [NEEDED, SHORT])
    phone = StringField(_l("Phone"), [Optional(), SHORT])
