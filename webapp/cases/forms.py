"""The report form: what people type, and what of it cannot be right whatever it means."""

import math
import uuid
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, FloatField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.meta import DefaultMeta
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from gis.coordinates import Datum, parse_coordinates
from gis.errors import GeoDataError
from webapp.cases.photos import ReadPhoto
from webapp.cases.service import ReportDraft
from webapp.cases.vocabulary import PlacedBy, Source
from webapp.cases.words import DATUM_LABELS
from webapp.core.geowords import words_of
from webapp.people.access import Caller
from webapp.people.models import Role

DATUMS = [SelectChoice(datum, label) for datum, label in DATUM_LABELS.items()]
BY_THE_REPORTER = (PlacedBy.DEVICE, PlacedBy.MAP, PlacedBy.TYPED, PlacedBy.PHOTO)


def plain(text: str | None) -> str:
    """Typed text without space around it, and without NUL, which PostgreSQL cannot keep."""
    return (text or "").replace("\x00", "").strip()


class ReportForm(FlaskForm):
    """One form for all; scripts cut it into three steps and send the place in `lat` and `lon`."""

    class Meta(FlaskForm.Meta):
        csrf = False  # core.security checks the token of every form; none of its own is needed

        def get_translations(self, form: FlaskForm) -> Any:
            """As WTForms keeps them; Flask-WTF would read the file again for every request."""
            self.locales = [str(get_locale())]
            return DefaultMeta.get_translations(self, form)

    # filled in by the page itself, so without labels
    submission_uuid = HiddenField("", filters=[plain])
    lat = FloatField("", [Optional()])
    lon = FloatField("", [Optional()])
    accuracy_m = FloatField("", [Optional()])
    placed_by = SelectField("", choices=list(BY_THE_REPORTER), default=PlacedBy.TYPED)
    position = StringField(
        _l("Coordinates"),
        [Length(max=100, message=_l("At most 100 characters."))],
        filters=[plain],
        description=_l("Latitude, then longitude, such as 38.28 N, 106.25 E"),
    )
    datum = SelectField(_l("They come from"), choices=DATUMS, default=Datum.WGS84)
    condition = StringField(
        _l("What is wrong"), [InputRequired(_l("Choose what is wrong."))], filters=[plain]
    )
    description = TextAreaField(
        _l("In your words"),
        [Length(max=2000, message=_l("At most 2,000 characters."))],
        filters=[plain],
    )
    address = StringField(
        _l("How to find it"),
        [Length(max=200, message=_l("At most 200 characters."))],
        filters=[plain],
        description=_l("A house number, a gate, a floor"),
    )
    name = StringField(
        _l("Your name"), [Length(max=60, message=_l("At most 60 characters."))], filters=[plain]
    )
    contact = StringField(
        _l("Phone or e-mail"),
        [Length(max=100, message=_l("At most 100 characters."))],
        filters=[plain],
    )
    photos = MultipleFileField(_l("Photos"))

    place: tuple[float, float] | None = None  # longitude, latitude, once validated

    def validate_submission_uuid(self, field: Field) -> None:
        try:
            field.data = str(uuid.UUID(field.data))
        except ValueError as error:
            raise ValidationError(_l("Load this page again, then send it.")) from error

    def validate_accuracy_m(self, field: Field) -> None:
        if field.data is not None and not 0 <= field.data < math.inf:
            raise ValidationError(_l("The accuracy must be a number of metres, 0 or more."))

    def validate_position(self, field: Field) -> None:
        """The place is the point of the map, or else what was typed."""
        if self.lat.data is not None and self.lon.data is not None:
            self.place = self.lon.data, self.lat.data
            return
        if not field.data:
            raise ValidationError(_l("Say where it is: tap the map or type coordinates."))
        try:
            self.place = parse_coordinates(field.data)
        except GeoDataError as error:
            raise ValidationError(words_of(error)) from error
        self.placed_by.data = PlacedBy.TYPED

    def files(self) -> list[tuple[str, Any]]:
        """Name and stream of each file that was chosen."""
        chosen = [f for f in self.photos.data or [] if isinstance(f, FileStorage) and f.filename]
        return [(str(file.filename)[:80], file.stream) for file in chosen]

    def draft(
        self, caller: Caller | None, token: str | None, photos: list[ReadPhoto]
    ) -> ReportDraft:
        """What is to become a case; call it on a form that is valid."""
        assert self.place is not None  # noqa: S101 - `validate` has seen to it
        return ReportDraft(
            condition_code=self.condition.data,
            lon=self.place[0],
            lat=self.place[1],
            submission_uuid=self.submission_uuid.data,
            source=source_of(caller),
            datum=Datum(self.datum.data),
            accuracy_m=self.accuracy_m.data,
            placed_by=PlacedBy(self.placed_by.data),
            description=self.description.data,
            address=self.address.data,
            name=self.name.data,
            contact=self.contact.data,
            language=str(get_locale()),
            person_id=caller.id if caller else None,
            follow_token=token,
            photos=tuple(photos),
        )


def source_of(caller: Caller | None) -> Source:
    if caller is None:
        return Source.PUBLIC
    return Source.GRID_MANAGER if Role.GRID_MANAGER in caller.roles else Source.STAFF
