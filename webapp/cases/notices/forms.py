"""What people type about notices: what they want to have, robots, wordings."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.cases.notices.spreading import ADDRESS
from webapp.cases.notices.vocabulary import STAFF_KINDS, RobotKind
from webapp.people.models import Department

NEEDED = InputRequired(_l("This is needed."))
KINDS = [SelectChoice(kind.value, kind.label) for kind in STAFF_KINDS]


class ChoiceForm(FlaskForm):
    """What of the inbox a person wants to have elsewhere, too."""

    email = StringField(
        _l("E-mail address"), [Optional(), Length(max=200, message=_l("At most 200 characters."))]
    )
    mail = SelectMultipleField(_l("by e-mail"), choices=KINDS)
    robot = SelectMultipleField(_l("called in the group chat"), choices=KINDS)

    def validate_email(self, field: Field) -> None:
        if not ADDRESS.fullmatch(field.data.strip()):
            raise ValidationError(_l("This is no e-mail address. Write it as name@example.cn"))

    def validate_mail(self, field: Field) -> None:
        if field.data and not (self.email.data or "").strip():
            raise ValidationError(_l("Give an e-mail address for what is to come by e-mail."))


class RobotForm(FlaskForm):
    kind = SelectField(
        _l("Whose robot"), [NEEDED],
        choices=[SelectChoice(kind.value, kind.label) for kind in RobotKind],
    )  # fmt: skip
    name = StringField(
        _l("Name of the robot"),
        [NEEDED, Length(max=40, message=_l("At most 40 characters."))],
        description=_l("Letters and digits, such as SANITATION: the address is found under it."),
    )
    department = SelectField(
        _l("Department"), description=_l("Empty: the group hears of all cases of the office.")
    )

    def __init__(self, departments: list[Department], **given: Any) -> None:
        super().__init__(**given)
        self.departments = {department.code: department for department in departments}
        named = [SelectChoice(department.code, department.name) for department in departments]
        self.department.choices = [SelectChoice("", "—"), *named]

    def validate_name(self, field: Field) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]*", field.data.strip()):
            raise ValidationError(
                _l("Letters, digits, - and _ only, a letter first: it names a variable.")
            )


class WordingForm(FlaskForm):
    """A wording; what is wrong with it is said by `texts.check_wording`."""

    subject = StringField(_l("Subject"))
    body = TextAreaField(_l("Text"))
