"""The short form of what was mended on the spot."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.cases.forms import ReportForm, plain


class MendedForm(ReportForm):
    """A report's form with what was done and how it looks now."""

    done = TextAreaField(
        _l("What you did"),
        [
            DataRequired(_l("Say what you did.")),
            Length(max=2000, message=_l("At most 2,000 characters.")),
        ],
        filters=[plain],
    )
    after = MultipleFileField(_l("Photos after"))

    def validate_photos(self, field: Field) -> None:
        if not self.files():
            raise ValidationError(_l("Show how it was before: one photo at least."))

    def validate_after(self, field: Field) -> None:
        if not self.after_files():
            raise ValidationError(_l("Show how it is now: one photo at least."))

    def after_files(self) -> list[tuple[str, Any]]:
        """Name and stream of each photo taken afterwards."""
        chosen = [f for f in self.after.data or [] if isinstance(f, FileStorage) and f.filename]
        return [(str(file.filename)[:80], file.stream) for file in chosen]
