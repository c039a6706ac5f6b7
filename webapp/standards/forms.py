"""What an administrator types in this room."""

import re
import secrets
import time
from datetime import datetime
from itertools import chain
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileField, FileRequired
from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from webapp.core.errors import BadInput, NotFound
from webapp.people.models import Office
from webapp.standards.service import StandardsReport, import_standards

NEEDED = InputRequired(_l("This is needed."))
ENCODINGS = [
    SelectChoice("", "UTF-8"),
    SelectChoice("gb18030", "GBK / GB18030"),
    SelectChoice("big5", "Big5"),
    SelectChoice("utf-16", "UTF-16"),
]
KEPT_FOR_S = 24 * 3600


class StandardsForm(FlaskForm):
    """A standards table on its way in, and how it is to be read."""

    encoding = SelectField(
        _l("Encoding"), choices=ENCODINGS, description=_l("Of a CSV file; Excel files say it.")
    )
    valid_from = DateField(
        _l("Valid from"),
        [Optional()],
        description=_l("For rows that name no day of their own."),
    )

    def read(
        self,
        session: Session,
        office: Office,
        path: Path,
        name: str,
        now: datetime,
        **options: object,
    ) -> StandardsReport | None:
        """What the table changes; None, with the form's errors, where it cannot be used."""
        try:
            return import_standards(
                session,
                office,
                path,
                now,
                self.valid_from.data,
                encoding=self.encoding.data or None,
                file_name=name,
                **options,  # type: ignore[arg-type]
            )
        except BadInput as error:
            self.form_errors.append(error.message)
            self.problems = error.detail.get("problems", [])
            self.encoding.data = error.detail.get("proposal", self.encoding.data)
            return None

    problems: object = ()


class UploadForm(StandardsForm):
    file = FileField(
        _l("File"),
        [
            FileRequired(_l("Choose a file.")),
            FileAllowed(["csv", "xlsx", "xlsm", "xls", "ods"], _l("A CSV or Excel file, please.")),
        ],
        description=_l("CSV or Excel with the columns of the table below."),
    )

    def keep(self) -> Path:
        """Put the file aside under a name of ours until it is applied, for a day at most."""
        folder = upload_folder()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if old.stat().st_mtime < time.time() - KEPT_FOR_S:
                old.unlink(missing_ok=True)
        suffix = Path(self.file.data.filename).suffix.lower()
        path = folder / f"{secrets.token_hex(16)}{suffix}"
        self.file.data.save(path)
        return path


class ApplyForm(StandardsForm):
    """The same table again, by the name under which it was put aside."""

    kept = HiddenField(validators=[Regexp(r"[0-9a-f]{32}\.(csv|xlsx|xlsm|xls|ods)\Z")])
    name = HiddenField(validators=[Length(min=1, max=200)])

    def path(self) -> Path:
        kept = self.kept.data or ""
        path = upload_folder() / kept
        if not re.fullmatch(r"[0-9a-f]{32}\.[a-z]+", kept) or not path.exists():
            raise NotFound("upload", str(_l("This file is no longer here. Upload it again.")))
        return path


class DayForm(FlaskForm):
    """The office's own word on a day."""

    day = DateField(_l("Day"), [NEEDED])
    working = RadioField(
        _l("This day is"),
        [NEEDED],
        choices=[SelectChoice("1", _l("a working day")), SelectChoice("0", _l("a day off"))],
        default="0",
    )
    note = StringField(_l("Why"), [Length(max=100, message=_l("At most 100 characters."))])

    def back(self) -> UploadForm:
        """An empty form that says what was wrong with this one."""
        form = UploadForm(formdata=None)
        form.form_errors = [*self.form_errors, *chain.from_iterable(f.errors for f in self)]
        return form


def upload_folder() -> Path:
    folder: Path = current_app.config["WANGGE"].upload_dir
    return folder / "standards"
