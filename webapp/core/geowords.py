"""What errors say to the reader. The geography itself speaks English alone."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from gis.errors import GeoDataError, Reason

_SENTENCES: dict[Reason, Any] = {
    Reason.BAD_COORDINATES: _l("These are no coordinates in degrees, latitude first."),
    Reason.AMBIGUOUS_COORDINATES: _l("Write latitude first, then longitude, like 38.28, 106.25."),
    Reason.UNKNOWN_DATUM: _l("This datum is not known: choose one from the list."),
    Reason.UNKNOWN_FORMAT: _l("This kind of file cannot be read here."),
    Reason.EMPTY_FILE: _l("The file is empty."),
    Reason.BROKEN_FILE: _l("The file is damaged or is not what its name says."),
    Reason.UNSAFE_ARCHIVE: _l("This archive is refused, since it could do harm."),
    Reason.INCOMPLETE_SHAPEFILE: _l("Parts of the shapefile are missing."),
    Reason.SEVERAL_FILES: _l("There are several files: say which one."),
    Reason.NO_BOUNDARY_FILE: _l("There is no file with boundaries."),
    Reason.LAYER_MISSING: _l("There is no such layer."),
    Reason.FIELD_MISSING: _l("There is no such field."),
    Reason.CRS_MISSING: _l("The file does not say its coordinate system: choose one."),
    Reason.CRS_UNKNOWN: _l("This coordinate system is not known."),
    Reason.CRS_MISMATCH: _l("The coordinates do not fit this coordinate system."),
    Reason.ENCODING_MISSING: _l("The file does not say its text encoding: choose one."),
    Reason.ENCODING_WRONG: _l("The text is not in this encoding."),
    Reason.BAD_GEOMETRY: _l("A shape cannot be used as it is."),
    Reason.BAD_ARGUMENT: _l("This value cannot be used."),
    Reason.TOO_MANY: _l("There are too many to work with."),
    Reason.TOO_FEW: _l("There are too few to say anything of them."),
    Reason.ALL_EQUAL: _l("All places have the same value: none stands out."),
    Reason.NO_NEIGHBOURS: _l("These places cannot be compared with neighbours."),
}
_WHOLE = {Reason.BAD_COORDINATES, Reason.AMBIGUOUS_COORDINATES, Reason.UNKNOWN_DATUM}


def words_of(error: Exception) -> str:
    """The sentence of an error of ours or of `gis/`, in the reader's language.

    In Chinese the exact English words of `gis/` stand behind it, but for coordinates: those are
    what residents meet, and for them the sentence is enough.
    """
    message: str = error.message  # type: ignore[attr-defined]
    if not isinstance(error, GeoDataError) or str(get_locale() or "en") == "en":
        return message
    sentence = str(_SENTENCES[error.reason])
    return sentence if error.reason in _WHOLE else f"{sentence}（{message}）"
