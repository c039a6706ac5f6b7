"""What an administrator says on the pages of boundaries."""

from datetime import date
from itertools import starmap
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from gis.crs import CrsProposal
from gis.datums import Datum
from gis.inspection import FileInspection
from webapp.places.models import AreaLevel
from webapp.places.rules import is_official
from webapp.places.uploads import SUFFIXES

NEEDED = InputRequired(_l("This is needed."))
OTHER = "other"
DATUM_LABELS = {
    Datum.WGS84: _l("not shifted (WGS-84 or CGCS2000)"),
    Datum.GCJ02: _l("GCJ-02 (Amap, Tencent)"),
    Datum.BD09: _l("BD-09 (Baidu)"),
}


class UploadForm(FlaskForm):
    file = FileField(_l("File of boundaries"), [FileRequired(_l("Choose a file."))])
    accept = ",".join(SUFFIXES)


class AnswersForm(FlaskForm):
    """The choices stand for one file: see `of_file`."""

    layer = RadioField(
        _l("What are the areas?"),
        choices=[
            SelectChoice(AreaLevel.COMMUNITY.value, _l("communities")),
            SelectChoice(AreaLevel.GRID.value, _l("grids")),
        ],
        validators=[NEEDED],
    )
    code_field = SelectField(_l("Field of the codes"), [NEEDED])
    name_field = SelectField(_l("Field of the names"), [Optional()])
    parent_field = SelectField(
        _l("Field of the community's code"), [Optional()],
        description=_l("Of grids. Without it the grid's own code or its place decides."),
    )  # fmt: skip
    encoding = RadioField(_l("Encoding of the texts"))
    crs = RadioField(_l("Coordinate system"))
    crs_other = StringField(
        _l("Another coordinate system"), [Optional(), Length(max=2000)],
        description=_l("An EPSG code such as EPSG:4544."),
    )  # fmt: skip
    swap_axes = BooleanField(_l("The file has latitude or northing first"))
    datum = SelectField(
        _l("Are the coordinates shifted?"),
        choices=list(starmap(SelectChoice, DATUM_LABELS.items())),
    )
    street_code = StringField(
        _l("Code of the street"), [Optional(), Length(max=64)],
        description=_l("Only if the areas' own codes do not say it."),
    )  # fmt: skip
    street_name = StringField(_l("Name of the street"), [Optional(), Length(max=80)])
    valid_from = DateField(_l("Valid from"), [NEEDED])
    make_communities = BooleanField(
        _l("There are only grids: make the communities of them"),
        description=_l("One for each community's code, else one for each grid."),
    )
    illustrative = BooleanField(_l("Not real boundaries: mark them as illustrative on maps"))

    @classmethod
    def of_file(cls, found: FileInspection, today: date, before: dict[str, Any]) -> "AnswersForm":
        """The form with the choices that this file leaves; `before` are answers given already."""
        proposed = found.field_proposal
        shown = {
            "code_field": _first(proposed.code),
            "name_field": _first(proposed.name),
            "parent_field": _first(proposed.parent),
            "valid_from": today,
            "layer": _likely_layer(found),
            "encoding": "" if "encoding" not in found.needs else None,
            "crs": "" if "crs" not in found.needs else None,
        }
        form = cls(**shown | before)
        fields = [(field.name, field.name) for field in found.fields]
        form.code_field.choices = [("", _("choose")), *fields]
        form.name_field.choices = [("", _("none: the code stands for it")), *fields]
        form.parent_field.choices = [("", _("none")), *fields]
        form.encoding.choices = _encodings(found)
        form.crs.choices = _systems(found)
        return form

    def validate_crs(self, _field: Any) -> None:
        if self.crs.data in (None, OTHER) and not self.crs_other.data:
            raise ValidationError(_("Choose one: the file does not say it reliably."))

    def validate_encoding(self, _field: Any) -> None:
        if self.encoding.data is None:
            raise ValidationError(_("Choose the one in which the texts make sense."))


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else ""


def _likely_layer(found: FileInspection) -> str | None:
    """What official codes say the areas are."""
    wanted = _first(found.field_proposal.code)
    codes = [code for field in found.fields if field.name == wanted for code in field.samples]
    for level in (AreaLevel.COMMUNITY, AreaLevel.GRID):
        if codes and all(is_official(code, level) for code in codes):
            return level.value
    return None


def _encodings(found: FileInspection) -> list[tuple[str, str]]:
    if "encoding" in found.needs:
        return [(p.encoding, p.encoding) for p in found.encoding_proposals]
    return [("", _("as the file says: %(encoding)s", encoding=found.encoding))]


def _systems(found: FileInspection) -> list[tuple[str, str]]:
    stated = []
    if found.crs is not None and "crs" not in found.needs:
        stated = [("", _("as the file says: %(name)s", name=found.crs.name))]
    proposed = [(crs_choice(p), f"{p.crs} · {p.name}") for p in found.crs_proposals]
    return [*stated, *proposed, (OTHER, _("another, written below"))]


def crs_choice(proposal: CrsProposal) -> str:
    """The value of a proposal's choice; `answers` takes it apart again."""
    return f"{proposal.crs} swapped" if proposal.swapped else proposal.crs
